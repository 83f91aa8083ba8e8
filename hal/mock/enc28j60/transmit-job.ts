import type { Core } from './core';
import { LAST_ADDRESS } from './core';
import { frameCheckSequenceGood, withFrameCheckSequence } from '../fcs';
import { Macon3, Register } from './registers';
import { isVlan } from './status-vector';

/** The octet in front of the frame (data sheet figure 7-1). */
const enum Control {
  POVERRIDE = 0x01,
  PCRCEN = 0x02,
  PPADEN = 0x04,
  PHUGEEN = 0x08,
}

/** MACON3.PADCFG in place: the values that pad (register 6-2). */
const enum Padding {
  TO_60 = 0x20,
  TO_64 = 0x60,
  BY_VLAN = 0xa0,
  ALSO_TO_64 = 0xe0,
}

const MINIMUM_LENGTH = 60;
const MINIMUM_VLAN_LENGTH = 64;

/** A frame on its way out. */
export interface Job {
  readonly frame: Uint8Array;
  /** Longer than MAMXFL allows. */
  readonly giant: boolean;
  readonly goodCrc: boolean;
  /** Where the status vector goes. */
  readonly statusAt: number;
}

function configuredMinimum(core: Core, data: Uint8Array): number {
  const padding = core.values[Register.MACON3]! & Macon3.PADCFG;
  if (padding === Padding.TO_60) return MINIMUM_LENGTH;
  if (padding === Padding.TO_64 || padding === Padding.ALSO_TO_64) return MINIMUM_VLAN_LENGTH;
  if (padding === Padding.BY_VLAN) return isVlan(data) ? MINIMUM_VLAN_LENGTH : MINIMUM_LENGTH;
  return 0;
}

/** The frame between ETXST and ETXND as the MAC makes it: padding, check sequence, and the cut at MAMXFL. */
export function buildJob(core: Core): Job {
  const first = core.word(Register.ETXSTL);
  const length = (core.word(Register.ETXNDL) - first) & LAST_ADDRESS;
  const control = core.memory[first]!;
  const data = new Uint8Array(length);
  for (let at = 0; at < length; at++) data[at] = core.memory[(first + 1 + at) & LAST_ADDRESS]!;

  const override = (control & Control.POVERRIDE) !== 0;
  const appends = override ? (control & Control.PCRCEN) !== 0 : core.has(Register.MACON3, Macon3.TXCRCEN);
  const huge = override ? (control & Control.PHUGEEN) !== 0 : core.has(Register.MACON3, Macon3.HFRMEN);
  const minimum = override ? (control & Control.PPADEN ? MINIMUM_LENGTH : 0) : configuredMinimum(core, data);
  if (minimum > 0 && !appends) {
    const which = override ? 'PCRCEN in the control octet' : 'MACON3.TXCRCEN';
    core.violation(`A frame is to be padded without a frame check sequence: set ${which} as well.`);
  }

  let frame: Uint8Array = data;
  if (length < minimum) {
    frame = new Uint8Array(minimum);
    frame.set(data);
  }
  if (appends) frame = withFrameCheckSequence(frame);
  const limit = core.word(Register.MAMXFLL);
  const giant = !huge && frame.length > limit;
  if (giant) frame = frame.slice(0, limit);
  return { frame, giant, goodCrc: frameCheckSequenceGood(frame) || giant, statusAt: first + 1 + length };
}
