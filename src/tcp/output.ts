import { Ip, Protocol, Sent } from '../ip/ipv4';
import { put16, put32 } from '../wire/bytes';
import { addSums, pseudoHeaderSum } from '../wire/checksum';
import type { Connection } from './connection';
import { limitedTransmit } from './congestion';
import { MAXIMUM_PROBE_INTERVAL } from './constants';
import { CloseReason } from './errors';
import { SYN_OPTIONS, writeSynOptions } from './options';
import { Flag, Tcp } from './segment';
import type { Segment } from './segment';
import { State } from './states';
import { Timer } from './timers';
import type { TcpHost } from './tcp';
import { advance, after, before, distance } from '../wire/sequence';

/** Where a segment's header and data stand in the transmit frame. */
const HEADER = Ip.payload;
const DATA = Ip.payload + Tcp.header;

/** Sends what the windows, Nagle's algorithm and the silly-window rule allow. False: the transmitter is busy. */
export function output(tcp: TcpHost, c: Connection): boolean {
  if (c.state === State.SYN_SENT || c.state === State.SYN_RECEIVED) return outputSyn(tcp, c);
  if (c.state === State.CLOSED) return true;
  if (c.state === State.TIME_WAIT) return !c.ackNow || sendControl(tcp, c, Flag.ACK);
  while (mayProceed(c)) {
    if (!outputNext(tcp, c)) return false;
  }
  if (shouldPersist(tcp, c)) startPersist(tcp, c);
  const offer = c.windowToOffer(tcp.mss);
  if (c.ackNow || (offer > c.rcvWnd && windowUpdateDue(tcp, c, offer))) return sendControl(tcp, c, Flag.ACK);
  return true;
}

function outputSyn(tcp: TcpHost, c: Connection): boolean {
  'cold';
  if (c.sndNxt === c.iss) {
    return sendSegment(tcp, c, c.iss, 0, c.state === State.SYN_SENT ? Flag.SYN : Flag.SYN | Flag.ACK);
  }
  return !c.ackNow || build(tcp, c, c.sndNxt, 0, Flag.ACK);
}

/** Octets queued that SND.NXT has not passed yet; -1 when it has passed our FIN too. */
function unsent(c: Connection): number {
  return c.sendQueued - distance(c.sendSeq, c.sndNxt);
}

/** Octets that the peer's window and the congestion window leave for now. */
function usableWindow(c: Connection): number {
  const congestion = c.duplicateAcks === 0 ? c.cwnd : c.cwnd + limitedTransmit(c);
  const window = c.sndWnd < congestion ? c.sndWnd : congestion;
  return window - distance(c.sndUna, c.sndNxt);
}

/** True when the next segment should go now (RFC 9293 sections 3.7.4 and 3.8.6.2.1). */
function mayProceed(c: Connection): boolean {
  const waiting = unsent(c);
  const window = usableWindow(c);
  const finDue = c.finQueued && waiting >= 0;
  if ((waiting <= 0 && !finDue) || window <= 0) return false;
  const length = waiting < window ? waiting : window;
  if (length >= c.mss) return true;
  if (finDue && length === waiting) return true;
  if (!c.noDelay && c.sndNxt !== c.sndUna) return before(c.sndNxt, c.sndMax);
  return length === waiting || length >= c.maxSndWnd >> 1 || before(c.sndNxt, c.sndMax);
}

/** Sends as much as one segment and the windows take. */
export function outputNext(tcp: TcpHost, c: Connection): boolean {
  const waiting = unsent(c);
  const window = usableWindow(c);
  let length = waiting < window ? waiting : window;
  if (length > c.mss) length = c.mss;
  let flags: number = Flag.ACK;
  if (length === waiting) {
    if (length > 0) flags |= Flag.PSH;
    // The FIN takes a sequence number, so it too has to fit the window.
    if (c.finQueued && length < window) flags |= Flag.FIN;
  }
  return sendSegment(tcp, c, c.sndNxt, length, flags);
}

/** True when something waits that only a window update could release. */
export function isHeldBack(c: Connection): boolean {
  const waiting = unsent(c);
  return c.sndNxt === c.sndUna && (waiting > 0 || (c.finQueued && waiting === 0));
}

function shouldPersist(tcp: TcpHost, c: Connection): boolean {
  return isHeldBack(c) && !tcp.isRunning(c, Timer.persist) && !tcp.isRunning(c, Timer.retransmit);
}

/** Waits for the next probe: the retransmission timeout first, twice as long each time. */
export function startPersist(tcp: TcpHost, c: Connection): void {
  'cold';
  const doublings = c.probes < 7 ? c.probes : 7;
  const interval = c.rto << doublings;
  tcp.startTimer(c, Timer.persist, interval < MAXIMUM_PROBE_INTERVAL ? interval : MAXIMUM_PROBE_INTERVAL);
}

/** A window is worth a segment of its own when it was closed, or has grown by two segments or half the buffer. */
function windowUpdateDue(tcp: TcpHost, c: Connection, offer: number): boolean {
  if (c.finReceived) return false;
  const gain = offer - c.rcvWnd;
  return c.rcvWnd < tcp.mss || gain >= tcp.mss * 2 || gain >= c.receiveRing.length >> 1;
}

/** Sends one octet, or the FIN, beyond a closed window (RFC 9293 section 3.8.6.1). */
export function sendProbe(tcp: TcpHost, c: Connection): boolean {
  'cold';
  const flags = c.sendQueued === 0 ? Flag.ACK | Flag.FIN : Flag.ACK;
  const length = c.sendQueued === 0 ? 0 : 1;
  if (!build(tcp, c, c.sndUna, length, flags)) return false;
  const end = advance(c.sndUna, 1);
  if (after(end, c.sndMax)) c.sndMax = end;
  return true;
}

/** Asks the peer for an acknowledgment by a segment it has acknowledged already (RFC 9293 section 3.8.4). */
export function sendKeepAlive(tcp: TcpHost, c: Connection): boolean {
  'cold';
  return build(tcp, c, advance(c.sndMax, -1), 0, Flag.ACK);
}

/** True when our FIN has been sent at least once. */
export function finSent(c: Connection): boolean {
  return c.finQueued && c.sndMax === advance(c.sendSeq, c.sendQueued + 1);
}

/** Sends the segment at SND.UNA again, whatever SND.NXT is: fast retransmit. */
export function resendFirst(tcp: TcpHost, c: Connection): boolean {
  'cold';
  const flight = distance(c.sndUna, c.sndMax);
  let length = c.sendQueued < flight ? c.sendQueued : flight;
  if (length > c.mss) length = c.mss;
  const fin = length === c.sendQueued && finSent(c);
  c.timing = false;
  tcp.counters.retransSegs++;
  return build(tcp, c, c.sndUna, length, fin ? Flag.ACK | Flag.PSH | Flag.FIN : Flag.ACK | Flag.PSH);
}

/** Sends a segment that takes sequence numbers, and starts what waits for its acknowledgment. */
function sendSegment(tcp: TcpHost, c: Connection, seq: number, length: number, flags: number): boolean {
  if (!build(tcp, c, seq, length, flags)) return false;
  if (c.state === State.CLOSED) return true;
  const end = advance(seq, length + (flags & (Flag.SYN | Flag.FIN) ? 1 : 0));
  const fresh = after(end, c.sndMax);
  c.sndNxt = end;
  if (fresh) {
    // Karn's algorithm: only what is sent for the first time is timed.
    if (!c.timing && seq === c.sndMax) {
      c.timing = true;
      c.timedSeq = end;
      c.timedSince = tcp.now;
    }
    c.sndMax = end;
  } else {
    tcp.counters.retransSegs++;
  }
  tcp.stopTimer(c, Timer.persist);
  if (!tcp.isRunning(c, Timer.retransmit)) tcp.startTimer(c, Timer.retransmit, c.rto);
  return true;
}

/**
 * Sends a segment without data: an acknowledgment or a reset. Its sequence number is the highest that was sent, which
 * a retransmission does not take back, but not beyond the peer's window, where the peer would not look at it.
 */
export function sendControl(tcp: TcpHost, c: Connection, flags: number): boolean {
  const beyond = distance(c.sndUna, c.sndMax) > c.sndWnd;
  return build(tcp, c, beyond ? advance(c.sndUna, c.sndWnd) : c.sndMax, 0, flags);
}

/** Builds one segment around its data, which is copied from the send ring, and sends it. False: busy. */
function build(tcp: TcpHost, c: Connection, seq: number, length: number, flags: number): boolean {
  if (!tcp.link.ready()) return false;
  const frame = tcp.link.frame;
  let header = Tcp.header as number;
  if (flags & Flag.SYN) {
    writeSynOptions(frame, DATA, tcp.mss);
    header += SYN_OPTIONS;
  } else if (length > 0) {
    copyFromRing(tcp, c, seq, frame, length);
  }
  c.rcvWnd = c.windowToOffer(tcp.mss);
  writeHeader(frame, c.localPort, c.remotePort, seq, c.rcvNxt, flags, header, c.rcvWnd);
  const sent = send(tcp, c.remoteAddress, header + length);
  if (sent === Sent.busy) return false;
  if (sent === Sent.unreachable && flags & Flag.SYN) tcp.drop(c, CloseReason.unreachable);
  if (flags & Flag.ACK) {
    c.ackNow = false;
    c.segmentsToAck = 0;
    tcp.stopTimer(c, Timer.delayedAck);
  }
  return true;
}

function copyFromRing(tcp: TcpHost, c: Connection, seq: number, frame: Uint8Array, length: number): void {
  const size = c.sendRing.length;
  const at = (c.sendStart + distance(c.sendSeq, seq)) % size;
  const first = length < size - at ? length : size - at;
  tcp.platform.copy(c.sendRing, at, frame, DATA, first);
  if (first < length) tcp.platform.copy(c.sendRing, 0, frame, DATA + first, length - first);
}

function writeHeader(
  frame: Uint8Array,
  sourcePort: number,
  destinationPort: number,
  seq: number,
  ack: number,
  flags: number,
  header: number,
  window: number,
): void {
  put16(frame, HEADER + Tcp.sourcePort, sourcePort);
  put16(frame, HEADER + Tcp.destinationPort, destinationPort);
  put32(frame, HEADER + Tcp.sequence, seq);
  put32(frame, HEADER + Tcp.acknowledgment, flags & Flag.ACK ? ack : 0);
  put16(frame, HEADER + Tcp.dataOffset, (header << 10) | flags);
  put16(frame, HEADER + Tcp.window, window);
  put32(frame, HEADER + Tcp.checksum, 0);
}

/** Completes the checksum and hands the segment to IP. */
function send(tcp: TcpHost, destination: number, length: number): Sent {
  const frame = tcp.link.frame;
  const sum = addSums(
    tcp.platform.checksum(frame, HEADER, length),
    pseudoHeaderSum(tcp.ip.address, destination, Protocol.tcp, length),
  );
  put16(frame, HEADER + Tcp.checksum, ~sum);
  const sent = tcp.ip.send(destination, Protocol.tcp, length, tcp.now);
  if (sent === Sent.yes) tcp.counters.outSegs++;
  return sent;
}

/** Answers a segment that belongs to no connection with a reset (RFC 9293 section 3.10.7.1). */
export function refuse(tcp: TcpHost, s: Segment): void {
  'cold';
  if (s.flags & Flag.RST) return;
  const length = s.length + (s.flags & Flag.SYN ? 1 : 0) + (s.flags & Flag.FIN ? 1 : 0);
  let sent: boolean;
  if (s.flags & Flag.ACK) sent = answer(tcp, s, s.ack, 0, Flag.RST);
  else sent = answer(tcp, s, 0, advance(s.seq, length), Flag.RST | Flag.ACK);
  if (sent) tcp.counters.outRsts++;
}

/** Sends a segment without data and without a connection to where `s` came from. Lost when the transmitter is busy. */
export function answer(tcp: TcpHost, s: Segment, seq: number, ack: number, flags: number): boolean {
  'cold';
  if (!tcp.link.ready()) return false;
  writeHeader(tcp.link.frame, s.destinationPort, s.sourcePort, seq, ack, flags, Tcp.header, 0);
  return send(tcp, s.source, Tcp.header) === Sent.yes;
}
