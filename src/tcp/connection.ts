import type { Platform } from '../../hal/hal';
import { ControlBlock } from './control-block';
import type { CloseReason } from './errors';
import type { Listener } from './listener';
import { State, stateName } from './states';

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
  /** Keep-alive was switched or given other times. */
  keepAliveCall(connection: Connection): void;
}

/** What has happened that the handler has not heard of yet: bits of `Connection.events`. */
export const enum Event {
  opened = 1,
  readable = 2,
  writable = 4,
  ended = 8,
  closed = 16,
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
  ) {
    super(sendBuffer, receiveBuffer);
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

  /**
   * Switches keep-alive, which is off at first: after `idle` milliseconds without a segment the peer is probed every
   * `interval` milliseconds, and `closed(timedOut)` follows when `probes` of them went unanswered. RFC 9293's times are
   * 7200000, 75000 and 10.
   * @throws Error that names the value that is not a whole number from 1
   */
  setKeepAlive(on: boolean, idle: number, interval: number, probes: number): void {
    'cold';
    checkCount('idle', idle);
    checkCount('interval', interval);
    checkCount('probes', probes);
    this.keepAlive = on;
    this.keepAliveIdle = idle;
    this.keepAliveInterval = interval;
    this.keepAliveProbes = probes;
    this.owner.keepAliveCall(this);
  }

  override reset(): void {
    super.reset();
    this.handler = null;
    this.listener = null;
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

function checkCount(name: string, value: number): void {
  'cold';
  if (!(value >= 1) || value !== (value | 0)) {
    throw new Error('setKeepAlive: ' + name + ' ' + value + ' is not a whole number from 1');
  }
}

function checkRange(method: string, bytes: Uint8Array, offset: number, length: number): void {
  // Also false for what is not a number; the last term for a fraction.
  const end = offset + length;
  if (!(offset >= 0 && length >= 0 && end <= bytes.length) || end !== (end | 0)) {
    throw new Error(method + ': octets ' + offset + ' to ' + end + ' are not within the ' + bytes.length + ' given');
  }
}
