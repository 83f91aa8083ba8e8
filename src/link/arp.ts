import type { Platform } from '../../hal/hal';
import type { Alarm } from './alarm';
import { get16, get32, put16 } from '../wire/bytes';
import { advance, before } from '../wire/sequence';
import { ANNOUNCE_COUNT, ANNOUNCE_INTERVAL, Entry, REACHABLE_TIME, REQUEST_INTERVAL, REQUEST_TRIES } from './arp-constants';
import { ArpCounters } from './arp-counters';
import { Arp, isFromAnother, isWellFormed, Operation, turnIntoReply, writeRequest } from './arp-packet';
import type { AddressClaim } from './conflict';
import { broadcastAddress, copyAddress, Ethernet, EtherType, NOBODY } from './ethernet';
import type { Link } from './ethernet';

/**
 * Address resolution (RFC 826): a cache of fixed size that ages, one packet waiting for each neighbour, our announcement.
 */
export class AddressResolution {
  readonly counters = new ArpCounters();
  /** Who sees to it that no other host has our address; null: nobody. */
  claim: AddressClaim | null = null;
  /** The neighbour that the last tick gave up, one at most, for whoever cares; 0: none. */
  lost = 0;

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
    for (let entry = 0; entry < this.entries; entry++) this.forget(entry);
    this.announce(ownAddress, now);
  }

  /**
   * Tells the neighbours our address, now and once more two seconds later (RFC 5227 section 2.3). As long as it is 0 no
   * neighbour hears of it: nobody is asked or answered, and packets for neighbours unknown wait.
   */
  announce(ownAddress: number, now: number): void {
    'cold';
    this.ownAddress = ownAddress;
    this.announcements = ownAddress === 0 ? 0 : ANNOUNCE_COUNT;
    this.announced = advance(now, -ANNOUNCE_INTERVAL);
    this.alarm.wakeAt(now);
  }

  /** Writes a neighbour's hardware address as a frame's destination. True when it is known. */
  resolve(frame: Uint8Array, neighbour: number): boolean {
    'cold';
    const entry = this.find(neighbour);
    if (entry < 0 || this.state[entry] === Entry.incomplete) return false;
    copyAddress(this.hardware, entry * 6, frame, Ethernet.destination);
    return true;
  }

  /**
   * Sends a packet whose IPv4 part is complete to a neighbour on our own network, or keeps it until that has answered.
   * @returns false when the transmitter is busy: ask again
   */
  send(frame: Uint8Array, length: number, neighbour: number, now: number): boolean {
    'cold';
    let entry = this.find(neighbour);
    if (entry >= 0 && this.state[entry] !== Entry.incomplete) {
      if (!this.link.ready()) return false;
      copyAddress(this.hardware, entry * 6, frame, Ethernet.destination);
      put16(frame, Ethernet.type, EtherType.ipv4);
      this.link.transmit(frame, length);
      const old = (now - this.since[entry]) >>> 0 > REACHABLE_TIME;
      if (old && this.state[entry] === Entry.reachable) this.ask(entry, Entry.probing, now);
      return true;
    }
    if (entry < 0) {
      entry = this.allocate(neighbour, this.entries / 2, now);
      if (entry >= 0) this.ask(entry, Entry.incomplete, now);
    }
    this.keep(entry, frame, length);
    return true;
  }

  /** Negative advice from above (RFC 1122 section 2.3.2.1 (3)): who has not answered just now is asked again, itself at first. */
  suspect(neighbour: number): void {
    'cold';
    const entry = this.find(neighbour);
    const now = this.alarm.now;
    this.link.owner = NOBODY;
    if (entry >= 0 && this.state[entry] === Entry.reachable && (now - this.since[entry]) >>> 0 >= REQUEST_INTERVAL) {
      this.since[entry] = advance(now, -REACHABLE_TIME - 1);
    }
  }

  /** Takes in an ARP frame; a request for our address is answered in place. */
  receive(frame: Uint8Array, length: number, now: number): void {
    'cold';
    if (!isWellFormed(frame, length)) {
      this.counters.malformed++;
      return;
    }
    const sender = get32(frame, Arp.sender);
    const own = this.ownAddress;
    const request = get16(frame, Arp.operation) === Operation.request;
    if (request) this.counters.requestsIn++;
    else this.counters.repliesIn++;
    if (!isFromAnother(frame, this.link.mac.address)) {
      this.counters.sourceErrors++;
      return;
    }
    if (this.claim !== null) this.claim.arpHeard(frame, sender);
    const forUs = request && own !== 0 && get32(frame, Arp.target) === own;
    if (own !== 0 && sender === own) {
      this.counters.conflicts++;
      return;
    }
    // An answer that nobody asked for creates no entry; a sender that asks for us is about to talk to us.
    const entry = sender === 0 ? -1 : this.learn(sender, frame, forUs, now);
    if (!request && entry < 0) this.counters.unsolicited++;
    if (forUs) {
      turnIntoReply(frame, this.link.mac.address, this.ownAddress);
      if (this.link.transmit(frame, Arp.end)) this.counters.repliesOut++;
    }
    if (entry >= 0 && this.pendingLength[entry] > 0) this.release(entry, now);
  }

  /** Repeats requests, ages entries, announces. To be called when the alarm has come. */
  tick(now: number): void {
    this.lost = 0;
    if (this.announcements > 0) this.tickAnnouncement(now);
    for (let entry = 0; entry < this.entries; entry++) {
      if (this.state[entry] === Entry.incomplete || this.state[entry] === Entry.probing) this.tickEntry(entry, now);
      else if (this.pendingLength[entry] > 0) this.release(entry, now);
    }
  }

  private tickAnnouncement(now: number): void {
    'cold';
    if (!before(now, advance(this.announced, ANNOUNCE_INTERVAL)) && this.request(this.ownAddress, -1)) {
      this.announced = now;
      this.announcements--;
    }
    const next = advance(this.announced, ANNOUNCE_INTERVAL);
    if (this.announcements > 0) this.alarm.wakeAt(before(now, next) ? next : now);
  }

  private tickEntry(entry: number, now: number): void {
    'cold';
    const next = advance(this.since[entry], REQUEST_INTERVAL);
    if (this.lost !== 0 || before(now, next)) this.alarm.wakeAt(next);
    else if (this.tries[entry] >= REQUEST_TRIES) this.lost = this.forget(entry);
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
    const own = this.ownAddress;
    if (own !== 0 && this.request(this.address[entry], this.state[entry] === Entry.probing ? entry : -1)) {
      this.tries[entry]++;
      this.since[entry] = now;
      this.alarm.wakeAt(advance(now, REQUEST_INTERVAL));
    } else {
      this.since[entry] = advance(now, -REQUEST_INTERVAL);
      if (own !== 0) this.alarm.wakeAt(now);
    }
  }

  /**
   * Asks for an address: `entry` names the neighbour to ask, -1 all of them. While we tell nobody ours that is a probe (RFC
   * 5227 section 2.1.1), for our own it is an announcement, or a defence.
   * @returns false when the transmitter is busy
   */
  request(target: number, entry: number): boolean {
    'cold';
    // A packet that is being built in the transmit frame goes first: this waits for the next tick.
    if (!this.link.ready()) return false;
    const frame = this.requestFrame;
    if (entry < 0) broadcastAddress(frame, Ethernet.destination);
    else copyAddress(this.hardware, entry * 6, frame, Ethernet.destination);
    writeRequest(frame, this.link.mac.address, this.ownAddress, target);
    this.counters.requestsOut++;
    return this.link.transmit(frame, Arp.end);
  }

  /** Returns the sender's entry, -1 when it has none, or what it says is not believed. */
  private learn(sender: number, frame: Uint8Array, create: boolean, now: number): number {
    'cold';
    let entry = this.find(sender);
    if (entry < 0 && create) entry = this.allocate(sender, this.entries, now);
    else if (entry >= 0 && this.state[entry] === Entry.reachable && (now - this.since[entry]) >>> 0 < REQUEST_INTERVAL) return -1;
    if (entry < 0) return -1;
    copyAddress(frame, Arp.senderHardware, this.hardware, entry * 6);
    this.link.owner = NOBODY;
    this.state[entry] = Entry.reachable;
    this.since[entry] = now;
    return entry;
  }

  /** Sends the packet that has waited for a neighbour, as soon as the transmitter can take it. */
  private release(entry: number, now: number): void {
    'cold';
    if (!this.link.ready()) {
      this.alarm.wakeAt(now);
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
    const fits = entry >= 0 && length - Ethernet.type <= this.pendingSize;
    if (!fits || this.pendingLength[entry] > 0) this.counters.pendingDropped++;
    if (!fits) return;
    put16(frame, Ethernet.type, EtherType.ipv4);
    this.platform.copy(frame, Ethernet.type, this.pending, entry * this.pendingSize, length - Ethernet.type);
    this.pendingLength[entry] = length;
  }

  private find(neighbour: number): number {
    'cold';
    let entry = this.entries - 1;
    while (entry >= 0 && (this.address[entry] !== neighbour || this.state[entry] === Entry.free)) entry--;
    return entry;
  }

  /**
   * A free entry for `neighbour`, or that of the one that was heard of least recently. Who was asked keeps its entry until
   * the answer is there or overdue: it would be asked again too soon. -1 when that holds for all.
   * @param most so many may wait for an answer: to ask for more of them would be a flood, and push out those that are there
   */
  private allocate(neighbour: number, most: number, now: number): number {
    'cold';
    let oldest = -1;
    let age = -1;
    let silent = 0;
    for (let entry = 0; entry < this.entries; entry++) {
      const state = this.state[entry];
      if (state === Entry.incomplete) silent++;
      // Halved, ages up to 2^32 milliseconds can be told apart.
      const entryAge = state === Entry.free ? 0x7fffffff : state === Entry.reachable ? (now - this.since[entry]) >>> 1 : -1;
      if (entryAge > age) {
        age = entryAge;
        oldest = entry;
      }
    }
    if (oldest < 0 || silent >= most) return -1;
    if (this.state[oldest] !== Entry.free) this.counters.evicted++;
    this.forget(oldest);
    this.address[oldest] = neighbour;
    return oldest;
  }

  private forget(entry: number): number {
    'cold';
    if (this.pendingLength[entry] > 0) this.counters.pendingDropped++;
    this.state[entry] = Entry.free;
    this.link.owner = NOBODY;
    this.pendingLength[entry] = 0;
    return this.address[entry];
  }
}
