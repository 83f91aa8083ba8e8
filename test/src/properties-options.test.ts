import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Option, Options, parseOptions, writeSackHead, writeSynOptions, writeTimestamps } from '../../src/tcp/options';
import { get16, get32, word } from './frames';
import { FULL, SIZES } from './lan';
import { mssOption, Peer } from './peer';

/** What an option list says; where there are SACK blocks, their edges. */
interface Said {
  mss?: number;
  shift?: number;
  sackPermitted?: true;
  timestamps?: [number, number];
  sack?: number[];
  malformed?: true;
}

const edges = (bytes: Uint8Array) => Array.from({ length: bytes.length / 4 }, (_, n) => get32(bytes, n * 4));

/** An option list read by the book, RFC 9293 section 3.1: one after the other, each by its own length, unknown ones passed over. */
function byTheBook(octets: Uint8Array): Said {
  const said: Said = {};
  for (let at = 0; at < octets.length && octets[at] !== 0;) {
    if (octets[at] === 1) {
      at++;
      continue;
    }
    const length = octets[at + 1] ?? 0;
    if (length < 2 || at + length > octets.length) return { ...said, malformed: true };
    const value = octets.subarray(at + 2, at + length);
    const known = `${octets[at]} ${length}`;
    if (known === '2 4') said.mss = get16(value, 0);
    if (known === '3 3') said.shift = Math.min(14, value[0]!);
    if (known === '4 2') said.sackPermitted = true;
    if (octets[at] === 5 && value.length > 0 && value.length % 8 === 0) said.sack = edges(value);
    if (known === '8 10') said.timestamps = [get32(value, 0), get32(value, 4)];
    at += length;
  }
  return said;
}

/** A frame that says which of its octets were asked for. */
class Watched {
  reads = 0;
  readonly outside: number[] = [];
  readonly frame: Uint8Array;

  constructor(octets: Uint8Array, from: number, to: number) {
    this.frame = new Proxy(octets, {
      get: (target, key) => {
        const at = Number(key);
        this.reads++;
        if (!(at >= from && at < to)) this.outside.push(at);
        return target[at];
      },
    });
  }
}

function told({ found, mss, shift, tsVal, tsEcr, sackStart, sackEnd }: Options, frame: Uint8Array): Said {
  const said: Said = {};
  if (found & Option.maximumSegmentSize) said.mss = mss;
  if (found & Option.windowScale) said.shift = shift;
  if (found & Option.sackPermitted) said.sackPermitted = true;
  if (found & Option.timestamps) said.timestamps = [tsVal, tsEcr];
  if (found & Option.sack) said.sack = edges(frame.slice(sackStart, sackEnd));
  if (found & Option.malformed) said.malformed = true;
  return said;
}

function parsed(octets: Uint8Array, behind: readonly number[] = [], options = new Options()) {
  const frame = Uint8Array.from([9, 9, ...octets, ...behind]);
  const watched = new Watched(frame, 2, 2 + octets.length);
  parseOptions(options, watched.frame, 2, 2 + octets.length);
  return { said: told(options, frame), watched };
}

/** Option lists as they come: known and unknown kinds, right and wrong lengths, cut off anywhere. */
const option = fc.oneof(
  fc.constant([1]),
  fc.constant([0]),
  fc.nat(0xffff).map((mss) => mssOption(mss)),
  fc.nat(255).map((shift) => [3, 3, shift]),
  fc.constant([4, 2]),
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((times) => [8, 10, ...times]),
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((times) => [1, 1, 8, 10, ...times]),
  fc.uint8Array({ maxLength: 32 }).map((blocks) => [5, 2 + blocks.length, ...blocks]),
  fc.nat(4).chain((count) => fc.uint8Array({ minLength: 8 * count, maxLength: 8 * count }))
    .map((blocks) => [5, 2 + blocks.length, ...blocks]),
  fc.tuple(fc.integer({ min: 6, max: 255 }), fc.uint8Array({ maxLength: 10 })).map(([kind, body]) => [kind, 2 + body.length, ...body]),
  fc.tuple(fc.nat(255), fc.nat(255)).map((pair) => [...pair]),
);
const list = fc.tuple(fc.array(option, { maxLength: 10 }), fc.nat(40))
  .map(([options, length]) => Uint8Array.from(options.flat().slice(0, length)));

describe('the parser of options', () => {
  test('reads nothing before or behind them, and each octet a few times at most, whatever they are', () => {
    fc.assert(fc.property(fc.oneof(list, fc.uint8Array({ maxLength: 40 })), (octets) => {
      const { watched } = parsed(octets, [2, 4, 77, 77, 3, 3, 3]);
      expect(watched.outside).toEqual([]);
      expect(watched.reads).toBeLessThanOrEqual(4 * octets.length + 4);
    }), { numRuns: 5000 });
  });

  test('understands what the book says they mean', () => {
    fc.assert(fc.property(list, (octets) => {
      expect(parsed(octets).said).toEqual(byTheBook(octets));
    }), { numRuns: 5000 });
  });

  test('finds the same when it reads them again, and nothing of the segment before', () => {
    fc.assert(fc.property(list, list, (first, second) => {
      const used = new Options();
      parsed(first, [], used);
      for (let times = 0; times < 2; times++) expect(parsed(second, [], used).said).toEqual(byTheBook(second));
    }), { numRuns: 2000 });
  });

  test('passes over those it does not know, wherever they stand', () => {
    const unknown = fc.tuple(fc.integer({ min: 9, max: 255 }), fc.uint8Array({ maxLength: 12 }))
      .map(([kind, body]) => [kind, 2 + body.length, ...body]);
    fc.assert(fc.property(fc.array(unknown), fc.array(unknown), fc.nat(0xffff), (front, behind, mss) => {
      expect(parsed(Uint8Array.from([...front.flat(), ...mssOption(mss), ...behind.flat()])).said).toEqual({ mss });
    }));
  });
});

describe('options that we write are read as they were meant', () => {
  const number = fc.integer({ min: -0x80000000, max: 0x7fffffff });
  const frame = new Uint8Array(64);

  /** By the parser and by the book, and they fill whole words. */
  function read(end: number): Said {
    const octets = frame.slice(0, end);
    expect(end % 4).toBe(0);
    expect(parsed(octets).said).toEqual(byTheBook(octets));
    return byTheBook(octets);
  }

  test('those of a SYN', () => {
    fc.assert(fc.property(fc.nat(0xffff), fc.boolean(), fc.boolean(), fc.nat(14), (mss, sack, scale, shift) => {
      const bits = (sack ? Option.sackPermitted : 0) | (scale ? Option.windowScale : 0);
      const end = writeSynOptions(frame, 0, mss, bits, shift);
      expect(read(end)).toEqual({ mss, ...(sack && { sackPermitted: true }), ...(scale && { shift }) });
    }));
  });

  test('timestamps, and SACK blocks behind them', () => {
    fc.assert(fc.property(number, number, fc.array(number, { minLength: 2, maxLength: 6 }), (tsVal, tsEcr, numbers) => {
      const sack = numbers.slice(0, numbers.length & ~1);
      writeTimestamps(frame, 0, tsVal, tsEcr);
      expect(read(12)).toEqual({ timestamps: [tsVal, tsEcr] });
      const at = writeSackHead(frame, 12, sack.length / 2);
      frame.set(sack.flatMap(word), at);
      expect(read(at + 4 * sack.length)).toEqual({ timestamps: [tsVal, tsEcr], sack });
    }));
  });

  test.each([['nothing', SIZES], ['everything', FULL]])('those of a whole stack with %s switched on, in answer to every SYN', (_name, profile) => {
    fc.assert(fc.property(fc.integer({ min: 88, max: 1460 }), list, (mss, options) => {
      const peer = new Peer({ ...profile, mss, receiveBuffer: 4096, sendBuffer: 4096 });
      peer.stack.listen(peer.stackPort, peer.app);
      const padded = [...options, ...new Array<number>(-options.length & 3).fill(1)];
      const heard = peer.sends({ flags: 'SYN', options: padded }).hears()!;
      const asked = byTheBook(Uint8Array.from(padded));
      const answer = byTheBook(Uint8Array.from(heard.options));
      expect(heard.options.length % 4).toBe(0);
      expect(answer.mss).toBe(mss);
      // Nothing is agreed to that was not offered (RFC 7323 sections 2.2 and 3.2, RFC 2018 section 2).
      expect(answer.shift !== undefined).toBe(profile.windowScale && asked.shift !== undefined);
      expect(answer.timestamps !== undefined).toBe(profile.timestamps && asked.timestamps !== undefined);
      expect(answer.sackPermitted ?? false).toBe(profile.sack && (asked.sackPermitted ?? false));
      if (answer.timestamps) expect(answer.timestamps[1]).toBe(asked.timestamps![0]);
    }), { numRuns: 500 });
  });
});
