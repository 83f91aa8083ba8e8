import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../hal/mock/random';
import { Bench, frameOf } from './bench';

/** Something goes wrong with the chip itself, or stops to. */
function disturb(bench: Bench, random: SeededRandom): void {
  const { chip } = bench;
  const acts: (() => void)[] = [
    () => chip.brownOut(),
    () => chip.disappear(random.below(256), random.chance(0.5)),
    () => chip.reappear(),
    () => chip.deafen(random.chance(0.5) ? 'until RXRST' : 'until reset'),
    () => chip.mislead(),
    () => chip.faults.end(),
    () => Object.assign(chip.faults.rates, { miso: 0.01, mosi: 0.01, stuck: 0.1, lateCollisions: 0.3, nextPointers: 0.1 }),
    () => chip.faults.transmissions.push('stuck for good', 'excessive collisions', 'collisions'),
    () => (chip.faults.chipSelectHold = random.below(300)),
  ];
  acts[random.below(acts.length)]!();
}

describe('whatever the driver and the wire do', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('nothing throws or hangs (seed %i)', (seed) => {
    const random = new SeededRandom(seed);
    const bench = random.chance(0.5) ? Bench.receiving({ seed }) : new Bench({ seed });
    for (let turn = 0; turn < 4000; turn++) {
      const kind = random.below(100);
      const octets = Array.from({ length: 1 + random.below(4) }, () => random.below(256) & (kind < 30 ? 0x7f : 0xff));
      const frame = random.chance(0.3) ? new Uint8Array(random.below(40)) : frameOf(18 + random.below(1600));
      if (kind < 70) bench.instruction(...octets);
      else if (kind < 90) bench.chip.frameArrived(frame);
      else if (kind < 92) bench.chip.linkChanged(random.chance(0.5));
      else if (kind < 93) bench.chip.resetPin(random.chance(0.2));
      else if (kind < 95) bench.chip.carrierSensed(random.below(1000));
      else if (kind < 96) disturb(bench, random);
      else bench.clock.advance(random.below(500));
    }
    bench.clock.advance(1e6);
    expect(bench.chip.memory).toHaveLength(0x2000);
    expect(bench.chip.counts.spiTransactions).toBeGreaterThan(2000);
  });
});
