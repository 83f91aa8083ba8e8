import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';

/** Milliseconds that an interpreter gets to say what it is. */
const patience = 10_000;

/** The real interpreters: the variable of the environment that names each, and what it is told to say what it is. */
const interpreters = {
  ESPRUINO: { name: 'Espruino', needed: 'a Linux build of Espruino', words: ['-e', 'print("BOARD",process.env.BOARD)'], sign: /^BOARD LINUX/m },
  JERRY: { name: 'JerryScript', needed: 'a JerryScript interpreter', words: ['--version'], sign: /^Version: \d/m },
} as const;

/** Those that have said what they are. */
const known = new Set<string>();

/**
 * The path of the interpreter that a variable of the environment names.
 * @throws Error with a sentence that says what is missing, or what it is instead
 */
export function interpreterOf(variable: keyof typeof interpreters, environment: NodeJS.ProcessEnv = process.env): string {
  const { name, needed, words, sign } = interpreters[variable];
  const path = environment[variable] ?? '';
  if (path === '') throw new Error(`The environment variable ${variable} is not set: it names the binary of ${needed}.`);
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new Error(`${variable} names ${path}, which is not a program that can be run.`);
  }
  if (!known.has(path)) {
    const { error, stdout } = spawnSync(path, words, { cwd: tmpdir(), encoding: 'utf8', timeout: patience });
    if (error !== undefined || !sign.test(stdout)) throw new Error(`${variable} names ${path}, which does not answer as ${name} does. It is to be ${needed}.`);
    known.add(path);
  }
  return path;
}
