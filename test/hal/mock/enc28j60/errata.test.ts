import { describe, expect, it } from 'vitest';
import { BROADCAST, Bench, Econ1, Econ2, Phy, Register, STATION, frameOf } from './bench';
import type { ChipOptions } from '../../../../hal/mock/enc28j60/chip';

const TXIF = 0x08;
const TXERIF = 0x02;
const RXERIF = 0x01;
const BUFER = 0x40;
const LATECOL = 0x10;
const PKTIF = 0x40;
const EVERY_REVISION = ['B1', 'B4', 'B5', 'B7'] as const;

/** Half duplex, hearing. */
function halfDuplex(options: ChipOptions = {}): Bench {
  const bench = Bench.configured(options);
  bench.set(Register.MACON3, 0x32);
  bench.phyWrite(Phy.PHCON1, 0);
  bench.phyWrite(Phy.PHCON2, 0x0100);
  bench.setBits(Register.ECON1, Econ1.RXEN);
  return bench;
}

/** How many of `times` tries came out true. */
function tally(times: number, happens: () => boolean): number {
  let count = 0;
  for (let time = 0; time < times; time++) if (happens()) count++;
  return count;
}

function transmits(bench: Bench): number {
  bench.transmits(new Uint8Array(60));
  bench.clock.advance(1_000_000);
  const flags = bench.get(Register.EIR);
  bench.clearBits(Register.EIR, TXIF | TXERIF);
  return flags;
}

describe('errata (section 2)', () => {
  it.each(EVERY_REVISION)('1: MAC registers below 8 MHz, revision %s', (revision) => {
    const failures = (spiHz: number): number => {
      const bench = Bench.started({ revision, spiHz, seed: 1 });
      return tally(1000, () => bench.get(Register.MACLCON2) !== 0x37);
    };
    expect(failures(10e6)).toBe(0);
    if (revision === 'B1' || revision === 'B4') expect(failures(4e6)).toBeGreaterThan(10);
    else expect(failures(4e6)).toBe(0);
  });

  it('2: within 1 ms of SRC some MAC accesses fail, later none', () => {
    const bench = Bench.started({ seed: 2, strict: false });
    const lost = tally(200, () => {
      bench.instruction(0xff);
      bench.set(Register.MABBIPG, 0x15);
      bench.clock.advance(1000);
      return bench.get(Register.MABBIPG) !== 0x15;
    });
    expect(lost).toBeGreaterThan(50);
    expect(lost).toBeLessThan(150);
  });

  it('4: CLKOUT stands still in power save', () => {
    const bench = Bench.started();
    expect(bench.chip.clkout).toBe(6.25e6);
    bench.set(Register.ECOCON, 0x01);
    expect(bench.chip.clkout).toBe(25e6);
    bench.setBits(Register.ECON2, Econ2.PWRSV);
    expect(bench.chip.clkout).toBe(0);
  });

  it('5: a ring that does not start at 0000h is sometimes written from there', () => {
    const bench = Bench.started({ seed: 5, strict: false });
    const astray = tally(200, () => {
      bench.clearBits(Register.ECON1, Econ1.RXEN);
      bench.setWord(Register.ERXSTL, 0x0600);
      bench.setWord(Register.ERXNDL, 0x19ff);
      bench.setWord(Register.ERXRDPTL, 0x19ff);
      bench.set(Register.ERXFCON, 0);
      bench.set(Register.MACON1, 0x01);
      bench.setBits(Register.ECON1, Econ1.RXEN);
      bench.chip.memory.fill(0, 0x0600, 0x0700);
      bench.chip.frameArrived(frameOf(64));
      return bench.chip.memory[0x0602] === 0;
    });
    expect(astray).toBeGreaterThan(20);
    expect(astray).toBeLessThan(120);
  });

  it('6: PKTIF reads 0 now and then while EPKTCNT and INT are right', () => {
    const bench = Bench.receiving({ seed: 6 });
    bench.set(Register.EIE, 0xc0);
    bench.chip.frameArrived(frameOf(64));
    const wrong = tally(300, () => (bench.get(Register.EIR) & PKTIF) === 0);
    expect(wrong).toBeGreaterThan(5);
    expect(wrong).toBeLessThan(150);
    expect(bench.get(Register.EPKTCNT)).toBe(1);
    expect(bench.chip.int).toBe(false);
  });

  it('9: loopback in half duplex loses frames', () => {
    const bench = halfDuplex({ seed: 9, errata: { 13: 0, 12: 0 } });
    bench.phyWrite(Phy.PHCON2, 0);
    for (let time = 0; time < 40; time++) {
      bench.transmits([...BROADCAST, ...new Uint8Array(54)]);
      bench.clock.advance(1000);
    }
    expect(bench.get(Register.EPKTCNT)).toBeGreaterThan(5);
    expect(bench.get(Register.EPKTCNT)).toBeLessThan(35);
  });

  it('10: loopback in full duplex spoils frames', () => {
    const bench = Bench.receiving({ seed: 10 });
    bench.phyWrite(Phy.PHCON1, 0x4100);
    for (let time = 0; time < 40; time++) {
      bench.transmits([...STATION, ...new Uint8Array(54)]);
      bench.clock.advance(1000);
    }
    expect(bench.chip.counts.framesBadCrc + bench.chip.counts.framesFiltered).toBeGreaterThan(5);
    expect(bench.get(Register.EPKTCNT)).toBeGreaterThan(5);
  });

  it('11: LED code 1110 shows the duplex mode and no collisions', () => {
    const bench = halfDuplex();
    bench.phyWrite(Phy.PHLCON, 0x3e36);
    bench.chip.faults.transmissions.push('collisions');
    bench.transmits(new Uint8Array(60));
    bench.clock.advance(1);
    expect([bench.chip.led('A'), bench.chip.led('B')]).toEqual([false, true]);
    const good = halfDuplex({ errata: { 11: 0 } });
    good.phyWrite(Phy.PHLCON, 0x3e36);
    good.chip.faults.transmissions.push('collisions');
    good.transmits(new Uint8Array(60));
    good.clock.advance(1);
    expect(good.chip.led('A')).toBe(true);
  });

  it('12: an abort in half duplex stalls the next transmission, until TXRST, whose end may set TXERIF', () => {
    const bench = halfDuplex({ errata: { 12: 1 } });
    bench.chip.faults.transmissions.push('excessive collisions');
    expect(transmits(bench)).toBe(TXIF | TXERIF);
    expect(transmits(bench)).toBe(0);
    expect(bench.get(Register.ECON1) & Econ1.TXRTS).toBe(Econ1.TXRTS);
    bench.setBits(Register.ECON1, Econ1.TXRST);
    bench.clearBits(Register.ECON1, Econ1.TXRST);
    expect(bench.get(Register.EIR) & TXERIF).toBe(TXERIF);
    bench.clearBits(Register.EIR, TXIF | TXERIF);
    expect(transmits(bench)).toBe(TXIF);
  });

  it.each(EVERY_REVISION)('13: link pulses are taken for late collisions, revision %s', (revision) => {
    const bench = halfDuplex({ revision, errata: { 13: 1 }, seed: 13 });
    let stuck = 0;
    let late = 0;
    for (let time = 0; time < 40; time++) {
      const flags = transmits(bench);
      if (flags === 0) stuck++;
      bench.setBits(Register.ECON1, Econ1.TXRST);
      bench.clearBits(Register.ECON1, Econ1.TXRST);
      bench.clearBits(Register.EIR, TXIF | TXERIF);
      if (flags & TXERIF && bench.transmitStatus(60)[3]! & 0x20) late++;
    }
    if (revision === 'B5' || revision === 'B7') {
      expect(stuck + late).toBe(40);
      expect(stuck).toBeGreaterThan(2);
      expect(late).toBeGreaterThan(2);
    } else {
      expect(stuck + late).toBe(0);
    }
  });

  it('13: clearing TXRTS of one that is stuck writes its status vector, late collision and all', () => {
    const bench = halfDuplex();
    bench.chip.faults.transmissions.push('stuck');
    expect(transmits(bench)).toBe(0);
    bench.clearBits(Register.ECON1, Econ1.TXRTS);
    expect(bench.get(Register.EIR)).toBe(TXIF);
    expect(bench.transmitStatus(60)[3]! & 0x20).toBe(0x20);
  });

  it('14: an even ERXRDPT spoils what is received next, now and then', () => {
    const spoilt = (pointer: number): number => {
      const bench = Bench.configured({ seed: 14, strict: false });
      bench.set(Register.ERXFCON, 0);
      return tally(400, () => {
        bench.clearBits(Register.ECON1, Econ1.RXEN);
        bench.setWord(Register.ERXSTL, 0);
        bench.setWord(Register.ERXNDL, 0x19ff);
        bench.setWord(Register.ERXRDPTL, pointer);
        bench.setBits(Register.ECON1, Econ1.RXEN);
        bench.chip.frameArrived(frameOf(600));
        const good = Buffer.compare(bench.chip.memory.subarray(6, 606), frameOf(600)) === 0;
        bench.setBits(Register.ECON2, Econ2.PKTDEC);
        return !good;
      });
    };
    expect(spoilt(0x19ff)).toBe(0);
    expect(spoilt(0x19fe)).toBeGreaterThan(5);
  });

  it('15: ESTAT.LATECOL says nothing about late collisions', () => {
    const bench = halfDuplex({ seed: 15, errata: { 12: 0, 13: 0 } });
    const shown = (fault: 'late collision' | 'excessive collisions'): number =>
      tally(100, () => {
        bench.chip.faults.transmissions.push(fault);
        transmits(bench);
        const set = (bench.get(Register.ESTAT) & LATECOL) !== 0;
        bench.clearBits(Register.ESTAT, LATECOL);
        return set;
      });
    for (const count of [shown('late collision'), shown('excessive collisions')]) {
      expect(count).toBeGreaterThan(20);
      expect(count).toBeLessThan(80);
    }
  });

  it('16: PHCON1.PDPXMD comes up wrong at some resets', () => {
    const bench = Bench.started({ seed: 16 });
    const wrong = tally(100, () => {
      bench.instruction(0xff);
      bench.clock.advance(1000);
      return bench.chip.phy(Phy.PHCON1) !== 0;
    });
    expect(wrong).toBeGreaterThan(20);
    expect(wrong).toBeLessThan(80);
  });

  it('17: a DMA checksum while a frame comes in loses it, with RXERIF and BUFER; a copy does not', () => {
    const bench = Bench.receiving();
    bench.setWord(Register.EDMASTL, 0x0000);
    bench.setWord(Register.EDMANDL, 0x03ff);
    bench.setWord(Register.EDMADSTL, 0x1c00);
    bench.setBits(Register.ECON1, Econ1.CSUMEN | Econ1.DMAST);
    bench.clock.advance(100);
    bench.chip.frameArrived(frameOf(600));
    expect(bench.get(Register.EPKTCNT)).toBe(0);
    expect(bench.get(Register.EIR) & RXERIF).toBe(RXERIF);
    expect(bench.get(Register.ESTAT) & BUFER).toBe(BUFER);
    bench.clearBits(Register.ECON1, Econ1.CSUMEN);
    bench.clock.advance(1000);
    bench.setBits(Register.ECON1, Econ1.DMAST);
    bench.chip.frameArrived(frameOf(600));
    expect(bench.get(Register.EPKTCNT)).toBe(1);
  });

  it('18: the pattern filter lets some frames pass that do not match', () => {
    const bench = Bench.receiving({ seed: 18 });
    bench.set(Register.EPMM0, 0x3f);
    bench.set(Register.ERXFCON, 0x30);
    const passed = tally(200, () => {
      bench.chip.frameArrived(frameOf(64));
      const heard = bench.get(Register.EPKTCNT) !== 0;
      if (heard) bench.setBits(Register.ECON2, Econ2.PKTDEC);
      return heard;
    });
    expect(passed).toBeGreaterThan(3);
    expect(passed).toBeLessThan(60);
  });

  it('none whose effect is random strikes without a seed, and each can be switched off', () => {
    const bench = halfDuplex();
    for (let time = 0; time < 50; time++) expect(transmits(bench)).toBe(TXIF);
    const asleep = Bench.started({ errata: { 19: 0 } });
    asleep.setBits(Register.ECON2, Econ2.PWRSV);
    asleep.instruction(0xff);
    expect(asleep.get(Register.ECON2) & Econ2.PWRSV).toBe(0);
  });
});
