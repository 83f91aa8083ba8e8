import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

/** What of `Pump` is called; its file is compiled for Espruino, where the global scope is another one. */
interface Pump {
  startPump(irq: { read(): boolean } | undefined): void;
  run(): void;
  serve(): void;
  soon(): void;
  takeLeave(): void;
  stopPump(): void;
}

/** Milliseconds after which the stack wants to be called again; what `run` does instead, once. */
let wait = 1000;
/** When that is: only `run` moves it on. */
let at = 0;
let instead: (() => void) | undefined;
let polls: number[] = [];
let level = true;
let fallen: (() => void) | undefined;

const irq = { read: () => level };
const stack = {
  run(time: number): number {
    polls.push(Date.now());
    const act = instead;
    instead = undefined;
    act?.();
    at = time + wait;
    return at;
  },
  serve(time: number): number {
    at = Math.min(at, time + wait);
    return Math.max(at, time);
  },
};
let make: new (of: typeof stack) => Pump;

beforeEach(async () => {
  make = ((await import('../../../boards/espruino/pump' as string)) as { Pump: typeof make }).Pump;
  vi.useFakeTimers({ now: 0, toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  vi.stubGlobal('getTime', () => Date.now() / 1000);
  vi.stubGlobal('setWatch', (act: () => void) => {
    fallen = act;
    return 1;
  });
  vi.stubGlobal('clearWatch', () => { fallen = undefined; });
  [wait, instead, polls, level, fallen] = [1000, undefined, [], true, undefined];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function started(pin?: typeof irq): Pump {
  const pump = new make(stack);
  pump.startPump(pin);
  pump.run();
  return pump;
}

describe('the pump', () => {
  it('calls the stack when its time has come, and not before while INT is high', () => {
    started(irq);
    vi.advanceTimersByTime(3500);
    expect(polls).toEqual([0, 1000, 2000, 3000]);
  });

  it('calls it when INT falls, unless INT is high again', () => {
    started(irq);
    vi.advanceTimersByTime(100);
    fallen!();
    level = false;
    fallen!();
    expect(polls).toEqual([0, 100]);
  });

  it('finds INT low within 250 ms when its edge was lost', () => {
    started(irq);
    vi.advanceTimersByTime(300);
    level = false;
    vi.advanceTimersByTime(250);
    expect(polls).toEqual([0, 500]);
  });

  it('watches INT anew when nobody was told that it fell', () => {
    const cleared = vi.fn();
    vi.stubGlobal('clearWatch', cleared);
    started(irq);
    // Espruino has taken the watch away, or the application; its number may be another one's.
    fallen = undefined;
    level = false;
    vi.advanceTimersByTime(500);
    level = true;
    vi.advanceTimersByTime(60);
    level = false;
    fallen!();
    expect(polls).toEqual([0, 250, 500, 560]);
    expect(cleared).not.toHaveBeenCalled();
  });

  it('does not gather watches on an INT that stays low, or loses edges', () => {
    let watches = 0;
    vi.stubGlobal('setWatch', (act: () => void) => {
      fallen = act;
      return ++watches;
    });
    started(irq);
    level = false;
    vi.advanceTimersByTime(10_000);
    expect(watches).toBe(2);
    for (let lost = 0; lost < 20; lost++) {
      fallen!();
      vi.advanceTimersByTime(1000);
    }
    expect(watches).toBe(4);
  });

  it('is stopped although the application has cleared all watches', () => {
    const pump = started(irq);
    vi.stubGlobal('clearWatch', () => { throw new Error('Unknown Watch 1'); });
    pump.stopPump();
    vi.advanceTimersByTime(3000);
    expect([polls, vi.getTimerCount()]).toEqual([[0], 0]);
  });

  it('calls the stack from the loop when it is asked for from inside a call', () => {
    const pump = started(irq);
    instead = () => {
      pump.soon();
      pump.soon();
      expect(polls).toEqual([0, 1000]);
    };
    vi.advanceTimersByTime(1100);
    expect(polls).toEqual([0, 1000, 1001]);
  });

  it('asks every 5 ms without INT', () => {
    started();
    vi.advanceTimersByTime(20);
    expect(polls).toEqual([0, 5, 10, 15, 20]);
  });

  it('sets its timer anew when something is to be done earlier, and only then', () => {
    const pump = started(irq);
    wait = 30;
    pump.serve();
    wait = 600;
    pump.serve();
    vi.advanceTimersByTime(700);
    expect(polls).toEqual([0, 30, 630]);
  });

  it('goes on with the next look when the engine breaks off a call of its timer', () => {
    wait = 900;
    started(irq);
    instead = () => { throw new Error('broken off'); };
    expect(() => vi.advanceTimersByTime(900)).toThrow('broken off');
    vi.advanceTimersByTime(1000);
    expect(polls).toEqual([0, 900, 1000, 1900]);
  });

  it('goes on when the engine breaks off a look', () => {
    started(irq);
    level = false;
    instead = () => { throw new Error('broken off'); };
    expect(() => vi.advanceTimersByTime(250)).toThrow('broken off');
    vi.advanceTimersByTime(250);
    expect(polls).toEqual([0, 250, 500]);
  });

  it('sets its timers again after the application has cleared all there are', () => {
    const ids: NodeJS.Timeout[] = [];
    const set = setTimeout;
    vi.stubGlobal('setTimeout', (act: () => void, delay: number) => {
      const id = set(act, delay);
      ids.push(id);
      return id;
    });
    const pump = started(irq);
    ids.forEach((id) => clearTimeout(id));
    vi.advanceTimersByTime(5000);
    expect(polls).toEqual([0]);
    pump.serve();
    level = false;
    vi.advanceTimersByTime(500);
    level = true;
    vi.advanceTimersByTime(750);
    expect(polls).toEqual([0, 5000, 5500, 6000]);
    ids.forEach((id) => clearTimeout(id));
    vi.advanceTimersByTime(100);
    pump.soon();
    vi.advanceTimersByTime(10);
    expect(polls).toEqual([0, 5000, 5500, 6000, 6350]);
  });

  it('does so also when it is only served, and has no pin', () => {
    const ids: NodeJS.Timeout[] = [];
    const set = setTimeout;
    vi.stubGlobal('setTimeout', (act: () => void, delay: number) => {
      const id = set(act, delay);
      ids.push(id);
      return id;
    });
    const pump = started();
    ids.forEach((id) => clearTimeout(id));
    for (let count = 0; count < 10; count++) {
      vi.advanceTimersByTime(1000);
      pump.serve();
    }
    expect(polls.length).toBeGreaterThan(1000);
  });

  it('leaves timers of the application alone that have the numbers of lost ones', () => {
    const timers: (NodeJS.Timeout | undefined)[] = [];
    const set = setTimeout;
    const clear = clearTimeout;
    vi.stubGlobal('setTimeout', (act: () => void, delay: number) => timers.push(set(act, delay)) - 1);
    vi.stubGlobal('clearTimeout', (id: number) => clear(timers[id]));
    const pump = started(irq);
    vi.advanceTimersByTime(400);
    timers.splice(0).forEach((timer) => clear(timer));
    let rung = 0;
    for (let at = 0; at < 3; at++) setTimeout(() => rung++, 7000);
    vi.advanceTimersByTime(5000);
    pump.serve();
    vi.advanceTimersByTime(2500);
    expect(rung).toBe(3);
    expect(polls).toEqual([0, 5400, 6400, 7400]);
  });

  it('looks no more often when only the timer was lost', () => {
    let read = 0;
    const pump = started({ read: () => (read++, true) } as typeof irq);
    instead = () => { throw new Error('broken off'); };
    expect(() => vi.advanceTimersByTime(1000)).toThrow('broken off');
    vi.advanceTimersByTime(250);
    pump.serve();
    read = 0;
    vi.advanceTimersByTime(1000);
    expect(read).toBe(4);
  });

  it.each([['segment', 'tcp'], ['frame', 'link']] as const)('before it leaves, waits for a %s that cannot go out yet, ten calls at most', (_what, where) => {
    for (const [needed, calls] of [[0, 1], [3, 3], [99, 10]] as const) {
      const tcp = { waiting: -1 };
      const link: { held: object | null } = { held: null };
      polls = [];
      const run = (time: number): number => {
        polls.push(Date.now());
        if (where === 'tcp') tcp.waiting = polls.length < needed ? 0 : -1;
        else link.held = polls.length < needed ? {} : null;
        return time + wait;
      };
      const pump = new make({ ...stack, run, tcp, link } as typeof stack);
      pump.takeLeave();
      expect(polls).toHaveLength(calls);
    }
  });

  it('counts on where the clock becomes negative', () => {
    vi.setSystemTime(2_147_483_200);
    started(irq);
    vi.advanceTimersByTime(1500);
    expect(polls.map((time) => time - 2_147_483_200)).toEqual([0, 1000]);
  });

  it('has ended for good: what is still called sets no timer', () => {
    const pump = started(irq);
    pump.stopPump();
    pump.run();
    vi.advanceTimersByTime(3000);
    pump.soon();
    vi.advanceTimersByTime(3000);
    expect([polls, fallen, vi.getTimerCount()]).toEqual([[0, 0], undefined, 0]);
  });
});
