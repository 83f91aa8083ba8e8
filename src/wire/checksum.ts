import type { Frame } from '../../hal/hal';

// The Internet checksum (RFC 1071) around the sum that the platform computes.

/** Adds two sums in ones' complement: each of 0 to 0xFFFF, the result too. */
export function addSums(a: number, b: number): number {
  const sum = a + b;
  return (sum & 0xffff) + (sum >> 16);
}

/** The portable form of `Platform.checksum`, for engines that have no faster one. */
export function sumWords(bytes: Uint8Array, offset: number, length: number): number {
  const end = offset + (length & ~1);
  let sum = 0;
  for (let at = offset; at < end; at += 2) sum += (bytes[at] << 8) | bytes[at + 1];
  if (length & 1) sum += bytes[end] << 8;
  // A frame has at most 759 words, so one carry beyond 32 bits cannot happen; two foldings are enough.
  sum = (sum & 0xffff) + (sum >>> 16);
  return (sum & 0xffff) + (sum >>> 16);
}

/** The portable forms of `Platform.rawSum`, `Platform.rawSumOfFrame` and `Platform.rawSumOf`. */
export function rawSum(bytes: Uint8Array, offset: number, length: number): number {
  const sum = sumWords(bytes, offset, length);
  return ((sum & 255) << 8) | (sum >> 8);
}

export function rawSumOfFrame(frame: Frame, offset: number, length: number): number {
  return rawSum(frame.octets, offset, length);
}

export function rawSumOf(words: Uint16Array): number {
  let sum = 0;
  for (let at = 0; at < words.length; at++) sum += words[at];
  return sum;
}

/** The sum of the pseudo-header that TCP and UDP share (RFC 9293 section 3.1): addresses, protocol, length. */
export function pseudoHeaderSum(source: number, destination: number, protocol: number, length: number): number {
  'cold';
  const sum =
    (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff) + protocol + length;
  return addSums(sum & 0xffff, sum >> 16);
}
