import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ranges } from '../../src/tcp/ranges';

// The list of stretches behind a gap, beside a set of the numbers that it should hold.

const seq = (start: number, offset: number) => (start + offset) | 0;

/** The stretches of a set: first number, and one beyond the last. */
function stretchesOf(held: ReadonlySet<number>): [number, number][] {
  const stretches: [number, number][] = [];
  for (const at of [...held].sort((a, b) => a - b)) {
    const last = stretches.at(-1);
    if (last?.[1] === at) last[1]++;
    else stretches.push([at, at + 1]);
  }
  return stretches;
}

class Reference {
  readonly ranges: Ranges;
  private held = new Set<number>();

  /** @param start the sequence number that offset 0 stands for */
  constructor(private readonly most: number, private readonly start: number) {
    this.ranges = new Ranges(3, most);
    for (const slot of [0, 2]) expect(this.ranges.add(slot, slot, slot + 1)).toBe(true);
  }

  adds(from: number, length: number): void {
    const more = new Set(this.held);
    for (let at = from; at < from + length; at++) more.add(at);
    const fits = stretchesOf(more).length <= this.most;
    expect(this.ranges.add(1, seq(this.start, from), seq(this.start, from + length))).toBe(fits);
    if (fits) this.held = more;
  }

  takes(next: number): void {
    let reached = 0;
    while (this.held.has(next + reached)) reached++;
    expect(this.ranges.takeUpTo(1, seq(this.start, next))).toBe(reached);
    // A stretch that `next` lies beyond or in is taken out whole.
    for (const [from, to] of stretchesOf(this.held)) {
      if (from <= next) for (let at = from; at < to; at++) this.held.delete(at);
    }
  }

  clears(): void {
    this.ranges.counts[1] = 0;
    this.held.clear();
  }

  /** It lists what the set holds, in order, apart from one another, and answers as the set would. */
  agrees(): void {
    const { ranges } = this;
    const first = ranges.most;
    const listed = Array.from({ length: ranges.counts[1]! }, (_, at) => [
      (ranges.starts[first + at]! - this.start) | 0, (ranges.ends[first + at]! - this.start) | 0,
    ]);
    // The neighbours keep theirs.
    for (const slot of [0, 2]) {
      expect([ranges.counts[slot], ranges.starts[slot * first], ranges.ends[slot * first]]).toEqual([1, slot, slot + 1]);
    }
    const stretches = stretchesOf(this.held);
    expect(listed).toEqual(stretches);
    for (let from = 0; from < 100; from += 9) {
      const to = from + 1 + (from % 4) * 3;
      const whole = Array.from({ length: to - from }, (_, n) => from + n).every((at) => this.held.has(at));
      expect(ranges.covers(1, seq(this.start, from), seq(this.start, to))).toBe(whole);
      const at = stretches.findIndex(([first, end]) => first <= from && from < end);
      expect(ranges.stretchOf(1, seq(this.start, from))).toBe(first + Math.max(0, at));
    }
  }
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 12 })).map(([from, length]) => (r: Reference) => r.adds(from, length)),
  },
  { weight: 2, arbitrary: fc.nat(100).map((next) => (r: Reference) => r.takes(next)) },
  { weight: 1, arbitrary: fc.constant((r: Reference) => r.clears()) },
);

test('the list of gaps holds what a set would, however few it has room for, wherever its numbers begin', () => {
  const start = fc.oneof(fc.integer({ min: -0x80000000, max: 0x7fffffff }), fc.constantFrom(0x7fffffc0, -64, -0x80000000));
  fc.assert(fc.property(fc.integer({ min: 1, max: 6 }), start, fc.array(step, { maxLength: 40 }), (most, from, steps) => {
    const reference = new Reference(most, from);
    for (const run of steps) {
      run(reference);
      reference.agrees();
    }
  }), { numRuns: 300 });
});
