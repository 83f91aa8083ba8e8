import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../hal/mock/random';
import { ADDRESS, BROADCAST, Rig, frameOf } from './rig';

describe('receive', () => {
  for (const interruptPin of [true, false]) {
    const way = interruptPin ? 'INT pin' : 'polling';
    it(`hands over 5,000 frames of random size octet for octet, ${way}`, () => {
      const rig = Rig.opened({ interruptPin });
      const random = new SeededRandom(interruptPin ? 1 : 2);
      const waiting: Uint8Array[] = [];
      for (let count = 0; count < 5000;) {
        for (let burst = random.below(4); burst >= 0 && count < 5000; burst--, count++) {
          const length = random.chance(0.3) ? 60 + random.below(4) : 60 + random.below(1455);
          const frame = frameOf(random, length, random.chance(0.2) ? BROADCAST : ADDRESS);
          waiting.push(frame);
          rig.arrives(frame);
          rig.clock.advance(length);
        }
        // Buffers of the smallest size that will do and of a generous one, and frames left for the next time.
        while (waiting.length > 0 && !(waiting.length < 2 && random.chance(0.2))) {
          const frame = rig.received(random.chance(0.5) ? 1514 : 1600);
          const expected = waiting.shift()!;
          if (!frame || Buffer.compare(frame, expected) !== 0) expect.fail(`frame ${count}, seed ${random.seed}`);
        }
      }
      while (waiting.length > 0) expect(rig.received()).toEqual(waiting.shift());
      expect(rig.received()).toBeUndefined();
      expect(rig.chip.int).toBe(true);
      expect(rig.driver.counters).toMatchObject({ rxFrames: 5000, rxErrors: 0, rxOverflows: 0, recoveries: 0 });
      expect(rig.chip.violations).toEqual([]);
    });
  }

  it('takes the longest and the shortest frame, odd ones too, into a buffer that just fits', () => {
    const rig = Rig.opened();
    const random = new SeededRandom(3);
    for (const length of [1514, 60, 1513, 61, 1514, 63]) {
      const frame = frameOf(random, length);
      rig.arrives(frame);
      expect(rig.received(length)).toEqual(frame);
    }
    expect(rig.chip.violations).toEqual([]);
  });

  it('costs nothing while INT is high', () => {
    const rig = Rig.opened();
    expect(rig.cost(() => rig.received())).toBe(0);
  });

  it('costs two instructions while nothing comes and no INT pin tells', () => {
    const rig = Rig.opened({ interruptPin: false });
    rig.received();
    expect(rig.cost(() => rig.received())).toBeLessThanOrEqual(2);
  });

  it('does not hear what is meant for others', () => {
    const rig = Rig.opened();
    rig.arrives(frameOf(new SeededRandom(4), 60, new Uint8Array([0x02, 0, 0, 0, 0, 0x99])));
    rig.arrives(frameOf(new SeededRandom(4), 60, new Uint8Array([0x01, 0, 0x5e, 0, 0, 1])));
    expect(rig.received()).toBeUndefined();
  });

  it('drops a frame that is too long for the buffer and takes the next', () => {
    const rig = Rig.opened();
    const random = new SeededRandom(5);
    const good = frameOf(random, 100);
    rig.arrives(frameOf(random, 601));
    rig.arrives(frameOf(random, 1514));
    rig.arrives(good);
    expect(rig.received(600)).toEqual(good);
    expect(rig.received(600)).toBeUndefined();
    expect(rig.driver.counters).toMatchObject({ rxFrames: 1, rxOversize: 2, recoveries: 0 });
    expect(rig.chip.violations).toEqual([]);
  });

  it('looks at eight frames at most in one call', () => {
    const rig = Rig.opened();
    const random = new SeededRandom(6);
    for (let count = 0; count < 9; count++) rig.arrives(frameOf(random, 200));
    rig.arrives(frameOf(random, 100));
    const edges: string[] = [];
    rig.chip.onInterrupt = (low) => edges.push(low ? 'falls' : 'rises');
    expect(rig.received(150)).toBeUndefined();
    expect(rig.driver.counters.rxOversize).toBe(8);
    // For those who wait for an edge: there is more.
    expect(edges).toEqual(['rises', 'falls']);
    expect(rig.received(150)).toHaveLength(100);
  });

  it('drops a frame that is shorter than Ethernet allows, and goes on', () => {
    const rig = Rig.opened();
    const random = new SeededRandom(7);
    const good = frameOf(random, 60);
    rig.arrives(frameOf(random, 20));
    rig.arrives(frameOf(random, 59));
    rig.arrives(good);
    expect(rig.received()).toEqual(good);
    expect(rig.driver.counters).toMatchObject({ rxErrors: 2, recoveries: 0 });
  });
});

describe('when the ring overflows', () => {
  for (const interruptPin of [true, false]) {
    const way = interruptPin ? 'INT pin' : 'polling';
    it(`hands over what was stored, counts the loss once and goes on, ${way}`, () => {
      const rig = Rig.opened({ interruptPin });
      const random = new SeededRandom(8);
      for (let round = 0; round < 20; round++) {
        const frames: Uint8Array[] = [];
        const length = 1000 + random.below(515);
        for (let count = 0; count < 12; count++) frames.push(frameOf(random, length));
        frames.forEach((frame) => rig.arrives(frame));
        const stored = rig.chip.peek(1, 0x19);
        expect(stored).toBeGreaterThanOrEqual(4);
        for (let count = 0; count < stored; count++) expect(rig.received()).toEqual(frames[count]);
        expect(rig.received()).toBeUndefined();
        expect(rig.driver.counters.rxOverflows).toBe(round + 1);
        expect(rig.chip.int).toBe(true);
      }
      expect(rig.driver.counters.recoveries).toBe(0);
      expect(rig.chip.violations).toEqual([]);
    });
  }

  it('holds three frames of full size whatever was taken before, and four after a look at the chip', () => {
    for (const [looks, room] of [[false, 3], [true, 4]] as const) {
      const rig = Rig.opened();
      const random = new SeededRandom(9);
      for (let before = 0; before < 60; before++) {
        rig.arrives(frameOf(random, 60 + random.below(before < 30 ? 60 : 1400)));
        rig.received();
        if (looks) rig.driver.linkUp();
        for (let count = 0; count < room; count++) rig.arrives(frameOf(random, 1514));
        for (let count = 0; count < room; count++) expect(rig.received()).toHaveLength(1514);
      }
      expect(rig.driver.counters.rxOverflows).toBe(0);
      expect(rig.chip.violations).toEqual([]);
    }
  });
});

describe('a header that makes no sense', () => {
  const spoilings: { what: string; at: number; value: number }[] = [
    { what: 'an odd next pointer', at: 0, value: 0x47 },
    { what: 'a next pointer out of the ring', at: 1, value: 0x1f },
    { what: 'a byte count that contradicts it', at: 2, value: 0x11 },
    { what: 'a byte count that is huge', at: 3, value: 0xff },
    { what: 'a reserved bit', at: 4, value: 0x8a },
    { what: 'the bit that is always zero', at: 5, value: 0x80 },
  ];
  for (const { what, at, value } of spoilings) {
    it(`(${what}) makes the driver set the chip up again, and go on`, () => {
      const rig = Rig.opened();
      const random = new SeededRandom(10);
      const frame = frameOf(random, 200);
      rig.arrives(frame);
      expect(rig.received()).toEqual(frame);
      const next = (6 + 204) & ~1;
      rig.arrives(frame);
      rig.arrives(frame);
      rig.chip.memory[next + at] = value;
      expect(rig.received()).toBeUndefined();
      expect(rig.driver.counters).toMatchObject({ recoveries: 1, rxErrors: 1 });
      rig.clock.advance(50000);
      expect(rig.received()).toBeUndefined();
      for (let count = 0; count < 50; count++) {
        const later = frameOf(random, 60 + random.below(1455));
        rig.arrives(later);
        expect(rig.received()).toEqual(later);
      }
      expect(rig.driver.counters.recoveries).toBe(1);
      expect(rig.chip.violations).toEqual([]);
    });
  }
});

describe('SPI instructions a frame', () => {
  const answer = new Uint8Array(60);
  let most = 0;

  function spent(length: number, burst: number, answered = false): number {
    const rig = Rig.opened();
    const random = new SeededRandom(11);
    const rounds = 240 / burst;
    let cost = 0;
    rig.arrives(frameOf(random, 60));
    rig.received(1520);
    if (answered) rig.driver.send(answer, 60);
    for (let round = 0; round < rounds; round++) {
      for (let count = 0; count < burst; count++) rig.arrives(frameOf(random, length));
      const spentNow = rig.cost(() => {
        for (let count = 0; count < burst; count++) expect(rig.received(1520)).toHaveLength(length);
        expect(rig.received(1520)).toBeUndefined();
      });
      cost += spentNow;
      most = Math.max(most, spentNow / burst);
      if (answered) rig.driver.send(answer, 60);
    }
    expect(rig.chip.violations).toEqual([]);
    return cost / (rounds * burst);
  }

  it('stay few, one frame at a time: seven at most', () => {
    expect(spent(60, 1)).toBeLessThanOrEqual(4.2);
    expect(spent(300, 1)).toBeLessThanOrEqual(4.8);
    expect(spent(1514, 1)).toBeLessThanOrEqual(6.1);
    expect(most).toBe(7);
  });

  it('stay fewer when each is answered, as TCP does: that leaves the right bank selected', () => {
    expect(spent(60, 1, true)).toBeLessThanOrEqual(4.2);
    expect(spent(1514, 1, true)).toBeLessThanOrEqual(5.5);
  });

  it('stay few, several frames at a time', () => {
    expect(spent(60, 4)).toBeLessThanOrEqual(3.9);
    expect(spent(1514, 2)).toBeLessThanOrEqual(6.6);
    expect(spent(1514, 4)).toBeLessThanOrEqual(5.8);
  });
});
