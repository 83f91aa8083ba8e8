import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { moveCold } from '../../boards/cold.mjs';

/** What a script leaves in `out`. */
function outcome(text: string): unknown {
  const global = { out: undefined as unknown };
  runInNewContext(text, global);
  return global.out;
}

function same(text: string): string {
  const moved = moveCold(text);
  expect(outcome(moved)).toEqual(outcome(text));
  return moved;
}

describe('the build moves cold functions out of the way', () => {
  test('and calls of them find them', () => {
    const moved = same('function a(x,y){"cold";return x+y}function b(x){return a(x,2)*2}out=b(3);');
    expect(moved).not.toMatch(/function a\(/);
    expect(moved).toMatch(/^function \$0\(i\)\{if\(i===0\)return function\(x,y\)\{return x\+y\};\}/);
  });

  test('that call one another, and themselves', () => {
    same('function a(n){"cold";return n?n*a(n-1):b()}function b(){"cold";return 1}out=a(5);');
  });

  test('inside the wrapper of a script, where their names still mean the same', () => {
    const moved = same('(function(){var k=7;function a(){"cold";return k}out=a()})();');
    expect(moved.startsWith('(function(){function $0(i)')).toBe(true);
  });

  test('and leaves a variable of the same name elsewhere alone', () => {
    same('function a(){"cold";return 1}function b(a){return a(4)}out=[a(),b(function(x){return x})];');
  });

  test('in several holders when they are long', () => {
    const long = (name: string) => `function ${name}(){"cold";return "${'x'.repeat(1500)}${name}".length}`;
    const moved = same(`${long('a')}${long('b')}${long('c')}out=[a(),b(),c()];`);
    expect(moved.match(/function \$\d\(i\)/g)).toHaveLength(3);
  });

  test('unless there are none', () => {
    expect(moveCold('function a(){return 1}out=a();')).toBe('function a(){return 1}out=a();');
  });

  test('and refuses one that is used as a value', () => {
    expect(() => moveCold('function a(){"cold";return 1}var t=[a];')).toThrow('The cold function a is used as a value');
  });
});
