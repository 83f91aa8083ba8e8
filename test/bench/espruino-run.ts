import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HarnessOptions, type Recording, done, flashRead, harness, mark, report } from './espruino-harness';
import { Recorder } from './recorder';
import type { Scenario } from './scenarios';

/** Variables of the interpreter in use: before the repetitions, at the highest during them, and after. */
export interface Variables {
  before: number;
  highest: number;
  after: number;
}

/** Milliseconds that a run may take. */
const PATIENCE = 60_000;
/** Ends Espruino's Linux build, as from a keyboard. An end of file would not: it is taken for a key that is held. */
const endOfTransmission = '\x04';

/** Runs a script in a directory of its own. @returns what was printed, and what `look` makes of the directory */
async function runs<T>(words: string[], script: string, look: (directory: string) => T): Promise<{ lines: string[]; found: T }> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const path = join(directory, 'script.js');
    writeFileSync(path, script, 'latin1');
    const lines = await linesOf([...words, path], directory);
    const fault = lines.find((line) => line.startsWith(`${report}error`)) ?? lines.find((line) => line.startsWith('Uncaught'));
    if (fault !== undefined) throw new Error(fault.replace(report, ''));
    return { lines, found: look(directory) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function linesOf([command, ...words]: string[], directory: string): Promise<string[]> {
  const child = spawn(command!, words, { cwd: directory, stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (piece: Buffer) => {
    text += piece.toString('latin1');
    if (text.includes(done) && !child.stdin.writableEnded) child.stdin.end(endOfTransmission);
  });
  child.stdin.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`The interpreter was not done within ${PATIENCE / 1000} s:\n${text.slice(-2000)}`));
    }, PATIENCE);
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(limit);
      resolve(text.split(/\r?\n/));
    });
  });
}

/** Runs a scenario over the simulated chip. @returns what the script was answered, and the variables it had in use */
export async function record(
  binary: string, scenario: Scenario, common: Pick<HarnessOptions, 'module' | 'parts'>,
): Promise<{ recording: Recording; variables: Variables }> {
  const recorder = new Recorder(scenario);
  try {
    await runs([binary], harness({ ...common, scenario: scenario.script, pipes: recorder.pipes }), () => undefined);
    const [before, highest, after] = recorder.finish().split(' ').map(Number) as [number, number, number];
    return { recording: recorder.recording, variables: { before, highest, after } };
  } finally {
    recorder.close();
  }
}

/** What one repetition of the last part took more than one of the part before would account for. */
function perRepetition(counts: number[], parts: readonly number[]): number {
  const last = parts.length - 1;
  if (counts.length <= last) throw new Error(`The interpreter was measured ${counts.length} times instead of ${parts.length}.`);
  return (counts[last]! - counts[last - 1]!) / (parts[last]! - parts[last - 1]!);
}

/** Counts the instructions of one repetition under callgrind. */
export async function countInstructions(binary: string, options: HarnessOptions): Promise<number> {
  const callgrind = ['valgrind', '-q', '--tool=callgrind', '--separate-threads=yes', `--dump-before=${mark}`];
  const { found } = await runs([...callgrind, '--callgrind-out-file=counts', binary], harness(options), countsBetweenMarks);
  return perRepetition(found, options.parts);
}

/** The instructions of the interpreter's own thread after each mark but the last, less those for the file that is its flash. */
function countsBetweenMarks(directory: string): number[] {
  const number = (name: string): number => Number(/\d+/.exec(name));
  const files = readdirSync(directory).filter((name) => /^counts\.\d+-01$/.test(name)).sort((a, b) => number(a) - number(b));
  return files.slice(1).map((name) => {
    const dump = readFileSync(join(directory, name), 'latin1');
    return Number(/^totals: (\d+)/m.exec(dump)![1]) - costOf(flashRead, dump);
  });
}

/** What calls of a native function took, with all that it calls, by a dump of callgrind's. */
function costOf(name: string, dump: string): number {
  const id = new RegExp(`^c?fn=\\((\\d+)\\) ${name}$`, 'm').exec(dump)?.[1];
  if (id === undefined) return 0;
  const calls = new RegExp(`^cfn=\\(${id}\\)[^\\n]*\\n(?:c[a-z]+=[^\\n]*\\n)*\\S+ (\\d+)$`, 'gm');
  return [...dump.matchAll(calls)].reduce((sum, [, cost]) => sum + Number(cost), 0);
}

/** Measures the seconds of one repetition. */
export async function measureSeconds(binary: string, options: HarnessOptions): Promise<number> {
  const { lines } = await runs([binary], harness(options), () => undefined);
  const marks = lines.find((line) => line.startsWith(`${report}seconds`))!.replace(`${report}seconds `, '').split(',').map(Number);
  return perRepetition(marks.slice(1).map((second, part) => second - marks[part]!), options.parts);
}
