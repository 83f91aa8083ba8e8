import type { Connection } from './connection';
import { Event } from './connection';
import { congestionAcked, congestionDuplicate, startCongestion } from './congestion';
import { CloseReason } from './errors';
import { refuse, resendFirst } from './output';
import { acceptText } from './reassembly';
import { afterLostSyn, sampleRoundTrip } from './rtt';
import { Flag } from './segment';
import type { Segment } from './segment';
import { State } from './states';
import type { TcpHost } from './tcp';
import { DEFAULT_SEND_MSS, MINIMUM_MSS } from './constants';
import { Timer } from './timers';
import { advance, after, before, distance } from '../wire/sequence';

/** SEGMENT ARRIVES of RFC 9293 section 3.10.7 for a connection that exists, in the order of its steps. */
export function segmentArrives(tcp: TcpHost, c: Connection, s: Segment, frame: Uint8Array): void {
  c.heard = tcp.now;
  if (c.state === State.SYN_SENT) {
    if (synSent(tcp, c, s)) {
      // Section 3.10.7.3, fourth: data and FIN that came with the SYN are processed in the new state.
      s.seq = advance(s.seq, 1);
      s.flags &= ~Flag.SYN;
      if (checkSequence(tcp, c, s)) acceptText(tcp, c, s, frame);
    }
    return;
  }
  if (!checkSequence(tcp, c, s)) return;
  if (s.flags & Flag.RST) {
    checkReset(tcp, c, s);
  } else if (s.flags & Flag.SYN) {
    // Fourth: a SYN in a synchronised state gets a challenge ACK (RFC 5961 section 4.2).
    tcp.challenge(c);
  } else if (s.flags & Flag.ACK) {
    if (checkAck(tcp, c, s)) acceptText(tcp, c, s, frame);
  }
}

/** Section 3.10.7.3. True when the connection is established by it. */
function synSent(tcp: TcpHost, c: Connection, s: Segment): boolean {
  'cold';
  const acked = (s.flags & Flag.ACK) !== 0;
  if (acked && (!after(s.ack, c.iss) || after(s.ack, c.sndMax))) {
    refuse(tcp, s);
    return false;
  }
  if (s.flags & Flag.RST) {
    if (acked) tcp.drop(c, CloseReason.refused);
    return false;
  }
  if (!(s.flags & Flag.SYN)) return false;
  takePeerSyn(tcp, c, s);
  if (!acked) {
    // Both sides open at once: SYN-RECEIVED, and our SYN goes again, now with an ACK (section 3.5, figure 7).
    c.state = State.SYN_RECEIVED;
    sendSynAgain(c);
    return false;
  }
  c.ackNow = true;
  established(tcp, c, s);
  return true;
}

/** Takes over what the peer's SYN says: its sequence number and its segment size. */
export function takePeerSyn(tcp: TcpHost, c: Connection, s: Segment): void {
  'cold';
  c.irs = s.seq;
  c.rcvNxt = advance(s.seq, 1);
  c.sndWnd = s.wnd;
  c.maxSndWnd = s.wnd;
  c.sndWl1 = s.seq;
  c.sndWl2 = s.ack;
  let offered = s.options.mss === 0 ? DEFAULT_SEND_MSS : s.options.mss;
  if (offered < MINIMUM_MSS) offered = MINIMUM_MSS;
  c.mss = offered < tcp.mss ? offered : tcp.mss;
}

/** What acknowledges a SYN that was sent twice says nothing about the round trip (Karn's algorithm). */
function sendSynAgain(c: Connection): void {
  'cold';
  c.sndNxt = c.iss;
  c.timing = false;
}

/** Our SYN is acknowledged. */
function established(tcp: TcpHost, c: Connection, s: Segment): void {
  'cold';
  c.state = State.ESTABLISHED;
  c.sndUna = advance(c.iss, 1);
  c.sndNxt = c.sndUna;
  c.sndWnd = s.wnd;
  c.maxSndWnd = s.wnd;
  c.sndWl1 = s.seq;
  c.sndWl2 = s.ack;
  c.retransmits = 0;
  if (c.timing && !c.synRetransmitted) sampleRoundTrip(c, distance(c.timedSince, tcp.now));
  c.timing = false;
  if (c.synRetransmitted) afterLostSyn(c);
  startCongestion(c, c.synRetransmitted);
  tcp.stopTimer(c, Timer.retransmit);
  if (c.keepAlive) tcp.keepAliveCall(c);
  c.events |= Event.opened;
  if (c.finQueued) c.state = State.FIN_WAIT_1;
}

/** First, section 3.10.7.4: is any of the segment in the receive window? If so, the rest is cut off. */
function checkSequence(tcp: TcpHost, c: Connection, s: Segment): boolean {
  const offset = distance(c.rcvNxt, s.seq);
  const extent = s.length + (s.flags & (Flag.SYN | Flag.FIN) ? 1 : 0);
  const window = c.rcvWnd;
  const acceptable =
    extent === 0
      ? offset === 0 || (offset > 0 && offset < window)
      : window > 0 && offset < window && offset + extent > 0;
  if (!acceptable) {
    tcp.counters.outOfWindow++;
    // A closed window still lets valid ACK and RST through (the paragraph after the four cases).
    if (window === 0 && offset === 0 && s.flags & (Flag.ACK | Flag.RST)) {
      s.length = 0;
      s.flags &= ~(Flag.FIN | Flag.SYN);
      c.ackNow = true;
      return true;
    }
    if (c.state === State.SYN_RECEIVED && s.seq === c.irs && (s.flags & (Flag.SYN | Flag.ACK)) === Flag.SYN) {
      // The peer has not had our SYN, without which an ACK means nothing to it.
      sendSynAgain(c);
    } else if (!(s.flags & Flag.RST)) {
      c.ackNow = true;
    }
    return false;
  }
  // The number of a RST is judged as it came.
  if (s.flags & Flag.RST) return true;
  if (offset < 0) trimFront(s, -offset);
  if (distance(c.rcvNxt, s.seq) + s.length > window) trimBack(c, s, window);
  return true;
}

function trimFront(s: Segment, count: number): void {
  'cold';
  const cut = count < s.length ? count : s.length;
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
  if (s.seq !== c.rcvNxt) {
    tcp.challenge(c);
  } else if (c.state === State.SYN_RECEIVED) {
    // A passive open goes back to LISTEN, which has its own existence here.
    tcp.drop(c, CloseReason.refused);
  } else {
    tcp.drop(c, CloseReason.reset);
  }
}

/** Fifth: the ACK field. False: the segment is done with. */
function checkAck(tcp: TcpHost, c: Connection, s: Segment): boolean {
  if (c.state === State.SYN_RECEIVED) {
    if (!after(s.ack, c.sndUna) || after(s.ack, c.sndMax)) {
      refuse(tcp, s);
      return false;
    }
    established(tcp, c, s);
    return tcp.accepted(c);
  }
  const acked = distance(c.sndUna, s.ack);
  if (after(s.ack, c.sndMax)) {
    c.ackNow = true;
    return false;
  }
  if (acked < -c.maxSndWnd) {
    // Older than anything the peer could honestly repeat: RFC 5961 section 5.2.
    tcp.challenge(c);
    return false;
  }
  if (acked > 0) takeAck(tcp, c, s, acked);
  else if (acked === 0) takeRepeatedAck(tcp, c, s);
  if (acked >= 0) updateSendWindow(tcp, c, s);
  if (finAcked(c)) return afterFinAcked(tcp, c, s);
  return true;
}

/** Something new is acknowledged. */
function takeAck(tcp: TcpHost, c: Connection, s: Segment, acked: number): void {
  c.sndUna = s.ack;
  if (before(c.sndNxt, c.sndUna)) c.sndNxt = c.sndUna;
  let octets = distance(c.sendSeq, s.ack);
  if (octets > c.sendQueued) octets = c.sendQueued;
  c.sendStart = (c.sendStart + octets) % c.sendRing.length;
  c.sendSeq = advance(c.sendSeq, octets);
  c.sendQueued -= octets;
  if (c.timing && !before(s.ack, c.timedSeq)) {
    c.timing = false;
    sampleRoundTrip(c, distance(c.timedSince, tcp.now));
  }
  c.retransmits = 0;
  if (c.sndUna === c.sndMax) tcp.stopTimer(c, Timer.retransmit);
  else tcp.startTimer(c, Timer.retransmit, c.rto);
  if (congestionAcked(c, acked)) resendFirst(tcp, c);
  if (c.wantsWritable) {
    c.wantsWritable = false;
    c.events |= Event.writable;
  }
}

/** The same acknowledgment again: a duplicate in the sense of RFC 5681 section 2 hints at a loss. */
function takeRepeatedAck(tcp: TcpHost, c: Connection, s: Segment): void {
  // A peer that answers probes is alive, however long its window stays closed (RFC 9293 section 3.8.6.1).
  if (tcp.isRunning(c, Timer.persist)) c.retransmits = 0;
  if (s.length > 0 || s.wnd !== c.sndWnd || c.sndUna === c.sndMax || s.flags & Flag.FIN || s.wnd === 0) return;
  if (congestionDuplicate(c)) resendFirst(tcp, c);
}

function updateSendWindow(tcp: TcpHost, c: Connection, s: Segment): void {
  const newer = distance(c.sndWl1, s.seq);
  if (newer < 0 || (newer === 0 && before(s.ack, c.sndWl2))) return;
  if (s.wnd > c.sndWnd) {
    tcp.stopTimer(c, Timer.persist);
    c.probes = 0;
  }
  c.sndWnd = s.wnd;
  if (s.wnd > c.maxSndWnd) c.maxSndWnd = s.wnd;
  c.sndWl1 = s.seq;
  c.sndWl2 = s.ack;
}

function finAcked(c: Connection): boolean {
  return c.finQueued && c.sndUna === advance(c.sendSeq, c.sendQueued + 1);
}

/** The state changes that the acknowledgment of our FIN brings. False: the segment is done with. */
function afterFinAcked(tcp: TcpHost, c: Connection, s: Segment): boolean {
  'cold';
  if (c.state === State.FIN_WAIT_1) {
    c.state = State.FIN_WAIT_2;
    if (c.discarding) tcp.startOrphanTimer(c);
  } else if (c.state === State.CLOSING) {
    tcp.enterTimeWait(c);
    return false;
  } else if (c.state === State.LAST_ACK) {
    tcp.finish(c, CloseReason.normal);
    return false;
  }
  return s.length > 0 || (s.flags & Flag.FIN) !== 0;
}
