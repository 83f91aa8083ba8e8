import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Board } from '../board';
import { boards } from '../index';
import { jerryBoards } from '../jerryscript/index';
import { UsageError } from './options';

/** Where the house stands. */
const root = join(__dirname, '..', '..');

/** What the build makes for a board and an app. */
export interface Product {
  board: Board;
  /** The script to flash, and its name for people. */
  script: string;
  filename: string;
  /** The module for Espruino's Storage, or for JerryScript. */
  module: string;
}

/** The build's exit code when it does not know what it was asked for. */
const unknown = 2;

/**
 * Builds an app for a board.
 * @throws Error with what the build says, when it fails; UsageError with the list of those that exist for an unknown name
 */
export function build(board: string, app: string): Product {
  const run = spawnSync(process.execPath, ['build.config.mjs', '--board', board, '--app', app], { cwd: root, encoding: 'utf8' });
  if (run.error !== undefined) throw new Error(`The build cannot be run: ${run.error.message}.`);
  const said = (run.stderr + run.stdout).trim();
  if (run.status === unknown) throw new UsageError(said);
  if (run.status !== 0) throw new Error(said);
  const filename = join('dist', `${board}-${app}.js`);
  return {
    board: boards[board] ?? jerryBoards[board]!,
    script: readFileSync(join(root, filename), 'latin1'),
    filename,
    module: readFileSync(join(root, 'dist', board in boards ? 'ENC28J60.js' : 'ENC28J60-jerryscript.js'), 'latin1'),
  };
}
