import { bootOnLocalhost, echoThrough } from '../interop/localhost-board';
import type { LocalhostBoard } from '../interop/localhost-board';
import { helloFor } from '../interop/products';
import { flood, Intruder, nonsense } from '../interop/storm';
import type { Target } from '../interop/storm';
import { noise } from '../src/lan';

const BOARD = 'pico';
const OCTETS = 50_000;
/** Frames of strangers after each exchange of octets. */
const STRANGERS = 500;
const WARM_UP = 4;
/** Looks at the memory while nothing goes on, and milliseconds that they may take. */
const LOOKS = 5;
const PATIENCE = 60_000;
/**
 * Variables that may be more in use at the end: a board that finds INT low twice and was not told, as on a machine with
 * much else to do, watches it anew, three times at most (`Pump`), and each watch takes eleven.
 */
const WATCHES = 33;

const pause = (milliseconds: number) => new Promise<void>((resolve) => void setTimeout(resolve, milliseconds));

/** What the memory of a real interpreter did while it ran the flashed script. */
export interface MemoryResult {
  board: string;
  frames: number;
  seed: number;
  seconds: number;
  /** Variables in use before and after, from `process.memory().usage` while nothing went on. */
  before: number;
  after: number;
  failures: string[];
}

/** The least that is in use in `LOOKS` looks; the script prints it now and then. */
async function lowestUsage(lines: string[]): Promise<number> {
  lines.length = 0;
  for (let waited = 0; lines.length < LOOKS && waited < PATIENCE; waited += 100) await pause(100);
  return Math.min(...lines.map((line) => Number(/^usage (\d+)$/.exec(line)?.[1] ?? Infinity)));
}

/** The board's own addresses, for strangers to write to. */
async function targetOf({ board, portOf }: LocalhostBoard): Promise<Target> {
  let hardware: number[] = [];
  const untap = board.wire.tap((frame) => {
    // An IPv4 frame of the board's, 10.77.0.2.
    if (frame[12] === 8 && frame[13] === 0 && frame[29] === 2) hardware = Array.from(frame.slice(6, 12));
  });
  await echoThrough(portOf(7), Buffer.from('hello'));
  untap();
  return { hardware, address: 0x0a4d0002 };
}

/**
 * Has the script that is flashed run in real Espruino, with data, pages and strangers' frames, until the wire has
 * carried so many frames, and compares the interpreter's memory before and after.
 */
export async function runMemorySoak(frames: number, seed: number, tell: (line: string) => void): Promise<MemoryResult> {
  const started = Date.now();
  const result: MemoryResult = { board: BOARD, frames: 0, seed, seconds: 0, before: 0, after: 0, failures: [] };
  const telling = ';setInterval(function () { print("usage", process.memory().usage); }, 200);';
  const booted = await bootOnLocalhost(BOARD, { engine: 'espruino', script: helloFor(BOARD).script + telling });
  const { board, lines, portOf } = booted;
  try {
    const target = await targetOf(booted);
    const intruder = new Intruder(board.wire, board.realTime);
    const page = `http://127.0.0.1:${portOf(80)}/`;
    const load = async (round: number): Promise<void> => {
      const octets = Buffer.from(noise(OCTETS, seed + round));
      const echoed = await echoThrough(portOf(7), octets).catch((error: Error) => Buffer.from(error.message));
      if (!octets.equals(echoed)) result.failures.push(`round ${round}: of the octets came back ${echoed.subarray(0, 40).toString('latin1')}`);
      const answer = await fetch(page, { headers: { connection: 'close' } });
      if (answer.status !== 200 || !(await answer.text()).includes('Hello')) result.failures.push(`round ${round}: no page`);
      await intruder.send(round % 2 === 0 ? flood(seed + round, STRANGERS, target) : nonsense(seed + round, STRANGERS, target));
    };
    const atRest = async (): Promise<number> => {
      await pause(3000);
      return lowestUsage(lines);
    };
    // The first rounds bring everything to where it stays: sockets once used, neighbours known.
    for (let round = 0; round < WARM_UP; round++) await load(round);
    result.before = await atRest();
    tell(`${result.before} variables in use after the first rounds`);
    const start = board.wire.counts.sent;
    for (let round = WARM_UP; board.wire.counts.sent - start < frames; round++) {
      await load(round);
      if (round % 10 === 0) tell(`${board.wire.counts.sent - start} frames: ${await atRest()} variables in use`);
    }
    result.frames = board.wire.counts.sent - start;
    result.after = await atRest();
    for (let waited = 0; waited < PATIENCE && result.after > result.before + WATCHES; waited += 5000) {
      await pause(5000);
      result.after = await atRest();
    }
    if (!(result.after <= result.before + WATCHES)) result.failures.push(`${result.after - result.before} variables more than before`);
    result.failures.push(...board.errors, ...board.violations.map(String));
  } finally {
    await board.stop();
  }
  result.seconds = Math.round((Date.now() - started) / 1000);
  return result;
}

/** Runs it and prints what happened. @returns true when the memory is where it was */
export async function memorySoak(frames: number, seed: number, json: boolean): Promise<boolean> {
  const result = await runMemorySoak(frames, seed, (line) => void (json || console.log(line)));
  const { before, after, failures } = result;
  if (json) {
    console.log(JSON.stringify(result));
  } else {
    console.log(`${result.frames} frames in ${result.seconds} s: ${before} variables in use before, ${after} after`);
    for (const failure of new Set(failures)) console.log(`FAILED: ${failure.replace(/\n[ ^\n]*\n/g, '\n')}`);
  }
  return failures.length === 0;
}
