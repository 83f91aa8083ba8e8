import type { Platform } from '../../hal/hal';
import { checkCount, checkRange, checkWritable } from './checks';
import { Ack, Bit, ControlBlock } from './control-block';
import type { CloseReason, SoftError } from './errors';
import type { Listener } from './listener';
import { copyFromRing, copyIntoRing } from './ring';
import { State, stateName } from './states';
import type { ConnectionStatus } from './status';
import { markUrgent, urgentOctets } from './urgent';

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
  /** The peer has announced urgent data, or its end has moved on: see `urgentAvailable` (RFC 9293 section 3.8.5). */
  urgent?(connection: Connection): void;
  /**
   * Text that comes next in order while nothing waits to be read: the application may take it where it stands, before it
   * goes into the buffer. The octets stay there until this returns, and nothing else may be called meanwhile.
   * @returns true when all of it was taken
   */
  accepts?(connection: Connection, bytes: Uint8Array, offset: number, length: number): boolean;
  /** Something is wrong that may pass (RFC 9293 section 3.9.1.8). Left out, nothing is lost. */
  report?(connection: Connection, error: SoftError): void;
}

/** What a connection asks of the TCP that owns it. */
export interface ConnectionOwner {
  readonly platform: Platform;
  /** Octets of every connection's rings. */
  readonly sendSize: number;
  readonly receiveSize: number;
  /** Octets by which a window is opened at least (RFC 9293 section 3.8.6.2.2). */
  readonly usefulWindow: number;
  /** Sees to it that the connection is looked at in the next poll. */
  schedule(connection: Connection): void;
  /** CLOSE of RFC 9293 section 3.10.4. */
  closeCall(connection: Connection): void;
  /** ABORT of RFC 9293 section 3.10.5. */
  abortCall(connection: Connection): void;
  /** STATUS of RFC 9293 section 3.10.6. */
  statusCall(connection: Connection, into: ConnectionStatus): void;
  /** Type of service or time to live are others. */
  serviceCall(): void;
  /** Keep-alive was switched or given other times. */
  keepAliveCall(connection: Connection): void;
  /** The user timeout is another one. */
  userTimeoutCall(connection: Connection): void;
}

/** A connection: its control block, and the user calls of RFC 9293 section 3.10. */
export class Connection extends ControlBlock {
  handler: ConnectionHandler | null = null;
  /** The listener that a passive open came from. */
  listener: Listener | null = null;

  constructor(
    private readonly owner: ConnectionOwner,
    /** Which slot this is, from 0: constant, so an application can keep its own tables by it. */
    readonly slot: number,
    sendBuffer: number,
    receiveBuffer: number,
    segments: number,
  ) {
    super(sendBuffer, receiveBuffer, segments);
  }

  /** The state's name as RFC 9293 spells it. */
  get stateName(): string {
    return stateName(this.state);
  }

  get localPort(): number {
    return this.ports >>> 16;
  }

  get remotePort(): number {
    return this.ports & 0xffff;
  }

  /** The peer has closed its side, and everything before that has arrived. */
  get finReceived(): boolean {
    return (this.bits & Bit.finReceived) !== 0;
  }

  /** Octets that `write` would take now. */
  get room(): number {
    return this.mayWrite() ? this.owner.sendSize - this.sendQueued : 0;
  }

  /** True: small segments go at once, the Nagle algorithm (RFC 9293 section 3.7.4) being off. */
  get noDelay(): boolean {
    return (this.bits & Bit.noDelay) !== 0;
  }

  set noDelay(on: boolean) {
    this.bits = on ? this.bits | Bit.noDelay : this.bits & ~Bit.noDelay;
    this.owner.schedule(this);
  }

  /** Octets that are still to be read up to the end of the peer's urgent data; 0: there is none. */
  get urgentAvailable(): number {
    return urgentOctets(this);
  }

  /**
   * SEND of RFC 9293 section 3.10.2: queues octets. What is not taken for want of room has to be offered again;
   * `writable` tells when.
   * @returns how many were taken, 0 to `length`
   * @throws Error when the connection is closed or closing, or the range lies outside `bytes`
   */
  write(bytes: Uint8Array, offset: number, length: number): number {
    checkRange('write', bytes, offset, length);
    if (!this.mayWrite()) checkWritable(this);
    const taken = this.queue(bytes, offset, length);
    if (taken > 0) this.owner.schedule(this);
    return taken;
  }

  /** `write` for who knows that it may be called, and has it sent: `bytes` are whatever the platform copies from. */
  queue(bytes: Uint8Array, offset: number, length: number): number {
    'inline';
    const size = this.owner.sendSize;
    const free = size - this.sendQueued;
    const taken = length < free ? length : free;
    if (taken === free) this.bits |= Bit.wantsWritable;
    if (taken > 0) {
      const at = (this.sendStart + this.sendQueued) % size;
      if (at + taken > size) copyIntoRing(this.owner.platform, bytes, offset, this.sendRing, at, taken);
      else this.owner.platform.copy(bytes, offset, this.sendRing, at, taken);
      this.sendQueued += taken;
    }
    return taken;
  }

  /** The same for urgent data: the peer learns that it ends with the last octet taken (RFC 9293 section 3.8.5). */
  writeUrgent(bytes: Uint8Array, offset: number, length: number): number {
    'cold';
    const taken = this.write(bytes, offset, length);
    if (taken > 0) markUrgent(this);
    return taken;
  }

  /**
   * RECEIVE of RFC 9293 section 3.10.3: takes octets that have arrived, in order.
   * @returns how many were put into `bytes` from `offset`: at most `length`, 0 when none wait
   * @throws Error when the range lies outside `bytes`
   */
  read(bytes: Uint8Array, offset: number, length: number): number {
    checkRange('read', bytes, offset, length);
    const taken = length < this.available ? length : this.available;
    if (taken === 0) return 0;
    copyFromRing(this.owner.platform, this.receiveRing, this.receiveStart, bytes, offset, taken);
    this.skip(taken);
    return taken;
  }

  /** RECEIVE for who has looked at `receiveRing` from `receiveStart` itself: `count` of what is `available` is done with. */
  skip(count: number): void {
    this.receiveStart = (this.receiveStart + count) % this.owner.receiveSize;
    this.available -= count;
    // Something waited for this, or the window may be offered wider than it is.
    const waited = this.available === 0 && (this.ackDue === Ack.soon || this.events !== 0);
    const gain = this.owner.receiveSize - this.available - this.rcvWnd;
    if (waited || gain >= this.owner.usefulWindow) this.owner.schedule(this);
  }

  /** Closes our side after what is queued (a half-close): reading goes on. Does nothing the second time. */
  end(): void {
    if (!(this.bits & Bit.finQueued)) this.owner.closeCall(this);
  }

  /**
   * Closes for good: our side after what is queued, and data that was not read, or still arrives, is answered with a
   * reset, so that the peer knows it is lost (RFC 9293 SHLD-3). Only `closed` is still to come.
   */
  close(): void {
    this.bits |= Bit.closed;
    if (this.available > 0) this.owner.abortCall(this);
    else this.owner.closeCall(this);
  }

  /** Closes our side after what is queued; what still arrives is acknowledged and thrown away. Only `closed` is to come. */
  drain(): void {
    'cold';
    if (this.state === State.CLOSED && this.available === 0) return;
    this.bits |= Bit.discarding;
    this.receiveStart = (this.receiveStart + this.available) % this.owner.receiveSize;
    this.available = 0;
    this.owner.closeCall(this);
  }

  /** Ends the connection at once: the peer gets a RST. `closed(aborted)` follows in the next poll. */
  abort(): void {
    this.owner.abortCall(this);
  }

  /** STATUS of RFC 9293 section 3.10.6: fills in an object of the application's. */
  status(into: ConnectionStatus): void {
    this.owner.statusCall(this, into);
  }

  /**
   * Switches keep-alive, which is off at first: after `idle` milliseconds without a segment the peer is probed every
   * `interval` milliseconds, and `closed(timedOut)` follows when `probes` of them, at most 255, went unanswered. RFC
   * 9293's times are 7200000, 75000 and 10.
   * @throws Error that names the value that is not a whole number in its range, for times 1 to 1,073,741,823
   */
  setKeepAlive(on: boolean, idle: number, interval: number, probes: number): void {
    'cold';
    checkCount('setKeepAlive', 'idle', idle, 1, 0x3fffffff);
    checkCount('setKeepAlive', 'interval', interval, 1, 0x3fffffff);
    checkCount('setKeepAlive', 'probes', probes, 1, 255);
    this.keepAlive(on, idle, interval, probes);
  }

  /** The same, of numbers that are known to be in their ranges: what the boards set for each socket. */
  keepAlive(on: boolean, idle: number, interval: number, probes: number): void {
    'cold';
    this.bits = on ? this.bits | Bit.keepAlive : this.bits & ~Bit.keepAlive;
    this.keepAliveIdle = idle;
    this.keepAliveInterval = interval;
    this.limits = (this.limits & 0xffff) | (probes << 16);
    this.owner.keepAliveCall(this);
  }

  /**
   * R1 and R2 of RFC 9293 section 3.8.3, as timeouts of the same data in a row: after `r1` the path is doubted and the
   * handler's `report` called, after `r2` the connection ends. 3 and 7 at first, which makes about 100 seconds.
   * @throws Error that names the value that is not a whole number, 1 to `r2`, to 255
   */
  setRetries(r1: number, r2: number): void {
    'cold';
    checkCount('setRetries', 'r2', r2, 1, 255);
    checkCount('setRetries', 'r1', r1, 1, r2);
    this.limits = (this.limits & ~0xffff) | (r2 << 8) | r1;
  }

  /**
   * How long data, or a SYN, may remain without an acknowledgment before the connection ends (RFC 5482, RFC 9293
   * section 3.9.1): milliseconds, 0 for no such limit, as at first.
   * @throws Error when it is not a whole number
   */
  setUserTimeout(milliseconds: number): void {
    'cold';
    checkCount('setUserTimeout', 'milliseconds', milliseconds, 0, 0x7fffffff);
    this.userTimeout = milliseconds;
    this.owner.userTimeoutCall(this);
  }

  /**
   * The differentiated services code point, 0 to 63, and the time to live, 1 to 255, of the segments from here on
   * (RFC 9293 sections 3.9.1.9 and 3.9.2). 0 and 64 at first.
   * @throws Error that names the value that is out of range
   */
  setService(dscp: number, timeToLive: number): void {
    'cold';
    checkCount('setService', 'dscp', dscp, 0, 63);
    checkCount('setService', 'timeToLive', timeToLive, 1, 255);
    this.service = (this.service & ~0xffff) | (dscp << 10) | timeToLive;
    this.owner.serviceCall();
  }

  private mayWrite(): boolean {
    'cold';
    const state = this.state;
    return (
      !(this.bits & Bit.finQueued) &&
      (state === State.ESTABLISHED ||
        state === State.CLOSE_WAIT ||
        state === State.SYN_SENT ||
        state === State.SYN_RECEIVED)
    );
  }
}
