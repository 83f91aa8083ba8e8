import { get16 } from '../wire/bytes';
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
export const RECURSION_DESIRED = 0x0100;
export const RCODE = 0x000f;
export const NO_SUCH_NAME = 3;

/** DNS's counters: plain counts that wrap at 2^32. */
export class DnsCounters {
  queries = 0;
  /** Taken from memory. */
  remembered = 0;
  /** Messages that answer no question of ours, from a wrong sender or malformed. */
  rejected = 0;

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
