import { PacketCount } from '../../../hal/hal';
import type { Frame, SpiDevice } from '../../../hal/hal';

/** How a transmission of `FakeChip` ends. */
export type Outcome = 'good' | 'late collision' | 'abort' | 'never';

const enum Address {
  ETXST = 0x04,
  ETXND = 0x06,
  ERDPT = 0x00,
  EWRPT = 0x02,
  MICMD = 0x12,
  MIREGADR = 0x14,
  MIWR = 0x16,
  MIRD = 0x18,
  EREVID = 0x12,
  EIE = 0x1b,
  EIR = 0x1c,
  ESTAT = 0x1d,
  ECON2 = 0x1e,
  ECON1 = 0x1f,
}

/**
 * The least that answers like an ENC28J60: registers in four banks, memory, PHY identity. It obeys at once and checks
 * nothing; what the tests want to go wrong, they make go wrong here. The simulated chip does the rest.
 */
export class FakeChip implements SpiDevice {
  readonly registers = new Uint8Array(4 * 32);
  readonly phy = new Uint16Array(32);
  readonly memory = new Uint8Array(0x2000);

  /** Instructions since the last look, `BFS 1F 80` and the like. */
  log: string[] = [];

  /** Microseconds that the driver has waited in all. */
  waited = 0;

  /** Frames handed to the wire, as they lay in memory, without padding. */
  readonly sent: number[][] = [];

  /** How the next transmissions end; `good` when the list is empty. */
  readonly outcomes: Outcome[] = [];

  revision = 0x06;
  phid1 = 0x0083;
  int = false;

  /** What the host sees instead of what the chip answers. */
  garble = (value: number): number => value;

  constructor() {
    this.reset();
  }

  read(opcode: number): number {
    this.note('RCR', opcode);
    return this.garble(this.registers[this.index(opcode)]);
  }

  readMac(opcode: number): number {
    return this.read(opcode);
  }

  write(opcode: number, value: number): void {
    const at = this.index(opcode);
    const operation = opcode & 0xe0;
    this.note(operation === 0x40 ? 'WCR' : operation === 0x80 ? 'BFS' : 'BFC', opcode, value);
    const before = this.registers[at];
    this.registers[at] = operation === 0x40 ? value : operation === 0x80 ? before | value : before & ~value;
    this.react(at, before);
  }

  command(opcode: number): void {
    this.note('SRC', opcode);
    this.reset();
  }

  readBytes(bytes: Uint8Array, offset: number, length: number): void {
    this.note('RBM', 0, length);
    let at = this.word(Address.ERDPT);
    for (let index = 0; index < length; index++) {
      bytes[offset + index] = this.garble(this.memory[at]);
      at = at === this.word(0x0a) ? this.word(0x08) : (at + 1) & 0x1fff;
    }
    this.setWord(Address.ERDPT, at);
  }

  readCount(): number {
    return this.read(PacketCount.READ);
  }

  readHeader(): Uint16Array {
    const header = new Uint8Array(6);
    this.readBytes(header, 0, header.length);
    return new Uint16Array(header.buffer);
  }

  readFrame(frame: Frame, length: number): void {
    this.readBytes(frame.octets, 0, length);
  }

  writeBytes(prefix: number, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.note('WBM', 0, length + 1);
    const at = this.word(Address.EWRPT);
    this.memory[at] = prefix;
    for (let index = 0; index < length; index++) this.memory[(at + 1 + index) & 0x1fff] = bytes[start + index];
    this.setWord(Address.EWRPT, (at + 1 + length) & 0x1fff);
  }

  interrupted(): boolean {
    return this.int;
  }

  hardwareReset(): void {
    this.log.push('RESET');
    this.reset();
  }

  wait(microseconds: number): void {
    this.log.push(`wait ${microseconds}`);
    this.waited += microseconds;
  }

  private reset(): void {
    this.registers.fill(0);
    this.setWord(0x00, 0x05fa);
    this.setWord(0x08, 0x05fa);
    this.setWord(0x0a, 0x1fff);
    this.registers[0x60 | Address.EREVID] = this.revision;
    this.registers[Address.ESTAT] = 0x01;
    this.registers[Address.ECON2] = 0x80;
  }

  private index(opcode: number): number {
    const address = opcode & 0x1f;
    return address >= Address.EIE ? address : ((this.registers[Address.ECON1] & 3) << 5) | address;
  }

  private react(at: number, before: number): void {
    const econ1 = this.registers[Address.ECON1];
    if (at === Address.ECON1 && (econ1 & 0x80) !== 0) this.registers[Address.ECON1] &= ~0x08;
    if (at === Address.ECON1 && (before & 0x80) !== 0 && (econ1 & 0x80) === 0) this.registers[Address.EIR] |= 0x02;
    if (at === Address.ECON1 && (econ1 & ~before & 0x08) !== 0) this.transmit();
    if (at === Address.ECON2) this.registers[at] &= ~0x40;
    if (at === (0x40 | Address.MICMD)) {
      const register = this.registers[0x40 | Address.MIREGADR];
      const value = register === 2 ? this.phid1 : register === 3 ? 0x1400 : this.phy[register];
      this.registers[0x40 | Address.MIRD] = value & 0xff;
      this.registers[0x41 | Address.MIRD] = value >> 8;
    }
    if (at === (0x41 | Address.MIWR)) {
      const low = this.registers[0x40 | Address.MIWR];
      this.phy[this.registers[0x40 | Address.MIREGADR]] = low | (this.registers[at] << 8);
    }
    if (at === (0x60 | Address.EREVID)) this.registers[at] = this.revision;
  }

  private transmit(): void {
    const outcome = this.outcomes.shift() ?? 'good';
    if (outcome === 'never') return;
    const last = this.word(Address.ETXND);
    this.sent.push(Array.from(this.memory.subarray(this.word(Address.ETXST) + 1, last + 1)));
    this.memory.fill(0, last + 1, last + 8);
    if (outcome === 'late collision') this.memory[last + 4] = 0x20;
    this.registers[Address.ECON1] &= ~0x08;
    this.registers[Address.EIR] |= outcome === 'good' ? 0x08 : 0x0a;
    if (outcome !== 'good') this.registers[Address.ESTAT] |= 0x02;
  }

  private word(at: number): number {
    return this.registers[at] | (this.registers[at + 1] << 8);
  }

  private setWord(at: number, value: number): void {
    this.registers[at] = value & 0xff;
    this.registers[at + 1] = value >> 8;
  }

  private note(name: string, opcode: number, value?: number): void {
    const address = name === 'RBM' || name === 'WBM' ? '' : ` ${hex(opcode & 0x1f)}`;
    this.log.push(`${name}${address}${value === undefined ? '' : ` ${hex(value)}`}`);
  }
}

function hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, '0');
}
