import { BufferMemory, Brought, PacketCount } from './hal';
import type { Frame, Platform, SpiDevice } from './hal';

// The one file of the stack that knows Espruino's globals. Where its calls return fresh arrays and views, they are
// dropped here at once.

/** An Espruino pin, as far as it is used here. */
export interface EspruinoPin {
  read(): boolean;
  write(value: boolean | number): void;
  mode(mode: string): void;
}

/** An Espruino SPI bus that was set up: mode 0, MSB first. */
export interface EspruinoSpiBus {
  send(data: unknown, select: EspruinoPin): Uint8Array;
  write(...data: unknown[]): void;
}

/** The ENC28J60's pins besides the bus. INT and RESET may be left unconnected. */
export interface EspruinoWiring {
  cs: EspruinoPin;
  irq: EspruinoPin | undefined;
  rst: EspruinoPin | undefined;
}

/** Fills a request that reads: the instruction, then so many zeros. */
interface Zeros {
  data: number;
  count: number;
}

/**
 * The chip's bus on Espruino. Chip select is a pin that the firmware lowers and raises around each call, in software
 * or after the transfer has completed, which holds it far longer than the 210 ns that MAC registers need.
 */
export class EspruinoSpi implements SpiDevice {
  readonly bringsFrames = true;
  private readonly zeros: Zeros = { data: 0, count: 0 };
  private readonly request: [number, Zeros] = [BufferMemory.READ, this.zeros];
  private readonly cs: EspruinoPin;
  private readonly rst: EspruinoPin | undefined;
  // Espruino looks for a method of the firmware's own for longer than for three variables of ours: it is looked for once.
  private readonly transfer: EspruinoSpiBus['send'];
  private readonly transmit: EspruinoSpiBus['write'];
  private readonly level: () => boolean;
  // With what is the same for each frame.
  private readonly askCount: () => Uint8Array;
  private readonly askHeader: () => Uint8Array;
  private readonly askFrame: () => Uint8Array;

  constructor(bus: EspruinoSpiBus, wiring: EspruinoWiring) {
    const cs = wiring.cs;
    const irq = wiring.irq;
    const header = new Uint8Array(1 + BufferMemory.HEADER);
    header[0] = BufferMemory.READ;
    const sender = boundTo(bus.send, bus);
    this.transfer = bus.send.bind(sender);
    this.askCount = bus.send.bind(sender, [PacketCount.READ, 0], cs);
    this.askHeader = bus.send.bind(sender, header, cs);
    this.askFrame = bus.send.bind(sender, this.request, cs);
    this.transmit = bus.write.bind(boundTo(bus.write, bus));
    // Of a pin that is not there `Boolean()` says false, as one does while the chip asks for attention.
    this.level = irq ? irq.read.bind(boundTo(irq.read, irq)) : Boolean;
    this.cs = cs;
    this.rst = wiring.rst;
    cs.write(1);
    if (irq) irq.mode('input_pullup');
    if (wiring.rst) wiring.rst.write(1);
  }

  read(opcode: number): number {
    'inline';
    return this.transfer([opcode, 0], this.cs)[1];
  }

  readMac(opcode: number): number {
    'inline';
    return this.transfer([opcode, 0, 0], this.cs)[2];
  }

  write(opcode: number, value: number): void {
    'inline';
    this.transmit(opcode, value, this.cs);
  }

  command(opcode: number): void {
    this.transmit(opcode, this.cs);
  }

  readBytes(bytes: Uint8Array, offset: number, length: number): void {
    'cold';
    this.zeros.count = length;
    const received = this.transfer(this.request, this.cs);
    bytes.set(received.subarray(1), offset);
  }

  readCount(): number {
    'inline';
    return this.askCount()[1];
  }

  readHeader(): Uint16Array {
    'inline';
    return new Uint16Array(this.askHeader().buffer, 1, BufferMemory.HEADER >> 1);
  }

  /** What the bus returns takes the frame's place: a view costs a tenth of a copy. */
  readFrame(frame: Frame, length: number): void {
    'inline';
    this.zeros.count = length;
    const received = this.askFrame().buffer as ArrayBuffer;
    frame.memory = received;
    frame.octets = new Uint8Array(received, Brought.start);
    frame.words = new Int32Array(received, Brought.start + 2);
  }

  writeBytes(prefix: number, bytes: Uint8Array, start: number, end: number): void {
    'inline';
    this.transmit(BufferMemory.WRITE, prefix, bytes.subarray(start, end), this.cs);
  }

  interrupted(): boolean {
    'inline';
    return !this.level();
  }

  hardwareReset(): void {
    'cold';
    const rst = this.rst;
    if (rst === undefined) return;
    rst.write(0);
    this.wait(10);
    rst.write(1);
  }

  wait(microseconds: number): void {
    'cold';
    const end = getTime() + microseconds / 1000000;
    while (getTime() < end);
  }
}

/** What a method is called on: Espruino's `bind` would take away what one that is bound already was bound to. */
function boundTo<T extends object>(method: (...given: any[]) => unknown, object: T): T {
  'cold';
  return (method as any)['\xffths'] || object;
}

/** Espruino's fastest sums and copies, and what it has of entropy. */
export class EspruinoPlatform implements Platform {
  private pool: number;
  /** The firmware's own, which not every board has. */
  private sha256: ((octets: Uint8Array) => ArrayBuffer) | null;

  constructor() {
    this.pool = 0;
    this.sha256 = null;
    try {
      this.sha256 = require('crypto').SHA256 || null;
    } catch (error) {
      // There is no such module.
    }
    const serial = '' + getSerial();
    for (let at = 0; at < serial.length; at++) this.stir(serial.charCodeAt(at));
  }

  checksum(bytes: Uint8Array, offset: number, length: number): number {
    let sum = this.rawSum(bytes, offset, length);
    // What is left of a division by 0xFFFF is the ones' complement sum, but for 0, which has two forms there.
    if (sum > 0xffff) sum = sum % 0xffff || 0xffff;
    return ((sum & 255) << 8) | (sum >> 8);
  }

  rawSum(bytes: Uint8Array, offset: number, length: number): number {
    'inline';
    const sum = length > 1 ? E.sum(new Uint16Array(bytes.buffer, bytes.byteOffset + offset, length >> 1)) : 0;
    return length & 1 ? sum + bytes[offset + length - 1] : sum;
  }

  /** To ask the frame's array where it lies would cost as much as three statements. */
  rawSumOfFrame(frame: Frame, offset: number, length: number): number {
    'inline';
    const sum = E.sum(new Uint16Array(frame.memory, frame.start + offset, length >> 1));
    return length & 1 ? sum + frame.octets[offset + length - 1] : sum;
  }

  rawSumOf(words: Uint16Array): number {
    'inline';
    return E.sum(words);
  }

  /** A string may stand for the octets it consists of: Espruino's sockets send strings. */
  copy(from: Uint8Array | string, fromOffset: number, to: Uint8Array, toOffset: number, length: number): void {
    'inline';
    let part: Uint8Array | string = from;
    if (fromOffset > 0 || length < from.length) {
      part = typeof from === 'string' ? from.substr(fromOffset, length) : from.subarray(fromOffset, fromOffset + length);
    }
    to.set(part as Uint8Array, toOffset);
  }

  /**
   * `E.hwRand` reads noise on STM32, but on ESP32 it is a plain generator that starts the same at every boot: the
   * board's serial number, the microsecond and earlier answers are stirred in.
   */
  random(): number {
    'cold';
    this.stir(E.hwRand());
    this.stir(getTime() * 1000000);
    return this.stir(E.hwRand());
  }

  digest(octets: Uint8Array): number | null {
    'cold';
    let digest: number | null = null;
    try {
      if (this.sha256 !== null) digest = new DataView(this.sha256(octets)).getInt32(0);
    } catch (error) {
      // No memory for it, or another module of that name.
    }
    return digest;
  }

  /** One step of a 32-bit mix (xorshift after an addition) over everything so far. */
  private stir(value: number): number {
    'cold';
    let pool = (this.pool + (value | 0) + 0x6d2b79f5) | 0;
    pool ^= pool << 13;
    pool ^= pool >>> 17;
    pool ^= pool << 5;
    this.pool = pool;
    return pool;
  }
}

/** Calls `act`, from Espruino's idle loop, after each falling edge of a pin. @returns what `clearWatch` ends it by */
export function watchFalling(pin: EspruinoPin, act: () => void): number {
  return setWatch(act, pin as Pin, { repeat: true, edge: 'falling' } as any) as unknown as number;
}

/** What `now` has answered last, and what it adds to the board's clock. */
let last = 0;
let shift = 0;

/** `setTime` moves the board's clock, by decades when it is set for the first time; no timer of ours is to notice. */
function clockWasSet(time: number): number {
  'cold';
  shift += (last - time) | 0;
  return last;
}

/**
 * Milliseconds as the stack counts them: 32 bits that wrap. They stand still for a moment when the board's clock was
 * moved back, or on by more than 2^16 of them.
 */
export function now(): number {
  'inline';
  let time = (getTime() * 1000 + shift) | 0;
  if ((time - last) >>> 16) time = clockWasSet(time);
  last = time;
  return time;
}

/** Sets the board's clock to seconds since 1970, by however little: no timer of ours notices. */
export function setClock(seconds: number): void {
  'cold';
  const before = getTime();
  setTime(seconds);
  shift += (before - getTime()) * 1000;
}

/** The octets from `start` up to, but without, `end` as a string of one character each. */
export function bytesToString(bytes: Uint8Array, start: number, end: number): string {
  'inline';
  return (E.toString as (octets: Uint8Array) => string)(bytes.subarray(start, end));
}

/** The octets of a string of one character each. */
export function stringToBytes(text: string): Uint8Array {
  return E.toUint8Array(text);
}

declare global {
  namespace E {
    /** CRC-32 as Ethernet has it, unsigned; @types/espruino lacks it. */
    function CRC32(data: Uint8Array): number;
  }
}

/** What the CRC of a frame with its check sequence behind it comes to, as `E.CRC32` counts (IEEE 802.3 section 3.2.9). */
const GOOD_FRAME = 0x2144df1c;

/** `FrameCheck` by the engine's own CRC. */
export function frameIntact(frame: Uint8Array, length: number): boolean {
  return E.CRC32(frame.subarray(0, length)) === GOOD_FRAME;
}
