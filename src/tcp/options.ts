import { SACK, TIMESTAMPS, WINDOW_SCALE } from '../features';
import { get16, get32, put16, put32 } from '../wire/bytes';

/** Kinds of TCP option (RFC 9293 section 3.2, RFC 7323, RFC 2018). */
const enum Kind {
  end = 0,
  noOperation = 1,
  maximumSegmentSize = 2,
  windowScale = 3,
  sackPermitted = 4,
  sack = 5,
  timestamps = 8,
}

/** Which options a segment carries: bits of `Options.found`. */
export const enum Option {
  maximumSegmentSize = 1,
  windowScale = 2,
  sackPermitted = 4,
  timestamps = 8,
  sack = 16,
  /** An option's length was impossible: what follows it was not read (RFC 9293 MUST-7). */
  malformed = 32,
}

/** Octets that the timestamps option takes, with the padding in front that aligns it (RFC 7323 appendix A). */
export const TIMESTAMPS_LENGTH = 12;
/** Two octets of no operation, and the timestamps option's kind and length: the usual form. */
const PADDED_TIMESTAMPS = 0x0101080a;
/** A larger shift is taken for this one (RFC 7323 section 2.3). */
const LARGEST_SHIFT = 14;
/** Octets of options that fit a header. */
export const LONGEST_OPTIONS = 40;

/** What the options of a segment say. A field means something while its bit is set in `found`. */
export class Options {
  /** Bits of `Option`. */
  found = 0;
  /** Maximum segment size. */
  mss = 0;
  /** Places by which the sender's windows are shifted, at most 14. */
  shift = 0;
  /** TSval and TSecr. */
  tsVal = 0;
  tsEcr = 0;
  /** Where the SACK blocks stand in the frame: from here to there, 8 octets each. */
  sackStart = 0;
  sackEnd = 0;
}

/** Reads the options between `at` and `end` of a frame. Unknown ones are passed over by their length (MUST-6). */
export function parseOptions(options: Options, frame: Uint8Array, at: number, end: number): void {
  options.found = 0;
  if (TIMESTAMPS && end - at === TIMESTAMPS_LENGTH && get32(frame, at) === PADDED_TIMESTAMPS) {
    takeTimestamps(options, frame, at + 4);
  } else if (at < end) {
    parseEach(options, frame, at, end);
  }
}

function parseEach(options: Options, frame: Uint8Array, at: number, end: number): void {
  'cold';
  while (at < end) {
    const kind = frame[at];
    if (kind === Kind.end) return;
    if (kind === Kind.noOperation) {
      at++;
    } else {
      const length = at + 1 < end ? frame[at + 1] : 0;
      if (length < 2 || at + length > end) {
        options.found |= Option.malformed;
        return;
      }
      take(options, frame, kind, at + 2, length);
      at += length;
    }
  }
}

/** Takes one option whose value starts at `at`. One of another length than its own is passed over. */
function take(options: Options, frame: Uint8Array, kind: number, at: number, length: number): void {
  'cold';
  if (kind === Kind.maximumSegmentSize && length === 4) {
    options.found |= Option.maximumSegmentSize;
    options.mss = get16(frame, at);
  } else if (WINDOW_SCALE && kind === Kind.windowScale && length === 3) {
    options.found |= Option.windowScale;
    options.shift = frame[at] < LARGEST_SHIFT ? frame[at] : LARGEST_SHIFT;
  } else if (SACK && kind === Kind.sackPermitted && length === 2) {
    options.found |= Option.sackPermitted;
  } else if (SACK && kind === Kind.sack && length > 2 && (length & 7) === 2) {
    options.found |= Option.sack;
    options.sackStart = at;
    options.sackEnd = at + length - 2;
  } else if (TIMESTAMPS && kind === Kind.timestamps && length === 10) {
    takeTimestamps(options, frame, at);
  }
}

function takeTimestamps(options: Options, frame: Uint8Array, at: number): void {
  options.found |= Option.timestamps;
  options.tsVal = get32(frame, at);
  options.tsEcr = get32(frame, at + 4);
}

/**
 * Writes the options of a SYN, beside its timestamps: the maximum segment size, and what `bits` of `Option` say.
 * @returns where they end, aligned to 4 octets
 */
export function writeSynOptions(frame: Uint8Array, at: number, mss: number, bits: number, shift: number): number {
  'cold';
  put16(frame, at, (Kind.maximumSegmentSize << 8) | 4);
  put16(frame, at + 2, mss);
  at += 4;
  if (SACK && bits & Option.sackPermitted) {
    put16(frame, at, (Kind.noOperation << 8) | Kind.noOperation);
    put16(frame, at + 2, (Kind.sackPermitted << 8) | 2);
    at += 4;
  }
  if (WINDOW_SCALE && bits & Option.windowScale) {
    put16(frame, at, (Kind.noOperation << 8) | Kind.windowScale);
    put16(frame, at + 2, (3 << 8) | shift);
    at += 4;
  }
  return at;
}

/** Writes the timestamps option: `TIMESTAMPS_LENGTH` octets. */
export function writeTimestamps(frame: Uint8Array, at: number, tsVal: number, tsEcr: number): void {
  put32(frame, at, PADDED_TIMESTAMPS);
  put32(frame, at + 4, tsVal);
  put32(frame, at + 8, tsEcr);
}

/**
 * Writes the head of a SACK option, padded in front.
 * @returns where its blocks start, 8 octets each
 */
export function writeSackHead(frame: Uint8Array, at: number, blocks: number): number {
  'cold';
  put16(frame, at, (Kind.noOperation << 8) | Kind.noOperation);
  put16(frame, at + 2, (Kind.sack << 8) | (2 + (blocks << 3)));
  return at + 4;
}
