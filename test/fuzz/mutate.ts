import type { SeededRandom } from '../../hal/mock/random';
import { checksum, get16, half } from '../src/frames';

// Frames that were right, and are not any more. Lengths and counts are changed where they stand in each protocol.

/** Values at the edges of what a field holds. */
const OCTETS = [0, 1, 4, 5, 7, 8, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xfe, 0xff];
const HALVES = [0, 1, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0x1fff, 0x2000, 0x3fff, 0x4000, 0x7fff, 0x8000, 0xfff8, 0xffff];
const LONGEST = 1600;

/** Octets of a frame that hold a length, a count, an offset or a type: of Ethernet, ARP, IPv4, and what is in it. */
const STRUCTURE = [
  12, 13, 14, 16, 17, 18, 19, 20, 21, 22, 23, 26, 30, 32, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55,
  56, 58, 62, 282, 283, 284, 285,
];

export function pick<T>(random: SeededRandom, from: readonly T[]): T {
  return from[random.below(from.length)]!;
}

type Mutation = (random: SeededRandom, frame: Uint8Array, other: () => Uint8Array) => Uint8Array;

const MUTATIONS: Mutation[] = [
  function flip(random, frame) {
    for (let left = 1 + random.below(4); left > 0; left--) frame[random.below(frame.length)]! ^= 1 << random.below(8);
    return frame;
  },
  function octet(random, frame) {
    frame[random.below(frame.length)] = pick(random, OCTETS);
    return frame;
  },
  function structure(random, frame) {
    const at = pick(random, STRUCTURE);
    if (random.chance(0.5)) frame[at] = random.chance(0.5) ? pick(random, OCTETS) : random.below(256);
    else if (at + 2 <= frame.length) frame.set(half(pick(random, HALVES)), at);
    return frame;
  },
  function nearLength(random, frame) {
    // A length that is off by little: IPv4's, UDP's, or any other.
    const at = pick(random, [16, 38, 34 + random.below(Math.max(1, frame.length - 36))]);
    if (at + 2 <= frame.length) frame.set(half(get16(frame, at) + random.below(9) - 4), at);
    return frame;
  },
  function cut(random, frame) {
    return frame.slice(0, random.chance(0.3) ? 1 + random.below(frame.length) : Math.max(1, frame.length - 1 - random.below(12)));
  },
  function extend(random, frame) {
    const tail = Uint8Array.from({ length: random.below(LONGEST - Math.min(frame.length, LONGEST)) }, () => random.below(256));
    return Uint8Array.from([...frame, ...tail.subarray(0, random.chance(0.7) ? 40 : tail.length)]);
  },
  function splice(random, frame, other) {
    const donor = other();
    const at = 14 + random.below(Math.max(1, frame.length - 14));
    return Uint8Array.from([...frame.subarray(0, at), ...donor.subarray(random.chance(0.5) ? at : random.below(donor.length))]);
  },
  function repeat(random, frame) {
    const from = random.below(frame.length);
    const part = frame.subarray(from, from + 1 + random.below(64));
    return Uint8Array.from([...frame.subarray(0, from), ...part, ...frame.subarray(from)]);
  },
];

/** Changes a frame once or a few times. @param other makes another frame, to take a part of */
export function mutated(random: SeededRandom, frame: Uint8Array, other: () => Uint8Array): Uint8Array {
  let changed: Uint8Array = frame.slice();
  for (let left = 1 + random.below(3); left > 0 && changed.length > 0; left--) changed = pick(random, MUTATIONS)(random, changed, other);
  return changed;
}

/** Makes the checksums right of whatever stands in the frame, so that it comes further; some lengths too. */
export function mended(random: SeededRandom, frame: Uint8Array): Uint8Array {
  if (frame.length < 34 || get16(frame, 12) !== 0x0800) return frame;
  const header = (frame[14]! & 15) * 4;
  const payload = 14 + header;
  if (header < 20 || payload > frame.length) return frame;
  if (random.chance(0.5)) frame.set(half(frame.length - 14), 16);
  const end = Math.min(frame.length, 14 + get16(frame, 16));
  frame.set([0, 0], 24);
  frame.set(half(checksum(frame.subarray(14, payload))), 24);
  const sumAt = ({ 1: 2, 2: 2, 6: 16, 17: 6 } as Record<number, number>)[frame[23]!];
  if (sumAt === undefined || payload + sumAt + 2 > end) return frame;
  const isUdp = frame[23] === 17;
  const length = isUdp && random.chance(0.5) ? Math.min(end - payload, get16(frame, payload + 4)) : end - payload;
  if (isUdp) frame.set(half(length), payload + 4);
  frame.set([0, 0], payload + sumAt);
  const body = frame.subarray(payload, payload + length);
  const pseudo = frame[23]! < 6 ? [] : [...frame.subarray(26, 34), 0, frame[23]!, ...half(length)];
  frame.set(half(checksum(Uint8Array.from([...pseudo, ...body])) || (isUdp ? 0xffff : 0)), payload + sumAt);
  return frame;
}

/** The fragments of the datagram in a frame, in an order by chance. */
export function fragments(random: SeededRandom, frame: Uint8Array): Uint8Array[] {
  const payload = 14 + (frame[14]! & 15) * 4;
  const data = frame.subarray(payload);
  const pieces: Uint8Array[] = [];
  const identification = random.below(65536);
  for (let at = 0; at < data.length;) {
    const size = Math.min(data.length - at, 8 * (1 + random.below(1 + (data.length >> 4))));
    const piece = Uint8Array.from([...frame.subarray(0, payload), ...data.subarray(at, at + size)]);
    piece.set(half(piece.length - 14), 16);
    piece.set(half(identification), 18);
    piece.set(half((at + size < data.length ? 0x2000 : 0) | (at >> 3)), 20);
    piece.set([0, 0], 24);
    piece.set(half(checksum(piece.subarray(14, payload))), 24);
    pieces.splice(random.below(pieces.length + 1), 0, piece);
    at += size;
  }
  return pieces;
}
