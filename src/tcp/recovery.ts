import { SACK } from '../features';
import { after, before, distance } from '../wire/sequence';
import { grow, reduce } from './congestion';
import type { Connection } from './connection';
import { Bit } from './control-block';
import { Mark } from './flight';
import { resend } from './output';
import { detectLosses, probeAcknowledged } from './rack';
import { takeSack } from './sack';
import { Flag } from './segment';
import type { Segment } from './segment';
import type { TcpHost } from './tcp';

// Loss recovery: fast retransmit with limited transmit (RFC 5681, RFC 3042) and early retransmit (RFC 5827), NewReno
// (RFC 6582) when the peer has no SACK, RACK-TLP (RFC 8985) when it has. What is under way, RFC 6675's pipe, is what is
// in flight less what is marked: SACKed or lost, or, without SACK, one segment for each duplicate acknowledgment.

/** Duplicate acknowledgments that mean a loss: RFC 5681 section 3.2. */
const DUPLICATES = 3;

/** An acknowledgment while something seems to be missing, or with SACK blocks; `acked` new octets, which may be 0. */
export function lossyAck(tcp: TcpHost, c: Connection, s: Segment, acked: number): void {
  'cold';
  const sack = SACK && (c.bits & Bit.sack) !== 0;
  if (acked > 0) acknowledged(tcp, c, acked, sack);
  if (SACK && sack) {
    const duplicate = takeSack(tcp, c, s);
    probeAcknowledged(tcp, c, acked, duplicate);
    detectLosses(tcp, c);
  } else if (acked === 0 && isDuplicate(c, s)) {
    duplicateAck(tcp, c);
  }
  recount(c);
}

function acknowledged(tcp: TcpHost, c: Connection, acked: number, sack: boolean): void {
  'cold';
  if (!(c.bits & Bit.recovering)) {
    c.duplicateAcks = 0;
    grow(tcp, c, acked);
  } else if (!before(c.sndUna, c.recover)) {
    c.bits &= ~Bit.recovering;
    c.cwnd = c.ssthresh;
    c.duplicateAcks = 0;
  } else if (!sack) {
    // A partial acknowledgment: the next segment is lost too (RFC 6582 section 3.2). All but the one that was resent
    // had been taken for arrived already.
    const arrived = (acked / c.mss) | 0;
    c.duplicateAcks = c.duplicateAcks >= arrived ? c.duplicateAcks - arrived + 1 : 1;
    markFirstLost(c);
  }
}

/** A duplicate acknowledgment in the sense of RFC 5681 section 2. */
function isDuplicate(c: Connection, s: Segment): boolean {
  'cold';
  return s.length === 0 && !(s.flags & Flag.FIN) && s.wnd === c.sndWnd && s.wnd !== 0 && c.sndUna !== c.sndMax;
}

function duplicateAck(tcp: TcpHost, c: Connection): void {
  'cold';
  // RFC 6582 section 3.2 step 2: not again for losses of a window that was recovered already. A `recover` beyond
  // SND.MAX lies 2^31 octets back.
  const covered = !before(c.sndUna, c.recover) || after(c.recover, c.sndMax);
  if (!(c.bits & Bit.recovering) && !covered) return;
  c.duplicateAcks++;
  if (c.bits & Bit.recovering || c.duplicateAcks < duplicatesForLoss(c)) return;
  markFirstLost(c);
  enterRecovery(tcp, c);
}

/**
 * So little is on its way that three duplicates cannot come: fewer mean a loss, unless new data could still be sent to
 * bring them about (RFC 5827 section 2.1).
 */
function duplicatesForLoss(c: Connection): number {
  'cold';
  const segments = c.flight.count;
  if (segments < 2 || segments > DUPLICATES) return DUPLICATES;
  const flight = distance(c.sndUna, c.sndNxt);
  const unsent = c.sendQueued - flight;
  const useful = unsent < c.mss ? unsent : c.mss;
  return unsent > 0 && c.sndWnd - flight >= useful ? DUPLICATES : segments - 1;
}

function markFirstLost(c: Connection): void {
  'cold';
  const flight = c.flight;
  if (flight.count > 0) flight.marks[flight.first] = (flight.marks[flight.first] & ~Mark.resent) | Mark.lost;
}

/** Something is lost: the window shrinks once for all that is in flight. */
export function enterRecovery(tcp: TcpHost, c: Connection): void {
  'cold';
  if (c.bits & Bit.recovering) return;
  c.bits |= Bit.recovering;
  c.recover = c.sndMax;
  reduce(tcp, c);
  c.cwnd = c.ssthresh;
}

/** Brings `marked` up to date. */
export function recount(c: Connection): void {
  'cold';
  const flight = c.flight;
  let marked = SACK && c.bits & Bit.sack ? 0 : c.duplicateAcks * c.mss;
  let start = c.sndUna;
  for (let index = 0; index < flight.count; index++) {
    const at = (flight.first + index) & flight.mask;
    if (flight.marks[at] & (Mark.sacked | Mark.lost)) marked += distance(start, flight.ends[at]);
    start = flight.ends[at];
  }
  const most = distance(c.sndUna, c.sndNxt);
  c.marked = marked < most ? marked : most;
  c.bits = c.marked > 0 ? c.bits | Bit.marked : c.bits & ~Bit.marked;
}

/**
 * Sends again what is lost, as far as the congestion window allows; the first segment in any case, once.
 * @returns false when the transmitter is busy
 */
export function resendLost(tcp: TcpHost, c: Connection): boolean {
  'cold';
  const flight = c.flight;
  let start = c.sndUna;
  for (let index = 0; index < flight.count; index++) {
    const at = (flight.first + index) & flight.mask;
    const end = flight.ends[at];
    if (flight.marks[at] & Mark.lost) {
      const urgent = index === 0 && !(flight.marks[at] & Mark.resent);
      if (!urgent && distance(c.sndUna, c.sndNxt) - c.marked >= c.cwnd) break;
      if (!resend(tcp, c, start, end)) return false;
      flight.marks[at] = (tcp.alarm.now << Mark.time) | Mark.resent;
      recount(c);
    }
    start = end;
  }
  return true;
}
