// The Ethernet frame check sequence: CRC-32, IEEE 802.3 clause 3.2.9. Reflected polynomial 0xEDB88320, all ones at the
// start, complemented at the end, sent with the low octet first.

/** Octets of frame check sequence at the end of every frame on the wire. */
export const FCS_LENGTH = 4;

const TABLE = new Int32Array(256);
for (let index = 0; index < 256; index++) {
  let remainder = index;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
  TABLE[index] = remainder;
}

/**
 * The frame check sequence of a frame that starts at `bytes[0]`.
 * @param length octets it covers: from the destination address to the end of the padding
 * @returns 32 bits as a signed integer
 */
export function frameCheckSequence(bytes: Uint8Array, length: number): number {
  let remainder = -1;
  for (let index = 0; index < length; index++) {
    remainder = (remainder >>> 8) ^ TABLE[(remainder ^ bytes[index]!) & 0xff]!;
  }
  return ~remainder;
}

/**
 * Writes the check sequence of `frame[0 .. length)` behind it.
 * @param frame has room for four octets more
 * @returns the length with the check sequence, `length` + 4
 * @throws RangeError when there is no room
 */
export function appendFrameCheckSequence(frame: Uint8Array, length: number): number {
  if (length + FCS_LENGTH > frame.length) {
    throw new RangeError(
      `A frame of ${length} octets and its check sequence need ${length + FCS_LENGTH} octets, the buffer has ${frame.length}.`,
    );
  }
  const sequence = frameCheckSequence(frame, length);
  frame[length] = sequence & 0xff;
  frame[length + 1] = (sequence >>> 8) & 0xff;
  frame[length + 2] = (sequence >>> 16) & 0xff;
  frame[length + 3] = sequence >>> 24;
  return length + FCS_LENGTH;
}

/**
 * True when the last four of the frame's octets are the check sequence of those before them.
 * @param length octets of the frame, its check sequence included
 */
export function frameCheckSequenceGood(frame: Uint8Array, length = frame.length): boolean {
  if (length <= FCS_LENGTH) return false;
  const covered = length - FCS_LENGTH;
  const sequence = frameCheckSequence(frame, covered);
  return (
    frame[covered] === (sequence & 0xff) &&
    frame[covered + 1] === ((sequence >>> 8) & 0xff) &&
    frame[covered + 2] === ((sequence >>> 16) & 0xff) &&
    frame[covered + 3] === sequence >>> 24
  );
}

/** A copy of `body` with its check sequence behind it. */
export function withFrameCheckSequence(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(body.length + FCS_LENGTH);
  frame.set(body);
  appendFrameCheckSequence(frame, body.length);
  return frame;
}
