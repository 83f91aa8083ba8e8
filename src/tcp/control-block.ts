import { GAPS, KEEP_ALIVE_IDLE, KEEP_ALIVE_INTERVAL, KEEP_ALIVE_PROBES } from './constants';
import type { CloseReason } from './errors';
import { Ranges } from './ranges';
import { INITIAL_RTO } from './rtt';
import { State } from './states';
import { advance } from '../wire/sequence';

/** The transmission control block: the variables of RFC 9293 section 3.3.1 under their names, and the two rings. */
export class ControlBlock {
  /** Sends small segments at once: the Nagle algorithm (RFC 9293 section 3.7.4) is off. */
  noDelay = false;

  state: State = State.CLOSED;
  remoteAddress = 0;
  remotePort = 0;
  localPort = 0;

  // Send sequence variables. SND.NXT goes back to SND.UNA for a retransmission; `sndMax` is the highest it was.
  sndUna = 0;
  sndNxt = 0;
  sndMax = 0;
  sndWnd = 0;
  sndWl1 = 0;
  sndWl2 = 0;
  iss = 0;
  /** The largest window that the peer has offered. */
  maxSndWnd = 0;
  /** Octets that a full segment carries: the effective send MSS of RFC 9293 section 3.7.1. */
  mss = 0;

  // Receive sequence variables. RCV.WND is what the peer was told last, less what has arrived since.
  rcvNxt = 0;
  rcvWnd = 0;
  irs = 0;

  readonly sendRing: Uint8Array;
  /** Index of the oldest octet in the ring and its sequence number, and how many octets are queued. */
  sendStart = 0;
  sendSeq = 0;
  sendQueued = 0;
  /** The application has closed: a FIN follows the last queued octet. */
  finQueued = false;

  readonly receiveRing: Uint8Array;
  receiveStart = 0;
  /** Octets that wait to be read. */
  available = 0;
  /** What has arrived behind a gap; it stands in the ring already. */
  readonly gaps = new Ranges(GAPS);
  /** A FIN has arrived behind a gap: its sequence number. */
  finKept = false;
  finSeq = 0;
  /** The peer's FIN has arrived, and everything before it. */
  finReceived = false;
  /** The application has given up reading: what arrives is acknowledged and thrown away. */
  discarding = false;

  // Retransmission (RFC 6298), times in milliseconds.
  rto = INITIAL_RTO;
  srtt = 0;
  rttvar = 0;
  /** A round trip is being measured: to this sequence number, since then. */
  timing = false;
  timedSeq = 0;
  timedSince = 0;
  /** Timeouts, or unanswered probes, in a row. */
  retransmits = 0;
  synRetransmitted = false;
  /** Probes of a closed window since it closed. */
  probes = 0;
  /** When the slot was taken. */
  since = 0;

  // Keep-alive (RFC 9293 section 3.8.4), times in milliseconds: see `setKeepAlive`.
  keepAlive = false;
  keepAliveIdle = KEEP_ALIVE_IDLE;
  keepAliveInterval = KEEP_ALIVE_INTERVAL;
  keepAliveProbes = KEEP_ALIVE_PROBES;
  /** Probes sent since the peer was heard. */
  keepAliveSent = 0;
  /** When the last segment of the peer's came. */
  heard = 0;

  // Congestion control (RFC 5681), octets.
  cwnd = 0;
  ssthresh = 0;
  duplicateAcks = 0;
  recovering = false;
  recover = 0;

  /** A reset has to go out, the connection being over. */
  resetDue = false;
  /** An acknowledgment has to go out now; full segments that wait for a delayed one. */
  ackNow = false;
  segmentsToAck = 0;

  /** Bits of `Event`. */
  events = 0;
  reason: CloseReason = 0;
  wantsWritable = false;
  /** In the owner's queue of connections to look at. */
  scheduled = false;

  /** Sizes of the rings in octets. */
  constructor(sendBuffer: number, receiveBuffer: number) {
    this.sendRing = new Uint8Array(sendBuffer);
    this.receiveRing = new Uint8Array(receiveBuffer);
  }

  /** The window that could be offered now (RFC 9293 section 3.8.6.2.2): not opened by less than a useful amount. */
  windowToOffer(mss: number): number {
    const free = this.receiveRing.length - this.available;
    const gain = free - this.rcvWnd;
    const half = this.receiveRing.length >> 1;
    return gain >= (half < mss ? half : mss) ? free : this.rcvWnd;
  }

  /** Makes the block ready for another connection. */
  reset(): void {
    this.noDelay = false;
    this.keepAlive = false;
    this.keepAliveIdle = KEEP_ALIVE_IDLE;
    this.keepAliveInterval = KEEP_ALIVE_INTERVAL;
    this.keepAliveProbes = KEEP_ALIVE_PROBES;
    this.sndWnd = 0;
    this.maxSndWnd = 0;
    this.sendStart = 0;
    this.sendQueued = 0;
    this.finQueued = false;
    this.receiveStart = 0;
    this.available = 0;
    this.rcvNxt = 0;
    this.gaps.clear();
    this.finKept = false;
    this.finReceived = false;
    this.discarding = false;
    this.rto = INITIAL_RTO;
    this.srtt = 0;
    this.timing = false;
    this.retransmits = 0;
    this.synRetransmitted = false;
    this.probes = 0;
    this.recovering = false;
    this.resetDue = false;
    this.ackNow = false;
    this.segmentsToAck = 0;
    this.events = 0;
    this.wantsWritable = false;
    this.rcvWnd = this.receiveRing.length;
  }

  /** Chooses the initial send sequence number. */
  startSequence(iss: number): void {
    this.iss = iss;
    this.sndUna = iss;
    this.sndNxt = iss;
    this.sndMax = iss;
    this.sendSeq = advance(iss, 1);
  }
}
