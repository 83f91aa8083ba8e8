import { SACK, TIMESTAMPS, WINDOW_SCALE } from '../features';
import { get32 } from '../wire/bytes';
import { advance, after, before, distance } from '../wire/sequence';
import { grow } from './congestion';
import type { Connection } from './connection';
import { ONE_PROBE, PROBES } from './constants';
import { Ack, Bit, Event } from './control-block';
import { CloseReason } from './errors';
import { Mark } from './flight';
import { drop, finish } from './lifecycle';
import { resendSyn, synReceivedAck, synSent } from './opening';
import { Option } from './options';
import { rejectTimestamp, sampleTimestamp, takeTimestamp } from './paws';
import { deliveredUpTo, startProbeTimer } from './rack';
import { acceptText } from './reassembly';
import { lossyAck } from './recovery';
import { sampleRoundTrip } from './rtt';
import { noteDuplicate } from './sack';
import { Flag } from './segment';
import type { Segment } from './segment';
import { State } from './states';
import type { TcpHost } from './tcp';
import { enterTimeWait } from './time-wait';
import { Timer } from './timers';
import { takeUrgent } from './urgent';

/** SEGMENT ARRIVES of RFC 9293 section 3.10.7 for a connection that exists, in the order of its steps. */
export function segmentArrives(tcp: TcpHost, c: Connection, s: Segment, frame: Uint8Array): void {
  'cold';
  if (c.state === State.SYN_SENT) {
    if (synSent(tcp, c, s)) withTheSyn(tcp, c, s, frame);
    return;
  }
  if (WINDOW_SCALE && c.bits & Bit.windowScale && !(s.flags & Flag.SYN)) s.wnd <<= (c.service >> 16) & 15;
  if (TIMESTAMPS && c.bits & Bit.timestamps && rejectTimestamp(tcp, c, s)) return;
  if (!checkSequence(tcp, c, s)) return;
  c.heard = tcp.alarm.now;
  if (s.flags & (Flag.RST | Flag.SYN)) {
    if (s.flags & Flag.RST) checkReset(tcp, c, s);
    else checkSyn(tcp, c);
  } else if (s.flags & Flag.ACK) {
    if (TIMESTAMPS && c.bits & Bit.timestamps) takeTimestamp(c, s);
    if (!checkAck(tcp, c, s)) return;
    if (s.flags & Flag.URG) takeUrgent(c, s, frame);
    acceptText(tcp, c, s, frame);
  }
}

/** Section 3.10.7.3, fourth: data and FIN that came with the SYN are processed in the new state. */
export function withTheSyn(tcp: TcpHost, c: Connection, s: Segment, frame: Uint8Array): void {
  'cold';
  s.seq = advance(s.seq, 1);
  s.flags &= ~Flag.SYN;
  if (!checkSequence(tcp, c, s)) return;
  if (s.flags & Flag.URG) takeUrgent(c, s, frame);
  acceptText(tcp, c, s, frame);
}

/** First, section 3.10.7.4: is any of the segment in the receive window? If so, the rest is cut off. */
function checkSequence(tcp: TcpHost, c: Connection, s: Segment): boolean {
  'cold';
  const offset = distance(c.rcvNxt, s.seq);
  const extent = s.length + (s.flags & (Flag.SYN | Flag.FIN) ? 1 : 0);
  const window = c.rcvWnd;
  // Without text also at the window's edge: there stands SND.NXT of a peer that has filled it.
  const acceptable = extent === 0 ? offset >= 0 && offset <= window : offset < window && offset + extent > 0;
  if (!acceptable) return outsideWindow(tcp, c, s, offset, extent);
  // The number of a RST is judged as it came.
  if (s.flags & Flag.RST) return true;
  if (offset < 0) trimFront(tcp, c, s, -offset);
  if (distance(c.rcvNxt, s.seq) + s.length > window) trimBack(c, s, window);
  return true;
}

/** True when the segment is to be processed all the same, without its text. */
function outsideWindow(tcp: TcpHost, c: Connection, s: Segment, offset: number, extent: number): boolean {
  'cold';
  tcp.counters.outOfWindow++;
  // A keep-alive, or what was here before: a sign of life all the same.
  if (offset < 0 && -offset <= tcp.receiveSize) c.heard = tcp.alarm.now;
  // A closed window still lets valid ACK, RST and URG through (the paragraph after the four cases, MUST-66).
  if (c.rcvWnd === 0 && offset === 0 && s.flags & (Flag.ACK | Flag.RST)) {
    s.length = 0;
    s.flags &= ~(Flag.FIN | Flag.SYN);
    c.ackDue = Ack.now;
    return true;
  }
  const bare = (s.flags & (Flag.SYN | Flag.ACK)) === Flag.SYN;
  if (c.state === State.SYN_RECEIVED && bare && offset === -1) {
    // The peer has not had our SYN, without which an ACK means nothing to it.
    resendSyn(c);
  } else if (s.flags & Flag.SYN) {
    tcp.challenge(c);
  } else if (!(s.flags & Flag.RST)) {
    // Nobody answers an acknowledgment of an acknowledgment for ever; a probe of keep-alive stands at RCV.NXT - 1.
    if (extent === 0 && offset !== -1) tcp.challenge(c);
    else c.ackDue = Ack.now;
    if (SACK && extent > 0 && offset < 0) noteDuplicate(tcp, c, s.seq, advance(s.seq, s.length));
  }
  return false;
}

function trimFront(tcp: TcpHost, c: Connection, s: Segment, count: number): void {
  'cold';
  const cut = count < s.length ? count : s.length;
  if (SACK && cut > 0) noteDuplicate(tcp, c, s.seq, advance(s.seq, cut));
  s.seq = advance(s.seq, count);
  s.data += cut;
  s.length -= cut;
}

function trimBack(c: Connection, s: Segment, window: number): void {
  'cold';
  s.length = window - distance(c.rcvNxt, s.seq);
  s.flags &= ~Flag.FIN;
}

/** Second: RST, with the checks of RFC 5961 section 3.2. */
function checkReset(tcp: TcpHost, c: Connection, s: Segment): void {
  'cold';
  const offset = distance(c.rcvNxt, s.seq);
  if (offset !== 0) {
    if (offset < c.rcvWnd) tcp.challenge(c);
    else tcp.counters.outOfWindow++;
    return;
  }
  // A passive open goes back to LISTEN, which has its own existence here.
  drop(tcp, c, c.state === State.SYN_RECEIVED ? CloseReason.refused : CloseReason.reset);
}

/** Fourth: a passive open goes back to LISTEN, all others send a challenge ACK (RFC 5961 section 4.2). */
function checkSyn(tcp: TcpHost, c: Connection): void {
  'cold';
  if (c.state === State.SYN_RECEIVED && c.bits & Bit.passive) drop(tcp, c, CloseReason.refused);
  else tcp.challenge(c);
}

/** Fifth: the ACK field. False: the segment is done with. */
function checkAck(tcp: TcpHost, c: Connection, s: Segment): boolean {
  'cold';
  if (c.state === State.SYN_RECEIVED) return synReceivedAck(tcp, c, s);
  const acked = distance(c.sndUna, s.ack);
  if (acked > 0) {
    if (after(s.ack, c.sndMax)) {
      // Something that was never sent: RFC 5961 section 5.2 has it throttled.
      tcp.challenge(c);
      return false;
    }
    const finAcked = acked > c.sendQueued;
    takeAck(tcp, c, s, acked);
    updateSendWindow(tcp, c, s);
    return !finAcked || afterFinAcked(tcp, c, s);
  }
  if (acked < 0) return oldAck(tcp, c, acked);
  // A peer that answers probes is alive, however long its window stays closed (RFC 9293 section 3.8.6.1).
  if (c.service >>> PROBES > 0) c.retransmits = 0;
  if (c.sndUna !== c.sndMax && (s.length === 0 || s.options.found & Option.sack)) lossyAck(tcp, c, s, 0);
  updateSendWindow(tcp, c, s);
  return true;
}

/** An acknowledgment from before SND.UNA. */
function oldAck(tcp: TcpHost, c: Connection, acked: number): boolean {
  'cold';
  if (acked >= -c.maxSndWnd) return true;
  // Older than anything the peer could honestly repeat: RFC 5961 section 5.2.
  tcp.challenge(c);
  return false;
}

/** Something new is acknowledged. */
function takeAck(tcp: TcpHost, c: Connection, s: Segment, acked: number): void {
  'cold';
  const lossy =
    c.marked > 0 ||
    (c.bits & (Bit.recovering | Bit.probing)) !== 0 ||
    (SACK && s.options.found & Option.sack && c.bits & Bit.sack);
  if (SACK && lossy && c.bits & Bit.sack) deliveredUpTo(tcp, c, s.ack);
  const mark = c.flight.acknowledge(s.ack);
  if (TIMESTAMPS && c.bits & Bit.timestamps) sampleTimestamp(tcp, c, s.options.tsEcr);
  else if (mark !== 0) sampleRoundTrip(tcp, c, distance(mark & ~Mark.flags, tcp.alarm.now << Mark.time) >> Mark.time);
  moveUna(tcp, c, s.ack, acked);
  if (before(c.sndNxt, s.ack)) c.sndNxt = s.ack;
  if (lossy) lossyAck(tcp, c, s, acked);
  else grow(tcp, c, acked);
  afterAck(tcp, c);
}

/** The same when nothing is missing or sent again; the time that the peer echoes, if it does, stands at `tsEcr` in the frame. */
export function takeCleanAck(
  tcp: TcpHost, c: Connection, ack: number, acked: number, frame: Uint8Array, tsEcr: number,
): void {
  const mark = c.flight.acknowledge(ack);
  if (TIMESTAMPS && c.bits & Bit.timestamps) sampleTimestamp(tcp, c, get32(frame, tsEcr));
  else if (mark !== 0) sampleRoundTrip(tcp, c, distance(mark & ~Mark.flags, tcp.alarm.now << Mark.time) >> Mark.time);
  moveUna(tcp, c, ack, acked);
  grow(tcp, c, acked);
  afterAck(tcp, c);
}

/** SND.UNA moves, and what it passes leaves the send ring. */
function moveUna(tcp: TcpHost, c: Connection, ack: number, acked: number): void {
  'inline';
  c.sndUna = ack;
  if (acked < c.sendQueued) {
    c.sendStart = (c.sendStart + acked) % tcp.sendSize;
    c.sendQueued -= acked;
  } else {
    // An empty ring begins at its beginning: what is written next stands, and is sent, in one piece.
    c.sendStart = c.sendQueued = 0;
  }
  c.retransmits = 0;
  // From here on the retransmission timer counts: when it runs out, it looks how long ago this was.
  c.since = tcp.alarm.now;
}

function afterAck(tcp: TcpHost, c: Connection): void {
  'inline';
  if (SACK && c.bits & Bit.sack && c.sndUna !== c.sndMax) startProbeTimer(tcp, c);
  if (c.bits & Bit.wantsWritable) {
    c.bits &= ~Bit.wantsWritable;
    c.events |= Event.writable;
  }
}

function updateSendWindow(tcp: TcpHost, c: Connection, s: Segment): void {
  'cold';
  const newer = distance(c.sndWl1, s.seq);
  if (newer < 0 || (newer === 0 && before(s.ack, c.sndWl2))) return;
  if (s.wnd !== c.sndWnd) changeSendWindow(tcp, c, s.wnd);
  c.sndWl1 = s.seq;
  c.sndWl2 = s.ack;
}

/** The peer offers another window. */
export function changeSendWindow(tcp: TcpHost, c: Connection, wnd: number): void {
  'cold';
  if (wnd > c.sndWnd) {
    tcp.stopTimer(c, Timer.persist);
    c.service &= ONE_PROBE - 1;
  }
  c.sndWnd = wnd;
  tcp.prediction.window = 0;
  if (wnd > c.maxSndWnd) c.maxSndWnd = wnd;
}

/** The state changes that the acknowledgment of our FIN brings. False: the segment is done with. */
function afterFinAcked(tcp: TcpHost, c: Connection, s: Segment): boolean {
  'cold';
  c.bits &= ~Bit.finQueued;
  if (c.state === State.FIN_WAIT_1) {
    c.state = State.FIN_WAIT_2;
  } else if (c.state === State.CLOSING) {
    enterTimeWait(tcp, c);
    return false;
  } else if (c.state === State.LAST_ACK) {
    finish(tcp, c, CloseReason.normal);
    return false;
  }
  return s.length > 0 || (s.flags & Flag.FIN) !== 0;
}
