import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BROADCAST } from '../../../src/ip/address';
import { ReassemblyCounters } from '../../../src/ip/reassembly';
import { SeededRandom } from '../../../hal/mock/random';
import { checksum, half, ipPacket, readPacket } from '../frames';
import type { IpFields } from '../frames';
import { noise } from '../lan';
import { Peer, PEER, STACK } from '../peer';

const SIZE = 1000;

/** An echo request of so many octets in all. */
function echo(length: number, seed = 1): Uint8Array {
  const message = Uint8Array.from([8, 0, 0, 0, 0, 1, 0, 2, ...noise(length - 8, seed)]);
  message.set(half(checksum(message)), 2);
  return message;
}

/** The pieces of a payload, cut at these offsets. */
function cut(payload: Uint8Array, ...at: number[]): Partial<IpFields>[] {
  const ends = [...at, payload.length];
  return [0, ...at].map((from, n) => {
    const more = ends[n] === payload.length ? 0 : 0x2000;
    return { payload: payload.slice(from, ends[n]), fragment: more | (from >> 3) };
  });
}

function host() {
  const peer = new Peer({ reassembly: SIZE }).passes(3000);
  peer.mac.outbox.length = 0;
  const sends = (...pieces: Partial<IpFields>[]) => {
    for (const piece of pieces) peer.sendsPacket({ protocol: 1, payload: [], ...piece });
    return peer.mac.outbox.splice(0).map(readPacket);
  };
  return { peer, sends, counters: () => peer.stack.services.map((one) => Reflect.get(one, 'counters') as ReassemblyCounters)[0]! };
}

/** An echo reply to `request`. */
const reply = (request: Uint8Array) => Uint8Array.from([0, 0, ...half(((request[2]! << 8) | request[3]!) + 0x800 > 0xffff
  ? ((request[2]! << 8) | request[3]!) + 0x800 - 0xffff : ((request[2]! << 8) | request[3]!) + 0x800), ...request.slice(4)]);

describe('fragments', () => {
  test.each([
    ['in order', [0, 1, 2]], ['backwards', [2, 1, 0]], ['the last one first', [2, 0, 1]], ['with one twice', [0, 1, 1, 2]],
  ])('%s become one datagram', (_name, order) => {
    const { sends, counters } = host();
    const request = echo(500);
    const pieces = cut(request, 200, 400);
    const answers = sends(...order.map((n) => pieces[n]!));
    expect(answers.map(({ payload }) => payload)).toEqual([reply(request)]);
    expect(counters()).toMatchObject({ oks: 1, fails: 0, busy: 0 });
  });

  test('of any sizes, in any order', () => {
    const blocks = fc.array(fc.integer({ min: 1, max: 69 }), { maxLength: 9 });
    fc.assert(fc.property(fc.integer({ min: 16, max: 556 }), blocks, fc.nat(), (length, cuts, seed) => {
      const { sends } = host();
      const request = echo(length, seed);
      const at = [...new Set(cuts.map((block) => block * 8))].filter((one) => one < length).sort((a, b) => a - b);
      const random = new SeededRandom(seed);
      const pieces = cut(request, ...at).map((piece) => ({ piece, key: random.bits() })).sort((a, b) => a.key - b.key);
      expect(sends(...pieces.map(({ piece }) => piece)).map(({ payload }) => payload)).toEqual([reply(request)]);
    }), { numRuns: 200 });
  });

  test('up to the size of the buffer', () => {
    const { sends, counters } = host();
    sends(...cut(noise(SIZE - 20), 496));
    expect(counters().oks).toBe(1);
    sends(...cut(noise(SIZE - 19), 496));
    expect(counters()).toMatchObject({ oks: 1, fails: 1 });
  });

  test('of an echo request whose answer would not fit a frame stay unanswered', () => {
    const { sends, counters, peer } = host();
    expect(sends(...cut(echo(600), 296))).toEqual([]);
    expect(counters().oks).toBe(1);
    expect(peer.stack.icmp.counters.inIgnored).toBe(1);
  });
});

describe('fragments that do not fit together are given up', () => {
  const request = echo(400);
  test.each<[string, Partial<IpFields>[]]>([
    ['one overlaps another', [...cut(request, 200).slice(0, 1), { payload: noise(40), fragment: 0x2000 | (192 >> 3) }]],
    ['one that is not the last has an odd length', [{ payload: noise(41), fragment: 0x2000 }]],
    ['one is empty', [{ payload: [], fragment: 0x2000 | 5 }]],
    ['the second last one ends elsewhere', [cut(request, 200)[1]!, { payload: noise(64), fragment: 300 >> 3 }]],
    ['one lies behind the last one', [cut(request, 200)[1]!, { payload: noise(64), fragment: 0x2000 | 50 }]],
    ['one reaches beyond 65,535 octets', [{ payload: noise(64), fragment: 0x1fff }]],
  ])('%s', (_name, pieces) => {
    const { sends, counters } = host();
    expect(sends(...pieces)).toEqual([]);
    expect(counters()).toMatchObject({ oks: 0, fails: 1 });
    expect(sends(...cut(request, 200))).toHaveLength(1);
  });

  test('an overlap never changes what came first', () => {
    const { sends } = host();
    const [first, second] = cut(request, 200);
    expect(sends(first!, { ...first, payload: noise(200, 9) }, second!).map(({ payload }) => payload)).toEqual([reply(request)]);
  });
});

describe('time', () => {
  const request = echo(400);
  test('60 s after the first one the sender is told, with its header and eight octets', () => {
    const { sends, peer, counters } = host();
    const [first] = cut(request, 200);
    sends(first!);
    peer.passes(59_900);
    expect(counters().fails).toBe(0);
    peer.passes(200);
    const [answer] = peer.mac.outbox.splice(0).filter((frame) => frame[13] === 0).map(readPacket);
    expect(Array.from(answer!.payload.slice(0, 2))).toEqual([11, 1]);
    const original = ipPacket({ source: PEER, destination: STACK, protocol: 1, payload: first!.payload!, fragment: 0x2000 });
    expect(answer!.payload.slice(8)).toEqual(original.slice(0, 28));
    expect(counters().fails).toBe(1);
  });

  test('but not when its first fragment is missing, or it was sent to many', () => {
    for (const piece of [cut(request, 200)[1]!, { ...cut(request, 200)[0]!, destination: BROADCAST }]) {
      const { sends, peer } = host();
      sends(piece);
      peer.passes(61_000);
      expect(peer.stack.icmp.counters.outReports).toBe(0);
    }
  });

  test('one datagram at a time: another one waits a second without fragments for the buffer', () => {
    const { sends, peer, counters } = host();
    const [first, second] = cut(request, 200);
    const other = { source: PEER + 1 };
    sends(first!, { ...first!, ...other });
    expect(counters()).toMatchObject({ busy: 1, fails: 0 });
    expect(sends(second!)).toHaveLength(1);
    sends(first!);
    peer.passes(1000);
    sends({ ...first!, ...other });
    expect(counters()).toMatchObject({ busy: 1, fails: 1 });
  });
});

test('20,000 fragments of any kind: nothing thrown, and it works afterwards', () => {
  const { sends, peer, counters } = host();
  const random = new SeededRandom(11);
  for (let n = 0; n < 20_000; n++) {
    const bits = (random.chance(0.5) ? 0x2000 : 0) | (random.chance(0.8) ? random.below(130) : random.below(0x2000)) || 0x2000;
    const protocol = random.chance(0.5) ? 1 : 17;
    peer.sendsPacket({ protocol, source: PEER + random.below(3), payload: noise(random.below(550), n), fragment: bits });
    if (random.chance(0.05)) peer.passes(random.below(2000));
  }
  expect(counters().fails).toBeGreaterThan(1000);
  peer.passes(2000);
  peer.mac.outbox.length = 0;
  expect(sends(...cut(echo(500), 200, 400))).toHaveLength(1);
});
