import { Erratum } from './errata';
import type { Errata } from './errata';

/** What the PHY could show. */
export interface Activity {
  transmitting: boolean;
  receiving: boolean;
  colliding: boolean;
  linked: boolean;
  fullDuplex: boolean;
}

/** Functions of LEDA and LEDB (data sheet register 2-2, LACFG and LBCFG). Stretching and blinking are left out. */
const enum Led {
  TRANSMIT = 0x1,
  RECEIVE = 0x2,
  COLLISION = 0x3,
  LINK = 0x4,
  DUPLEX = 0x5,
  TRANSMIT_RECEIVE = 0x7,
  ON = 0x8,
  OFF = 0x9,
  BLINK_FAST = 0xa,
  BLINK_SLOW = 0xb,
  LINK_RECEIVE = 0xc,
  LINK_TRANSMIT_RECEIVE = 0xd,
  DUPLEX_COLLISION = 0xe,
}

/** True when an LED with that function code is lit. */
export function lit(code: number, activity: Activity, errata: Errata): boolean {
  const { transmitting, receiving, colliding, linked, fullDuplex } = activity;
  if (code === Led.TRANSMIT) return transmitting;
  if (code === Led.RECEIVE) return receiving;
  if (code === Led.COLLISION) return colliding;
  if (code === Led.LINK) return linked;
  if (code === Led.DUPLEX) return fullDuplex;
  if (code === Led.TRANSMIT_RECEIVE) return transmitting || receiving;
  if (code === Led.LINK_RECEIVE) return linked !== receiving;
  if (code === Led.LINK_TRANSMIT_RECEIVE) return linked !== (transmitting || receiving);
  if (code === Led.DUPLEX_COLLISION) return errata.strikes(Erratum.LED_CODE) ? fullDuplex : fullDuplex || colliding;
  return code === Led.ON || code === Led.BLINK_FAST || code === Led.BLINK_SLOW;
}
