import { SACK, SOURCE_ROUTE, TIMESTAMPS, WINDOW_SCALE } from '../features';
import { formatAddress } from '../ip/address';
import { advance } from '../wire/sequence';
import { checkCount, checkHandler } from './checks';
import type { Connection, ConnectionHandler } from './connection';
import { ORPHAN_TIME } from './constants';
import { Bit } from './control-block';
import { portPair } from './demux';
import { CloseReason } from './errors';
import { drop, openConnection, takeSlot } from './lifecycle';
import type { Listener } from './listener';
import { checkRoute } from './source-route';
import { State } from './states';
import type { TcpHost } from './tcp';
import { Timer } from './timers';

/** What a passive OPEN may say beside its port. Addresses are signed 32-bit integers. */
export interface ListenOptions {
  /** Connections that may be half open at once; more are answered with cookies, or not at all. As many as there are slots by default. */
  backlog?: number;
  /** Our address, 0 for any: there is only one. */
  localAddress?: number;
  /** Only this peer is accepted, and only from this port: 0 or left out for any. */
  remoteAddress?: number;
  remotePort?: number;
}

/** What an active OPEN may say beside where it goes. Addresses are signed 32-bit integers. */
export interface ConnectOptions {
  /** Our address, 0 for any: there is only one. */
  localAddress?: number;
  /** Our port; 0 or left out: one is chosen. */
  localPort?: number;
  /** Up to nine routers to go through, in their order (RFC 9293 section 3.9.2.1). */
  sourceRoute?: number[];
}

/** The backlog of a listener that names none. */
const NO_LIMIT = 65535;

/** OPEN, passive, of RFC 9293 section 3.10.1. */
export function listenCall(tcp: TcpHost, port: number, handler: ConnectionHandler, options: ListenOptions): Listener {
  'cold';
  const remoteAddress = options.remoteAddress || 0;
  const remotePort = options.remotePort || 0;
  const backlog = options.backlog || NO_LIMIT;
  checkCount('listen', 'port', port, 1, 65535);
  checkHandler('listen', handler);
  checkCount('listen', 'remotePort', remotePort, 0, 65535);
  checkCount('listen', 'backlog', backlog, 1, NO_LIMIT);
  if (remoteAddress !== 0) checkHost(tcp, 'listen', remoteAddress);
  const localAddress = options.localAddress || 0;
  checkLocal(tcp, 'listen', localAddress);
  for (let at = 0; at < tcp.listeners.length; at++) {
    const other = tcp.listeners[at];
    if (other.port === port && other.remoteAddress === remoteAddress && other.remotePort === remotePort) {
      throw new Error('listen: port ' + port + ' is taken already');
    }
  }
  let at = 0;
  while (at < tcp.listeners.length && tcp.listeners[at].port !== 0) at++;
  if (at === tcp.listeners.length) {
    throw new Error('listen: all ' + at + ' listeners are in use; raise the option "listeners"');
  }
  const unused = tcp.listeners[at];
  unused.port = port;
  unused.handler = handler;
  unused.remoteAddress = remoteAddress;
  unused.remotePort = remotePort;
  unused.localAddress = localAddress;
  unused.backlog = backlog;
  return unused;
}

/** OPEN, active, of RFC 9293 section 3.10.1. Null: no slot or no port is free. */
export function openCall(
  tcp: TcpHost,
  address: number,
  port: number,
  handler: ConnectionHandler,
  options: ConnectOptions,
): Connection | null {
  'cold';
  const wanted = options.localPort || 0;
  const route = options.sourceRoute;
  const routed = !!route && route.length > 0;
  checkCount('connect', 'port', port, 1, 65535);
  checkHandler('connect', handler);
  checkCount('connect', 'localPort', wanted, 0, 65535);
  checkHost(tcp, 'connect', address);
  checkLocal(tcp, 'connect', options.localAddress || 0);
  if (routed) checkRoute(tcp, route);
  if (wanted !== 0 && tcp.demux.find(address, portPair(wanted, port)) >= 0) {
    throw new Error('connect: localPort ' + wanted + ' has a connection to ' + formatAddress(address) + ':' + port + ' already');
  }
  const localPort = wanted !== 0 ? wanted : freePort(tcp, address, port);
  if (localPort === 0) return null;
  const c = takeSlot(tcp);
  if (c === null) return null;
  c.handler = handler;
  openConnection(tcp, c, address, port, localPort);
  if (SOURCE_ROUTE && routed) tcp.routes.setRoute(c.slot, route, address);
  c.state = State.SYN_SENT;
  tcp.counters.activeOpens++;
  tcp.schedule(c);
  return c;
}

/** The options that this stack has to offer. */
export function offeredOptions(tcp: TcpHost): number {
  'cold';
  const scaled = WINDOW_SCALE && tcp.windowScale ? Bit.windowScale : 0;
  const sack = SACK && tcp.sack ? Bit.sack : 0;
  return scaled | sack | (TIMESTAMPS && tcp.timestamps ? Bit.timestamps : 0);
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
    drop(tcp, c, CloseReason.normal);
  } else if (c.state === State.ESTABLISHED || c.state === State.CLOSE_WAIT || c.state === State.SYN_RECEIVED) {
    c.bits |= Bit.finQueued;
    tcp.prediction.forget(c);
    // In SYN-RECEIVED the call waits for the connection to be established, which takes note of it.
    if (c.state === State.ESTABLISHED) c.state = State.FIN_WAIT_1;
    else if (c.state === State.CLOSE_WAIT) c.state = State.LAST_ACK;
  }
  // Nobody would miss a connection whose peer never closes its side, or never opens its window again.
  if (c.bits & (Bit.closed | Bit.discarding) && c.state < State.TIME_WAIT && !tcp.isRunning(c, Timer.orphan)) {
    tcp.startTimer(c, Timer.orphan, ORPHAN_TIME);
  }
  tcp.schedule(c);
}

/** ABORT of RFC 9293 section 3.10.5. */
export function abortCall(tcp: TcpHost, c: Connection): void {
  'cold';
  if (c.state >= State.TIME_WAIT) {
    c.available = 0;
    tcp.schedule(c);
    return;
  }
  // Without a peer that knows of us, or when all that is missing is the acknowledgment of our FIN, no RST is needed.
  const known = c.state !== State.SYN_SENT;
  const finSent = c.bits & Bit.finQueued && c.sndMax === advance(c.sndUna, c.sendQueued + 1);
  const closing = (c.state === State.CLOSING || c.state === State.LAST_ACK) && finSent;
  drop(tcp, c, CloseReason.aborted);
  if (known && !closing) c.bits |= Bit.resetDue;
}

/** MUST-46. */
function checkHost(tcp: TcpHost, call: string, value: unknown): void {
  'cold';
  const address = value as number;
  if (value !== (address | 0) || !tcp.ip.isHost(address)) {
    throw new Error(call + ': ' + address + ' is not the address of another host as a signed 32-bit integer');
  }
}

function checkLocal(tcp: TcpHost, call: string, address: number): void {
  'cold';
  if (address === 0 || address === tcp.ip.address) return;
  throw new Error(call + ': localAddress ' + address + ' is not ours, which is ' + formatAddress(tcp.ip.address));
}
