import type { Core } from './core';
import { Erratum } from './errata';
import { hashIndex } from './hash';
import { Erxfcon, Register } from './registers';
import { isBroadcast, isMulticast, octetsEqual } from './status-vector';

const ADDRESS_LENGTH = 6;
const MAGIC_REPETITIONS = 16;
const PATTERN_WINDOW = 64;

/** The Internet checksum as the DMA and the pattern filter make it: complemented, an odd last octet padded with 0. */
export function checksumOf(length: number, octetAt: (index: number) => number): number {
  let sum = 0;
  for (let index = 0; index < length; index++) sum += index & 1 ? octetAt(index) : octetAt(index) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** MAADR: its octets stand in a scrambled order in the map. */
export function stationAddress(core: Core): number[] {
  return [
    Register.MAADR1,
    Register.MAADR2,
    Register.MAADR3,
    Register.MAADR4,
    Register.MAADR5,
    Register.MAADR6,
  ].map((register) => core.values[register]!);
}

function unicastMatches(core: Core, frame: Uint8Array): boolean {
  return octetsEqual(frame, 0, stationAddress(core));
}

/**
 * Section 8.2: the octets that EPMM selects in the window at EPMO, without those between, have the checksum EPMCS.
 * The whole window must lie in the frame, selected or not.
 */
function patternMatches(core: Core, frame: Uint8Array): boolean {
  const window = core.word(Register.EPMOL);
  if (window + PATTERN_WINDOW > frame.length) return false;
  const selected: number[] = [];
  for (let at = 0; at < PATTERN_WINDOW; at++) {
    if (!core.has(Register.EPMM0 + (at >> 3), 1 << (at & 7))) continue;
    selected.push(frame[window + at]!);
  }
  return checksumOf(selected.length, (index) => selected[index]!) === core.word(Register.EPMCSL);
}

/** Section 8.3: a frame to MAADR that has six octets of FFh and then sixteen times MAADR somewhere. */
function isMagicPacket(core: Core, frame: Uint8Array): boolean {
  if (!unicastMatches(core, frame)) return false;
  const address = stationAddress(core);
  const pattern = new Array<number>(ADDRESS_LENGTH).fill(0xff);
  for (let time = 0; time < MAGIC_REPETITIONS; time++) pattern.push(...address);
  for (let at = 0; at + pattern.length <= frame.length; at++) if (octetsEqual(frame, at, pattern)) return true;
  return false;
}

/** Section 8.4. */
function hashMatches(core: Core, frame: Uint8Array): boolean {
  const index = hashIndex(frame);
  return core.has(Register.EHT0 + (index >> 3), 1 << (index & 7));
}

const FILTERS: readonly [Erxfcon, (core: Core, frame: Uint8Array) => boolean][] = [
  [Erxfcon.UCEN, unicastMatches],
  [Erxfcon.PMEN, (core, frame) => patternMatches(core, frame) || core.errata.strikes(Erratum.PATTERN_FILTER)],
  [Erxfcon.MPEN, isMagicPacket],
  [Erxfcon.HTEN, hashMatches],
  [Erxfcon.MCEN, (_, frame) => isMulticast(frame)],
  [Erxfcon.BCEN, (_, frame) => isBroadcast(frame)],
];

/** Figures 8-1 and 8-2, CRCEN left out: with no filter enabled every frame is wanted. */
export function filtersAccept(core: Core, frame: Uint8Array): boolean {
  const enabled = FILTERS.filter(([bit]) => core.has(Register.ERXFCON, bit));
  if (enabled.length === 0) return true;
  return core.has(Register.ERXFCON, Erxfcon.ANDOR)
    ? enabled.every(([, matches]) => matches(core, frame))
    : enabled.some(([, matches]) => matches(core, frame));
}
