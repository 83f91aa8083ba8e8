import type { VirtualClock } from '../clock';
import type { Cable } from '../station';
import { SeededRandom } from '../random';
import type { Errata } from './errata';
import type { ChipFaults } from './faults';
import { Econ1, Econ2, Estat, Interrupt, REGISTERS, Register } from './registers';

/** Octets of the Ethernet buffer (data sheet section 3.2). */
export const MEMORY_SIZE = 0x2000;
/** The highest buffer address, and the mask of a buffer pointer. */
export const LAST_ADDRESS = 0x1fff;
/** Microseconds of one cycle of the 25 MHz clock. */
export const CYCLE = 0.04;
/** Oscillator start-up timer: 7500 cycles (data sheet section 2.2). */
const OSCILLATOR_START = 300;
/** Erratum 2: how long after a system reset the MAC and the PHY need, although CLKRDY never went away. */
const AFTER_SYSTEM_RESET = 1000;
const LISTED_VIOLATIONS = 100;

/** What went through a chip since it was made. */
export interface ChipCounts {
  framesAccepted: number;
  /** No enabled filter wanted it, or it was a control frame. */
  framesFiltered: number;
  /** No room in the receive ring, or EPKTCNT stood at 255. */
  framesOverflowed: number;
  /** Dropped by ERXFCON.CRCEN. */
  framesBadCrc: number;
  /** Shorter than 18 octets, or longer than MAMXFL without HFRMEN. */
  framesBadLength: number;
  /** Came while the receiver was off. */
  framesUnheard: number;
  framesTransmitted: number;
  transmissionsAborted: number;
  spiTransactions: number;
  spiOctets: number;
  /** Violations beyond those that are listed. */
  violationsUnlisted: number;
}

export function hex(value: number, digits = 2): string {
  return `0x${value.toString(16).toUpperCase().padStart(digits, '0')}`;
}

/** What the modules of the chip share: registers, buffer, flags and the INT pin, power, and the list of violations. */
export class Core {
  readonly memory = new Uint8Array(MEMORY_SIZE);
  /** Control registers by `Register`. Bits that follow something else live (PKTIF, CLKRDY ...) are not kept here. */
  readonly values = new Uint8Array(REGISTERS.length);
  readonly violations: string[] = [];
  readonly counts: ChipCounts = {
    framesAccepted: 0,
    framesFiltered: 0,
    framesOverflowed: 0,
    framesBadCrc: 0,
    framesBadLength: 0,
    framesUnheard: 0,
    framesTransmitted: 0,
    transmissionsAborted: 0,
    spiTransactions: 0,
    spiOctets: 0,
    violationsUnlisted: 0,
  };
  cable: Cable | undefined;
  /** Level of the INT pin: true is high, idle. */
  int = true;
  onInterrupt: ((low: boolean) => void) | undefined;
  /** The PHY's interrupt request, EIR.LINKIF. */
  linkInterrupt = false;
  /** The RESET pin is low. */
  heldInReset = false;
  /** There is no supply: nobody drives MISO and INT, whose levels are these (MISO for all bits of an octet). */
  unpowered: { miso: number; int: boolean } | undefined;
  /** Microseconds on the clock until which a DMA checksum runs. */
  checksumUntil = -Infinity;
  private oscillatorReadyAt = 0;
  private systemResetOverAt = 0;

  constructor(
    readonly clock: VirtualClock,
    readonly strict: boolean,
    private readonly revision: number,
    readonly errata: Errata,
    readonly faults: ChipFaults,
  ) {
    // What SRAM holds after power-on is undefined: something that no driver takes for cleared memory.
    const noise = new SeededRandom(0x2860);
    for (let at = 0; at < MEMORY_SIZE; at++) this.memory[at] = noise.bits();
    this.powerOn();
  }

  /** Section 11: every register but ECOCON goes back to its reset value. SRAM stays. */
  resetRegisters(): void {
    for (let register = 0; register < this.values.length; register++) {
      if (register !== Register.ECOCON) this.values[register] = REGISTERS[register]!.reset;
    }
    this.values[Register.EREVID] = this.revision;
    this.linkInterrupt = false;
    this.updateInterrupt();
  }

  /** Power-on reset: ECOCON too. */
  powerOn(): void {
    this.values[Register.ECOCON] = REGISTERS[Register.ECOCON]!.reset;
    this.systemResetOverAt = 0;
    this.resetRegisters();
    this.startOscillator();
  }

  startOscillator(): void {
    this.oscillatorReadyAt = this.clock.now + OSCILLATOR_START;
  }

  systemResetDone(): void {
    this.systemResetOverAt = this.clock.now + AFTER_SYSTEM_RESET;
  }

  get asleep(): boolean {
    return (this.values[Register.ECON2]! & Econ2.PWRSV) !== 0;
  }

  /** ESTAT.CLKRDY. */
  get clockReady(): boolean {
    return !this.heldInReset && !this.unpowered && !this.asleep && this.clock.now >= this.oscillatorReadyAt;
  }

  /** Erratum 2: less than 1 ms since a system reset. */
  get settling(): boolean {
    return this.clock.now < this.systemResetOverAt;
  }

  /** Why the MAC, the MII and the PHY must not be used now, as the end of a sentence. Empty when they may. */
  get notReady(): string {
    if (this.asleep) return 'while ECON2.PWRSV keeps the MAC and the PHY switched off';
    if (!this.clockReady) return 'before the oscillator has started (ESTAT.CLKRDY, 300 us)';
    if (this.settling) return 'within 1 ms of a system reset (erratum 2: CLKRDY does not tell)';
    return '';
  }

  has(register: Register, bits: number): boolean {
    return (this.values[register]! & bits) !== 0;
  }

  /** A 16-bit register, by its low half. */
  word(low: Register): number {
    return this.values[low]! | (this.values[low + 1]! << 8);
  }

  setWord(low: Register, value: number): void {
    this.values[low] = value & REGISTERS[low]!.implemented;
    this.values[low + 1] = (value >> 8) & REGISTERS[low + 1]!.implemented;
  }

  /** The buffer address behind `address` on the way through the receive ring: ERXND leads to ERXST (section 3.2.3). */
  afterInRing(address: number): number {
    return address === this.word(Register.ERXNDL) ? this.word(Register.ERXSTL) : (address + 1) & LAST_ADDRESS;
  }

  /** Octets of the receive ring. ERXND below ERXST means a ring that runs over the end of the buffer. */
  get ringSize(): number {
    return ((this.word(Register.ERXNDL) - this.word(Register.ERXSTL)) & LAST_ADDRESS) + 1;
  }

  inRing(address: number): boolean {
    return ((address - this.word(Register.ERXSTL)) & LAST_ADDRESS) < this.ringSize;
  }

  /** True when any of the `length` octets from `start` lies in the receive ring. */
  touchesRing(start: number, length: number): boolean {
    const ringStart = this.word(Register.ERXSTL);
    return length > 0 && (this.inRing(start) || ((ringStart - start) & LAST_ADDRESS) < length);
  }

  get receiving(): boolean {
    return this.has(Register.ECON1, Econ1.RXEN);
  }

  /** EIR as it reads now: PKTIF follows EPKTCNT, LINKIF follows the PHY. */
  get eir(): number {
    return (
      this.values[Register.EIR]! |
      (this.values[Register.EPKTCNT] ? Interrupt.PKT : 0) |
      (this.linkInterrupt ? Interrupt.LINK : 0)
    );
  }

  /** An enabled flag is up: ESTAT.INT, in front of the gate that INTIE is (figure 12-1). */
  get interruptPending(): boolean {
    return (this.values[Register.EIE]! & this.eir & Interrupt.ANY) !== 0;
  }

  /** Sets flags of EIR, whether or not they are enabled. */
  raise(flags: number): void {
    this.values[Register.EIR]! |= flags;
    this.updateInterrupt();
  }

  setStatus(bits: Estat): void {
    this.values[Register.ESTAT]! |= bits;
  }

  /** Drives the INT pin from EIE and EIR, and tells of an edge. Called after every change of either. */
  updateInterrupt(): void {
    const driven = !(this.has(Register.EIE, Interrupt.INTIE) && this.interruptPending);
    const level = this.unpowered ? this.unpowered.int : driven;
    if (level === this.int) return;
    this.int = level;
    if (!this.faults.happens('lostEdges')) this.onInterrupt?.(!level);
  }

  /** Strict mode: remembers what the driver did wrong, as a sentence. */
  violation(sentence: string): void {
    if (!this.strict) return;
    if (this.violations.length < LISTED_VIOLATIONS) this.violations.push(sentence);
    else this.counts.violationsUnlisted++;
  }
}
