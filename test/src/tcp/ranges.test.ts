import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ranges } from '../../../src/tcp/ranges';

const START = 0x7fffffc0;
const stretch = fc.record({ from: fc.integer({ min: 1, max: 120 }), length: fc.integer({ min: 1, max: 40 }) });
const seq = (offset: number) => (START + offset) | 0;

/** How many numbers from `next` on are held without a gap. */
function run(held: ReadonlySet<number>, next: number): number {
  let count = 0;
  while (held.has(next + count)) count++;
  return count;
}

test('it holds what was added, whatever the order, and hands out what a number has reached', () => {
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 12 }), fc.integer({ min: 0, max: 130 }), (stretches, next) => {
      const ranges = new Ranges(3, 20);
      const held = new Set<number>();
      for (const { from, length } of stretches) {
        expect(ranges.add(1, seq(from), seq(from + length))).toBe(true);
        for (let at = from; at < from + length; at++) held.add(at);
      }
      let apart = 0;
      for (const at of held) if (!held.has(at - 1)) apart++;
      expect(ranges.counts[1]).toBe(apart);
      const reached = run(held, next);
      expect(ranges.takeUpTo(1, seq(next))).toBe(reached);
      for (const at of [...held]) if (at < next + reached) held.delete(at);
      apart = 0;
      for (const at of held) if (!held.has(at - 1)) apart++;
      expect(ranges.counts[1]).toBe(apart);
    }),
    { numRuns: 2000 },
  );
});

test('a stretch for which there is no room is refused, one that touches another is not', () => {
  const ranges = new Ranges(3, 2);
  expect(ranges.add(1, seq(10), seq(20))).toBe(true);
  expect(ranges.add(1, seq(30), seq(40))).toBe(true);
  expect(ranges.add(1, seq(50), seq(60))).toBe(false);
  expect(ranges.add(1, seq(20), seq(30))).toBe(true);
  expect(ranges.counts[1]).toBe(1);
  expect(ranges.takeUpTo(1, seq(10))).toBe(30);
});
