import { describe, expect, it } from 'vitest';
import { isInstalled, noJerry, titled } from '../tools';
import { jerryTable, measureJerry } from './jerry';

describe.skipIf(noJerry)(titled('the bench in JerryScript', noJerry), () => {
  it('counts what a segment received costs, or says how much longer than a ping it takes', () => {
    const figures = measureJerry('receive512');
    const { instructions, ratio } = figures['receive512']!;
    if (isInstalled('valgrind')) {
      expect(instructions).toBeGreaterThan(100_000);
      expect(Math.abs(measureJerry('receive512')['receive512']!.instructions! - instructions!)).toBeLessThan(instructions! / 100);
    } else {
      expect(instructions).toBeNull();
    }
    expect(ratio).toBeGreaterThan(1);
    expect(jerryTable(figures)[2]).toContain('512 octets received');
  }, 200_000);
});
