import { CUBIC } from '../features';
import { distance } from '../wire/sequence';
import type { Connection } from './connection';
import { cubicAvoidance, cubicReduction } from './cubic';
import type { TcpHost } from './tcp';

// Congestion control: slow start and what both algorithms share (RFC 5681), with Reno here and CUBIC beside it. Which
// segments are lost, and which are sent again, is not decided here but in recovery.ts. All amounts are octets.

/** More than any window. */
const UNBOUNDED = 0x7fffffff;

/** RFC 5681 section 3.1. */
function initialWindow(mss: number): number {
  'cold';
  if (mss > 2190) return mss * 2;
  return mss > 1095 ? mss * 3 : mss * 4;
}

/** The connection is open and its segment size known. */
export function startCongestion(c: Connection, synWasLost: boolean): void {
  'cold';
  c.cwnd = synWasLost ? c.mss : initialWindow(c.mss);
  c.ssthresh = UNBOUNDED;
  c.duplicateAcks = 0;
  c.wMax = 0;
  c.epoch = 0;
}

/** `acked` new octets were acknowledged, and nothing seems to be lost. */
export function grow(tcp: TcpHost, c: Connection, acked: number): void {
  'inline';
  if (c.cwnd < tcp.sendSize << 1) widen(tcp, c, acked);
}

function widen(tcp: TcpHost, c: Connection, acked: number): void {
  'cold';
  if (c.cwnd < c.ssthresh) {
    c.cwnd += acked < c.mss ? acked : c.mss;
  } else if (CUBIC && tcp.cubic) {
    cubicAvoidance(tcp, c, acked);
  } else {
    const step = ((c.mss * c.mss) / c.cwnd) | 0;
    c.cwnd += step > 0 ? step : 1;
  }
}

/** Something was lost: the slow start threshold for what comes (RFC 5681 section 3.1, equation 4). */
export function reduce(tcp: TcpHost, c: Connection): void {
  'cold';
  // What limited transmit has sent beyond the window does not count.
  let flight = distance(c.sndUna, c.sndMax);
  if (flight > c.cwnd) flight = c.cwnd;
  const kept = CUBIC && tcp.cubic ? cubicReduction(c, flight) : flight >> 1;
  c.ssthresh = kept > c.mss * 2 ? kept : c.mss * 2;
}

/** The retransmission timer ran out: slow start from one segment. A second time in a row leaves the threshold alone. */
export function congestionTimeout(tcp: TcpHost, c: Connection): void {
  'cold';
  if (c.retransmits === 1) reduce(tcp, c);
  c.cwnd = c.mss;
}

/** Nothing was sent for longer than a retransmission timeout (RFC 5681 section 4.1). */
export function restartAfterIdle(c: Connection): void {
  'cold';
  const window = initialWindow(c.mss);
  if (c.cwnd > window) c.cwnd = window;
  c.epoch = 0;
}
