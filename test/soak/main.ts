// npm run soak: long runs under faults in virtual time, of every parser, and of a real interpreter's memory.
import { type Given, runCommand } from '../../boards/command-line.mjs';
import { chipSoak } from './chip';
import { fuzzSoak } from './fuzz';
import { memorySoak } from './memory';
import { chosen, options, usage } from './options';

/** Runs what was asked for. @returns whether nothing went wrong */
function run(values: Given<typeof options>): boolean | Promise<boolean> {
  const { kind, hours, frames, seed } = chosen(values);
  if (kind === 'fuzz') return fuzzSoak(frames, seed, values.json);
  return kind === 'engine' ? memorySoak(frames, seed, values.json) : chipSoak(hours, seed, values.json);
}

void runCommand(usage, options, run);
