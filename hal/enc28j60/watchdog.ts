import type { MacCounters } from '../hal';
import { Repair } from './repairs';

/** What `Watchdog.lookAround` wants done. */
export const enum Step {
  NONE,
  RECEPTION, // reset the receive logic: costs the frames in the ring
  EVERYTHING, // initialise the chip again: costs the link for a moment
}

/** Looks, a second apart, for which silence is borne. */
const enum Patience {
  FIRST = 8,
  LAST = 512,
}

/** Notices a chip that hears nothing any more, or cannot make itself heard, from what comes and goes. */
export class Watchdog {
  /** Why the last step was wanted. */
  cause: Repair = Repair.SILENCE;

  /** The receive ring was full, and not a frame has come since. */
  private alarmed = false;

  /** Looks in a row that found frames sent and none received. */
  private quiet = 0;

  /** After so many everything is initialised again, after half of them reception: twice as many each time in vain. */
  private patience: number = Patience.FIRST;

  /** Frames received and sent at the look before. */
  private received = 0;
  private sent = 0;

  constructor(private readonly counters: MacCounters) {}

  /** The receive ring was full: reception may not come back by itself. */
  sawOverflow(): void {
    'cold';
    this.received = this.countArrivals();
    this.alarmed = true;
    this.quiet = 0;
  }

  /** To be called about once a second. */
  lookAround(linked: boolean): Step {
    let step = Step.NONE;
    const received = this.countArrivals();
    const sent = this.counters.txFrames;
    if (!linked || received !== this.received) {
      this.alarmed = false;
      this.quiet = 0;
      if (linked) this.patience = Patience.FIRST;
    } else if (this.alarmed || sent !== this.sent) {
      this.cause = this.alarmed ? Repair.OVERFLOW : Repair.SILENCE;
      this.quiet += this.alarmed ? this.patience >> 1 : 1;
      if (this.quiet >= this.patience) {
        step = Step.EVERYTHING;
        this.alarmed = false;
        this.quiet = 0;
        if (this.patience < Patience.LAST) this.patience <<= 1;
      } else if (this.quiet === this.patience >> 1) {
        step = Step.RECEPTION;
      }
    }
    this.received = received;
    this.sent = sent;
    return step;
  }

  /** Frames that have come in, good and bad. */
  private countArrivals(): number {
    'cold';
    const counters = this.counters;
    return (counters.rxFrames + counters.rxErrors + counters.rxOversize) | 0;
  }
}
