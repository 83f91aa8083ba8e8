import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MemoryProfile } from '../../src/options';
import type { Connection, ConnectionHandler } from '../../src/tcp/connection';
import { FULL, Lan, SIZES } from './lan';

// How fast a transfer is, by the size of the buffers and the loss on the way. The tables in throughput.txt are what two
// stacks of ours really do; they follow from the seeds, so every change of them is a change of the stack. To write them
// anew, and see by their difference what a change has brought: THROUGHPUT=write npx vitest ... test/src/throughput

const PATH = join(__dirname, 'throughput.txt');
const BUFFERS = [1072, 2144, 2920, 5840, 11_680, 23_360, 65_535];
const LOSSES = [0, 0.001, 0.01, 0.05, 0.1];
const SEEDS = [1, 2, 3, 4, 5];

/** Octets that are waited for, and milliseconds after which it is enough. */
const OCTETS = 500_000;
const LONGEST = 60_000;
/** Half a round trip, microseconds. */
const DELAY = 5000;

const scratch = new Uint8Array(4096);

/** Writes as much as it may, and never comes to an end. */
class Source implements ConnectionHandler {
  opened(c: Connection): void {
    this.writable(c);
  }

  readable(): void {}

  writable(c: Connection): void {
    while (c.write(scratch, 0, scratch.length) > 0);
  }

  ended(): void {}
  closed(): void {}
}

/** Reads as soon as it may. */
class Sink implements ConnectionHandler {
  taken = 0;

  opened(): void {}

  readable(c: Connection): void {
    for (let count = 1; count > 0; this.taken += count) count = c.read(scratch, 0, scratch.length);
  }

  writable(): void {}
  ended(): void {}
  closed(): void {}
}

/** Octets a second that come through. */
function throughput(profile: MemoryProfile, buffer: number, loss: number, seed: number): number {
  const lan = new Lan({ loss, delay: DELAY, seed });
  // Full Ethernet frames where two of them fit, else two segments of the size that every network carries.
  const sizes = { ...profile, receiveBuffer: buffer, sendBuffer: buffer, mss: buffer >= 2920 ? 1460 : 536 };
  const server = lan.join(2, sizes);
  const client = lan.join(1, sizes);
  const sink = new Sink();
  server.stack.listen(9, sink);
  client.stack.connect(server.address, 9, new Source());
  lan.run(LONGEST, () => sink.taken >= OCTETS);
  return Math.round(sink.taken / (lan.clock.now / 1e6));
}

function table(title: string, profile: MemoryProfile): string {
  const head = ['buffers', ...LOSSES.map((loss) => `${loss * 100} %`)];
  const rows = BUFFERS.map((buffer) => [
    String(buffer),
    ...LOSSES.map((loss) => {
      const runs = SEEDS.map((seed) => throughput(profile, buffer, loss, seed));
      return String(Math.round(runs.reduce((sum, rate) => sum + rate) / runs.length));
    }),
  ]);
  return [title, ...[head, ...rows].map((row) => row.map((cell) => cell.padStart(10)).join(''))].join('\n');
}

test('throughput by buffer size and loss is what throughput.txt says', () => {
  const now = [
    'Octets a second over 10 Mbit/s with a round trip of 10 ms, mean of five runs. Columns: frames lost, each way.',
    '',
    table('Nothing switched on: Reno, NewReno', SIZES),
    '',
    table('Everything switched on: window scale, timestamps, SACK with RACK-TLP, CUBIC', FULL),
    '',
  ].join('\n');
  if (process.env['THROUGHPUT'] === 'write') writeFileSync(PATH, now);
  expect(now, 'THROUGHPUT=write writes it anew').toBe(readFileSync(PATH, 'utf8'));
});
