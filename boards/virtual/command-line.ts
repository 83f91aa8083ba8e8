import { parseArgs, type ParseArgsConfig } from 'node:util';

/**
 * The options that a command was given.
 * @param options those that it has, as `parseArgs` of Node takes them
 * @throws Error that names what is none of them, or has no value, and says which there are
 */
export function optionsGiven<Options extends NonNullable<ParseArgsConfig['options']>>(options: Options) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const [fault] = (error as Error).message.split(/\. |\n/);
    throw new Error(`${fault!.replace(/\.$/, '')}. The options are ${Object.keys(options).map((name) => `--${name}`).join(', ')}.`);
  }
}
