import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Board } from '../board';
import { UsageError } from '../command-line.mjs';
import { boards } from '../index';
import { jerryBoards } from '../jerryscript/index';

/** Where the house stands. */
const root = join(__dirname, '..', '..');

/** A source file and the octets that the build made of it. */
export interface Input {
  file: string;
  bytes: number;
}

/** What the build makes for a board and an app. */
export interface Product {
  board: Board;
  /** The script to flash, and its name for people. */
  script: string;
  filename: string;
  /** What each source file takes of the script. */
  inputs: Input[];
  /** The module for Espruino's Storage, or for JerryScript. */
  module: string;
}

/** What the build prints of both with `--json`, as far as it is used here. */
type Built = Record<'script' | 'module', { name: string; text: string; inputs: Input[] }>;

/** Octets that it may print. */
const LONGEST = 1 << 24;

/** The build's exit code when it does not know what it was asked for. */
const unknown = 2;

/**
 * Builds an app for a board.
 * @throws Error with what the build says, when it fails; UsageError with the list of those that exist for an unknown name
 */
export function build(board: string, app: string): Product {
  // The texts come from the build itself: the files may be another board's by now, for several builds may run at once.
  const words = ['build.config.mjs', '--board', board, '--app', app, '--json'];
  const run = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8', maxBuffer: LONGEST });
  if (run.error !== undefined) throw new Error(`The build cannot be run: ${run.error.message}.`);
  if (run.status === unknown) throw new UsageError(run.stderr.trim());
  if (run.status !== 0) throw new Error((run.stderr + run.stdout).trim());
  const { script, module } = JSON.parse(run.stdout) as Built;
  return {
    board: boards[board] ?? jerryBoards[board]!,
    script: script.text,
    filename: join('dist', script.name),
    inputs: script.inputs,
    module: module.text,
  };
}
