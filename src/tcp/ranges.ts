import { after, before, distance } from '../wire/sequence';

/**
 * For each connection the stretches of sequence numbers that have arrived behind a gap: apart from one another, in order,
 * and no more of them than were provided for.
 */
export class Ranges {
  /** By connection: how many there are, from `slot * most` on. */
  readonly counts: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;

  constructor(connections: number, readonly most: number) {
    this.counts = new Uint8Array(connections);
    this.starts = new Int32Array(connections * most);
    this.ends = new Int32Array(connections * most);
  }

  /**
   * Adds the stretch from `start` up to, but without, `end`, and joins what it touches.
   * @returns false when there is no room for another one: nothing was added
   */
  add(slot: number, start: number, end: number): boolean {
    'cold';
    const first = slot * this.most;
    const last = first + this.counts[slot];
    let at = first;
    while (at < last && before(this.ends[at], start)) at++;
    // From `at` on, whatever starts no later than `end` becomes part of the new one.
    let beyond = at;
    while (beyond < last && !after(this.starts[beyond], end)) beyond++;
    if (beyond === at && this.counts[slot] === this.most) return false;
    if (beyond > at) {
      if (before(this.starts[at], start)) start = this.starts[at];
      if (after(this.ends[beyond - 1], end)) end = this.ends[beyond - 1];
    }
    this.move(slot, beyond, at + 1);
    this.starts[at] = start;
    this.ends[at] = end;
    return true;
  }

  /** True when everything from `start` up to `end` is held already. */
  covers(slot: number, start: number, end: number): boolean {
    'cold';
    const first = slot * this.most;
    for (let at = first; at < first + this.counts[slot]; at++) {
      if (!before(start, this.starts[at]) && !after(end, this.ends[at])) return true;
    }
    return false;
  }

  /** Where the stretch that holds `number` stands, or the first one when none does. */
  stretchOf(slot: number, number: number): number {
    'cold';
    const first = slot * this.most;
    for (let at = first; at < first + this.counts[slot]; at++) {
      if (!before(number, this.starts[at]) && before(number, this.ends[at])) return at;
    }
    return first;
  }

  /** Takes out what `next` has reached. Returns how far the stretch that holds `next` goes on beyond it. */
  takeUpTo(slot: number, next: number): number {
    'cold';
    const first = slot * this.most;
    let reached = 0;
    let passed = first;
    while (passed < first + this.counts[slot] && !after(this.starts[passed], next)) {
      const further = distance(next, this.ends[passed]);
      if (further > reached) reached = further;
      passed++;
    }
    if (passed > first) this.move(slot, passed, first);
    return reached;
  }

  /** The stretches from place `from` on move to `to`, and the count follows. */
  private move(slot: number, from: number, to: number): void {
    'cold';
    const moved = slot * this.most + this.counts[slot] - from;
    if (to < from) {
      for (let at = 0; at < moved; at++) this.copy(from + at, to + at);
    } else {
      for (let at = moved - 1; at >= 0; at--) this.copy(from + at, to + at);
    }
    this.counts[slot] += to - from;
  }

  private copy(from: number, to: number): void {
    'cold';
    this.starts[to] = this.starts[from];
    this.ends[to] = this.ends[from];
  }
}
