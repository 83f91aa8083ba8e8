/** A small generator (mulberry32) whose whole run follows from its seed: faults and tests repeat exactly. */
export class SeededRandom {
  private state: number;

  constructor(readonly seed: number) {
    this.state = seed | 0;
  }

  /** 32 random bits as a signed integer. */
  bits(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) | 0;
  }

  /** A number from 0 up to, but without, 1. */
  unit(): number {
    return (this.bits() >>> 0) / 4294967296;
  }

  /** An integer from 0 up to, but without, `limit`. */
  below(limit: number): number {
    return Math.floor(this.unit() * limit);
  }

  /** True with the probability given, 0 to 1. */
  chance(probability: number): boolean {
    return probability > 0 && this.unit() < probability;
  }
}
