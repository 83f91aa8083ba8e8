import { TIMESTAMPS } from '../features';
import { Chain } from '../wire/chain';
import { advance, after, distance } from '../wire/sequence';
import { answer } from './answer';
import type { Connection } from './connection';
import { Bit } from './control-block';
import { CloseReason } from './errors';
import { leave } from './lifecycle';
import { findListener, listenState } from './listener';
import { Option, TIMESTAMPS_LENGTH, writeTimestamps } from './options';
import { DATA } from './output';
import { Flag } from './segment';
import type { Segment } from './segment';
import { State } from './states';
import type { TcpHost } from './tcp';

/**
 * Connections in TIME-WAIT (RFC 9293 section 3.3.2): what is needed to answer a late segment, and nothing else. They
 * hold neither slot nor buffers; the table of ends knows whose entry is whose. All wait equally long, so one timer for
 * the first of them will do. When the table is full, the oldest one makes room.
 */
export class TimeWaitTable {
  /** Connections thrown out before their time, for want of room. */
  recycled = 0;
  /** The entries in use, in the order in which they will be over. */
  readonly waiting: Chain;

  readonly sndNxts: Int32Array;
  readonly rcvNxts: Int32Array;
  /** TS.Recent; 0 when there were no timestamps. */
  readonly tsRecents: Int32Array;
  private readonly since: Int32Array;
  private readonly free: Int16Array;
  private freeCount: number;

  /** @param wait milliseconds, 2 MSL */
  constructor(
    readonly entries: number,
    private readonly wait: number,
  ) {
    this.sndNxts = new Int32Array(entries);
    this.rcvNxts = new Int32Array(entries);
    this.tsRecents = new Int32Array(entries);
    this.since = new Int32Array(entries);
    this.waiting = new Chain(entries);
    this.free = new Int16Array(entries);
    for (let entry = 0; entry < entries; entry++) this.free[entry] = entry;
    this.freeCount = entries;
  }

  isFull(): boolean {
    'cold';
    return this.freeCount === 0;
  }

  /** Takes over a connection. There must be room. Returns its entry. */
  admit(c: Connection, now: number): number {
    'cold';
    const entry = this.free[--this.freeCount];
    this.waiting.append(entry);
    this.sndNxts[entry] = c.sndMax;
    this.rcvNxts[entry] = c.rcvNxt;
    this.tsRecents[entry] = c.bits & Bit.timestamps ? c.tsRecent || 1 : 0;
    this.since[entry] = now;
    return entry;
  }

  /** The wait begins anew. */
  restartWait(entry: number, now: number): void {
    'cold';
    this.waiting.remove(entry);
    this.waiting.append(entry);
    this.since[entry] = now;
  }

  releaseEntry(entry: number): void {
    'cold';
    this.waiting.remove(entry);
    this.free[this.freeCount++] = entry;
  }

  /** Milliseconds that an entry has left. */
  timeLeft(entry: number, now: number): number {
    'cold';
    return this.wait - distance(this.since[entry], now);
  }
}

/** TIME-WAIT of RFC 9293 section 3.10.7.4. A RST is ignored there: RFC 1337, section 3. */
export function timeWaitState(tcp: TcpHost, s: Segment, entry: number, frame: Uint8Array): void {
  'cold';
  if (s.flags & Flag.RST) return;
  const sndNxt = tcp.timeWait.sndNxts[entry];
  const listener = findListener(tcp, s);
  if ((s.flags & (Flag.SYN | Flag.ACK)) === Flag.SYN && listener !== null && isNewer(tcp, s, entry)) {
    // A new connection takes the place of the old one.
    freeTimeWait(tcp, entry);
    const c = listenState(tcp, listener, s, frame);
    if (c === null) return;
    if (!after(c.sndUna, sndNxt)) c.startSequence(advance(sndNxt, 1));
    tcp.schedule(c);
    return;
  }
  if (!(s.flags & (Flag.ACK | Flag.SYN))) return;
  if (s.flags & Flag.FIN) restartTimeWait(tcp, entry);
  const takesNumbers = s.length > 0 || s.flags & (Flag.FIN | Flag.SYN);
  if ((!takesNumbers && s.seq === tcp.timeWait.rcvNxts[entry]) || !tcp.link.ready()) return;
  let end = DATA as number;
  if (TIMESTAMPS && tcp.timeWait.tsRecents[entry] !== 0) {
    writeTimestamps(tcp.link.frame, end, tcp.timestamp(), s.options.tsVal);
    end += TIMESTAMPS_LENGTH;
  }
  answer(tcp, s, sndNxt, tcp.timeWait.rcvNxts[entry], Flag.ACK, end, 0);
}

/** Certainly a SYN of after the old connection: by its timestamp (RFC 6191), or by its number (RFC 1122 4.2.2.13). */
function isNewer(tcp: TcpHost, s: Segment, entry: number): boolean {
  'cold';
  if (TIMESTAMPS && s.options.found & Option.timestamps && tcp.timeWait.tsRecents[entry] !== 0) {
    const later = distance(tcp.timeWait.tsRecents[entry], s.options.tsVal);
    if (later !== 0) return later > 0;
  }
  return after(s.seq, tcp.timeWait.rcvNxts[entry]);
}

/** TIME-WAIT: the table answers the peer from here on. */
export function enterTimeWait(tcp: TcpHost, c: Connection): void {
  'cold';
  leave(tcp, c, State.TIME_WAIT, CloseReason.normal);
  const table = tcp.timeWait;
  if (table.entries === 0) return;
  if (table.isFull()) {
    table.recycled++;
    freeTimeWait(tcp, table.waiting.first);
  }
  const entry = table.admit(c, tcp.alarm.now);
  tcp.demux.insert(tcp.connections.length + entry, c.remoteAddress, c.ports);
  startTimeWaitTimer(tcp);
}

export function freeTimeWait(tcp: TcpHost, entry: number): void {
  'cold';
  tcp.demux.remove(tcp.connections.length + entry);
  tcp.timeWait.releaseEntry(entry);
}

/** The wait begins anew. */
export function restartTimeWait(tcp: TcpHost, entry: number): void {
  'cold';
  tcp.timeWait.restartWait(entry, tcp.alarm.now);
}

/** Has the timer run out when the first wait is over. */
export function startTimeWaitTimer(tcp: TcpHost): void {
  'cold';
  const first = tcp.timeWait.waiting.first;
  if (first < 0) return;
  const left = tcp.timeWait.timeLeft(first, tcp.alarm.now);
  tcp.timers.start(tcp.timeWaitTimer, advance(tcp.alarm.now, left > 0 ? left : 0));
}

export function endTimeWaits(tcp: TcpHost): void {
  'cold';
  const waiting = tcp.timeWait.waiting;
  while (waiting.first >= 0 && tcp.timeWait.timeLeft(waiting.first, tcp.alarm.now) <= 0) freeTimeWait(tcp, waiting.first);
  startTimeWaitTimer(tcp);
}
