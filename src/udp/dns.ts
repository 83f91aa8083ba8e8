import { DEFAULT_SERVICE, Sent } from '../ip/ipv4';
import type { Change, Service } from '../link/alarm';
import { get16, get32 } from '../wire/bytes';
import { advance, before } from '../wire/sequence';
import { answerTo, Dns, DnsCounters, findAddress, NO_SUCH_NAME, putQuestion, RCODE, RECURSION_DESIRED, Rr, TRUNCATED } from './dns-message';
import { isLocal, NAME_SIZE, placeName, sameName, skipName } from './dns-name';
import { Entry, Resolution } from './dns-result';
import type { NameHandler } from './dns-result';
import { DnsStream, STREAM_MESSAGE } from './dns-stream';
import type { StreamUser } from './dns-stream';
import { UDP_DATA } from './udp';
import type { DatagramHandler, UdpHost } from './udp';

/** The servers' port; names that end in ".local" are asked of everybody on the network (RFC 6762 section 5.1). */
const SERVER_PORT = 53;
const MULTICAST_PORT = 5353;
const MULTICAST_SERVER = 0xe00000fb | 0;

/** Milliseconds until the first repetition; each round over all servers takes twice as long. */
const FIRST_WAIT = 2000;
const ROUNDS = 3;
/** Milliseconds that a server has for its answer over TCP. */
const STREAM_WAIT = 10000;
/** Seconds for which an answer is remembered at most. */
const LONGEST_MEMORY = 86400;
const SERVERS = 2;

/**
 * A resolver of names (RFC 1035, RFC 1123 section 6.1) that asks up to two servers, each question with a random number
 * from a random port (RFC 5452), and remembers answers for as long as they hold.
 */
export class DnsResolver implements Service, DatagramHandler, StreamUser {
  readonly counters = new DnsCounters();
  /** Two servers in the order in which they are asked, 0 for none: signed 32-bit integers. */
  servers = new Int32Array(SERVERS);

  private readonly stream: DnsStream;
  /** Whose question goes over TCP, -1: none. */
  private streaming = -1;

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
    readonly udp: UdpHost,
    private readonly entries: number,
  ) {
    'cold';
    this.stream = new DnsStream(udp.stack, this);
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
    const end = this.checkName(name);
    const known = this.findKnown(scratch);
    const entry = known < 0 ? this.freeEntry() : known;
    if (entry < 0 || (known < 0 && this.udp.findPort(0) < 0)) return -1;
    for (let at = scratch; at < end; at++) this.names[entry * NAME_SIZE + at - scratch] = this.names[at];
    this.handlers[entry] = handler;
    this.tries[entry] = 0;
    if (known >= 0) {
      this.counters.remembered++;
      this.state[entry] = Entry.over;
    } else if (this.servers[0] === 0 && !isLocal(this.names, entry * NAME_SIZE)) {
      this.finishName(entry, 0, Resolution.noServer);
    } else {
      this.state[entry] = Entry.asking;
      this.due[entry] = this.udp.stack.alarm.now;
      this.port[entry] = this.udp.openPort(0, this);
    }
    this.udp.stack.alarm.wakeAt(this.udp.stack.alarm.now);
    return entry;
  }

  /** @throws Error when it is no name */
  checkName(name: string): number {
    'cold';
    return placeName(this.names, this.entries * NAME_SIZE, name);
  }

  /** Gives up a request; its handler is not called any more. */
  cancel(request: number): void {
    'cold';
    if (this.state[request] === Entry.asking) this.endQuestion(request);
    if (this.state[request] !== Entry.known) this.state[request] = Entry.free;
    this.handlers[request] = null;
  }

  tick(now: number): void {
    'cold';
    for (let entry = 0; entry < this.entries; entry++) {
      const state = this.state[entry];
      if (state === Entry.over) this.tellName(entry, now);
      else if (state !== Entry.free && before(now, this.due[entry])) this.udp.stack.alarm.wakeAt(this.due[entry]);
      else if (state === Entry.asking) this.askServerAgain(entry, now);
      else this.state[entry] = Entry.free;
    }
  }

  /** What one network has said is not remembered on another. */
  changed(_what: Change): void {
    'cold';
    for (let entry = 0; entry < this.entries; entry++) if (this.state[entry] === Entry.known) this.state[entry] = Entry.free;
  }

  datagram(frame: Uint8Array, at: number, length: number, address: number, port: number): void {
    this.counters.received++;
    for (let entry = 0; entry < this.entries; entry++) {
      // The port that it was sent to stands in the header in front of it.
      if (this.state[entry] === Entry.asking && this.port[entry] === get16(frame, at - 6)) {
        this.takeAnswer(entry, frame, at, at + length, address, port);
      }
    }
  }

  private takeAnswer(entry: number, frame: Uint8Array, at: number, end: number, address: number, port: number): void {
    'cold';
    const local = isLocal(this.names, entry * NAME_SIZE);
    const server = local ? address : this.servers[this.serverOf(entry)];
    const asked = address === server && port === (local ? MULTICAST_PORT : SERVER_PORT) && entry !== this.streaming;
    const records = asked ? this.recordsFor(entry, frame, at, end) : 0;
    if (records === 0) this.counters.rejected++;
    // Multicast DNS means something else by that bit.
    else if (get16(frame, at + Dns.flags) & TRUNCATED && !local) this.askOverTcp(entry, server);
    else this.takeResponse(entry, frame, at, records, end);
  }

  private recordsFor(entry: number, bytes: Uint8Array, at: number, end: number): number {
    'cold';
    const name = entry * NAME_SIZE;
    return answerTo(bytes, at, end, this.id[entry], this.names, name, name + NAME_SIZE);
  }

  /** There is one connection: who finds it taken asks again later. */
  private askOverTcp(entry: number, server: number): void {
    'cold';
    if (this.streaming >= 0) return;
    if (!this.stream.askServer(server, this.writeQuery(entry, this.stream.buffer, STREAM_MESSAGE))) return;
    this.counters.streams++;
    this.streaming = entry;
    this.due[entry] = advance(this.udp.stack.alarm.now, STREAM_WAIT);
  }

  streamed(bytes: Uint8Array, at: number, end: number): void {
    const entry = this.streaming;
    this.streaming = -1;
    this.takeResponse(entry, bytes, at, this.recordsFor(entry, bytes, at, end), end);
  }

  /** @param records where they start, 0 when there is no answer */
  private takeResponse(entry: number, bytes: Uint8Array, at: number, records: number, end: number): void {
    'cold';
    const rcode = records === 0 ? RCODE : get16(bytes, at + Dns.flags) & RCODE;
    if (rcode === 0) this.takeRecords(entry, bytes, at, records, end);
    else if (rcode === NO_SUCH_NAME) this.finishName(entry, 0, Resolution.notFound);
    // This server cannot say: the next one is asked at once.
    else this.due[entry] = this.udp.stack.alarm.now;
    this.udp.stack.alarm.wakeAt(this.udp.stack.alarm.now);
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
  private askServerAgain(entry: number, now: number): void {
    'cold';
    this.endStream(entry);
    const link = this.udp.stack.link;
    const local = isLocal(this.names, entry * NAME_SIZE);
    const count = local || this.servers[1] === 0 ? 1 : SERVERS;
    const tries = this.tries[entry];
    const over = tries === count * ROUNDS;
    if (over || !link.ready()) {
      if (over) this.finishName(entry, 0, Resolution.timedOut);
      this.udp.stack.alarm.wakeAt(now);
      return;
    }
    this.tries[entry] = tries + 1;
    this.due[entry] = advance(now, FIRST_WAIT << ((tries / count) | 0));
    this.udp.stack.alarm.wakeAt(this.due[entry]);
    const length = this.writeQuery(entry, link.frame, UDP_DATA);
    const server = local ? MULTICAST_SERVER : this.servers[this.serverOf(entry)];
    const port = local ? MULTICAST_PORT : SERVER_PORT;
    const sent = this.udp.sendFrame(this.port[entry], server, port, length, local ? 255 : DEFAULT_SERVICE);
    if (sent === Sent.yes) this.counters.queries++;
  }

  /** Writes the question, with a new number. Returns its length. */
  private writeQuery(entry: number, bytes: Uint8Array, at: number): number {
    'cold';
    const name = entry * NAME_SIZE;
    const length = skipName(this.names, name, name + NAME_SIZE) - name;
    this.id[entry] = this.udp.stack.platform.random();
    return putQuestion(bytes, at, this.id[entry], isLocal(this.names, name) ? 0 : RECURSION_DESIRED, this.names, name, length);
  }

  private endStream(entry: number): void {
    'cold';
    if (entry !== this.streaming) return;
    this.streaming = -1;
    this.stream.giveUp();
  }

  private endQuestion(entry: number): void {
    'cold';
    this.endStream(entry);
    this.udp.closePort(this.port[entry]);
  }

  /** The server that was asked last. */
  private serverOf(entry: number): number {
    'cold';
    return this.servers[1] === 0 ? 0 : (this.tries[entry] - 1) % SERVERS;
  }

  private finishName(entry: number, address: number, resolution: Resolution): void {
    'cold';
    if (this.state[entry] === Entry.asking) this.endQuestion(entry);
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
    if (remembers) this.udp.stack.alarm.wakeAt(this.due[entry]);
    this.handlers[entry] = null;
    if (handler !== null) handler.resolved(entry, this.address[entry], resolution);
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
