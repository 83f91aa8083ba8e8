// npm run flash: puts an app, or the module, into a board's Storage over its console.
import { basename } from 'node:path';
import { type Given, UsageError, runCommand } from '../command-line.mjs';
import { boards } from '../index';
import { jerryBoards } from '../jerryscript/index';
import { tokenise } from '../tokens.mjs';
import { build } from '../virtual/product';
import { flash, type Target } from './flash';

const usage = `npm run flash -- [--board B] [--app A] --port P [--to boot|ram|module] [--force]

  --board B   the board (pico): its own name is asked for before anything is written
  --app A     the app in boards/apps (hello)
  --port P    its console: a serial port such as /dev/ttyACM0, or tcp://host:port
  --to boot   into flash: it runs now and at every start (if left out)
       ram    it runs now, until the next reset
       module the module ENC28J60 alone, for require("ENC28J60")
  --force     also when the board calls itself something else
  --help      shows this

What is written is Espruino's short form of the script, a seventh smaller.`;

const options = {
  board: { type: 'string', default: 'pico' }, app: { type: 'string', default: 'hello' }, port: { type: 'string' },
  to: { type: 'string', default: 'boot' }, force: { type: 'boolean', default: false },
} as const;

async function main(values: Given<typeof options>): Promise<void> {
  if (values.port === undefined) throw new UsageError(`--port is missing: the board's console.\n\n${usage}`);
  if (!['boot', 'ram', 'module'].includes(values.to)) throw new UsageError(`--to ${values.to}: there are boot, ram and module.`);
  if (values.board in jerryBoards) {
    throw new UsageError(`--board ${values.board}: it has no Espruino to be flashed through. "npm run build" makes its file; the README says how to start it.`);
  }
  const board = boards[values.board];
  // The build knows what to say of a board that is none of ours.
  if (board === undefined) return void build(values.board, values.app);
  await flash({
    port: values.port,
    boardName: basename(board.source, '.py'),
    force: values.force,
    text: () => {
      const { script, module } = build(values.board, values.app);
      return tokenise(values.to === 'module' ? module : script);
    },
    to: values.to as Target,
    progress: (line) => process.stdout.isTTY && line.endsWith('%') ? process.stdout.write(`\r${line} `) : show(line),
  });
}

/** On a terminal the percentages stand in one line; elsewhere only the rest is said. */
function show(line: string): boolean {
  if (!line.endsWith('%')) console.log(process.stdout.isTTY ? `\r${line}` : line);
  return true;
}

void runCommand(usage, options, main);
