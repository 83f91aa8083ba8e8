import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LocalhostLan } from '../boards/virtual/lan-localhost';
import { build } from '../boards/virtual/product';
import { bootVirtualBoard } from '../boards/virtual/virtual-board';
import { parseAddress } from '../src/index';

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

describe('the README', () => {
  test('shows code that runs as it stands, with the module from Storage', async () => {
    const example = /<!-- example -->\n```js\n([^]*?)```/.exec(readme)![1]!;
    const { board, module } = build('pico', 'hello');
    const virtual = await bootVirtualBoard({
      script: example,
      filename: 'README.md',
      board,
      storage: { ENC28J60: module },
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
      const { host } = (virtual.lan as LocalhostLan).forwards[0]!;
      expect(await page(host, '/time')).toBe('You asked 192.168.1.77 for /time\n');
      expect(virtual.errors).toEqual([]);
      expect(virtual.violations).toEqual([]);
    } finally {
      await virtual.stop();
    }
  });

  test('names only commands that there are', () => {
    const commands = [...readme.matchAll(/npm (?:run )?([a-z]+)(?: --)?/g)].map((match) => match[1]!);
    expect(commands.length).toBeGreaterThan(3);
    for (const command of commands) expect(Object.keys(scripts), `npm ${command}`).toContain(command);
  });
});
