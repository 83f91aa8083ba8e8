import type { FrameCheck } from '../hal';
import type { FrameStatistics } from './repairs';

/** What an `Enc28j60` is made with. */
export interface Enc28j60Options {
  /** The station address, six octets, first octet first. Copied. */
  address: Uint8Array;

  /**
   * Full duplex; half duplex when left out. The chip does not negotiate, and a partner that does takes it for half
   * duplex: set this only when the partner's port is set to 10 Mbit/s full duplex by hand. Otherwise each side takes
   * the other's frames for collisions, and the connection is slow and lossy without being down.
   */
  fullDuplex?: boolean;

  /**
   * Room in the chip for two frames of full size to send instead of one, and for three to receive instead of four.
   * Pays for hosts that build a frame faster than the wire takes one, 1.2 ms. Frames up to 748 octets have it anyway.
   */
  twoFrames?: boolean;

  /**
   * Checks a received frame against its check sequence, for the chip did so before the frame came over the bus: when
   * `sound` is asked, and as long as the bus is not trusted by itself. Without it disturbances of the bus are left to the
   * checksums of IP, UDP and TCP.
   */
  intact?: FrameCheck;

  /**
   * For long wires: the chip's count of frames and its write pointer are compared before each frame, which takes four bus
   * transactions more, and each frame is checked, and read again if need be, before anybody sees it. Without it that
   * begins after the first error and ends ten minutes after the last one.
   */
  careful?: boolean;

  /** Counts what costs bus transactions for each frame. */
  statistics?: FrameStatistics;
}

/** @throws Error when `address` cannot be a station's */
export function checkAddress(address: Uint8Array): void {
  'cold';
  const good = address && address.length === 6 && (address[0] & 1) === 0;
  if (!good || (address[0] | address[1] | address[2] | address[3] | address[4] | address[5]) === 0) {
    throw new Error('ENC28J60: the address ' + address + ' is no station\'s: six octets, the first one even, not all 0.');
  }
}
