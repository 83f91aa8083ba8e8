import { describe, expect, it } from 'vitest';
import { Bench, Mii, Phy, Register, SELECT_TIME } from './bench';

const LLSTAT = 0x0004;
const LSTAT = 0x0400;
const LINKIF = 0x10;

describe('MII (1.7)', () => {
  it('a read takes 10.24 us', () => {
    const bench = Bench.started();
    bench.set(Register.MIREGADR, Phy.PHID1);
    bench.set(Register.MICMD, Mii.MIIRD);
    const started = bench.clock.now - SELECT_TIME;
    expect(bench.chip.peek(3, 0x0a)).toBe(Mii.BUSY);
    bench.clock.advanceTo(started + 10.2);
    expect(bench.chip.peek(3, 0x0a)).toBe(Mii.BUSY);
    bench.clock.advanceTo(started + 10.3);
    expect(bench.chip.peek(3, 0x0a)).toBe(0);
    bench.set(Register.MICMD, 0);
    expect(bench.word(Register.MIRDL)).toBe(0x0083);
  });

  it('goes on when MIIRD is cleared at once', () => {
    const bench = Bench.started();
    bench.set(Register.MIREGADR, Phy.PHID2);
    bench.set(Register.MICMD, Mii.MIIRD);
    bench.set(Register.MICMD, 0);
    bench.clock.advance(11);
    expect(bench.word(Register.MIRDL)).toBe(0x1400);
  });

  it('a write starts with MIWRH and takes as long', () => {
    const bench = Bench.started();
    bench.set(Register.MIREGADR, Phy.PHLCON);
    bench.set(Register.MIWRL, 0x76);
    expect(bench.chip.peek(3, 0x0a)).toBe(0);
    bench.set(Register.MIWRH, 0x34);
    expect(bench.chip.phy(Phy.PHLCON)).toBe(0x3422);
    bench.clock.advance(10.3);
    expect(bench.chip.phy(Phy.PHLCON)).toBe(0x3476);
    expect(bench.violations()).toEqual([]);
  });

  it('scans: NVALID until the first value, then fresh values until MIISCAN is cleared', () => {
    const bench = Bench.started();
    bench.set(Register.MIREGADR, Phy.PHSTAT2);
    bench.set(Register.MICMD, Mii.MIISCAN);
    expect(bench.chip.peek(3, 0x0a)).toBe(Mii.NVALID | Mii.SCAN | Mii.BUSY);
    bench.clock.advance(11);
    expect(bench.chip.peek(3, 0x0a)).toBe(Mii.SCAN | Mii.BUSY);
    expect(bench.word(Register.MIRDL) & LSTAT).toBe(0);
    bench.clock.advance(30000);
    expect(bench.word(Register.MIRDL) & LSTAT).toBe(LSTAT);
    bench.set(Register.MICMD, 0);
    bench.clock.advance(11);
    expect(bench.chip.peek(3, 0x0a)).toBe(0);
    expect(bench.violations()).toEqual([]);
  });

  it.each([
    ['PHCON1', Phy.PHCON1, 0x0000],
    ['PHSTAT1', Phy.PHSTAT1, 0x1800],
    ['PHID1', Phy.PHID1, 0x0083],
    ['PHID2', Phy.PHID2, 0x1400],
    ['PHCON2', Phy.PHCON2, 0x0000],
    ['PHIE', Phy.PHIE, 0x0000],
    ['PHLCON', Phy.PHLCON, 0x3422],
    ['an address without a register', 0x05, 0x0000],
  ])('%s has its reset value', (_, address, value) => {
    expect(Bench.started().phyRead(address)).toBe(value);
  });

  it('PHCON1.PDPXMD comes up as LEDB is strapped', () => {
    expect(Bench.started({ ledBStrap: true }).phyRead(Phy.PHCON1)).toBe(0x0100);
    expect(Bench.started({ ledBStrap: true }).phyRead(Phy.PHSTAT2) & 0x0200).toBe(0x0200);
  });

  it('PRST resets the PHY and clears itself', () => {
    const bench = Bench.started();
    bench.phyWrite(Phy.PHLCON, 0x3476);
    bench.phyWrite(Phy.PHCON1, 0x8000);
    expect(bench.phyRead(Phy.PHCON1)).toBe(0x8000);
    bench.clock.advance(100);
    expect(bench.phyRead(Phy.PHCON1)).toBe(0);
    expect(bench.phyRead(Phy.PHLCON)).toBe(0x3422);
  });

  it('reports a second transaction that starts while BUSY', () => {
    const bench = Bench.started();
    bench.set(Register.MICMD, Mii.MIIRD);
    bench.set(Register.MIWRH, 0);
    expect(bench.violations()).toEqual(['MIWRH was written while MISTAT.BUSY is set: wait until it is clear (10.24 us).']);
  });

  it('reports a read of MIRD while BUSY and a MIIRD that was never cleared', () => {
    const bench = Bench.started();
    bench.set(Register.MICMD, Mii.MIIRD);
    bench.get(Register.MIRDL);
    bench.clock.advance(11);
    bench.set(Register.MICMD, Mii.MIIRD);
    expect(bench.violations()).toEqual([
      'MIRDL was read while MISTAT.BUSY is set: wait until it is clear (10.24 us).',
      'MICMD.MIIRD was set while it stood already: clear it before the next read, which else does not start.',
    ]);
  });

  it('reports PHLCON without its ones, read-only and missing PHY registers', () => {
    const bench = Bench.started();
    bench.phyWrite(Phy.PHLCON, 0x0476);
    bench.phyWrite(Phy.PHID1, 1);
    bench.phyWrite(0x1f, 1);
    expect(bench.violations()).toEqual([
      'PHLCON was written with 0x0476: bits 13 and 12 must be ones, as in 0x3476.',
      'PHID1 was written with 0x0001, but it is read-only.',
      'PHY register 0x1F was written with 0x0001, but there is none at that address.',
    ]);
  });
});

describe('link (1.2, 1.10)', () => {
  const linked = (): Bench => {
    const bench = Bench.started();
    bench.clock.advance(50000);
    return bench;
  };

  it('is found some milliseconds after the start', () => {
    const bench = Bench.started();
    expect(bench.phyRead(Phy.PHSTAT2) & LSTAT).toBe(0);
    bench.clock.advance(50000);
    expect(bench.phyRead(Phy.PHSTAT2) & LSTAT).toBe(LSTAT);
  });

  it('LLSTAT latches low until it is read, LSTAT is live', () => {
    const bench = linked();
    bench.phyRead(Phy.PHSTAT1);
    expect(bench.phyRead(Phy.PHSTAT1) & LLSTAT).toBe(LLSTAT);
    bench.chip.linkChanged(false);
    bench.chip.linkChanged(true);
    expect(bench.phyRead(Phy.PHSTAT2) & LSTAT).toBe(LSTAT);
    expect(bench.phyRead(Phy.PHSTAT1) & LLSTAT).toBe(0);
    expect(bench.phyRead(Phy.PHSTAT1) & LLSTAT).toBe(LLSTAT);
  });

  it('LLSTAT stays low while the link is down', () => {
    const bench = linked();
    bench.chip.linkChanged(false);
    expect(bench.phyRead(Phy.PHSTAT1) & LLSTAT).toBe(0);
    expect(bench.phyRead(Phy.PHSTAT1) & LLSTAT).toBe(0);
  });

  it('FRCLNK makes a link without a partner', () => {
    const bench = linked();
    bench.chip.linkChanged(false);
    bench.phyWrite(Phy.PHCON2, 0x4000);
    expect(bench.phyRead(Phy.PHSTAT2) & LSTAT).toBe(LSTAT);
  });

  it('LINKIF needs both PHY enables and is cleared by reading PHIR', () => {
    const bench = linked();
    bench.phyRead(Phy.PHIR);
    bench.chip.linkChanged(false);
    expect(bench.get(Register.EIR) & LINKIF).toBe(0);
    bench.phyWrite(Phy.PHIE, 0x0010);
    expect(bench.get(Register.EIR) & LINKIF).toBe(0);
    bench.phyWrite(Phy.PHIE, 0x0012);
    expect(bench.get(Register.EIR) & LINKIF).toBe(LINKIF);
    bench.clearBits(Register.EIR, LINKIF);
    expect(bench.get(Register.EIR) & LINKIF).toBe(LINKIF);
    expect(bench.phyRead(Phy.PHIR)).toBe(0x0014);
    expect(bench.get(Register.EIR) & LINKIF).toBe(0);
    bench.chip.linkChanged(true);
    expect(bench.get(Register.EIR) & LINKIF).toBe(LINKIF);
  });
});
