import type { IgmpHost } from '../ip/igmp';
import { Change } from '../link/alarm';
import type { Service } from '../link/alarm';
import { get16, put16 } from '../wire/bytes';
import { advance, before, distance } from '../wire/sequence';
import { CLASS_IN, Dns, Rr } from './dns-message';
import { sameName, skipName } from './dns-name';
import { addName, addressAt, findRecord, Has, MdnsType, skipQuestions, TOP_BIT } from './mdns-message';
import { addRecords, countOf, knownTo, MdnsNames, NAME_SIZE, recordsFor, setNames, TTL } from './mdns-records';
import { UDP_DATA } from './udp';
import type { DatagramHandler, UdpHost } from './udp';

const PORT = 5353;
const GROUP = 0xe00000fb | 0;
/** Type of service 0, time to live 255 (RFC 6762 section 11). */
const SERVICE = 255;

/** Seconds that those who ask in the old way remember our records (section 6.7). */
const LEGACY_TTL = 10;
/** Milliseconds: between probes and before the first at most, between announcements, between answers (sections 6, 8). */
const PROBE_INTERVAL = 250;
const PROBES = 3;
const ANNOUNCE_INTERVAL = 1000;
const ANNOUNCEMENTS = 2;
const ANSWER_INTERVAL = 1000;
/** Milliseconds that an answer which others may give too waits, and the spread. */
const SHARED_DELAY = 20;
const SHARED_SPREAD = 100;
/** After so many conflicts the next name is tried after five seconds (section 8.1). */
const CONFLICTS = 15;
const CONFLICT_WAIT = 5000;
const RESPONSE = 0x8400;

const enum State {
  /** No address, or the cable is out. */
  silent = 0,
  probing = 1,
  announcing = 2,
  running = 3,
}

/**
 * A multicast DNS responder (RFC 6762): the host answers for its name in ".local", and for a web server (RFC 6763) if
 * there is one. A name that somebody else has gets a number.
 */
export class MdnsResponder implements Service, DatagramHandler {
  conflicts = 0;
  /** Messages that came in; those that make no sense, or come while the host has no name. */
  received = 0;
  rejected = 0;

  private state = State.silent;
  private steps = 0;
  private due = 0;
  /** What is to be answered to all at `answerDue`, a set of `Has`, and when that was done last. */
  private wanted = 0;
  private answerDue = 0;
  private answered = 0;
  /** Stands behind the name, as in "espruino-2", when it is more than 1. */
  number = 1;
  private readonly names = new MdnsNames();

  /** @param name the host's, 1 to 60 letters, digits and hyphens */
  constructor(
    private readonly udp: UdpHost,
    igmp: IgmpHost,
    private name: string,
  ) {
    'cold';
    udp.openPort(PORT, this);
    udp.stack.services.push(this);
    igmp.joinGroup(GROUP);
    this.probeName(0);
  }

  /** Gives the host another name. The old one is forgotten by others in time. */
  renameHost(name: string): void {
    'cold';
    this.name = name;
    this.number = 1;
    this.probeName(0);
  }

  /**
   * Tells others of a web server at `port`; 0: of none.
   * @throws Error when it is not a port
   */
  advertise(port: number): void {
    'cold';
    const given: unknown = port;
    if (!(port >= 0 && port <= 65535) || given !== (port | 0)) {
      throw new Error('advertise: ' + port + ' is not a port from 1 to 65535, nor 0 for none');
    }
    this.names.port = port;
    this.probeName(0);
  }

  tick(now: number): void {
    'cold';
    if (this.state === State.silent) return;
    if (this.state !== State.running) {
      if (before(now, this.due)) this.udp.stack.alarm.wakeAt(this.due);
      else this.proceedName(now);
    }
    if (this.wanted === 0) return;
    if (before(now, this.answerDue)) this.udp.stack.alarm.wakeAt(this.answerDue);
    else this.answerAll(now);
  }

  changed(what: Change): void {
    'cold';
    if (what === Change.unplugged) this.state = State.silent;
    else this.probeName(0);
  }

  datagram(frame: Uint8Array, at: number, length: number, address: number, port: number): void {
    this.received++;
    if (this.state !== State.silent) this.takeMdns(frame, at, at + length, address, port);
    else this.rejected++;
  }

  /** Asks whether anybody has our names, after `wait` and a bit. */
  private probeName(wait: number): void {
    'cold';
    const stack = this.udp.stack;
    setNames(this.names, this.name, this.number);
    this.steps = 0;
    this.wanted = 0;
    this.state = stack.ip.address === 0 ? State.silent : State.probing;
    this.due = advance(stack.alarm.now, wait + ((stack.platform.random() >>> 0) % PROBE_INTERVAL));
    stack.alarm.wakeAt(this.due);
  }

  private proceedName(now: number): void {
    'cold';
    const stack = this.udp.stack;
    if (!stack.link.ready()) {
      stack.alarm.wakeAt(now);
      return;
    }
    if (this.state === State.probing && this.steps < PROBES) {
      this.sendProbe();
    } else {
      if (this.state === State.probing) this.steps = 0;
      this.state = State.announcing;
      this.wanted = this.names.port === 0 ? Has.address : Has.address | Has.pointer | Has.service | Has.text;
      this.answerDue = now;
      if (this.steps + 1 === ANNOUNCEMENTS) this.state = State.running;
    }
    this.steps++;
    this.due = advance(now, this.state === State.probing ? PROBE_INTERVAL : ANNOUNCE_INTERVAL);
    stack.alarm.wakeAt(this.due);
  }

  private writeHeader(id: number, flags: number, questions: number, answers: number, authorities: number): number {
    'cold';
    const frame = this.udp.stack.link.frame;
    put16(frame, UDP_DATA + Dns.id, id);
    put16(frame, UDP_DATA + Dns.flags, flags);
    put16(frame, UDP_DATA + Dns.questions, questions);
    put16(frame, UDP_DATA + Dns.answers, answers);
    put16(frame, UDP_DATA + Dns.authorities, authorities);
    put16(frame, UDP_DATA + Dns.additionals, 0);
    return UDP_DATA + Dns.header;
  }

  /** Our name in question, and beside it what we would answer, for those who want it too at this moment. */
  private sendProbe(): void {
    'cold';
    const count = this.names.port === 0 ? 1 : 2;
    let at = this.writeHeader(0, 0, count, 0, count);
    at = this.addQuestion(at, this.names.host);
    if (count > 1) at = this.addQuestion(at, this.names.instance);
    at = addRecords(this.names, this.udp.stack, at, count > 1 ? Has.address | Has.service : Has.address, TTL, 0);
    this.udp.sendFrame(PORT, GROUP, PORT, at - UDP_DATA, SERVICE);
  }

  private addQuestion(at: number, name: Uint8Array): number {
    'cold';
    const frame = this.udp.stack.link.frame;
    const end = addName(frame, at, name);
    put16(frame, end, MdnsType.any);
    put16(frame, end + 2, CLASS_IN | TOP_BIT);
    return end + 4;
  }

  /** Appends the answers, and what they lead to as additional records (RFC 6763 section 12). */
  private addAnswers(at: number, set: number, ttl: number, top: number): number {
    'cold';
    const stack = this.udp.stack;
    const led = set & Has.pointer ? Has.service | Has.text | Has.address : set & Has.service ? Has.address : 0;
    const more = led & ~set;
    put16(stack.link.frame, UDP_DATA + Dns.additionals, countOf(more));
    return addRecords(this.names, stack, addRecords(this.names, stack, at, set, ttl, top), more, ttl, top);
  }

  private answerAll(now: number): void {
    'cold';
    const stack = this.udp.stack;
    if (!stack.link.ready()) {
      stack.alarm.wakeAt(now);
      return;
    }
    const at = this.addAnswers(this.writeHeader(0, RESPONSE, 0, countOf(this.wanted), 0), this.wanted, TTL, TOP_BIT);
    this.wanted = 0;
    this.answered = now;
    this.udp.sendFrame(PORT, GROUP, PORT, at - UDP_DATA, SERVICE);
  }

  private takeMdns(frame: Uint8Array, at: number, end: number, address: number, port: number): void {
    'cold';
    const records = end - at < Dns.header ? -1 : skipQuestions(frame, at, end);
    if (records < 0) {
      this.rejected++;
      return;
    }
    const response = (get16(frame, at + Dns.flags) & 0x8000) !== 0;
    if (response) this.takeClaims(frame, at, records, end, get16(frame, at + Dns.answers), port);
    else if (get16(frame, at + Dns.authorities) > 0 && this.state === State.probing) this.takeRival(frame, at, records, end);
    else if (this.state !== State.probing) this.takeQuestions(frame, at, records, end, address, port);
  }

  /** Somebody says what belongs to our names: a conflict when it is something else than we say. */
  private takeClaims(frame: Uint8Array, at: number, records: number, end: number, count: number, port: number): void {
    'cold';
    if (port !== PORT) return;
    const body = findRecord(frame, at, records, end, count, this.names.host, MdnsType.a);
    const other = body >= 0 && addressAt(frame, body) !== this.udp.stack.ip.address;
    const service = this.names.port === 0 ? -1 : findRecord(frame, at, records, end, count, this.names.instance, MdnsType.srv);
    const target = service + Rr.data + 6;
    const otherService = service >= 0 && !(target < end && sameName(frame, at, target, end, this.names.host, 0, 0, NAME_SIZE));
    if (!other && !otherService) return;
    this.conflicts++;
    // Who has announced a name asks once more; the other one will defend it if it is his.
    if (this.state === State.probing) this.number++;
    this.probeName(this.conflicts < CONFLICTS ? 0 : CONFLICT_WAIT);
  }

  /** Another host wants our name at this moment: the greater address gets it, the other waits a second (section 8.2). */
  private takeRival(frame: Uint8Array, at: number, records: number, end: number): void {
    'cold';
    const count = get16(frame, at + Dns.answers) + get16(frame, at + Dns.authorities);
    const body = findRecord(frame, at, records, end, count, this.names.host, MdnsType.a);
    const address = body < 0 ? 0 : addressAt(frame, body);
    // Halved, addresses compare as unsigned numbers; the last bit decides between neighbours.
    const ours = this.udp.stack.ip.address;
    const greater = address >>> 1 > ours >>> 1 || (address >>> 1 === ours >>> 1 && (address & 1) > (ours & 1));
    if (address !== 0 && greater) this.probeName(1000);
  }

  private takeQuestions(frame: Uint8Array, message: number, records: number, end: number, address: number, port: number): void {
    'cold';
    let set = 0;
    let direct = port !== PORT;
    let at = message + Dns.header;
    for (let left = get16(frame, message + Dns.questions); left > 0; left--) {
      const next = skipName(frame, at, end);
      const type = get16(frame, next);
      const kind = get16(frame, next + 2);
      const found = (kind & 0x7fff) === CLASS_IN || (kind & 0x7fff) === 255 ? recordsFor(this.names, frame, message, at, end, type) : 0;
      set |= found;
      if (found !== 0 && kind & TOP_BIT) direct = true;
      at = next + 4;
    }
    set &= ~knownTo(this.names, this.udp.stack.ip.address, frame, message, records, end);
    if (set === 0) return;
    if (direct) this.answerOne(frame, message, records, set, address, port);
    else this.answerSoon(set);
  }

  private answerSoon(set: number): void {
    'cold';
    const stack = this.udp.stack;
    const now = stack.alarm.now;
    const wait = set & (Has.pointer | Has.types) ? SHARED_DELAY + ((stack.platform.random() >>> 0) % SHARED_SPREAD) : 0;
    const since = distance(this.answered, now);
    const rest = since >= 0 && since < ANSWER_INTERVAL ? ANSWER_INTERVAL - since : 0;
    if (this.wanted === 0) this.answerDue = advance(now, wait > rest ? wait : rest);
    this.wanted |= set;
    stack.alarm.wakeAt(this.answerDue);
  }

  /** Answers one host: one that asked so, or one that knows nothing of multicast and gets its question back. */
  private answerOne(frame: Uint8Array, message: number, records: number, set: number, address: number, port: number): void {
    'cold';
    const link = this.udp.stack.link;
    const legacy = port !== PORT;
    const questions = legacy ? records - message - Dns.header : 0;
    // The longest answer is shorter than 400 octets; nobody asks with more than a few names in a word of his own.
    if (!link.ready() || questions > SERVICE) return;
    const count = legacy ? get16(frame, message + Dns.questions) : 0;
    let at = this.writeHeader(legacy ? get16(frame, message + Dns.id) : 0, RESPONSE, count, countOf(set), 0);
    for (let octet = 0; octet < questions; octet++) link.frame[at + octet] = frame[message + Dns.header + octet];
    at = this.addAnswers(at + questions, set, legacy ? LEGACY_TTL : TTL, legacy ? 0 : TOP_BIT);
    this.udp.sendFrame(PORT, address, port, at - UDP_DATA, SERVICE);
  }
}
