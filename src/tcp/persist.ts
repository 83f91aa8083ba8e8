import { distance } from '../wire/sequence';
import type { Connection } from './connection';
import { MAXIMUM_PROBE_INTERVAL, PROBES } from './constants';
import { Bit } from './control-block';
import type { TcpHost } from './tcp';
import { Timer } from './timers';

// The persist timer: a window that is closed, or too small to be worth a segment (RFC 9293 section 3.8.6.1).

/** True when something waits that only a window update could release, nothing being in flight. */
export function isHeldBack(c: Connection): boolean {
  'cold';
  return c.sndNxt === c.sndUna && (c.sendQueued > 0 || (c.bits & Bit.finQueued) !== 0);
}

/** Sees to it that a window that is closed, or too small, is probed. */
export function persist(tcp: TcpHost, c: Connection): void {
  'cold';
  if (tcp.isRunning(c, Timer.persist)) return;
  // It may still run for what has been acknowledged.
  tcp.stopTimer(c, Timer.retransmit);
  if (c.service >>> PROBES === 0) c.since = tcp.alarm.now;
  startPersist(tcp, c);
}

/** Waits for the next probe: the retransmission timeout first, twice as long each time. */
export function startPersist(tcp: TcpHost, c: Connection): void {
  'cold';
  const interval = c.rto << (c.service >>> PROBES);
  tcp.startTimer(c, Timer.persist, untilUserTimeout(tcp, c, interval < MAXIMUM_PROBE_INTERVAL ? interval : MAXIMUM_PROBE_INTERVAL));
}

/** `wait`, or less when the user timeout comes first (RFC 5482). */
export function untilUserTimeout(tcp: TcpHost, c: Connection, wait: number): number {
  'cold';
  const left = c.userTimeout - distance(c.since, tcp.alarm.now);
  if (c.userTimeout === 0 || left >= wait) return wait;
  return left > 0 ? left : 1;
}
