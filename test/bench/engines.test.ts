import { describe, expect, it } from 'vitest';
import { noEngine, titled, whyNotInstalled } from '../tools';
import { enginesTable, measureEspruino } from './engines';

const noCounts = noEngine ?? whyNotInstalled('valgrind');

describe.skipIf(noCounts)(titled('the engine bench', noCounts), () => {
  it('counts what a ping costs, to the instruction, and what of it is the native copies and sums', async () => {
    const first = await measureEspruino('echo');
    const { instructions, floor, ratio, variables } = first['echo']!;
    expect(floor).toBeGreaterThan(100_000);
    expect(instructions).toBeGreaterThan(floor!);
    expect(ratio).toBeCloseTo(instructions! / floor!, 1);
    expect(variables.highest).toBeGreaterThan(variables.before);
    // What the bench itself keeps of 28 repetitions is all that is left.
    expect(variables.after - variables.before).toBeLessThan(100);
    const again = await measureEspruino('echo');
    expect(Math.abs(again['echo']!.instructions! - instructions!)).toBeLessThan(instructions! / 1000);
    expect(enginesTable(first)[2]).toContain('a ping of 56 octets answered');
  }, 200_000);
});
