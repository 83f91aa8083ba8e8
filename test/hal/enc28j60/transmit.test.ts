import { describe, expect, it } from 'vitest';
import { Repair } from '../../../hal/enc28j60/repairs';
import { frameCheckSequenceGood } from '../../../hal/mock/fcs';
import { SeededRandom } from '../../../hal/mock/random';
import { ADDRESS, BROADCAST, Rig, frameOf } from './rig';

describe('send', () => {
  it('puts 2,000 frames of random length on the wire octet for octet, padded, with a good check sequence', () => {
    const rig = Rig.opened();
    const random = new SeededRandom(20);
    for (let count = 0; count < 2000; count++) {
      const length = random.chance(0.3) ? 14 + random.below(50) : 14 + random.below(1501);
      const frame = frameOf(random, length, BROADCAST);
      expect(rig.driver.send(frame, length)).toBe(true);
      rig.clock.advance(2000);
      const sent = rig.sent.pop()!;
      const padded = new Uint8Array(Math.max(60, length));
      padded.set(frame);
      if (!frameCheckSequenceGood(sent) || Buffer.compare(sent.subarray(0, -4), padded) !== 0) {
        expect.fail(`frame ${count} of ${length} octets, seed ${random.seed}`);
      }
    }
    expect(rig.sent).toEqual([]);
    expect(rig.driver.counters).toMatchObject({ txFrames: 2000, txErrors: 0 });
    expect(rig.chip.violations).toEqual([]);
  });

  it('takes part of a longer buffer', () => {
    const rig = Rig.opened();
    const frame = frameOf(new SeededRandom(21), 1514);
    rig.driver.send(frame, 100);
    rig.clock.advance(2000);
    expect(rig.sent[0]).toHaveLength(104);
    expect(rig.sent[0].subarray(0, 100)).toEqual(frame.subarray(0, 100));
  });

  it('waits for the frame before, when that takes the time of a frame', () => {
    const rig = Rig.opened();
    const frame = frameOf(new SeededRandom(22), 1514);
    for (let count = 0; count < 20; count++) expect(rig.driver.send(frame, 1514)).toBe(true);
    rig.clock.advance(2000);
    expect(rig.sent).toHaveLength(20);
    expect(rig.driver.counters.txErrors).toBe(0);
    expect(rig.chip.violations).toEqual([]);
  });

  it('answers busy when it takes longer, leaves that frame alone, and takes the next one later', () => {
    const rig = Rig.opened();
    const first = frameOf(new SeededRandom(23), 500);
    const second = frameOf(new SeededRandom(24), 700);
    rig.wireTime = 5000;
    expect(rig.driver.send(first, 500)).toBe(true);
    const before = rig.clock.now;
    expect(rig.driver.send(second, 700)).toBe(false);
    expect(rig.clock.now - before).toBeLessThan(2500);
    expect(rig.driver.send(second, 700)).toBe(false);
    expect(rig.driver.send(second, 700)).toBe(true);
    rig.clock.advance(6000);
    expect(rig.sent.map((frame) => frame.length)).toEqual([504, 704]);
    expect(rig.driver.counters).toMatchObject({ txFrames: 2, txErrors: 0 });
    expect(rig.chip.violations).toEqual([]);
  });

  it('gives a frame up that never gets through, after sixteen tries more', () => {
    const rig = Rig.opened();
    const frame = frameOf(new SeededRandom(25), 60);
    rig.wireTime = 90000;
    rig.driver.send(frame, 60);
    let busy = 0;
    while (!rig.driver.send(frame, 60)) busy++;
    expect(busy).toBeLessThan(150);
    expect(rig.driver.repairs[Repair.TRANSMITTER]).toBe(16);
    expect(rig.driver.counters).toMatchObject({ txFrames: 2, txErrors: 1 });
    expect(rig.chip.violations).toEqual([]);
  });

  it('costs ten SPI instructions at most, eight when the length stays', () => {
    const rig = Rig.opened();
    const random = new SeededRandom(26);
    const frame = frameOf(random, 1514);
    for (let count = 0; count < 100; count++) {
      rig.clock.advance(2000);
      const length = 60 + random.below(1455);
      expect(rig.cost(() => rig.driver.send(frame, length))).toBeLessThanOrEqual(10);
      rig.clock.advance(2000);
      expect(rig.cost(() => rig.driver.send(frame, length))).toBeLessThanOrEqual(8);
    }
  });
});

describe('both ways at once', () => {
  it('keeps frames whole in both directions', () => {
    const rig = Rig.opened({ fullDuplex: true });
    const random = new SeededRandom(27);
    for (let count = 0; count < 1000; count++) {
      const incoming = frameOf(random, 60 + random.below(1455), ADDRESS);
      const outgoing = frameOf(random, 60 + random.below(1455), BROADCAST);
      rig.arrives(incoming);
      expect(rig.driver.send(outgoing, outgoing.length)).toBe(true);
      if (Buffer.compare(rig.received()!, incoming) !== 0) expect.fail(`frame ${count} in, seed ${random.seed}`);
      rig.clock.advance(random.below(2000));
      if (random.chance(0.05)) rig.driver.linkUp();
      if (count > 0 && rig.sent.length < count) expect.fail(`frame ${count} out, seed ${random.seed}`);
      if (rig.sent.length > count && Buffer.compare(rig.sent[count].subarray(0, -4), outgoing) !== 0) {
        expect.fail(`frame ${count} out, seed ${random.seed}`);
      }
    }
    expect(rig.driver.counters).toMatchObject({ txErrors: 0, rxErrors: 0, recoveries: 0 });
    expect(rig.chip.violations).toEqual([]);
  });
});
