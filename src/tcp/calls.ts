import type { Connection, ConnectionHandler } from './connection';
import { CloseReason } from './errors';
import { finSent } from './output';
import { State } from './states';
import type { TcpHost } from './tcp';
import { portPair } from './demux';

/** OPEN, active, of RFC 9293 section 3.10.1. Null: no slot or no port is free. */
export function openCall(tcp: TcpHost, address: number, port: number, handler: ConnectionHandler): Connection | null {
  const localPort = freePort(tcp, address, port);
  if (localPort === 0) return null;
  const c = tcp.takeSlot();
  if (c === null) return null;
  c.handler = handler;
  tcp.open(c, address, port, localPort);
  c.state = State.SYN_SENT;
  tcp.counters.activeOpens++;
  tcp.schedule(c);
  return c;
}

function freePort(tcp: TcpHost, address: number, port: number): number {
  // Each try is another port, and no more of them are taken than there are connections.
  for (let tries = 0; tries <= tcp.ends; tries++) {
    const candidate = tcp.generator.ephemeralPort(tcp.ip.address, address, port);
    if (tcp.demux.find(address, portPair(candidate, port)) < 0) return candidate;
  }
  return 0;
}

/** CLOSE of RFC 9293 section 3.10.4. */
export function closeCall(tcp: TcpHost, c: Connection): void {
  if (c.state === State.SYN_SENT) {
    tcp.drop(c, CloseReason.normal);
  } else if (c.state === State.ESTABLISHED || c.state === State.CLOSE_WAIT || c.state === State.SYN_RECEIVED) {
    c.finQueued = true;
    // In SYN-RECEIVED the call waits for the connection to be established, which takes note of it.
    if (c.state === State.ESTABLISHED) c.state = State.FIN_WAIT_1;
    else if (c.state === State.CLOSE_WAIT) c.state = State.LAST_ACK;
  } else if (c.state === State.FIN_WAIT_2 && c.discarding) {
    tcp.startOrphanTimer(c);
  }
  tcp.schedule(c);
}

/** ABORT of RFC 9293 section 3.10.5. */
export function abortCall(tcp: TcpHost, c: Connection): void {
  const state = c.state;
  if (state === State.CLOSED || state === State.TIME_WAIT) {
    c.available = 0;
    tcp.schedule(c);
    return;
  }
  // Without a peer that knows of us, or when all that is missing is the acknowledgment of our FIN, no RST is needed.
  const closing = (state === State.CLOSING || state === State.LAST_ACK) && finSent(c);
  tcp.drop(c, CloseReason.aborted);
  c.resetDue = state !== State.SYN_SENT && !closing;
}
