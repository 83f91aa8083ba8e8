import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(__dirname, '..', '..');
/** Octets: one object of the smallest kind for every tenth frame is more. */
const tolerance = 16_384;

it('Node\'s heap is where it was after 10,000 frames through the flashed script', async () => {
  const words = ['--expose-gc', join('node_modules', 'ts-node', 'dist', 'bin.js'), '--cwdMode', join(__dirname, 'heap-process.ts')];
  const output = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, words, { cwd: root, timeout: 240_000 }, (error, stdout) => error ? reject(error) : resolve(stdout));
  });
  const { heap, errors, violations } = JSON.parse(output) as { heap: number[]; errors: string[]; violations: string[] };
  expect(errors).toEqual([]);
  expect(violations).toEqual([]);
  // V8 settles in its own time: one round that leaves nothing behind is enough.
  const growths = heap.slice(1).map((octets, round) => octets - heap[round]!);
  expect(Math.min(...growths), `octets after each round: ${heap.join(', ')}`).toBeLessThan(tolerance);
}, 300_000);
