import { listenState } from './listener';
import { answer } from './output';
import { Flag } from './segment';
import type { Segment } from './segment';
import type { TcpHost } from './tcp';
import { advance, after, before } from '../wire/sequence';

/**
 * Connections in TIME-WAIT (RFC 9293 section 3.3.2): what is needed to answer a late segment, and nothing else. They
 * hold neither slot nor buffers; the table of ends knows whose entry is whose. When the table is full, the oldest one makes room.
 */
export class TimeWaitTable {
  /** Connections thrown out before their time, for want of room. */
  recycled = 0;

  private readonly sndNxts: Int32Array;
  private readonly rcvNxts: Int32Array;
  private readonly since: Int32Array;
  private readonly used: Uint8Array;

  constructor(readonly entries: number) {
    this.sndNxts = new Int32Array(entries);
    this.rcvNxts = new Int32Array(entries);
    this.since = new Int32Array(entries);
    this.used = new Uint8Array(entries);
  }

  sndNxt(entry: number): number {
    return this.sndNxts[entry];
  }

  rcvNxt(entry: number): number {
    return this.rcvNxts[entry];
  }

  isUsed(entry: number): boolean {
    return this.used[entry] === 1;
  }

  /** The entry that `fill` should take: a free one, or else the oldest, which the caller must `free` first. */
  choose(): number {
    let oldest = 0;
    for (let entry = 0; entry < this.entries; entry++) {
      if (this.used[entry] === 0) return entry;
      if (before(this.since[entry], this.since[oldest])) oldest = entry;
    }
    this.recycled++;
    return oldest;
  }

  fill(entry: number, sndNxt: number, rcvNxt: number, now: number): void {
    this.sndNxts[entry] = sndNxt;
    this.rcvNxts[entry] = rcvNxt;
    this.since[entry] = now;
    this.used[entry] = 1;
  }

  /** The wait begins anew. */
  restart(entry: number, now: number): void {
    this.since[entry] = now;
  }

  free(entry: number): void {
    this.used[entry] = 0;
  }
}

/** TIME-WAIT of RFC 9293 section 3.10.7.4. A RST is ignored there: RFC 1337, section 3. */
export function timeWaitState(tcp: TcpHost, s: Segment, entry: number): void {
  'cold';
  if (s.flags & Flag.RST) return;
  const sndNxt = tcp.timeWait.sndNxt(entry);
  const rcvNxt = tcp.timeWait.rcvNxt(entry);
  const listener = tcp.findListener(s.destinationPort);
  if ((s.flags & (Flag.SYN | Flag.ACK)) === Flag.SYN && after(s.seq, rcvNxt) && listener !== null) {
    // RFC 1122 section 4.2.2.13: a new connection may take the place of the old one.
    tcp.freeTimeWait(entry);
    const c = listenState(tcp, listener, s);
    if (c === null) return;
    if (!after(c.iss, sndNxt)) c.startSequence(advance(sndNxt, 1));
    tcp.schedule(c);
    return;
  }
  if (s.flags & Flag.FIN) tcp.startTimeWait(entry);
  if (s.length > 0 || s.flags & (Flag.FIN | Flag.SYN)) answer(tcp, s, sndNxt, rcvNxt, Flag.ACK);
}
