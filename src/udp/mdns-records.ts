import type { Stack } from '../stack';
import { get16, get32, put16, put32 } from '../wire/bytes';
import { Dns, Rr } from './dns-message';
import { sameName, skipName, writeName } from './dns-name';
import { addName, addRecord, addressAt, findRecord, Has, MdnsType } from './mdns-message';

/** Octets for the longest of our names: 63 of the host's, "._http._tcp.local" and their lengths. */
export const NAME_SIZE = 96;
/** Seconds that others remember our records (RFC 6762 section 10). */
export const TTL = 120;
/** Letters of a host's name at most, so that a number fits behind it. */
const LONGEST = 59;
/** The length of "local" in a message. */
const LOCAL = 7;

/** What a responder answers for: names as they stand in messages. */
export class MdnsNames {
  /** Of the web server, 0: there is none. */
  port = 0;
  /** "name.local" and "name._http._tcp.local". */
  readonly host = new Uint8Array(NAME_SIZE);
  readonly instance = new Uint8Array(NAME_SIZE);
  /** "_http._tcp.local" and "_services._dns-sd._udp.local". */
  readonly type = new Uint8Array(18);
  readonly types = new Uint8Array(30);

  constructor() {
    'cold';
    writeName(this.type, 0, this.type.length, '_http._tcp.local');
    writeName(this.types, 0, this.types.length, '_services._dns-sd._udp.local');
  }
}

/** Makes the host's names of a name and, when it is more than 1, a number: "name-2". */
export function setNames(names: MdnsNames, name: string, number: number): void {
  'cold';
  const host = names.host;
  let at = 1;
  for (let letter = 0; letter < name.length && letter < LONGEST; letter++) host[at++] = name.charCodeAt(letter);
  if (number > 1) {
    host[at++] = 0x2d;
    for (let digit = number >= 100 ? 100 : number >= 10 ? 10 : 1; digit >= 1; digit = (digit / 10) | 0) {
      host[at++] = 0x30 + (((number / digit) | 0) % 10);
    }
  }
  host[0] = at - 1;
  for (let octet = 0; octet < at; octet++) names.instance[octet] = host[octet];
  for (let octet = 0; octet < LOCAL; octet++) host[at + octet] = names.type[names.type.length - LOCAL + octet];
  addName(names.instance, at, names.type);
}

/** Appends a set of our records. Those that are ours alone carry `top` in their class. */
export function addRecords(names: MdnsNames, stack: Stack, at: number, set: number, ttl: number, top: number): number {
  'cold';
  const frame = stack.link.frame;
  if (set & Has.types) at = addName(frame, addRecord(frame, at, names.types, MdnsType.ptr, 0, ttl, names.type.length), names.type);
  if (set & Has.pointer) {
    const length = skipName(names.instance, 0, NAME_SIZE);
    at = addName(frame, addRecord(frame, at, names.type, MdnsType.ptr, 0, ttl, length), names.instance);
  }
  if (set & Has.service) {
    at = addRecord(frame, at, names.instance, MdnsType.srv, top, ttl, 6 + skipName(names.host, 0, NAME_SIZE));
    put32(frame, at, 0);
    put16(frame, at + 4, names.port);
    at = addName(frame, at + 6, names.host);
  }
  if (set & Has.text) {
    at = addRecord(frame, at, names.instance, MdnsType.txt, top, ttl, 1);
    frame[at++] = 0;
  }
  if (set & Has.address) {
    at = addRecord(frame, at, names.host, MdnsType.a, top, ttl, 4);
    put32(frame, at, stack.ip.address);
    at += 4;
  }
  return at;
}

/** The records that a question asks for. */
export function recordsFor(names: MdnsNames, frame: Uint8Array, message: number, at: number, end: number, type: number): number {
  'cold';
  const any = type === MdnsType.any;
  if (sameName(frame, message, at, end, names.host, 0, 0, NAME_SIZE)) return any || type === MdnsType.a ? Has.address : 0;
  if (names.port === 0) return 0;
  const pointer = any || type === MdnsType.ptr;
  if (sameName(frame, message, at, end, names.type, 0, 0, 18)) return pointer ? Has.pointer : 0;
  if (sameName(frame, message, at, end, names.types, 0, 0, 30)) return pointer ? Has.types : 0;
  if (!sameName(frame, message, at, end, names.instance, 0, 0, NAME_SIZE)) return 0;
  const service = any || type === MdnsType.srv ? Has.service : 0;
  return any || type === MdnsType.txt ? service | Has.text : service;
}

/** The records that the asker has already, for at least half of their time (section 7.1). */
export function knownTo(
  names: MdnsNames, address: number, frame: Uint8Array, message: number, records: number, end: number,
): number {
  'cold';
  const count = get16(frame, message + Dns.answers);
  const a = findRecord(frame, message, records, end, count, names.host, MdnsType.a);
  const ptr = findRecord(frame, message, records, end, count, names.type, MdnsType.ptr);
  const knowsA = a >= 0 && get32(frame, a + Rr.ttl) >= TTL / 2 && addressAt(frame, a) === address;
  const knowsPtr =
    ptr >= 0 &&
    get32(frame, ptr + Rr.ttl) >= TTL / 2 &&
    sameName(frame, message, ptr + Rr.data, end, names.instance, 0, 0, NAME_SIZE);
  return (knowsA ? Has.address : 0) | (knowsPtr ? Has.pointer : 0);
}

/** How many records a set has. */
export function countOf(set: number): number {
  'cold';
  let count = 0;
  for (let bit = 1; bit <= Has.types; bit <<= 1) if (set & bit) count++;
  return count;
}
