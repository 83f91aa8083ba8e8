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

/** How many rows each section has in RFC 1122's summary tables. */
const ROWS_1122 =
  '2.3.1:2 2.3.2.1:3 2.3.2.2:1 2.3.3:6 2.4:3 3.1:9 3.2.1.1:1 3.2.1.2:1 3.2.1.3:5 3.2.1.4:1 3.2.1.5:1 3.2.1.6:3 3.2.1.7:4 ' +
  '3.2.1.8:3 3.2.2:10 3.3.8:1 3.2.2.1:4 3.2.2.2:4 3.2.2.3:3 3.2.2.4:1 3.2.2.5:3 3.2.2.6:10 3.2.2.7:1 3.2.2.8:8 3.2.2.9:12 ' +
  '3.3.1.1:2 3.3.1.2:6 3.3.1.3:2 3.3.1.4:6 3.3.1.5:1 3.3.1.6:1 3.3.2:6 3.3.3:5 3.3.4.2:4 3.3.5:10 3.3.6:7 3.3.7:4 3.4:6 ' +
  '4.1.3.1:1 4.1.3.2:3 4.1.3.3:1 4.1.3.4:5 4.1.3.5:4 4.1.3.6:2 4.1.4:3';

describe('the requirements', () => {
  test('of RFC 9293 are 119, each once: MUST-1 to 69, SHLD-1 to 31, MAY-1 to 18 and REC-1', () => {
    const expected = [['MUST', 69], ['SHLD', 31], ['MAY', 18], ['REC', 1]] as const;
    const ids = expected.flatMap(([kind, count]) => Array.from({ length: count }, (_, n) => `${kind}-${n + 1}`));
    expect(REQUIREMENTS.filter(({ rfc }) => rfc === 9293).map(({ id }) => id)).toEqual(ids);
  });

  test('of RFC 1122 for link, IP, ICMP and UDP are all rows of its tables, each once', () => {
    const ids = ROWS_1122.split(' ').flatMap((section) => {
      const [name, count] = section.split(':');
      return Array.from({ length: Number(count) }, (_, n) => `1122-${name}-${n + 1}`);
    });
    const rows = REQUIREMENTS.filter(({ rfc }) => rfc === 1122);
    expect(rows.map(({ id }) => id).sort()).toEqual(ids.sort());
    const levels = Object.fromEntries(['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'MAY'].map((name) => [name, rows.filter(({ level }) => level === name).length]));
    expect(levels).toEqual({ MUST: 97, 'MUST NOT': 14, SHOULD: 36, 'SHOULD NOT': 4, MAY: 28 });
  });

  test('each is a sentence', () => {
    for (const { asks } of REQUIREMENTS) expect(asks).toMatch(/^[A-Z].*\.$/);
  });

  test('every MUST and MUST NOT has a test, and none is declined', () => {
    const musts = REQUIREMENTS.filter(isMust);
    expect(musts).toHaveLength(69 + 97 + 14);
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
      const inBrackets = Array.from(title.matchAll(/(?:MUST|SHLD|MAY|REC|1122-[\d.]+)-\d+/g)).map(([id]) => id);
      expect(idsOf(title), title).toEqual(inBrackets);
    }
  });

  test('no test of theirs is left out', () => {
    for (const text of texts) expect(text).not.toMatch(/\b(test|describe)\.(skip|todo|only|skipIf|runIf|fails)\b/);
  });
});
