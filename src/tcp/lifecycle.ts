import { SOURCE_ROUTE } from '../features';
import { NOBODY } from '../link/ethernet';
import { abortCall, offeredOptions } from './calls';
import type { Connection } from './connection';
import { Bit, Event } from './control-block';
import { portPair } from './demux';
import { CloseReason } from './errors';
import type { SoftError } from './errors';
import type { Listener } from './listener';
import { State } from './states';
import type { TcpHost } from './tcp';
import { freeTimeWait } from './time-wait';
import { Timer } from './timers';

// How a connection begins and ends: slots, half-open connections, the last word.

export function detach(tcp: TcpHost, c: Connection): void {
  'cold';
  leaveHalfOpen(tcp, c);
  tcp.demux.remove(c.slot);
  for (let kind = 0; kind < Timer.kinds; kind++) tcp.timers.stop(c.slot * Timer.kinds + kind);
}

export function leave(tcp: TcpHost, c: Connection, state: State, reason: CloseReason): void {
  'cold';
  detach(tcp, c);
  tcp.prediction.forget(c);
  c.state = state;
  c.events |= Event.closed | (reason << Event.reason);
  tcp.schedule(c);
}

/** The connection is over without more ado; what was not read or sent is lost. */
export function drop(tcp: TcpHost, c: Connection, reason: CloseReason): void {
  'cold';
  if (c.state === State.SYN_SENT || c.state === State.SYN_RECEIVED) tcp.counters.attemptFails++;
  else if (reason !== CloseReason.normal) tcp.counters.estabResets++;
  c.available = 0;
  // Of a passive open that was not told, the application hears nothing; of all others only the end.
  if (c.events & Event.opened && c.listener !== null) c.handler = null;
  c.events &= Event.scheduled;
  finish(tcp, c, reason);
}

/** The same, and the peer is told. */
export function resetConnection(tcp: TcpHost, c: Connection, reason: CloseReason): void {
  'cold';
  drop(tcp, c, reason);
  c.bits |= Bit.resetDue;
}

/** The connection is over; what was received can still be read. */
export function finish(tcp: TcpHost, c: Connection, reason: CloseReason): void {
  'cold';
  leave(tcp, c, State.CLOSED, reason);
  forgetHeaders(tcp, c);
  c.ackDue = 0;
}

/** No segment of `c` is like the last one any more. */
function forgetHeaders(tcp: TcpHost, c: Connection): void {
  'cold';
  if (tcp.link.owner === c.slot) tcp.link.owner = NOBODY;
}

export function leaveHalfOpen(tcp: TcpHost, c: Connection): void {
  'cold';
  if (!(c.bits & Bit.passive) || c.state !== State.SYN_RECEIVED) return;
  tcp.halfOpen.remove(c.slot);
  c.listener!.halfOpen--;
}

export function enterHalfOpen(tcp: TcpHost, c: Connection): void {
  'cold';
  tcp.halfOpen.append(c.slot);
  c.listener!.halfOpen++;
}

/**
 * Gives up the oldest half-open connection, if it is of this listener's. A peer that was asked only once may be about to
 * answer, and would be reset for it: it does not make way.
 */
export function recycle(tcp: TcpHost, listener: Listener | null): boolean {
  'cold';
  const oldest = tcp.connections[tcp.halfOpen.first];
  if ((listener !== null && oldest.listener !== listener) || oldest.retransmits === 0) return false;
  tcp.counters.halfOpenRecycled++;
  tcp.counters.attemptFails++;
  detach(tcp, oldest);
  tcp.slots.giveBack(oldest);
  return true;
}

/** A free slot made ready, or that of a half-open connection that may go, or null. */
export function takeSlot(tcp: TcpHost): Connection | null {
  'cold';
  return tcp.slots.take() || (tcp.isFlooded() && recycle(tcp, null) ? tcp.slots.take() : null);
}

/** Gives a slot its two ends and its initial sequence number. */
export function openConnection(tcp: TcpHost, c: Connection, remoteAddress: number, remotePort: number, localPort: number): void {
  'cold';
  const ports = portPair(localPort, remotePort);
  forgetHeaders(tcp, c);
  c.remoteAddress = remoteAddress;
  c.ports = ports;
  c.bits = offeredOptions(tcp);
  c.since = tcp.alarm.now;
  c.heard = tcp.alarm.now;
  c.mss = tcp.mss;
  if (SOURCE_ROUTE && tcp.sourceRoute) tcp.routes.clear(c.slot);
  c.startSequence(tcp.generator.initialSequenceNumber(tcp.ip.address, remoteAddress, ports, tcp.alarm.now));
  tcp.demux.insert(c.slot, remoteAddress, ports);
}

/** An open is complete: from here on the application has to do with it. False: nobody listens any more. */
export function accepted(tcp: TcpHost, c: Connection): boolean {
  'cold';
  if (c.listener === null) return true;
  // The listener may serve another port by now.
  if (c.listener.port === c.ports >>> 16) c.handler = c.listener.handler;
  if (c.handler === null) abortCall(tcp, c);
  return c.handler !== null;
}

/** Our address becomes another one: no segment could come from the old one any more (MUST-45). */
export function addressChanges(tcp: TcpHost): void {
  'cold';
  for (let slot = 0; slot < tcp.connections.length; slot++) {
    const c = tcp.connections[slot];
    if (c.state < State.TIME_WAIT) drop(tcp, c, CloseReason.unreachable);
  }
  while (tcp.timeWait.waiting.first >= 0) freeTimeWait(tcp, tcp.timeWait.waiting.first);
}

/** Something is wrong that may pass: the application hears of it in its turn. */
export function report(tcp: TcpHost, c: Connection, error: SoftError): void {
  'cold';
  c.events = (c.events & 0xff) | Event.report | (error << Event.error);
  tcp.schedule(c);
}
