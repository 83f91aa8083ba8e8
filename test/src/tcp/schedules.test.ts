import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../hal/mock/random';
import type { Connection, ConnectionHandler } from '../../../src/tcp/connection';
import { closeReasonName } from '../../../src/tcp/errors';
import { Lan, noise } from '../lan';

/** Writes and reads in pieces of chance, when the test says so, and closes at the end of what it has to say. */
class Fickle implements ConnectionHandler {
  connection: Connection | null = null;
  readonly received: number[] = [];
  readonly events: string[] = [];
  private said = 0;
  private ended_ = false;

  constructor(private readonly text: Uint8Array, private readonly random: SeededRandom) {}

  get over(): boolean {
    return this.events.at(-1)?.startsWith('closed') ?? false;
  }

  /** Something, perhaps. */
  acts(): void {
    const c = this.connection;
    if (c === null) return;
    if (this.random.chance(0.3)) {
      const bytes = new Uint8Array(1 + this.random.below(1500));
      const count = c.read(bytes, 0, bytes.length);
      this.received.push(...bytes.subarray(0, count));
    }
    if (this.said < this.text.length && this.random.chance(0.3)) {
      c.noDelay = this.random.chance(0.3);
      const count = Math.min(1 + this.random.below(900), this.text.length - this.said);
      this.said += c.write(this.text, this.said, count);
    }
    if (this.said === this.text.length && !this.ended_) {
      this.ended_ = true;
      c.end();
    }
  }

  opened(c: Connection): void {
    this.connection = c;
    this.events.push('opened');
  }

  readable(): void {}
  writable(): void {}

  ended(): void {
    this.events.push('ended');
  }

  closed(_c: Connection, reason: number): void {
    this.connection = null;
    this.events.push('closed: ' + closeReasonName(reason));
  }
}

/** One schedule: two stacks of sizes by chance, a wire with faults by chance, two applications that dawdle. */
function schedule(seed: number): void {
  const random = new SeededRandom(seed);
  const rate = () => (random.chance(0.5) ? 0 : random.unit() * 0.04);
  const lan = new Lan({
    loss: rate(), duplication: rate(), reordering: rate(), corruption: rate(), delay: random.below(30_000), seed,
  });
  const sizes = () => {
    const mss = 88 + random.below(600);
    return { mss, receiveBuffer: mss + random.below(2000), sendBuffer: mss + random.below(2000) };
  };
  const server = lan.join(2, sizes());
  const client = lan.join(1, sizes());
  const one = new Fickle(noise(random.below(9000), seed), random);
  const two = new Fickle(noise(random.below(9000), seed + 1), random);
  server.stack.listen(7, one);
  expect(client.stack.connect(server.address, 7, two)).not.toBeNull();
  for (let turn = 0; turn < 40_000 && !(one.over && two.over); turn++) {
    lan.run(1 + random.below(200));
    one.acts();
    two.acts();
  }
  expect([one.events, two.events], `seed ${seed}`).toEqual([['opened', 'ended', 'closed: normal'], ['opened', 'ended', 'closed: normal']]);
  expect(Buffer.from(one.received).equals(Buffer.from(two['text'])), `seed ${seed}`).toBe(true);
  expect(Buffer.from(two.received).equals(Buffer.from(one['text'])), `seed ${seed}`).toBe(true);
  for (const { stack } of [server, client]) {
    expect(stack.tcp.connections.every((c) => c.stateName === 'CLOSED'), `seed ${seed}`).toBe(true);
  }
}

describe('schedules of loss, delay, reordering and slow applications', () => {
  const first = Number(process.env['SEED'] ?? 1);
  const count = Number(process.env['SCHEDULES'] ?? 300);
  test(`${count} of them end with the same octets on both sides and nothing left open`, () => {
    for (let seed = first; seed < first + count; seed++) schedule(seed);
  });
});
