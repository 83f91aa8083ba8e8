import { describe, expect, it } from 'vitest';
import { Statistics, observe } from '../../../hal/enc28j60/statistics';
import { withFrameCheckSequence } from '../../../hal/mock/fcs';
import { SeededRandom } from '../../../hal/mock/random';
import { BROADCAST, Rig, frameOf } from './rig';

const PAUSE_GROUP = new Uint8Array([0x01, 0x80, 0xc2, 0x00, 0x00, 0x01]);
const random = new SeededRandom(1);

function counting(fullDuplex = false): { rig: Rig; statistics: Statistics } {
  const statistics = new Statistics();
  const rig = new Rig({ statistics, fullDuplex });
  observe(rig.driver);
  rig.driver.open();
  rig.clock.advance(50_000);
  return { rig, statistics };
}

function send(rig: Rig): void {
  const frame = frameOf(random, 100, BROADCAST);
  while (!rig.driver.send(frame, 100));
  rig.clock.advance(2_000_000);
}

describe('statistics of RFC 3635', () => {
  it('tell collisions, and how many a frame took', () => {
    const { rig, statistics } = counting();
    for (let frame = 0; frame < 40; frame++) {
      rig.chip.faults.transmissions.push('collisions');
      send(rig);
    }
    send(rig);
    const { dot3StatsSingleCollisionFrames: single, dot3StatsMultipleCollisionFrames: multiple } = statistics;
    expect(single + multiple).toBe(40);
    expect(single).toBe(statistics.dot3CollFrequencies[1]);
    expect(statistics.dot3CollFrequencies.slice(1).reduce((sum, count) => sum + count)).toBe(40);
    expect(rig.chip.violations).toEqual([]);
  });

  it('tell late and excessive collisions, each try for itself', () => {
    const { rig, statistics } = counting();
    rig.chip.faults.transmissions.push('late collision', 'late collision', undefined, 'excessive collisions');
    send(rig);
    send(rig);
    send(rig);
    expect(statistics).toMatchObject({ dot3StatsLateCollisions: 2, dot3StatsExcessiveCollisions: 1 });
    expect(rig.driver.counters.txErrors).toBe(1);
  });

  it('tell frames that had to wait for the medium', () => {
    const { rig, statistics } = counting();
    rig.chip.carrierSensed(1000);
    send(rig);
    send(rig);
    expect(statistics.dot3StatsDeferredTransmissions).toBe(1);
  });

  it('tell bad check sequences and short frames, which are dropped all the same', () => {
    const { rig, statistics } = counting();
    const bad = withFrameCheckSequence(frameOf(random, 100));
    bad[50]! ^= 1;
    rig.chip.frameArrived(bad);
    rig.arrives(frameOf(random, 40));
    const good = frameOf(random, 100);
    rig.arrives(good);
    expect(rig.received()).toEqual(good);
    expect(statistics).toMatchObject({ dot3StatsFCSErrors: 1, dot3StatsInternalMacReceiveErrors: 1 });
    expect(rig.driver.counters).toMatchObject({ rxErrors: 2, recoveries: 0 });
  });

  it('tell pause frames and unknown MAC control frames', () => {
    const { rig, statistics } = counting(true);
    rig.driver.multicast(PAUSE_GROUP, true);
    for (const opcode of [1, 7]) {
      const control = frameOf(random, 60, PAUSE_GROUP);
      control.set([0x88, 0x08, 0x00, opcode, 0, 0], 12);
      rig.arrives(control);
    }
    expect(rig.received()).toBeUndefined();
    expect(statistics).toMatchObject({ dot3InPauseFrames: 1, dot3ControlInUnknownOpcodes: 1 });
  });
});
