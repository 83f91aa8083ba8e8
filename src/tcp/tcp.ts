import type { Platform } from '../../hal/hal';
import type { Ipv4 } from '../ip/ipv4';
import type { Link } from '../link/ethernet';
import type { MemoryProfile } from '../options';
import { abortCall, closeCall } from './calls';
import { Event } from './connection';
import type { Connection, ConnectionOwner } from './connection';
import { ChallengeLimit } from './challenge';
import { ORPHAN_TIME } from './constants';
import { TcpCounters } from './counters';
import { Demux, portPair } from './demux';
import { CloseReason } from './errors';
import { segmentArrives } from './input';
import { SequenceGenerator } from './isn';
import { startKeepAlive } from './keep-alive';
import { Listener, listenState } from './listener';
import { refuse } from './output';
import { Segment } from './segment';
import { serve } from './service';
import { Slots } from './slots';
import { State } from './states';
import { TimeWaitTable, timeWaitState } from './time-wait';
import { timeout } from './timeouts';
import { Timer, Timers } from './timers';
import type { TimerOwner } from './timers';
import { advance, distance } from '../wire/sequence';

/** TCP (RFC 9293): its connections, listeners and timers, and the way of a segment to them. */
export class TcpHost implements ConnectionOwner, TimerOwner {
  readonly counters = new TcpCounters();
  /** Milliseconds, as the stack was told last. */
  now = 0;
  /** Octets of data in our largest segment. */
  readonly mss: number;
  readonly slots: Slots;
  readonly connections: readonly Connection[];
  readonly listeners: Listener[] = [];
  readonly timeWait: TimeWaitTable;
  readonly demux: Demux;
  readonly generator: SequenceGenerator;
  /** How many pairs of ends can be in use at once. */
  readonly ends: number;

  private readonly timers: Timers;
  private readonly segment = new Segment();
  private readonly queue: Int16Array;
  private queueStart = 0;
  private queued = 0;
  /** The connection that `service` is at; it stays here when a handler throws. */
  private serving: Connection | null = null;
  private readonly challenges = new ChallengeLimit();
  private readonly timeWaitTime: number;

  constructor(
    readonly link: Link,
    readonly ip: Ipv4,
    readonly platform: Platform,
    sizes: MemoryProfile,
  ) {
    const count = sizes.connections;
    this.mss = sizes.mss;
    this.timeWaitTime = sizes.msl * 2;
    this.ends = count + sizes.timeWait;
    this.timeWait = new TimeWaitTable(sizes.timeWait);
    this.demux = new Demux(this.ends);
    this.generator = new SequenceGenerator(platform);
    this.timers = new Timers(count * Timer.kinds + sizes.timeWait);
    this.queue = new Int16Array(count);
    this.slots = new Slots(this, count, sizes.sendBuffer, sizes.receiveBuffer);
    this.connections = this.slots.connections;
    for (let at = 0; at < sizes.listeners; at++) this.listeners.push(new Listener());
  }

  closeCall(c: Connection): void {
    closeCall(this, c);
  }

  abortCall(c: Connection): void {
    abortCall(this, c);
  }

  keepAliveCall(c: Connection): void {
    startKeepAlive(this, c);
  }

  /** Takes in the segment that `Ipv4.receive` accepted. */
  receive(frame: Uint8Array): void {
    const s = this.segment;
    this.counters.inSegs++;
    if (this.ip.toMany || !s.parse(frame, this.ip, this.platform)) {
      this.counters.inErrs++;
      return;
    }
    if (s.options.malformed) this.counters.malformedOptions++;
    const index = this.demux.find(s.source, portPair(s.destinationPort, s.sourcePort));
    if (index < 0) {
      this.arriveUnconnected(s);
    } else if (index < this.connections.length) {
      segmentArrives(this, this.connections[index], s, frame);
      this.schedule(this.connections[index]);
    } else {
      timeWaitState(this, s, index - this.connections.length);
    }
  }

  /** Lets timers run out. */
  tick(now: number): void {
    this.timers.run(now, this);
  }

  /** True while something waits to be sent or told to the application. */
  get busy(): boolean {
    return this.queued > 0 || this.serving !== null;
  }

  /** Milliseconds from `now` until a timer may run out, at most `limit`. */
  untilDue(now: number, limit: number): number {
    if (!this.timers.armed) return limit;
    const wait = distance(now, this.timers.earliest);
    if (wait <= 0) return 0;
    return wait < limit ? wait : limit;
  }

  /**
   * Tells the application what happened and sends what may go, for each connection that was scheduled. What a handler
   * throws goes through to the caller; the next call takes up the connection where this one left it.
   */
  service(): void {
    if (this.serving !== null) this.schedule(this.serving);
    // A handler that calls poll empties the queue under our hands.
    for (let count = this.queued; count > 0 && this.queued > 0; count--) {
      const c = this.connections[this.queue[this.queueStart]];
      this.queueStart = (this.queueStart + 1) % this.queue.length;
      this.queued--;
      c.scheduled = false;
      this.serving = c;
      serve(this, c);
    }
    this.serving = null;
  }

  schedule(c: Connection): void {
    if (c.scheduled) return;
    c.scheduled = true;
    this.queue[(this.queueStart + this.queued) % this.queue.length] = c.slot;
    this.queued++;
  }

  /** A free slot made ready, or that of the oldest half-open connection that has not answered, or null. */
  takeSlot(): Connection | null {
    const c = this.slots.take();
    if (c !== null) return c;
    const halfOpen = this.slots.oldestHalfOpen();
    if (halfOpen === null) return null;
    this.counters.halfOpenRecycled++;
    this.counters.attemptFails++;
    this.detach(halfOpen);
    this.slots.giveBack(halfOpen);
    return this.slots.take();
  }

  /** Gives a slot its two ends and its initial sequence number. */
  open(c: Connection, remoteAddress: number, remotePort: number, localPort: number): void {
    const ports = portPair(localPort, remotePort);
    c.remoteAddress = remoteAddress;
    c.remotePort = remotePort;
    c.localPort = localPort;
    c.since = this.now;
    c.mss = this.mss;
    c.startSequence(this.generator.initialSequenceNumber(this.ip.address, remoteAddress, ports, this.now));
    this.demux.insert(c.slot, remoteAddress, ports);
  }

  /** An open is complete: from here on the application has to do with it. False: nobody listens any more. */
  accepted(c: Connection): boolean {
    if (c.listener === null) return true;
    // The listener may serve another port by now.
    if (c.listener.port === c.localPort) c.handler = c.listener.handler;
    if (c.handler === null) abortCall(this, c);
    return c.handler !== null;
  }

  /** The connection is over without more ado; what was not read or sent is lost. */
  drop(c: Connection, reason: CloseReason): void {
    if (c.state === State.SYN_SENT || c.state === State.SYN_RECEIVED) this.counters.attemptFails++;
    else if (reason !== CloseReason.normal) this.counters.estabResets++;
    c.available = 0;
    // Of a passive open that was not told, the application hears nothing; of all others only the end.
    if (c.events & Event.opened && c.listener !== null) c.handler = null;
    c.events = 0;
    this.finish(c, reason);
  }

  /** The connection is over; what was received can still be read. */
  finish(c: Connection, reason: CloseReason): void {
    this.leave(c, State.CLOSED, reason);
    c.ackNow = false;
  }

  /** TIME-WAIT: the table answers the peer from here on. */
  enterTimeWait(c: Connection): void {
    this.leave(c, State.TIME_WAIT, CloseReason.normal);
    if (this.timeWait.entries === 0) return;
    const entry = this.timeWait.choose();
    if (this.timeWait.isUsed(entry)) this.freeTimeWait(entry);
    this.timeWait.fill(entry, c.sndMax, c.rcvNxt, this.now);
    this.demux.insert(this.connections.length + entry, c.remoteAddress, portPair(c.localPort, c.remotePort));
    this.startTimeWait(entry);
  }

  private leave(c: Connection, state: State, reason: CloseReason): void {
    this.detach(c);
    c.state = state;
    c.reason = reason;
    c.events |= Event.closed;
    this.schedule(c);
  }

  private detach(c: Connection): void {
    this.demux.remove(c.slot);
    for (let kind = 0; kind < Timer.kinds; kind++) this.timers.stop(c.slot * Timer.kinds + kind);
  }

  freeTimeWait(entry: number): void {
    this.timers.stop(this.connections.length * Timer.kinds + entry);
    this.demux.remove(this.connections.length + entry);
    this.timeWait.free(entry);
  }

  /** The wait begins, or begins anew. */
  startTimeWait(entry: number): void {
    this.timeWait.restart(entry, this.now);
    this.timers.start(this.connections.length * Timer.kinds + entry, advance(this.now, this.timeWaitTime));
  }

  private arriveUnconnected(s: Segment): void {
    const listener = s.destinationPort === 0 ? null : this.findListener(s.destinationPort);
    if (listener === null) {
      refuse(this, s);
      return;
    }
    const c = listenState(this, listener, s);
    if (c !== null) this.schedule(c);
  }

  /** The listener of a port, or null; that of port 0 is one that is not in use. */
  findListener(port: number): Listener | null {
    for (let at = 0; at < this.listeners.length; at++) {
      if (this.listeners[at].port === port) return this.listeners[at];
    }
    return null;
  }

  /** Answers a doubtful segment with an acknowledgment, if there were not too many of late. */
  challenge(c: Connection): void {
    'cold';
    if (!this.challenges.allows(this.now)) return;
    this.counters.challengeAcks++;
    c.ackNow = true;
  }

  startTimer(c: Connection, kind: Timer, milliseconds: number): void {
    this.timers.start(c.slot * Timer.kinds + kind, advance(this.now, milliseconds));
  }

  stopTimer(c: Connection, kind: Timer): void {
    this.timers.stop(c.slot * Timer.kinds + kind);
  }

  isRunning(c: Connection, kind: Timer): boolean {
    return this.timers.isRunning(c.slot * Timer.kinds + kind);
  }

  startOrphanTimer(c: Connection): void {
    this.startTimer(c, Timer.orphan, ORPHAN_TIME);
  }

  timerExpired(id: number): void {
    const firstTimeWait = this.connections.length * Timer.kinds;
    if (id >= firstTimeWait) this.freeTimeWait(id - firstTimeWait);
    else timeout(this, this.connections[(id / Timer.kinds) | 0], id % Timer.kinds);
  }
}
