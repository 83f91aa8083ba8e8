import { SOURCE_ROUTE, SYN_COOKIES } from '../features';
import { refuse } from './answer';
import type { Connection, ConnectionHandler } from './connection';
import { Bit } from './control-block';
import { withTheSyn } from './input';
import { enterHalfOpen, openConnection, recycle, takeSlot } from './lifecycle';
import { takePeerSyn } from './opening';
import { Flag } from './segment';
import type { Segment } from './segment';
import { State } from './states';
import { acceptCookie, isCookie, sendCookie } from './syn-cookies';
import type { TcpHost } from './tcp';

/** A port that accepts connections. Made by the stack, given to the application by `listen`. */
export class Listener {
  /** 0 while it is not in use. */
  port = 0;
  handler: ConnectionHandler | null = null;
  /** Of a fully specified passive OPEN: the only peer that is accepted; 0 for any. */
  remoteAddress = 0;
  remotePort = 0;
  /** Our address that it is for; 0 for any. */
  localAddress = 0;
  /** Connections that may be half open at once, and that are. */
  backlog = 0;
  halfOpen = 0;

  /**
   * Stops listening. Connections that are open stay open; those half open are reset when they complete. The object
   * belongs to the stack again.
   */
  close(): void {
    this.port = 0;
    this.handler = null;
  }
}

/**
 * A segment for a port that listens, from a peer without a connection: LISTEN of RFC 9293 section 3.10.7.2.
 * @returns the connection that it has started, or null
 */
export function listenState(tcp: TcpHost, listener: Listener, s: Segment, frame: Uint8Array): Connection | null {
  'cold';
  if (s.flags & Flag.RST) return null;
  if (s.flags & Flag.ACK) {
    if (SYN_COOKIES && isCookie(tcp, s)) return acceptCookie(tcp, listener, s, frame);
    if (SYN_COOKIES && tcp.cookiesOut && (s.length > 0 || s.flags & Flag.FIN)) {
      // Further on in what a peer has to say whose cookie has found no slot yet, perhaps: its first segment comes again.
      tcp.counters.listenOverflows++;
      return null;
    }
    refuse(tcp, s);
    return null;
  }
  if (!(s.flags & Flag.SYN)) return null;
  const c = listener.halfOpen < listener.backlog || recycle(tcp, listener) ? takeSlot(tcp) : null;
  if (c === null) {
    // No reset: the peer will ask again, and by then there may be room.
    tcp.counters.listenOverflows++;
    if (SYN_COOKIES && tcp.synCookies && tcp.isFlooded()) sendCookie(tcp, s);
    return null;
  }
  c.listener = listener;
  openConnection(tcp, c, s.source, s.sourcePort, s.destinationPort);
  if (SOURCE_ROUTE && tcp.sourceRoute) tcp.routes.takeReturnRoute(c.slot, frame, tcp.ip.payload, true);
  takePeerSyn(tcp, c, s);
  c.state = State.SYN_RECEIVED;
  c.bits |= Bit.passive;
  enterHalfOpen(tcp, c);
  tcp.counters.passiveOpens++;
  // What came with the SYN waits for the connection to be established (section 3.10.7.2, third).
  if (s.length > 0 || s.flags & Flag.FIN) withTheSyn(tcp, c, s, frame);
  return c;
}

/** The listener that a segment is for, or null: one for its very peer before one for any. */
export function findListener(tcp: TcpHost, s: Segment): Listener | null {
  'cold';
  let found: Listener | null = null;
  for (let at = 0; at < tcp.listeners.length; at++) {
    const listener = tcp.listeners[at];
    const remoteAddress = listener.remoteAddress;
    const remotePort = listener.remotePort;
    if (listener.port !== s.destinationPort) continue;
    if (listener.localAddress !== 0 && listener.localAddress !== tcp.ip.address) continue;
    if ((remoteAddress !== 0 && remoteAddress !== s.source) || (remotePort !== 0 && remotePort !== s.sourcePort)) continue;
    if (found === null || found.remoteAddress === 0 || remotePort !== 0) found = listener;
  }
  return found;
}
