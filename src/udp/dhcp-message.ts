import { get32 } from '../wire/bytes';

/** Offsets in a message (RFC 2131 section 2), from its start. */
export const enum Dhcp {
  operation = 0, // 1 octet, 1: request, 2: reply
  hardware = 1, // 3 octets: type, length of an address, hops
  xid = 4, // 4 octets
  seconds = 8, // 2 octets
  flags = 10, // 2 octets
  clientAddress = 12, // 4 octets
  yourAddress = 16, // 4 octets
  clientHardware = 28, // 16 octets
  serverName = 44, // 64 octets
  file = 108, // 128 octets
  cookie = 236, // 4 octets
  options = 240,
}

/** The first octets of the options: RFC 2131 section 3. */
export const COOKIE = 0x63825363;

/** Options, RFC 2132. */
export const enum Option {
  pad = 0,
  netmask = 1,
  router = 3,
  nameServer = 6,
  hostName = 12,
  timeServer = 42,
  requestedAddress = 50,
  leaseTime = 51,
  overload = 52,
  messageType = 53,
  server = 54,
  parameters = 55,
  largestMessage = 57,
  renewalTime = 58,
  rebindingTime = 59,
  clientIdentifier = 61,
  end = 255,
}

export const enum MessageType {
  discover = 1,
  offer = 2,
  request = 3,
  decline = 4,
  ack = 5,
  nak = 6,
  release = 7,
}

/** The client's states (RFC 2131 figure 5), and `checking` for the probes of RFC 5227 between REQUESTING and BOUND. */
export const enum DhcpState {
  stopped = 0,
  init = 1,
  selecting = 2,
  requesting = 3,
  checking = 4,
  bound = 5,
  renewing = 6,
  rebinding = 7,
  rebooting = 8,
}

export interface LeaseHandler {
  /** There is an address (`stack.ip` has it, the client what came with it), or it is gone. */
  leaseChanged(hasAddress: boolean): void;
}

/** DHCP's counters: plain counts that wrap at 2^32. */
export class DhcpCounters {
  sent = 0;
  received = 0;
  /** Messages for others, malformed, or of no use in the present state. */
  ignored = 0;
  naks = 0;
  declines = 0;

  constructor() {
    'cold';
  }
}

/** The value of an option between two offsets: where it starts, behind its length; 0 when it is not there whole. */
function optionIn(bytes: Uint8Array, at: number, end: number, code: Option): number {
  'cold';
  while (at < end && bytes[at] !== Option.end) {
    if (bytes[at] === Option.pad) {
      at++;
      continue;
    }
    const value = at + 2;
    if (value > end || value + bytes[at + 1] > end) return 0;
    if (bytes[at] === code) return value;
    at = value + bytes[at + 1];
  }
  return 0;
}

/**
 * The value of an option of the message at `at`, also in the fields that it may overflow into (RFC 2132 section 9.3).
 * @param least octets that it must have
 * @returns where it starts, 0 when there is none
 */
export function findOption(bytes: Uint8Array, at: number, end: number, code: Option, least: number): number {
  'cold';
  const options = at + Dhcp.options;
  const overload = optionIn(bytes, options, end, Option.overload);
  const fields = overload === 0 || bytes[overload - 1] < 1 ? 0 : bytes[overload];
  let value = optionIn(bytes, options, end, code);
  if (value === 0 && fields & 1) value = optionIn(bytes, at + Dhcp.file, at + Dhcp.cookie, code);
  if (value === 0 && fields & 2) value = optionIn(bytes, at + Dhcp.serverName, at + Dhcp.file, code);
  return value > 0 && bytes[value - 1] >= least ? value : 0;
}

/** The first 32 bits of an option, or `otherwise`. */
export function option32(bytes: Uint8Array, at: number, end: number, code: Option, otherwise: number): number {
  'cold';
  const value = findOption(bytes, at, end, code, 4);
  return value === 0 ? otherwise : get32(bytes, value);
}

/** A mask without holes: the one that the server gave, or that of the address' class (RFC 791 section 3.2). */
export function maskFor(address: number, given: number): number {
  'cold';
  if (given !== 0 && (~given & (~given + 1)) === 0) return given;
  const first = address >>> 24;
  return first < 128 ? 0xff000000 | 0 : first < 192 ? 0xffff0000 | 0 : 0xffffff00 | 0;
}

/** A host can have this address: it is none of "this network", loopback, a group or reserved (RFC 1122 section 3.2.1.3). */
export function canBeOurs(address: number): boolean {
  'cold';
  const first = address >>> 24;
  return first !== 0 && first !== 127 && first < 224;
}

/**
 * An address in the option of routers, whose first octet stands at `option`, 0 when there is no option.
 * @returns 0 when there is none `offset` octets further on, or it is not on the network that we are given
 */
export function routerIn(bytes: Uint8Array, option: number, offset: number, address: number, netmask: number): number {
  'cold';
  const router = option > 0 && bytes[option - 1] >= offset + 4 ? get32(bytes, option + offset) : 0;
  return ((router ^ address) & netmask) === 0 ? router : 0;
}
