import { SeededRandom } from '../random';

/** What becomes of a transmission. Collisions happen in half duplex only. */
export type TransmitFault =
  /** Some collisions, then success. */
  | 'collisions'
  /** Sixteen collisions: given up. */
  | 'excessive collisions'
  /** A collision behind the first 64 octets: given up at once. */
  | 'late collision'
  /** TXRTS stays set, no flag comes. TXRST helps. */
  | 'stuck'
  /** The same, and only a reset of the chip helps. */
  | 'stuck for good';

/** What silence after an overflow ends: the receiver resumes once space is freed, or it has to be reset. */
export type Deafness = 'none' | 'until RXRST' | 'until reset';

/** Probabilities for each occasion, 0 (never, the default) to 1. */
export interface ChipFaultRates {
  /** Of one flipped bit in an octet on the way to the host, and to the chip. */
  miso: number;
  mosi: number;
  /** Of each fault of a transmission. */
  collisions: number;
  excessiveCollisions: number;
  lateCollisions: number;
  stuck: number;
  /** That the header of a stored packet leads astray. */
  nextPointers: number;
  /** That an edge of INT is not noticed: `onInterrupt` is not called. */
  lostEdges: number;
}

/**
 * Octets that pass between two flipped bits at least, 2000 on each of the two lines: two in one frame could hide from
 * the Internet checksum.
 */
const FLIP_DISTANCE = 4000;

/** What goes wrong around and in a chip, by rate and seed or by command. Everything may be changed at any time. */
export class ChipFaults {
  readonly rates: ChipFaultRates = {
    miso: 0,
    mosi: 0,
    collisions: 0,
    excessiveCollisions: 0,
    lateCollisions: 0,
    stuck: 0,
    nextPointers: 0,
    lostEdges: 0,
  };

  /** Faults of the next transmissions, in order, before the rates have their say; `undefined` spares one. */
  readonly transmissions: (TransmitFault | undefined)[] = [];

  /** Nanoseconds that chip select stays low after the last clock: MAC and MII registers need 210. */
  chipSelectHold = 250;

  /** What an overflow does to the receiver. */
  afterOverflow: Deafness = 'none';

  private readonly random: SeededRandom;
  private sinceFlip = FLIP_DISTANCE;

  constructor(seed = 1) {
    this.random = new SeededRandom(seed);
  }

  /** Ends all that is going on by rate or setting. */
  end(): void {
    for (const name of Object.keys(this.rates) as (keyof ChipFaultRates)[]) this.rates[name] = 0;
    this.transmissions.length = 0;
    this.chipSelectHold = 250;
    this.afterOverflow = 'none';
  }

  /** An octet as it comes over a line of the bus. */
  carried(octet: number, rate: number): number {
    this.sinceFlip++;
    if (rate === 0 || this.sinceFlip < FLIP_DISTANCE || !this.random.chance(rate)) return octet;
    this.sinceFlip = 0;
    return octet ^ (1 << this.random.below(8));
  }

  /** True when the fault of that rate happens now. */
  happens(name: keyof ChipFaultRates): boolean {
    return this.random.chance(this.rates[name]);
  }

  transmission(halfDuplex: boolean): TransmitFault | undefined {
    const commanded = this.transmissions.length > 0;
    const fault = commanded ? this.transmissions.shift() : this.drawn();
    return halfDuplex || fault === 'stuck' || fault === 'stuck for good' ? fault : undefined;
  }

  octet(): number {
    return this.random.below(256);
  }

  below(limit: number): number {
    return this.random.below(limit);
  }

  private drawn(): TransmitFault | undefined {
    if (this.happens('stuck')) return 'stuck';
    if (this.happens('lateCollisions')) return 'late collision';
    if (this.happens('excessiveCollisions')) return 'excessive collisions';
    return this.happens('collisions') ? 'collisions' : undefined;
  }
}
