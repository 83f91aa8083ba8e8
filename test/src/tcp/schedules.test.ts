import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../hal/mock/random';
import type { WireOptions } from '../../../hal/mock/wire';
import type { Connection, ConnectionHandler } from '../../../src/tcp/connection';
import { closeReasonName } from '../../../src/tcp/errors';
import { wholeNumber } from '../../tools';
import { FULL, Lan, noise } from '../lan';
import type { Options } from './states';

/** Writes and reads in pieces of chance, when the test says so, and closes at the end of what it has to say. */
class Fickle implements ConnectionHandler {
  connection: Connection | null = null;
  readonly received: Uint8Array;
  heard = 0;
  readonly events: string[] = [];
  private said = 0;
  private ended_ = false;

  /** @param most octets of a piece */
  constructor(readonly text: Uint8Array, expected: number, private readonly most: number, private readonly random: SeededRandom) {
    this.received = new Uint8Array(expected + 1);
  }

  get over(): boolean {
    return this.events.at(-1)?.startsWith('closed') ?? false;
  }

  /** Something, perhaps. */
  acts(): void {
    const c = this.connection;
    if (c === null) return;
    if (this.random.chance(0.3)) {
      const count = Math.min(1 + this.random.below(this.most * 2), this.received.length - this.heard);
      this.heard += c.read(this.received, this.heard, count);
    }
    if (this.said < this.text.length && this.random.chance(0.3)) {
      c.noDelay = this.random.chance(0.3);
      const count = Math.min(1 + this.random.below(this.most), this.text.length - this.said);
      this.said += c.write(this.text, this.said, count);
    }
    if (this.said === this.text.length && !this.ended_) {
      this.ended_ = true;
      c.end();
    }
  }

  opened(c: Connection): void {
    // On a bad wire seven losses in a row do happen, and would end the connection rightly.
    c.setRetries(3, 100);
    this.connection = c;
    // Where one segment in five is lost both ways, seven in a row are at times.
    c.setRetries(3, 40);
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

/** A wire with faults by chance: mostly a little of some, at times much of one. */
function wireOf(random: SeededRandom, seed: number): WireOptions {
  const rate = () => (random.chance(0.5) ? 0 : random.unit() * 0.04);
  const delay = random.chance(0.9) ? random.below(30_000) : random.below(400_000);
  const wire: WireOptions = { loss: rate(), duplication: rate(), reordering: rate(), corruption: rate(), delay, seed };
  if (random.chance(0.1)) wire[(['loss', 'duplication', 'reordering', 'corruption'] as const)[random.below(4)]!] = random.unit() * 0.2;
  if (random.chance(0.1)) wire.bitsPerSecond = 100_000 + random.below(900_000);
  return wire;
}

/** A side's sizes by chance, and what it can do. */
function profileOf(random: SeededRandom, roomy: boolean): Options {
  const mss = 88 + random.below(random.chance(0.2) ? 1373 : 600);
  const most = roomy ? 60_000 : 2000;
  const [receiveBuffer, sendBuffer] = [mss + random.below(most), mss + random.below(most)];
  const profile: Record<string, number | boolean> = { mss, receiveBuffer, sendBuffer };
  for (const [name, value] of Object.entries(FULL)) if (value === true) profile[name] = random.chance(0.5);
  if (roomy && profile['windowScale']) profile['receiveBuffer'] = 65_536 + random.below(150_000);
  return profile;
}

/** One schedule: two stacks of sizes by chance, a wire with faults by chance, two applications that dawdle. */
function schedule(seed: number): void {
  const random = new SeededRandom(seed);
  const lan = new Lan(wireOf(random, seed));
  // The millisecond count passes its sign, or its end, in some.
  if (random.chance(0.1)) lan.clock.now = (random.chance(0.5) ? 0x7fffffff : 0xffffffff) * 1000 - random.below(10e6);
  const roomy = random.chance(0.05);
  const server = lan.join(2, profileOf(random, roomy));
  const client = lan.join(1, profileOf(random, roomy));
  const [length, other] = [random.below(roomy ? 200_000 : 9000), random.below(9000)];
  const most = roomy ? 20_000 : 900;
  const one = new Fickle(noise(length, seed), other, most, random);
  const two = new Fickle(noise(other, seed + 1), length, most, random);
  server.stack.listen(7, one);
  expect(client.stack.connect(server.address, 7, two)).not.toBeNull();
  for (let turn = 0; turn < 100_000 && !(one.over && two.over); turn++) {
    lan.run(1 + random.below(200));
    one.acts();
    two.acts();
  }
  const whole = ['opened', 'ended', 'closed: normal'];
  expect({ seed, one: one.events, two: two.events }).toEqual({ seed, one: whole, two: whole });
  expect([one.heard, two.heard], `seed ${seed}`).toEqual([two.text.length, one.text.length]);
  expect(Buffer.from(one.text).equals(two.received.subarray(0, length)), `seed ${seed}`).toBe(true);
  expect(Buffer.from(two.text).equals(one.received.subarray(0, other)), `seed ${seed}`).toBe(true);
  for (const { stack } of [server, client]) {
    expect(stack.tcp.connections.every((c) => c.stateName === 'CLOSED'), `seed ${seed}`).toBe(true);
    expect(stack.tcp.waiting, `seed ${seed}`).toBe(-1);
  }
}

describe('schedules of loss, delay, reordering and slow applications', () => {
  const first = wholeNumber('SEED', 1);
  const count = wholeNumber('SCHEDULES', 10_000, 1);
  const chunk = 1000;
  const chunks = Array.from({ length: Math.ceil(count / chunk) }, (_, n) => first + n * chunk);
  test.each(chunks)('those from seed %i on end with the same octets on both sides and nothing left open', (from) => {
    const end = Math.min(from + chunk, first + count);
    for (let seed = from; seed < end; seed++) schedule(seed);
  });
});
