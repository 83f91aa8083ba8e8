import type { Core } from './core';
import { Erratum } from './errata';
import { REGISTERS } from './registers';

/** Nanoseconds that chip select must stay low after the last clock of a MAC or MII register (section 16). */
const HOLD = 210;

/** The way to the registers behind the MAC's own bus, which fails in more ways than that to the Ethernet registers. */
export class MacAccess {
  /** The instruction before was cut short: the next access meets a bus that is not ready. */
  private cut = false;

  constructor(
    private readonly core: Core,
    /** The SPI clock is below the 8 MHz that erratum 1 asks for. */
    private readonly slow: boolean,
  ) {}

  /** False when an access comes to nothing: a read gives `noise`, a write is lost. */
  works(register: number, action: 'read' | 'written'): boolean {
    const { core } = this;
    const reason = core.notReady;
    if (reason) core.violation(`${REGISTERS[register]!.name} was ${action} ${reason}.`);
    const { cut } = this;
    this.cut = false;
    if (!core.clockReady || cut) return false;
    if (this.slow && core.errata.strikes(Erratum.SLOW_SPI)) return false;
    return !(core.settling && core.errata.strikes(Erratum.SYSTEM_RESET));
  }

  /** What a read that fails gives: nothing from a MAC without a clock, anything otherwise. */
  get noise(): number {
    return this.core.clockReady ? this.core.errata.octet() : 0;
  }

  /** Chip select rose behind an instruction about `register`. */
  ended(register: number): void {
    const { core } = this;
    const hold = core.faults.chipSelectHold;
    if (hold >= HOLD) return;
    core.violation(
      `Chip select rose ${hold} ns after the last clock of ${REGISTERS[register]!.name}: MAC and MII registers need ${HOLD} ns.`,
    );
    this.cut = true;
  }
}
