import { Connection } from './connection';
import type { ConnectionOwner } from './connection';
import { GAPS } from './constants';
import { Ranges } from './ranges';
import { State } from './states';

/** The connections, all made at the start: those in use, and a stack of those that are free. */
export class Slots {
  readonly connections: Connection[] = [];
  /** What has arrived behind a gap; it stands in the rings already. */
  readonly gaps: Ranges;
  private readonly free: Int16Array;
  private freeCount = 0;

  /** Sizes of the buffers in octets; `segments` of a connection may be in flight at once. */
  constructor(owner: ConnectionOwner, count: number, sendBuffer: number, receiveBuffer: number, segments: number) {
    this.free = new Int16Array(count);
    this.gaps = new Ranges(count, GAPS);
    for (let slot = 0; slot < count; slot++) {
      this.connections.push(new Connection(owner, slot, sendBuffer, receiveBuffer, segments));
      this.free[count - 1 - slot] = slot;
    }
    this.freeCount = count;
  }

  /** A free slot made ready, or null. */
  take(): Connection | null {
    'cold';
    if (this.freeCount === 0) return null;
    const c = this.connections[this.free[--this.freeCount]];
    c.renew();
    this.gaps.counts[c.slot] = 0;
    return c;
  }

  giveBack(c: Connection): void {
    'cold';
    c.renew();
    c.handler = null;
    c.listener = null;
    c.state = State.CLOSED;
    this.free[this.freeCount++] = c.slot;
  }
}
