import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RealTime } from '../../../hal/desktop/real-time';
import { VirtualClock } from '../../../hal/mock/clock';

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

describe('real time', () => {
  let clock: VirtualClock;
  let time: RealTime;

  beforeEach(() => {
    clock = new VirtualClock();
    time = new RealTime(clock);
  });

  afterEach(() => time.stop());

  it('moves the clock at the pace of the real one', async () => {
    const early = performance.now();
    time.start();
    const late = performance.now();
    await pause(150);
    const least = (performance.now() - late) * 1000;
    time.kick();
    expect(clock.now).toBeGreaterThanOrEqual(least);
    expect(clock.now).toBeLessThanOrEqual((performance.now() - early) * 1000);
  });

  it('runs an event when its time has come, and not before', async () => {
    time.start();
    const began = performance.now();
    let late = -1;
    time.kick(() => clock.after(30_400, () => { late = performance.now() - began - 30.4; }));
    await vi.waitFor(() => expect(late).not.toBe(-1), 2000);
    expect(late).toBeGreaterThanOrEqual(-0.1);
    expect(late).toBeLessThan(500);
  });

  it('gives each event its own due time on the clock', async () => {
    const times: number[] = [];
    for (const due of [5000, 5000.5, 5100]) clock.after(due, () => times.push(clock.now));
    time.start();
    await vi.waitFor(() => expect(times).toEqual([5000, 5000.5, 5100]), 2000);
  });

  it('catches an event that was scheduled without a kick within the safety period', async () => {
    time.start();
    await pause(5);
    let run = false;
    clock.after(1000, () => { run = true; });
    await vi.waitFor(() => expect(run).toBe(true), 2000);
  });

  it('waits while the clock is ahead and never moves it back', async () => {
    const began = performance.now();
    time.start();
    clock.advance(400_000);
    let seen = 0;
    time.kick(() => clock.after(1000, () => { seen = performance.now(); }));
    expect(clock.now).toBe(400_000);
    await pause(20);
    expect([clock.now, seen]).toEqual([400_000, 0]);
    await vi.waitFor(() => expect(seen).not.toBe(0), 2000);
    expect(seen - began).toBeGreaterThanOrEqual(401);
  });

  it('leaves the time out during which the process stood still', () => {
    const now = vi.spyOn(performance, 'now');
    try {
      now.mockReturnValue(1000);
      time.start();
      now.mockReturnValue(1500);
      time.kick();
      expect(clock.now).toBe(500_000);
      now.mockReturnValue(601_500);
      time.kick();
      expect(clock.now).toBe(1_500_000);
    } finally {
      now.mockRestore();
    }
  });

  it('stands still after stop and goes on from there', async () => {
    time.start();
    await pause(10);
    time.stop();
    const stood = clock.now;
    let acted = false;
    time.kick(() => { acted = true; });
    await pause(30);
    expect([clock.now, acted]).toEqual([stood, true]);
    const began = performance.now();
    time.start();
    await pause(10);
    time.kick();
    expect(clock.now).toBeGreaterThan(stood);
    expect(clock.now - stood).toBeLessThanOrEqual((performance.now() - began) * 1000);
  });

  it('calls onAdvance after the events of an advance, and lets it schedule more', async () => {
    const order: string[] = [];
    clock.after(2000, () => order.push('event'));
    time.onAdvance = () => {
      if (order[0] === 'event' && order.length === 1) {
        order.push('advanced');
        clock.after(3000, () => order.push('later'));
      }
    };
    time.start();
    await vi.waitFor(() => expect(order).toEqual(['event', 'advanced', 'later']), 2000);
  });

  it('runs a kick from inside an event without advancing twice', () => {
    const order: string[] = [];
    clock.after(0, () => {
      time.kick(() => order.push('inner'));
      order.push('outer');
    });
    clock.after(0, () => order.push('next'));
    time.start();
    time.kick();
    expect(order).toEqual(['inner', 'outer', 'next']);
  });

  it('goes on after an event has thrown', async () => {
    clock.after(0, () => { throw new Error('broken'); });
    let run = false;
    clock.after(0, () => { run = true; });
    time.start();
    expect(() => time.kick()).toThrow('broken');
    await vi.waitFor(() => expect(run).toBe(true), 2000);
  });

  it('costs next to nothing while nothing is due', async () => {
    time.start();
    await pause(20);
    const before = process.cpuUsage();
    let advances = 0;
    time.onAdvance = () => advances++;
    await pause(500);
    const { user, system } = process.cpuUsage(before);
    expect(advances).toBeLessThan(8);
    expect(user + system).toBeLessThan(100_000);
  });
});
