/** An event that waits on a `VirtualClock`. */
export interface ClockEvent {
  /** Microseconds on the clock at which it is due. */
  readonly due: number;
  readonly run: () => void;
}

/**
 * Time for the simulated hardware, in microseconds since the clock was made. It moves only when it is told to, and
 * runs what falls due in order of due time, then of scheduling. Fractions of a microsecond are kept: a bit on the
 * wire takes 0.1 us.
 */
export class VirtualClock {
  /** Microseconds. Never goes back. */
  now = 0;

  private readonly events: ClockEvent[] = [];

  /** The millisecond count that a stack is given: 32 bits, wraps. */
  get milliseconds(): number {
    return Math.floor(this.now / 1000) | 0;
  }

  /** Runs `run` once, `delay` microseconds from now, from inside a later call of `advance`. */
  after(delay: number, run: () => void): ClockEvent {
    const event: ClockEvent = { due: this.now + Math.max(0, delay), run };
    let low = 0;
    let high = this.events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.events[middle]!.due <= event.due) low = middle + 1;
      else high = middle;
    }
    this.events.splice(low, 0, event);
    return event;
  }

  /** Takes an event back. Does nothing when it has run already. */
  cancel(event: ClockEvent): void {
    const at = this.events.indexOf(event);
    if (at >= 0) this.events.splice(at, 1);
  }

  /** Microseconds at which the next event is due, or undefined when none waits. */
  get nextDue(): number | undefined {
    return this.events[0]?.due;
  }

  /** Moves time on by `microseconds` and runs what falls due on the way. */
  advance(microseconds: number): void {
    this.advanceTo(this.now + microseconds);
  }

  /** Moves time on to `target` microseconds, if that lies ahead. */
  advanceTo(target: number): void {
    while (this.events.length > 0 && this.events[0]!.due <= target) {
      const event = this.events.shift()!;
      if (event.due > this.now) this.now = event.due;
      event.run();
    }
    if (target > this.now) this.now = target;
  }
}
