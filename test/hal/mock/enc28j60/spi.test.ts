import { describe, expect, it } from 'vitest';
import { frameCheckSequence } from '../../../../hal/mock/fcs';
import { Bench, Register } from './bench';

describe('SPI instructions (1.1)', () => {
  it('RCR gives an ETH register in its second octet', () => {
    const bench = Bench.started();
    expect(bench.instruction(0x1e, 0)[1]).toBe(0x80);
    expect(bench.violations()).toEqual([]);
  });

  it('RCR gives a MAC register in its third octet, behind a dummy', () => {
    const bench = Bench.started();
    bench.bank(2);
    const answer = bench.instruction(0x09, 0, 0);
    expect(answer[2]).toBe(0x37);
    expect(answer[1]).not.toBe(0x37);
  });

  it('needs the dummy for MAADR and MISTAT in bank 3, but not for EREVID', () => {
    const bench = Bench.started();
    bench.set(Register.MAADR1, 0x42);
    bench.bank(3);
    expect(bench.instruction(0x04, 0, 0)[2]).toBe(0x42);
    expect(bench.instruction(0x0a, 0, 0)[2]).toBe(0x00);
    expect(bench.instruction(0x12, 0)[1]).toBe(0x06);
  });

  it.each([
    ['B1', 0x02],
    ['B4', 0x04],
    ['B5', 0x05],
    ['B7', 0x06],
  ] as const)('EREVID of revision %s is %i', (revision, value) => {
    expect(Bench.started({ revision }).get(Register.EREVID)).toBe(value);
  });

  it('RCR goes on giving the register, live', () => {
    const bench = Bench.started();
    expect(bench.instruction(0x1e, 0, 0, 0).slice(1)).toEqual([0x80, 0x80, 0x80]);
  });

  it('WCR writes, BFS sets and BFC clears', () => {
    const bench = Bench.started();
    bench.instruction(0x5b, 0x40);
    bench.instruction(0x9b, 0x88);
    bench.instruction(0xbb, 0x40);
    expect(bench.get(Register.EIE)).toBe(0x88);
  });

  it('WCR, BFS and BFC are abandoned when chip select rises before the data octet', () => {
    const bench = Bench.started();
    bench.instruction(0x5b, 0x40);
    bench.instruction(0x5b);
    bench.instruction(0x9b);
    bench.instruction(0xbb);
    expect(bench.get(Register.EIE)).toBe(0x40);
    expect(bench.violations()).toEqual([
      'Chip select rose before the data octet of WCR of EIE: nothing was written.',
      'Chip select rose before the data octet of BFS of EIE: nothing was written.',
      'Chip select rose before the data octet of BFC of EIE: nothing was written.',
    ]);
  });

  it('WBM writes and RBM reads, both moving on', () => {
    const bench = Bench.started();
    bench.writeMemory(0x0100, [1, 2, 3]);
    expect(bench.readMemory(0x0100, 3)).toEqual([1, 2, 3]);
    expect(bench.word(Register.EWRPTL)).toBe(0x0103);
    expect(bench.word(Register.ERDPTL)).toBe(0x0103);
  });

  it.each([[[0xff]], [[0xff, 0xff]]])('SRC of octets %j resets', (octets) => {
    const bench = Bench.started();
    bench.instruction(0x5b, 0x40);
    bench.instruction(...octets);
    expect(bench.get(Register.EIE)).toBe(0x00);
    expect(bench.violations()).toEqual([]);
  });

  it('each octet takes eight SPI clocks, chip select 350 ns more', () => {
    const bench = Bench.started({ spiHz: 8e6 });
    const before = bench.clock.now;
    bench.instruction(0x1e, 0);
    expect(bench.clock.now - before).toBeCloseTo(2 + 0.05 + 0.25 + 0.05);
    expect(bench.chip.counts.spiTransactions).toBe(1);
    expect(bench.chip.counts.spiOctets).toBe(2);
  });
});

describe('register map (1.2)', () => {
  it('golden: CRC-32 of bank 0, 00h to 17h, read over SPI after reset, is EEBD948D', () => {
    const bench = Bench.started();
    const bytes = Uint8Array.from({ length: 0x18 }, (_, address) => bench.instruction(address, 0)[1]!);
    expect(frameCheckSequence(bytes, bytes.length) >>> 0).toBe(0xeebd948d);
  });

  it('shows the five common registers in every bank', () => {
    const bench = Bench.started();
    bench.instruction(0x5b, 0x48);
    for (let bank = 0; bank < 4; bank++) {
      bench.bank(bank);
      expect(bench.instruction(0x1b, 0)[1]).toBe(0x48);
      expect(bench.instruction(0x1f, 0)[1]).toBe(bank);
    }
  });

  const resets: [string, Register, number][] = [
    ['ERXFCON', Register.ERXFCON, 0xa1],
    ['MACLCON1', Register.MACLCON1, 0x0f],
    ['MACLCON2', Register.MACLCON2, 0x37],
    ['MAMXFLL', Register.MAMXFLL, 0x00],
    ['MAMXFLH', Register.MAMXFLH, 0x06],
    ['ECOCON', Register.ECOCON, 0x04],
    ['EPAUSL', Register.EPAUSL, 0x00],
    ['EPAUSH', Register.EPAUSH, 0x10],
    ['MACON1', Register.MACON1, 0x00],
  ];
  it.each(resets)('%s resets to its value', (_, register, value) => {
    expect(Bench.started().get(register)).toBe(value);
  });

  it('pointers keep thirteen bits', () => {
    const bench = Bench.started();
    const pointers = [Register.ERDPTL, Register.EWRPTL, Register.ETXSTL, Register.ETXNDL, Register.EDMASTL];
    for (const low of pointers) {
      bench.setWord(low, 0xffff);
      expect(bench.word(low)).toBe(0x1fff);
    }
    expect(bench.violations()[0]).toBe('ERDPTH was written with 0xFF: only bits 4:0 exist, the highest address is 0x1FFF.');
  });

  it('MIREGADR keeps five bits and MACON1 four', () => {
    const bench = Bench.started();
    bench.set(Register.MIREGADR, 0xff);
    bench.set(Register.MACON1, 0xff);
    expect(bench.get(Register.MIREGADR)).toBe(0x1f);
    expect(bench.get(Register.MACON1)).toBe(0x0f);
  });

  it('reserved and missing registers read 0 and keep nothing', () => {
    const bench = Bench.started();
    bench.bank(2);
    bench.instruction(0x41, 0xff);
    expect(bench.instruction(0x01, 0, 0)[2]).toBe(0);
    expect(bench.violations()).toEqual([
      'WCR of address 0x01 of bank 2 with 0xFF, which is reserved or not implemented.',
      'RCR of address 0x01 of bank 2, which is reserved or not implemented.',
    ]);
    bench.bank(0);
    expect(bench.instruction(0x1a, 0)[1]).toBe(0);
    expect(bench.violations()).toHaveLength(1);
  });

  it('read-only registers stay as they are', () => {
    const bench = Bench.started();
    bench.set(Register.EPKTCNT, 9);
    bench.set(Register.EREVID, 9);
    bench.set(Register.ERXWRPTL, 9);
    expect([bench.get(Register.EPKTCNT), bench.get(Register.EREVID), bench.get(Register.ERXWRPTL)]).toEqual([0, 6, 0]);
    expect(bench.violations()[0]).toBe('WCR of EPKTCNT with 0x09, but it is read-only.');
  });

  it('bit field instructions work on MAC registers as silicon does, and strict mode says so', () => {
    const bench = Bench.started();
    bench.setBits(Register.MACON3, 0x32);
    bench.clearBits(Register.MACON3, 0x02);
    expect(bench.get(Register.MACON3)).toBe(0x30);
    expect(bench.violations()).toEqual([
      'BFS of MACON3 with 0x32: the bit field instructions are for ETH registers only, use WCR.',
      'BFC of MACON3 with 0x02: the bit field instructions are for ETH registers only, use WCR.',
    ]);
  });

  it('ESTAT bit 3 always reads 0', () => {
    const bench = Bench.started();
    bench.setBits(Register.ESTAT, 0xff);
    expect(bench.get(Register.ESTAT)).toBe(0x01);
  });

  it('flags can be cleared but not set by the host', () => {
    const bench = Bench.started();
    bench.setBits(Register.EIR, 0x2b);
    expect(bench.get(Register.EIR)).toBe(0);
    expect(bench.violations()).toEqual(['BFS of EIR with 0x2B: the host cannot set bits 0x2B.']);
  });
});

describe('buffer pointers (1.5)', () => {
  it('reading wraps from ERXND to ERXST', () => {
    const bench = Bench.started();
    bench.setWord(Register.ERXSTL, 0x0100);
    bench.setWord(Register.ERXNDL, 0x0103);
    bench.writeMemory(0x0100, [10, 11, 12, 13, 14]);
    expect(bench.readMemory(0x0102, 4)).toEqual([12, 13, 10, 11]);
  });

  it('reading outside the ring wraps from 1FFF to 0000', () => {
    const bench = Bench.started();
    bench.setWord(Register.ERXSTL, 0x0100);
    bench.setWord(Register.ERXNDL, 0x0103);
    bench.writeMemory(0x1fff, [1, 2]);
    expect(bench.readMemory(0x1fff, 2)).toEqual([1, 2]);
    expect(bench.word(Register.ERDPTL)).toBe(0x0001);
  });

  it('writing never wraps at ERXND', () => {
    const bench = Bench.started();
    bench.setWord(Register.ERXNDL, 0x0fff);
    bench.writeMemory(0x0fff, [1, 2]);
    expect(bench.word(Register.EWRPTL)).toBe(0x1001);
    expect(bench.chip.memory[0x1000]).toBe(2);
  });

  it('nothing moves while AUTOINC is clear', () => {
    const bench = Bench.started();
    bench.clearBits(Register.ECON2, 0x80);
    bench.writeMemory(0x0100, [1, 2]);
    expect(bench.chip.memory[0x0100]).toBe(2);
    bench.setWord(Register.ERDPTL, 0x0100);
    expect(bench.instruction(0x3a, 0, 0).slice(1)).toEqual([2, 2]);
  });
});
