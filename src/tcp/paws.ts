import { before, distance } from '../wire/sequence';
import type { Connection } from './connection';
import { Ack } from './control-block';
import { Mark } from './flight';
import { Option } from './options';
import { sampleRoundTrip } from './rtt';
import { Flag } from './segment';
import type { Segment } from './segment';
import type { TcpHost } from './tcp';

// Timestamps (RFC 7323 sections 3 to 5): round trips from what the peer echoes, and protection against old segments
// whose sequence numbers have come round again.

/** TS.Recent of a connection that was idle for so many milliseconds, 24 days, says nothing: section 5.5. */
const OUTDATED = 24 * 86400000;
/** Milliseconds beyond which an echoed time cannot be one of ours. */
const LONGEST_ROUND_TRIP = 0x100000;

/** R1 of section 5.3: true when the segment is dropped, for its time is older than one that was accepted. */
export function rejectTimestamp(tcp: TcpHost, c: Connection, s: Segment): boolean {
  if (s.options.found & Option.timestamps && !before(s.options.tsVal, c.tsRecent)) return false;
  return isRejected(tcp, c, s);
}

function isRejected(tcp: TcpHost, c: Connection, s: Segment): boolean {
  'cold';
  if (s.flags & Flag.RST) return false;
  const present = (s.options.found & Option.timestamps) !== 0;
  if (present && distance(c.heard, tcp.alarm.now) > OUTDATED) {
    c.tsRecent = s.options.tsVal;
    return false;
  }
  tcp.counters.pawsRejected++;
  // What lacks the option altogether is not answered: section 3.2.
  if (present) c.ackDue = Ack.now;
  return true;
}

/**
 * R3: the time to echo is that of the first segment that the next acknowledgment covers. While one is owed for an
 * earlier segment it stays, which also holds when RCV.NXT is what was acknowledged last.
 */
export function takeTimestamp(c: Connection, s: Segment): void {
  if (c.ackDue === 0 && s.seq === c.rcvNxt) c.tsRecent = s.options.tsVal;
}

/** Section 4.1: any acknowledgment of something new brings a round trip with it, also of what was sent twice. */
export function sampleTimestamp(tcp: TcpHost, c: Connection, tsEcr: number): void {
  const rtt = distance(tsEcr, tcp.timestamp());
  // After a timeout the echo may be of the first transmission, whose acknowledgment was lost: that time is no round trip.
  const stale = c.retransmits > 0 && rtt > distance(c.flight.lastSent & ~Mark.flags, tcp.alarm.now << Mark.time) >> Mark.time;
  if (rtt >= 0 && rtt < LONGEST_ROUND_TRIP && !stale) sampleRoundTrip(tcp, c, rtt);
}
