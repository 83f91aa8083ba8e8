// npm run flash -- --board B --app A --port P [--to boot|ram|module] [--force]
import { basename } from 'node:path';
import { optionsGiven } from '../command-line.mjs';
import { tokenise } from '../tokens.mjs';
import { build } from '../virtual/product';
import { flash, type Target } from './flash';

const HELP = `npm run flash -- --board B --app A --port P [--to boot|ram|module] [--force]

  --board B   the board, pico if left out: its own name is asked for before anything is written
  --app A     the app, hello if left out
  --port P    its console: a serial port such as /dev/ttyACM0, or tcp://host:port
  --to boot   into flash: it runs now and at every start (if left out)
       ram    it runs now, until the next reset
       module the module ENC28J60 alone, for require("ENC28J60")
  What is written is Espruino's short form of the script, a seventh smaller.

  --force     also when the board calls itself something else`;

async function main(): Promise<void> {
  const values = optionsGiven({
    board: { type: 'string', default: 'pico' }, app: { type: 'string', default: 'hello' }, port: { type: 'string' },
    to: { type: 'string', default: 'boot' }, force: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
  });
  if (values.help) return console.log(HELP);
  if (values.port === undefined) throw new Error(`--port is missing: the board's console.\n\n${HELP}`);
  if (!['boot', 'ram', 'module'].includes(values.to)) throw new Error(`--to ${values.to}: there are boot, ram and module.`);
  const { board, script, module } = build(values.board, values.app);
  await flash({
    port: values.port,
    boardName: basename(board.source, '.py'),
    force: values.force,
    text: tokenise(values.to === 'module' ? module : script),
    to: values.to as Target,
    progress: (line) => process.stdout.isTTY && line.endsWith('%') ? process.stdout.write(`\r${line} `) : show(line),
  });
}

/** On a terminal the percentages stand in one line; elsewhere only the rest is said. */
function show(line: string): boolean {
  if (!line.endsWith('%')) console.log(process.stdout.isTTY ? `\r${line}` : line);
  return true;
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
