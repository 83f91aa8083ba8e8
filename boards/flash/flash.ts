import { frameCheckSequence } from '../../hal/mock/fcs';
import { BoardConsole } from './console';
import { openTransport } from './transport';

/** Where the script goes. */
export type Target = 'boot' | 'ram' | 'module';

export interface FlashOptions {
  /** `/dev/ttyACM0` or `tcp://host:port`. */
  port: string;
  /** What the board calls itself: `process.env.BOARD`. */
  boardName: string;
  /** Flash it although it calls itself something else. */
  force: boolean;
  /** Makes the script, once the board has said that it is the right one. */
  text: () => string;
  to: Target;
  progress: (line: string) => void;
}

/** Names in Storage: what Espruino runs at its start, a script that is run once, and a module. */
const FILES: Record<Target, string> = { boot: '.bootcde', ram: 'ENC28J60.ram', module: 'ENC28J60' };
/** Octets in one line to the board: its line has to fit its memory beside what runs. */
const PIECE = 384;

const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');

/** The CRC-32 that `E.CRC32` computes, as a signed integer. */
const checksum = (text: string): number => frameCheckSequence(Buffer.from(text, 'latin1'), text.length) | 0;

/**
 * Puts a script into the board's Storage, reads it back, and starts it.
 * @throws Error with a sentence that says what to do
 */
export async function flash(options: FlashOptions): Promise<void> {
  const transport = await openTransport(options.port);
  const board = new BoardConsole(transport, options.port);
  try {
    const found = await board.greet();
    if (found.board !== options.boardName && !options.force) {
      throw new Error(`${options.port} is a ${found.board}, and the script is for a ${options.boardName}. ` +
        'Choose the board with --board, or insist with --force.');
    }
    options.progress(`${found.board}, Espruino ${found.version}`);
    await store(board, FILES[options.to], options.text(), options.progress);
    if (options.to === 'boot') await board.tell('load()');
    else if (options.to === 'ram') await board.tell(`eval(require("Storage").read("${FILES.ram}"))`);
  } finally {
    await transport.close();
  }
}

async function store(board: BoardConsole, file: string, text: string, progress: (line: string) => void): Promise<void> {
  const name = JSON.stringify(file);
  const free = (await board.ask('(function(s){return s.getFree?s.getFree():-1;})(require("Storage"))')) as number;
  const old = (await board.ask(`(require("Storage").read(${name})||"").length`)) as number;
  if (free >= 0 && free + old < text.length) {
    throw new Error(`The script takes ${text.length} octets of Storage, and ${free + old} are free. ` +
      'require("Storage").list() shows what is there, require("Storage").eraseAll() removes it.');
  }
  await board.ask(`require("Storage").erase(${name})`);
  if (free >= 0 && free < text.length) await board.ask('require("Storage").compact()');
  for (let at = 0; at < text.length; at += PIECE) {
    const piece = base64(text.slice(at, at + PIECE));
    const written = await board.ask(`require("Storage").write(${name},atob("${piece}"),${at},${text.length})`);
    if (written !== true) throw new Error(`The board's Storage took ${at} of ${text.length} octets and no more: it is full.`);
    progress(`${file}: ${Math.min(100, Math.floor(((at + PIECE) * 100) / text.length))} %`);
  }
  const sum = (await board.ask(`E.CRC32(require("Storage").read(${name}))|0`)) as number;
  if (sum !== checksum(text)) throw new Error(`${file} reads back otherwise than it was written. Try again; if it stays so, the flash is worn.`);
  progress(`${file}: ${text.length} octets written and read back`);
}
