import { get16, put16 } from '../wire/bytes';
import { sameName, skipName } from './dns-name';

/** Offsets in a message (RFC 1035 section 4.1), from its start. */
export const enum Dns {
  id = 0, // 2 octets
  flags = 2, // 2 octets
  questions = 4, // 2 octets, a count, as the next three
  answers = 6,
  authorities = 8,
  additionals = 10,
  header = 12,
}

/** Offsets in a resource record, from the end of its name. */
export const enum Rr {
  type = 0, // 2 octets
  class = 2, // 2 octets
  ttl = 4, // 4 octets, seconds
  length = 8, // 2 octets, of the data
  data = 10,
}

export const enum DnsType {
  a = 1,
  cname = 5,
}

/** The class of the Internet. */
export const CLASS_IN = 1;

export const RESPONSE_AND_OPCODE = 0xf800;
export const RESPONSE = 0x8000;
/** More was to be said than a datagram holds. */
export const TRUNCATED = 0x0200;
export const RECURSION_DESIRED = 0x0100;
export const RCODE = 0x000f;
export const NO_SUCH_NAME = 3;

/** DNS's counters: plain counts that wrap at 2^32. */
export class DnsCounters {
  queries = 0;
  /** Messages that came in, and those of them that answer no question of ours: from a wrong sender or malformed. */
  received = 0;
  rejected = 0;
  /** Taken from memory. */
  remembered = 0;
  /** Answers that did not fit a datagram, and were asked for again over TCP. */
  streams = 0;

  constructor() {
    'cold';
  }
}

/** Aliases that lead to a name at most. */
const ALIASES = 8;

/**
 * Follows the aliases among a message's answers from a name to an address.
 * @param message where the message starts, `first` where its answers do, `end` where it ends
 * @returns where the body of the address' record starts (`Rr`), -1 when there is none
 */
export function findAddress(bytes: Uint8Array, message: number, name: number, first: number, end: number): number {
  'cold';
  const count = get16(bytes, message + Dns.answers);
  for (let aliases = 0; aliases <= ALIASES && name > 0; aliases++) {
    let next = 0;
    let at = first;
    for (let record = 0; record < count && next === 0; record++) {
      const body = skipName(bytes, at, end);
      const data = body + Rr.data;
      if (body < 0 || data > end) break;
      const after = data + get16(bytes, body + Rr.length);
      if (after > end) break;
      const type = get16(bytes, body + Rr.type);
      const isOurs = (get16(bytes, body + Rr.class) & 0x7fff) === CLASS_IN && (type === DnsType.a || type === DnsType.cname);
      if (isOurs && sameName(bytes, message, at, end, bytes, message, name, end)) {
        if (type === DnsType.a && after - data === 4) return body;
        if (type === DnsType.cname) next = data;
      }
      at = after;
    }
    name = next;
  }
  return -1;
}

/**
 * Writes a question for the address of a name.
 * @param name where the name stands in `names`, `length` octets of it
 * @returns octets of the message
 */
export function putQuestion(
  bytes: Uint8Array, at: number, id: number, flags: number, names: Uint8Array, name: number, length: number,
): number {
  'cold';
  put16(bytes, at + Dns.id, id);
  put16(bytes, at + Dns.flags, flags);
  put16(bytes, at + Dns.questions, 1);
  for (let octet = Dns.answers as number; octet < Dns.header; octet++) bytes[at + octet] = 0;
  const question = at + Dns.header;
  for (let octet = 0; octet < length; octet++) bytes[question + octet] = names[name + octet];
  put16(bytes, question + length, DnsType.a);
  put16(bytes, question + length + 2, CLASS_IN);
  return Dns.header + length + 4;
}

/**
 * The message is an answer to the question with this number for the address of this name.
 * @returns where its records start, 0 when it is not
 */
export function answerTo(
  bytes: Uint8Array, at: number, end: number, id: number, names: Uint8Array, name: number, nameEnd: number,
): number {
  'cold';
  const question = at + Dns.header;
  const records = skipName(bytes, question, end) + 4;
  const isAnswer =
    records >= question + 5 &&
    records <= end &&
    (get16(bytes, at + Dns.flags) & RESPONSE_AND_OPCODE) === RESPONSE &&
    get16(bytes, at + Dns.id) === id &&
    get16(bytes, at + Dns.questions) === 1 &&
    get16(bytes, records - 4) === DnsType.a &&
    (get16(bytes, records - 2) & 0x7fff) === CLASS_IN &&
    sameName(bytes, at, question, end, names, name, name, nameEnd);
  return isAnswer ? records : 0;
}
