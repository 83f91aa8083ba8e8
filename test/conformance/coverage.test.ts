import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { idsOf, isMust, REQUIREMENTS } from './requirements';

/** Titles of tests as they stand in the files of this folder: `test('...` and `test.each(...)('...`. */
function titles(text: string): string[] {
  return Array.from(text.matchAll(/(?:test|\))\(\s*'((?:[^'\\]|\\.)*)'/g)).map(([, title]) => title!);
}

const files = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.ts') && name !== 'coverage.test.ts');
const texts = files.map((name) => readFileSync(`${__dirname}/${name}`, 'utf8'));
const named = new Set(texts.flatMap(titles).flatMap(idsOf));
const known = new Set(REQUIREMENTS.map(({ id }) => id));

describe('the requirements of RFC 9293', () => {
  test('are 119, each once: MUST-1 to 69, SHLD-1 to 31, MAY-1 to 18 and REC-1', () => {
    const expected = [['MUST', 69], ['SHLD', 31], ['MAY', 18], ['REC', 1]] as const;
    const ids = expected.flatMap(([kind, count]) => Array.from({ length: count }, (_, n) => `${kind}-${n + 1}`));
    expect(REQUIREMENTS.map(({ id }) => id)).toEqual(ids);
    for (const { asks } of REQUIREMENTS) expect(asks).toMatch(/^[A-Z].*\.$/);
  });

  test('every MUST and MUST NOT has a test, and none is declined', () => {
    const musts = REQUIREMENTS.filter(isMust);
    expect(musts).toHaveLength(69);
    expect(musts.filter(({ id }) => !named.has(id)).map(({ id }) => id)).toEqual([]);
    expect(musts.filter(({ declined }) => declined !== undefined)).toEqual([]);
  });

  test('every other one has a test, or stands there with the reason', () => {
    const open = REQUIREMENTS.filter(({ id, declined }) => named.has(id) === (declined !== undefined));
    expect(open.map(({ id }) => id)).toEqual([]);
  });

  test('no title names one that there is not', () => {
    expect([...named].filter((id) => !known.has(id))).toEqual([]);
    // Nor one in brackets that are not understood.
    for (const title of texts.flatMap(titles)) {
      const inBrackets = Array.from(title.matchAll(/(?:MUST|SHLD|MAY|REC)-\d+/g)).map(([id]) => id);
      expect(idsOf(title), title).toEqual(inBrackets);
    }
  });

  test('no test of theirs is left out', () => {
    for (const text of texts) expect(text).not.toMatch(/\b(test|describe)\.(skip|todo|only|skipIf|runIf|fails)\b/);
  });
});
