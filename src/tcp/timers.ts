import { after, before } from '../wire/sequence';

/** What a connection's timer does when it runs out. */
export const enum Timer {
  /** Sends again what was not acknowledged (RFC 6298). */
  retransmit = 0,
  /** Looks for losses, or probes for one at the tail (RFC 8985). */
  loss = 1,
  /** Probes a closed or silly window (RFC 9293 section 3.8.6.1). */
  persist = 2,
  /** Acknowledges what was received at last (RFC 9293 section 3.8.6.3). */
  delayedAck = 3,
  /** Ends a wait that the application no longer takes part in. */
  orphan = 4,
  /** Asks an idle peer whether it is still there (RFC 9293 section 3.8.4). */
  keepAlive = 5,
  /** How many kinds there are. */
  kinds = 6,
}

/** Learns when the first timer is due. */
export interface TimerAlarm {
  wakeAt(at: number): void;
}

/** Has a timer that ran out. */
export interface TimerOwner {
  timerExpired(id: number): void;
}

/**
 * A fixed set of timers: a due time each, in milliseconds that wrap, and a binary heap of those that were started. A
 * timer that is stopped or put off stays where it is in the heap until it comes up, so that to start one anew costs the same
 * however many there are.
 */
export class Timers {
  /** Timers in the heap. */
  size = 0;

  private readonly due: Int32Array;
  private readonly running: Uint8Array;
  /** Timers in heap order, and the time by which each is looked at there: never later than `due`. */
  private readonly heap: Int16Array;
  private readonly key: Int32Array;
  /** Where each timer stands in the heap, from 1; 0 when it does not. */
  private readonly place: Int16Array;

  /** @param alarm is woken no later than the first timer is due */
  constructor(count: number, private readonly alarm: TimerAlarm) {
    this.due = new Int32Array(count);
    this.running = new Uint8Array(count);
    this.heap = new Int16Array(count + 1);
    this.key = new Int32Array(count);
    this.place = new Int16Array(count);
  }

  start(id: number, due: number): void {
    'inline';
    this.due[id] = due;
    this.running[id] = 1;
    if (this.place[id] === 0 || before(due, this.key[id])) this.enter(id, due);
  }

  stop(id: number): void {
    'inline';
    this.running[id] = 0;
  }

  isRunning(id: number): boolean {
    'inline';
    return this.running[id] === 1;
  }

  /** Lets run out what is due at `now`. */
  run(now: number, owner: TimerOwner): void {
    // Bounded: what an owner starts anew is looked at in the next run.
    for (let looks = this.size; looks > 0 && this.size > 0; looks--) {
      if (before(now, this.key[this.heap[1]])) break;
      this.expire(now, owner);
    }
    if (this.size > 0) this.alarm.wakeAt(this.key[this.heap[1]]);
  }

  private enter(id: number, due: number): void {
    'cold';
    const place = this.place[id];
    this.key[id] = due;
    this.rise(id, place === 0 ? ++this.size : place);
    this.alarm.wakeAt(due);
  }

  /** Looks at the timer that comes first: it runs out, moves to its true time, or leaves. */
  private expire(now: number, owner: TimerOwner): void {
    'cold';
    const id = this.heap[1];
    const putOff = this.running[id] === 1 && after(this.due[id], now);
    if (putOff) {
      this.key[id] = this.due[id];
      this.sink(id);
      return;
    }
    this.place[id] = 0;
    const last = this.heap[this.size--];
    if (last !== id) this.sink(last);
    if (this.running[id] === 0) return;
    this.running[id] = 0;
    owner.timerExpired(id);
  }

  /** Puts a timer at `place` or as far above as it belongs. */
  private rise(id: number, place: number): void {
    'cold';
    const key = this.key[id];
    while (place > 1 && before(key, this.key[this.heap[place >> 1]])) {
      this.settle(this.heap[place >> 1], place);
      place >>= 1;
    }
    this.settle(id, place);
  }

  /** Puts a timer at the top or as far below as it belongs. */
  private sink(id: number): void {
    'cold';
    const key = this.key[id];
    let place = 1;
    for (;;) {
      let below = place << 1;
      if (below > this.size) break;
      if (below < this.size && before(this.key[this.heap[below + 1]], this.key[this.heap[below]])) below++;
      if (!before(this.key[this.heap[below]], key)) break;
      this.settle(this.heap[below], place);
      place = below;
    }
    this.settle(id, place);
  }

  private settle(id: number, place: number): void {
    'cold';
    this.heap[place] = id;
    this.place[id] = place;
  }
}
