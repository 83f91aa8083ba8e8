import { get16 } from '../wire/bytes';

// Names of the domain name system (RFC 1035 sections 3.1 and 4.1.4): labels, each behind its length, up to one of length
// 0; or a pointer to the rest of a name that stands further in front.

/** Octets of the longest name that is asked for. */
export const NAME_SIZE = 96;
/** Octets of the longest name. */
const LONGEST = 255;
/** A length octet from here on is the first half of a pointer; what lies between 63 and it means nothing. */
const POINTER = 0xc0;
const POINTER_TARGET = 0x3fff;
const LONGEST_LABEL = 63;
/** Pointers followed for two names: a message full of them, each leading to the next, would take a board a minute. */
const POINTERS = 8;

function lower(octet: number): number {
  'cold';
  return octet >= 0x41 && octet <= 0x5a ? octet + 32 : octet;
}

/**
 * Writes a name such as "example.com", or "example.com.", at `at`.
 * @returns the offset behind it; 0 when it is no name, or reaches beyond `end`
 */
export function writeName(bytes: Uint8Array, at: number, end: number, name: string): number {
  'cold';
  let length = name.length;
  if (length > 0 && name[length - 1] === '.') length--;
  if (length === 0 || at + length + 2 > end || length + 2 > LONGEST) return 0;
  let start = at;
  for (let from = 0; from <= length; from++) {
    const octet = from === length ? 0x2e : name.charCodeAt(from);
    if (octet === 0x2e) {
      const label = at + from - start;
      if (label === 0 || label > LONGEST_LABEL) return 0;
      bytes[start] = label;
      start = at + from + 1;
    } else if (octet <= 0x20 || octet > 0x7e) {
      return 0;
    } else {
      bytes[at + from + 1] = octet;
    }
  }
  bytes[start] = 0;
  return start + 1;
}

/**
 * Writes a name into a place of `NAME_SIZE`. Returns the offset behind it.
 * @throws Error when it is no name, or too long
 */
export function placeName(names: Uint8Array, at: number, name: string): number {
  'cold';
  const end = writeName(names, at, at + NAME_SIZE, name);
  if (end === 0) {
    throw new Error('"' + name + '" is not a host name such as example.com of up to ' + (NAME_SIZE - 2) + ' letters');
  }
  return end;
}

/** The offset behind the name at `at`, -1 when it reaches beyond `end`. */
export function skipName(bytes: Uint8Array, at: number, end: number): number {
  'cold';
  while (at < end) {
    const length = bytes[at];
    if (length >= POINTER) return at + 2 <= end ? at + 2 : -1;
    if (length > LONGEST_LABEL) return -1;
    at += length + 1;
    if (length === 0) return at;
  }
  return -1;
}

/**
 * True when two names are the same but for upper and lower case. Pointers count from the beginning of their message and
 * lead further to the front each time, so none is followed twice.
 */
export function sameName(
  bytes: Uint8Array, message: number, at: number, end: number,
  others: Uint8Array, otherMessage: number, other: number, otherEnd: number,
): boolean {
  'cold';
  let lowest = at;
  let otherLowest = other;
  let octets = 0;
  let pointers = 0;
  while (octets <= LONGEST) {
    while (at + 1 < end && bytes[at] >= POINTER) {
      at = message + (get16(bytes, at) & POINTER_TARGET);
      if (at >= lowest || ++pointers > POINTERS) return false;
      lowest = at;
    }
    while (other + 1 < otherEnd && others[other] >= POINTER) {
      other = otherMessage + (get16(others, other) & POINTER_TARGET);
      if (other >= otherLowest || ++pointers > POINTERS) return false;
      otherLowest = other;
    }
    if (at >= end || other >= otherEnd) return false;
    const length = bytes[at];
    if (length !== others[other] || length > LONGEST_LABEL || at + length >= end || other + length >= otherEnd) return false;
    if (length === 0) return true;
    for (let n = 1; n <= length; n++) if (lower(bytes[at + n]) !== lower(others[other + n])) return false;
    at += length + 1;
    other += length + 1;
    octets += length + 1;
  }
  return false;
}

/** The name at `at`, in a place of `NAME_SIZE`, ends in "local" (RFC 6762 section 3). */
export function isLocal(names: Uint8Array, at: number): boolean {
  'cold';
  const end = skipName(names, at, at + NAME_SIZE);
  return end - at > 7 && sameName(names, at, end - 7, end, LOCAL, 0, 0, LOCAL.length);
}

/** The name "local". */
const LOCAL = new Uint8Array([5, 0x6c, 0x6f, 0x63, 0x61, 0x6c, 0]);
