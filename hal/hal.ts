// The contracts between the stack and what it stands on. Nothing here runs: types and names of numbers only.

/** Frames and faults of a MAC since `open()`. Plain counts that wrap at 2^32. */
export interface MacCounters {
  /** Frames handed to the stack. */
  rxFrames: number;
  /** Frames dropped because a check failed: CRC, length, a status vector that makes no sense. */
  rxErrors: number;
  /** Good frames dropped because they were longer than the buffer given to `receive`. */
  rxOversize: number;
  /** Times the MAC said it had lost frames because its own receive memory was full. */
  rxOverflows: number;
  /** Frames accepted for transmission. */
  txFrames: number;
  /** Frames accepted whose transmission then failed. */
  txErrors: number;
  /** Times the MAC, or its receiving half, was set up again after a fault. */
  recoveries: number;
}

/** Where a received frame goes. */
export interface Frame {
  /** Octets that there is room for, check sequence and padding included. */
  readonly size: number;
  /** The frame, from its destination address on. */
  octets: Uint8Array;
  /**
   * The same from the third octet on, in words of four as they stand, low octet first: those of IPv4 and of what it
   * carries begin at multiples of four there. What behaves as engines do, all of which are little-endian, can compare
   * such a word with another in one step.
   */
  words: Int32Array;
  /** Where both lie, for a platform that it costs much to ask an array for that; and with which octet of it the frame begins. */
  memory: ArrayBuffer;
  readonly start: number;
}

/** Octets in front of a frame in memory that a MAC brings: what the bus says while it is given the instruction. */
export const enum Brought {
  start = 1,
}

/**
 * An Ethernet MAC. The ENC28J60 driver, a TAP device and a port of the mock wire all implement exactly this.
 *
 * Frames start at the destination address and end before the frame check sequence, which the MAC appends and checks.
 * After `open()` no method allocates, and no method throws on anything that came from the wire or the chip.
 */
export interface EthernetMac {
  /** The station address, six octets, first octet first. Constant after construction. */
  readonly address: Uint8Array;

  readonly counters: MacCounters;

  /**
   * True for a MAC whose `receive` always puts other arrays and their memory in the place of the frame's: no memory need be
   * kept for these. The frame begins at `Brought.start` of that memory.
   */
  readonly bringsFrames?: boolean;

  /**
   * Brings the hardware up and starts reception. May be called again after an error.
   * @throws Error with a sentence that says what is wrong with the hardware or its wiring.
   */
  open(): void;

  /** False when no frame can have arrived: it costs next to nothing to ask. True: `receive` is to look. */
  mayReceive(): boolean;

  /**
   * Takes the next frame that has arrived. To be called when `mayReceive` says so.
   * @param frame where it goes, from its first octet; what stands behind it may change too. One that brings frames puts other
   *   arrays, as long as the frame at least, in their place: they are the stack's until the next call. Four octets more
   *   than the longest frame let a MAC read the check sequence along with it
   * @returns its length in octets, never more than `frame.size`; 0 when there is none. A frame that is too long
   *   for `frame` is dropped and counted, and the next one is looked at.
   */
  receive(frame: Frame): number;

  /**
   * The check of what `receive` gave last, for a MAC that reads frames over a bus that may disturb them: to be asked before
   * a frame is believed in which nothing else has been found sound, such as the checksum of all that is made use of.
   * @returns false when the frame was disturbed: it is lost, and counted
   */
  sound(frame: Frame): boolean;

  /**
   * Starts to transmit one frame. It is copied before the call returns. The MAC pads it to the minimum.
   * @param length octets of `frame` to send, 14 to 1514
   * @returns false when the transmitter is busy: nothing was taken, ask again later. A stuck transmitter
   *   recovers by itself, so false never lasts.
   */
  send(frame: Uint8Array, length: number): boolean;

  /**
   * The same for a frame in two parts: `length` octets of `frame`, the header among them, and behind them `count`, which
   * may be 0, of `data` from `offset`.
   */
  sendParts(frame: Uint8Array, length: number, data: Uint8Array, offset: number, count: number): boolean;

  /**
   * True while the cable has a partner; false once also when it has had none for a moment since the last call. Also
   * the MAC's chance to look after itself: to be called once a second, by the stack and nobody else.
   */
  linkUp(): boolean;

  /**
   * Starts or stops reception of a multicast group.
   * @param group the six octets of a multicast Ethernet address
   */
  multicast(group: Uint8Array, join: boolean): void;

  /** Sets the hardware up again with the same address, filters and duplex. Frames in the hardware are lost. */
  recover(): void;
}

/** The SPI instructions for buffer memory (data sheet, table 4-1), which a `SpiDevice` knows by itself. */
export const enum BufferMemory {
  READ = 0x3a, // RBM, from ERDPT on
  WRITE = 0x7a, // WBM, from EWRPT on
  HEADER = 6, // octets in front of a received frame: next packet pointer and status vector (table 7-3)
}

/** The instruction that reads how many frames wait: RCR of EPKTCNT, which lies in bank 1. */
export const enum PacketCount {
  READ = 0x19,
}

/**
 * The ENC28J60's side of an SPI bus (mode 0, MSB first): each method is one instruction under one chip select.
 * Implementations allocate nothing that outlives the call. They hold chip select low for at least 210 ns after the
 * last clock (data sheet, SPI timing) and high for 50 ns between instructions.
 */
export interface SpiDevice {
  /** Clocks `opcode` in, then an octet out of the chip: the value of an Ethernet register. */
  read(opcode: number): number;

  /** Clocks `opcode` in, then two octets out: a dummy one, and the value of a MAC or MII register. */
  readMac(opcode: number): number;

  /** Reads EPKTCNT, how many frames wait; bank 1 is selected. */
  readCount(): number;

  /** Clocks `opcode` and `value` into the chip. */
  write(opcode: number, value: number): void;

  /** Clocks the single octet `opcode` into the chip. */
  command(opcode: number): void;

  /** Reads `length` octets of buffer memory into `bytes` from `offset`. */
  readBytes(bytes: Uint8Array, offset: number, length: number): void;

  /**
   * Reads the six octets of buffer memory that stand in front of a received frame.
   * @returns its three words, low octet first; they may change with the next call
   */
  readHeader(): Uint16Array;

  /** True for a bus whose `readFrame` always puts other arrays in the place of the frame's. */
  readonly bringsFrames?: boolean;

  /** Reads `length` octets of buffer memory, a received frame, into `frame.octets`, or other arrays in its place. */
  readFrame(frame: Frame, length: number): void;

  /** Writes `prefix` to buffer memory, then the octets of `bytes` from `start` up to, but without, `end`. */
  writeBytes(prefix: number, bytes: Uint8Array, start: number, end: number): void;

  /** True while the chip's INT pin is low, and always when no INT pin is connected. */
  interrupted(): boolean;

  /** Pulls the chip's RESET pin low for at least 400 ns and lets it go. Does nothing when the pin is not connected. */
  hardwareReset(): void;

  /** Returns after at least `microseconds` have passed. Used at start and during recovery, bounded. */
  wait(microseconds: number): void;
}

/**
 * Checks a received frame, for MACs that cannot trust their bus.
 * @param length octets of `frame`, its check sequence included
 * @returns true when the last four of them are the CRC-32 of the others (IEEE 802.3, 3.2.9)
 */
export type FrameCheck = (frame: Uint8Array, length: number) => boolean;

/**
 * What an engine can do better than portable code, and entropy. Time is not here: it is an argument of `Stack.poll`.
 * A loop over bytes is 70 times slower than a native call on Espruino, and a native call needs a view of its own there:
 * that view is made and dropped inside the implementation, so that the stack itself creates none.
 */
export interface Platform {
  /**
   * The Internet checksum's inner sum (RFC 1071): the ones' complement sum of the 16-bit big-endian words of
   * `bytes[offset .. offset + length)`, an odd last octet padded with a zero. Not complemented.
   * @returns 0 to 0xFFFF
   */
  checksum(bytes: Uint8Array, offset: number, length: number): number;

  /**
   * A sum of the same words as engines come to it soonest: each as it stands in memory, its first octet lowest, without
   * carries added again. Divided by 0xFFFF it leaves what `checksum` says, with its two octets exchanged.
   * @param length at most 4096
   * @returns less than 2^27
   */
  rawSum(bytes: Uint8Array, offset: number, length: number): number;

  /** The same of a received frame. */
  rawSumOfFrame(frame: Frame, offset: number, length: number): number;

  /** The same of all words of an array. */
  rawSumOf(words: Uint16Array): number;

  /** Copies `length` octets of `from` to `to`; the two are different buffers. */
  copy(from: Uint8Array, fromOffset: number, to: Uint8Array, toOffset: number, length: number): void;

  /** 32 bits that an outsider cannot foresee, as a signed integer. */
  random(): number;

  /**
   * The first 32 bits of the SHA-256 of `octets` (FIPS 180-4), as a signed integer.
   * @returns null where the engine has none built in: one of ours would take longer than what the stack does instead
   */
  digest(octets: Uint8Array): number | null;
}
