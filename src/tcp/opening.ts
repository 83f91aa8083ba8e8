import { TIMESTAMPS, WINDOW_SCALE } from '../features';
import { advance, after, distance } from '../wire/sequence';
import { refuse } from './answer';
import { startCongestion } from './congestion';
import type { Connection } from './connection';
import { DEFAULT_SEND_MSS, MINIMUM_MSS } from './constants';
import { Ack, Bit, Event } from './control-block';
import { CloseReason } from './errors';
import { Mark } from './flight';
import { accepted, drop, leaveHalfOpen } from './lifecycle';
import { Option, TIMESTAMPS_LENGTH } from './options';
import { ipOptionsLength, pathLimit } from './path-mtu';
import { afterLostSyn, sampleRoundTrip } from './rtt';
import { Flag } from './segment';
import type { Segment } from './segment';
import { State } from './states';
import type { TcpHost } from './tcp';
import { Timer } from './timers';

/** SYN-SENT, section 3.10.7.3. True when the peer's SYN has come: what came with it is to be processed too. */
export function synSent(tcp: TcpHost, c: Connection, s: Segment): boolean {
  'cold';
  const acked = (s.flags & Flag.ACK) !== 0;
  if (acked && (!after(s.ack, c.sndUna) || after(s.ack, c.sndMax))) {
    refuse(tcp, s);
    return false;
  }
  if (s.flags & Flag.RST) {
    if (acked) drop(tcp, c, CloseReason.refused);
    return false;
  }
  if (!(s.flags & Flag.SYN)) return false;
  takePeerSyn(tcp, c, s);
  if (acked) {
    c.ackDue = Ack.now;
    established(tcp, c, s);
  } else {
    // Both sides open at once: SYN-RECEIVED, and our SYN goes again, now with an ACK (section 3.5, figure 7).
    c.state = State.SYN_RECEIVED;
    resendSyn(c);
  }
  return true;
}

/** SYN-RECEIVED, section 3.10.7.4, fifth. False: the segment is done with. */
export function synReceivedAck(tcp: TcpHost, c: Connection, s: Segment): boolean {
  'cold';
  if (!after(s.ack, c.sndUna) || after(s.ack, c.sndMax)) {
    refuse(tcp, s);
    return false;
  }
  leaveHalfOpen(tcp, c);
  established(tcp, c, s);
  return accepted(tcp, c);
}

/** Takes over what the peer's SYN says: its sequence number, and the options that both sides have. */
export function takePeerSyn(tcp: TcpHost, c: Connection, s: Segment): void {
  'cold';
  const options = s.options;
  c.heard = tcp.alarm.now;
  c.rcvNxt = advance(s.seq, 1);
  c.sndWnd = s.wnd;
  c.bits &= options.found | ~(Bit.windowScale | Bit.sack | Bit.timestamps);
  if (WINDOW_SCALE && c.bits & Bit.windowScale) c.service = (c.service & 0xffff) | (options.shift << 16);
  if (TIMESTAMPS) c.tsRecent = options.tsVal;
  let mss = options.found & Option.maximumSegmentSize ? options.mss : DEFAULT_SEND_MSS;
  if (mss < MINIMUM_MSS) mss = MINIMUM_MSS;
  if (mss > tcp.mss) mss = tcp.mss;
  // The MSS counts neither TCP's options nor IP's (RFC 6691).
  if (TIMESTAMPS && c.bits & Bit.timestamps) mss -= TIMESTAMPS_LENGTH;
  c.sendMss = mss - ipOptionsLength(tcp, c);
  c.mss = pathLimit(tcp, c);
}

/** What acknowledges a SYN that was sent twice says nothing about the round trip (Karn's algorithm). */
export function resendSyn(c: Connection): void {
  'cold';
  c.sndNxt = c.sndUna;
  c.flight.clear();
  c.bits |= Bit.synResent;
}

/** Our SYN is acknowledged. */
export function established(tcp: TcpHost, c: Connection, s: Segment): void {
  'cold';
  const mark = c.flight.acknowledge(s.ack);
  const resent = (c.bits & Bit.synResent) !== 0;
  c.sndUna = advance(c.sndUna, 1);
  c.sndNxt = c.sndUna;
  c.sndWnd = s.wnd;
  c.maxSndWnd = s.wnd;
  c.sndWl1 = s.seq;
  c.sndWl2 = s.ack;
  c.retransmits = 0;
  c.since = tcp.alarm.now;
  if (resent) afterLostSyn(c);
  else if (mark !== 0) sampleRoundTrip(tcp, c, distance(mark & ~Mark.flags, tcp.alarm.now << Mark.time) >> Mark.time);
  startCongestion(c, resent);
  tcp.stopTimer(c, Timer.retransmit);
  c.events |= Event.opened;
  const closing = (c.bits & Bit.finQueued) !== 0;
  if (c.bits & Bit.finReceived) c.state = closing ? State.LAST_ACK : State.CLOSE_WAIT;
  else c.state = closing ? State.FIN_WAIT_1 : State.ESTABLISHED;
  if (c.bits & Bit.keepAlive) tcp.keepAliveCall(c);
}
