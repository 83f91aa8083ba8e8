import { get16, put16 } from '../wire/bytes';

/** Kinds of TCP option (RFC 9293 section 3.2). */
const enum Kind {
  end = 0,
  noOperation = 1,
  maximumSegmentSize = 2,
}

/** Octets that our own options take in a SYN: the maximum segment size. */
export const SYN_OPTIONS = 4;

/** What the options of a segment say. */
export class Options {
  /** Maximum segment size, 0 when the option is absent. */
  mss = 0;
  /** An option's length was impossible: what follows it was not read (RFC 9293 MUST-7). */
  malformed = false;
}

/** Reads the options between `at` and `end` of a frame. Unknown ones are passed over by their length (MUST-6). */
export function parseOptions(options: Options, frame: Uint8Array, at: number, end: number): void {
  options.mss = 0;
  options.malformed = false;
  while (at < end) {
    const kind = frame[at];
    if (kind === Kind.end) return;
    if (kind === Kind.noOperation) {
      at++;
    } else {
      const length = at + 1 < end ? frame[at + 1] : 0;
      if (length < 2 || at + length > end) {
        options.malformed = true;
        return;
      }
      if (kind === Kind.maximumSegmentSize && length === 4) options.mss = get16(frame, at + 2);
      at += length;
    }
  }
}

/** Writes the options of a SYN: `SYN_OPTIONS` octets. */
export function writeSynOptions(frame: Uint8Array, at: number, mss: number): void {
  frame[at] = Kind.maximumSegmentSize;
  frame[at + 1] = 4;
  put16(frame, at + 2, mss);
}
