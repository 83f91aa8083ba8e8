import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Platform } from '../../hal/hal';

let seconds = 0;
let now: () => number;
let setClock: (seconds: number) => void;

beforeEach(async () => {
  seconds = 1_700_000_000;
  vi.stubGlobal('getTime', () => seconds);
  vi.stubGlobal('setTime', (time: number) => { seconds = time; });
  vi.resetModules();
  // Written for Espruino's globals, and checked with its types.
  ({ now, setClock } = (await import('../../hal/espruino' as string)) as { now: () => number; setClock: (seconds: number) => void });
});
afterEach(() => vi.unstubAllGlobals());

/** Milliseconds that pass for the stack while the board's clock moves on so many seconds. */
function passes(more: number): number {
  const before = now();
  seconds += more;
  return (now() - before) | 0;
}

test('time goes on as the board\'s clock does', () => {
  expect(passes(0.25)).toBe(250);
  expect(passes(60)).toBe(60_000);
});

test.each([
  ['back to the beginning', -1_700_000_000],
  ['back a little', -0.5],
  ['on by a day', 86_400],
  ['on by what is negative in 32 bits', 2_200_000],
  ['on by decades', 1_000_000_000],
])('time stands still when setTime moves the clock %s, and then goes on', (_, step) => {
  expect(passes(1)).toBe(1000);
  expect(passes(step)).toBe(0);
  expect(passes(1)).toBe(1000);
});

test.each([-1e9, -40, -0.25, 0, 0.003, 0.9, 30, 65, 66, 1e5, 3e9])('the stack does not notice when its own client sets the clock %d s on', (step) => {
  expect(passes(1)).toBe(1000);
  const before = now();
  setClock(seconds + step);
  expect(seconds - 1_700_000_001).toBeCloseTo(step, 5);
  expect(Math.abs(now() - before)).toBeLessThanOrEqual(1);
  expect(Math.abs(passes(1) - 1000)).toBeLessThanOrEqual(1);
});

test('it wraps after 32 bits', () => {
  for (let minutes = 0; minutes < 72_000; minutes++) expect(passes(60)).toBe(60_000);
  expect(now()).toBe((72_000 * 60_000) | 0);
});

describe('SHA-256 is the firmware\'s own', () => {
  const sha256 = (octets: Uint8Array): Buffer => createHash('sha256').update(octets).digest();
  const text = readFileSync(join(import.meta.dirname, '../../hal/espruino.ts'), 'utf8');
  const { outputText } = ts.transpileModule(text, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 } });

  /** The platform in a world whose `require` knows this module. */
  function platform(crypto: () => unknown): Platform {
    const exports: { EspruinoPlatform?: new () => Platform } = {};
    const require = (name: string): unknown => (name === 'crypto' ? crypto() : {});
    new Function('require', 'exports', 'getSerial', outputText)(require, exports, () => '12345678');
    return new exports.EspruinoPlatform!();
  }

  test('of which the first four octets are taken', () => {
    const octets = Uint8Array.of(1, 2, 3);
    const found = platform(() => ({ SHA256: (given: Uint8Array) => Uint8Array.from(sha256(given)).buffer }));
    expect(found.digest(octets)).toBe(sha256(octets).readInt32BE());
  });

  test.each([
    ['the module', () => { throw new Error('Module crypto not found'); }],
    ['this hash', () => ({ SHA1: () => new ArrayBuffer(20) })],
    ['memory for it', () => ({ SHA256: () => undefined })],
  ])('and is not there where the firmware does not have %s', (_, crypto) => {
    expect(platform(crypto).digest(Uint8Array.of(1))).toBeNull();
  });
});
