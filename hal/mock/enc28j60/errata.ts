import { SeededRandom } from '../random';

export type Revision = 'B1' | 'B4' | 'B5' | 'B7';

/** EREVID of each silicon revision (errata sheet DS80349). */
export const EREVID: Readonly<Record<Revision, number>> = { B1: 0x02, B4: 0x04, B5: 0x05, B7: 0x06 };

/** Problems of the errata sheet that software meets. The others are the supply's, the crystal's or the board's. */
export const enum Erratum {
  /** MAC and MII registers are unreliable when the SPI clock is below 8 MHz: reads give noise, writes are lost. */
  SLOW_SPI = 1,
  /** SRC stops the PHY's clock for up to 1 ms, CLKRDY does not tell: MAC and MII registers fail meanwhile. */
  SYSTEM_RESET = 2,
  /** CLKOUT stands still in power save. */
  CLKOUT = 4,
  /** A write to ERXST or ERXND may load 0000 into the hidden write pointer. */
  RING_START = 5,
  /** EIR.PKTIF may read 0 although packets wait. The INT pin is right. */
  PKTIF = 6,
  /** Loopback in half duplex may lose frames. */
  HALF_LOOPBACK = 9,
  /** Loopback in full duplex may spoil frames. */
  FULL_LOOPBACK = 10,
  /** LED code 1110 shows the duplex mode, and no collisions. */
  LED_CODE = 11,
  /** A half-duplex abort stalls the transmit logic until TXRST; leaving TXRST may set TXERIF. */
  TRANSMIT_STALL = 12,
  /** The partner's link pulses are taken for late collisions, and TXRTS may stay set. */
  LINK_PULSE = 13,
  /** An even ERXRDPT may spoil what is received next. */
  EVEN_POINTER = 14,
  /** ESTAT.LATECOL does not tell late collisions. */
  LATECOL = 15,
  /** LEDB's wiring may be read wrongly at a reset, and PHCON1.PDPXMD with it. */
  LED_POLARITY = 16,
  /** A DMA checksum while a frame comes in loses that frame, and sets RXERIF and BUFER. */
  DMA_CHECKSUM = 17,
  /** The pattern filter may let frames pass that do not match. */
  PATTERN_FILTER = 18,
  /** SRC is ignored in power save. */
  SLEEPING_RESET = 19,
}

/** Problems that not all four revisions have. */
const REVISIONS: Readonly<Record<number, readonly Revision[]>> = {
  [Erratum.SLOW_SPI]: ['B1', 'B4'],
  [Erratum.LINK_PULSE]: ['B5', 'B7'],
};

/** How often each strikes when a seed brings silicon's moods into play: probabilities for each occasion. */
const MOODS: Readonly<Record<number, number>> = {
  [Erratum.SLOW_SPI]: 0.05,
  [Erratum.SYSTEM_RESET]: 0.5,
  [Erratum.RING_START]: 0.25,
  [Erratum.PKTIF]: 0.1,
  [Erratum.HALF_LOOPBACK]: 0.5,
  [Erratum.FULL_LOOPBACK]: 0.5,
  [Erratum.TRANSMIT_STALL]: 0.5,
  [Erratum.LINK_PULSE]: 0.01,
  [Erratum.EVEN_POINTER]: 0.05,
  [Erratum.LATECOL]: 0.5,
  [Erratum.LED_POLARITY]: 0.5,
  [Erratum.PATTERN_FILTER]: 0.1,
};

/** Those that strike each time, seed or none. */
const CERTAIN: readonly number[] = [Erratum.CLKOUT, Erratum.LED_CODE, Erratum.DMA_CHECKSUM, Erratum.SLEEPING_RESET];

/** The probability for single errata by their number: 0 switches one off, 1 makes it strike each time. */
export type ErrataRates = Readonly<Record<number, number>>;

/** Whether a problem of the silicon strikes now. */
export class Errata {
  private readonly random: SeededRandom;

  /** @param seed without one, errata whose effect is random do not strike unless `rates` says so */
  constructor(
    private readonly revision: Revision,
    private readonly seed: number | undefined,
    private readonly rates: ErrataRates = {},
  ) {
    this.random = new SeededRandom(seed ?? 1);
  }

  /** True when the revision has that problem. */
  has(erratum: Erratum): boolean {
    return REVISIONS[erratum]?.includes(this.revision) ?? true;
  }

  strikes(erratum: Erratum): boolean {
    return this.random.chance(this.rate(erratum));
  }

  /** Eight random bits, for what is spoiled. */
  octet(): number {
    return this.random.below(256);
  }

  /** A whole number from 0 up to, but without, `limit`. */
  below(limit: number): number {
    return this.random.below(limit);
  }

  private rate(erratum: Erratum): number {
    if (!this.has(erratum)) return 0;
    const asked = this.rates[erratum];
    if (asked !== undefined) return asked;
    if (CERTAIN.includes(erratum)) return 1;
    return this.seed === undefined ? 0 : (MOODS[erratum] ?? 0);
  }
}
