import type { Platform } from '../../hal/hal';
import { SOURCE_ROUTE } from '../features';
import type { SegmentErrors } from '../ip/icmp';
import type { Ipv4 } from '../ip/ipv4';
import type { Alarm } from '../link/alarm';
import { NOBODY } from '../link/ethernet';
import type { Link } from '../link/ethernet';
import type { MemoryProfile } from '../options';
import { Chain } from '../wire/chain';
import { advance } from '../wire/sequence';
import { refuse } from './answer';
import { abortCall, closeCall } from './calls';
import { ChallengeLimit } from './challenge';
import type { Connection, ConnectionOwner } from './connection';
import { Ack, Event } from './control-block';
import { TcpCounters } from './counters';
import { Demux } from './demux';
import { icmpError } from './icmp-errors';
import { segmentArrives } from './input';
import { SequenceGenerator } from './isn';
import { startKeepAlive } from './keep-alive';
import { findListener, Listener, listenState } from './listener';
import { Option } from './options';
import { startRetransmission } from './output';
import { agePaths, PathTable } from './path-mtu';
import { startPersist } from './persist';
import { Prediction } from './prediction';
import { Segment } from './segment';
import { serve } from './service';
import { Slots } from './slots';
import { RouteTable } from './source-route';
import { fillStatus } from './status';
import type { ConnectionStatus } from './status';
import { Template } from './template';
import { endTimeWaits, timeWaitState, TimeWaitTable } from './time-wait';
import { timeout } from './timeouts';
import { Timer, Timers } from './timers';
import type { TimerOwner } from './timers';

const NONE = -1;

/** Segments in flight beside those that fill the send buffer: a FIN, a probe. */
const SPARE_SEGMENTS = 2;

/** TCP (RFC 9293): its connections, listeners and timers, and the way of a segment to them. */
export class TcpHost implements ConnectionOwner, TimerOwner, SegmentErrors {
  readonly counters = new TcpCounters();
  /** What the next segment looks like: of the connection that the last was for. */
  readonly prediction = new Prediction();
  /** The headers of what is sent: those of the connection that sent last. */
  readonly template = new Template();
  /** The received frame, while a segment is taken in. */
  frame: Uint8Array | null = null;
  /**
   * Milliseconds that the application gets to read two segments in, so that one acknowledgment is for both and for the
   * room again: for engines whose applications read in a turn of their own, not in `readable`.
   */
  readingTime = 0;
  /** Octets of each connection's rings, and by how much a window opens at least. */
  readonly sendSize: number;
  readonly receiveSize: number;
  readonly usefulWindow: number;
  /** Octets of data in our largest segment, options not counted. */
  readonly mss: number;
  /** Places by which our windows are shifted when both sides scale them. */
  readonly shift: number;
  readonly slots: Slots;
  readonly connections: readonly Connection[];
  readonly listeners: Listener[] = [];
  readonly timeWait: TimeWaitTable;
  readonly demux: Demux;
  readonly generator: SequenceGenerator;
  readonly paths = new PathTable();
  readonly routes: RouteTable;
  /** How many pairs of ends can be in use at once. */
  readonly ends: number;
  /** What TSval is ahead of the clock. */
  readonly timestampOffset: number;

  /** What the memory profile has switched on. */
  readonly windowScale: boolean;
  readonly timestamps: boolean;
  readonly sack: boolean;
  readonly cubic: boolean;
  readonly synCookies: boolean;
  readonly sourceRoute: boolean;

  /** When a SYN was answered with a cookie last, if that may be acknowledged yet. */
  cookieSentAt = 0;
  cookiesOut = false;
  /** The segment that came again last, for the next acknowledgment of this slot (RFC 2883). */
  duplicateSlot = 0;
  duplicateStart = 0;
  duplicateEnd = 0;

  readonly timers: Timers;
  private readonly segment = new Segment();
  /** Slots that `service` is to look at: the first, the last, and by slot the one behind it; NONE: there is none. */
  waiting: number = NONE;
  private last: number = NONE;
  private readonly behind: Int16Array;
  /** The first of those that it is looking at, and the connection itself: that stays here when a handler throws. */
  private turn: number = NONE;
  serving: Connection | null = null;
  private readonly challenges: ChallengeLimit;
  /** Slots in SYN-RECEIVED after a passive OPEN, oldest first. */
  readonly halfOpen: Chain;
  private readonly timeWaitTime: number;
  readonly timeWaitTimer: number;
  readonly pathTimer: number;

  constructor(
    readonly link: Link,
    readonly ip: Ipv4,
    readonly platform: Platform,
    readonly alarm: Alarm,
    sizes: MemoryProfile,
  ) {
    const count = sizes.connections;
    this.mss = sizes.mss;
    this.sendSize = sizes.sendBuffer;
    this.receiveSize = sizes.receiveBuffer;
    const half = sizes.receiveBuffer >> 1;
    this.usefulWindow = half < sizes.mss ? half : sizes.mss;
    let shift = 0;
    while (sizes.receiveBuffer >> shift > 0xffff) shift++;
    this.shift = shift;
    this.windowScale = sizes.windowScale;
    this.timestamps = sizes.timestamps;
    this.sack = sizes.sack;
    this.cubic = sizes.cubic;
    this.synCookies = sizes.synCookies;
    this.sourceRoute = sizes.sourceRoute;
    this.timeWaitTime = sizes.msl * 2;
    this.ends = count + sizes.timeWait;
    this.timeWait = new TimeWaitTable(sizes.timeWait, this.timeWaitTime);
    this.demux = new Demux(this.ends);
    this.generator = new SequenceGenerator(platform);
    this.timestampOffset = platform.random();
    this.challenges = new ChallengeLimit(platform);
    this.routes = new RouteTable(sizes.sourceRoute ? count : 0);
    this.timeWaitTimer = count * Timer.kinds;
    this.pathTimer = this.timeWaitTimer + 1;
    this.timers = new Timers(this.pathTimer + 1, alarm);
    this.behind = new Int16Array(count);
    this.halfOpen = new Chain(count);
    const segments = Math.ceil(sizes.sendBuffer / sizes.mss) + SPARE_SEGMENTS;
    this.slots = new Slots(this, count, sizes.sendBuffer, sizes.receiveBuffer, segments);
    this.connections = this.slots.connections;
    for (let at = 0; at < sizes.listeners; at++) this.listeners.push(new Listener());
  }

  closeCall(c: Connection): void {
    closeCall(this, c);
  }

  abortCall(c: Connection): void {
    abortCall(this, c);
  }

  statusCall(c: Connection, into: ConnectionStatus): void {
    fillStatus(this, c, into);
  }

  serviceCall(): void {
    this.link.owner = NOBODY;
  }

  keepAliveCall(c: Connection): void {
    startKeepAlive(this, c);
  }

  userTimeoutCall(c: Connection): void {
    'cold';
    if (this.isRunning(c, Timer.retransmit)) startRetransmission(this, c);
    if (this.isRunning(c, Timer.persist)) startPersist(this, c);
  }

  /** `SegmentErrors`: an ICMP error about a segment of ours. */
  segmentError(type: number, code: number, remoteAddress: number, ports: number, seq: number, nextHopMtu: number): void {
    'cold';
    const index = this.demux.find(remoteAddress, ports);
    if (index < 0 || index >= this.connections.length) this.counters.icmpIgnored++;
    else icmpError(this, this.connections[index], type, code, seq, nextHopMtu);
  }

  /** Takes in the segment that `Ipv4.receive` accepted. */
  arrive(frame: Uint8Array): void {
    'cold';
    const s = this.segment;
    this.counters.inSegs++;
    if (this.ip.toMany || !s.parse(frame, this.ip, this.platform)) {
      this.counters.inErrs++;
      return;
    }
    if (s.options.found & Option.malformed) this.counters.malformedOptions++;
    this.frame = frame;
    const index = this.demux.find(s.source, s.ports);
    if (index < 0) {
      this.arriveUnconnected(s, frame);
    } else if (index < this.connections.length) {
      const c = this.connections[index];
      segmentArrives(this, c, s, frame);
      if (SOURCE_ROUTE && this.sourceRoute && c.heard === this.alarm.now) this.routes.takeLaterRoute(this, index, frame);
      this.schedule(c);
      this.prediction.sees(c);
    } else {
      timeWaitState(this, s, index - this.connections.length, frame);
    }
  }

  /** The present time as the timestamps option has it. */
  timestamp(): number {
    return advance(this.alarm.now, this.timestampOffset);
  }

  /**
   * Tells the application what happened and sends what may go, for each connection that was scheduled. What a handler
   * throws goes through to the caller; the next call takes up the connection where this one left it.
   */
  service(): void {
    if (this.serving !== null) this.schedule(this.serving);
    // Those that are scheduled from now on have their turn the next time. What a handler that throws, or itself calls
    // poll, has left or taken away of the present ones stands in `turn`.
    if (this.turn < 0) {
      this.turn = this.waiting;
      this.waiting = NONE;
    }
    while (this.turn >= 0) {
      const c = this.connections[this.turn];
      this.turn = this.behind[c.slot];
      c.events &= ~Event.scheduled;
      this.serving = c;
      serve(this, c);
    }
    this.serving = null;
  }

  schedule(c: Connection): void {
    if (c.events & Event.scheduled) return;
    c.events |= Event.scheduled;
    this.behind[c.slot] = NONE;
    if (this.waiting < 0) this.waiting = c.slot;
    else this.behind[this.last] = c.slot;
    this.last = c.slot;
  }

  /** True while connections are half open. */
  isFlooded(): boolean {
    return this.halfOpen.first >= 0;
  }

  private arriveUnconnected(s: Segment, frame: Uint8Array): void {
    'cold';
    const listener = s.destinationPort === 0 ? null : findListener(this, s);
    if (listener === null) {
      refuse(this, s);
      return;
    }
    const c = listenState(this, listener, s, frame);
    if (c === null) return;
    this.schedule(c);
    this.prediction.last = c; // its next one completes the open, behind which text is expected
  }

  /** Answers a doubtful segment with an acknowledgment, if there were not too many of late. */
  challenge(c: Connection): void {
    'cold';
    if (!this.challenges.allows(this.alarm.now)) return;
    this.counters.challengeAcks++;
    c.ackDue = Ack.now;
  }

  startTimer(c: Connection, kind: Timer, milliseconds: number): void {
    'cold';
    this.timers.start(c.slot * Timer.kinds + kind, advance(this.alarm.now, milliseconds));
  }

  /** Starts a timer, unless it runs. */
  ensureTimer(c: Connection, kind: Timer, milliseconds: number): void {
    if (!this.timers.isRunning(c.slot * Timer.kinds + kind)) this.startTimer(c, kind, milliseconds);
  }

  stopTimer(c: Connection, kind: Timer): void {
    'inline';
    this.timers.stop(c.slot * Timer.kinds + kind);
  }

  isRunning(c: Connection, kind: Timer): boolean {
    'inline';
    return this.timers.isRunning(c.slot * Timer.kinds + kind);
  }

  timerExpired(id: number): void {
    'cold';
    if (id === this.pathTimer) agePaths(this);
    else if (id === this.timeWaitTimer) endTimeWaits(this);
    else timeout(this, this.connections[(id / Timer.kinds) | 0], id % Timer.kinds);
  }
}
