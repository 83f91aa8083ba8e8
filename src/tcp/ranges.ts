import { after, before, distance } from '../wire/sequence';

/**
 * The stretches of sequence numbers that have arrived behind a gap: apart from one another, in order, and no more of
 * them than were provided for.
 */
export class Ranges {
  count = 0;
  readonly starts: Int32Array;
  readonly ends: Int32Array;

  constructor(private readonly most: number) {
    this.starts = new Int32Array(most);
    this.ends = new Int32Array(most);
  }

  clear(): void {
    this.count = 0;
  }

  /**
   * Adds the stretch from `start` up to, but without, `end`, and joins what it touches.
   * @returns false when there is no room for another one: nothing was added
   */
  add(start: number, end: number): boolean {
    'cold';
    let at = 0;
    while (at < this.count && before(this.ends[at], start)) at++;
    // From `at` on, whatever starts no later than `end` becomes part of the new one.
    let beyond = at;
    while (beyond < this.count && !after(this.starts[beyond], end)) beyond++;
    if (beyond === at && this.count === this.most) return false;
    if (beyond > at) {
      if (before(this.starts[at], start)) start = this.starts[at];
      if (after(this.ends[beyond - 1], end)) end = this.ends[beyond - 1];
    }
    this.move(beyond, at + 1);
    this.starts[at] = start;
    this.ends[at] = end;
    return true;
  }

  /** True when everything from `start` up to `end` is held already. */
  covers(start: number, end: number): boolean {
    'cold';
    for (let at = 0; at < this.count; at++) {
      if (!before(start, this.starts[at]) && !after(end, this.ends[at])) return true;
    }
    return false;
  }

  /** The index of the stretch that holds `number`, or 0 when none does. */
  stretchOf(number: number): number {
    'cold';
    for (let at = 0; at < this.count; at++) {
      if (!before(number, this.starts[at]) && before(number, this.ends[at])) return at;
    }
    return 0;
  }

  /** Takes out what `next` has reached. Returns how far the stretch that holds `next` goes on beyond it. */
  takeUpTo(next: number): number {
    let reached = 0;
    let passed = 0;
    while (passed < this.count && !after(this.starts[passed], next)) {
      const further = distance(next, this.ends[passed]);
      if (further > reached) reached = further;
      passed++;
    }
    if (passed > 0) this.move(passed, 0);
    return reached;
  }

  /** The stretches from index `from` on move to `to`, and the count follows. */
  private move(from: number, to: number): void {
    'cold';
    const moved = this.count - from;
    if (to < from) {
      for (let at = 0; at < moved; at++) this.copy(from + at, to + at);
    } else {
      for (let at = moved - 1; at >= 0; at--) this.copy(from + at, to + at);
    }
    this.count = to + moved;
  }

  private copy(from: number, to: number): void {
    'cold';
    this.starts[to] = this.starts[from];
    this.ends[to] = this.ends[from];
  }
}
