import type { MacCounters, SpiDevice } from '../hal';
import { Shadow } from './bus';
import type { Bus } from './bus';
import { Econ2, Estat, Instruction, Interrupt, Memory, Opcode, Register, Rsv, Size } from './registers';

/** What `Receiver.next` answers when it does not hand over a frame. */
export const enum Next {
  NONE = 0, // EPKTCNT is 0
  SKIPPED = -1, // a frame was dropped; another one may wait behind it
  BROKEN = -2, // the header makes no sense: where the next one lies is not known any more
}

const enum Limit {
  /**
   * Octets taken from the ring before ERXRDPT gives them back. Frames that are longer are given back at once; of short
   * ones several together, which saves four bus transactions each. The ring still holds four frames of full size.
   */
  RELEASE = 512,

  /** Losses reported in a row, with an empty ring and not one frame between them: reception is stuck. */
  LOSSES = 3,
}

/** Takes frames out of the chip's receive ring (data sheet, section 7.2). */
export class Receiver {
  /** Frames that EPKTCNT announced and that have not been taken yet. */
  private pending = 0;

  /** Address of the next frame's header. */
  private packet: number = Memory.ERXST;

  /** Octets taken since ERXRDPT was written. */
  private taken = 0;

  /** Losses reported since a frame was last taken, and how many frames had been taken then. */
  private losses = 0;
  private takenBefore = 0;

  /**
   * @param header six octets to work in
   * @param words the same memory in words of 16 bits: chip and engines keep the low octet first
   */
  constructor(
    private readonly bus: Bus,
    private readonly spi: SpiDevice,
    private readonly header: Uint8Array,
    private readonly words: Uint16Array,
    private readonly counters: MacCounters,
  ) {}

  /** After initialisation: the ring is empty. */
  restart(): void {
    this.pending = 0;
    this.packet = Memory.ERXST;
    this.taken = 0;
    this.losses = 0;
  }

  /**
   * Takes the next frame into `frame`, whose octets behind the frame may change too.
   * @returns its length without CRC, or one of `Next`
   */
  next(frame: Uint8Array): number {
    let length: number = Next.NONE;
    if (this.pending === 0) this.count();
    if (this.pending > 0) {
      // Fields are not copied to short names: where source text is run, a `const` costs more than three reads of one.
      if (this.bus.readPointer !== this.packet) this.bus.seek(this.packet);
      this.spi.readBytes(Opcode.RBM, this.header, 0, Rsv.LENGTH);
      const next = this.words[Rsv.NEXT];
      const count = this.words[Rsv.COUNT];
      const even = count + (count & 1); // an odd frame is followed by an octet of padding
      let end = this.packet + Rsv.LENGTH + even;
      if (end > Memory.ERXND) end -= Memory.RING;
      length = count - Size.CRC;
      if (
        next !== end ||
        (this.words[Rsv.STATUS] & Rsv.CHECKED) !== Rsv.OK ||
        count < Size.SHORTEST ||
        count > Size.LONGEST
      ) {
        length = this.refuse(next === end, count);
      } else if (even > frame.length) {
        length = this.squeeze(frame, length);
      } else {
        // With CRC and padding, so that ERDPT is left at the next header.
        this.spi.readBytes(Opcode.RBM, frame, 0, even);
        this.bus.readPointer = next;
        this.counters.rxFrames++;
      }
      if (length !== Next.BROKEN) {
        this.packet = next;
        this.pending--;
        this.taken += Rsv.LENGTH + even;
        if (this.taken >= Limit.RELEASE) this.release();
        this.spi.write(Instruction.BFS_ECON2, Econ2.PKTDEC);
      }
    }
    return length;
  }

  /** Gives what has been taken back to the chip. */
  release(): void {
    // Erratum 14: ERXRDPT must be odd. Headers start at even addresses, so the octet before one is.
    const last = this.packet === Memory.ERXST ? Memory.ERXND : this.packet - 1;
    if (this.bus.bank !== 0) this.bus.select(0);
    this.spi.write(Instruction.WCR_ERXRDPTL, last & 0xff); // low first: the pair takes effect with the high octet
    this.spi.write(Instruction.WCR_ERXRDPTH, last >> 8);
    this.taken = 0;
  }

  /**
   * Deals with EIR.RXERIF when no frame waits: counts it and lets INT rise again.
   * @returns true when reception is stuck and only a new initialisation helps
   */
  overflowed(): boolean {
    'cold';
    const counters = this.counters;
    const takenNow = (counters.rxFrames + counters.rxErrors + counters.rxOversize) | 0;
    if (takenNow !== this.takenBefore) this.losses = 0;
    this.takenBefore = takenNow;
    this.losses++;
    counters.rxOverflows++;
    this.release();
    this.spi.write(Instruction.BFC_EIR, Interrupt.RXERIF);
    this.bus.clearBits(Register.ESTAT, Estat.BUFER);
    return this.losses >= Limit.LOSSES;
  }

  /** Asks the chip how many frames wait. Erratum 6: EPKTCNT is reliable, EIR.PKTIF is not. */
  private count(): void {
    if (this.bus.bank !== 1) this.bus.select(1);
    this.pending = this.spi.read(Instruction.RCR_EPKTCNT, 0);
  }

  /** Decides on a header that is not a good frame's. */
  private refuse(chained: boolean, count: number): number {
    let result: number = Next.BROKEN;
    this.counters.rxErrors++;
    if (
      chained &&
      count >= Size.ACCEPTED &&
      count <= Size.LONGEST &&
      (this.words[Rsv.STATUS] & Rsv.RESERVED) === 0
    ) {
      // The chip wrote this header. The frame is bad, or shorter than Ethernet allows: 18 to 63 octets get this far.
      this.bus.readPointer = Shadow.UNKNOWN;
      result = Next.SKIPPED;
    }
    return result;
  }

  /** Reads a frame for which `frame` has no room, or room for it but not for its CRC and padding. */
  private squeeze(frame: Uint8Array, length: number): number {
    'cold';
    let result = length;
    this.bus.readPointer = Shadow.UNKNOWN;
    if (length > frame.length) {
      this.counters.rxOversize++;
      result = Next.SKIPPED;
    } else {
      this.spi.readBytes(Opcode.RBM, frame, 0, length);
      this.counters.rxFrames++;
    }
    return result;
  }
}
