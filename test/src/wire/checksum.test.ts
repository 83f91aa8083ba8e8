import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { get16, get32, put16, put32 } from '../../../src/wire/bytes';
import { addSums, pseudoHeaderSum, rawSum, rawSumOf, sumWords } from '../../../src/wire/checksum';
import { checksum, half, word } from '../frames';

const octets = fc.uint8Array({ maxLength: 1500 });
/** Both forms of zero are the same number in ones' complement. */
const same = (a: number, b: number) => expect(a % 0xffff).toBe(b % 0xffff);

describe('the sum', () => {
  test('is that of RFC 1071 section 3', () => {
    expect(sumWords(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7), 0, 8)).toBe(0xddf2);
  });

  test('agrees with an independent one, of any length, odd too, at any even place', () => {
    fc.assert(fc.property(octets, fc.nat(50), (bytes, skip) => {
      const offset = Math.min(skip * 2, bytes.length & ~1);
      const sum = sumWords(bytes, offset, bytes.length - offset);
      expect(sum).toBeLessThanOrEqual(0xffff);
      same(sum, 0xffff - checksum(bytes.slice(offset)));
    }));
  });

  test('of words as they stand in memory leaves the same with its octets exchanged', () => {
    fc.assert(fc.property(octets, (bytes) => {
      const sum = sumWords(bytes, 0, bytes.length);
      same(rawSum(bytes, 0, bytes.length), sum * 256);
      const even = bytes.slice(0, bytes.length & ~1);
      same(rawSumOf(new Uint16Array(even.buffer)), rawSum(even, 0, even.length));
    }));
  });

  test('does not look past its end', () => {
    expect(sumWords(Uint8Array.of(1, 2, 3, 255), 0, 3)).toBe(0x0402);
    expect(sumWords(new Uint8Array(1514).fill(255), 0, 1514)).toBe(0xffff);
    expect(sumWords(new Uint8Array(4), 0, 0)).toBe(0);
  });

  test('of two parts is the sum of their sums', () => {
    fc.assert(fc.property(octets, fc.nat(700), (bytes, at) => {
      const cut = Math.min(at * 2, bytes.length & ~1);
      const sum = addSums(sumWords(bytes, 0, cut), sumWords(bytes, cut, bytes.length - cut));
      expect(sum).toBe(sumWords(bytes, 0, bytes.length));
    }));
  });

  test('of all ones stays within 16 bits', () => {
    expect(addSums(0xffff, 0xffff)).toBe(0xffff);
  });
});

test('the pseudo-header counts both addresses, the protocol and the length', () => {
  const address = fc.integer({ min: -0x80000000, max: 0x7fffffff });
  fc.assert(fc.property(address, address, fc.nat(255), fc.nat(65535), (source, destination, protocol, length) => {
    const header = Uint8Array.from([...word(source), ...word(destination), 0, protocol, ...half(length)]);
    same(pseudoHeaderSum(source, destination, protocol, length), 0xffff - checksum(header));
  }));
});

test('fields are big-endian; 32 bits are signed', () => {
  const bytes = new Uint8Array(6);
  put32(bytes, 1, -2);
  expect(Array.from(bytes)).toEqual([0, 255, 255, 255, 254, 0]);
  expect(get32(bytes, 1)).toBe(-2);
  put16(bytes, 3, 0x1abcd);
  expect(Array.from(bytes)).toEqual([0, 255, 255, 0xab, 0xcd, 0]);
  expect(get16(bytes, 3)).toBe(0xabcd);
});
