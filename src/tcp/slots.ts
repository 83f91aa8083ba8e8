import { before } from '../wire/sequence';
import { Connection } from './connection';
import type { ConnectionOwner } from './connection';
import { State } from './states';

/** The connections, all made at the start: those in use, and a stack of those that are free. */
export class Slots {
  readonly connections: Connection[] = [];
  private readonly free: Int16Array;
  private freeCount = 0;

  /** Sizes of the buffers in octets. */
  constructor(owner: ConnectionOwner, count: number, sendBuffer: number, receiveBuffer: number) {
    this.free = new Int16Array(count);
    for (let slot = 0; slot < count; slot++) {
      this.connections.push(new Connection(owner, slot, sendBuffer, receiveBuffer));
      this.free[count - 1 - slot] = slot;
    }
    this.freeCount = count;
  }

  /** A free slot made ready, or null. */
  take(): Connection | null {
    if (this.freeCount === 0) return null;
    const c = this.connections[this.free[--this.freeCount]];
    c.reset();
    return c;
  }

  giveBack(c: Connection): void {
    c.reset();
    c.state = State.CLOSED;
    this.free[this.freeCount++] = c.slot;
  }

  /**
   * The half-open connection that has waited longest for its peer's answer, or null. A peer that was asked only once
   * may be about to answer, and would be reset for it: those do not count.
   */
  oldestHalfOpen(): Connection | null {
    'cold';
    let oldest: Connection | null = null;
    for (let slot = 0; slot < this.connections.length; slot++) {
      const c = this.connections[slot];
      if (c.state !== State.SYN_RECEIVED || c.listener === null || c.retransmits === 0) continue;
      if (oldest === null || before(c.since, oldest.since)) oldest = c;
    }
    return oldest;
  }
}
