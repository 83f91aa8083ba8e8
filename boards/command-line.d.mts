import type { ParseArgsConfig, parseArgs } from 'node:util';

/** A command line that is wrong, with a sentence that says what would be right. */
export class UsageError extends Error {}

/** The options that a command has, as `parseArgs` of Node takes them; all commands have `--help` besides. */
export type Options = NonNullable<ParseArgsConfig['options']>;

/** The values of those that it was given. */
export type Given<Has extends Options> = ReturnType<typeof parseArgs<{ options: Has }>>['values'];

/**
 * The options that a command was given.
 * @param args the words behind the command's name; the process' own when left out
 * @throws UsageError that names what is none of them, or has no value, and says which there are
 */
export function optionsGiven<const Has extends Options>(options: Has, args?: readonly string[]): Given<Has>;

/**
 * A whole command: prints `usage` for `--help`, else runs what it was given. Prints what that throws, and sets the exit code: 2 for
 * a wrong command line, a UsageError, and 1 for another error or `false`.
 */
export function runCommand<const Has extends Options>(
  usage: string, options: Has, run: (values: Given<Has>) => boolean | void | Promise<boolean | void>,
): Promise<void>;
