import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LocalhostLan } from '../boards/virtual/lan-localhost';
import { bundle } from '../boards/bundle.mjs';
import { boards } from '../boards/index';
import { tooSmall } from '../boards/too-small';
import { build } from '../boards/virtual/product';
import { tableInReadme } from '../boards/virtual/readme';
import { boardsTable, measureBoard } from '../boards/virtual/size';
import { bootVirtualBoard } from '../boards/virtual/virtual-board';
import { parseAddress } from '../src/index';
import { noEngine, titled } from './tools';

const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

function page(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path }, (response) => {
      let text = '';
      response.on('data', (piece) => (text += String(piece)));
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });
}

/** The code between a comment of the README and the end of its block. */
const exampleOf = (name: string): string => new RegExp(`<!-- ${name} -->\\n\`\`\`[jt]s\\n([^]*?)\`\`\``).exec(readme)![1]!;

/** What a script on a Pico with the address that it has by default answers who asks for /time. */
async function answerOf(script: string, storage: Record<string, string>): Promise<string> {
  const virtual = await bootVirtualBoard({
    script,
    filename: 'README.md',
    board: boards['pico']!,
    storage,
    lan: (wire, realTime) =>
      new LocalhostLan({
        wire,
        realTime,
        address: parseAddress('192.168.1.1'),
        boardAddress: parseAddress('192.168.1.77'),
        netmask: parseAddress('255.255.255.0'),
        forwards: [{ host: 0, board: 80 }],
      }),
  });
  try {
    const answer = await page((virtual.lan as LocalhostLan).forwards[0]!.host, '/time');
    expect(virtual.errors).toEqual([]);
    expect(virtual.violations).toEqual([]);
    return answer;
  } finally {
    await virtual.stop();
  }
}

describe('the README', () => {
  test('shows code that runs as it stands, with the module from Storage', async () => {
    const { module } = build('pico', 'hello');
    expect(await answerOf(exampleOf('example'), { ENC28J60: module })).toBe('You asked 192.168.1.77 for /time\n');
  });

  test('shows an app that runs as it stands', async () => {
    const entry = ['import board from "./boards/pico"', 'import app from "./boards/apps/hello"', 'import { start } from "./boards/espruino/start"'];
    const { text } = await bundle([...entry, 'start(board, app)'].join(';'), boards['pico']!.profile, { 'boards/apps/hello.ts': exampleOf('app') });
    expect(await answerOf(`(function(){${text}})();`, {})).toBe('You asked Espruino Pico at 192.168.1.77 for /time\n');
  });

  test('names only commands that there are', () => {
    const commands = [...readme.matchAll(/npm (?:run )?([a-z]+)(?: --)?/g)].map((match) => match[1]!);
    expect(commands.length).toBeGreaterThan(3);
    for (const command of commands) expect(Object.keys(scripts), `npm ${command}`).toContain(command);
  });

  /** The cells of a row. */
  const cells = (line: string): string[] => line.split('|').slice(1, -1).map((cell) => cell.trim());

  test('lists what every board has, and those that cannot hold the file', () => {
    const listed = tableInReadme('boards')!.slice(2).map(cells).map(([name, , storage, variables]) => [name, storage, variables]);
    const row = (name: string, has: { storage: number; variables: number }): string[] => [name, String(has.storage), String(has.variables)];
    expect(listed).toEqual([
      ...Object.entries(boards).map(([name, board]) => row(name, board)),
      ...Object.entries(tooSmall).map(([name, board]) => row(`${name} (not supported)`, board)),
    ]);
  });

  test.skipIf(noEngine)(titled('says what the script takes of a board: else run "npm run size -- --readme"', noEngine), async () => {
    const [, , measured] = boardsTable({ pico: await measureBoard('pico') });
    expect(tableInReadme('boards')).toContain(measured);
  }, 60_000);
});
