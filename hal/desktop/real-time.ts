import type { VirtualClock } from '../mock/clock';

/** Milliseconds between two looks at a clock on which nothing is due, in case somebody put an event there silently. */
const SAFETY_PERIOD = 100;

/**
 * Milliseconds of real time that the clock follows at once. A longer gap means that the process stood still, at a
 * breakpoint or in a suspended machine: that time is left out, or else every timer of a connection would expire in
 * one burst.
 */
const LONGEST_STEP = 1000;

/**
 * Moves a virtual clock at the pace of the real one from inside Node's event loop. Each event runs when its time has
 * come, never before; the clock itself reads exactly its due time while it does. When the clock is ahead, because work
 * was modelled that takes the board longer than this machine, it waits for real time to catch up.
 */
export class RealTime {
  /** Runs after each advance, before the next timer is armed: the place for what must follow the clock. */
  onAdvance: (() => void) | undefined;

  private running = false;
  private advancing = false;
  private timer: NodeJS.Timeout | undefined;
  private immediate: NodeJS.Immediate | undefined;
  /** Real time in milliseconds at the last look. */
  private lastLook = 0;
  /** Where the clock should be, in microseconds on it. */
  private target = 0;

  private readonly turn = (): void => this.kick();

  constructor(private readonly clock: VirtualClock) {}

  /** From now on the clock moves. Keeps the process alive until `stop`. Does nothing when it moves already. */
  start(): void {
    if (this.running) return;
    this.running = true;
    this.lastLook = performance.now();
    this.target = this.clock.now;
    this.arm();
  }

  /** The clock stands still. */
  stop(): void {
    this.running = false;
    this.disarm();
  }

  /**
   * Brings the clock up to now, runs `action`, and arms the next timer. For everything that reaches the simulated world
   * from outside: without the kick, what `action` schedules is seen up to 100 ms late. From inside an advance, or while
   * stopped, it only runs `action`.
   */
  kick(action?: () => void): void {
    if (!this.running || this.advancing) {
      action?.();
      return;
    }
    this.advancing = true;
    try {
      this.advance();
      action?.();
    } finally {
      this.advancing = false;
      if (this.running) this.arm();
    }
  }

  private advance(): void {
    const look = performance.now();
    this.target += Math.min(look - this.lastLook, LONGEST_STEP) * 1000;
    this.lastLook = look;
    this.clock.advanceTo(this.target);
    this.onAdvance?.();
  }

  private arm(): void {
    this.disarm();
    const due = this.clock.nextDue;
    const passed = performance.now() - this.lastLook;
    const wait = due === undefined ? SAFETY_PERIOD : Math.min((due - this.target) / 1000 - passed, SAFETY_PERIOD);
    if (wait >= 1) this.timer = setTimeout(this.turn, Math.floor(wait));
    else this.immediate = setImmediate(this.turn);
  }

  private disarm(): void {
    clearTimeout(this.timer);
    clearImmediate(this.immediate);
    this.timer = undefined;
    this.immediate = undefined;
  }
}
