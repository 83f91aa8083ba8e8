import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { NetworkNamespace } from './hal/desktop/namespace';

/** Whether a program is there to be run. */
export function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Why tests that need the real interpreter cannot run on this machine; undefined when they can. */
export const noEngine = process.env['ESPRUINO'] ? undefined : 'the environment variable ESPRUINO names no interpreter';

/** The same for JerryScript. */
export const noJerry = process.env['JERRY'] ? undefined : 'the environment variable JERRY names no interpreter';

/**
 * Why tests that need these programs cannot run on this machine; undefined when they can.
 * @throws Error when one is missing in continuous integration: there it is a failure, not a reason to skip
 */
export function whyNotInstalled(...programs: string[]): string | undefined {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return undefined;
  if (process.env['CI']) {
    throw new Error(`Continuous integration needs ${missing.join(', ')}: .ci/run installs what the suites use.`);
  }
  return `not installed: ${missing.join(', ')}`;
}

/**
 * Why tests that need a network namespace with a TAP interface in it, and these programs, cannot run on this machine;
 * undefined when they can.
 * @throws Error when a program is missing in continuous integration: there it is a failure, not a reason to skip
 */
export function whyNotHere(...programs: string[]): string | undefined {
  const missing = whyNotInstalled('ip', ...programs);
  return NetworkNamespace.unavailable() ?? missing;
}

/**
 * A whole number that the environment may set.
 * @param otherwise the number when it does not
 * @throws Error that names the variable, its value and what would be right
 */
export function wholeNumber(variable: string, otherwise: number, least = -Infinity, environment = process.env): number {
  const text = environment[variable] ?? '';
  if (text === '') return otherwise;
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`${variable}=${text} is not a whole number${least === -Infinity ? '' : `, ${least} or more`}.`);
}

/** A suite's title, with the reason when it is skipped. */
export function titled(title: string, reason: string | undefined): string {
  return reason === undefined ? title : `${title} (skipped: ${reason})`;
}
