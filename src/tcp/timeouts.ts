import type { Connection } from './connection';
import { congestionTimeout } from './congestion';
import { DATA_TIMEOUTS, SYN_TIMEOUTS, UNANSWERED_PROBES } from './constants';
import { CloseReason } from './errors';
import { isHeldBack, outputNext, sendProbe, startPersist } from './output';
import { backOff } from './rtt';
import { State } from './states';
import type { TcpHost } from './tcp';
import { keepAliveTimeout } from './keep-alive';
import { Timer } from './timers';

/** The retransmission timer ran out (RFC 6298 section 5, (5.4) to (5.6)). */
function retransmitTimeout(tcp: TcpHost, c: Connection): void {
  'cold';
  if (c.sndUna === c.sndMax) return;
  const opening = c.state === State.SYN_SENT || c.state === State.SYN_RECEIVED;
  c.retransmits++;
  if (c.retransmits >= (opening ? SYN_TIMEOUTS : DATA_TIMEOUTS)) {
    tcp.drop(c, CloseReason.timedOut);
    return;
  }
  if (opening) c.synRetransmitted = true;
  else congestionTimeout(c);
  c.timing = false;
  backOff(c);
  c.sndNxt = c.sndUna;
  tcp.schedule(c);
}

/**
 * A window that is closed, or too small to be worth a segment, is due to be probed (RFC 9293 section 3.8.6.1). That
 * goes on for as long as the peer answers.
 */
function persistTimeout(tcp: TcpHost, c: Connection): void {
  'cold';
  if (!isHeldBack(c)) return;
  if (c.retransmits >= UNANSWERED_PROBES) {
    tcp.drop(c, CloseReason.timedOut);
    return;
  }
  // Into a window that is merely silly goes what fits: the override timeout of RFC 9293 section 3.8.6.2.1.
  const closed = c.sndWnd === 0;
  if (!(closed ? sendProbe(tcp, c) : outputNext(tcp, c))) {
    tcp.startTimer(c, Timer.persist, 1);
  } else if (closed) {
    c.probes++;
    c.retransmits++;
    tcp.counters.windowProbes++;
    startPersist(tcp, c);
  }
}

function delayedAckTimeout(tcp: TcpHost, c: Connection): void {
  'cold';
  c.ackNow = true;
  tcp.schedule(c);
}

/** The peer has kept its side open for nobody: the slot is needed. */
function orphanTimeout(tcp: TcpHost, c: Connection): void {
  'cold';
  tcp.counters.orphansDropped++;
  tcp.drop(c, CloseReason.timedOut);
  c.resetDue = true;
}

/** One of a connection's timers ran out. */
export function timeout(tcp: TcpHost, c: Connection, kind: Timer): void {
  'cold';
  if (kind === Timer.retransmit) retransmitTimeout(tcp, c);
  else if (kind === Timer.persist) persistTimeout(tcp, c);
  else if (kind === Timer.delayedAck) delayedAckTimeout(tcp, c);
  else if (kind === Timer.orphan) orphanTimeout(tcp, c);
  else keepAliveTimeout(tcp, c);
}
