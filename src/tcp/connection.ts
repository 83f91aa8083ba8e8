import type { Platform } from '../../hal/hal';
import type { CloseReason } from './errors';
import type { Listener } from './listener';
import { GAPS } from './constants';
import { Ranges } from './ranges';
import { INITIAL_RTO } from './rtt';
import { State, stateName } from './states';
import { advance } from '../wire/sequence';

/**
 * What an application does about a connection. One object may serve many connections; its methods are called from
 * `Stack.poll`, never from inside a call of the application's.
 */
export interface ConnectionHandler {
  /** The connection is ESTABLISHED. For a passive open, `connection.handler` may be replaced here. */
  opened(connection: Connection): void;
  /** Octets have arrived: `connection.available` says how many. Called again only when more arrive. */
  readable(connection: Connection): void;
  /** After a `write` that filled the buffer: there is room again. */
  writable(connection: Connection): void;
  /** The peer has closed its side and everything before that was read. */
  ended(connection: Connection): void;
  /** The last word. The connection object belongs to the stack again, which will use it for another connection. */
  closed(connection: Connection, reason: CloseReason): void;
}

/** What a connection asks of the TCP that owns it. */
export interface ConnectionOwner {
  readonly platform: Platform;
  /** Sees to it that the connection is looked at in the next poll. */
  schedule(connection: Connection): void;
  /** CLOSE of RFC 9293 section 3.10.4. */
  closeCall(connection: Connection): void;
  /** ABORT of RFC 9293 section 3.10.5. */
  abortCall(connection: Connection): void;
}

/** What has happened that the handler has not heard of yet: bits of `Connection.events`. */
export const enum Event {
  opened = 1,
  readable = 2,
  writable = 4,
  ended = 8,
  closed = 16,
}

/** A connection's slot: the transmission control block of RFC 9293 section 3.3.1 and its two rings. */
export class Connection {
  handler: ConnectionHandler | null = null;
  /** Sends small segments at once: the Nagle algorithm (RFC 9293 section 3.7.4) is off. */
  noDelay = false;

  state: State = State.CLOSED;
  remoteAddress = 0;
  remotePort = 0;
  localPort = 0;
  /** The listener that a passive open came from. */
  listener: Listener | null = null;

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

  constructor(
    private readonly owner: ConnectionOwner,
    /** Which slot this is, from 0: constant, so an application can keep its own tables by it. */
    readonly slot: number,
    sendBuffer: number,
    receiveBuffer: number,
  ) {
    this.sendRing = new Uint8Array(sendBuffer);
    this.receiveRing = new Uint8Array(receiveBuffer);
  }

  /** The state's name as RFC 9293 spells it. */
  get stateName(): string {
    return stateName(this.state);
  }

  /** Octets that `write` would take now. */
  get room(): number {
    return this.mayWrite() ? this.sendRing.length - this.sendQueued : 0;
  }

  /**
   * SEND of RFC 9293 section 3.10.2: queues octets. What is not taken for want of room has to be offered again;
   * `writable` tells when.
   * @returns how many were taken, 0 to `length`
   * @throws Error when the connection is closed or closing, or the range lies outside `bytes`
   */
  write(bytes: Uint8Array, offset: number, length: number): number {
    checkRange('write', bytes, offset, length);
    if (!this.mayWrite()) {
      throw new Error('write: the connection is ' + this.stateName + (this.finQueued ? ', after end()' : ''));
    }
    const size = this.sendRing.length;
    const free = size - this.sendQueued;
    const taken = length < free ? length : free;
    if (taken === free) this.wantsWritable = true;
    if (taken === 0) return 0;
    const at = (this.sendStart + this.sendQueued) % size;
    const first = taken < size - at ? taken : size - at;
    this.owner.platform.copy(bytes, offset, this.sendRing, at, first);
    if (first < taken) this.owner.platform.copy(bytes, offset + first, this.sendRing, 0, taken - first);
    this.sendQueued += taken;
    this.owner.schedule(this);
    return taken;
  }

  /**
   * RECEIVE of RFC 9293 section 3.10.3: takes octets that have arrived, in order.
   * @returns how many were put into `bytes` from `offset`: at most `length`, 0 when none wait
   * @throws Error when the range lies outside `bytes`
   */
  read(bytes: Uint8Array, offset: number, length: number): number {
    checkRange('read', bytes, offset, length);
    const size = this.receiveRing.length;
    const taken = length < this.available ? length : this.available;
    if (taken === 0) return 0;
    const first = taken < size - this.receiveStart ? taken : size - this.receiveStart;
    this.owner.platform.copy(this.receiveRing, this.receiveStart, bytes, offset, first);
    if (first < taken) this.owner.platform.copy(this.receiveRing, 0, bytes, offset + first, taken - first);
    this.consumed(taken);
    return taken;
  }

  /** Closes our side after what is queued (a half-close): reading goes on. Does nothing the second time. */
  end(): void {
    if (!this.finQueued) this.owner.closeCall(this);
  }

  /** Closes our side after what is queued and reads no more: only `closed` is still to come. */
  close(): void {
    if (this.state === State.CLOSED && this.available === 0) return;
    this.discarding = true;
    if (this.available > 0) this.consumed(this.available);
    this.owner.closeCall(this);
  }

  /** Ends the connection at once: the peer gets a RST. `closed(aborted)` follows in the next poll. */
  abort(): void {
    this.owner.abortCall(this);
  }

  /** The window that could be offered now (RFC 9293 section 3.8.6.2.2): not opened by less than a useful amount. */
  windowToOffer(mss: number): number {
    const free = this.receiveRing.length - this.available;
    const gain = free - this.rcvWnd;
    const half = this.receiveRing.length >> 1;
    return gain >= (half < mss ? half : mss) ? free : this.rcvWnd;
  }

  /** Makes the slot ready for another connection. */
  reset(): void {
    this.handler = null;
    this.listener = null;
    this.noDelay = false;
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

  private mayWrite(): boolean {
    const state = this.state;
    return (
      !this.finQueued &&
      (state === State.ESTABLISHED ||
        state === State.CLOSE_WAIT ||
        state === State.SYN_SENT ||
        state === State.SYN_RECEIVED)
    );
  }

  private consumed(count: number): void {
    this.receiveStart = (this.receiveStart + count) % this.receiveRing.length;
    this.available -= count;
    this.owner.schedule(this);
  }
}

function checkRange(method: string, bytes: Uint8Array, offset: number, length: number): void {
  // Also false for what is not a number; the last term for a fraction.
  const end = offset + length;
  if (!(offset >= 0 && length >= 0 && end <= bytes.length) || end !== (end | 0)) {
    throw new Error(method + ': octets ' + offset + ' to ' + end + ' are not within the ' + bytes.length + ' given');
  }
}
