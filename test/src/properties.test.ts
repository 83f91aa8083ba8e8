import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addSums, sumWords } from '../../src/wire/checksum';
import { advance, after, before, distance } from '../../src/wire/sequence';
import { checksum, half, readPacket } from './frames';
import { Peer } from './peer';

const number = fc.integer({ min: -0x80000000, max: 0x7fffffff });
const word = fc.nat(0xffff);

describe('sequence numbers', () => {
  /** Numbers that lie in one half of the circle, wherever it begins, as they do in a window. */
  const window = fc.tuple(number, fc.array(fc.nat(0x7fffffff), { minLength: 1, maxLength: 12 }));

  test('within half of the circle stand in the order of their distances, also across its seam', () => {
    fc.assert(fc.property(window, ([start, offsets]) => {
      const sorted = offsets.map((offset) => advance(start, offset)).sort((a, b) => (before(a, b) ? -1 : after(a, b) ? 1 : 0));
      expect(sorted.map((seq) => distance(start, seq))).toEqual([...offsets].sort((a, b) => a - b));
    }));
  });

  test('move together: what is added to both changes neither order nor distance', () => {
    fc.assert(fc.property(number, number, number, (a, b, step) => {
      const [c, d] = [advance(a, step), advance(b, step)];
      expect([before(c, d), after(c, d), distance(c, d)]).toEqual([before(a, b), after(a, b), distance(a, b)]);
    }));
  });

  test('are signed, whatever is added', () => {
    fc.assert(fc.property(number, number, (a, count) => {
      const sum = advance(a, count);
      expect(sum).toBe(sum | 0);
      expect(advance(sum, -count)).toBe(a);
      expect(advance(a, distance(a, sum))).toBe(sum);
    }));
  });
});

describe('the checksum mended for a changed word (RFC 1624, equation 3)', () => {
  const octets = fc.uint8Array({ minLength: 2, maxLength: 80 });

  test('is that of the changed octets', () => {
    fc.assert(fc.property(octets, fc.nat(), word, (bytes, where, value) => {
      const at = (where % (bytes.length >> 1)) * 2;
      const old = bytes[at]! * 256 + bytes[at + 1]!;
      const sum = addSums(addSums(~checksum(bytes) & 0xffff, ~old & 0xffff), value);
      const changed = Uint8Array.from(bytes);
      changed.set(half(value), at);
      // Of nothing but zeros the sum is the other zero: RFC 1624 section 3, and the pings below.
      fc.pre(changed.some((octet) => octet !== 0));
      expect(addSums(sumWords(changed, 0, changed.length), ~sum & 0xffff)).toBe(0xffff);
    }));
  });

  test('is right in the answer to every ping, where equation 2 of RFC 1141 would be wrong', () => {
    const peer = new Peer();
    // Words that bring request or answer to one of the two zeros of ones' complement.
    const edges = fc.oneof(word, fc.constantFrom(0xf7ff, 0xf7fe, 0xf800, 0xffff, 0x0000, 0xfff7, 0x07ff));
    fc.assert(fc.property(edges, edges, fc.nat(1), (id, sequence, odd) => {
      const request = Uint8Array.from([8, 0, 0, 0, ...half(id), ...half(sequence), ...new Array<number>(odd).fill(0xff)]);
      request.set(half(checksum(request)), 2);
      const { payload } = readPacket(peer.sendsPacket({ protocol: 1, payload: request }).mac.outbox.pop()!);
      expect(checksum(payload)).toBe(0);
      expect(payload.slice(4)).toEqual(request.slice(4));
    }), { numRuns: 2000 });
  });
});
