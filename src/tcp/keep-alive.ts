import { distance } from '../wire/sequence';
import type { Connection } from './connection';
import { Bit } from './control-block';
import { CloseReason } from './errors';
import { resetConnection } from './lifecycle';
import { sendKeepAlive } from './output';
import { State } from './states';
import type { TcpHost } from './tcp';
import { Timer } from './timers';

// Keep-alive (RFC 9293 section 3.8.4): off unless asked for. The timer is not restarted by each segment that arrives;
// when it runs out, it looks how long ago the last one came.

/** One probe sent, in `ControlBlock.limits`, and all bits but those of that count. */
const ONE_PROBE = 1 << 24;
const ALLOWED = ONE_PROBE - 1;

/** The application has asked for it or changed its times, or the connection has been established. */
export function startKeepAlive(tcp: TcpHost, c: Connection): void {
  'cold';
  c.limits &= ALLOWED;
  if (!(c.bits & Bit.keepAlive) || !isAnswering(c)) tcp.stopTimer(c, Timer.keepAlive);
  else tcp.startTimer(c, Timer.keepAlive, c.keepAliveIdle);
}

/** The timer ran out: a probe is due if nothing was heard meanwhile and nothing of ours is on its way (MUST-26). */
export function keepAliveTimeout(tcp: TcpHost, c: Connection): void {
  'cold';
  if (!(c.bits & Bit.keepAlive) || !isAnswering(c)) return;
  const silent = distance(c.heard, tcp.alarm.now);
  if (silent < c.keepAliveIdle) {
    c.limits &= ALLOWED;
    tcp.startTimer(c, Timer.keepAlive, c.keepAliveIdle - silent);
  } else if (c.sndUna !== c.sndMax || c.sendQueued > 0) {
    // Retransmissions or window probes find out already whether the peer is there.
    tcp.startTimer(c, Timer.keepAlive, c.keepAliveInterval);
  } else if (c.limits >>> 24 >= ((c.limits >> 16) & 0xff)) {
    resetConnection(tcp, c, CloseReason.timedOut);
  } else if (sendKeepAlive(tcp, c)) {
    c.limits = (c.limits + ONE_PROBE) | 0;
    tcp.counters.keepAliveProbes++;
    tcp.startTimer(c, Timer.keepAlive, c.keepAliveInterval);
  } else {
    tcp.startTimer(c, Timer.keepAlive, 1);
  }
}

/** States in which a peer that is there answers a probe. */
function isAnswering(c: Connection): boolean {
  return c.state >= State.ESTABLISHED && c.state <= State.LAST_ACK;
}
