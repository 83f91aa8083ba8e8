import { before } from '../wire/sequence';

/** What a connection's timer does when it runs out. */
export const enum Timer {
  /** Sends again what was not acknowledged (RFC 6298). */
  retransmit = 0,
  /** Probes a closed or silly window (RFC 9293 section 3.8.6.1). */
  persist = 1,
  /** Acknowledges what was received at last (RFC 9293 section 3.8.6.3). */
  delayedAck = 2,
  /** Ends a wait that the application no longer takes part in. */
  orphan = 3,
  /** Asks an idle peer whether it is still there (RFC 9293 section 3.8.4). */
  keepAlive = 4,
  /** How many kinds there are. */
  kinds = 5,
}

/** Has a timer that ran out. */
export interface TimerOwner {
  timerExpired(id: number): void;
}

/**
 * A fixed set of timers: a due time each, in milliseconds that wrap. The earliest is remembered, so that asking costs
 * the same however many there are; the set is walked only when something is due.
 */
export class Timers {
  /** Meaningful while `armed`: nothing is due before it. */
  earliest = 0;
  armed = false;

  private readonly due: Int32Array;
  private readonly set: Uint8Array;

  constructor(private readonly count: number) {
    this.due = new Int32Array(count);
    this.set = new Uint8Array(count);
  }

  start(id: number, due: number): void {
    this.due[id] = due;
    this.set[id] = 1;
    if (!this.armed || before(due, this.earliest)) this.earliest = due;
    this.armed = true;
  }

  stop(id: number): void {
    this.set[id] = 0;
  }

  isRunning(id: number): boolean {
    return this.set[id] === 1;
  }

  /** Lets run out what is due at `now`. */
  run(now: number, owner: TimerOwner): void {
    if (!this.armed || before(now, this.earliest)) return;
    for (let id = 0; id < this.count; id++) {
      if (this.set[id] === 1 && !before(now, this.due[id])) {
        this.set[id] = 0;
        owner.timerExpired(id);
      }
    }
    this.armed = false;
    for (let id = 0; id < this.count; id++) {
      if (this.set[id] === 1) this.start(id, this.due[id]);
    }
  }
}
