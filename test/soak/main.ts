// npm run soak -- --chip [--hours H] [--seed S] [--json]: long runs under faults, in virtual time.
import { parseArgs } from 'node:util';
import { chipSoak } from './chip';

const { values } = parseArgs({
  options: {
    chip: { type: 'boolean', default: false },
    hours: { type: 'string', default: '24' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

const hours = Number(values.hours);
const seed = Number(values.seed);
if (!values.chip || !(hours > 0) || !Number.isInteger(seed)) {
  console.error('soak --chip [--hours H] [--seed S] [--json]: hours above 0, and a whole number as the seed.');
  process.exitCode = 2;
} else {
  process.exitCode = chipSoak(hours, seed, values.json) ? 0 : 1;
}
