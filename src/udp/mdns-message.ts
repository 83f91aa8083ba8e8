import { get16, get32, put16, put32 } from '../wire/bytes';
import { CLASS_IN, Dns, Rr } from './dns-message';
import { sameName, skipName } from './dns-name';

/** Types of records that the responder has, as bits of a set and as RFC 1035, RFC 2782 number them. */
export const enum Has {
  address = 1,
  pointer = 2,
  service = 4,
  text = 8,
  types = 16,
}

export const enum MdnsType {
  a = 1,
  ptr = 12,
  txt = 16,
  srv = 33,
  any = 255,
}

/** Top bit of a class: in a record, that it replaces all others; in a question, that the answer may go to one host. */
export const TOP_BIT = 0x8000;

/** Appends a name that stands in `from`. Returns where it ends. */
export function addName(frame: Uint8Array, at: number, from: Uint8Array): number {
  'cold';
  const length = skipName(from, 0, from.length);
  for (let octet = 0; octet < length; octet++) frame[at + octet] = from[octet];
  return at + length;
}

/** Appends a name and the rest of a record's head. Returns where its data goes, `length` octets. */
export function addRecord(
  frame: Uint8Array, at: number, name: Uint8Array, type: MdnsType, topBit: number, ttl: number, length: number,
): number {
  'cold';
  const body = addName(frame, at, name);
  put16(frame, body + Rr.type, type);
  put16(frame, body + Rr.class, CLASS_IN | topBit);
  put32(frame, body + Rr.ttl, ttl);
  put16(frame, body + Rr.length, length);
  return body + Rr.data;
}

/**
 * Looks for a record among those from `at`.
 * @param count how many there are
 * @returns where its body starts (`Rr`), whole, -1 when there is none
 */
export function findRecord(
  frame: Uint8Array, message: number, at: number, end: number, count: number, name: Uint8Array, type: MdnsType,
): number {
  'cold';
  for (let record = 0; record < count; record++) {
    const body = skipName(frame, at, end);
    if (body < 0 || body + Rr.data > end) return -1;
    const after = body + Rr.data + get16(frame, body + Rr.length);
    if (after > end) return -1;
    if (get16(frame, body + Rr.type) === type && sameName(frame, message, at, end, name, 0, 0, name.length)) return body;
    at = after;
  }
  return -1;
}

/** Where the questions of a message end, -1 when they do not end in it. */
export function skipQuestions(frame: Uint8Array, message: number, end: number): number {
  'cold';
  let at = message + Dns.header;
  for (let left = get16(frame, message + Dns.questions); left > 0 && at > 0; left--) {
    at = skipName(frame, at, end);
    if (at > 0) at += 4;
    if (at > end) return -1;
  }
  return at;
}

/** The data of an address record. */
export function addressAt(frame: Uint8Array, body: number): number {
  'cold';
  return get16(frame, body + Rr.length) === 4 ? get32(frame, body + Rr.data) : 0;
}
