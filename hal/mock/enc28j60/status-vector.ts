import { FCS_LENGTH } from '../fcs';

/** Where things stand in a frame, for the MAC's own look at it. */
const enum Frame {
  TYPE = 12,
  PAYLOAD = 14,
  OPCODE = 14,
  PAUSE_TIME = 16,
}

const MAXIMUM_LENGTH_FIELD = 1500;
const MINIMUM_PAYLOAD = 46;
const TYPE_VLAN = 0x8100;
const TYPE_CONTROL = 0x8808;
const OPCODE_PAUSE = 0x0001;
const PAUSE_GROUP = [0x01, 0x80, 0xc2, 0x00, 0x00, 0x01];

export function octetsEqual(frame: Uint8Array, offset: number, wanted: ArrayLike<number>): boolean {
  for (let at = 0; at < wanted.length; at++) if (frame[offset + at] !== wanted[at]) return false;
  return true;
}

function wordAt(frame: Uint8Array, offset: number): number {
  return offset + 1 < frame.length ? (frame[offset]! << 8) | frame[offset + 1]! : 0;
}

export function isMulticast(frame: Uint8Array): boolean {
  return frame.length > 0 && (frame[0]! & 1) !== 0;
}

export function isBroadcast(frame: Uint8Array): boolean {
  return frame.length >= 6 && octetsEqual(frame, 0, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
}

export function isVlan(frame: Uint8Array): boolean {
  return wordAt(frame, Frame.TYPE) === TYPE_VLAN;
}

export function isControl(frame: Uint8Array): boolean {
  return wordAt(frame, Frame.TYPE) === TYPE_CONTROL;
}

export function isPause(frame: Uint8Array): boolean {
  return isControl(frame) && wordAt(frame, Frame.OPCODE) === OPCODE_PAUSE && octetsEqual(frame, 0, PAUSE_GROUP);
}

/** Quanta of 512 bit times that a pause frame asks for. */
export function pauseQuanta(frame: Uint8Array): number {
  return wordAt(frame, Frame.PAUSE_TIME);
}

/** The length field holds a type instead: more than 1500. */
function lengthOutOfRange(frame: Uint8Array): boolean {
  return wordAt(frame, Frame.TYPE) > MAXIMUM_LENGTH_FIELD;
}

/** The length field holds a length, and not that of the data. Padding to the minimum is no mistake. */
function lengthWrong(frame: Uint8Array): boolean {
  const stated = wordAt(frame, Frame.TYPE);
  const actual = frame.length - Frame.PAYLOAD - FCS_LENGTH;
  if (stated > MAXIMUM_LENGTH_FIELD) return false;
  return stated !== actual && !(stated < MINIMUM_PAYLOAD && actual === MINIMUM_PAYLOAD);
}

function bit(position: number, set: boolean): number {
  return set ? 2 ** position : 0;
}

/**
 * The four octets in front of a received frame (data sheet table 7-3).
 * @param frame with its frame check sequence
 * @param dropped a frame was lost since the last one
 */
export function receiveStatus(frame: Uint8Array, goodCrc: boolean, dropped: boolean): Uint8Array {
  const vector =
    (frame.length & 0xffff) +
    bit(16, dropped) +
    bit(20, !goodCrc) +
    bit(21, lengthWrong(frame)) +
    bit(22, lengthOutOfRange(frame)) +
    bit(23, goodCrc) +
    bit(24, isMulticast(frame) && !isBroadcast(frame)) +
    bit(25, isBroadcast(frame)) +
    bit(27, isControl(frame)) +
    bit(28, isPause(frame)) +
    bit(29, isControl(frame) && wordAt(frame, Frame.OPCODE) !== OPCODE_PAUSE) +
    bit(30, isVlan(frame));
  return Uint8Array.of(vector, vector >>> 8, vector >>> 16, vector >>> 24);
}

/** How a transmission went. */
export interface TransmitOutcome {
  goodCrc: boolean;
  /** The whole frame went out. */
  done: boolean;
  /** Longer than MAMXFL, and therefore aborted. */
  giant: boolean;
  /** Collisions before the last try, 0 to 15. */
  collisions: number;
  /** The medium was busy when the frame was to begin. */
  deferred: boolean;
  excessiveCollisions: boolean;
  lateCollision: boolean;
  /** MACON3.FRMLNEN: the length field was looked at. */
  lengthChecked: boolean;
}

/**
 * The seven octets behind a transmitted frame (data sheet table 7-1).
 * @param frame as it went over the wire, frame check sequence included
 */
export function transmitStatus(frame: Uint8Array, outcome: TransmitOutcome): Uint8Array {
  const vector =
    (frame.length & 0xffff) +
    outcome.collisions * 2 ** 16 +
    bit(20, !outcome.goodCrc) +
    bit(21, outcome.lengthChecked && lengthWrong(frame)) +
    bit(22, lengthOutOfRange(frame)) +
    bit(23, outcome.done) +
    bit(24, isMulticast(frame) && !isBroadcast(frame)) +
    bit(25, isBroadcast(frame)) +
    bit(26, outcome.deferred) +
    bit(28, outcome.excessiveCollisions) +
    bit(29, outcome.lateCollision) +
    bit(30, outcome.giant);
  const upper = bit(0, isControl(frame)) + bit(1, isPause(frame)) + bit(3, isVlan(frame));
  return Uint8Array.of(vector, vector >>> 8, vector >>> 16, vector >>> 24, frame.length, frame.length >>> 8, upper);
}
