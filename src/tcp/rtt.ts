import type { Connection } from './connection';
import { startRetransmission } from './output';
import type { TcpHost } from './tcp';
import { Timer } from './timers';

// The retransmission timeout (RFC 6298), in whole milliseconds. SRTT is kept times 8 and RTTVAR times 4, so that
// the shifts of the RFC's gains lose nothing.

/** Before the first sample: RFC 6298 (2.1). */
export const INITIAL_RTO = 1000;
/** For data, when the SYN had to be sent again: RFC 6298 (5.7). */
const RTO_AFTER_LOST_SYN = 3000;
/** RFC 6298 (2.4). */
const MINIMUM_RTO = 1000;
/** RFC 6298 (2.5) allows no less than 60 seconds. */
const MAXIMUM_RTO = 60000;
/** G: the stack is told the time in milliseconds. */
const GRANULARITY = 1;

/** Takes in one measured round trip of a segment that was sent once (Karn's algorithm is the caller's). */
export function sampleRoundTrip(tcp: TcpHost, c: Connection, milliseconds: number): void {
  const sample = milliseconds < GRANULARITY ? GRANULARITY : milliseconds;
  if (c.srtt === 0) {
    c.srtt = sample << 3;
    c.rttvar = sample << 1;
  } else {
    const error = sample - (c.srtt >> 3);
    c.rttvar += (error < 0 ? -error : error) - (c.rttvar >> 2);
    // What is at least 8 stays so: a sample is at least 1.
    c.srtt += error;
  }
  const rto = (c.srtt >> 3) + (c.rttvar > GRANULARITY ? c.rttvar : GRANULARITY);
  // Nearly everywhere the way is so short that the minimum is what it stays.
  if (rto > MINIMUM_RTO || c.rto !== MINIMUM_RTO) changeTimeout(tcp, c, rto);
}

/** A timer that was started for longer is too late from now on. */
function changeTimeout(tcp: TcpHost, c: Connection, rto: number): void {
  'cold';
  const last = c.rto;
  c.rto = rto;
  bound(c);
  if (c.rto < last && tcp.isRunning(c, Timer.retransmit)) startRetransmission(tcp, c);
}

/** Doubles the timeout after it ran out (5.5). */
export function backOff(c: Connection): void {
  'cold';
  c.rto <<= 1;
  bound(c);
}

/** The connection is open; its SYN was sent again (5.7). */
export function afterLostSyn(c: Connection): void {
  'cold';
  c.rto = RTO_AFTER_LOST_SYN;
}

function bound(c: Connection): void {
  'cold';
  c.rto = c.rto < MINIMUM_RTO ? MINIMUM_RTO : c.rto > MAXIMUM_RTO ? MAXIMUM_RTO : c.rto;
}
