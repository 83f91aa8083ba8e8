import type { ControlRegisters, WriteInstruction } from './control';
import type { Core } from './core';
import { LAST_ADDRESS, hex } from './core';
import type { MacAccess } from './mac-access';
import { Econ2, REGISTERS, Register } from './registers';
import type { Transmitter } from './transmit';

/** Bits 7:5 of the first octet (data sheet table 4-1). */
const enum Opcode {
  RCR = 0x00,
  RBM = 0x20,
  WCR = 0x40,
  WBM = 0x60,
  BFS = 0x80,
  BFC = 0xa0,
  SRC = 0xe0,
}

const OPCODE_BITS = 0xe0;
const ARGUMENT_BITS = 0x1f;
/** The argument that RBM and WBM carry. */
const BUFFER_ARGUMENT = 0x1a;
/** What SO holds where the data sheet promises nothing. Bit 0 is set, so that a MISTAT read too early looks busy. */
const UNDEFINED = 0xa5;

/** Microseconds of chip select's set-up time, and of its high time between two instructions (section 16). */
const SELECT_SETUP = 0.05;
const SELECT_HIGH = 0.05;

const WRITES: Readonly<Record<number, WriteInstruction>> = {
  [Opcode.WCR]: 'WCR',
  [Opcode.BFS]: 'BFS',
  [Opcode.BFC]: 'BFC',
};

/** The SPI slave: one instruction under each chip select (data sheet section 4). */
export class SpiPort {
  private selected = false;
  private opcode = 0;
  private register = 0;
  /** Octets since chip select fell, the current one not counted. */
  private octets = 0;
  private reported = false;
  /** What is left of this instruction means nothing to the chip. */
  private forgotten = false;

  constructor(
    private readonly core: Core,
    private readonly control: ControlRegisters,
    private readonly transmitter: Transmitter,
    private readonly mac: MacAccess,
    /** Microseconds that an octet takes. */
    private readonly octetTime: number,
    private readonly systemReset: () => void,
  ) {}

  select(): void {
    if (this.selected) {
      this.core.violation('Chip select fell twice: an instruction was begun inside another one.');
      this.deselect();
    }
    this.selected = true;
    this.octets = 0;
    this.reported = false;
    this.forgotten = this.core.unpowered !== undefined;
    this.core.counts.spiTransactions++;
    this.core.clock.advance(SELECT_SETUP);
  }

  /** One octet each way. The chip has its answer ready when the octet begins, and acts when it ends. */
  transfer(mosi: number): number {
    const { core } = this;
    core.counts.spiOctets++;
    if (core.unpowered) return this.unanswered(core.unpowered.miso);
    const { rates } = core.faults;
    const miso = this.selected && !core.heldInReset ? core.faults.carried(this.output(), rates.miso) : 0;
    core.clock.advance(this.octetTime);
    if (!this.selected) core.violation(`${hex(mosi)} was clocked in while chip select is high.`);
    else if (core.heldInReset) this.reportOnce(`${hex(mosi)} was clocked in while the RESET pin is low.`);
    else if (!this.forgotten) this.input(core.faults.carried(mosi & 0xff, rates.mosi));
    this.octets++;
    return miso;
  }

  /** The chip has lost its supply in mid-flight: it knows nothing of the instruction that is under way. */
  forget(): void {
    this.forgotten = this.selected;
    this.opcode = Opcode.SRC;
  }

  private unanswered(level: number): number {
    this.core.clock.advance(this.octetTime);
    return level;
  }

  deselect(): void {
    if (!this.selected) return;
    this.selected = false;
    this.core.clock.advance(this.core.faults.chipSelectHold / 1000 + SELECT_HIGH);
    if (this.octets === 0 || this.core.heldInReset || this.forgotten) return;
    const { name, group } = REGISTERS[this.register]!;
    if (group !== 'ETH' && (this.opcode === Opcode.RCR || WRITES[this.opcode])) this.mac.ended(this.register);
    const write = WRITES[this.opcode];
    if (write && this.octets === 1) {
      this.core.violation(`Chip select rose before the data octet of ${write} of ${name}: nothing was written.`);
    }
    if (this.opcode === Opcode.RCR && this.octets <= this.firstValue) {
      this.core.violation(`Chip select rose before RCR of ${name} had given its value.`);
    }
  }

  /** The octet, counted from chip select, at which RCR first gives the register. */
  private get firstValue(): number {
    return this.control.needsDummy(this.register) ? 2 : 1;
  }

  private output(): number {
    if (this.octets === 0) return UNDEFINED;
    if (this.opcode === Opcode.RBM) return this.readBuffer();
    if (this.opcode !== Opcode.RCR || this.octets < this.firstValue) return UNDEFINED;
    return this.octets === this.firstValue ? this.control.read(this.register) : this.control.peek(this.register);
  }

  private input(mosi: number): void {
    if (this.octets === 0) this.begin(mosi);
    else if (this.opcode === Opcode.WBM) this.writeBuffer(mosi);
    else this.data(mosi);
  }

  private begin(mosi: number): void {
    this.opcode = mosi & OPCODE_BITS;
    this.register = this.control.select(mosi & ARGUMENT_BITS);
    const argument = mosi & ARGUMENT_BITS;
    if (this.opcode === Opcode.SRC && argument === ARGUMENT_BITS) {
      this.systemReset();
      return;
    }
    const buffer = this.opcode === Opcode.RBM || this.opcode === Opcode.WBM;
    if ((buffer && argument === BUFFER_ARGUMENT) || WRITES[this.opcode] || this.opcode === Opcode.RCR) return;
    this.core.violation(`${hex(mosi)} is no instruction.`);
    this.opcode = Opcode.SRC;
  }

  /** SRC bears more octets: many drivers send two. */
  private data(mosi: number): void {
    const instruction = WRITES[this.opcode];
    if (!instruction) return;
    if (this.octets === 1) this.control.write(this.register, mosi, instruction);
    else this.reportOnce(`${instruction} of ${REGISTERS[this.register]!.name} went on after its data octet.`);
  }

  /** Section 3.2.3: reading wraps at the end of the receive ring, and at the end of the buffer. */
  private readBuffer(): number {
    const { core } = this;
    const address = core.word(Register.ERDPTL);
    if (this.transmitter.owns(address, 1)) {
      this.reportOnce(`RBM read at ${hex(address, 4)}, from the frame that is being sent (ECON1.TXRTS is set).`);
    }
    if (this.increments) core.setWord(Register.ERDPTL, core.afterInRing(address));
    return core.memory[address]!;
  }

  /** Writing wraps at the end of the buffer only. */
  private writeBuffer(octet: number): void {
    const { core } = this;
    const address = core.word(Register.EWRPTL);
    if (core.receiving && core.inRing(address)) {
      this.reportOnce(`WBM wrote into the receive ring at ${hex(address, 4)} while reception is on.`);
    }
    if (this.transmitter.owns(address, 1)) {
      this.reportOnce(`WBM wrote at ${hex(address, 4)}, into the frame that is being sent (ECON1.TXRTS is set).`);
    }
    core.memory[address] = octet;
    if (this.increments) core.setWord(Register.EWRPTL, (address + 1) & LAST_ADDRESS);
  }

  private get increments(): boolean {
    return this.core.has(Register.ECON2, Econ2.AUTOINC);
  }

  /** A sentence an instruction, however many octets it has. */
  private reportOnce(sentence: string): void {
    if (!this.reported) this.core.violation(sentence);
    this.reported = true;
  }
}
