import type { ClockEvent } from '../clock';
import type { BufferPort } from './buffer-port';
import type { Core } from './core';
import { CYCLE, LAST_ADDRESS, MEMORY_SIZE, hex } from './core';
import { checksumOf } from './filters';
import { Econ1, Interrupt, Register } from './registers';

/** Cycles of the 25 MHz clock that an octet takes (data sheet section 13). */
const COPY_CYCLES = 2;
const CHECKSUM_CYCLES = 1;

/** The DMA controller: copies inside the buffer, or sums it up (data sheet section 13). */
export class DmaModule {
  private finish: ClockEvent | undefined;

  constructor(
    private readonly core: Core,
    private readonly port: BufferPort,
    /** True when any of `length` octets from `start` belongs to a frame that is being sent. */
    private readonly transmits: (start: number, length: number) => boolean,
  ) {}

  reset(): void {
    if (this.finish) this.core.clock.cancel(this.finish);
    this.finish = undefined;
    this.core.checksumUntil = -Infinity;
    this.port.release('DMA');
  }

  /** ECON1.DMAST was set. */
  start(): void {
    this.check();
    this.port.request('DMA', () => this.run());
  }

  /** ECON1.DMAST was cleared by the host: the operation ends where it is, and DMAIF says so. */
  cancel(): void {
    this.reset();
    this.core.raise(Interrupt.DMA);
  }

  /** The way from EDMAST to EDMAND, around the receive ring; undefined when EDMAND does not lie on it. */
  private addresses(): number[] | undefined {
    const end = this.core.word(Register.EDMANDL);
    const path: number[] = [];
    let at = this.core.word(Register.EDMASTL);
    while (path.length < MEMORY_SIZE) {
      path.push(at);
      // EDMAST == EDMAND is not one octet: the end is looked for behind the first one only.
      if (at === end && path.length > 1) return path;
      at = this.core.afterInRing(at);
    }
    return undefined;
  }

  /** An operation whose end is never met keeps DMAST set until the host clears it, and a copy destroys the buffer. */
  private run(): void {
    const sums = this.core.has(Register.ECON1, Econ1.CSUMEN);
    const endless = this.endless;
    const path = endless ? undefined : this.addresses();
    const length = path ? path.length : MEMORY_SIZE;
    const duration = length * CYCLE * (sums ? CHECKSUM_CYCLES : COPY_CYCLES);
    if (sums) this.core.checksumUntil = this.core.clock.now + duration;
    this.finish = this.core.clock.after(duration, () => {
      this.finish = undefined;
      if (sums) this.sum(path ?? []);
      else this.copy(path, length);
      if (!path) return;
      this.core.values[Register.ECON1]! &= ~Econ1.DMAST;
      this.port.release('DMA');
      this.core.raise(Interrupt.DMA);
    });
  }

  private get endless(): boolean {
    return this.core.word(Register.EDMASTL) === this.core.word(Register.EDMANDL);
  }

  private copy(path: number[] | undefined, length: number): void {
    const { core } = this;
    let from = core.word(Register.EDMASTL);
    let to = core.word(Register.EDMADSTL);
    for (let octet = 0; octet < length; octet++) {
      core.memory[to] = core.memory[path ? path[octet]! : from]!;
      from = core.afterInRing(from);
      to = (to + 1) & LAST_ADDRESS;
    }
  }

  private sum(path: number[]): void {
    this.core.setWord(
      Register.EDMACSL,
      checksumOf(path.length, (index) => this.core.memory[path[index]!]!),
    );
  }

  /** Strict mode. */
  private check(): void {
    const { core } = this;
    const start = core.word(Register.EDMASTL);
    const end = core.word(Register.EDMANDL);
    if (this.endless) {
      core.violation(
        `ECON1.DMAST was set with EDMAST and EDMAND both at ${hex(start, 4)}: the DMA never ends. Copy a single octet by hand.`,
      );
      return;
    }
    const path = this.addresses();
    if (!path) {
      core.violation(
        `ECON1.DMAST was set with EDMAND at ${hex(end, 4)}, which the way from EDMAST at ${hex(start, 4)} never meets.`,
      );
      return;
    }
    if (core.has(Register.ECON1, Econ1.CSUMEN)) return;
    const destination = core.word(Register.EDMADSTL);
    if (core.receiving && core.touchesRing(destination, path.length)) {
      core.violation(`A DMA copy to EDMADST at ${hex(destination, 4)} writes into the receive ring.`);
    }
    if (this.transmits(destination, path.length)) {
      core.violation(
        `A DMA copy to EDMADST at ${hex(destination, 4)} writes into the frame that is being sent (ECON1.TXRTS is set).`,
      );
    }
  }
}
