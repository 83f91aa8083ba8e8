import { now } from '../../hal/espruino';
import type { Stack } from '../../src/stack';
import { NOTHING } from './socket-phases';
import { before } from '../../src/wire/sequence';

/** Calls a stack as often as it wants to be called: at once after work was given to it, else when its time has come. */
export class Pump {
  /** The watch on the chip's INT pin, if there is one. */
  watch = 0;
  private timer = 0;
  private armed = false;
  /** When the timer runs out, on the stack's clock. Meaningful while `armed`. */
  private due = 0;
  private readonly tick = (): void => {
    this.armed = false;
    this.run();
  };

  /** @param longest milliseconds between two calls at most: how often to look for frames without an INT pin */
  constructor(
    private readonly stack: Stack,
    private readonly longest: number,
  ) {}

  /** Lets the stack take in what has arrived and arranges for the next time, also when the engine breaks off the call. */
  run(): void {
    const time = now();
    let wait = this.longest;
    try {
      wait = this.stack.poll(time);
    } finally {
      this.arm(time, wait);
    }
  }

  /** After the application has given the stack something to do: lets it do that, without a look for frames. */
  serve(): void {
    const time = now();
    this.arm(time, this.stack.serve(time));
  }

  /** Ends all that for good. */
  stopPump(): void {
    'cold';
    if (this.armed) clearTimeout(this.timer);
    if (this.watch > 0) clearWatch(this.watch);
    (this as any).run = (this as any).serve = NOTHING;
  }

  /** A timer that runs out too early stays: it does less harm than it would cost to set it anew with every call. */
  private arm(time: number, wait: number): void {
    const due = (time + (wait < this.longest ? wait : this.longest)) | 0;
    if (!this.armed || before(due, this.due)) this.armAnew(due, time);
  }

  private armAnew(due: number, time: number): void {
    if (this.armed) clearTimeout(this.timer);
    this.timer = setTimeout(this.tick, due - time);
    this.due = due;
    this.armed = true;
  }
}
