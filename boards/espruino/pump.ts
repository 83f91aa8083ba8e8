import { now, watchFalling } from '../../hal/espruino';
import type { EspruinoPin } from '../../hal/espruino';
import type { Stack } from '../../src/stack';
import type { Connection } from '../../src/tcp/connection';
import { advance, before, distance } from '../../src/wire/sequence';
import { NOTHING } from './socket-phases';

/** Milliseconds between two looks at the chip when its INT pin is not connected, and at the pin when it is. */
const POLL_INTERVAL = 5;
const SAFETY_INTERVAL = 250;
const enum Limit {
  /**
   * Milliseconds between the time for which the timer was set and the one that the stack wants now when there is no timer any
   * more, for `clearTimeout()` clears all of them: a stack wants to be called once a second.
   */
  LOST = 3000,
  /** Milliseconds by which `due` is moved on when the timer has run out: no time that the stack wants is later. */
  NEVER = 0x40000000,
}

/** Looks in a row that find INT low unheard of before it is watched anew, and how often that is done. */
const MISSES = 2;
const SPARE_WATCHES = 3;

/** Polls that a frame which is being sent may take, 2 ms each at most, before it is given up. */
const FAREWELLS = 10;

/** Calls a stack as often as it wants to be called: at once after work was given to it, else when its time has come. */
export class Pump {
  /** Milliseconds between two looks. */
  private longest = POLL_INTERVAL;
  /** The timer of the next look, and the watch on the INT pin, if there is one. */
  private looking = 0;
  private look = NOTHING as () => void;
  private looked = false;
  private watch = 0;
  private fallen = NOTHING as () => void;
  /** Looks that found INT low since a watch was heard of, and how often a watch may be set again. */
  private missed = 0;
  private spare = SPARE_WATCHES;
  /** Runs out when the stack wants to be called again. */
  private timer = 0;
  private armed = false;
  private stopped = false;
  /** When the timer runs out, on the stack's clock. */
  private due = 0;
  private readonly ranOut = (): void => {
    this.armed = false;
    this.due = advance(this.due, Limit.NEVER);
    this.run();
  };

  constructor(private readonly stack: Stack) {}

  /** @param irq the chip's INT pin: frames are taken when it falls, and when it is found low, for an edge may be lost */
  startPump(irq: EspruinoPin | undefined): void {
    'cold';
    if (irq !== undefined) {
      this.longest = SAFETY_INTERVAL;
      // An edge that was waited for while the frame behind it was taken in already is nothing to look for.
      this.fallen = (): void => {
        this.missed = 0;
        if (!irq.read()) this.run();
      };
      this.watch = watchFalling(irq, this.fallen);
    }
    // No interval: Espruino takes one away whose call it breaks off. Without a timer it has broken off the call that would
    // have set it.
    this.look = (): void => {
      this.looking = setTimeout(this.look, this.longest);
      this.looked = true;
      if (!irq || !irq.read() || !this.armed) this.found(irq);
    };
    this.looking = setTimeout(this.look, this.longest);
    this.due = advance(now(), Limit.NEVER);
  }

  /** Lets the stack take in what has arrived and arranges for the next time. */
  run(): void {
    const time = now();
    const due = this.stack.run(time);
    this.arm(due, time);
  }

  /** Has the stack called from the engine's loop: for what is asked for from inside a call of it. */
  soon(): void {
    const time = now();
    this.arm(time, time);
  }

  /** After the application has given the stack something to do: lets it do that, without a look for frames. */
  serve(): void {
    const time = now();
    const due = this.stack.serve(time);
    this.arm(due, time);
  }

  /** Gives the stack text of so many octets to send, which goes at once if it may. @returns how many were taken */
  send(c: Connection, text: string, length: number): number {
    'inline';
    const time = now();
    // The platform copies from the string itself.
    const taken = this.stack.send(c, text as unknown as Uint8Array, length, time);
    const due = this.stack.turn(time);
    this.arm(due, time);
    return taken;
  }

  /** Runs until all has gone out: while the transmitter is busy, resets and the last word to the application wait for it. */
  takeLeave(): void {
    'cold';
    const stack = this.stack;
    let left = FAREWELLS;
    do this.run();
    while (--left > 0 && (stack.tcp.waiting >= 0 || stack.link.held !== null));
  }

  /** Ends all that for good: whatever is still called sets no timer any more. */
  stopPump(): void {
    'cold';
    if (this.armed) clearTimeout(this.timer);
    this.unwatch();
    clearTimeout(this.looking);
    this.stopped = true;
    this.looked = true;
  }

  /** A look found that there may be work. */
  private found(irq: EspruinoPin | undefined): void {
    if (irq && !irq.read() && ++this.missed === MISSES && this.spare > 0) this.watchAnew(irq);
    this.run();
  }

  /**
   * Nobody was told that INT fell, and not for the first time: Espruino takes a watch away whose call it breaks off, the
   * application all of them. The one before is not cleared, for its number may be another one's by now.
   */
  private watchAnew(irq: EspruinoPin): void {
    'cold';
    this.spare--;
    this.watch = watchFalling(irq, this.fallen);
  }

  private unwatch(): void {
    'cold';
    if (this.watch === 0) return;
    try {
      clearWatch(this.watch);
    } catch (error) {
      // It is gone already.
    }
  }

  /** A timer that runs out too early stays: it does less harm than it would cost to set it anew with every call. */
  private arm(due: number, time: number): void {
    'inline';
    if (distance(this.due, due) >>> 0 > Limit.LOST) this.armAnew(due, time);
  }

  private armAnew(due: number, time: number): void {
    'cold';
    if (this.stopped) return;
    if (this.armed && before(due, this.due)) clearTimeout(this.timer);
    else if (this.armed) this.lookAnew();
    const wait = distance(time, due);
    this.timer = setTimeout(this.ranOut, wait > 0 ? wait : 0);
    this.due = due;
    this.armed = true;
  }

  /** The application has cleared all timers, also ours: what were their numbers may be those of its own by now. */
  private lookAnew(): void {
    'cold';
    this.looked = false;
    setTimeout(() => {
      if (!this.looked) this.look();
    }, this.longest * 2);
  }
}
