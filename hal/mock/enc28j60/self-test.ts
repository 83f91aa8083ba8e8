import type { ClockEvent } from '../clock';
import type { Core } from './core';
import { CYCLE, MEMORY_SIZE, hex } from './core';
import { checksumOf } from './filters';
import { Ebstcon, Register } from './registers';

/** EBSTCON.TMSEL in place. */
const enum Fill {
  ADDRESS = 0x04,
  PATTERN_SHIFT = 0x08,
}

const SHIFT_POSITION = 5;

/** The built-in self-test: fills the buffer and sums up what it wrote (data sheet section 15). */
export class SelfTest {
  private finish: ClockEvent | undefined;

  constructor(private readonly core: Core) {}

  reset(): void {
    if (this.finish) this.core.clock.cancel(this.finish);
    this.finish = undefined;
  }

  /** EBSTCON was written. BISTST clears itself after one cycle an octet. */
  control(before: number, after: number): void {
    if (!(after & Ebstcon.BISTST)) this.reset();
    if (!(after & ~before & Ebstcon.BISTST)) return;
    if (!(after & Ebstcon.TME)) {
      this.core.violation(`EBSTCON was written with ${hex(after)}: BISTST does nothing without TME.`);
      this.core.values[Register.EBSTCON]! &= ~Ebstcon.BISTST;
      return;
    }
    this.reset();
    this.finish = this.core.clock.after(MEMORY_SIZE * CYCLE, () => this.done());
  }

  private done(): void {
    const { core } = this;
    this.finish = undefined;
    const next = this.generator();
    for (let address = 0; address < MEMORY_SIZE; address++) core.memory[address] = next(address);
    core.setWord(
      Register.EBSTCSL,
      checksumOf(MEMORY_SIZE, (address) => core.memory[address]!),
    );
    core.values[Register.EBSTCON]! &= ~Ebstcon.BISTST;
  }

  private generator(): (address: number) => number {
    const control = this.core.values[Register.EBSTCON]!;
    let state = this.core.values[Register.EBSTSD]!;
    const mode = control & Ebstcon.TMSEL;
    if (mode === Fill.ADDRESS) return (address) => address & 0xff;
    if (mode === Fill.PATTERN_SHIFT) {
      const shift = (control & Ebstcon.PSV) >> SHIFT_POSITION;
      return () => {
        const octet = state;
        state = ((state << shift) | (state >> (8 - shift))) & 0xff;
        return octet;
      };
    }
    // Random fill. Which shift register the silicon has is not published; this one is as long as eight bits allow.
    return () => {
      const octet = state;
      const feedback = (state >> 7) ^ (state >> 5) ^ (state >> 4) ^ (state >> 3);
      state = ((state << 1) | (feedback & 1)) & 0xff;
      return octet;
    };
  }
}
