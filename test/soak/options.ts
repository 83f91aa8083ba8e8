import { type Given, UsageError } from '../../boards/command-line.mjs';

/** What the soak's `--help` says. */
export const usage = `npm run soak -- --chip [--hours H]
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

/** Its options. */
export const options = {
  chip: { type: 'boolean' },
  fuzz: { type: 'boolean' },
  engine: { type: 'string' },
  hours: { type: 'string' },
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

const kinds = ['chip', 'fuzz', 'engine'] as const;

/** The kind of run that was asked for. @throws UsageError when it is not one, or has an option of another kind */
function kindOf(values: Given<typeof options>): (typeof kinds)[number] {
  const [kind, ...more] = kinds.filter((name) => values[name] !== undefined);
  if (kind === undefined) throw new UsageError(`One of --chip, --fuzz and --engine is missing.\n\n${usage}`);
  if (more.length > 0) throw new UsageError(`--${[kind, ...more].join(' --')}: these are runs of their own. Choose one of them.`);
  if ((values.engine ?? 'espruino') !== 'espruino') throw new UsageError(`--engine ${values.engine} is not known: it is espruino.`);
  const [right, wrong] = kind === 'chip' ? ['hours', 'frames'] as const : ['frames', 'hours'] as const;
  if (values[wrong] !== undefined) throw new UsageError(`--${wrong} ${values[wrong]}: how long --${kind} runs is said with --${right}.`);
  return kind;
}

/** A long run that was asked for: `hours` of virtual time, or `frames`. */
export interface Chosen {
  kind: (typeof kinds)[number];
  hours: number;
  frames: number;
  seed: number;
}

/** What the values of a command line mean. @throws UsageError that names the value and what would be right */
export function chosen(values: Given<typeof options>): Chosen {
  const kind = kindOf(values);
  const many = values.frames ?? (kind === 'fuzz' ? '1000000' : '100000');
  return {
    kind,
    hours: numberOf('--hours', values.hours ?? '24', 'a number above 0', (value) => value > 0 && Number.isFinite(value)),
    frames: numberOf('--frames', many, 'a whole number above 0', (value) => Number.isInteger(value) && value > 0),
    seed: numberOf('--seed', values.seed, 'a whole number', Number.isInteger),
  };
}
