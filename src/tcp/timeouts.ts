import { SACK } from '../features';
import { distance } from '../wire/sequence';
import { congestionTimeout } from './congestion';
import type { Connection } from './connection';
import { MOST_DOUBLINGS, ONE_PROBE, ORPHAN_TIME, PROBES, SYN_R2, UNANSWERED_PROBES } from './constants';
import { Ack, Bit } from './control-block';
import { CloseReason, SoftError } from './errors';
import { keepAliveTimeout } from './keep-alive';
import { drop, report, resetConnection } from './lifecycle';
import { Outcome, outputNext, sendProbe } from './output';
import { doubtPath } from './path-mtu';
import { isHeldBack, startPersist, untilUserTimeout } from './persist';
import { lossTimeout } from './rack';
import { backOff } from './rtt';
import { State } from './states';
import type { TcpHost } from './tcp';
import { Timer } from './timers';

/** True when the application's limit is reached (RFC 5482); the connection is over then. */
function userTimedOut(tcp: TcpHost, c: Connection): boolean {
  'cold';
  if (c.userTimeout === 0 || distance(c.since, tcp.alarm.now) < c.userTimeout) return false;
  resetConnection(tcp, c, CloseReason.timedOut);
  return true;
}

/**
 * The retransmission timer ran out (RFC 6298 section 5, (5.4) to (5.6); RFC 9293 section 3.8.3). It was started when the
 * first segment went out that it is for: acknowledgments are not worth a start each, so that it may be early now, or late
 * for everything.
 */
function retransmitTimeout(tcp: TcpHost, c: Connection): void {
  'cold';
  if (c.sndUna === c.sndMax || userTimedOut(tcp, c)) return;
  const left = c.rto - distance(c.since, tcp.alarm.now);
  // After a window that was closed for weeks that may lie so far back that it seems to be ahead.
  if (c.retransmits === 0 && left > 0 && left <= c.rto) {
    tcp.startTimer(c, Timer.retransmit, untilUserTimeout(tcp, c, left));
    return;
  }
  const opening = c.state <= State.SYN_RECEIVED;
  c.retransmits++;
  if (c.retransmits >= (opening ? SYN_R2 : (c.limits >> 8) & 0xff)) {
    drop(tcp, c, CloseReason.timedOut);
    return;
  }
  if (c.retransmits === (c.limits & 0xff)) {
    tcp.ip.doubt(c.remoteAddress);
    report(tcp, c, SoftError.retransmitting);
    if (!opening) doubtPath(tcp, c);
  }
  if (opening) c.bits |= Bit.synResent;
  else congestionTimeout(tcp, c);
  c.duplicateAcks = 0;
  c.marked = 0;
  c.bits &= ~(Bit.marked | Bit.recovering | Bit.probing | Bit.probeResent);
  c.recover = c.sndMax;
  // What was SACKed may have been thrown away since (RFC 2018 section 8): all of it counts as not sent.
  c.flight.clear();
  c.sndNxt = c.sndUna;
  backOff(c);
  tcp.schedule(c);
}

/**
 * A window that is closed, or too small to be worth a segment, is due to be probed (RFC 9293 section 3.8.6.1). That
 * goes on for as long as the peer answers.
 */
function persistTimeout(tcp: TcpHost, c: Connection): void {
  'cold';
  if (!isHeldBack(c) || userTimedOut(tcp, c)) return;
  if (c.retransmits >= UNANSWERED_PROBES) {
    drop(tcp, c, CloseReason.timedOut);
    return;
  }
  // Into a window that is merely silly goes what fits: the override timeout of RFC 9293 section 3.8.6.2.1.
  const closed = c.sndWnd === 0;
  if (!(closed ? sendProbe(tcp, c) : outputNext(tcp, c, true) !== Outcome.busy)) {
    tcp.startTimer(c, Timer.persist, 1);
  } else if (closed) {
    if (c.service >>> PROBES < MOST_DOUBLINGS) c.service += ONE_PROBE;
    c.retransmits++;
    tcp.counters.windowProbes++;
    startPersist(tcp, c);
  }
}

/** The application has closed for good, and the peer neither closes nor takes anything: the slot is needed. */
function orphanTimeout(tcp: TcpHost, c: Connection): void {
  'cold';
  const quiet = distance(c.since, tcp.alarm.now);
  if (quiet < ORPHAN_TIME) {
    tcp.startTimer(c, Timer.orphan, ORPHAN_TIME - quiet);
    return;
  }
  tcp.counters.orphansDropped++;
  resetConnection(tcp, c, CloseReason.timedOut);
}

/** One of a connection's timers ran out. */
export function timeout(tcp: TcpHost, c: Connection, kind: Timer): void {
  'cold';
  if (kind === Timer.delayedAck) {
    // Unless it has gone with something meanwhile.
    if (c.ackDue === 0) return;
    c.ackDue = Ack.now;
    tcp.schedule(c);
  } else if (kind === Timer.retransmit) {
    retransmitTimeout(tcp, c);
  } else if (SACK && kind === Timer.loss) {
    lossTimeout(tcp, c);
  } else if (kind === Timer.persist) {
    persistTimeout(tcp, c);
  } else if (kind === Timer.orphan) {
    orphanTimeout(tcp, c);
  } else {
    keepAliveTimeout(tcp, c);
  }
}
