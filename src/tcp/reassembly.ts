import { advance, distance } from '../wire/sequence';
import type { Connection } from './connection';
import { Event } from './connection';
import { DELAYED_ACK_TIME } from './constants';
import { Flag } from './segment';
import type { Segment } from './segment';
import { State } from './states';
import type { TcpHost } from './tcp';
import { Timer } from './timers';

/** Seventh and eighth of RFC 9293 section 3.10.7.4: the segment's text and its FIN, already cut to the window. */
export function acceptText(tcp: TcpHost, c: Connection, s: Segment, frame: Uint8Array): void {
  if (s.length === 0 && !(s.flags & Flag.FIN)) return;
  if (c.finReceived) {
    c.ackNow = true;
  } else if (s.seq !== c.rcvNxt) {
    keepForLater(tcp, c, s, frame);
  } else {
    if (s.length > 0) takeText(tcp, c, s, frame);
    if (s.flags & Flag.FIN || (c.finKept && c.finSeq === c.rcvNxt)) takeFin(tcp, c);
  }
}

/**
 * What arrives behind a gap goes to its place in the receive ring at once; a fixed list remembers where. It is
 * acknowledged at once too, so that the peer learns of the gap (RFC 5681 section 4.2).
 */
function keepForLater(tcp: TcpHost, c: Connection, s: Segment, frame: Uint8Array): void {
  'cold';
  const end = advance(s.seq, s.length);
  tcp.counters.outOfOrder++;
  c.ackNow = true;
  if (s.length > 0) {
    if (!c.gaps.add(s.seq, end)) {
      tcp.counters.outOfOrderDropped++;
      return;
    }
    if (!c.discarding) store(tcp, c, s, frame, distance(c.rcvNxt, s.seq));
  }
  if (s.flags & Flag.FIN) {
    c.finKept = true;
    c.finSeq = end;
  }
}

/** Text at RCV.NXT, and what has waited behind it. */
function takeText(tcp: TcpHost, c: Connection, s: Segment, frame: Uint8Array): void {
  let count = s.length;
  if (!c.discarding) store(tcp, c, s, frame, 0);
  if (c.gaps.count > 0) {
    count += c.gaps.takeUpTo(advance(c.rcvNxt, count));
    c.ackNow = true;
  }
  c.rcvNxt = advance(c.rcvNxt, count);
  c.rcvWnd -= count;
  if (c.discarding) {
    c.ackNow = true;
    return;
  }
  c.available += count;
  c.events |= Event.readable;
  c.segmentsToAck++;
  // RFC 9293 section 3.8.6.3: at least every second full segment, and never later than half a second.
  if (c.segmentsToAck >= 2) c.ackNow = true;
  else if (!c.ackNow) tcp.startTimer(c, Timer.delayedAck, DELAYED_ACK_TIME);
}

/** Copies the text into the ring, `ahead` octets behind what can be read when the gap is filled. */
function store(tcp: TcpHost, c: Connection, s: Segment, frame: Uint8Array, ahead: number): void {
  const size = c.receiveRing.length;
  const at = (c.receiveStart + c.available + ahead) % size;
  const first = s.length < size - at ? s.length : size - at;
  tcp.platform.copy(frame, s.data, c.receiveRing, at, first);
  if (first < s.length) tcp.platform.copy(frame, s.data + first, c.receiveRing, 0, s.length - first);
}

/** Eighth: everything the peer had to say has arrived. */
function takeFin(tcp: TcpHost, c: Connection): void {
  'cold';
  c.rcvNxt = advance(c.rcvNxt, 1);
  c.finReceived = true;
  c.ackNow = true;
  c.events |= Event.ended;
  if (c.state === State.ESTABLISHED) c.state = State.CLOSE_WAIT;
  else if (c.state === State.FIN_WAIT_1) c.state = State.CLOSING;
  else if (c.state === State.FIN_WAIT_2) tcp.enterTimeWait(c);
}
