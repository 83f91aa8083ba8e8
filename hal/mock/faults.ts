import { SeededRandom } from './random';

/** What the wire did to a frame; empty when it did nothing. A frame suffers one fault at most. */
export type Fault = '' | 'lost' | 'corrupted' | 'duplicated' | 'reordered';

/** How often each fault happens: probabilities, 0 (never, the default) to 1 (always). */
export interface FaultOptions {
  /** The frame never arrives. */
  loss?: number;
  /** One to three of its bits are flipped, those of the frame check sequence included. */
  corruption?: number;
  /** It arrives twice, the second time up to 10 ms later. */
  duplication?: number;
  /** It is held back for 1.3 to 10 ms, so that frames sent after it overtake it. */
  reordering?: number;
  /** A whole number; the same seed repeats the same faults. Default 1. */
  seed?: number;
}

/** Microseconds: a little more than a full frame and its gap take at 10 Mbit/s, so the next frame does overtake. */
const SHORTEST_HOLD = 1300;
/** Microseconds. The bound on how late a held frame or a second copy arrives. */
export const LONGEST_HOLD = 10_000;

const MOST_FLIPPED_BITS = 3;

/**
 * Decides what happens to each frame. Every frame draws the same four numbers whatever the probabilities are, and what
 * a fault needs beyond that comes from a second generator: so changing the rate of one fault leaves the others where
 * they were. The probabilities may be changed at any time.
 */
export class Faults {
  private readonly decisions: SeededRandom;
  private readonly details: SeededRandom;
  private readonly rates = { loss: 0, corruption: 0, duplication: 0, reordering: 0 };

  /** @throws RangeError that names a value out of its range */
  constructor(options: FaultOptions = {}) {
    const seed = options.seed ?? 1;
    if (!Number.isInteger(seed)) throw new RangeError(`The seed of the faults must be a whole number, not ${seed}.`);
    this.decisions = new SeededRandom(seed);
    this.details = new SeededRandom(~seed);
    this.loss = options.loss ?? 0;
    this.corruption = options.corruption ?? 0;
    this.duplication = options.duplication ?? 0;
    this.reordering = options.reordering ?? 0;
  }

  get seed(): number {
    return this.decisions.seed;
  }

  get loss(): number {
    return this.rates.loss;
  }
  set loss(probability: number) {
    this.rates.loss = checked('loss', probability);
  }

  get corruption(): number {
    return this.rates.corruption;
  }
  set corruption(probability: number) {
    this.rates.corruption = checked('corruption', probability);
  }

  get duplication(): number {
    return this.rates.duplication;
  }
  set duplication(probability: number) {
    this.rates.duplication = checked('duplication', probability);
  }

  get reordering(): number {
    return this.rates.reordering;
  }
  set reordering(probability: number) {
    this.rates.reordering = checked('reordering', probability);
  }

  /** What happens to the next frame. The first fault that strikes is the one it suffers. */
  next(): Fault {
    const lost = this.decisions.unit() < this.loss;
    const corrupted = this.decisions.unit() < this.corruption;
    const duplicated = this.decisions.unit() < this.duplication;
    const reordered = this.decisions.unit() < this.reordering;
    if (lost) return 'lost';
    if (corrupted) return 'corrupted';
    if (duplicated) return 'duplicated';
    return reordered ? 'reordered' : '';
  }

  /** Microseconds to hold a frame back. */
  hold(): number {
    return SHORTEST_HOLD + this.details.below(LONGEST_HOLD - SHORTEST_HOLD + 1);
  }

  /** Flips one to three different bits of `frame`. The frame check sequence catches every such error (Hamming distance 4). */
  corrupt(frame: Uint8Array): void {
    const flips = Math.min(1 + this.details.below(MOST_FLIPPED_BITS), frame.length * 8);
    const flipped: number[] = [];
    while (flipped.length < flips) {
      const bit = this.details.below(frame.length * 8);
      if (flipped.includes(bit)) continue;
      flipped.push(bit);
      frame[bit >> 3]! ^= 1 << (bit & 7);
    }
  }
}

function checked(name: string, probability: number): number {
  if (typeof probability !== 'number' || !(probability >= 0 && probability <= 1)) {
    throw new RangeError(`The probability of ${name} must be a number from 0 to 1, not ${probability}.`);
  }
  return probability;
}
