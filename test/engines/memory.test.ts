import { afterEach, describe, expect, it, vi } from 'vitest';
import { build } from '../../boards/virtual/product';
import { type VirtualBoard, bootVirtualBoard } from '../../boards/virtual/virtual-board';
import { boards } from '../../boards/index';
import type { Board } from '../../boards/board';
import { noEngine, titled } from '../tools';


/** Variables that the hello app needs besides, for a page and four echoes at once. */
const APPLICATION = 900;

/** Octets of a variable on the boards (measured there), by how many the firmware has. */
const blockSize = (board: Board): number => (board.variables > 8191 ? 14 : 13);

/** Octets of each buffer that is one flat block: rings, frames. */
function flatBlocks({ profile: p }: Board): number[] {
  const frame = 54 + p.mss;
  const rings = Array.from({ length: p.connections }, () => [p.sendBuffer, p.receiveBuffer]);
  return [...rings.flat(), frame, frame + 4, p.receiveBuffer, p.neighbours * p.pendingPacket];
}

const variables = (octets: number[], size: number): number =>
  octets.reduce((sum, count) => sum + Math.ceil(count / size), 0);

describe.skipIf(noEngine)(titled('what the flashed script takes of the interpreter\'s variables', noEngine), () => {
  let virtual: VirtualBoard | undefined;
  afterEach(() => virtual?.stop());

  it.each(Object.keys(boards))('%s holds it, with room for the application', async (name) => {
    const { board, script, filename } = build(name, 'hello');
    const printed: string[] = [];
    const look = (what: string) => `print('${what}', process.memory().usage, process.memory().blocksize);`;
    virtual = await bootVirtualBoard({
      engine: 'espruino',
      script: `${look('before')}${script};${look('after')}`,
      filename,
      board,
      print: (line) => printed.push(line),
    });
    await vi.waitFor(() => expect(printed.some((line) => line.startsWith('after'))).toBe(true), 20_000);
    const [before, after] = ['before', 'after'].map((what) =>
      printed.find((line) => line.startsWith(what))!.split(' ').slice(1).map(Number),
    ) as [number[], number[]];
    const blocks = flatBlocks(board);
    const taken = after[0]! - before[0]! - variables(blocks, after[1]!) + variables(blocks, blockSize(board));
    console.log(`${name}: ${taken} of ${board.variables} variables`);
    expect(board.variables - taken).toBeGreaterThan(APPLICATION);
  });
});
