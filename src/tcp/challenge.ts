import type { Platform } from '../../hal/hal';
import { distance } from '../wire/sequence';
import { CHALLENGE_LIMIT } from './constants';

/** How many challenge acknowledgments may go out: so many a second for all connections (RFC 5961 section 7). */
export class ChallengeLimit {
  private left = CHALLENGE_LIMIT;
  private since = 0;

  constructor(private readonly platform: Platform) {}

  /** True when one more may go out at `now` milliseconds; it counts as sent. */
  allows(now: number): boolean {
    'cold';
    const age = distance(this.since, now);
    // A negative age is one of more than 2^31 milliseconds.
    if (age >= 1000 || age < 0) {
      this.since = now;
      // A little different each time: whoever provokes them cannot tell how many others did.
      this.left = CHALLENGE_LIMIT + (this.platform.random() & 7);
    }
    if (this.left === 0) return false;
    this.left--;
    return true;
  }
}
