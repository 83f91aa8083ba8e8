import type { Enc28j60 } from './driver';
import { Filter } from './choices';
import { Rsv, Tsv } from './memory';
import { Macon1, Register } from './registers';
import type { FrameStatistics } from './repairs';

/**
 * The counters of an Ethernet interface under their names of RFC 3635, as far as the chip tells. Each frame sent costs
 * three or four bus transactions more, and bad frames are taken out of the ring instead of being dropped by the chip:
 * a board that has no use for the figures does without, and pays nothing.
 *
 * Not among them is what the chip drops without a word (dot3StatsFrameTooLongs, dot3StatsSymbolErrors) or does not
 * look for (dot3StatsSQETestErrors, dot3StatsCarrierSenseErrors).
 */
export class Statistics implements FrameStatistics {
  dot3StatsAlignmentErrors = 0;
  dot3StatsFCSErrors = 0;
  dot3StatsSingleCollisionFrames = 0;
  dot3StatsMultipleCollisionFrames = 0;
  dot3StatsDeferredTransmissions = 0;
  dot3StatsLateCollisions = 0;
  dot3StatsExcessiveCollisions = 0;
  /** Given up for other reasons: deferred for too long, too long, never ended. */
  dot3StatsInternalMacTransmitErrors = 0;
  /** Shorter than Ethernet allows, or with a status that makes no sense. */
  dot3StatsInternalMacReceiveErrors = 0;
  dot3ControlInUnknownOpcodes = 0;
  dot3InPauseFrames = 0;
  dot3OutPauseFrames = 0;

  /** dot3CollFrequencies: frames that took 1 to 15 collisions, by their number. */
  readonly dot3CollFrequencies = new Uint32Array(16);

  frameSent(vector: Uint8Array): void {
    const errors = vector[Tsv.ERRORS];
    const collisions = vector[Tsv.COLLISIONS] & Tsv.COUNT;
    if ((errors & Tsv.LATE_COLLISION) !== 0) {
      this.dot3StatsLateCollisions++;
    } else if ((errors & Tsv.EXCESSIVE_COLLISIONS) !== 0) {
      this.dot3StatsExcessiveCollisions++;
    } else if ((vector[Tsv.COLLISIONS] & Tsv.DONE) === 0) {
      this.dot3StatsInternalMacTransmitErrors++;
    } else {
      if (collisions === 1) this.dot3StatsSingleCollisionFrames++;
      else if (collisions > 1) this.dot3StatsMultipleCollisionFrames++;
      this.dot3CollFrequencies[collisions]++;
      if ((errors & Tsv.DEFERRED) !== 0) this.dot3StatsDeferredTransmissions++;
      if ((vector[Tsv.MORE] & Tsv.PAUSE) !== 0) this.dot3OutPauseFrames++;
    }
  }

  frameDropped(status: number, count: number): void {
    if ((status & Rsv.CRC_ERROR) !== 0) {
      if ((status & Rsv.DRIBBLE) !== 0) this.dot3StatsAlignmentErrors++;
      else this.dot3StatsFCSErrors++;
    } else if ((status & Rsv.PAUSE) !== 0) {
      this.dot3InPauseFrames++;
    } else if ((status & Rsv.UNKNOWN_OPCODE) !== 0) {
      this.dot3ControlInUnknownOpcodes++;
    } else if (count > 0) {
      this.dot3StatsInternalMacReceiveErrors++;
    }
  }
}

/**
 * Has bad frames and MAC control frames received, so that they are counted: to be called before `open`. Pause frames go to the group
 * 01:80:C2:00:00:01, which has to be joined.
 */
export function observe(driver: Enc28j60): void {
  'cold';
  const settings = driver.settings;
  settings.putSetting(Register.ERXFCON, Filter.USUAL & ~Filter.CRCEN);
  settings.putSetting(Register.MACON1, Macon1.FULL_DUPLEX | Macon1.PASSALL);
}
