// What a board may choose. The functions cost it nothing unless it calls them.

import type { Enc28j60 } from './driver';
import { Phy, PhyBit, Register } from './registers';

/**
 * ERXFCON (data sheet, register 8-1). ANDOR stays 0: a frame is taken when any of the filters wants it, and when none
 * of them but CRCEN is on, every good frame is.
 */
export const enum Filter {
  UCEN = 0x80, // own unicast address
  CRCEN = 0x20, // and, in any case, a good CRC
  PMEN = 0x10, // the pattern of EPMM and EPMCS, here that of ARP requests; may let others pass (erratum 18)
  HTEN = 0x04, // destination's hash is in EHT
  MCEN = 0x02, // every group, and broadcast
  BCEN = 0x01, // broadcast

  /** What is received unless the driver is told otherwise. */
  USUAL = UCEN | CRCEN | HTEN | BCEN,
  /**
   * Of broadcasts only ARP's: a busy network's other broadcasts cost nothing then. A DHCP server that answers by
   * broadcast is not heard; and who joins 224.0.0.251 (mDNS) hears all broadcasts, which have the same hash.
   */
  QUIET = UCEN | CRCEN | HTEN | PMEN,
  /** Promiscuous: whatever is on the wire. */
  EVERYTHING = CRCEN,
}

/** The pattern filter's window on a broadcast ARP packet (data sheet, section 8.2): octets 0 to 5, 12 and 13. */
export const enum Pattern {
  EPMM0 = 0x3f,
  EPMM1 = 0x30,
  EPMCSL = 0xf9, // low octet of the checksum of FFFF FFFF FFFF 0806
  EPMCSH = 0xf7,
}

/** Functions of the LEDs (data sheet, register 2-2). Not 14, which is broken (erratum 11). */
export const enum Led {
  TRANSMIT = 1,
  RECEIVE = 2,
  COLLISION = 3,
  LINK = 4,
  DUPLEX = 5,
  TRANSMIT_RECEIVE = 7,
  ON = 8,
  OFF = 9,
  BLINK_FAST = 10,
  BLINK_SLOW = 11,
  LINK_RECEIVE = 12,
  LINK_TRANSMIT_RECEIVE = 13,
}

/** Chooses which frames are received: one of `Filter`'s sums, or other bits of ERXFCON. */
export function receiveOnly(driver: Enc28j60, filter: Filter): void {
  'cold';
  driver.settings.changeSetting(Register.ERXFCON, filter);
}

/** Where `Settings.phyTable` holds it. */
const PHLCON_PLACE = 5;

/** Chooses what the LEDs show: LEDA the link, LEDB transmission and reception, unless they are told otherwise. */
export function showOnLeds(driver: Enc28j60, ledA: Led, ledB: Led): void {
  'cold';
  const stretched = PhyBit.RESERVED_ONES | PhyBit.LFRQ_73MS | PhyBit.STRCH;
  const word = stretched | (ledA * PhyBit.LACFG) | (ledB * PhyBit.LBCFG);
  driver.settings.phyTable[PHLCON_PLACE] = word;
  driver.bus.phyWrite(Phy.PHLCON, word);
}
