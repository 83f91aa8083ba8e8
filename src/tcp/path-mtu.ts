import { SOURCE_ROUTE, TIMESTAMPS } from '../features';
import { IP_HEADER } from '../ip/ipv4';
import { advance, before, distance } from '../wire/sequence';
import type { Connection } from './connection';
import { DEFAULT_SEND_MSS, MINIMUM_MSS } from './constants';
import { Bit } from './control-block';
import { TIMESTAMPS_LENGTH } from './options';
import { Tcp } from './segment';
import { State } from './states';
import type { TcpHost } from './tcp';

/** Paths that are remembered; a board talks to few hosts beyond its own network. */
const PATHS = 4;
/** Milliseconds after which a path is tried with full segments again (RFC 1191 section 6.3). */
const AGE = 600000;
/** MTUs that are met with (RFC 1191 section 7.1): the next lower one is tried when a router does not say. */
const COMMON_MTU = 1280;
const LOW_MTU = 576;

/** Paths that carry less than our largest segment (RFC 1191): the addresses at their ends, and what they carry. */
export class PathTable {
  readonly address = new Int32Array(PATHS);
  /** Octets of TCP header and data; 0 for an entry that is not in use. */
  readonly limit = new Int32Array(PATHS);
  readonly since = new Int32Array(PATHS);

  /** The index of an address, or -1. */
  pathTo(address: number): number {
    'cold';
    for (let at = 0; at < PATHS; at++) {
      if (this.limit[at] !== 0 && this.address[at] === address) return at;
    }
    return -1;
  }

  /** The index of an address, which takes the oldest entry's place if it is new. */
  claimPath(address: number): number {
    'cold';
    let at = this.pathTo(address);
    if (at >= 0) return at;
    at = 0;
    for (let other = 1; other < PATHS; other++) {
      if (this.limit[other] === 0 || (this.limit[at] !== 0 && before(this.since[other], this.since[at]))) at = other;
    }
    this.address[at] = address;
    return at;
  }
}

/** The effective send MSS (RFC 9293 section 3.7.1): what the peer takes and the path carries. */
export function pathLimit(tcp: TcpHost, c: Connection): number {
  'cold';
  const at = tcp.paths.pathTo(c.remoteAddress);
  if (at < 0) return c.sendMss;
  const least = c.sendMss < MINIMUM_MSS ? c.sendMss : MINIMUM_MSS;
  // What the header's options take is missing from the send MSS already; it has to go from the path's limit too.
  const carried = tcp.paths.limit[at] - Tcp.header - optionsLength(tcp, c);
  if (carried >= c.sendMss) return c.sendMss;
  return carried > least ? carried : least;
}

/**
 * A router has no room for a datagram of ours on the way to this connection's peer: from here on segments are smaller,
 * and what is in flight goes again.
 * @param mtu what it has room for; 0 when it does not say
 */
export function narrowPath(tcp: TcpHost, c: Connection, mtu: number): void {
  'cold';
  const sent = c.mss + Tcp.header + optionsLength(tcp, c) + IP_HEADER;
  if (mtu === 0) mtu = sent > COMMON_MTU ? COMMON_MTU : sent > LOW_MTU ? LOW_MTU : IP_HEADER + Tcp.header + MINIMUM_MSS;
  if (mtu >= sent) return;
  const at = tcp.paths.claimPath(c.remoteAddress);
  tcp.paths.limit[at] = mtu - IP_HEADER > Tcp.header ? mtu - IP_HEADER : Tcp.header + 1;
  tcp.paths.since[at] = tcp.alarm.now;
  tcp.timers.start(tcp.pathTimer, advance(tcp.alarm.now, AGE));
  for (let slot = 0; slot < tcp.connections.length; slot++) {
    const other = tcp.connections[slot];
    if (other.remoteAddress !== c.remoteAddress || other.state <= State.SYN_RECEIVED || other.state > State.LAST_ACK) continue;
    other.mss = pathLimit(tcp, other);
    // Not a sign of congestion: the window stays (RFC 1191 section 6.5).
    other.sndNxt = other.sndUna;
    other.flight.clear();
    other.marked = 0;
    other.bits &= ~Bit.marked;
    tcp.schedule(other);
  }
}

/** Nothing gets through, and perhaps only nothing large (RFC 2923 section 2.1): the default size goes everywhere. */
export function doubtPath(tcp: TcpHost, c: Connection): void {
  'cold';
  if (c.mss > DEFAULT_SEND_MSS) narrowPath(tcp, c, DEFAULT_SEND_MSS + Tcp.header + IP_HEADER);
}

/** Forgets what is known for long; the connections of those paths try full segments again. */
export function agePaths(tcp: TcpHost): void {
  'cold';
  const paths = tcp.paths;
  let next = 0;
  for (let at = 0; at < PATHS; at++) {
    if (paths.limit[at] === 0) continue;
    const left = AGE - distance(paths.since[at], tcp.alarm.now);
    if (left > 0) {
      if (next === 0 || left < next) next = left;
    } else {
      paths.limit[at] = 0;
      for (let slot = 0; slot < tcp.connections.length; slot++) {
        const c = tcp.connections[slot];
        if (c.remoteAddress === paths.address[at]) c.mss = c.sendMss;
      }
    }
  }
  if (next > 0) tcp.timers.start(tcp.pathTimer, advance(tcp.alarm.now, next));
}

export function ipOptionsLength(tcp: TcpHost, c: Connection): number {
  'cold';
  return SOURCE_ROUTE && tcp.sourceRoute ? tcp.routes.optionLength(c.slot) : 0;
}

/** Octets that options take of a segment of this connection, in both headers. */
export function optionsLength(tcp: TcpHost, c: Connection): number {
  'cold';
  return (TIMESTAMPS && c.bits & Bit.timestamps ? TIMESTAMPS_LENGTH : 0) + ipOptionsLength(tcp, c);
}
