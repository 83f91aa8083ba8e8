// What the commands of package.json have in common.
import { parseArgs } from 'node:util';

export class UsageError extends Error {}

export function optionsGiven(options, args = process.argv.slice(2)) {
  try {
    return parseArgs({ args, options }).values;
  } catch ({ message }) {
    const [fault] = message.split(/\. |\n/);
    const [, dashed] = /^Option '(--\S+)' argument is ambiguous/.exec(message) ?? [];
    const advice = dashed === undefined ? '' : ` A value that begins with a dash is given as ${dashed}=-1.`;
    throw new UsageError(`${fault.replace(/\.$/, '')}.${advice} The options are ${Object.keys(options).map((name) => `--${name}`).join(', ')}.`);
  }
}
