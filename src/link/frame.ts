import type { Frame } from '../../hal/hal';

/** Words begin so many octets behind a frame's start: `Frame.words`. */
const SKIPPED = 2;

/** Room for a received frame. */
export class FrameBuffer implements Frame {
  octets: Uint8Array;
  words: Int32Array;

  constructor(readonly size: number) {
    // Two octets in front, so that the words are aligned.
    const memory = new ArrayBuffer(SKIPPED + ((size + 5) & ~3));
    this.octets = new Uint8Array(memory, SKIPPED, size);
    this.words = new Int32Array(memory, SKIPPED * 2, (size - SKIPPED) >> 2);
  }
}
