import { VirtualClock } from '../../../../hal/mock/clock';
import type { Cable } from '../../../../hal/mock/station';
import { Enc28j60Chip } from '../../../../hal/mock/enc28j60/chip';
import type { ChipOptions } from '../../../../hal/mock/enc28j60/chip';
import { withFrameCheckSequence } from '../../../../hal/mock/fcs';
import { Phy } from '../../../../hal/mock/enc28j60/phy';
import { Econ1, Econ2, Macon3, Mii, REGISTERS, Register } from '../../../../hal/mock/enc28j60/registers';
import { ChipSpi } from '../../../../hal/mock/enc28j60/spi-device';

export const STATION = [0x02, 0x00, 0x00, 0x28, 0x60, 0x01];
export const PEER = [0x02, 0x00, 0x00, 0x00, 0x00, 0x99];
export const BROADCAST = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

export const RING_END = 0x19ff;
export const TRANSMIT_START = 0x1a00;

/** Microseconds that an instruction goes on behind its last clock: chip select is held, then high. */
export const SELECT_TIME = 0.3;

const ADDRESS_REGISTERS = [
  Register.MAADR1,
  Register.MAADR2,
  Register.MAADR3,
  Register.MAADR4,
  Register.MAADR5,
  Register.MAADR6,
];

/** A cable with nobody at the other end, who writes everything down. */
export class Recorder implements Cable {
  up = true;
  readonly frames: Uint8Array[] = [];

  transmit(frame: Uint8Array): number {
    this.frames.push(frame.slice());
    return (frame.length + 8) * 0.8;
  }
}

/** A frame as it comes over the wire, frame check sequence included, of `length` octets in all. */
export function frameOf(length: number, destination: readonly number[] = STATION, type = 0x0800, seed = 0): Uint8Array {
  const body = new Uint8Array(length - 4);
  for (let at = 0; at < body.length; at++) body[at] = (at * 7 + seed) & 0xff;
  body.set(destination.slice(0, body.length));
  if (body.length >= 14) body.set([...PEER, type >> 8, type & 0xff], 6);
  return withFrameCheckSequence(body);
}

/** A chip on a bench: registers by name, through real SPI instructions. */
export class Bench {
  readonly clock = new VirtualClock();
  readonly cable = new Recorder();
  readonly chip: Enc28j60Chip;
  readonly spi: ChipSpi;
  /** Edges of INT so far. */
  readonly edges: ('low' | 'high')[] = [];

  constructor(options: ChipOptions = {}) {
    this.chip = new Enc28j60Chip(this.clock, options);
    this.spi = new ChipSpi(this.chip);
    this.chip.plug(this.cable);
    this.chip.onInterrupt = (low) => this.edges.push(low ? 'low' : 'high');
  }

  /** The oscillator runs; nothing else has happened. */
  static started(options: ChipOptions = {}): Bench {
    const bench = new Bench(options);
    bench.clock.advance(300);
    return bench;
  }

  /** Set up as section 6 of the data sheet says, full duplex, ring from 0000h to 19FFh; reception still off. */
  static configured(options: ChipOptions = {}): Bench {
    const bench = Bench.started(options);
    bench.setWord(Register.ERXSTL, 0);
    bench.setWord(Register.ERXNDL, RING_END);
    bench.setWord(Register.ERXRDPTL, RING_END);
    bench.setWord(Register.ERDPTL, 0);
    bench.set(Register.MACON1, 0x0d);
    bench.set(Register.MACON3, 0x33);
    bench.set(Register.MABBIPG, 0x15);
    bench.set(Register.MAIPGL, 0x12);
    bench.setWord(Register.MAMXFLL, 1518);
    ADDRESS_REGISTERS.forEach((register, at) => bench.set(register, STATION[at]!));
    bench.phyWrite(Phy.PHCON1, 0x0100);
    return bench;
  }

  /** Configured, and hearing. */
  static receiving(options: ChipOptions = {}): Bench {
    const bench = Bench.configured(options);
    bench.setBits(Register.ECON1, Econ1.RXEN);
    return bench;
  }

  /** Puts one instruction on the bus and gives what came back, octet for octet. */
  instruction(...octets: number[]): number[] {
    this.chip.select();
    const back = octets.map((octet) => this.chip.transfer(octet));
    this.chip.deselect();
    return back;
  }

  bank(bank: number): void {
    this.instruction(0xbf, Econ1.BSEL);
    this.instruction(0x9f, bank);
  }

  private address(register: number): number {
    if (register < 0x1b || register > 0x1f) this.bank(register >> 5);
    return register & 0x1f;
  }

  get(register: number): number {
    const address = this.address(register);
    return REGISTERS[register]!.group === 'ETH' ? this.spi.read(address) : this.spi.readMac(address);
  }

  set(register: number, value: number): void {
    this.spi.write(0x40 | this.address(register), value);
  }

  setBits(register: number, bits: number): void {
    this.spi.write(0x80 | this.address(register), bits);
  }

  clearBits(register: number, bits: number): void {
    this.spi.write(0xa0 | this.address(register), bits);
  }

  word(low: number): number {
    return this.get(low) | (this.get(low + 1) << 8);
  }

  setWord(low: number, value: number): void {
    this.set(low, value & 0xff);
    this.set(low + 1, value >> 8);
  }

  phyRead(address: number): number {
    this.set(Register.MIREGADR, address);
    this.set(Register.MICMD, Mii.MIIRD);
    this.waitForMii();
    this.set(Register.MICMD, 0);
    return this.word(Register.MIRDL);
  }

  phyWrite(address: number, value: number): void {
    this.set(Register.MIREGADR, address);
    this.setWord(Register.MIWRL, value);
    this.waitForMii();
  }

  private waitForMii(): void {
    for (let tries = 0; this.get(Register.MISTAT) & Mii.BUSY; tries++) {
      if (tries > 50) throw new Error('MISTAT.BUSY stays set.');
    }
  }

  readMemory(address: number, length: number): number[] {
    this.setWord(Register.ERDPTL, address);
    const bytes = new Uint8Array(length);
    this.spi.readBytes(bytes, 0, length);
    return [...bytes];
  }

  writeMemory(address: number, bytes: readonly number[]): void {
    this.setWord(Register.EWRPTL, address);
    this.instruction(0x7a, ...bytes);
  }

  /** Loads a frame behind its control octet and sets TXRTS. */
  transmits(body: Uint8Array | readonly number[], control = 0x00): void {
    this.writeMemory(TRANSMIT_START, [control, ...body]);
    this.setWord(Register.ETXSTL, TRANSMIT_START);
    this.setWord(Register.ETXNDL, TRANSMIT_START + body.length);
    this.setBits(Register.ECON1, Econ1.TXRTS);
  }

  /** The seven octets of the status vector behind a frame of `length` octets. */
  transmitStatus(length: number): number[] {
    return this.readMemory(TRANSMIT_START + length + 1, 7);
  }

  /** Takes the packet at `start` off the ring as a driver does. */
  takes(start = 0): { next: number; status: number[]; frame: Uint8Array } {
    const header = this.readMemory(start, 6);
    const next = header[0]! | (header[1]! << 8);
    const frame = new Uint8Array(header[2]! | (header[3]! << 8));
    this.spi.readBytes(frame, 0, frame.length);
    this.setWord(Register.ERXRDPTL, next === 0 ? RING_END : next - 1);
    this.setBits(Register.ECON2, Econ2.PKTDEC);
    return { next, status: header.slice(2), frame };
  }

  /** What strict mode has written down, and forgets it. */
  violations(): string[] {
    return this.chip.violations.splice(0);
  }
}

export { Econ1, Econ2, Macon3, Mii, Phy, Register };
