import { expect, test } from 'vitest';
import { EchoChip, bootNode } from './scripts';

test('pins are objects with names, one for each name', () => {
  const { lines } = bootNode(`print(new Pin('A5') === A5, '' + D13, JSON.stringify({ p: C3 }), A5 instanceof Pin);
    try { digitalRead('Q7'); } catch (e) { print(e.message); }`);
  expect(lines).toEqual(['true D13 {"p":"C3"} true', 'Invalid pin']);
});

test('a pin reads what was written to it', () => {
  const { lines } = bootNode(`digitalWrite(A1, 1); print(digitalRead(A1), A1.read(), digitalRead('A1'));
    digitalWrite([A2, A3, A4], 5); print(digitalRead([A2, A3, A4])); A1.toggle(); print(A1.read()); A1.set(); print(A1.read());`);
  expect(lines).toEqual(['1 true 1', '5', 'false', 'true']);
});

test('INT is a pin, and its watches run from the idle loop', () => {
  const chip = new EchoChip();
  const board = bootNode(`
    setWatch(function (e) { print('fell', e.state, e.pin === B2, digitalRead(B2), e.lastTime); }, B2, { repeat: true, edge: 'falling' });
    setWatch(function (e) { print('rose', e.state); }, B2, { edge: 'rising' });
    var both = setWatch(function (e) { print('both', e.state); clearWatch(both); }, B2, { repeat: true });
  `, chip);
  expect(board.engine.run('digitalRead(B2)')).toBe(1);
  chip.interrupt(true);
  expect(board.lines).toEqual([]);
  board.clock.advance(100);
  expect(board.lines).toEqual(['fell false true 0 undefined', 'both false']);
  chip.interrupt(false);
  board.clock.advance(100);
  chip.interrupt(true);
  chip.interrupt(false);
  board.clock.advance(100);
  expect(board.lines.slice(2)).toEqual(['rose true', expect.stringMatching(/^fell false true 1 \d/)]);
});

test('RESET is a pin, and pulses take time', () => {
  const chip = new EchoChip();
  const board = bootNode('var t = getTime(); digitalPulse(B3, 0, 1); print(B3.read()); digitalPulse(B3, 0, 0); print(B3.read(), getTime() - t >= 0.001);', chip);
  expect(board.lines).toEqual(['false', 'true true']);
  expect(chip.log).toEqual(['reset', 'run']);
});

test('a loop that waits for time to pass ends', () => {
  const board = bootNode('var end = getTime() + 0.01; while (getTime() < end); print("over");');
  expect(board.lines).toEqual(['over']);
  expect(board.clock.now).toBeGreaterThanOrEqual(10_000);
});

test('the script sees nothing of Node', () => {
  const { lines } = bootNode(`print(typeof Buffer, typeof fetch, typeof setImmediate, typeof module, typeof process.exit, typeof process.binding);
    print(typeof setTimeout.constructor('return typeof Buffer')(), setTimeout.constructor('return typeof Buffer')());
    print(require.constructor === Function, SPI1.send.constructor === Function, E.sum.constructor === Function);
    try { require('fs'); } catch (e) { print(e instanceof Error, e.message); }`);
  expect(lines).toEqual([
    'undefined undefined undefined undefined undefined undefined', 'string undefined', 'true true true', 'true Module "fs" not found',
  ]);
});

test('errors are reported with their place, and the script goes on', () => {
  const board = bootNode('setTimeout(function () { missing(); }, 1); setTimeout(function () { print("on"); }, 2);');
  board.clock.advance(5000);
  expect(board.lines).toEqual(['Uncaught ReferenceError: missing is not defined', 'on']);
});
