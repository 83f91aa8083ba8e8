// npm run soak: long runs under faults in virtual time, of every parser, and of a real interpreter's memory.
import { type Given, UsageError, runCommand } from '../../boards/command-line.mjs';
import { chipSoak } from './chip';
import { fuzzSoak } from './fuzz';
import { memorySoak } from './memory';

const usage = `npm run soak -- --chip [--hours H]
npm run soak -- --fuzz [--frames N]
npm run soak -- --engine espruino [--frames N]

  --chip              a TCP echo over a chip that falls ill at random, in virtual time
  --fuzz              every parser, under changed frames
  --engine espruino   the memory of the real interpreter that ESPRUINO names, before and after
  --hours H           of virtual time (24)
  --frames N          1000000 of --fuzz, 100000 of --engine
  --seed S            the whole number that all that is random follows from (1)
  --json              one JSON object
  --help              shows this`;

const options = {
  chip: { type: 'boolean', default: false },
  fuzz: { type: 'boolean', default: false },
  engine: { type: 'string' },
  hours: { type: 'string', default: '24' },
  frames: { type: 'string' },
  seed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
} as const;

/** A number from the command line. @throws UsageError that says what would be right */
function numberOf(option: string, text: string, right: string, isRight: (value: number) => boolean): number {
  const value = Number(text);
  if (text.trim() === '' || !isRight(value)) throw new UsageError(`${option} ${text} is not ${right}.`);
  return value;
}

/** Runs what was asked for. @returns whether nothing went wrong */
function run(values: Given<typeof options>): boolean | Promise<boolean> {
  const hours = numberOf('--hours', values.hours, 'a number above 0', (value) => value > 0 && Number.isFinite(value));
  const many = values.frames ?? (values.fuzz ? '1000000' : '100000');
  const frames = numberOf('--frames', many, 'a whole number above 0', (value) => Number.isInteger(value) && value > 0);
  const seed = numberOf('--seed', values.seed, 'a whole number', Number.isInteger);
  if ((values.engine ?? 'espruino') !== 'espruino') throw new UsageError(`--engine ${values.engine} is not known: it is espruino.`);
  if (values.fuzz) return fuzzSoak(frames, seed, values.json);
  if (values.engine !== undefined) return memorySoak(frames, seed, values.json);
  if (values.chip) return chipSoak(hours, seed, values.json);
  throw new UsageError(`One of --chip, --fuzz and --engine is missing.\n\n${usage}`);
}

void runCommand(usage, options, run);
