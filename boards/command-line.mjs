// What the commands of package.json have in common.
import { parseArgs } from 'node:util';

export class UsageError extends Error {}

const HELP = { help: { type: 'boolean', short: 'h', default: false } };

export function optionsGiven(own, args = process.argv.slice(2)) {
  const options = { ...own, ...HELP };
  try {
    return parseArgs({ args, options }).values;
  } catch ({ message }) {
    const [fault] = message.split(/\. |\n/);
    const [, dashed] = /^Option '(--\S+)' argument is ambiguous/.exec(message) ?? [];
    const advice = dashed === undefined ? '' : ` A value that begins with a dash is given as ${dashed}=-1.`;
    throw new UsageError(`${fault.replace(/\.$/, '')}.${advice} The options are ${Object.keys(options).map((name) => `--${name}`).join(', ')}.`);
  }
}

export async function runCommand(usage, options, run) {
  try {
    const values = optionsGiven(options);
    if (values.help) console.log(usage);
    else if ((await run(values)) === false) process.exitCode = 1;
  } catch (error) {
    console.error(error.message);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
