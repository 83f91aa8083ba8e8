import { BROADCAST, isMulticast } from '../ip/address';
import type { Connection, ConnectionHandler } from './connection';
import { CloseReason } from './errors';
import type { Listener } from './listener';
import { finSent } from './output';
import { State } from './states';
import type { TcpHost } from './tcp';
import { portPair } from './demux';

/** OPEN, passive, of RFC 9293 section 3.10.1. */
export function listenCall(tcp: TcpHost, port: number, handler: ConnectionHandler): Listener {
  'cold';
  checkPort('listen', port);
  if (tcp.findListener(port) !== null) throw new Error('listen: port ' + port + ' is taken already');
  const unused = tcp.findListener(0);
  if (unused === null) {
    throw new Error('listen: all ' + tcp.listeners.length + ' listeners are in use; raise the option "listeners"');
  }
  unused.port = port;
  unused.handler = handler;
  return unused;
}

/** OPEN, active, of RFC 9293 section 3.10.1. Null: no slot or no port is free. */
export function openCall(tcp: TcpHost, address: number, port: number, handler: ConnectionHandler): Connection | null {
  'cold';
  checkPort('connect', port);
  // MUST-46.
  if (address !== (address | 0) || address === 0 || address === BROADCAST || isMulticast(address)) {
    throw new Error('connect: ' + address + ' is not the address of one host as a signed 32-bit integer');
  }
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
  'cold';
  // Each try is another port, and no more of them are taken than there are connections.
  for (let tries = 0; tries <= tcp.ends; tries++) {
    const candidate = tcp.generator.ephemeralPort(tcp.ip.address, address, port);
    if (tcp.demux.find(address, portPair(candidate, port)) < 0) return candidate;
  }
  return 0;
}

/** CLOSE of RFC 9293 section 3.10.4. */
export function closeCall(tcp: TcpHost, c: Connection): void {
  'cold';
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
  'cold';
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

function checkPort(call: string, port: number): void {
  'cold';
  if (!(port > 0 && port < 65536) || port !== (port | 0)) {
    throw new Error(call + ': port ' + port + ' is not a whole number from 1 to 65535');
  }
}
