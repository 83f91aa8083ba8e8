import { after, before, distance } from '../wire/sequence';
import type { Connection } from './connection';
import { Bit } from './control-block';
import { Mark } from './flight';
import { output, resend, startRetransmission } from './output';
import { enterRecovery, recount } from './recovery';
import { highestSacked } from './sack';
import type { TcpHost } from './tcp';
import { Timer } from './timers';

// RACK-TLP (RFC 8985): a segment is lost when one that was sent later has arrived, and a little time has passed. When
// nothing arrives at all, a probe at the tail asks for an acknowledgment long before the retransmission timeout.

/** Milliseconds that a peer may hold back an acknowledgment: TLP.max_ack_delay of section 7.2. */
const MAXIMUM_ACK_DELAY = 200;
/** Milliseconds that a small machine at the other end may take for anything: added to the probe timeout (section 7.2). */
const PEER_DELAY = 10;
/** Probe timeout before the round trip is known, milliseconds: section 7.2. */
const FIRST_PROBE = 1000;
/** SACKed segments that leave no doubt while the path is not known to reorder: section 6.2. */
const DUPLICATES = 3;

/** Milliseconds since a segment was sent. */
function age(tcp: TcpHost, mark: number): number {
  'cold';
  return distance(mark & ~Mark.flags, tcp.alarm.now << Mark.time) >> Mark.time;
}

/** A segment has arrived, as an acknowledgment says: steps 1 and 2 of section 6.2. */
export function delivered(tcp: TcpHost, c: Connection, end: number, mark: number): void {
  'cold';
  const rtt = age(tcp, mark);
  if (mark & Mark.resent) {
    // Too soon for the second transmission: it was the first that arrived.
    if (rtt < c.minRtt) return;
  } else if (c.minRtt === 0 || rtt < c.minRtt) {
    c.minRtt = rtt > 0 ? rtt : 1;
  }
  const sent = mark & ~Mark.flags;
  if (c.rackTime !== 0 && (before(sent, c.rackTime) || (sent === c.rackTime && !after(end, c.rackEnd)))) return;
  c.rackTime = sent === 0 ? 1 << Mark.time : sent;
  c.rackEnd = end;
  c.rackRtt = rtt;
}

/** The segments up to `una` have arrived; they are still in the table. Steps 1 to 3 of section 6.2. */
export function deliveredUpTo(tcp: TcpHost, c: Connection, una: number): void {
  'cold';
  const flight = c.flight;
  const highest = highestSacked(c);
  for (let index = 0; index < flight.count; index++) {
    const at = (flight.first + index) & flight.mask;
    const end = flight.ends[at];
    if (after(end, una)) return;
    const mark = flight.marks[at];
    if (mark & Mark.sacked) continue;
    if (before(end, highest) && !(mark & Mark.resent)) c.bits |= Bit.reordering;
    delivered(tcp, c, end, mark);
  }
}

/** Milliseconds of grace for a segment that may merely be late: step 4 of section 6.2. */
function reorderingWindow(c: Connection): number {
  'cold';
  const quarter = c.minRtt >> 2;
  if (c.bits & Bit.reordering) {
    const srtt = c.srtt >> 3;
    return quarter < srtt ? quarter + 1 : srtt;
  }
  if (c.bits & Bit.recovering) return 0;
  let sacked = 0;
  for (let index = 0; index < c.flight.count; index++) {
    if (c.flight.marks[(c.flight.first + index) & c.flight.mask] & Mark.sacked) sacked++;
  }
  return sacked >= DUPLICATES ? 0 : quarter;
}

/** Marks what is lost by now, and has a look again when more may be: step 5 of section 6.2. */
export function detectLosses(tcp: TcpHost, c: Connection): void {
  'cold';
  if (c.rackTime === 0) return;
  const flight = c.flight;
  const grace = c.rackRtt + reorderingWindow(c);
  let wait = 0;
  let found = false;
  for (let index = 0; index < flight.count; index++) {
    const at = (flight.first + index) & flight.mask;
    const mark = flight.marks[at];
    if (mark & (Mark.sacked | Mark.lost)) continue;
    const sent = mark & ~Mark.flags;
    if (after(sent, c.rackTime) || (sent === c.rackTime && !before(flight.ends[at], c.rackEnd))) continue;
    const remaining = grace - age(tcp, mark);
    if (remaining <= 0) {
      flight.marks[at] = mark | Mark.lost;
      found = true;
    } else if (remaining > wait) {
      wait = remaining;
    }
  }
  if (wait > 0) tcp.startTimer(c, Timer.loss, wait);
  if (found) enterRecovery(tcp, c);
}

/** Something new was sent or acknowledged: the probe at the tail is due two round trips from here (section 7.2). */
export function startProbeTimer(tcp: TcpHost, c: Connection): void {
  if (c.bits & (Bit.recovering | Bit.probing) || c.marked > 0) return;
  let timeout = c.srtt === 0 ? FIRST_PROBE : (c.srtt >> 2) + PEER_DELAY;
  if (c.flight.count === 1) timeout += MAXIMUM_ACK_DELAY;
  if (timeout < c.rto) tcp.startTimer(c, Timer.loss, timeout);
}

/** The timer of `detectLosses` or of the probe ran out. */
export function lossTimeout(tcp: TcpHost, c: Connection): void {
  'cold';
  if (c.flight.count === 0) return;
  if (c.bits & Bit.recovering || c.marked > 0) {
    detectLosses(tcp, c);
    recount(c);
    tcp.schedule(c);
  } else if (!(c.bits & Bit.probing)) {
    sendProbeAtTail(tcp, c);
  }
}

/** Sends new data if there is some, else the last segment again: section 7.3. */
function sendProbeAtTail(tcp: TcpHost, c: Connection): void {
  'cold';
  const next = c.sndNxt;
  // One segment more than the congestion window allows.
  c.cwnd += c.mss;
  output(tcp, c);
  c.cwnd -= c.mss;
  if (c.sndNxt === next) {
    const flight = c.flight;
    const at = (flight.first + flight.count - 1) & flight.mask;
    const start = flight.count === 1 ? c.sndUna : flight.ends[(at - 1) & flight.mask];
    if (!resend(tcp, c, start, flight.ends[at])) {
      tcp.startTimer(c, Timer.loss, 1);
      return;
    }
    flight.marks[at] = (tcp.alarm.now << Mark.time) | Mark.resent;
    c.bits |= Bit.probeResent;
  }
  tcp.counters.tailLossProbes++;
  c.bits |= Bit.probing;
  c.tlpEnd = c.sndNxt;
  startRetransmission(tcp, c);
}

/** Was the probe all that mended a loss? Then the window shrinks as for any other: section 7.4. */
export function probeAcknowledged(tcp: TcpHost, c: Connection, acked: number, duplicate: boolean): void {
  'cold';
  if (!(c.bits & Bit.probing) || before(c.sndUna, c.tlpEnd)) return;
  if (c.bits & Bit.probeResent && !duplicate && (acked > 0 || c.marked > 0)) {
    // Both the segment and its probe may have arrived, and the report of it be on its way.
    if (!after(c.sndUna, c.tlpEnd)) return;
    enterRecovery(tcp, c);
    c.bits &= ~Bit.recovering;
  }
  c.bits &= ~(Bit.probing | Bit.probeResent);
}
