import { distance } from '../../src/wire/sequence';
import { ANSWER_TIME } from './socket-phases';

/**
 * Connections whose peers have closed their side. Espruino is told so, and closes the socket. Only its HTTP server does not:
 * it waits for its own answer, or, when the request was cut short, for ever.
 */
export class HalfClosed {
  /** Espruino has sent since it received last: it may have more for such a peer. */
  readonly sent: Uint8Array;
  /** Espruino has been told, and when. */
  readonly told: Uint8Array;
  private readonly toldAt: Int32Array;

  constructor(slots: number) {
    this.sent = new Uint8Array(slots);
    this.told = new Uint8Array(slots);
    this.toldAt = new Int32Array(slots);
  }

  /** Espruino is told, perhaps again. True: it has had time enough to answer since the first time. */
  tells(slot: number, now: number): boolean {
    'cold';
    if (this.told[slot] === 0) {
      this.told[slot] = 1;
      this.toldAt[slot] = now;
    }
    return distance(this.toldAt[slot], now) >= ANSWER_TIME;
  }
}
