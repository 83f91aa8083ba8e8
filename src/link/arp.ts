import type { Platform } from '../../hal/hal';
import type { Alarm } from './alarm';
import { get16, get32, put16 } from '../wire/bytes';
import { advance, before, distance } from '../wire/sequence';
import { ArpCounters } from './arp-counters';
import { Arp, isWellFormed, Operation, turnIntoReply, writeRequest } from './arp-packet';
import type { ArpWatcher } from './arp-packet';
import { broadcastAddress, copyAddress, Ethernet, EtherType } from './ethernet';
import type { Link } from './ethernet';

/** What an entry of the cache knows. */
const enum Entry {
  free = 0,
  incomplete = 1, // asked for, no answer yet
  reachable = 2, // answered, and not older than `REACHABLE_TIME`
  /** In use beyond `REACHABLE_TIME`: the old address serves while its owner is asked again. */
  probing = 3,
}

/** Milliseconds for which an answer is believed: RFC 1122 section 2.3.2.1 asks for about a minute. */
const REACHABLE_TIME = 60000;
/** Milliseconds between two requests for one address: at most one a second, RFC 1122 section 2.3.2.1. */
const REQUEST_INTERVAL = 1000;
/** Requests without an answer after which an address counts as not there. */
const REQUEST_TRIES = 3;
/** Milliseconds between the announcements of our own address, and how many: RFC 5227 section 1.1. */
const ANNOUNCE_INTERVAL = 2000;
const ANNOUNCE_COUNT = 2;

/**
 * Address resolution (RFC 826): a cache of fixed size with ageing, one packet waiting for each unresolved address,
 * and the announcement of our own address.
 */
export class AddressResolution {
  readonly counters = new ArpCounters();
  /** Who looks at each frame that other hosts send; null: nobody. */
  watcher: ArpWatcher | null = null;

  private readonly state: Uint8Array;
  private readonly address: Int32Array;
  private readonly hardware: Uint8Array;
  /** When an incomplete or probing entry was asked for last; when a reachable one was answered. */
  private readonly since: Int32Array;
  private readonly tries: Uint8Array;
  private readonly pending: Uint8Array;
  private readonly pendingLength: Uint16Array;
  /** Requests are built here, so that a packet in the transmit frame stays whole. */
  private readonly requestFrame = new Uint8Array(Arp.end);
  private announcements = 0;
  private announced = 0;

  /**
   * @param ownAddress our IPv4 address
   * @param entries how many neighbours the cache holds
   * @param pendingSize octets kept of the packet that waits for a neighbour; longer packets are dropped, and TCP
   *   sends them again
   */
  constructor(
    private readonly link: Link,
    private readonly platform: Platform,
    private readonly alarm: Alarm,
    private ownAddress: number,
    private readonly entries: number,
    private readonly pendingSize: number,
  ) {
    this.state = new Uint8Array(entries);
    this.address = new Int32Array(entries);
    this.hardware = new Uint8Array(entries * 6);
    this.since = new Int32Array(entries);
    this.tries = new Uint8Array(entries);
    this.pending = new Uint8Array(entries * pendingSize);
    this.pendingLength = new Uint16Array(entries);
  }

  /** Takes another address of our own, forgets all neighbours and announces it. */
  setAddress(ownAddress: number, now: number): void {
    this.ownAddress = ownAddress;
    for (let entry = 0; entry < this.entries; entry++) this.forget(entry);
    this.announce(now);
  }

  /** Tells the neighbours our address, now and once more two seconds later (RFC 5227 section 2.3). */
  announce(now: number): void {
    'cold';
    if (this.ownAddress === 0) return;
    this.announcements = ANNOUNCE_COUNT;
    this.announced = advance(now, -ANNOUNCE_INTERVAL);
    this.alarm.wake(now);
  }

  /**
   * Sends a packet whose IPv4 part is complete to a neighbour, or keeps it until the neighbour has answered.
   * @param neighbour its address, on our own network
   * @returns false when the transmitter is busy: ask again
   */
  send(frame: Uint8Array, length: number, neighbour: number, now: number): boolean {
    let entry = this.find(neighbour);
    if (entry >= 0 && this.state[entry] !== Entry.incomplete) {
      if (!this.link.ready()) return false;
      copyAddress(this.hardware, entry * 6, frame, Ethernet.destination);
      put16(frame, Ethernet.type, EtherType.ipv4);
      this.link.transmit(frame, length);
      const age = distance(this.since[entry], now);
      // A negative age is one of more than 2^31 milliseconds.
      if (this.state[entry] === Entry.reachable && (age > REACHABLE_TIME || age < 0)) {
        this.ask(entry, Entry.probing, now);
      }
      return true;
    }
    if (entry < 0) {
      entry = this.allocate(now);
      this.address[entry] = neighbour;
      this.ask(entry, Entry.incomplete, now);
    }
    this.keep(entry, frame, length);
    return true;
  }

  /**
   * Negative advice from above (RFC 1122 section 2.3.2.1 (3)): the next packet to a neighbour has it asked again, itself
   * at first.
   */
  suspect(neighbour: number): void {
    'cold';
    const entry = this.find(neighbour);
    if (entry >= 0 && this.state[entry] === Entry.reachable) {
      this.since[entry] = advance(this.since[entry], -REACHABLE_TIME - 1);
    }
  }

  /** Takes in an ARP frame; a request for our address is answered in place. */
  receive(frame: Uint8Array, length: number, now: number): void {
    if (!isWellFormed(frame, length)) {
      this.counters.malformed++;
      return;
    }
    const sender = get32(frame, Arp.sender);
    const forUs = get32(frame, Arp.target) === this.ownAddress && this.ownAddress !== 0;
    const request = get16(frame, Arp.operation) === Operation.request;
    if (request) this.counters.requestsIn++;
    else this.counters.repliesIn++;
    if (this.watcher !== null) this.watcher.arpHeard(frame);
    // An answer that nobody asked for creates no entry; a sender that asks for us is about to talk to us.
    const learns = sender !== 0 && sender !== this.ownAddress;
    const entry = learns ? this.learn(sender, frame, forUs && request, now) : -1;
    if (request && forUs) this.answer(frame);
    if (entry >= 0 && this.pendingLength[entry] > 0) this.release(entry, now);
  }

  /** Repeats requests, ages entries, announces. To be called when the alarm has come. */
  tick(now: number): void {
    if (this.announcements > 0) this.tickAnnouncement(now);
    for (let entry = 0; entry < this.entries; entry++) {
      if (this.state[entry] === Entry.incomplete || this.state[entry] === Entry.probing) this.tickEntry(entry, now);
      else if (this.pendingLength[entry] > 0) this.release(entry, now);
    }
  }

  private tickAnnouncement(now: number): void {
    'cold';
    const next = advance(this.announced, ANNOUNCE_INTERVAL);
    if (before(now, next)) {
      this.alarm.wake(next);
      return;
    }
    if (!this.request(this.ownAddress, -1)) {
      this.alarm.wake(now);
      return;
    }
    this.announced = now;
    if (--this.announcements > 0) this.alarm.wake(advance(now, ANNOUNCE_INTERVAL));
  }

  private tickEntry(entry: number, now: number): void {
    'cold';
    const next = advance(this.since[entry], REQUEST_INTERVAL);
    if (before(now, next)) this.alarm.wake(next);
    else if (this.tries[entry] >= REQUEST_TRIES) this.forget(entry);
    else this.askAgain(entry, now);
  }

  private ask(entry: number, state: Entry, now: number): void {
    'cold';
    this.state[entry] = state;
    this.tries[entry] = 0;
    this.askAgain(entry, now);
  }

  /** Sends a request, to all for an unknown neighbour, to itself for a known one (RFC 1122 section 2.3.2.1 (2)). */
  private askAgain(entry: number, now: number): void {
    'cold';
    if (this.request(this.address[entry], this.state[entry] === Entry.probing ? entry : -1)) {
      this.tries[entry]++;
      this.since[entry] = now;
      this.alarm.wake(advance(now, REQUEST_INTERVAL));
    } else {
      this.since[entry] = advance(now, -REQUEST_INTERVAL);
      this.alarm.wake(now);
    }
  }

  /** Builds and sends a request; `entry` names the neighbour to send it to, -1 all of them. */
  private request(target: number, entry: number): boolean {
    // A packet that is being built in the transmit frame goes first: this waits for the next tick.
    if (!this.link.ready()) return false;
    const frame = this.requestFrame;
    if (entry < 0) broadcastAddress(frame, Ethernet.destination);
    else copyAddress(this.hardware, entry * 6, frame, Ethernet.destination);
    writeRequest(frame, this.link.mac.address, this.ownAddress, target);
    this.counters.requestsOut++;
    return this.link.transmit(frame, Arp.end);
  }

  /**
   * Asks everybody for an address, without one of our own: a probe; with it: a defence (RFC 5227 section 2.1.1).
   * @returns false when the transmitter is busy
   */
  sendProbe(address: number): boolean {
    'cold';
    return this.request(address, -1);
  }

  private answer(frame: Uint8Array): void {
    turnIntoReply(frame, this.link.mac.address, this.ownAddress);
    if (this.link.transmit(frame, Arp.end)) this.counters.repliesOut++;
  }

  /** Returns the sender's entry, -1 when it has none. */
  private learn(sender: number, frame: Uint8Array, create: boolean, now: number): number {
    'cold';
    let entry = this.find(sender);
    if (entry < 0) {
      if (!create) return -1;
      entry = this.allocate(now);
      this.address[entry] = sender;
    }
    copyAddress(frame, Arp.senderHardware, this.hardware, entry * 6);
    this.state[entry] = Entry.reachable;
    this.since[entry] = now;
    return entry;
  }

  /** Sends the packet that has waited for a neighbour, as soon as the transmitter can take it. */
  private release(entry: number, now: number): void {
    if (!this.link.ready()) {
      this.alarm.wake(now);
      return;
    }
    const length = this.pendingLength[entry];
    this.pendingLength[entry] = 0;
    const frame = this.link.frame;
    this.platform.copy(this.pending, entry * this.pendingSize, frame, Ethernet.type, length - Ethernet.type);
    copyAddress(this.hardware, entry * 6, frame, Ethernet.destination);
    this.link.transmit(frame, length);
  }

  /** Keeps a packet, from its type field on, until its neighbour answers. A later one takes the place of an earlier. */
  private keep(entry: number, frame: Uint8Array, length: number): void {
    'cold';
    if (this.pendingLength[entry] > 0 || length - Ethernet.type > this.pendingSize) this.counters.pendingDropped++;
    if (length - Ethernet.type > this.pendingSize) return;
    put16(frame, Ethernet.type, EtherType.ipv4);
    this.platform.copy(frame, Ethernet.type, this.pending, entry * this.pendingSize, length - Ethernet.type);
    this.pendingLength[entry] = length;
  }

  private find(neighbour: number): number {
    for (let entry = 0; entry < this.entries; entry++) {
      if (this.address[entry] === neighbour && this.state[entry] !== Entry.free) return entry;
    }
    return -1;
  }

  /** A free entry, or the one that was heard of least recently. */
  private allocate(now: number): number {
    'cold';
    let oldest = 0;
    let age = 0;
    for (let entry = 0; entry < this.entries; entry++) {
      if (this.state[entry] === Entry.free) return entry;
      // Halved, ages up to 2^32 milliseconds can be told apart.
      const entryAge = (now - this.since[entry]) >>> 1;
      if (entryAge > age) {
        age = entryAge;
        oldest = entry;
      }
    }
    this.counters.evicted++;
    this.forget(oldest);
    return oldest;
  }

  private forget(entry: number): void {
    'cold';
    if (this.pendingLength[entry] > 0) this.counters.pendingDropped++;
    this.state[entry] = Entry.free;
    this.pendingLength[entry] = 0;
  }
}
