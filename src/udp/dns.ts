import { DEFAULT_SERVICE, Sent } from '../ip/ipv4';
import type { Change, Service } from '../link/alarm';
import { get16, get32, put16 } from '../wire/bytes';
import { advance, before } from '../wire/sequence';
import { CLASS_IN, Dns, DnsCounters, DnsType, findAddress, NO_SUCH_NAME, RCODE, RECURSION_DESIRED, RESPONSE, RESPONSE_AND_OPCODE, Rr } from './dns-message';
import { sameName, skipName, writeName } from './dns-name';
import { UDP_DATA } from './udp';
import type { DatagramHandler, UdpHost } from './udp';

/** The servers' port; names that end in ".local" are asked of everybody on the network (RFC 6762 section 5.1). */
const SERVER_PORT = 53;
const MULTICAST_PORT = 5353;
const MULTICAST_SERVER = 0xe00000fb | 0;

/** Milliseconds until the first repetition; each round over all servers takes twice as long. */
const FIRST_WAIT = 2000;
const ROUNDS = 3;
/** Seconds for which an answer is remembered at most. */
const LONGEST_MEMORY = 86400;
/** Octets of the longest name that is asked for. */
const NAME_SIZE = 96;
const SERVERS = 2;

const enum Entry {
  free = 0,
  asking = 1,
  /** Its handler is to be told. */
  over = 2,
  /** Told, and remembered until `due`. */
  known = 3,
}

export const enum Resolution {
  found = 0,
  /** The name does not exist, or has no address. */
  notFound = 1,
  /** No server has answered. */
  timedOut = 2,
  /** There is no server to ask. */
  noServer = 3,
}

export interface NameHandler {
  /** @param request as `lookUp` returned it. @param address a signed 32-bit integer, 0 unless it was found */
  resolved(request: number, address: number, resolution: Resolution): void;
}

/**
 * A resolver of names (RFC 1035, RFC 1123 section 6.1) that asks up to two servers, each question with a random number
 * from a random port (RFC 5452), and remembers answers for as long as they hold.
 */
export class DnsResolver implements Service, DatagramHandler {
  readonly counters = new DnsCounters();
  /** Servers in the order in which they are asked, 0 for none: signed 32-bit integers. */
  readonly servers = new Int32Array(SERVERS);

  private readonly names: Uint8Array;
  private readonly state: Uint8Array;
  private readonly address: Int32Array;
  private readonly resolution: Uint8Array;
  private readonly tries: Uint8Array;
  private readonly id: Uint16Array;
  private readonly port: Uint16Array;
  /** When to ask again; when to forget. */
  private readonly due: Int32Array;
  private readonly handlers: (NameHandler | null)[] = [];

  /** @param entries names that are asked for or remembered at once */
  constructor(
    private readonly udp: UdpHost,
    private readonly entries: number,
  ) {
    'cold';
    // The last one is that of a name which is being looked for here.
    this.names = new Uint8Array((entries + 1) * NAME_SIZE);
    this.state = new Uint8Array(entries);
    this.address = new Int32Array(entries);
    this.resolution = new Uint8Array(entries);
    this.tries = new Uint8Array(entries);
    this.id = new Uint16Array(entries);
    this.port = new Uint16Array(entries);
    this.due = new Int32Array(entries);
    for (let at = 0; at < entries; at++) this.handlers.push(null);
    udp.stack.services.push(this);
  }

  /**
   * Looks up the address of a name; `handler.resolved` follows.
   * @returns the number of the request, -1 when too many are under way
   * @throws Error when it is no name
   */
  lookUp(name: string, handler: NameHandler): number {
    'cold';
    const scratch = this.entries * NAME_SIZE;
    const end = writeName(this.names, scratch, scratch + NAME_SIZE, name);
    if (end === 0) {
      throw new Error('"' + name + '" is not a host name such as example.com of up to ' + (NAME_SIZE - 2) + ' letters');
    }
    const known = this.findKnown(scratch);
    const entry = known < 0 ? this.freeEntry() : known;
    if (entry < 0 || (known < 0 && this.udp.findPort(0) < 0)) return -1;
    for (let at = scratch; at < end; at++) this.names[entry * NAME_SIZE + at - scratch] = this.names[at];
    this.handlers[entry] = handler;
    this.tries[entry] = 0;
    if (known >= 0) {
      this.counters.remembered++;
      this.state[entry] = Entry.over;
    } else if (this.servers[0] === 0 && !this.isLocal(entry)) {
      this.finishName(entry, 0, Resolution.noServer);
    } else {
      this.state[entry] = Entry.asking;
      this.due[entry] = this.udp.stack.alarm.now;
      this.port[entry] = this.udp.openPort(0, this);
    }
    this.udp.stack.alarm.wake(this.udp.stack.alarm.now);
    return entry;
  }

  /** Gives up a request; its handler is not called any more. */
  cancel(request: number): void {
    'cold';
    if (this.state[request] === Entry.asking) this.udp.closePort(this.port[request]);
    if (this.state[request] !== Entry.known) this.state[request] = Entry.free;
    this.handlers[request] = null;
  }

  tick(now: number): void {
    for (let entry = 0; entry < this.entries; entry++) {
      const state = this.state[entry];
      if (state === Entry.over) this.tellName(entry, now);
      else if (state !== Entry.free && before(now, this.due[entry])) this.udp.stack.alarm.wake(this.due[entry]);
      else if (state === Entry.asking) this.askServer(entry, now);
      else this.state[entry] = Entry.free;
    }
  }

  /** What one network has said is not remembered on another. */
  changed(_what: Change): void {
    for (let entry = 0; entry < this.entries; entry++) if (this.state[entry] === Entry.known) this.state[entry] = Entry.free;
  }

  datagram(frame: Uint8Array, at: number, length: number, address: number, port: number): void {
    for (let entry = 0; entry < this.entries; entry++) {
      // The port that it was sent to stands in the header in front of it.
      if (this.state[entry] === Entry.asking && this.port[entry] === get16(frame, at - 6)) {
        this.takeAnswer(entry, frame, at, at + length, address, port);
      }
    }
  }

  private takeAnswer(entry: number, frame: Uint8Array, at: number, end: number, address: number, port: number): void {
    'cold';
    const local = this.isLocal(entry);
    const server = local ? address : this.servers[this.serverOf(entry)];
    const flags = end - at < Dns.header ? 0 : get16(frame, at + Dns.flags);
    const question = at + Dns.header;
    const name = entry * NAME_SIZE;
    const records = skipName(frame, question, end) + 4;
    if (
      address !== server ||
      port !== (local ? MULTICAST_PORT : SERVER_PORT) ||
      (flags & RESPONSE_AND_OPCODE) !== RESPONSE ||
      get16(frame, at + Dns.id) !== this.id[entry] ||
      get16(frame, at + Dns.questions) !== 1 ||
      records < question + 5 ||
      records > end ||
      get16(frame, records - 4) !== DnsType.a ||
      (get16(frame, records - 2) & 0x7fff) !== CLASS_IN ||
      !sameName(frame, at, question, end, this.names, name, name, name + NAME_SIZE)
    ) {
      this.counters.rejected++;
      return;
    }
    const rcode = flags & RCODE;
    if (rcode === 0) {
      this.takeRecords(entry, frame, at, records, end);
    } else if (rcode === NO_SUCH_NAME) {
      this.finishName(entry, 0, Resolution.notFound);
    } else {
      // This server cannot say: the next one is asked at once.
      this.due[entry] = this.udp.stack.alarm.now;
    }
    this.udp.stack.alarm.wake(this.udp.stack.alarm.now);
  }

  private takeRecords(entry: number, frame: Uint8Array, message: number, first: number, end: number): void {
    'cold';
    const body = findAddress(frame, message, message + Dns.header, first, end);
    if (body < 0) {
      this.finishName(entry, 0, Resolution.notFound);
      return;
    }
    const ttl = get32(frame, body + Rr.ttl);
    this.finishName(entry, get32(frame, body + Rr.data), Resolution.found);
    const seconds = ttl < 0 ? 0 : ttl < LONGEST_MEMORY ? ttl : LONGEST_MEMORY;
    this.due[entry] = advance(this.udp.stack.alarm.now, seconds * 1000);
  }

  /** Asks the next server, or gives up. */
  private askServer(entry: number, now: number): void {
    'cold';
    const link = this.udp.stack.link;
    const count = this.isLocal(entry) || this.servers[1] === 0 ? 1 : SERVERS;
    const tries = this.tries[entry];
    if (tries === count * ROUNDS) {
      this.finishName(entry, 0, Resolution.timedOut);
      this.udp.stack.alarm.wake(now);
      return;
    }
    if (!link.ready()) {
      this.udp.stack.alarm.wake(now);
      return;
    }
    const local = this.isLocal(entry);
    this.tries[entry] = tries + 1;
    this.id[entry] = this.udp.stack.platform.random();
    this.due[entry] = advance(now, FIRST_WAIT << ((tries / count) | 0));
    this.udp.stack.alarm.wake(this.due[entry]);
    const frame = link.frame;
    put16(frame, UDP_DATA + Dns.id, this.id[entry]);
    put16(frame, UDP_DATA + Dns.flags, local ? 0 : RECURSION_DESIRED);
    put16(frame, UDP_DATA + Dns.questions, 1);
    for (let at = Dns.answers as number; at < Dns.header; at++) frame[UDP_DATA + at] = 0;
    const name = entry * NAME_SIZE;
    const length = skipName(this.names, name, name + NAME_SIZE) - name;
    const question = UDP_DATA + Dns.header;
    for (let at = 0; at < length; at++) frame[question + at] = this.names[name + at];
    put16(frame, question + length, DnsType.a);
    put16(frame, question + length + 2, CLASS_IN);
    const server = local ? MULTICAST_SERVER : this.servers[this.serverOf(entry)];
    const service = local ? 255 : DEFAULT_SERVICE;
    const port = local ? MULTICAST_PORT : SERVER_PORT;
    const sent = this.udp.sendFrame(this.port[entry], server, port, Dns.header + length + 4, service);
    if (sent === Sent.yes) this.counters.queries++;
  }

  /** The server that was asked last. */
  private serverOf(entry: number): number {
    'cold';
    return this.servers[1] === 0 ? 0 : (this.tries[entry] - 1) % SERVERS;
  }

  private finishName(entry: number, address: number, resolution: Resolution): void {
    'cold';
    if (this.state[entry] === Entry.asking) this.udp.closePort(this.port[entry]);
    this.state[entry] = Entry.over;
    this.address[entry] = address;
    this.resolution[entry] = resolution;
  }

  private tellName(entry: number, now: number): void {
    'cold';
    const handler = this.handlers[entry];
    const resolution = this.resolution[entry];
    const remembers = resolution === Resolution.found && before(now, this.due[entry]);
    this.state[entry] = remembers ? Entry.known : Entry.free;
    if (remembers) this.udp.stack.alarm.wake(this.due[entry]);
    this.handlers[entry] = null;
    if (handler !== null) handler.resolved(entry, this.address[entry], resolution);
  }

  /** The name ends in "local" (RFC 6762 section 3). */
  private isLocal(entry: number): boolean {
    'cold';
    const name = entry * NAME_SIZE;
    const end = skipName(this.names, name, name + NAME_SIZE);
    return end - name > 7 && sameName(this.names, name, end - 7, end, LOCAL, 0, 0, LOCAL.length);
  }

  /** The entry that remembers the name at `at`, or -1. */
  private findKnown(at: number): number {
    'cold';
    for (let entry = 0; entry < this.entries; entry++) {
      const name = entry * NAME_SIZE;
      const same = sameName(this.names, at, at, at + NAME_SIZE, this.names, name, name, name + NAME_SIZE);
      if (same && this.state[entry] === Entry.known) return entry;
    }
    return -1;
  }

  /** A free entry, or the one that is to be forgotten soonest, or -1. */
  private freeEntry(): number {
    'cold';
    let soonest = -1;
    for (let entry = 0; entry < this.entries; entry++) {
      const state = this.state[entry];
      if (state === Entry.free) return entry;
      if (state === Entry.known && (soonest < 0 || before(this.due[entry], this.due[soonest]))) soonest = entry;
    }
    return soonest;
  }
}

/** The name "local". */
const LOCAL = new Uint8Array([5, 0x6c, 0x6f, 0x63, 0x61, 0x6c, 0]);
