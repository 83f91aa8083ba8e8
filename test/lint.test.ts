import { ESLint } from 'eslint';
import { describe, expect, test } from 'vitest';

const lint = new ESLint({ overrideConfigFile: 'test/eslint.config.mjs' });

async function faults(filePath: string, code: string): Promise<string[]> {
  const [result] = await lint.lintText(code, { filePath });
  return result!.messages.map(({ message }) => message);
}

describe('lint finds what src/ and hal/enc28j60/ must not make on a path that repeats', () => {
  test.each([
    ['an object literal', 'export function f() { return { a: 1 }; }'],
    ['an array literal', 'export function f() { return [1]; }'],
    ['a closure', 'export function f() { return () => 1; }'],
    ['a function expression', 'export function f() { return function () { return 1; }; }'],
    ['new', 'export function f() { return new Uint8Array(4); }'],
    ['new in a method', 'export class A { m() { return new A(); } }'],
    ['a template', 'export function f(a: number) { return `${a}`; }'],
    ['a string put together', "export function f(a: number) { return 'x' + a; }"],
    ['a view', 'export function f(a: Uint8Array) { return a.subarray(1); }'],
    ['a slice', 'export function f(a: Uint8Array) { return a.slice(1); }'],
  ])('%s', async (_name, code) => {
    expect((await faults('src/tcp/planted.ts', code)).join()).toContain('allocate nothing');
    expect((await faults('hal/enc28j60/planted.ts', code)).join()).toContain('allocate nothing');
  });

  test('and lets pass what is made once, and the sentence of an error', async () => {
    const code = `
const NAMES = ['a', 'b'];
export class A {
  private readonly ring: Uint8Array;
  private readonly other = new Uint8Array(4);
  constructor(size: number) { this.ring = new Uint8Array(size); }
  name(at: number) {
    if (at > 1) throw new Error('name: ' + at + ' is not 0 or 1');
    return NAMES[at] + this.ring.length + this.other.length;
  }
}`;
    expect(await faults('src/tcp/planted.ts', code)).toEqual([]);
  });
});

describe('lint keeps imports pointing down', () => {
  test.each([
    ['src/tcp/planted.ts', '../../boards/pico'],
    ['src/tcp/planted.ts', '../../hal/espruino'],
    ['src/tcp/planted.ts', 'node:fs'],
    ['src/stack.ts', '../hal/enc28j60/driver'],
    ['hal/enc28j60/planted.ts', '../../src/stack'],
    ['hal/enc28j60/planted.ts', '../espruino'],
    ['hal/espruino.ts', '../src/stack'],
    ['hal/mock/planted.ts', '../../src/stack'],
    ['boards/espruino/planted.ts', '../virtual/main'],
  ])('%s may not import %s', async (file, from) => {
    expect((await faults(file, `import { x } from '${from}';\nx();\n`)).join()).toContain('import rules');
  });

  test.each([
    ['src/tcp/planted.ts', '../wire/bytes'],
    ['src/stack.ts', './tcp/tcp'],
    ['hal/enc28j60/planted.ts', './registers'],
    ['boards/espruino/planted.ts', '../../src/stack'],
  ])('%s may import %s', async (file, from) => {
    expect(await faults(file, `import { x } from '${from}';\nx();\n`)).toEqual([]);
  });
});
