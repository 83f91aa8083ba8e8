import { describe, expect, it } from 'vitest';
import { boards } from '../../boards/index';
import { measureBoard, measureParts } from '../../boards/virtual/size';
import { noEngine, titled } from '../tools';

/** Variables that the hello app needs besides: with so many free, a page, four echoes and six pages at once go through. */
const APPLICATION = 800;

describe.skipIf(noEngine)(titled('what the flashed script takes of the interpreter\'s variables', noEngine), () => {
  it.each(Object.keys(boards))('%s holds it, with room for the application', async (name) => {
    const { variables, taken, left } = await measureBoard(name);
    console.log(`${name}: ${taken} of ${variables} variables`);
    expect(left).toBe(variables - taken);
    expect(left).toBeGreaterThan(APPLICATION);
  }, 120_000);
});

describe('what the parts of the flashed script take', () => {
  it('is told for each room, and the functions of TCP are most of it', () => {
    const parts = measureParts('pico');
    expect(parts.map(({ part }) => part)).toEqual(expect.arrayContaining(['src/tcp', 'src/ip', 'src/link', 'hal/enc28j60', 'boards/espruino']));
    expect(parts[0]!.part).toBe('src/tcp');
    for (const { bytes, functions, variables } of parts) {
      expect(bytes).toBeGreaterThan(0);
      expect(variables).toBeGreaterThanOrEqual(functions * 5);
    }
  });
});
