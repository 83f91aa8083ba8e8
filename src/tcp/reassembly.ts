import { SACK } from '../features';
import { advance, distance } from '../wire/sequence';
import type { Connection } from './connection';
import { DELAYED_ACK_TIME } from './constants';
import { Ack, Bit, Event } from './control-block';
import { CloseReason } from './errors';
import { resetConnection } from './lifecycle';
import { sendControl } from './output';
import { copyIntoRing } from './ring';
import { noteDuplicate } from './sack';
import { Flag } from './segment';
import type { Segment } from './segment';
import { State } from './states';
import type { TcpHost } from './tcp';
import { enterTimeWait } from './time-wait';
import { Timer } from './timers';

/** Seventh and eighth of RFC 9293 section 3.10.7.4: the segment's text and its FIN, already cut to the window. */
export function acceptText(tcp: TcpHost, c: Connection, s: Segment, frame: Uint8Array): void {
  'cold';
  if (s.length === 0 && !(s.flags & Flag.FIN)) return;
  if (c.bits & (Bit.finReceived | Bit.closed)) {
    unwanted(tcp, c, s);
  } else if (s.seq !== c.rcvNxt) {
    keepForLater(tcp, c, s, frame);
  } else {
    const fin = c.bits & Bit.finKept;
    if (s.length > 0) takeText(tcp, c, frame, s.data, s.length);
    // The FIN that comes with it, or one that has waited behind the gap that it fills.
    if (s.flags & Flag.FIN || (fin && !(c.bits & Bit.finKept))) takeFin(tcp, c);
  }
}

/** Text after the peer's FIN is ignored; text after our CLOSE is lost, and the peer shall know (SHLD-3). */
function unwanted(tcp: TcpHost, c: Connection, s: Segment): void {
  'cold';
  c.ackDue = Ack.now;
  if (c.bits & Bit.finReceived) return;
  if (s.length > 0) resetConnection(tcp, c, CloseReason.aborted);
  else if (s.seq === c.rcvNxt) takeFin(tcp, c);
}

/**
 * What arrives behind a gap goes to its place in the receive ring at once; a fixed list remembers where. It is
 * acknowledged at once too, so that the peer learns of the gap (RFC 5681 section 4.2). A FIN counts as one octet.
 */
function keepForLater(tcp: TcpHost, c: Connection, s: Segment, frame: Uint8Array): void {
  'cold';
  tcp.counters.outOfOrder++;
  // What is owed for others goes first: each of these is a duplicate of its own, or the peer would count too few of them
  // (RFC 5681 section 3.2).
  if (c.ackDue !== Ack.none) sendControl(tcp, c, Flag.ACK);
  c.ackDue = Ack.now;
  if (SACK && tcp.slots.gaps.covers(c.slot, s.seq, advance(s.seq, s.length))) noteDuplicate(tcp, c, s.seq, advance(s.seq, s.length));
  c.lastOutOfOrder = s.seq;
  const fin = s.flags & Flag.FIN ? 1 : 0;
  if (!tcp.slots.gaps.add(c.slot, s.seq, advance(s.seq, s.length + fin))) {
    tcp.counters.outOfOrderDropped++;
    return;
  }
  c.bits |= fin ? Bit.gaps | Bit.finKept : Bit.gaps;
  if (s.length > 0 && !(c.bits & Bit.discarding)) {
    store(tcp, c, frame, s.data, s.length, distance(c.rcvNxt, s.seq));
  }
}

/** Text at RCV.NXT, and what has waited behind it. */
export function takeText(tcp: TcpHost, c: Connection, frame: Uint8Array, data: number, length: number): void {
  'cold';
  let count = length;
  if (!(c.bits & Bit.discarding)) store(tcp, c, frame, data, length, 0);
  if (c.bits & Bit.gaps) count += fillGap(tcp, c, count);
  c.rcvNxt = advance(c.rcvNxt, count);
  c.rcvWnd -= count;
  if (c.bits & Bit.discarding) {
    c.ackDue = Ack.now;
    return;
  }
  c.available += count;
  c.events |= Event.readable;
  // RFC 9293 section 3.8.6.3: at least every second full segment, and never later than half a second.
  c.ackDue++;
  if (c.ackDue === Ack.delayed) tcp.ensureTimer(c, Timer.delayedAck, DELAYED_ACK_TIME);
  else if (tcp.readingTime === 0) c.ackDue = Ack.now;
  else if (c.ackDue === Ack.soon) tcp.startTimer(c, Timer.delayedAck, tcp.readingTime);
}

/** Octets that become readable behind a segment of `count`, without the FIN that may have waited among them. */
function fillGap(tcp: TcpHost, c: Connection, count: number): number {
  'cold';
  c.ackDue = Ack.now;
  const more = tcp.slots.gaps.takeUpTo(c.slot, advance(c.rcvNxt, count));
  if (tcp.slots.gaps.counts[c.slot] > 0) return more;
  c.bits &= ~Bit.gaps;
  if (!(c.bits & Bit.finKept)) return more;
  c.bits &= ~Bit.finKept;
  return more > 0 ? more - 1 : 0;
}

/** Copies the text into the ring, `ahead` octets behind what can be read when the gap is filled. */
function store(tcp: TcpHost, c: Connection, frame: Uint8Array, data: number, length: number, ahead: number): void {
  'cold';
  copyIntoRing(tcp.platform, frame, data, c.receiveRing, (c.receiveStart + c.available + ahead) % tcp.receiveSize, length);
}

/** Eighth: everything the peer had to say has arrived. */
function takeFin(tcp: TcpHost, c: Connection): void {
  'cold';
  c.rcvNxt = advance(c.rcvNxt, 1);
  c.bits |= Bit.finReceived;
  c.ackDue = Ack.now;
  c.events |= Event.ended;
  if (c.state === State.ESTABLISHED) c.state = State.CLOSE_WAIT;
  else if (c.state === State.FIN_WAIT_1) c.state = State.CLOSING;
  else if (c.state === State.FIN_WAIT_2) enterTimeWait(tcp, c);
}
