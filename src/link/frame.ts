import { Brought } from '../../hal/hal';
import type { Frame } from '../../hal/hal';

/** Words begin so many octets behind a frame's start: `Frame.words`. */
const SKIPPED = 2;

/** Room for a received frame. */
export class FrameBuffer implements Frame {
  octets: Uint8Array;
  words: Int32Array;
  memory: ArrayBuffer;
  readonly start: number;

  /** @param brought whoever fills it puts arrays of his own in the place of the two: memory is taken by each frame only */
  constructor(readonly size: number, brought = false) {
    const length = brought ? SKIPPED : size;
    // Two octets in front, so that the words are aligned.
    const memory = new ArrayBuffer(SKIPPED + ((length + 5) & ~3));
    this.memory = memory;
    this.start = brought ? Brought.start : SKIPPED;
    this.octets = new Uint8Array(memory, SKIPPED, length);
    this.words = new Int32Array(memory, SKIPPED * 2, (length - SKIPPED) >> 2);
  }
}
