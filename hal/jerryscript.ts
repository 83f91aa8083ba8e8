import { BufferMemory, PacketCount } from './hal';
import type { Frame, Platform, SpiDevice } from './hal';

// The one file of the stack that knows what JerryScript's ports offer: an SPI bus and pins as IoT.js opens them, or what
// another port makes look like them; `Date`; and the language itself, whose native calls on arrays are 2 to 100 times
// faster than loops. Where they return fresh arrays and views, those are dropped here at once.

/** An SPI bus, `require("spi").openSync(...)` of IoT.js: mode 0, MSB first. */
export interface JerrySpiBus {
  /**
   * Exchanges octets under one chip select.
   * @returns what came back, one for each; IoT.js gives those above 127 as negative numbers where `char` is signed
   */
  transferSync(octets: number[]): number[];
}

/** A pin, `require("gpio").openSync(...)` of IoT.js. */
export interface JerryPin {
  readSync(): boolean | number;
  writeSync(value: boolean | number): void;
  /** Called after an edge, where the port can and the pin was opened with one. */
  onChange?: () => void;
}

/** The ENC28J60's pins besides the bus; each may be left out. */
export interface JerryWiring {
  /** Chip select, when the bus does not do it: IoT.js does. */
  cs: JerryPin | undefined;
  irq: JerryPin | undefined;
  rst: JerryPin | undefined;
}

/** Octets of the chip's memory in one transfer: IoT.js takes plain arrays only, of four octets of heap for each. */
const BLOCK = 256;

/** The chip's bus on JerryScript. A port's own chip select lasts far longer than the 210 ns that MAC registers need. */
export class JerrySpi implements SpiDevice {
  private readonly single: number[] = [0];
  private readonly pair: number[] = [0, 0];
  private readonly triple: number[] = [0, 0, 0];
  private readonly zeros: number[] = [];
  private readonly header = new Uint8Array(BufferMemory.HEADER);
  private readonly headerWords = new Uint16Array(this.header.buffer);

  constructor(
    private readonly bus: JerrySpiBus,
    private readonly wiring: JerryWiring,
  ) {
    for (let at = 0; at <= BLOCK; at++) this.zeros.push(0);
    if (wiring.cs) wiring.cs.writeSync(1);
    if (wiring.rst) wiring.rst.writeSync(1);
  }

  read(opcode: number): number {
    this.pair[0] = opcode;
    this.pair[1] = 0;
    return this.exchange(this.pair)[1] & 255;
  }

  readMac(opcode: number): number {
    this.triple[0] = opcode;
    return this.exchange(this.triple)[2] & 255;
  }

  write(opcode: number, value: number): void {
    this.pair[0] = opcode;
    this.pair[1] = value;
    this.exchange(this.pair);
  }

  command(opcode: number): void {
    this.single[0] = opcode;
    this.exchange(this.single);
  }

  /** In blocks: the chip's read pointer goes on where it was (data sheet, section 4.2.2). */
  readBytes(bytes: Uint8Array, offset: number, length: number): void {
    for (let done = 0; done < length; done += BLOCK) {
      const request = this.zeros.slice(0, 1 + Math.min(length - done, BLOCK));
      request[0] = BufferMemory.READ;
      const answer = this.exchange(request);
      answer.shift();
      bytes.set(answer, offset + done);
    }
  }

  readCount(): number {
    return this.read(PacketCount.READ);
  }

  readHeader(): Uint16Array {
    this.readBytes(this.header, 0, BufferMemory.HEADER);
    return this.headerWords;
  }

  readFrame(frame: Frame, length: number): void {
    this.readBytes(frame.octets, 0, length);
  }

  /** In blocks: the chip's write pointer goes on where it was (data sheet, section 4.2.4). */
  writeBytes(prefix: number, bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    do {
      const request: number[] = this.zeros.slice.call(bytes.subarray(at, Math.min(at + BLOCK, end)));
      if (at === start) request.unshift(BufferMemory.WRITE, prefix);
      else request.unshift(BufferMemory.WRITE);
      this.exchange(request);
      at += BLOCK;
    } while (at < end);
  }

  interrupted(): boolean {
    const irq = this.wiring.irq;
    return irq === undefined || !irq.readSync();
  }

  hardwareReset(): void {
    const rst = this.wiring.rst;
    if (rst === undefined) return;
    rst.writeSync(0);
    this.wait(10);
    rst.writeSync(1);
  }

  /** The clock counts milliseconds, and the first of them may be nearly over. */
  wait(microseconds: number): void {
    const end = Date.now() + Math.ceil(microseconds / 1000) + 1;
    while (Date.now() < end);
  }

  private exchange(request: number[]): number[] {
    const cs = this.wiring.cs;
    if (cs === undefined) return this.bus.transferSync(request);
    cs.writeSync(0);
    const answer = this.bus.transferSync(request);
    cs.writeSync(1);
    return answer;
  }
}

function add(sum: number, word: number): number {
  return sum + word;
}

/** Milliseconds on whose length the pool of entropy is built at the start. */
const JITTER_TICKS = 8;

/** JerryScript's fastest sums and copies, and what there is of entropy. */
export class JerryPlatform implements Platform {
  private pool = 0;

  /** @param entropy 32 bits that nobody can foresee, from the port's noise source; JerryScript itself has none */
  constructor(private readonly entropy: (() => number) | undefined) {
    // How often the clock can be asked within a millisecond varies with interrupts, memory and temperature.
    for (let tick = 0; tick < JITTER_TICKS; tick++) {
      const start = Date.now();
      let asked = 0;
      while (Date.now() === start) asked++;
      this.stir(asked);
    }
  }

  checksum(bytes: Uint8Array, offset: number, length: number): number {
    let sum = this.rawSum(bytes, offset, length);
    sum = (sum & 0xffff) + (sum >>> 16);
    sum = (sum & 0xffff) + (sum >>> 16);
    return ((sum & 255) << 8) | (sum >> 8);
  }

  rawSum(bytes: Uint8Array, offset: number, length: number): number {
    const sum = length > 1 ? this.rawSumOf(new Uint16Array(bytes.buffer as ArrayBuffer, bytes.byteOffset + offset, length >> 1)) : 0;
    return length & 1 ? sum + bytes[offset + length - 1] : sum;
  }

  rawSumOfFrame(frame: Frame, offset: number, length: number): number {
    return this.rawSum(frame.octets, offset, length);
  }

  rawSumOf(words: Uint16Array): number {
    return words.reduce(add, 0);
  }

  copy(from: Uint8Array, fromOffset: number, to: Uint8Array, toOffset: number, length: number): void {
    to.set(from.subarray(fromOffset, fromOffset + length), toOffset);
  }

  /** `Math.random` is the C library's on most ports, seeded with the time: all there is goes into one pool. */
  random(): number {
    if (this.entropy !== undefined) this.stir(this.entropy());
    this.stir(Date.now());
    return this.stir(Math.random() * 4294967296);
  }

  digest(): null {
    return null;
  }

  /** One step of a 32-bit mix (xorshift after an addition) over everything so far. */
  private stir(value: number): number {
    let pool = (this.pool + (value | 0) + 0x6d2b79f5) | 0;
    pool ^= pool << 13;
    pool ^= pool >>> 17;
    pool ^= pool << 5;
    this.pool = pool;
    return pool;
  }
}

/** What `now` has answered last, and what it adds to the clock. */
let last = 0;
let shift = 0;

/**
 * Milliseconds as the stack counts them: 32 bits that wrap. They stand still for a moment when the clock was set, back
 * or on by more than 2^16 of them: no timer of ours is to notice.
 */
export function now(): number {
  const time = (Date.now() + shift) | 0;
  if ((time - last) >>> 16) shift += (last - time) | 0;
  else last = time;
  return last;
}

/** Seconds since 1970, as Espruino's function of this name: what apps know. */
export function getTime(): number {
  return Date.now() / 1000;
}

/** Octets turned to text in one call: each is an argument, on the stack. */
const PIECE = 128;

/** The first `length` octets as a string of one character each. */
export function bytesToString(bytes: Uint8Array, length: number): string {
  let text = '';
  for (let at = 0; at < length; at += PIECE) {
    text += String.fromCharCode.apply(null, bytes.subarray(at, Math.min(at + PIECE, length)) as unknown as number[]);
  }
  return text;
}

/** The octets of a string of one character each; of others, the low eight bits. */
export function stringToBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
