// npm run soak -- --chip [--hours H] | --fuzz [--frames N] | --engine espruino [--frames N], with [--seed S] [--json]:
// long runs under faults in virtual time, of every parser, and of a real interpreter's memory.
import { parseArgs } from 'node:util';
import { chipSoak } from './chip';
import { fuzzSoak } from './fuzz';
import { memorySoak } from './memory';

const { values } = parseArgs({
  options: {
    chip: { type: 'boolean', default: false },
    fuzz: { type: 'boolean', default: false },
    engine: { type: 'string' },
    hours: { type: 'string', default: '24' },
    frames: { type: 'string' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

const hours = Number(values.hours);
const frames = Number(values.frames ?? (values.fuzz ? 1_000_000 : 100_000));
const seed = Number(values.seed);

/** What was asked for; undefined when that cannot be. */
function run(): boolean | Promise<boolean> | undefined {
  if (!Number.isInteger(seed) || !Number.isInteger(frames) || frames < 1) return undefined;
  if (values.fuzz) return fuzzSoak(frames, seed, values.json);
  if (values.engine === 'espruino') return memorySoak(frames, seed, values.json);
  return values.chip && hours > 0 ? chipSoak(hours, seed, values.json) : undefined;
}

void (async () => {
  const good = await run();
  if (good === undefined) {
    console.error(`soak --chip [--hours H]
soak --fuzz [--frames N]
soak --engine espruino [--frames N]
     each with [--seed S] [--json]: hours above 0, whole numbers of frames above 0, and a whole number as the seed.`);
  }
  process.exitCode = good === undefined ? 2 : good ? 0 : 1;
})();
