// npm run size: what the flashed script takes of each board, by part and in all.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { Board } from '../board';
import { type Given, UsageError, runCommand } from '../command-line.mjs';
import { boards } from '../index';
import { holds, tokenise } from '../tokens.mjs';
import { tooSmall } from '../too-small';
import { interpreterOf } from './interpreters';
import { build } from './product';
import { writeTable } from './readme';
import { bootVirtualBoard } from './virtual-board';

const root = join(__dirname, '..', '..');

/** What a function takes for as long as it exists, and each of its parameters: measured. */
const FUNCTION = 5;
const PARAMETER = 1;
/** A class besides its methods, and a name of a module. */
const CLASS = 6;
const NAME = 2;
/** Octets of a function at least: of a file with fewer of them for each, most functions are left out on this board. */
const SHORTEST = 40;
/** Milliseconds for the interpreter to load a script and start it. */
const PATIENCE = 60_000;

/** A part of the flashed script. */
export interface PartSize {
  part: string;
  bytes: number;
  /** Functions that stay in memory, and the variables that the code of the part takes, estimated. */
  functions: number;
  variables: number;
}

/** A board with the stack on it, started, and no connection open. */
export interface BoardSize {
  /** Of the script in Espruino's short form, as it is flashed. */
  bytes: number;
  /** Octets of its Storage. */
  storage: number;
  /** What the interpreter has, and what the stack takes of it. */
  variables: number;
  taken: number;
  left: number;
  /** What the whole script takes, with the hello app. */
  withApp: number;
  /** The script has room in Storage, and half of the variables are left. */
  fits: boolean;
}

const isCold = (body: ts.ConciseBody | undefined): boolean => {
  const first = body && ts.isBlock(body) ? body.statements[0] : undefined;
  return !!first && ts.isExpressionStatement(first) && ts.isStringLiteral(first.expression) && /^co(ld|ol)$/.test(first.expression.text);
};

/** The variables that a source file's functions, classes and names take, as long as they stay. */
function codeOf(file: string): { functions: number; variables: number } {
  const tree = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.ES2022, true);
  const found = { functions: 0, variables: 0 };
  const visit = (node: ts.Node, top: boolean): void => {
    if (ts.isClassDeclaration(node)) found.variables += CLASS;
    if (top && ts.isVariableStatement(node)) found.variables += NAME * node.declarationList.declarations.length;
    if (ts.isFunctionLike(node) && 'body' in node && node.body && !ts.isConstructorDeclaration(node)) {
      if (isCold(node.body as ts.ConciseBody)) return;
      found.functions++;
      found.variables += FUNCTION + PARAMETER * node.parameters.length;
    }
    ts.forEachChild(node, (child) => visit(child, ts.isSourceFile(node)));
  };
  visit(tree, false);
  return found;
}

/** The room of a source file: `src/tcp`, `hal/enc28j60`... */
function partOf(file: string): string {
  const [first, second, more] = file.split('/');
  return more === undefined ? first! : `${first}/${second}`;
}

/** The parts of the script that is built for a board. @throws Error with what the build says, when it fails */
export function measureParts(board: string): PartSize[] {
  const parts = new Map<string, PartSize>();
  for (const { file, bytes } of build(board, 'hello').inputs) {
    if (!file.endsWith('.ts')) continue;
    const name = partOf(file);
    const part = parts.get(name) ?? { part: name, bytes: 0, functions: 0, variables: 0 };
    const code = codeOf(file);
    const there = Math.min(code.functions, Math.floor(bytes / SHORTEST));
    part.bytes += bytes;
    part.functions += there;
    part.variables += code.functions > 0 ? Math.round((code.variables * there) / code.functions) : code.variables;
    parts.set(name, part);
  }
  return [...parts.values()].sort((a, b) => b.variables - a.variables);
}

/** Octets of a variable on the boards (measured there), by how many the firmware has. */
const blockSize = (variables: number): number => (variables > 8191 ? 14 : 13);

/** Letters of a name that are in its variable there, and in each that follows. */
const NAME_LETTERS = 4;
const MORE_LETTERS = 9;

/** Octets of what is one flat block: rings, frames, and what waits for its neighbour or its other fragments. */
function flatBlocks({ profile: p }: Board): number[] {
  const frame = 54 + p.mss;
  return [p.sendBuffer, p.receiveBuffer, frame, p.neighbours * p.pendingPacket, 14 + p.reassembly];
}

/**
 * What variables of a desktop's interpreter come to on a board, where they are smaller: names take more than one, and
 * octets more of them.
 * @param dump lines of `E.dumpVariables()`: number, how many variables it takes, kind, name or value, and what it leads to
 * @param size octets of a variable of that interpreter
 */
function onBoard(board: Board, dump: readonly string[], size: number): number {
  const own = blockSize(board.variables);
  const known = new Map(flatBlocks(board).map((octets) => [1 + Math.ceil(octets / size), octets]));
  return dump.reduce((sum, line) => {
    const [, blocks, text] = /^\d+,(\d+),\d+,(.*)/.exec(line) ?? ['', '0', ''];
    const taken = Number(blocks);
    if (text.startsWith('String ') && taken > 1) return sum + 1 + Math.ceil((known.get(taken) ?? (taken - 1) * size) / own);
    const [, name] = /^"((?:\\.|[^"])*)"/.exec(text) ?? ['', ''];
    return sum + taken + Math.max(0, Math.ceil((name.replace(/\\x../g, '.').length - NAME_LETTERS) / MORE_LETTERS));
  }, 0);
}

/** Connects the module in Storage, as an application does. */
function connecting({ spi, sck, miso, mosi, cs, irq, rst, baud, profile }: Board): string {
  const pins = (names: Record<string, string>): string => Object.entries(names).map(([name, pin]) => `${name}:new Pin('${pin}'),`).join('');
  const options = `{${pins({ cs, irq, rst })}ip:'192.168.1.77',${JSON.stringify(profile).slice(1)}`;
  return `${spi}.setup({${pins({ sck, miso, mosi })}baud:${baud}});require('ENC28J60').connect(${spi},${options});`;
}

/**
 * Starts a script of a board in the real interpreter, and counts the variables that are in use then and were not before,
 * as they would be on the board.
 * @param module what Storage has under `ENC28J60`
 * @throws Error with a sentence when there is no interpreter, or the script does not start
 */
async function takenBy(script: string, filename: string, board: Board, module: string): Promise<number> {
  const printed: string[] = [];
  const look = (what: string): string => `process.memory();print('${what}', process.memory().blocksize);E.dumpVariables();print('${what} end');`;
  const virtual = await bootVirtualBoard({
    engine: 'espruino', script: `${look('before')}${script};${look('after')}`, filename, board, storage: { ENC28J60: module },
    print: (line) => printed.push(line),
  });
  try {
    const limit = Date.now() + PATIENCE;
    while (!printed.includes('after end')) {
      if (virtual.errors.length > 0) throw new Error(virtual.errors.join('\n'));
      if (Date.now() > limit) throw new Error(`${filename}: the script was not started within ${PATIENCE / 1000} s.`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    await virtual.stop();
  }
  const [before, after] = ['before', 'after'].map((what) => {
    const start = printed.findIndex((line) => line.startsWith(`${what} `));
    return onBoard(board, printed.slice(start + 1, printed.indexOf(`${what} end`)), Number(printed[start]!.split(' ')[1]));
  }) as [number, number];
  return after - before;
}

/** What a board's module takes, connected, and what the script that is flashed. @throws Error as `takenBy` */
export async function measureBoard(name: string): Promise<BoardSize> {
  const { board, script, filename, module } = build(name, 'hello');
  const { storage, variables } = board;
  const bytes = tokenise(script).length;
  const taken = await takenBy(connecting(board), 'the module', board, module);
  const withApp = await takenBy(script, filename, board, module);
  const left = variables - taken;
  return { bytes, storage, variables, taken, left, withApp, fits: holds(storage, bytes) && left * 2 >= variables };
}

export function partsTable(parts: PartSize[]): string[] {
  const rows = parts.map(({ part, bytes, functions, variables }) => `| ${part} | ${bytes} | ${functions} | ${variables} |`);
  return ['| part | bytes | functions in memory | variables of its code |', '| --- | ---: | ---: | ---: |', ...rows];
}

const grouped = (number: number): string => number.toLocaleString('en-US');

/** Why a script does not fit its board, with the numbers; "yes" when it does. */
function verdict(size: BoardSize): string {
  const reasons = [
    ...(holds(size.storage, size.bytes) ? [] : [`Storage has ${grouped(size.storage)} bytes`]),
    ...(size.left * 2 >= size.variables ? [] : [`${Math.max(0, Math.round((size.left * 100) / size.variables))} % of the variables left`]),
  ];
  return reasons.length === 0 ? 'yes' : `no: ${reasons.join(', ')}`;
}

/** Boards that cannot hold it at all are measured by the smallest profile, `least`. */
export function boardsTable(sizes: Record<string, BoardSize>, least?: BoardSize): string[] {
  const row = (name: string, size: BoardSize, word: string): string =>
    `| ${name} | ${size.bytes} | ${size.storage} | ${size.variables} | ${size.taken} | ${size.left} | ${size.withApp} | ${word} |`;
  const rows = Object.entries(sizes).map(([name, size]) => row(name, size, verdict(size)));
  for (const [name, { variables, storage }] of Object.entries(least === undefined ? {} : tooSmall)) {
    const size = { ...least!, storage, variables, left: variables - least!.taken };
    rows.push(row(`${name} (not supported)`, size, verdict(size)));
  }
  const head = '| board | bytes in Storage | Storage | variables | taken | left | taken with the app | fits, with half of them left |';
  return [head, '| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |', ...rows];
}

/** The board with the smallest profile: what the boards that are too small are measured by. */
export const SMALLEST = 'esp32c3';

const usage = `npm run size -- [--board B] [--json | --readme]

What the stack takes of each board's variables, and the script with the hello app of its Storage, counted in the real interpreter
that ESPRUINO names. Ends with an error when the script has no room in a board's Storage, or the stack leaves less than half of the
variables to the application.

  --board B   this board only
  --json      one JSON object
  --readme    writes the README's table, too
  --help      shows this`;

const options = { board: { type: 'string' }, json: { type: 'boolean', default: false }, readme: { type: 'boolean', default: false } } as const;

async function main(values: Given<typeof options>): Promise<void> {
  if (values.readme && values.board !== undefined) throw new UsageError('--readme: the table is of all boards, so leave --board out.');
  const names = values.board === undefined ? Object.keys(boards) : [values.board];
  for (const name of names) {
    if (!(name in boards)) throw new UsageError(`--board ${name}: there is no such board. There are: ${Object.keys(boards).join(', ')}.`);
  }
  interpreterOf('ESPRUINO');
  const parts = measureParts(names[0]!);
  const sizes: Record<string, BoardSize> = {};
  for (const name of names) sizes[name] = await measureBoard(name);
  if (values.readme) writeTable('boards', boardsTable(sizes, sizes[SMALLEST]));
  if (values.json) console.log(JSON.stringify({ size: { parts, boards: sizes, tooSmall } }));
  else console.log([...partsTable(parts), '', ...boardsTable(sizes, sizes[SMALLEST])].join('\n'));
  const full = Object.keys(sizes).filter((name) => sizes[name]!.left * 2 < sizes[name]!.variables);
  const long = Object.keys(sizes).filter((name) => !holds(sizes[name]!.storage, sizes[name]!.bytes));
  const faults = [
    ...(long.length > 0 ? [`The script has no room in the Storage of ${long.join(', ')}.`] : []),
    ...(full.length > 0 ? [`Less than half of the variables are left for the application on ${full.join(', ')}.`] : []),
  ];
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

if (require.main === module) void runCommand(usage, options, main);
