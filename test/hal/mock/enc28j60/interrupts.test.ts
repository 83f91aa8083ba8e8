import { describe, expect, it } from 'vitest';
import { Bench, Econ1, Econ2, Register, frameOf } from './bench';

const INTIE = 0x80;
const PKTIE = 0x40;
const TXIE = 0x08;
const RXERIE = 0x01;

describe('interrupts (1.10)', () => {
  it('flags come up whether or not they are enabled', () => {
    const bench = Bench.receiving();
    bench.chip.frameArrived(frameOf(64));
    expect(bench.get(Register.EIR)).toBe(PKTIE);
    expect(bench.chip.int).toBe(true);
    expect(bench.edges).toEqual([]);
  });

  it('INT falls with an enabled flag and rises when PKTIF goes with the last packet', () => {
    const bench = Bench.receiving();
    bench.setBits(Register.EIE, INTIE | PKTIE);
    bench.chip.frameArrived(frameOf(64));
    bench.chip.frameArrived(frameOf(64));
    expect(bench.chip.int).toBe(false);
    bench.setBits(Register.ECON2, Econ2.PKTDEC);
    expect(bench.edges).toEqual(['low']);
    bench.setBits(Register.ECON2, Econ2.PKTDEC);
    expect(bench.edges).toEqual(['low', 'high']);
  });

  it('PKTIF cannot be cleared by hand', () => {
    const bench = Bench.receiving();
    bench.chip.frameArrived(frameOf(64));
    bench.clearBits(Register.EIR, PKTIE);
    expect(bench.get(Register.EIR)).toBe(PKTIE);
  });

  it('clearing INTIE lets INT rise, and setting it again makes a new edge', () => {
    const bench = Bench.receiving();
    bench.setBits(Register.EIE, INTIE | PKTIE);
    bench.chip.frameArrived(frameOf(64));
    bench.clearBits(Register.EIE, INTIE);
    expect(bench.chip.int).toBe(true);
    bench.setBits(Register.EIE, INTIE);
    expect(bench.edges).toEqual(['low', 'high', 'low']);
  });

  it('ESTAT.INT shows an enabled flag', () => {
    const bench = Bench.receiving();
    bench.chip.frameArrived(frameOf(64));
    expect(bench.get(Register.ESTAT) & 0x80).toBe(0);
    bench.setBits(Register.EIE, PKTIE);
    expect(bench.get(Register.ESTAT) & 0x80).toBe(0x80);
  });

  it('TXIF makes an edge from inside the clock', () => {
    const bench = Bench.configured();
    bench.setBits(Register.EIE, INTIE | TXIE);
    bench.transmits(new Uint8Array(60));
    expect(bench.edges).toEqual([]);
    bench.clock.advance(100);
    expect(bench.edges).toEqual(['low']);
    bench.clearBits(Register.EIR, TXIE);
    expect(bench.edges).toEqual(['low', 'high']);
  });

  it('RXERIF holds INT low until BFC clears it', () => {
    const bench = Bench.receiving();
    bench.setBits(Register.EIE, INTIE | RXERIE);
    for (let turn = 0; turn < 5; turn++) bench.chip.frameArrived(frameOf(1518));
    expect(bench.chip.int).toBe(false);
    bench.clearBits(Register.EIR, RXERIE);
    expect(bench.chip.int).toBe(true);
  });

  it('a reset lets INT rise', () => {
    const bench = Bench.receiving();
    bench.setBits(Register.EIE, INTIE | PKTIE);
    bench.chip.frameArrived(frameOf(64));
    bench.instruction(0xff);
    expect(bench.chip.int).toBe(true);
    expect(bench.get(Register.ECON1) & Econ1.RXEN).toBe(0);
  });
});
