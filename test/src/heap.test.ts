import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { EthernetMac, Frame } from '../../hal/hal';
import { macCounters } from '../../hal/mock/wire-port';
import { Stack } from '../../src/stack';
import type { Connection, ConnectionHandler } from '../../src/tcp/connection';
import { put16 } from '../../src/wire/bytes';
import { addSums, pseudoHeaderSum, sumWords } from '../../src/wire/checksum';
import { ethernet, ipPacket } from './frames';
import { FULL, seededPlatform, SIZES } from './lan';
import { PEER, PEER_HARDWARE, STACK } from './peer';

// The test itself must not allocate while it measures: frames go through rings made once.

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const QUEUE = 32;
const FRAMES = 12_000;
/** Less than an octet a frame: the smallest object takes twelve. */
const NOISE = FRAMES - 1;
/** Rounds until the engine has compiled what is run: before, it boxes the results of divisions for a moment. */
const ATTEMPTS = 80;

/** One end of a cable; every `lossEvery`th frame is lost on it. */
class Pipe implements EthernetMac {
  readonly counters = macCounters();
  other: Pipe = this;
  lossEvery = 0;
  sent = 0;
  private readonly frames = Array.from({ length: QUEUE }, () => new Uint8Array(1514));
  private readonly lengths = new Int32Array(QUEUE);
  private first = 0;
  private waiting = 0;

  constructor(readonly address: Uint8Array) {}

  open(): void {}

  mayReceive(): boolean {
    return this.waiting > 0;
  }

  receive(frame: Frame): number {
    if (this.waiting === 0) return 0;
    const at = this.first;
    this.first = (at + 1) % QUEUE;
    this.waiting--;
    copy(this.frames[at]!, frame.octets, this.lengths[at]!);
    return this.lengths[at]!;
  }

  sound(): boolean {
    return true;
  }

  send(frame: Uint8Array, length: number): boolean {
    return this.sendParts(frame, length, frame, 0, 0);
  }

  sendParts(frame: Uint8Array, length: number, data: Uint8Array, offset: number, count: number): boolean {
    this.sent++;
    if (this.lossEvery === 0 || this.sent % this.lossEvery !== 0) this.other.arrives(frame, length, data, offset, count);
    return true;
  }

  arrives(frame: Uint8Array, length: number, data: Uint8Array, offset: number, count: number): void {
    if (this.waiting === QUEUE) return;
    const at = (this.first + this.waiting++) % QUEUE;
    const place = this.frames[at]!;
    copy(frame, place, length);
    for (let octet = 0; octet < count; octet++) place[length + octet] = data[offset + octet]!;
    this.lengths[at] = length + count;
  }

  linkUp(): boolean {
    return true;
  }

  multicast(): void {}
  recover(): void {}
}

function copy(from: Uint8Array, to: Uint8Array, length: number): void {
  for (let at = 0; at < length && at < to.length; at++) to[at] = from[at]!;
}

const NOTHING = new Uint8Array(0);
const SCRATCH = new Uint8Array(300);

const echo: ConnectionHandler = {
  opened: () => undefined,
  readable(c) {
    while (c.available > 0 && c.room > 0) {
      const most = c.room < SCRATCH.length ? c.room : SCRATCH.length;
      c.write(SCRATCH, 0, c.read(SCRATCH, 0, most));
    }
  },
  writable: (c) => echo.readable(c),
  ended: (c) => c.end(),
  closed: () => undefined,
};

/** Writes for a while, half-closes, and says when it is over. */
class Uploader implements ConnectionHandler {
  left = 0;
  open = false;
  closes = 0;

  opened(c: Connection): void {
    this.writable(c);
  }

  readable(c: Connection): void {
    while (c.available > 0) c.read(SCRATCH, 0, SCRATCH.length);
  }

  writable(c: Connection): void {
    while (this.left > 0 && c.room > 0) this.left -= c.write(SCRATCH, 0, SCRATCH.length);
    if (this.left <= 0) c.end();
  }

  ended(): void {}

  closed(): void {
    this.open = false;
    this.closes++;
  }
}

/** SYN, SYN ACK, ACK, RST, FIN ACK and nothing, with a segment size; their port and checksum are still to be written. */
const ATTACKS = [0x02, 0x12, 0x10, 0x04, 0x11, 0].map((flags) => ethernet([2, 0, 0, 0, 0, 1], PEER_HARDWARE, 0x0800, ipPacket({
  source: PEER, destination: STACK, protocol: 6,
  payload: [0, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7, 8, 0x60, flags, 16, 0, 0, 0, 0, 0, 2, 4, 5, 180],
})));

/** A router's complaint about a segment that was never sent. */
const UNREACHABLE = ethernet([2, 0, 0, 0, 0, 1], PEER_HARDWARE, 0x0800, ipPacket({
  source: PEER, destination: STACK, protocol: 1, payload: icmpMessage([3, 4, 0, 0, 0, 0, 2, 64], ipPacket({
    source: STACK, destination: PEER, protocol: 6, payload: [0, 7, 78, 32, 1, 2, 3, 4],
  })),
}));

function icmpMessage(head: number[], about: Uint8Array): Uint8Array {
  const message = Uint8Array.of(...head, ...about);
  put16(message, 2, ~sumWords(message, 0, message.length));
  return message;
}

class Cable {
  readonly near = new Pipe(Uint8Array.of(2, 0, 0, 0, 0, 1));
  readonly far = new Pipe(PEER_HARDWARE);
  readonly server: Stack;
  readonly client: Stack;
  readonly app = new Uploader();
  now = 0;
  private readonly ping = ethernet(this.near.address, PEER_HARDWARE, 0x0800, ipPacket({
    source: PEER, destination: STACK, protocol: 1, payload: [8, 0, 0xf7, 0xfe, 0, 0, 0, 1],
  }));
  private readonly noise = ethernet(this.near.address, PEER_HARDWARE, 0x0800, new Uint8Array(60).fill(0x45));
  private readonly segment = Uint8Array.from(this.noise);

  constructor(sizes: typeof SIZES) {
    this.server = new Stack(this.near, seededPlatform(1), { ...sizes, address: STACK, netmask: -256, gateway: 0 });
    this.client = new Stack(this.far, seededPlatform(2), { ...sizes, address: PEER, netmask: -256, gateway: 0, msl: 1000 });
    this.near.other = this.far;
    this.far.other = this.near;
    this.server.listen(7, echo);
  }

  /** Segments of every kind, and so many SYNs that the slots run out and cookies are sent. */
  private attacks(): void {
    for (let n = 0; n < 12; n++) {
      const kind = ATTACKS[n < 6 ? n : 0]!;
      put16(kind, 34, 20_000 + ((this.now * 7 + n) % 20_000));
      put16(kind, 50, 0);
      put16(kind, 50, ~addSums(sumWords(kind, 34, 24), pseudoHeaderSum(PEER, STACK, 6, 24)));
      this.near.arrives(kind, kind.length, NOTHING, 0, 0);
    }
    this.near.arrives(UNREACHABLE, UNREACHABLE.length, NOTHING, 0, 0);
  }

  /** Connections that open, carry data both ways and close, with pings, noise and forged segments in between. */
  carries(frames: number): void {
    const end = this.near.sent + this.far.sent + frames;
    while (this.near.sent + this.far.sent < end) {
      if (!this.app.open) {
        this.app.left = 30_000;
        this.app.open = this.client.connect(STACK, 7, this.app) !== null;
      }
      if (this.now % 50 === 0) {
        this.near.arrives(this.ping, this.ping.length, NOTHING, 0, 0);
        this.near.arrives(this.noise, this.noise.length, NOTHING, 0, 0);
        this.near.arrives(this.segment, 54, NOTHING, 0, 0);
        this.attacks();
      }
      const wait = this.server.poll(this.now | 0);
      const other = this.client.poll(this.now | 0);
      const least = wait < other ? wait : other;
      this.now += least > 20 ? 20 : least > 1 ? least : 1;
    }
  }
}

function heapUsed(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const profiles = { 'nothing switched on': SIZES, 'everything switched on': FULL };

describe.each(Object.entries(profiles))('%s', (_name, sizes) => {
  test.each([0, 11])('12,000 frames leave the heap where it was (every %ith lost)', (lossEvery) => {
    const cable = new Cable(sizes);
    cable.near.lossEvery = lossEvery;
    cable.far.lossEvery = lossEvery && lossEvery + 2;
    let least = Infinity;
    // The engine's own tables grow while the code is new; something kept a frame would grow every time.
    for (let attempt = 0; attempt < ATTEMPTS && least > NOISE; attempt++) {
      const before = heapUsed();
      cable.carries(FRAMES);
      least = Math.min(least, heapUsed() - before);
    }
    expect(least).toBeLessThanOrEqual(NOISE);
    expect(cable.app.closes).toBeGreaterThan(20);
    expect(cable.server.tcp.counters.cookiesSent > 0).toBe(sizes.synCookies);
    if (lossEvery > 0) expect(cable.client.tcp.counters.retransSegs).toBeGreaterThan(100);
  });

  test('and nothing is made and dropped on the way: less than an octet a frame without any collection', () => {
    const cable = new Cable(sizes);
    cable.near.lossEvery = 17;
    const measure = process.memoryUsage;
    let least = Infinity;
    // A collection throws compiled code away too, so there is only one: code that is not compiled boxes numbers.
    collectGarbage();
    for (let attempt = 0; attempt < ATTEMPTS && least > NOISE; attempt++) {
      const before = measure().heapUsed;
      cable.carries(FRAMES);
      const grown = measure().heapUsed - before;
      if (grown >= 0) least = Math.min(least, grown);
    }
    expect(least).toBeLessThanOrEqual(NOISE);
  });
});
