import type { ClockEvent } from '../clock';
import type { Core } from './core';
import { hex } from './core';
import type { PhyModule } from './phy';
import { Mii, Register } from './registers';

/** Microseconds that one transaction with the PHY takes (data sheet section 3.3.1). */
const TRANSACTION_TIME = 10.24;

/** The way to the PHY registers: MICMD, MIREGADR, MIWR, MIRD and MISTAT (data sheet section 3.3). */
export class MiiModule {
  private transaction: ClockEvent | undefined;
  private scanning = false;
  private notValid = false;

  constructor(
    private readonly core: Core,
    private readonly phy: PhyModule,
  ) {}

  reset(): void {
    if (this.transaction) this.core.clock.cancel(this.transaction);
    this.transaction = undefined;
    this.scanning = false;
    this.notValid = false;
  }

  /** MISTAT as it reads now. */
  get status(): number {
    return (
      (this.transaction ? Mii.BUSY : 0) | (this.scanning ? Mii.SCAN : 0) | (this.notValid ? Mii.NVALID : 0)
    );
  }

  /**
   * MICMD was written. A read begins with the rising edge of MIIRD and is not cancelled by its fall, which drivers
   * that clear MIIRD at once rely on; a scan runs as long as MIISCAN stands.
   */
  command(before: number, after: number): void {
    const risen = after & ~before;
    if (before & after & Mii.MIIRD) {
      this.core.violation(
        'MICMD.MIIRD was set while it stood already: clear it before the next read, which else does not start.',
      );
    }
    if (risen && this.refusedWhileBusy(`MICMD was written with ${hex(after)}`)) return;
    if (risen & Mii.MIISCAN) {
      this.scanning = true;
      this.notValid = true;
      this.scan();
    } else if (risen & Mii.MIIRD) {
      this.start((address) => this.core.setWord(Register.MIRDL, this.phy.read(address)));
    }
    if (!(after & Mii.MIISCAN)) this.scanning = false;
  }

  /** MIWRH was written: MIWRL and it go to the PHY. */
  write(): void {
    if (this.refusedWhileBusy('MIWRH was written')) return;
    const value = this.core.word(Register.MIWRL);
    this.start((address) => this.phy.write(address, value));
  }

  /** Strict mode: MIREGADR, MIWRL and MIRD are in use during a transaction. */
  checkIdle(name: string, action: 'read' | 'written'): void {
    if (this.transaction && !this.scanning) {
      this.core.violation(`${name} was ${action} while MISTAT.BUSY is set: wait until it is clear (10.24 us).`);
    }
  }

  private refusedWhileBusy(action: string): boolean {
    if (!this.transaction) return false;
    this.core.violation(`${action} while MISTAT.BUSY is set: wait until it is clear (10.24 us).`);
    return true;
  }

  private scan(): void {
    this.start((address) => {
      this.core.setWord(Register.MIRDL, this.phy.read(address));
      this.notValid = false;
      if (this.scanning) this.scan();
    });
  }

  private start(finish: (address: number) => void): void {
    const address = this.core.values[Register.MIREGADR]!;
    this.transaction = this.core.clock.after(TRANSACTION_TIME, () => {
      this.transaction = undefined;
      finish(address);
    });
  }
}
