import type { VirtualClock } from '../../../hal/mock/clock';
import type { Callable } from './realm';

/** What an idle check found: nothing of its kind exists, it exists but rests, or it moved something. */
export const enum Idle { Absent, Waiting, Moved }

/** Microseconds between two turns while work is moving: what a turn costs a fast board. */
const turnTime = 50;

/**
 * Microseconds between two turns while sockets exist and nothing moves. A board spins here. A desktop need not: what
 * moves something is a pin or a timer, and either brings a turn of its own.
 */
const restTime = 20_000;

interface Timer {
  readonly id: number;
  /** Microseconds on the clock. */
  due: number;
  /** Microseconds, or undefined for a timer that fires once. */
  interval: number | undefined;
  callback: Callable;
  args: unknown[];
}

/**
 * Espruino's idle loop: each turn takes what the pins queued, then the timers that are due, then the idle checks of
 * pipes and sockets, and at last the events that all of these have queued. Everything that the script does, after it
 * was loaded, it does from here. Turns are events of the clock and never run inside each other.
 */
export class IdleLoop {
  private readonly inputs: (() => void)[] = [];
  private readonly timers: Timer[] = [];
  private events: { callbacks: readonly Callable[]; target: unknown; args: unknown[] }[] = [];
  private readonly checks: (() => Idle)[] = [];
  private nextTimer = 1;
  private running = false;
  private stopped = false;
  private wakeAt = Infinity;
  private generation = 0;

  /** @param uncaught is told what a callback of the script threw */
  constructor(readonly clock: VirtualClock, private readonly uncaught: (error: unknown) => void) {}

  /** Adds an idle check; they run in the order in which they were added. */
  addCheck(check: () => Idle): void {
    this.checks.push(check);
  }

  /** Queues what hardware has reported; it runs at the start of the next turn. */
  input(run: () => void): void {
    this.inputs.push(run);
    this.wake(0);
  }

  /** Queues a call of an event's listeners for the end of the turn. */
  queue(callbacks: readonly Callable[], target: unknown, args: unknown[]): void {
    this.events.push({ callbacks, target, args });
    this.wake(turnTime);
  }

  /** Calls into the script at once. What it throws is reported, not passed on. */
  call(callback: Callable, target: unknown, args: unknown[]): unknown {
    try {
      return callback.apply(target, args);
    } catch (error) {
      this.uncaught(error);
      return undefined;
    }
  }

  /** Runs the script's own text as one piece of work, with turns held back meanwhile. */
  during<T>(work: () => T): T {
    const outer = this.running;
    this.running = true;
    try {
      return work();
    } finally {
      this.running = outer;
      this.wake(turnTime);
    }
  }

  /** @param delay milliseconds; at least one, as on the board */
  addTimer(callback: Callable, delay: number, repeat: boolean, args: unknown[]): number {
    const period = Math.max(Number.isFinite(delay) ? delay : 0, 1) * 1000;
    const timer: Timer = {
      id: this.nextTimer++, due: this.clock.now + period, interval: repeat ? period : undefined, callback, args,
    };
    this.insert(timer);
    this.wake(period);
    return timer.id;
  }

  /** @returns false when there is no such timer */
  removeTimer(id: number): boolean {
    const at = this.timers.findIndex((timer) => timer.id === id);
    if (at < 0) return false;
    this.timers.splice(at, 1);
    return true;
  }

  removeAllTimers(): void {
    this.timers.length = 0;
  }

  /** Gives a repeating timer a new period, in milliseconds, that starts now. */
  changeInterval(id: number, delay: number): boolean {
    const timer = this.timers.find((candidate) => candidate.id === id);
    if (timer === undefined) return false;
    this.timers.splice(this.timers.indexOf(timer), 1);
    timer.interval = Math.max(delay, 1) * 1000;
    timer.due = this.clock.now + timer.interval;
    this.insert(timer);
    this.wake(timer.interval);
    return true;
  }

  /** No turn runs after this. */
  stop(): void {
    this.stopped = true;
    this.generation++;
  }

  private insert(timer: Timer): void {
    let at = 0;
    while (at < this.timers.length && this.timers[at]!.due <= timer.due) at++;
    this.timers.splice(at, 0, timer);
  }

  /** Makes sure that a turn comes within `delay` microseconds. */
  private wake(delay: number): void {
    if (this.stopped) return;
    const due = this.clock.now + delay;
    if (due >= this.wakeAt) return;
    this.wakeAt = due;
    const generation = ++this.generation;
    this.clock.after(delay, () => {
      if (generation !== this.generation) return;
      this.wakeAt = Infinity;
      if (!this.running) this.turn();
    });
  }

  private turn(): void {
    this.running = true;
    let moved = this.inputs.length > 0;
    for (let left = this.inputs.length; left > 0; left--) this.inputs.shift()!();
    if (this.runTimers()) moved = true;
    let sockets = false;
    for (const check of this.checks) {
      const found = check();
      if (found !== Idle.Absent) sockets = true;
      if (found === Idle.Moved) moved = true;
    }
    while (this.events.length > 0) {
      moved = true;
      const { callbacks, target, args } = this.events.shift()!;
      for (const callback of callbacks) this.call(callback, target, args);
    }
    this.running = false;
    if (moved || this.inputs.length > 0) this.wake(turnTime);
    else if (sockets) this.wake(restTime);
    if (this.timers.length > 0) this.wake(Math.max(0, this.timers[0]!.due - this.clock.now));
  }

  private runTimers(): boolean {
    const now = this.clock.now;
    let ran = false;
    while (this.timers.length > 0 && this.timers[0]!.due <= now) {
      const timer = this.timers.shift()!;
      if (timer.interval !== undefined) {
        timer.due += timer.interval;
        if (timer.due <= now) timer.due = now + timer.interval;
        this.insert(timer);
      }
      ran = true;
      this.call(timer.callback, undefined, timer.args);
    }
    return ran;
  }
}
