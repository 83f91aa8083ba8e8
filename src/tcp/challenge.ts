import { CHALLENGE_LIMIT } from './constants';
import { distance } from '../wire/sequence';

/** How many challenge acknowledgments may go out: so many a second for all connections (RFC 5961 section 7). */
export class ChallengeLimit {
  private sent = 0;
  private since = 0;

  /** True when one more may go out at `now` milliseconds; it counts as sent. */
  allows(now: number): boolean {
    const age = distance(this.since, now);
    // A negative age is one of more than 2^31 milliseconds.
    if (age >= 1000 || age < 0) {
      this.since = now;
      this.sent = 0;
    }
    if (this.sent >= CHALLENGE_LIMIT) return false;
    this.sent++;
    return true;
  }
}
