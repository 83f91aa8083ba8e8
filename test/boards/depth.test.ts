import { afterEach, expect, test } from 'vitest';
import { bootOnLocalhost, echoThrough, type LocalhostBoard } from '../interop/localhost-board';

/**
 * Calls that may be one in the other. One takes some 400 octets of the interpreter's stack on an ARM (`-Os` and `-Og`), an
 * ESP32-C3 has 15,000 for it, and what a native function of the bus and an interrupt take has to fit there too.
 */
const MOST = 24;

let booted: LocalhostBoard | undefined;
afterEach(() => booted?.board.stop());

/** Functions of the flashed script that wait for the one that is running. */
function depth(): number {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = Infinity;
  const frames = new Error().stack!.split('\n').filter((line) => line.includes('-hello.js'));
  Error.stackTraceLimit = limit;
  // Here a text that Espruino runs in a function's place has a frame besides that function's.
  return frames.length - frames.filter((line) => line.includes('(eval at ')).length;
}

test.each(['pico', 'esp32', 'esp32c3'])('%s: no way through the stack is deeper than the smallest board\'s interpreter allows', async (name) => {
  booted = await bootOnLocalhost(name, { wire: { loss: 0.03, seed: 1 } }, false);
  const { board, portOf } = booted;
  let deepest = 0;
  const select = board.chip.select.bind(board.chip);
  board.chip.select = () => {
    deepest = Math.max(deepest, depth());
    select();
  };
  await board.start();
  const page = `http://127.0.0.1:${portOf(80)}/`;
  for (let round = 0; round < 3; round++) {
    expect((await fetch(page, { headers: { connection: 'close' } })).status).toBe(200);
    expect(await echoThrough(portOf(7), Buffer.alloc(5000, round))).toEqual(Buffer.alloc(5000, round));
  }
  expect(board.errors).toEqual([]);
  expect(deepest).toBeGreaterThan(10);
  expect(deepest).toBeLessThanOrEqual(MOST);
});
