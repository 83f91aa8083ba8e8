import { DEFAULT_SERVICE } from '../ip/ipv4';
import { KEEP_ALIVE_IDLE, KEEP_ALIVE_INTERVAL, KEEP_ALIVE_PROBES, R1, R2 } from './constants';
import { Flight } from './flight';
import { INITIAL_RTO } from './rtt';
import { State } from './states';

/** What is either so or not so about a connection: bits of `ControlBlock.bits`. */
export const enum Bit {
  /** Options of both SYNs, offered or agreed on: the bits of `Option`. */
  windowScale = 2,
  sack = 4,
  timestamps = 8,
  /** Small segments go at once: the Nagle algorithm (RFC 9293 section 3.7.4) is off. */
  noDelay = 1,
  /** The application has closed: a FIN follows the last queued octet, and is not acknowledged yet. */
  finQueued = 0x10,
  /** The peer's FIN has arrived, and everything before it. */
  finReceived = 0x20,
  /** A FIN has arrived behind a gap: it is the last number of the last range. */
  finKept = 0x40,
  /** The application has given up reading: what arrives is acknowledged and thrown away. */
  discarding = 0x80,
  /** In loss recovery, until `recover` is acknowledged. */
  recovering = 0x100,
  /** A reset has to go out, the connection being over. */
  resetDue = 0x200,
  wantsWritable = 0x400,
  /** SYN-RECEIVED came from LISTEN (RFC 9293 MUST-11). */
  passive = 0x800,
  /** Our SYN was sent more than once. */
  synResent = 0x1000,
  keepAlive = 0x2000,
  /** Urgent data is on its way to the peer, up to `sndUp`; has come from it, up to `rcvUp`. */
  sendingUrgent = 0x4000,
  receivingUrgent = 0x8000,
  /** A tail loss probe is out, and it was a segment sent before (RFC 8985 section 7.3). */
  probing = 0x10000,
  probeResent = 0x20000,
  /** The path has delivered segments out of order (RFC 8985 section 6.2). */
  reordering = 0x40000,
  /** A segment came that was here already: see `TcpHost.duplicateStart`. */
  duplicate = 0x80000,
  /** The application has closed for good: data that still arrives is answered with a reset (RFC 9293 SHLD-3). */
  closed = 0x100000,
  /** `marked` is not 0. */
  marked = 0x200000,
  /** There are `gaps`. */
  gaps = 0x400000,
  /** Any of these, and a segment is not what header prediction is about. */
  special = 0x7301f0,
}

/** What has happened that the handler has not heard of yet: bits of `ControlBlock.events`. */
export const enum Event {
  opened = 1,
  readable = 2,
  writable = 4,
  ended = 8,
  closed = 16,
  urgent = 32,
  report = 64,
  /** All but `closed`, which is the last. */
  toTell = 0x6f,
  /** Not told: in the owner's queue of connections to look at. */
  scheduled = 128,
  /** The `SoftError` to report stands in the two bits from here on, the `CloseReason` in those from there on. */
  error = 8,
  reason = 10,
}

/** How urgently an acknowledgment is due: one step for each segment of text (RFC 9293 section 3.8.6.3). */
export const enum Ack {
  none = 0,
  /** It may wait for data to go with. */
  delayed = 1,
  /** Two segments wait: it goes as soon as the application has read them, or has had time to. */
  soon = 2,
  /** From here on: at once. */
  now = 3,
}

/** The transmission control block: the variables of RFC 9293 section 3.3.1 under their names, and the two rings. */
export class ControlBlock {
  state!: State;
  /** Bits of `Bit`. */
  bits!: number;
  /** Bits of `Event`. */
  events!: number;
  /** What the peer is owed: `Ack`. */
  ackDue!: number;

  // Receive sequence variables. RCV.WND is what the peer was told last, less what has arrived since.
  rcvNxt!: number;
  rcvWnd!: number;
  receiveStart!: number;
  /** Octets that wait to be read. */
  available!: number;

  // Send sequence variables. SND.NXT goes back to SND.UNA after a timeout; `sndMax` is the highest it was. SND.UNA is
  // also the number of the oldest octet in the send ring.
  sndUna!: number;
  sndNxt!: number;
  sndMax!: number;
  sndWnd!: number;
  sndWl1!: number;
  sndWl2!: number;
  sendStart!: number;
  sendQueued!: number;
  /** Octets of data that a full segment carries: the effective send MSS of RFC 9293 section 3.7.1. */
  mss!: number;
  cwnd!: number;
  /** Octets in flight that do not count as under way: SACKed or lost. */
  marked!: number;

  remoteAddress!: number;
  /** Our port in the upper half, the peer's in the lower. */
  ports!: number;

  // Retransmission (RFC 6298), times in milliseconds; SRTT times 8, RTTVAR times 4.
  rto!: number;
  srtt!: number;
  rttvar!: number;
  /** Timeouts, or unanswered probes, in a row. */
  retransmits!: number;
  /** When the slot was taken, or SND.UNA moved on last, or data was sent with nothing in flight, or its window was found closed. */
  since!: number;
  /** When the last segment of the peer's came. */
  heard!: number;
  /** TS.Recent of RFC 7323. */
  tsRecent!: number;

  // Congestion control (RFC 5681), octets.
  ssthresh!: number;
  duplicateAcks!: number;
  recover!: number;
  // CUBIC (RFC 9438): W_max, W_est, K and the start of the epoch in milliseconds.
  wMax!: number;
  wEst!: number;
  cubicK!: number;
  epoch!: number;
  // RACK-TLP (RFC 8985): the latest segment delivered, as it was sent; times in milliseconds.
  rackTime!: number;
  rackEnd!: number;
  rackRtt!: number;
  minRtt!: number;
  tlpEnd!: number;

  /** The largest window that the peer has offered. */
  maxSndWnd!: number;
  /** The send MSS: what the peer takes, less our options, before the path is asked. */
  sendMss!: number;
  /** SND.UP and RCV.UP: the number that follows the urgent data. */
  sndUp!: number;
  rcvUp!: number;
  /** The segment that arrived out of order last. */
  lastOutOfOrder!: number;

  // What the application may set; times in milliseconds.
  keepAliveIdle!: number;
  keepAliveInterval!: number;
  userTimeout!: number;
  /** Probes of keep-alive that were sent, octet 3, and that may be; R2 and R1: octets 2 to 0. */
  limits!: number;
  /** Probes of a closed window since it closed: octet 3; the peer's window scale: octet 2; type of service and time to live. */
  service!: number;

  /** The segments that wait for an acknowledgment: the RFC's retransmission queue. */
  readonly flight: Flight;
  readonly sendRing: Uint8Array;
  readonly receiveRing: Uint8Array;

  /** Sizes of the rings in octets; `segments` may be in flight at once. */
  constructor(sendBuffer: number, receiveBuffer: number, segments: number) {
    this.sendRing = new Uint8Array(sendBuffer);
    this.receiveRing = new Uint8Array(receiveBuffer);
    this.flight = new Flight(segments);
    this.state = State.CLOSED;
    this.events = 0;
    this.remoteAddress = 0;
    this.ports = 0;
    this.renew();
  }

  /** Makes the block ready for another connection, whose ends are given later: of the last one they can still be read. */
  renew(): void {
    'cold';
    // Still in the queue, perhaps.
    this.events &= Event.scheduled;
    this.bits = 0;
    this.ackDue = 0;
    this.rcvNxt = 0;
    this.receiveStart = 0;
    this.available = 0;
    this.sndUna = 0;
    this.sndNxt = 0;
    this.sndMax = 0;
    this.sndWnd = 0;
    this.sndWl1 = 0;
    this.sndWl2 = 0;
    this.sendStart = 0;
    this.sendQueued = 0;
    this.mss = 0;
    this.cwnd = 0;
    this.marked = 0;
    this.srtt = 0;
    this.rttvar = 0;
    this.retransmits = 0;
    this.since = 0;
    this.heard = 0;
    this.tsRecent = 0;
    this.ssthresh = 0;
    this.duplicateAcks = 0;
    this.recover = 0;
    this.wMax = 0;
    this.wEst = 0;
    this.cubicK = 0;
    this.epoch = 0;
    this.rackTime = 0;
    this.rackEnd = 0;
    this.rackRtt = 0;
    this.minRtt = 0;
    this.tlpEnd = 0;
    this.maxSndWnd = 0;
    this.sendMss = 0;
    this.sndUp = 0;
    this.rcvUp = 0;
    this.lastOutOfOrder = 0;
    this.userTimeout = 0;
    this.rcvWnd = this.receiveRing.length;
    this.rto = INITIAL_RTO;
    this.keepAliveIdle = KEEP_ALIVE_IDLE;
    this.keepAliveInterval = KEEP_ALIVE_INTERVAL;
    this.limits = (KEEP_ALIVE_PROBES << 16) | (R2 << 8) | R1;
    this.service = DEFAULT_SERVICE;
    this.flight.clear();
  }

  /** Chooses the initial send sequence number. */
  startSequence(iss: number): void {
    'cold';
    this.sndUna = iss;
    this.sndNxt = iss;
    this.sndMax = iss;
    this.recover = iss;
  }
}
