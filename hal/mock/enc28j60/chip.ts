import type { VirtualClock } from '../clock';
import type { Cable, Station } from '../station';
import { BufferPort } from './buffer-port';
import { ControlRegisters } from './control';
import { Core } from './core';
import type { ChipCounts } from './core';
import { DmaModule } from './dma';
import { EREVID, Errata, Erratum } from './errata';
import type { ErrataRates, Revision } from './errata';
import { ChipFaults } from './faults';
import type { Deafness } from './faults';
import { MacAccess } from './mac-access';
import { MiiModule } from './mii';
import { PhyModule } from './phy';
import { Receiver } from './receive';
import { Register, registerAt } from './registers';
import { SelfTest } from './self-test';
import { SpiPort } from './spi-port';
import { Transmitter } from './transmit';

export interface ChipOptions {
  /** Silicon revision, read from EREVID. */
  revision?: Revision;
  /** Record what the driver does wrong in `violations`. */
  strict?: boolean;
  /** SPI clock in hertz: each octet moves the clock on by eight of its cycles. */
  spiHz?: number;
  /** LED on LEDB that makes PHCON1.PDPXMD come up set. */
  ledBStrap?: boolean;
  /** Brings the errata of the revision into play whose effect is random. Without it only `errata` lets them strike. */
  seed?: number;
  /** The probability for single errata by number, 0 to 1. */
  errata?: ErrataRates;
}

/** CLKOUT's prescaler by ECOCON: 0 is off (data sheet section 2.3). */
const CLKOUT_HZ = [0, 25e6, 12.5e6, 25e6 / 3, 6.25e6, 3.125e6];
/** The fastest SPI clock that the data sheet allows, and the slowest that erratum 1 bears. */
const FASTEST_SPI = 20e6;
const SLOWEST_SPI = 8e6;
/** Shortest pulse on the RESET pin, in microseconds (data sheet section 16). */
const RESET_PULSE = 0.4;

/**
 * An ENC28J60 as it looks from its pins: an SPI slave with chip select, INT and RESET, and a cable.
 *
 * Everything happens on the virtual clock: SPI octets move it on, frames and timers run from inside it. No method
 * throws, whatever the driver or the wire does.
 */
export class Enc28j60Chip implements Station {
  /** What can be made to go wrong. */
  readonly faults: ChipFaults;

  private readonly errata: Errata;
  private readonly core: Core;
  private readonly receiver: Receiver;
  private readonly transmitter: Transmitter;
  private readonly phyModule: PhyModule;
  private readonly mii: MiiModule;
  private readonly dma: DmaModule;
  private readonly selfTest: SelfTest;
  private readonly control: ControlRegisters;
  private readonly spi: SpiPort;
  private resetBegan = 0;

  /** The chip comes up as after power-on: 300 us pass before its oscillator runs. */
  constructor(
    readonly clock: VirtualClock,
    options: ChipOptions = {},
  ) {
    const { revision = 'B7', strict = true, spiHz = FASTEST_SPI, ledBStrap = false } = options;
    this.faults = new ChipFaults(options.seed);
    this.errata = new Errata(revision, options.seed, options.errata);
    const core = new Core(clock, strict, EREVID[revision], this.errata, this.faults);
    const mac = new MacAccess(core, spiHz < SLOWEST_SPI);
    if (spiHz > FASTEST_SPI) core.violation(`The SPI clock is ${spiHz} Hz: ${FASTEST_SPI} Hz is the most that the chip takes.`);
    const port = new BufferPort();
    this.core = core;
    this.phyModule = new PhyModule(core, ledBStrap);
    this.mii = new MiiModule(core, this.phyModule);
    this.receiver = new Receiver(core);
    this.transmitter = new Transmitter(core, port, this.phyModule, this.receiver);
    this.dma = new DmaModule(core, port, (start, length) => this.transmitter.owns(start, length));
    this.selfTest = new SelfTest(core);
    this.phyModule.activity = () => ({
      transmitting: this.transmitter.onWire,
      receiving: this.receiver.busy,
      colliding: this.transmitter.colliding,
    });
    const modules = {
      mac,
      phy: this.phyModule,
      mii: this.mii,
      receiver: this.receiver,
      transmitter: this.transmitter,
      dma: this.dma,
      selfTest: this.selfTest,
    };
    this.control = new ControlRegisters(core, modules);
    this.spi = new SpiPort(core, this.control, this.transmitter, mac, 8e6 / spiHz, () => this.systemReset());
  }

  get cable(): Cable | undefined {
    return this.core.cable;
  }

  plug(cable: Cable): void {
    this.core.cable = cable;
    this.phyModule.cable(cable.up);
  }

  /** Chip select falls: an instruction begins. */
  select(): void {
    this.spi.select();
  }

  /** One octet each way; the clock moves on by eight SPI cycles. */
  transfer(mosi: number): number {
    return this.spi.transfer(mosi);
  }

  /** Chip select rises: the instruction is over. */
  deselect(): void {
    this.spi.deselect();
  }

  /** Level of the INT pin: true is high, idle. */
  get int(): boolean {
    return this.core.int;
  }

  /**
   * Called at each edge of INT, from inside a transfer or the clock. It must not use the SPI at once: an instruction
   * may be under way.
   */
  get onInterrupt(): ((low: boolean) => void) | undefined {
    return this.core.onInterrupt;
  }

  set onInterrupt(listener: ((low: boolean) => void) | undefined) {
    this.core.onInterrupt = listener;
  }

  /** Drives the RESET pin. */
  resetPin(low: boolean): void {
    if (low === this.core.heldInReset) return;
    this.core.heldInReset = low;
    if (low) {
      this.resetBegan = this.clock.now;
      this.resetEverything();
      return;
    }
    const pulse = this.clock.now - this.resetBegan;
    if (pulse < RESET_PULSE) {
      this.core.violation(`The RESET pin was low for ${pulse.toFixed(2)} us: ${RESET_PULSE} us are needed.`);
    }
    this.core.startOscillator();
    this.phyModule.start();
  }

  /** The supply sags for a moment, whatever is under way: a power-on reset. SRAM stays as it was. */
  brownOut(): void {
    this.resetEverything();
    this.core.powerOn();
    this.phyModule.start();
    this.spi.forget();
  }

  /**
   * The chip is gone: its supply, or the wires to it.
   * @param miso what MISO reads, all bits of an octet: a line that floats or is tied
   * @param int the level of INT
   */
  disappear(miso: number, int = true): void {
    this.resetEverything();
    this.core.unpowered = { miso, int };
    this.core.updateInterrupt();
    this.phyModule.update();
    this.spi.forget();
  }

  /** It is back, as after power-on. */
  reappear(): void {
    this.core.unpowered = undefined;
    this.brownOut();
  }

  /** Nothing is received any more, and nothing says so. */
  deafen(until: Deafness): void {
    this.receiver.deafen(until);
  }

  /** The next packet's header leads astray. */
  mislead(): void {
    this.receiver.mislead();
  }

  /** Hertz at the CLKOUT pin; 0 while it stands still. */
  get clkout(): number {
    const dead = this.core.heldInReset || this.core.unpowered || (this.core.asleep && this.errata.strikes(Erratum.CLKOUT));
    return dead ? 0 : (CLKOUT_HZ[this.core.values[Register.ECOCON]!] ?? 0);
  }

  /** True while the LED at LEDA or LEDB is lit. */
  led(which: 'A' | 'B'): boolean {
    return this.phyModule.led(which);
  }

  /** SRC: a reset of everything but the oscillator. Without effect in power save (erratum 19). */
  private systemReset(): void {
    if (this.core.asleep && this.errata.strikes(Erratum.SLEEPING_RESET)) {
      this.core.violation(
        'SRC was sent while ECON2.PWRSV is set, which ignores it (erratum 19): clear PWRSV and wait 300 us first.',
      );
      return;
    }
    this.resetEverything();
    this.core.systemResetDone();
  }

  private resetEverything(): void {
    this.core.resetRegisters();
    this.transmitter.reset();
    this.dma.reset();
    this.selfTest.reset();
    this.mii.reset();
    this.receiver.reset();
    this.phyModule.reset();
  }

  /** What the driver did wrong, a sentence each; at most 100, `counts.violationsUnlisted` has the rest. */
  get violations(): string[] {
    return this.core.violations;
  }

  get counts(): Readonly<ChipCounts> {
    return this.core.counts;
  }

  /** The 8 KB of the Ethernet buffer. */
  get memory(): Uint8Array {
    return this.core.memory;
  }

  /** A control register's value, without what a read through SPI would do or report. */
  peek(bank: number, address: number): number {
    return this.control.peek(registerAt(bank, address));
  }

  /** A PHY register's value, without what a read through the MII would do. */
  phy(address: number): number {
    return this.phyModule.peek(address);
  }

  /** A frame has begun to arrive and will take `microseconds`: sets ESTAT.RXBUSY, which a `Cable` does not tell of. */
  carrierSensed(microseconds: number): void {
    if (this.phyModule.hearsCable) this.receiver.carrierSensed(microseconds);
  }

  frameArrived(frame: Uint8Array): void {
    if (this.phyModule.hearsCable) this.receiver.arrived(frame);
    else this.core.counts.framesUnheard++;
  }

  linkChanged(up: boolean): void {
    this.phyModule.cable(up);
  }
}
