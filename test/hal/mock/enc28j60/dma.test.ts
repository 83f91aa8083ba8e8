import { describe, expect, it } from 'vitest';
import { Bench, Econ1, RING_END, Register, SELECT_TIME } from './bench';

const DMAIF = 0x20;
const FILL_TIME = 8192 * 0.04;

function dma(bench: Bench, start: number, end: number, destination: number, bits: number = Econ1.DMAST): void {
  bench.setWord(Register.EDMASTL, start);
  bench.setWord(Register.EDMANDL, end);
  bench.setWord(Register.EDMADSTL, destination);
  bench.setBits(Register.ECON1, bits);
}

function fills(bench: Bench, mode: number, seed = 0): void {
  bench.set(Register.EBSTSD, seed);
  bench.set(Register.EBSTCON, mode | 0x03);
  bench.clock.advance(FILL_TIME + 1);
}

describe('DMA (1.9)', () => {
  it('golden: address fill by the self-test, checksum of 0000h to 1FFFh, is F807', () => {
    const bench = Bench.started();
    fills(bench, 0x04);
    expect(bench.get(Register.EBSTCON) & 0x01).toBe(0);
    bench.setBits(Register.ECON1, Econ1.CSUMEN);
    dma(bench, 0x0000, 0x1fff, 0);
    bench.clock.advance(FILL_TIME + 1);
    expect(bench.get(Register.ECON1) & Econ1.DMAST).toBe(0);
    expect(bench.word(Register.EDMACSL)).toBe(0xf807);
    expect(bench.word(Register.EBSTCSL)).toBe(0xf807);
    expect(bench.chip.memory[0x1234]).toBe(0x34);
  });

  it('the self-test shifts a pattern and makes noise, and its checksum agrees with the DMA', () => {
    const bench = Bench.started();
    fills(bench, 0x08 | 0x20, 0x01);
    expect(bench.readMemory(0, 4)).toEqual([0x01, 0x02, 0x04, 0x08]);
    fills(bench, 0x00, 0x55);
    bench.setBits(Register.ECON1, Econ1.CSUMEN);
    dma(bench, 0x0000, 0x1fff, 0);
    bench.clock.advance(FILL_TIME + 1);
    expect(bench.word(Register.EDMACSL)).toBe(bench.word(Register.EBSTCSL));
    expect(new Set(bench.chip.memory).size).toBeGreaterThan(100);
  });

  it('copies from EDMAST to EDMAND inclusive, two cycles an octet, and raises DMAIF', () => {
    const bench = Bench.configured();
    bench.writeMemory(0x1b00, [1, 2, 3, 4, 5]);
    bench.chip.memory[0x1c05] = 99;
    dma(bench, 0x1b00, 0x1b04, 0x1c00);
    expect(bench.get(Register.EIR) & DMAIF).toBe(DMAIF);
    expect(bench.readMemory(0x1c00, 6)).toEqual([1, 2, 3, 4, 5, 99]);
    expect(bench.violations()).toEqual([]);
  });

  it('takes 80 ns an octet', () => {
    const bench = Bench.configured();
    dma(bench, 0x0000, 1517, 0x1a00);
    const started = bench.clock.now - SELECT_TIME;
    bench.clock.advanceTo(started + 121.4);
    expect(bench.chip.peek(0, 0x1f) & Econ1.DMAST).toBe(Econ1.DMAST);
    bench.clock.advanceTo(started + 121.5);
    expect(bench.chip.peek(0, 0x1f) & Econ1.DMAST).toBe(0);
  });

  it('follows the ring at the source and runs over the end of the buffer at the destination', () => {
    const bench = Bench.configured();
    bench.chip.memory.set([1, 2], RING_END - 1);
    bench.chip.memory.set([3, 4], 0);
    dma(bench, RING_END - 1, 0x0001, 0x1ffd);
    bench.clock.advance(10);
    expect([...bench.chip.memory.slice(0x1ffd)]).toEqual([1, 2, 3]);
    expect(bench.chip.memory[0]).toBe(4);
  });

  it('pads an odd checksum with a zero', () => {
    const bench = Bench.configured();
    bench.chip.memory.set([0x12, 0x34, 0x56], 0x1b00);
    bench.setBits(Register.ECON1, Econ1.CSUMEN);
    dma(bench, 0x1b00, 0x1b02, 0);
    bench.clock.advance(1);
    expect(bench.word(Register.EDMACSL)).toBe(~(0x1234 + 0x5600) & 0xffff);
  });

  it('never ends with EDMAST at EDMAND, until the host clears DMAST', () => {
    const bench = Bench.configured();
    dma(bench, 0x1b00, 0x1b00, 0x1c00);
    bench.clock.advance(100000);
    expect(bench.get(Register.ECON1) & Econ1.DMAST).toBe(Econ1.DMAST);
    expect(bench.get(Register.EIR) & DMAIF).toBe(0);
    bench.clearBits(Register.ECON1, Econ1.DMAST);
    expect(bench.get(Register.EIR) & DMAIF).toBe(DMAIF);
    expect(bench.violations()).toEqual([
      'ECON1.DMAST was set with EDMAST and EDMAND both at 0x1B00: the DMA never ends. Copy a single octet by hand.',
    ]);
  });

  it('never ends when the ring keeps it from EDMAND', () => {
    const bench = Bench.configured();
    dma(bench, 0x0100, 0x1b00, 0x1c00);
    bench.clock.advance(100000);
    expect(bench.get(Register.ECON1) & Econ1.DMAST).toBe(Econ1.DMAST);
    expect(bench.violations()).toEqual([
      'ECON1.DMAST was set with EDMAND at 0x1B00, which the way from EDMAST at 0x0100 never meets.',
    ]);
  });

  it('transmission waits for the DMA, and the DMA for transmission', () => {
    const bench = Bench.configured();
    const body = new Uint8Array(60);
    bench.writeMemory(0x1a00, [0, ...body]);
    bench.setWord(Register.ETXSTL, 0x1a00);
    bench.setWord(Register.ETXNDL, 0x1a3c);
    dma(bench, 0x0000, 0x0fff, 0x0000, Econ1.DMAST);
    bench.setBits(Register.ECON1, Econ1.TXRTS);
    bench.clock.advance(300);
    expect(bench.cable.frames).toHaveLength(0);
    bench.clock.advance(100);
    expect(bench.cable.frames).toHaveLength(1);
    bench.setBits(Register.ECON1, Econ1.TXRTS);
    bench.clock.advance(20);
    dma(bench, 0x0000, 0x0003, 0x1c00);
    bench.clock.advance(5);
    expect(bench.chip.peek(0, 0x1f) & Econ1.DMAST).toBe(Econ1.DMAST);
    bench.clock.advance(100);
    expect(bench.chip.peek(0, 0x1f) & (Econ1.DMAST | Econ1.TXRTS)).toBe(0);
  });

  it('reports registers changed under way', () => {
    const bench = Bench.configured();
    dma(bench, 0x0000, 0x0fff, 0x0000);
    bench.set(Register.EDMASTL, 1);
    bench.setBits(Register.ECON1, Econ1.CSUMEN);
    expect(bench.violations()).toEqual([
      'EDMASTL was written with 0x01 while ECON1.DMAST is set: wait until the DMA is done.',
      'ECON1.CSUMEN was changed while ECON1.DMAST is set: wait until the DMA is done.',
    ]);
  });
});
