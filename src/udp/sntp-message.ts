import { get16, get32, put32 } from '../wire/bytes';

/** Offsets in a message (RFC 5905 section 7.3), from its start. */
export const enum Ntp {
  mode = 0, // 1 octet: leap indicator, 2 bits; version, 3; mode, 3
  stratum = 1, // 1 octet, 0: a kiss of death
  rootDelay = 4, // 4 octets, seconds in 16.16 bits, as the next
  rootDispersion = 8, // 4 octets
  reference = 12, // 4 octets, with stratum 0 the kiss code
  originate = 24, // 8 octets, seconds and their fraction, as the next two
  receive = 32,
  transmit = 40,
  end = 48,
}

/** Version 4, mode 3: a client. */
const REQUEST = 0x23;
const SERVER_MODE = 4;
/** Both bits of the leap indicator: the server's clock was never set. */
const NOT_SYNCHRONIZED = 3;
const MOST_STRATUM = 15;
/** The codes "DENY" and "RSTR" forbid to ask again (RFC 5905 section 7.4). */
const DENY = 0x44454e59;
const RSTR = 0x52535452;

/** SNTP's counters: plain counts that wrap at 2^32. */
export class SntpCounters {
  sent = 0;
  received = 0;
  /** Messages that answer no question of ours, are malformed or late. */
  rejected = 0;
  /** Answers of servers that do not know the time themselves. */
  unsynchronized = 0;
  /** Answers that ask for fewer questions, or none. */
  kisses = 0;

  constructor() {
    'cold';
  }
}

/** Milliseconds of a fraction of a second in 32 bits. */
export function milliseconds(fraction: number): number {
  'cold';
  return ((fraction >>> 16) * 1000) >>> 16;
}

/** Writes a question: nothing in it but 64 random bits, which the answer repeats. */
export function putQuery(bytes: Uint8Array, at: number, nonce: number, nonceEnd: number): void {
  'cold';
  for (let octet = 0; octet < Ntp.end; octet++) bytes[at + octet] = 0;
  bytes[at + Ntp.mode] = REQUEST;
  put32(bytes, at + Ntp.transmit, nonce);
  put32(bytes, at + Ntp.transmit + 4, nonceEnd);
}

/** The message is a server's answer to the question with these random bits. */
export function answersQuery(bytes: Uint8Array, at: number, nonce: number, nonceEnd: number): boolean {
  'cold';
  const repeats = get32(bytes, at + Ntp.originate) === nonce && get32(bytes, at + Ntp.originate + 4) === nonceEnd;
  return repeats && (bytes[at + Ntp.mode] & 7) === SERVER_MODE;
}

/** The server knows the time, to the second at least: RFC 4330 section 5. */
export function knowsTime(bytes: Uint8Array, at: number): boolean {
  'cold';
  return (
    bytes[at + Ntp.mode] >> 6 !== NOT_SYNCHRONIZED &&
    bytes[at + Ntp.stratum] !== 0 &&
    bytes[at + Ntp.stratum] <= MOST_STRATUM &&
    get16(bytes, at + Ntp.rootDelay) === 0 &&
    get16(bytes, at + Ntp.rootDispersion) === 0 &&
    get32(bytes, at + Ntp.transmit) !== 0
  );
}

/** The code of a kiss of death forbids to ask again. */
export function forbids(code: number): boolean {
  'cold';
  return code === DENY || code === RSTR;
}
