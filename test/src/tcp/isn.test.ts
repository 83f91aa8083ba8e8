import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { nodePlatform } from '../../../boards/virtual/node-platform';
import type { Platform } from '../../../hal/hal';
import { SequenceGenerator } from '../../../src/tcp/isn';
import { seededPlatform } from '../lan';

// Words are unsigned numbers here, added as such, so that no 32-bit habit of the source is repeated.
const WORD = 2 ** 32;
const add = (a: number, b: number) => (a + b) % WORD;
const xor = (a: number, b: number) => (a ^ b) >>> 0;
const rotate = (x: number, by: number) => (x * 2 ** by) % WORD + Math.floor(x / 2 ** (32 - by));

/** HalfSipHash-2-4 with 32 bits of output, over octets, after the reference of its authors. */
function halfSipHash(k0: number, k1: number, message: Uint8Array): number {
  let v0 = k0, v1 = k1, v2 = xor(0x6c796765, k0), v3 = xor(0x74656462, k1);
  const round = () => {
    v0 = add(v0, v1); v1 = rotate(v1, 5); v1 = xor(v1, v0); v0 = rotate(v0, 16);
    v2 = add(v2, v3); v3 = rotate(v3, 8); v3 = xor(v3, v2);
    v0 = add(v0, v3); v3 = rotate(v3, 7); v3 = xor(v3, v0);
    v2 = add(v2, v1); v1 = rotate(v1, 13); v1 = xor(v1, v2); v2 = rotate(v2, 16);
  };
  const absorb = (word: number) => { v3 = xor(v3, word); round(); round(); v0 = xor(v0, word); };
  const whole = message.length & ~3;
  const little = (from: number, to: number) => message.slice(from, to).reduceRight((word, octet) => word * 256 + octet, 0);
  for (let at = 0; at < whole; at += 4) absorb(little(at, at + 4));
  absorb((message.length & 255) * 2 ** 24 + little(whole, message.length));
  v2 = xor(v2, 0xff);
  round(); round(); round(); round();
  return xor(v1, v3);
}

function expected(seed: number, local: number, remote: number, ports: number, now: number): number {
  const platform = seededPlatform(seed);
  const k0 = platform.random() >>> 0, k1 = platform.random() >>> 0;
  const message = new Uint8Array(12);
  [local, remote, ports].forEach((word, at) => new DataView(message.buffer).setInt32(at * 4, word, true));
  return (halfSipHash(k0, k1, message) + ((now >>> 0) * 250) % WORD) | 0;
}

test('the independent hash agrees with the published vectors', () => {
  // vectors_hsip32 of the reference: key 00 01 ... 07, message 00 01 ... (n - 1).
  const message = Uint8Array.from({ length: 12 }, (_, at) => at);
  const hash = (length: number) => halfSipHash(0x03020100, 0x07060504, message.subarray(0, length));
  expect([0, 1, 2].map(hash)).toEqual([0x5b9f35a9, 0xb85a4727, 0x03a662fa]);
});

describe('initial sequence numbers (RFC 6528)', () => {
  test('are M + F(ends, secret)', () => {
    const int = fc.integer({ min: -0x80000000, max: 0x7fffffff });
    fc.assert(fc.property(int, int, int, int, fc.nat(1000), (local, remote, ports, now, seed) => {
      const generator = new SequenceGenerator(seededPlatform(seed));
      expect(generator.initialSequenceNumber(local, remote, ports, now)).toBe(expected(seed, local, remote, ports, now));
    }));
  });

  test('step every 4 microseconds, over the wrap of the milliseconds too', () => {
    const generator = new SequenceGenerator(seededPlatform(1));
    for (const now of [0, 0x7fffffff, -1]) {
      const first = generator.initialSequenceNumber(1, 2, 3, now);
      expect((generator.initialSequenceNumber(1, 2, 3, (now + 1) | 0) - first) | 0).toBe(250);
    }
  });

  test('differ by each end, and by the secret', () => {
    const of = (seed: number, local: number, remote: number, ports: number) => {
      return new SequenceGenerator(seededPlatform(seed)).initialSequenceNumber(local, remote, ports, 0);
    };
    expect(new Set([of(1, 1, 2, 3), of(1, 9, 2, 3), of(1, 1, 9, 3), of(1, 1, 2, 9), of(2, 1, 2, 3)]).size).toBe(5);
  });
});

describe('where the engine has SHA-256', () => {
  const secret = [1, 2, 3, 4, 5];
  const platform = (): Platform => ({ ...nodePlatform, random: ((left) => () => left.shift()!)([...secret]) });

  test('the hash is its first word, of the secret and the ends', () => {
    const int = fc.integer({ min: -0x80000000, max: 0x7fffffff });
    fc.assert(fc.property(int, int, int, int, (local, remote, ports, now) => {
      const block = Buffer.alloc(28);
      [...secret.slice(0, 4), local, remote, ports].forEach((word, at) => block.writeInt32BE(word, at * 4));
      const hash = createHash('sha256').update(block).digest().readInt32BE();
      const generator = new SequenceGenerator(platform());
      expect(generator.initialSequenceNumber(local, remote, ports, now)).toBe((hash + ((now >>> 0) * 250) % WORD) | 0);
    }));
  });

  test('and what is hashed after something else is the same as alone', () => {
    const generator = new SequenceGenerator(platform());
    const first = generator.cookieHash(1, 2, 3);
    expect(generator.cookieHash(-1, -1, -1)).not.toBe(first);
    expect(generator.cookieHash(1, 2, 3)).toBe(first);
    expect(new SequenceGenerator(platform()).cookieHash(1, 2, 3)).toBe(first);
  });
});

test('ephemeral ports lie in 49152 to 65535, follow each other, and start elsewhere for each peer', () => {
  const generator = new SequenceGenerator(seededPlatform(1));
  const ports = Array.from({ length: 20_000 }, () => generator.ephemeralPort(1, 2, 80));
  expect(Math.min(...ports)).toBe(49152);
  expect(Math.max(...ports)).toBe(65535);
  expect(new Set(ports.slice(0, 16384)).size).toBe(16384);
  const next = (remote: number) => new SequenceGenerator(seededPlatform(1)).ephemeralPort(1, remote, 80);
  expect(next(2)).not.toBe(next(3));
});
