import { before } from '../wire/sequence';

/** What happened to our place on the network, for services to act on. */
export const enum Change {
  /** The cable has a partner: it may be another network than before. */
  plugged = 0,
  unplugged = 1,
  /** Our address is another one, or none. */
  address = 2,
}

/** Something beside TCP that takes its turn in `Stack.poll`. */
export interface Service {
  /** Does what is due at `now`, if anything is, and sets the alarm for what is due next. */
  tick(now: number): void;
  changed(what: Change, now: number): void;
}

/** The time of the present poll, and when the first of all who wait wants its turn: one look instead of one for each. */
export class Alarm {
  /** Milliseconds, as the stack was told last. */
  now = 0;
  /** Milliseconds at which somebody wants a turn: the look at the link, if nobody else. No time is before it at first. */
  at = NaN;

  /** Sees to it that everybody has a turn at `at`. */
  wakeAt(at: number): void {
    'cold';
    if (before(at, this.at)) this.at = at;
  }
}
