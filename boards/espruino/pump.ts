import { now } from '../../hal/espruino';
import type { Stack } from '../../src/stack';

/** Calls a stack as often as it wants to be called: at once after work was given to it, else when its time has come. */
export class Pump {
  private timer = 0;
  private armed = false;
  private readonly tick = (): void => {
    this.armed = false;
    this.run();
  };

  /** @param longest milliseconds between two calls at most: how often to look for frames without an INT pin */
  constructor(
    private readonly stack: Stack,
    private readonly longest: number,
  ) {}

  /** Calls the stack now and arranges for the next time, also when the engine breaks off the call. */
  run(): void {
    let wait = this.longest;
    if (this.armed) clearTimeout(this.timer);
    this.armed = false;
    try {
      wait = this.stack.poll(now());
    } finally {
      this.timer = setTimeout(this.tick, wait < this.longest ? wait : this.longest);
      this.armed = true;
    }
  }
}
