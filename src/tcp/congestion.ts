import type { Connection } from './connection';
import { after, before, distance } from '../wire/sequence';

// Slow start, congestion avoidance, fast retransmit and fast recovery (RFC 5681) with NewReno's answer to a partial
// acknowledgment (RFC 6582), limited transmit (RFC 3042) and early retransmit (RFC 5827), on which a board with room for
// two segments depends. All amounts are octets.

/** Duplicate acknowledgments that mean a loss: RFC 5681 section 3.2. */
const DUPLICATES = 3;
/** More than any window of a connection without window scaling. */
const UNBOUNDED = 0x7fffffff;

/** The connection is open and its segment size known: the initial window of RFC 5681 section 3.1. */
export function startCongestion(c: Connection, synWasLost: boolean): void {
  'cold';
  const mss = c.mss;
  if (synWasLost) c.cwnd = mss;
  else if (mss > 2190) c.cwnd = mss * 2;
  else c.cwnd = mss > 1095 ? mss * 3 : mss * 4;
  c.ssthresh = UNBOUNDED;
  c.duplicateAcks = 0;
  c.recovering = false;
  c.recover = c.sndUna;
}

/**
 * `acked` new octets were acknowledged, SND.UNA being moved already.
 * @returns true when the segment at SND.UNA is lost too and has to be sent at once
 */
export function congestionAcked(c: Connection, acked: number): boolean {
  c.duplicateAcks = 0;
  if (c.recovering) {
    if (before(c.sndUna, c.recover)) {
      c.cwnd = c.cwnd - acked + c.mss;
      if (c.cwnd < c.mss) c.cwnd = c.mss;
      return true;
    }
    c.recovering = false;
    c.cwnd = c.ssthresh;
    return false;
  }
  if (c.cwnd < c.ssthresh) {
    c.cwnd += acked < c.mss ? acked : c.mss;
  } else {
    const step = ((c.mss * c.mss) / c.cwnd) | 0;
    c.cwnd += step > 0 ? step : 1;
  }
  // Beyond the largest window that can be advertised there is nothing to gain.
  if (c.cwnd > 0xffff) c.cwnd = 0xffff;
  return false;
}

/**
 * An acknowledgment came that acknowledges nothing new (RFC 5681 section 2).
 * @returns true when the segment at SND.UNA counts as lost and has to be sent at once
 */
export function congestionDuplicate(c: Connection): boolean {
  'cold';
  c.duplicateAcks++;
  if (c.recovering) {
    c.cwnd += c.mss;
    return false;
  }
  // RFC 6582 section 3.2 step 2: not again for losses of a window that was recovered already. A `recover` beyond
  // SND.MAX lies 2^31 octets back.
  const covered = !before(c.sndUna, c.recover) || after(c.recover, c.sndMax);
  if (c.duplicateAcks < duplicatesForLoss(c) || !covered) return false;
  halve(c);
  c.recover = c.sndMax;
  c.recovering = true;
  c.cwnd = c.ssthresh + DUPLICATES * c.mss;
  return true;
}

/**
 * So little is on its way that three duplicates cannot come: fewer mean a loss, unless new data could still be sent to
 * bring them about (RFC 5827 section 2.1).
 */
function duplicatesForLoss(c: Connection): number {
  'cold';
  const flight = distance(c.sndUna, c.sndMax);
  const segments = ((flight + c.mss - 1) / c.mss) | 0;
  if (segments < 2 || segments > DUPLICATES) return DUPLICATES;
  const unsent = c.sendQueued - distance(c.sendSeq, c.sndMax);
  const useful = unsent < c.mss ? unsent : c.mss;
  return unsent > 0 && c.sndWnd - flight >= useful ? DUPLICATES : segments - 1;
}

/** Octets of new data that may be on their way beyond `cwnd`: a segment for each of two duplicates (RFC 3042). */
export function limitedTransmit(c: Connection): number {
  'cold';
  const allowed = !c.recovering && c.duplicateAcks < DUPLICATES && c.sndNxt === c.sndMax;
  return allowed ? c.duplicateAcks * c.mss : 0;
}

/** The retransmission timer ran out: one segment, and slow start from there (RFC 5681 section 3.1, (4)). */
export function congestionTimeout(c: Connection): void {
  'cold';
  if (c.retransmits === 1) halve(c);
  c.cwnd = c.mss;
  c.duplicateAcks = 0;
  c.recovering = false;
  c.recover = c.sndMax;
}

function halve(c: Connection): void {
  'cold';
  const half = distance(c.sndUna, c.sndMax) >> 1;
  c.ssthresh = half > c.mss * 2 ? half : c.mss * 2;
}
