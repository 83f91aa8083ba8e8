import { SACK, SOURCE_ROUTE, TIMESTAMPS, WINDOW_SCALE } from '../features';
import { Ip, Protocol, Sent } from '../ip/ipv4';
import { put16, put32 } from '../wire/bytes';
import { addSums, pseudoHeaderSum } from '../wire/checksum';
import { advance, after, before, distance } from '../wire/sequence';
import { restartAfterIdle } from './congestion';
import type { Connection } from './connection';
import { Ack, Bit } from './control-block';
import { CloseReason } from './errors';
import { Mark } from './flight';
import { drop } from './lifecycle';
import { TIMESTAMPS_LENGTH, writeSynOptions, writeTimestamps } from './options';
import { isHeldBack, persist, untilUserTimeout } from './persist';
import { startProbeTimer } from './rack';
import { resendLost } from './recovery';
import { copyFromRing } from './ring';
import { writeSack } from './sack';
import { Flag, Tcp } from './segment';
import { sendRouted } from './source-route';
import { State } from './states';
import type { TcpHost } from './tcp';
import { Timer } from './timers';
import { urgentPointer } from './urgent';

/** Where a segment's header stands in the transmit frame, and what follows it. */
export const HEADER = Ip.payload;
export const DATA = Ip.payload + Tcp.header;

/** Octets that a SACK option with one block takes of a segment with data. */
const SACK_RESERVE = 12;

/** Flags of segments that go by the connection's template. */
const PLAIN = Flag.ACK | Flag.PSH | Flag.FIN;

/** What became of an attempt to send the next segment. */
export const enum Outcome {
  nothing = 0,
  sent = 1,
  /** The transmitter is busy. */
  busy = 2,
}

/** Sends what the windows, Nagle's algorithm and the silly-window rule allow. False: the transmitter is busy. */
export function output(tcp: TcpHost, c: Connection): boolean {
  let free = true;
  if (c.state <= State.SYN_RECEIVED) {
    free = outputSyn(tcp, c);
  } else if (c.state >= State.TIME_WAIT) {
    free = outputLast(tcp, c);
  } else {
    if (c.marked > 0) free = resendLost(tcp, c);
    // -1 when our FIN is in flight too.
    const waiting = c.sendQueued - distance(c.sndUna, c.sndNxt);
    if (free && (waiting > 0 || (waiting === 0 && c.bits & Bit.finQueued))) free = outputData(tcp, c);
    const offer = windowToOffer(tcp, c);
    const due = c.ackDue >= Ack.now || (c.ackDue === Ack.soon && c.available === 0);
    if (free && (due || (offer > c.rcvWnd && windowUpdateDue(tcp, c, offer)))) free = sendControl(tcp, c, Flag.ACK);
  }
  return free;
}

function outputData(tcp: TcpHost, c: Connection): boolean {
  'cold';
  let outcome: Outcome;
  do {
    outcome = outputNext(tcp, c, false);
  } while (outcome === Outcome.sent && c.sndNxt !== advance(c.sndUna, c.sendQueued));
  if (outcome === Outcome.busy) return false;
  if (c.flight.count === 0 && isHeldBack(c)) persist(tcp, c);
  return true;
}

function outputSyn(tcp: TcpHost, c: Connection): boolean {
  'cold';
  if (c.sndNxt === c.sndUna) {
    return sendSegment(tcp, c, c.sndUna, 0, c.state === State.SYN_SENT ? Flag.SYN : Flag.SYN | Flag.ACK);
  }
  return c.ackDue < Ack.now || build(tcp, c, c.sndNxt, 0, Flag.ACK);
}

/** What is left to say when the connection is over: an acknowledgment of the peer's FIN. */
function outputLast(tcp: TcpHost, c: Connection): boolean {
  'cold';
  return c.state === State.CLOSED || c.ackDue < Ack.now || sendControl(tcp, c, Flag.ACK);
}

/**
 * Sends the next segment that has not been sent, or that goes again after a timeout, if it should go now (RFC 9293
 * sections 3.7.4 and 3.8.6.2.1).
 * @param forced what fits the windows goes, however little it is
 */
export function outputNext(tcp: TcpHost, c: Connection, forced: boolean): Outcome {
  'cold';
  const flight = distance(c.sndUna, c.sndNxt);
  // -1 when our FIN is in flight too.
  const waiting = c.sendQueued - flight;
  const finDue = (c.bits & Bit.finQueued) !== 0 && waiting >= 0;
  const congestion = c.cwnd + c.marked;
  const window = (c.sndWnd < congestion ? c.sndWnd : congestion) - flight;
  if ((waiting <= 0 && !finDue) || window <= 0 || c.flight.count > c.flight.mask) return Outcome.nothing;
  const full = SACK && tcp.slots.gaps.counts[c.slot] > 0 && c.bits & Bit.sack ? c.mss - SACK_RESERVE : c.mss;
  let length = waiting < window ? waiting : window;
  if (length >= full) {
    length = full;
  } else if (!forced && !(finDue && length === waiting) && c.sndNxt === c.sndMax) {
    if (flight > 0 && !(c.bits & (Bit.noDelay | Bit.sendingUrgent))) return Outcome.nothing;
    if (length < waiting && length < c.maxSndWnd >> 1) return Outcome.nothing;
  }
  let flags: number = Flag.ACK;
  if (length === waiting) {
    if (length > 0) flags |= Flag.PSH;
    // The FIN takes a sequence number, so it too has to fit the window.
    if (finDue && length < window) flags |= Flag.FIN;
  }
  return sendSegment(tcp, c, c.sndNxt, length, flags) ? Outcome.sent : Outcome.busy;
}

/**
 * The retransmission timer starts anew, and that of the probe at the tail. What acknowledges new data does that only when it
 * makes the timeout shorter (RFC 6298 section 5, (5.2) and (5.3)): see `retransmitTimeout`.
 */
export function startRetransmission(tcp: TcpHost, c: Connection): void {
  'cold';
  const wait = c.userTimeout === 0 ? c.rto : untilUserTimeout(tcp, c, c.rto);
  tcp.timers.start(c.slot * Timer.kinds + Timer.retransmit, advance(tcp.alarm.now, wait));
  if (SACK && c.bits & Bit.sack) startProbeTimer(tcp, c);
}

/** A window is worth a segment of its own when it was closed, or has grown by two segments or half the buffer. */
function windowUpdateDue(tcp: TcpHost, c: Connection, offer: number): boolean {
  'cold';
  if (c.bits & Bit.finReceived) return false;
  const gain = offer - c.rcvWnd;
  return c.rcvWnd < tcp.mss || gain >= tcp.mss * 2 || gain >= tcp.receiveSize >> 1;
}

/** The window that could be offered now (RFC 9293 section 3.8.6.2.2): not opened by less than a useful amount. */
export function windowToOffer(tcp: TcpHost, c: Connection): number {
  'inline';
  const free = tcp.receiveSize - c.available;
  return free - c.rcvWnd >= tcp.usefulWindow ? free : c.rcvWnd;
}

/** Sends one octet, or the FIN, beyond a closed window (RFC 9293 section 3.8.6.1). */
export function sendProbe(tcp: TcpHost, c: Connection): boolean {
  'cold';
  const length = c.sendQueued === 0 ? 0 : 1;
  if (!build(tcp, c, c.sndUna, length, length === 0 ? Flag.ACK | Flag.FIN : Flag.ACK)) return false;
  const end = advance(c.sndUna, 1);
  if (after(end, c.sndMax)) c.sndMax = end;
  return true;
}

/** Asks the peer for an acknowledgment by a segment it has acknowledged already (RFC 9293 section 3.8.4). */
export function sendKeepAlive(tcp: TcpHost, c: Connection): boolean {
  'cold';
  return build(tcp, c, advance(c.sndMax, -1), 0, Flag.ACK);
}

/** Sends a segment that is in flight again: from `start` up to `end`. */
export function resend(tcp: TcpHost, c: Connection, start: number, end: number): boolean {
  'cold';
  const offset = distance(c.sndUna, start);
  let length = distance(start, end);
  let flags = Flag.ACK | Flag.PSH;
  if (offset + length > c.sendQueued) {
    length = c.sendQueued - offset;
    flags |= Flag.FIN;
  }
  if (!build(tcp, c, start, length, flags)) return false;
  tcp.counters.retransSegs++;
  return true;
}

/** Sends a segment that takes sequence numbers, and starts what waits for its acknowledgment. */
function sendSegment(tcp: TcpHost, c: Connection, seq: number, length: number, flags: number): boolean {
  'cold';
  if (!build(tcp, c, seq, length, flags)) return false;
  if (c.state === State.CLOSED) return true;
  const flight = c.flight;
  const end = advance(seq, length + (flags & (Flag.SYN | Flag.FIN) ? 1 : 0));
  if (flight.count === 0) startFlight(tcp, c);
  c.sndNxt = end;
  if (seq === c.sndMax) {
    flight.push(end, tcp.alarm.now, 0);
  } else {
    flight.push(end, tcp.alarm.now, Mark.resent);
    tcp.counters.retransSegs++;
  }
  if (after(end, c.sndMax)) c.sndMax = end;
  if (!tcp.isRunning(c, Timer.retransmit)) startRetransmission(tcp, c);
  else if (SACK && c.bits & Bit.sack) startProbeTimer(tcp, c);
  return true;
}

/** The first segment after everything was acknowledged. */
export function startFlight(tcp: TcpHost, c: Connection): void {
  const idle = distance(c.flight.lastSent & ~Mark.flags, tcp.alarm.now << Mark.time) >> Mark.time;
  if (idle > c.rto && c.state >= State.ESTABLISHED) restartAfterIdle(c);
  if (!before(c.sndNxt, c.sndMax)) c.since = tcp.alarm.now;
  tcp.stopTimer(c, Timer.persist);
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
  if (tcp.link.held !== null) return false;
  if (tcp.link.owner === c.slot && !(flags & ~PLAIN) && !(c.bits & (Bit.duplicate | Bit.sendingUrgent | Bit.gaps))) {
    const window = windowToOffer(tcp, c);
    let data = c.sendRing;
    let at = length > 0 ? (c.sendStart + distance(c.sndUna, seq)) % tcp.sendSize : 0;
    if (at + length > tcp.sendSize) {
      // From the ring's end and its beginning.
      data = tcp.link.frame;
      at = DATA;
      copyText(tcp, c, seq, data, at, length);
    }
    const sent = tcp.template.send(tcp, c, seq, flags, window, data, at, length);
    if (sent) {
      c.rcvWnd = window;
      c.ackDue = 0;
    }
    return sent;
  }
  return buildAnew(tcp, c, seq, length, flags);
}

/** The same for a segment that is not like the last of its connection. */
function buildAnew(tcp: TcpHost, c: Connection, seq: number, length: number, flags: number): boolean {
  'cold';
  const frame = tcp.link.frame;
  let at = DATA as number;
  let shift = WINDOW_SCALE && c.bits & Bit.windowScale ? tcp.shift : 0;
  if (flags & Flag.SYN) {
    at = writeSynOptions(frame, at, tcp.mss, c.bits, tcp.shift);
    shift = 0;
  }
  if (TIMESTAMPS && c.bits & Bit.timestamps) {
    writeTimestamps(frame, at, tcp.timestamp(), c.tsRecent);
    at += TIMESTAMPS_LENGTH;
  }
  if (SACK && (tcp.slots.gaps.counts[c.slot] > 0 || c.bits & Bit.duplicate)) at = writeSack(tcp, c, frame, at, length);
  if (length > 0) copyText(tcp, c, seq, frame, at, length);
  const window = windowToOffer(tcp, c);
  c.rcvWnd = window;
  put16(frame, HEADER + Tcp.window, window >> shift > 0xffff ? 0xffff : window >> shift);
  put32(frame, HEADER + Tcp.checksum, 0);
  if (c.bits & Bit.sendingUrgent) flags |= urgentPointer(c, frame, seq);
  writeHeader(frame, c.ports, seq, c.rcvNxt, ((at - HEADER) << 10) | flags);
  const sent = send(tcp, c, c.remoteAddress, at - HEADER + length, c.service & 0xffff);
  if (sent === Sent.busy) return false;
  if (sent === Sent.unreachable && flags & Flag.SYN) drop(tcp, c, CloseReason.unreachable);
  c.ackDue = 0;
  tcp.template.wanted(tcp, c);
  return true;
}

function copyText(tcp: TcpHost, c: Connection, seq: number, frame: Uint8Array, to: number, length: number): void {
  'cold';
  copyFromRing(tcp.platform, c.sendRing, (c.sendStart + distance(c.sndUna, seq)) % tcp.sendSize, frame, to, length);
}

/** Writes the header's first words: ports (ours in the upper half), numbers, and the word of data offset and flags. */
export function writeHeader(frame: Uint8Array, ports: number, seq: number, ack: number, offsetAndFlags: number): void {
  'cold';
  put32(frame, HEADER + Tcp.sourcePort, ports);
  put32(frame, HEADER + Tcp.sequence, seq);
  put32(frame, HEADER + Tcp.acknowledgment, offsetAndFlags & Flag.ACK ? ack : 0);
  put16(frame, HEADER + Tcp.dataOffset, offsetAndFlags);
}

/** Completes the checksum and hands the segment to IP. */
export function send(tcp: TcpHost, c: Connection | null, destination: number, length: number, service: number): Sent {
  'cold';
  const frame = tcp.link.frame;
  const sum = addSums(
    tcp.platform.checksum(frame, HEADER, length),
    pseudoHeaderSum(tcp.ip.address, destination, Protocol.tcp, length),
  );
  put16(frame, HEADER + Tcp.checksum, ~sum);
  const sent =
    SOURCE_ROUTE && c !== null && tcp.routes.has(c.slot)
      ? sendRouted(tcp, c, length)
      : tcp.ip.send(destination, Protocol.tcp, length, tcp.alarm.now, service);
  if (sent === Sent.yes) tcp.counters.outSegs++;
  return sent;
}
