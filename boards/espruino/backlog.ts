import { bytesToString } from '../../hal/espruino';
import type { Connection } from '../../src/tcp/connection';
import type { Listener } from '../../src/tcp/listener';
import type { TcpHost } from '../../src/tcp/tcp';
import { distance } from '../../src/wire/sequence';

/** Milliseconds after which a connection that still owes its request makes way for one that finds no slot. */
const REQUEST_TIME = 1000;

/**
 * Connections that peers have opened and Espruino has not accepted yet. Its HTTP server never lets go of a connection
 * whose request breaks off in its head, nor of one that brings none, as those that browsers open in advance: so it is
 * given a connection when the head is there, or has no room.
 */
export class Backlog {
  /** Slots in the order in which they were opened. */
  private readonly waiting: number[] = [];
  /** The head of an HTTP request is waited for, and how many octets of it have been looked through. */
  private readonly wantsHead: Uint8Array;
  private readonly searched: Uint16Array;
  /** How many connections had found no slot when one was last made free, or found free. */
  private overflows = 0;

  constructor(private readonly tcp: TcpHost) {
    this.wantsHead = new Uint8Array(tcp.connections.length);
    this.searched = new Uint16Array(tcp.connections.length);
  }

  add(c: Connection, http: boolean): void {
    this.wantsHead[c.slot] = http ? 1 : 0;
    this.searched[c.slot] = 0;
    this.overflows = this.tcp.counters.listenOverflows;
    this.waiting.push(c.slot);
  }

  /** Does nothing when it does not wait. */
  remove(c: Connection): void {
    const at = this.waiting.indexOf(c.slot);
    if (at >= 0) this.waiting.splice(at, 1);
  }

  isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  /** Takes out the next connection to a listener, or null. A peer that has closed before its request is let go. */
  next(listener: Listener | null): Connection | null {
    'cold';
    if (this.overflows !== this.tcp.counters.listenOverflows) this.makeWay();
    for (let at = 0; at < this.waiting.length; at++) {
      const c = this.tcp.connections[this.waiting[at]];
      if (c.listener === listener && (this.isReady(c) || c.finReceived)) {
        this.waiting.splice(at, 1);
        if (this.wantsHead[c.slot] === 0) return c;
        c.drain();
        return null;
      }
    }
    return null;
  }

  /** Ends the connections to a listener that closes. */
  abort(listener: Listener): void {
    for (let at = this.waiting.length - 1; at >= 0; at--) {
      const c = this.tcp.connections[this.waiting[at]];
      if (c.listener === listener) {
        this.waiting.splice(at, 1);
        c.abort();
      }
    }
  }

  private isReady(c: Connection): boolean {
    'cold';
    const slot = c.slot;
    if (this.wantsHead[slot] === 0) return true;
    if (this.searched[slot] === c.available) return false;
    this.searched[slot] = c.available;
    // Nothing has been read yet, so the octets stand at the ring's beginning.
    const whole = bytesToString(c.receiveRing, 0, c.available).indexOf('\r\n\r\n') >= 0;
    if (whole || c.available + this.tcp.mss > c.receiveRing.length) this.wantsHead[slot] = 0;
    return this.wantsHead[slot] === 0;
  }

  /** A peer has found no slot, and will ask again: the oldest of those that still owe their request makes way for it. */
  private makeWay(): void {
    'cold';
    for (let at = 0; at < this.waiting.length; at++) {
      const c = this.tcp.connections[this.waiting[at]];
      if (!this.isReady(c) && distance(c.since, this.tcp.alarm.now) >= REQUEST_TIME) {
        this.overflows = this.tcp.counters.listenOverflows;
        c.abort();
        return;
      }
    }
  }
}
