import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { advance, after, before, distance } from '../../../src/wire/sequence';

const number = fc.integer({ min: -0x80000000, max: 0x7fffffff });
const step = fc.integer({ min: 1, max: 0x7fffffff });
const wrap = (value: bigint) => Number(BigInt.asIntN(32, value));

test('advance is addition modulo 2^32, as a signed integer', () => {
  fc.assert(fc.property(number, number, (a, count) => {
    expect(advance(a, count)).toBe(wrap(BigInt(a) + BigInt(count)));
  }));
});

test('what is further on comes after, and the other way round before', () => {
  fc.assert(fc.property(number, step, (a, count) => {
    const b = advance(a, count);
    expect([after(b, a), before(a, b), after(a, b), before(b, a)]).toEqual([true, true, false, false]);
    expect(distance(a, b)).toBe(count);
    expect(distance(b, a)).toBe(-count);
  }));
});

test('nothing comes before or after itself', () => {
  fc.assert(fc.property(number, (a) => {
    expect([before(a, a), after(a, a), distance(a, a)]).toEqual([false, false, 0]);
  }));
});
