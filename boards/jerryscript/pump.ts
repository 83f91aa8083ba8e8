import { now } from '../../hal/jerryscript';
import type { Stack } from '../../src/stack';

/** Calls a stack as often as it wants to be called: at once after work was given to it, else when its time has come. */
export class Pump {
  private timer: unknown;
  private running = false;
  private readonly tick = (): void => this.run();

  /** @param longest milliseconds between two calls at most: how often to look for frames */
  constructor(
    private readonly stack: Stack,
    private readonly longest: number,
  ) {}

  /** Calls the stack now, if it is not what calls, and arranges for the next time, also when an app's error ends it. */
  run(): void {
    if (this.running) return;
    let wait = this.longest;
    if (this.timer !== undefined) clearTimeout(this.timer as number);
    this.running = true;
    try {
      wait = this.stack.poll(now());
    } finally {
      this.running = false;
      this.timer = setTimeout(this.tick, wait < this.longest ? wait : this.longest);
    }
  }
}
