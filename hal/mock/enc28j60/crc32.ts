/** CRC-32 of IEEE 802.3, polynomial 04C11DB7h, in its two uses: the frame check sequence and the hash table's index. */

const REFLECTED = 0xedb88320;
const NORMAL = 0x04c11db7;

const TABLE = new Int32Array(256);
for (let octet = 0; octet < 256; octet++) {
  let remainder = octet;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ REFLECTED : remainder >>> 1;
  TABLE[octet] = remainder;
}

/** CRC-32 (the one of zlib, too) of `bytes[start .. end)`, unsigned. On the wire its lowest octet goes first. */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let remainder = -1;
  for (let at = start; at < end; at++) remainder = TABLE[(remainder ^ bytes[at]!) & 0xff]! ^ (remainder >>> 8);
  return ~remainder >>> 0;
}

/** Octets of the frame check sequence. */
export const FCS_LENGTH = 4;

/** True when the last four octets are the right frame check sequence of those before them. */
export function frameCheckHolds(frame: Uint8Array): boolean {
  const body = frame.length - FCS_LENGTH;
  if (body < 0) return false;
  const crc = crc32(frame, 0, body);
  for (let octet = 0; octet < FCS_LENGTH; octet++) {
    if (frame[body + octet] !== ((crc >>> (8 * octet)) & 0xff)) return false;
  }
  return true;
}

/** `body` with its frame check sequence behind it. */
export function withFrameCheck(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(body.length + FCS_LENGTH);
  frame.set(body);
  const crc = crc32(body);
  for (let octet = 0; octet < FCS_LENGTH; octet++) frame[body.length + octet] = (crc >>> (8 * octet)) & 0xff;
  return frame;
}

/**
 * The hash table filter's bit for the destination address of `frame`: bits 28:23 of the CRC as the shift register
 * holds it, neither reflected nor inverted (data sheet section 8.4). EHT octet is index / 8, bit is index % 8.
 */
export function hashIndex(frame: Uint8Array): number {
  let remainder = -1;
  for (let at = 0; at < 6; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const feedback = (remainder >>> 31) ^ ((frame[at]! >> bit) & 1);
      remainder = feedback ? (remainder << 1) ^ NORMAL : remainder << 1;
    }
  }
  return (remainder >>> 23) & 0x3f;
}
