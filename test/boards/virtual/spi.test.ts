import { describe, expect, test } from 'vitest';
import { EchoChip, bootNode } from './scripts';

/** Runs a script to its end. @returns what it printed, and what the chip saw */
function run(script: string) {
  const chip = new EchoChip();
  const lines = bootNode(`var cs = B1; ${script}`, chip).finish(20);
  return { lines, log: chip.log };
}

describe('SPI.send', () => {
  test.each([
    ['a number', 'typeof SPI1.send(5, cs), SPI1.send(5, cs)', 'number 250'],
    ['a string', 'JSON.stringify(SPI1.send("\\x0f\\xff", cs))', JSON.stringify('\xf0\0')],
    ['an array', 'SPI1.send([1, 2], cs) instanceof Uint8Array, SPI1.send([1, 2], cs).join()', 'true 254,253'],
    ['a typed array', 'SPI1.send(new Uint8Array([7, 8, 9]), cs).join()', '248,247,246'],
    ['an array of bigger numbers', 'SPI1.send(new Uint16Array([0x101, 2]), cs).join()', '254,253'],
    ['data and count', 'SPI1.send({ data: 0, count: 3 }, cs).join()', '255,255,255'],
    ['everything nested', 'SPI1.send([1, [2, "A"], { data: [3, 4], count: 2 }, { callback: function () { return 5; } }], cs).join()', '254,253,190,252,251,252,251,250'],
    ['nothing', 'SPI1.send([], cs).length', '0'],
    ['a bus without a chip', 'SPI2.send([1, 2], cs).join(), SPI3.send(1)', '255,255 255'],
    ['the chip not selected', 'SPI1.send([1, 2]).join()', '255,255'],
    ['another pin', 'SPI1.send([1], B7).join(), digitalRead(B7)', '255 1'],
  ])('%s', (_, expression, printed) => {
    expect(run(`print(${expression});`).lines).toEqual([printed]);
  });

  test('is one instruction under chip select', () => {
    expect(run('SPI1.send([1, 2], cs);').log).toEqual(['select', 1, 2, 'deselect']);
  });

  test('gives a fresh array each time', () => {
    expect(run('var a = SPI1.send([1], cs), b = SPI1.send([2], cs); print(a !== b, a[0]);').lines).toEqual(['true 254']);
  });
});

test('SPI.write takes any number of arguments, with the pin last, and returns nothing', () => {
  const { lines, log } = run('print(SPI1.write(1, [2, new Uint8Array([3])], "\\x04", { data: 5, count: 2 }, cs)); SPI1.write(6);');
  expect(lines).toEqual(['undefined']);
  expect(log).toEqual(['select', 1, 2, 3, 4, 5, 5, 'deselect']);
});

test('chip select by hand holds for several calls', () => {
  expect(run('digitalWrite(cs, 0); SPI1.write(1); print(SPI1.send(2)); cs.write(1);')).toEqual({ lines: ['253'], log: ['select', 1, 2, 'deselect'] });
});

test('what is no data is refused, and chip select rises', () => {
  const { lines, log } = run('try { SPI1.send([{ what: 1 }], cs); } catch (e) { print(e instanceof TypeError, e.message); } SPI1.write(undefined, cs);');
  expect(lines[0]).toBe('true An object of data must be {data, count} or {callback}');
  expect(lines[1]).toMatch(/^Uncaught TypeError: Data must be numbers, text or arrays of them, not undefined/);
  expect(log).toEqual(['select', 'deselect', 'select', 'deselect']);
});
