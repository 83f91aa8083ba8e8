import { describe, expect, it } from 'vitest';
import { Repair } from '../../../hal/enc28j60/repairs';
import { Ward } from './ward';
import { into, taken } from '../into';

const PKTDEC = [0x9e, 0x40];
const CLEAR_BITS_OF_EIR = 0xbc;

/** An instruction that the driver does not know of. */
function stray(ward: Ward, ...octets: number[]): void {
  ward.chip.select();
  for (const octet of octets) ward.chip.transfer(octet);
  ward.chip.deselect();
}

/** What was repaired, without what erratum 13 costs anyway. */
function repaired(ward: Ward): Partial<Record<Repair, number>> {
  const usual = [Repair.TRANSMITTER, Repair.LATE_COLLISION];
  const counts = [...ward.driver.repairs].map((count, cause) => [cause, count] as const);
  return Object.fromEntries(counts.filter(([cause, count]) => count > 0 && !usual.includes(cause)));
}

describe('a chip that hears nothing any more and does not say so', () => {
  it('has its receive logic reset when what the driver sends stays unanswered for four seconds', () => {
    const ward = new Ward({ seed: 1 });
    ward.run(3000);
    ward.chip.deafen('until RXRST');
    expect(ward.untilWell(10_000)).toBeLessThan(6000);
    expect(repaired(ward)).toEqual({ [Repair.SILENCE]: 1 });
  });

  it('is initialised again when that does not help in four seconds more', () => {
    const ward = new Ward({ seed: 2 });
    ward.run(3000);
    ward.chip.deafen('until reset');
    expect(ward.untilWell(20_000)).toBeLessThan(10_000);
    expect(repaired(ward)).toEqual({ [Repair.SILENCE]: 2 });
    expect(ward.chip.violations).toEqual([]);
  });

  it('is left in peace more and more when nobody is there to be heard', () => {
    const ward = new Ward({ seed: 3 });
    ward.run(1000);
    ward.silent = true;
    ward.run(200_000);
    // After 4 and 8 seconds, then 8 and 16 more, 16 and 32, 32 and 64, and after 64.
    expect(ward.driver.counters.recoveries).toBe(9);
    ward.silent = false;
    ward.run(3000);
    expect(ward.losses(500)).toEqual({ incoming: [], outgoing: [] });
  });

  it('is left in peace while the link is down, and while the host says nothing', () => {
    const ward = new Ward({ seed: 4 });
    ward.run(1000);
    ward.silent = true;
    ward.chip.linkChanged(false);
    ward.run(30_000);
    ward.chip.linkChanged(true);
    ward.mute = true;
    ward.run(30_000);
    expect(ward.driver.counters.recoveries).toBe(0);
  });
});

describe('counter and pointer that disagree', () => {
  it('a PKTDEC too many is noticed within a second or two: no frame waits for the next one for ever', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const ward = new Ward({ seed });
      ward.run(1000 + seed * 17);
      ward.asleep = true;
      const waiting = (): number => ward.chip.peek(1, 0x19);
      while (waiting() === 0) ward.run(5);
      stray(ward, ...PKTDEC);
      ward.asleep = false;
      ward.run(2200);
      expect(repaired(ward)[Repair.POINTERS], `seed ${seed}`).toBe(1);
      expect(ward.losses(1000)).toEqual({ incoming: [], outgoing: [] });
      expect(ward.faults).toEqual([]);
    }
  });

  it('a PKTDEC that got lost never has a frame handed over twice, when the bus is not trusted', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const ward = new Ward({ seed, careful: true });
      const { chip } = ward;
      ward.run(1000);
      let lost = 0;
      const transfer = chip.transfer.bind(chip);
      let first = true;
      let decrement = false;
      const select = chip.select.bind(chip);
      chip.select = () => {
        first = true;
        select();
      };
      chip.transfer = (octet) => {
        if (first) decrement = octet === PKTDEC[0];
        const loses = decrement && !first && lost < 1;
        if (loses) lost++;
        first = false;
        return transfer(loses ? 0 : octet);
      };
      ward.run(3000);
      expect([lost, repaired(ward)], `seed ${seed}`).toEqual([1, { [Repair.CHAIN]: 1 }]);
      expect(ward.faults).toEqual([]);
      expect(ward.losses(500)).toEqual({ incoming: [], outgoing: [] });
    }
  });
});

describe('a bank that was changed behind the back of the driver', () => {
  it('is put right by the next look, and taken for no lost setup', () => {
    const ward = new Ward({ seed: 7 });
    ward.run(1000);
    for (const bank of [1, 2, 3, 0]) {
      stray(ward, 0xbf, 0x03);
      stray(ward, 0x9f, bank);
      ward.driver.linkUp();
    }
    expect(repaired(ward)).toEqual({});
  });
});

describe('an INT line that never falls', () => {
  it('leaves the driver with the second in which it looks for itself', () => {
    const ward = new Ward({ seed: 5 });
    ward.run(1000);
    Object.defineProperty(ward.chip, 'int', { get: () => true });
    ward.run(10_000);
    const delays = [...ward.incoming.frames.values()].filter(({ arrived }) => arrived > 0).map(({ at, arrived }) => arrived - at);
    expect(Math.max(...delays)).toBeLessThan(1_100_000);
    // What comes in meanwhile has to fit the ring.
    const { framesOverflowed } = ward.chip.counts;
    expect(ward.incoming.lost(1_000_000, ward.clock.now - 1_100_000).length).toBeLessThanOrEqual(framesOverflowed);
    expect(framesOverflowed).toBeLessThan(40);
    expect(repaired(ward)[Repair.INTERRUPT]).toBeGreaterThan(5);
    expect(ward.driver.counters.recoveries).toBe(0);
  });
});

describe('a frame that comes in while an error is dealt with', () => {
  it('makes INT fall once more, for INTIE was off meanwhile', () => {
    const ward = new Ward({ seed: 6 });
    const { chip } = ward;
    ward.run(1000);
    ward.asleep = true;
    ward.flood(12, 1500);
    const edges: string[] = [];
    chip.onInterrupt = (low) => edges.push(low ? 'falls' : 'rises');
    const transfer = chip.transfer.bind(chip);
    chip.transfer = (octet) => {
      const answer = transfer(octet);
      if (octet === CLEAR_BITS_OF_EIR && edges.length === 1) ward.flood(1, 100);
      return answer;
    };
    const buffer = new Uint8Array(1518);
    for (let frames = chip.peek(1, 0x19); frames > 0; frames--) expect(taken(ward.driver, into(buffer))).toBeGreaterThan(0);
    expect(taken(ward.driver, into(buffer))).toBe(0);
    expect(edges).toEqual(['rises', 'falls']);
    expect(taken(ward.driver, into(buffer))).toBe(100);
    expect(ward.driver.counters.rxOverflows).toBe(1);
  });
});
