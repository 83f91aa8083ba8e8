import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inlineCalls } from '../../boards/inline.mjs';

const imports = "import { advance, before } from '../wire/sequence';\nimport { get16 } from '../wire/bytes';\n";

/** What becomes of a line in a file of src/tcp. */
function inlined(line: string, from = imports): string {
  const result = inlineCalls(resolve('src/tcp/planted.ts'), from + line);
  expect(result.startsWith(from)).toBe(true);
  return result.slice(from.length);
}

describe('the build puts one-line functions in place of calls', () => {
  test('with their arguments in parentheses', () => {
    expect(inlined('a = before(c.x, d);')).toBe('a = ((((c.x) - (d)) | 0) < 0);');
  });

  test('also inside of one another', () => {
    expect(inlined('a = before(advance(b, 1 + 2), d);')).toBe('a = (((((((b) + (1 + 2)) | 0)) - (d)) | 0) < 0);');
  });

  test('but not when an argument would be computed twice', () => {
    expect(inlined('a = get16(frame, at + 2);')).toBe('a = get16(frame, at + 2);');
    expect(inlined('a = get16(frame, at);')).toBe('a = (((frame)[(at)] << 8) | (frame)[(at) + 1]);');
  });

  test('and not a function of the same name from elsewhere', () => {
    expect(inlined('a = before(b, c);', "import { before } from './other';\n")).toBe('a = before(b, c);');
  });
});
