import { describe, expect, it } from 'vitest';
import { Bench, Econ1, Econ2, Phy, Register, frameOf } from './bench';

const CLKRDY = 0x01;

describe('reset (1.4)', () => {
  it('the oscillator takes 300 us after power-on', () => {
    const bench = new Bench();
    bench.clock.advance(290);
    expect(bench.get(Register.ESTAT) & CLKRDY).toBe(0);
    bench.clock.advance(10);
    expect(bench.get(Register.ESTAT) & CLKRDY).toBe(CLKRDY);
  });

  it('before that, ETH registers and SRAM work, the MAC does not', () => {
    const bench = new Bench();
    bench.writeMemory(0x0100, [7]);
    expect(bench.readMemory(0x0100, 1)).toEqual([7]);
    bench.set(Register.MACLCON2, 0x12);
    bench.setBits(Register.ECON1, Econ1.RXEN);
    expect(bench.get(Register.ECON1) & Econ1.RXEN).toBe(0);
    bench.clock.advance(300);
    expect(bench.get(Register.MACLCON2)).toBe(0x37);
    expect(bench.violations()).toEqual([
      'MACLCON2 was written before the oscillator has started (ESTAT.CLKRDY, 300 us).',
      'ECON1.RXEN was set before the oscillator has started (ESTAT.CLKRDY, 300 us).',
    ]);
  });

  it('SRC puts registers back, but not ECOCON, CLKRDY and SRAM', () => {
    const bench = Bench.receiving();
    bench.chip.frameArrived(frameOf(64));
    bench.set(Register.ECOCON, 0x02);
    bench.writeMemory(0x1b00, [0x5a]);
    bench.phyWrite(Phy.PHLCON, 0x3476);
    bench.instruction(0xff);
    expect(bench.get(Register.ESTAT)).toBe(CLKRDY);
    expect(bench.word(Register.ERXSTL)).toBe(0x05fa);
    expect(bench.get(Register.EPKTCNT)).toBe(0);
    expect(bench.get(Register.ECON1) & 0xfc).toBe(0);
    expect(bench.get(Register.ECOCON)).toBe(0x02);
    expect(bench.chip.memory[0x1b00]).toBe(0x5a);
    expect(bench.chip.phy(Phy.PHLCON)).toBe(0x3422);
  });

  it('erratum 2: the MAC must be left alone for 1 ms after SRC, whatever CLKRDY says', () => {
    const bench = Bench.started();
    bench.instruction(0xff);
    bench.set(Register.MACON1, 0x0d);
    expect(bench.violations()).toEqual([
      'MACON1 was written within 1 ms of a system reset (erratum 2: CLKRDY does not tell).',
    ]);
    bench.clock.advance(1000);
    bench.set(Register.MACON1, 0x0d);
    expect(bench.violations()).toEqual([]);
    expect(bench.get(Register.MACON1)).toBe(0x0d);
  });

  it('SRC stops a transmission and a DMA without a flag', () => {
    const bench = Bench.configured();
    bench.transmits(new Uint8Array(1000));
    bench.instruction(0xff);
    bench.clock.advance(5000);
    expect(bench.get(Register.EIR)).toBe(0);
    expect(bench.chip.counts.framesTransmitted).toBe(0);
  });

  it('the RESET pin resets and starts the oscillator anew', () => {
    const bench = Bench.receiving();
    bench.spi.hardwareReset();
    expect(bench.get(Register.ESTAT) & CLKRDY).toBe(0);
    bench.clock.advance(300);
    expect(bench.get(Register.ESTAT) & CLKRDY).toBe(CLKRDY);
    expect(bench.get(Register.ECON1) & Econ1.RXEN).toBe(0);
    expect(bench.violations()).toEqual([]);
  });

  it('a RESET pulse can be too short, and a held chip is deaf', () => {
    const bench = Bench.started();
    bench.chip.resetPin(true);
    expect(bench.instruction(0x1e, 0)).toEqual([0, 0]);
    bench.chip.resetPin(false);
    bench.chip.resetPin(true);
    bench.clock.advance(0.1);
    bench.chip.resetPin(false);
    expect(bench.violations()).toEqual([
      '0x1E was clocked in while the RESET pin is low.',
      'The RESET pin was low for 0.10 us: 0.4 us are needed.',
    ]);
  });
});

describe('power save (1.4)', () => {
  const asleep = (): Bench => {
    const bench = Bench.receiving();
    bench.clock.advance(30000);
    bench.clearBits(Register.ECON1, Econ1.RXEN);
    bench.setBits(Register.ECON2, Econ2.VRPS);
    bench.setBits(Register.ECON2, Econ2.PWRSV);
    return bench;
  };

  it('takes CLKRDY and the link away; ETH registers and SRAM stay', () => {
    const bench = asleep();
    expect(bench.get(Register.ESTAT) & CLKRDY).toBe(0);
    expect(bench.chip.phy(Phy.PHSTAT2) & 0x0400).toBe(0);
    bench.writeMemory(0x1b00, [1]);
    expect(bench.readMemory(0x1b00, 1)).toEqual([1]);
    bench.chip.frameArrived(frameOf(64));
    expect(bench.get(Register.EPKTCNT)).toBe(0);
    expect(bench.violations()).toEqual([]);
  });

  it('switches the MAC off', () => {
    const bench = asleep();
    bench.set(Register.MACON1, 0x01);
    expect(bench.get(Register.MACON1)).toBe(0);
    expect(bench.violations()[0]).toBe('MACON1 was written while ECON2.PWRSV keeps the MAC and the PHY switched off.');
  });

  it('ends 300 us after PWRSV is cleared, with the MAC as it was and the link later', () => {
    const bench = asleep();
    bench.clearBits(Register.ECON2, Econ2.PWRSV);
    bench.clock.advance(300);
    expect(bench.get(Register.ESTAT) & CLKRDY).toBe(CLKRDY);
    expect(bench.get(Register.MACON1)).toBe(0x0d);
    expect(bench.chip.phy(Phy.PHSTAT2) & 0x0400).toBe(0);
    bench.clock.advance(30000);
    expect(bench.chip.phy(Phy.PHSTAT2) & 0x0400).toBe(0x0400);
    expect(bench.violations()).toEqual([]);
  });

  it('erratum 19: SRC does nothing while asleep', () => {
    const bench = asleep();
    bench.instruction(0xff);
    expect(bench.get(Register.ECON2) & Econ2.PWRSV).toBe(Econ2.PWRSV);
    expect(bench.violations()[0]).toContain('erratum 19');
  });

  it('must not begin while the chip receives or sends', () => {
    const bench = Bench.receiving();
    bench.transmits(new Uint8Array(1000));
    bench.setBits(Register.ECON2, Econ2.PWRSV);
    expect(bench.violations()).toEqual([
      'ECON2.PWRSV was set while ECON1.RXEN is set: switch reception off first.',
      'ECON2.PWRSV was set while ECON1.TXRTS is set: wait until the frame has gone.',
    ]);
  });
});
