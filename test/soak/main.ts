// npm run soak -- --chip [--hours H] | --fuzz [--frames N] | --engine espruino [--frames N], with [--seed S] [--json]:
// long runs under faults in virtual time, of every parser, and of a real interpreter's memory.
import { optionsGiven } from '../../boards/command-line.mjs';
import { chipSoak } from './chip';
import { fuzzSoak } from './fuzz';
import { memorySoak } from './memory';

const usage = `soak --chip [--hours H]
soak --fuzz [--frames N]
soak --engine espruino [--frames N]
     each with [--seed S] [--json]`;

/** A number from the command line. @throws Error that says what would be right */
function numberOf(option: string, text: string, right: string, isRight: (value: number) => boolean): number {
  const value = Number(text);
  if (text.trim() === '' || !isRight(value)) throw new Error(`${option} ${text} is not ${right}.`);
  return value;
}

/** Runs what was asked for. @throws Error when that cannot be */
function run(): boolean | Promise<boolean> {
  const values = optionsGiven({
    chip: { type: 'boolean', default: false },
    fuzz: { type: 'boolean', default: false },
    engine: { type: 'string' },
    hours: { type: 'string', default: '24' },
    frames: { type: 'string' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  });
  const hours = numberOf('--hours', values.hours, 'a number above 0', (value) => value > 0 && Number.isFinite(value));
  const many = values.frames ?? (values.fuzz ? '1000000' : '100000');
  const frames = numberOf('--frames', many, 'a whole number above 0', (value) => Number.isInteger(value) && value > 0);
  const seed = numberOf('--seed', values.seed, 'a whole number', Number.isInteger);
  if ((values.engine ?? 'espruino') !== 'espruino') throw new Error(`--engine ${values.engine} is not known: it is espruino.`);
  if (values.fuzz) return fuzzSoak(frames, seed, values.json);
  if (values.engine !== undefined) return memorySoak(frames, seed, values.json);
  if (values.chip) return chipSoak(hours, seed, values.json);
  throw new Error(usage);
}

void (async () => {
  try {
    process.exitCode = (await run()) ? 0 : 1;
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 2;
  }
})();
