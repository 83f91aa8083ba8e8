import { describe, expect, test } from 'vitest';
import { wholeNumber } from './tools';

describe('a whole number from the environment', () => {
  test.each([[undefined, 7], ['', 7], ['12', 12], ['-3', -3]])('SEED=%s is %i', (SEED, value) => {
    expect(wholeNumber('SEED', 7, undefined, { SEED })).toBe(value);
  });

  test.each(['x', '1.5', ' ', 'NaN', '1e300', '5 6'])('SEED=%s is refused', (SEED) => {
    expect(() => wholeNumber('SEED', 7, undefined, { SEED })).toThrow(`SEED=${SEED} is not a whole number.`);
  });

  test('as is one that is too small', () => {
    expect(wholeNumber('SCHEDULES', 7, 1, { SCHEDULES: '1' })).toBe(1);
    expect(() => wholeNumber('SCHEDULES', 7, 1, { SCHEDULES: '0' })).toThrow('SCHEDULES=0 is not a whole number, 1 or more.');
  });
});
