import { SOURCE_ROUTE } from '../features';
import { OptionKind } from '../ip/ip-options';
import { Ip, Protocol } from '../ip/ipv4';
import type { Sent } from '../ip/ipv4';
import { NOBODY } from '../link/ethernet';
import { get32, put32 } from '../wire/bytes';
import type { Connection } from './connection';
import type { TcpHost } from './tcp';

// IPv4 source routes (RFC 791 section 3.1, RFC 9293 section 3.9.2.1): one that the application gives, or the way back of
// one that a SYN came with.

/** Addresses that fit a header's options. */
const MOST = 9;

/** The source routes of the connections: the first router of each, then what the option holds. */
export class RouteTable {
  private readonly counts: Uint8Array;
  private readonly hops: Int32Array;
  /** Set by the application: what arrives does not change it (MUST-52). */
  private readonly own: Uint8Array;
  private readonly option = new Uint8Array(4 + 4 * MOST);

  constructor(connections: number) {
    this.counts = new Uint8Array(connections);
    this.own = new Uint8Array(connections);
    this.hops = new Int32Array(connections * (MOST + 1));
  }

  has(slot: number): boolean {
    return this.counts[slot] > 0;
  }

  clear(slot: number): void {
    this.counts[slot] = 0;
    this.own[slot] = 0;
  }

  /** Through these routers to `destination`. */
  setRoute(slot: number, routers: number[], destination: number): void {
    'cold';
    const first = slot * (MOST + 1);
    for (let at = 0; at < routers.length; at++) this.hops[first + at] = routers[at];
    this.hops[first + routers.length] = destination;
    this.counts[slot] = routers.length;
    this.own[slot] = 1;
  }

  /** Octets that the option takes in a header. */
  optionLength(slot: number): number {
    'cold';
    return this.counts[slot] === 0 ? 0 : 4 + 4 * this.counts[slot];
  }

  /**
   * Looks for a completed source route in the header of a received datagram and keeps the way back (MUST-53). A later
   * one takes the place of an earlier one (SHLD-24).
   * @param end where the header's options end in the frame
   * @param opening the segment size is not settled yet: afterwards a longer route than the one before finds no room in a frame
   */
  takeReturnRoute(slot: number, frame: Uint8Array, end: number, opening: boolean): void {
    'cold';
    const most = opening ? MOST : this.counts[slot];
    let at = Ip.payload as number;
    while (at < end && frame[at] !== OptionKind.end && this.own[slot] === 0) {
      const length = frame[at] === OptionKind.noOperation ? 1 : at + 1 < end ? frame[at + 1] : 0;
      if (length === 0 || at + length > end) return;
      const isRoute = frame[at] === OptionKind.looseRoute || frame[at] === OptionKind.strictRoute;
      // Completed: the pointer has passed the last address.
      const count = (length - 3) >> 2;
      if (isRoute && count > 0 && count <= most && frame[at + 2] > length) this.keepReturn(slot, frame, at + 3, count);
      at += length;
    }
  }

  /** The same for a segment of a connection that is open: only what stood in the window changes the way back. */
  takeLaterRoute(tcp: TcpHost, slot: number, frame: Uint8Array): void {
    'cold';
    this.takeReturnRoute(slot, frame, tcp.ip.payload, false);
    tcp.link.owner = NOBODY;
  }

  private keepReturn(slot: number, frame: Uint8Array, at: number, count: number): void {
    'cold';
    const first = slot * (MOST + 1);
    const source = get32(frame, Ip.source);
    // Some record the sender too (RFC 1122 section 3.2.1.8 (c)).
    if (get32(frame, at) === source) {
      at += 4;
      count--;
    }
    for (let hop = 0; hop < count; hop++) this.hops[first + hop] = get32(frame, at + 4 * (count - 1 - hop));
    this.hops[first + count] = source;
    this.counts[slot] = count;
  }

  /** Sends the segment in the transmit frame to the first router. */
  sendThrough(tcp: TcpHost, c: Connection, length: number): Sent {
    'cold';
    const first = c.slot * (MOST + 1);
    const count = this.counts[c.slot];
    const option = this.option;
    option[0] = OptionKind.noOperation;
    option[1] = OptionKind.looseRoute;
    option[2] = 3 + 4 * count;
    option[3] = 4;
    for (let hop = 0; hop < count; hop++) put32(option, 4 + 4 * hop, this.hops[first + 1 + hop]);
    return tcp.ip.sendWithOptions(option, 4 + 4 * count, this.hops[first], Protocol.tcp, length, tcp.alarm.now, c.service & 0xffff);
  }
}

export function sendRouted(tcp: TcpHost, c: Connection, length: number): Sent {
  'cold';
  return tcp.routes.sendThrough(tcp, c, length);
}

/** @throws Error that names what is wrong with a route of the application's */
export function checkRoute(tcp: TcpHost, route: number[]): void {
  'cold';
  if (!SOURCE_ROUTE || !tcp.sourceRoute) throw new Error('connect: a sourceRoute needs the option "sourceRoute" of the stack');
  if (route.length > MOST) throw new Error('connect: a sourceRoute has at most ' + MOST + ' addresses, not ' + route.length);
  for (let at = 0; at < route.length; at++) {
    const hop: unknown = route[at];
    if (hop !== (route[at] | 0) || !tcp.ip.isHost(route[at])) {
      throw new Error('connect: sourceRoute ' + route[at] + ' is not the address of a router as a signed 32-bit integer');
    }
  }
}
