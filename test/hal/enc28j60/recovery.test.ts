import { describe, expect, it } from 'vitest';
import { Repair } from '../../../hal/enc28j60/repairs';
import { ILLNESSES } from './illnesses';
import { Ward } from './ward';

const SEEDS = 200;
const REVISIONS = ['B1', 'B4', 'B5', 'B7'] as const;
/** Milliseconds that the driver has to be well again. */
const PATIENCE = 3000;

describe.each(ILLNESSES)('after $name', ({ strike, causes, options, breaksRules }) => {
  it(`the driver receives and sends within 3 seconds, and hands nothing over corrupt or twice (${SEEDS} seeds)`, () => {
    const rulesKept = !breaksRules;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const revision = REVISIONS[seed % 4]!;
      const ward = new Ward({ ...options, seed, revision, strict: rulesKept, twoFrames: seed % 3 === 0 });
      const note = `seed ${seed}, revision ${revision}`;
      ward.run(100);
      const before = ward.driver.repairs.slice();
      strike(ward);
      const end = ward.clock.now;
      expect(ward.untilWell(PATIENCE), note).toBeLessThan(PATIENCE);
      ward.run(PATIENCE - (ward.clock.now - end) / 1000);
      expect(ward.losses(500), note).toEqual({ incoming: [], outgoing: [] });
      expect(ward.faults, note).toEqual([]);
      expect(ward.chip.violations, note).toEqual([]);
      const counted = causes.filter((cause) => ward.driver.repairs[cause]! > before[cause]!);
      expect(counted.length > 0 || causes.length === 0, `${note}: counted under ${[...ward.driver.repairs]}`).toBe(true);
      expect(ward.driver.repairs[Repair.REQUEST], note).toBe(0);
    }
  }, 300_000);
});
