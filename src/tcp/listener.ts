import type { Connection, ConnectionHandler } from './connection';
import { takePeerSyn } from './input';
import { refuse } from './output';
import { Flag } from './segment';
import type { Segment } from './segment';
import { State } from './states';
import type { TcpHost } from './tcp';

/** A port that accepts connections. Made by the stack, given to the application by `listen`. */
export class Listener {
  /** 0 while it is not in use. */
  port = 0;
  handler: ConnectionHandler | null = null;

  /** Stops listening. Connections that are open stay open; those half open are reset when they complete. */
  close(): void {
    this.port = 0;
    this.handler = null;
  }
}

/**
 * A segment for a port that listens, from a peer without a connection: LISTEN of RFC 9293 section 3.10.7.2.
 * @returns the connection that a SYN has started, or null
 */
export function listenState(tcp: TcpHost, listener: Listener, s: Segment): Connection | null {
  'cold';
  if (s.flags & Flag.RST) return null;
  if (s.flags & Flag.ACK) {
    refuse(tcp, s);
    return null;
  }
  if (!(s.flags & Flag.SYN)) return null;
  const c = tcp.takeSlot();
  if (c === null) {
    // No reset: the peer will ask again, and by then a slot may be free.
    tcp.counters.listenOverflows++;
    return null;
  }
  c.listener = listener;
  tcp.open(c, s.source, s.sourcePort, s.destinationPort);
  takePeerSyn(tcp, c, s);
  c.state = State.SYN_RECEIVED;
  tcp.counters.passiveOpens++;
  return c;
}
