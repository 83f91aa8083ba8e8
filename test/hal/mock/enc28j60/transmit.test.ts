import { describe, expect, it } from 'vitest';
import { frameCheckSequence, withFrameCheckSequence } from '../../../../hal/mock/fcs';
import { BROADCAST, Bench, Econ1, PEER, Phy, Register, SELECT_TIME, STATION } from './bench';

const TXIF = 0x08;
const TXERIF = 0x02;
const TXABRT = 0x02;

function bodyOf(length: number, destination: readonly number[] = PEER, type = 0x0800): Uint8Array {
  const body = Uint8Array.from({ length }, (_, at) => (at * 5) & 0xff);
  body.set([...destination, ...STATION, type >> 8, type & 0xff]);
  return body;
}

describe('transmission (1.6)', () => {
  it('puts the frame and its check sequence on the cable', () => {
    const bench = Bench.configured();
    bench.transmits(bodyOf(100));
    bench.clock.advance(200);
    expect(bench.cable.frames).toHaveLength(1);
    const [frame] = bench.cable.frames;
    expect([...frame!]).toEqual([...withFrameCheckSequence(bodyOf(100))]);
    expect(frameCheckSequence(frame!, frame!.length) >>> 0).toBe(0x2144df1c);
    expect(bench.violations()).toEqual([]);
  });

  it('clears TXRTS and sets TXIF when the last bit has left', () => {
    const bench = Bench.configured();
    bench.transmits(bodyOf(60));
    const started = bench.clock.now - SELECT_TIME;
    expect(bench.get(Register.ECON1) & Econ1.TXRTS).toBe(Econ1.TXRTS);
    expect(bench.get(Register.EIR) & TXIF).toBe(0);
    bench.clock.advanceTo(started + 57.5);
    expect(bench.chip.peek(0, 0x1f) & Econ1.TXRTS).toBe(Econ1.TXRTS);
    bench.clock.advanceTo(started + 57.7);
    expect(bench.chip.peek(0, 0x1f) & Econ1.TXRTS).toBe(0);
    expect(bench.get(Register.EIR)).toBe(TXIF);
    bench.clearBits(Register.EIR, TXIF);
    expect(bench.get(Register.EIR)).toBe(0);
  });

  it.each([
    ['full duplex', 0x33, 0x15, 0x0100],
    ['half duplex', 0x32, 0x12, 0x0000],
  ])('keeps 9.6 us between two frames in %s', (_, macon3, gap, phcon1) => {
    const bench = Bench.configured();
    bench.set(Register.MACON3, macon3);
    bench.set(Register.MABBIPG, gap);
    bench.phyWrite(Phy.PHCON1, phcon1);
    bench.transmits(bodyOf(60));
    while (bench.chip.peek(0, 0x1f) & Econ1.TXRTS) bench.clock.advance(0.1);
    const done = bench.clock.now;
    bench.setBits(Register.ECON1, Econ1.TXRTS);
    while (bench.cable.frames.length < 2) bench.clock.advance(0.1);
    expect(bench.clock.now - done).toBeGreaterThan(9.4);
    expect(bench.clock.now - done).toBeLessThan(9.8);
  });

  it('keeps its own time when the cable gives none, at ten megabits a second', () => {
    const bench = Bench.configured();
    bench.cable.transmit = () => Number.NaN;
    bench.transmits(bodyOf(1514));
    bench.clock.advance(1220);
    expect(bench.get(Register.ECON1) & Econ1.TXRTS).toBe(Econ1.TXRTS);
    bench.clock.advance(5);
    expect(bench.get(Register.ECON1) & Econ1.TXRTS).toBe(0);
  });

  it('writes seven octets of status behind ETXND', () => {
    const bench = Bench.configured();
    bench.transmits(bodyOf(100));
    bench.clock.advance(200);
    expect(bench.transmitStatus(100)).toEqual([104, 0, 0xc0, 0x00, 104, 0, 0]);
    bench.transmits(bodyOf(100, BROADCAST, 0x8100));
    bench.clock.advance(200);
    expect(bench.transmitStatus(100)).toEqual([104, 0, 0xc0, 0x02, 104, 0, 0x08]);
  });

  it.each([
    ['000', 0x10, 42, 0x0800, 46],
    ['001', 0x30, 42, 0x0800, 64],
    ['010', 0x50, 42, 0x0800, 46],
    ['011', 0x70, 42, 0x0800, 68],
    ['100', 0x90, 42, 0x0800, 46],
    ['101', 0xb0, 42, 0x0800, 64],
    ['101 with VLAN', 0xb0, 42, 0x8100, 68],
    ['110', 0xd0, 42, 0x0800, 46],
    ['111', 0xf0, 42, 0x0800, 68],
    ['001 beyond the minimum', 0x30, 70, 0x0800, 74],
  ])('PADCFG %s pads as it should', (_, macon3, length, type, onWire) => {
    const bench = Bench.configured();
    bench.set(Register.MACON3, macon3 | 0x03);
    bench.transmits(bodyOf(length, PEER, type));
    bench.clock.advance(200);
    expect(bench.cable.frames[0]).toHaveLength(onWire);
    expect(frameCheckSequence(bench.cable.frames[0]!, bench.cable.frames[0]!.length) >>> 0).toBe(0x2144df1c);
    expect([...bench.cable.frames[0]!.slice(length, -4)].every((octet) => octet === 0)).toBe(true);
  });

  it('the control octet overrides MACON3', () => {
    const bench = Bench.configured();
    bench.set(Register.MACON3, 0x01);
    bench.transmits(bodyOf(42), 0x07);
    bench.clock.advance(200);
    expect(bench.cable.frames[0]).toHaveLength(64);
    bench.set(Register.MACON3, 0x33);
    bench.transmits(withFrameCheckSequence(bodyOf(60)), 0x01);
    bench.clock.advance(200);
    expect([...bench.cable.frames[1]!]).toEqual([...withFrameCheckSequence(bodyOf(60))]);
    expect(bench.transmitStatus(64)[2]).toBe(0xc0);
    expect(bench.violations()).toEqual([]);
  });

  it('without TXCRCEN a wrong check sequence is sent and noted', () => {
    const bench = Bench.configured();
    bench.set(Register.MACON3, 0x01);
    bench.transmits(bodyOf(64));
    bench.clock.advance(200);
    expect(bench.cable.frames[0]).toHaveLength(64);
    expect(bench.transmitStatus(64)[2]).toBe(0xd0);
  });

  it('a frame beyond MAMXFL is aborted: TXABRT, TXERIF, TXIF and the giant bit', () => {
    const bench = Bench.configured();
    bench.setWord(Register.MAMXFLL, 100);
    bench.transmits(bodyOf(100));
    bench.clock.advance(200);
    expect(bench.get(Register.ECON1) & Econ1.TXRTS).toBe(0);
    expect(bench.get(Register.EIR)).toBe(TXIF | TXERIF);
    expect(bench.get(Register.ESTAT) & TXABRT).toBe(TXABRT);
    expect(bench.transmitStatus(100).slice(2, 4)).toEqual([0x40, 0x40]);
    bench.clearBits(Register.ESTAT, TXABRT);
    expect(bench.get(Register.ESTAT) & TXABRT).toBe(0);
    bench.transmits(bodyOf(100), 0x09 | 0x02);
    bench.clock.advance(200);
    expect(bench.cable.frames.at(-1)).toHaveLength(104);
  });

  it('the host cancels by clearing TXRTS: TXIF and a status vector that is not done', () => {
    const bench = Bench.configured();
    bench.transmits(bodyOf(1000));
    bench.clock.advance(100);
    bench.clearBits(Register.ECON1, Econ1.TXRTS);
    expect(bench.get(Register.EIR)).toBe(TXIF);
    expect(bench.transmitStatus(1000)[2]! & 0x80).toBe(0);
    bench.clock.advance(2000);
    expect(bench.chip.counts.framesTransmitted).toBe(0);
  });

  it('TXRST stops the transmitter and clears TXRTS', () => {
    const bench = Bench.configured();
    bench.transmits(bodyOf(1000));
    bench.setBits(Register.ECON1, Econ1.TXRST);
    expect(bench.get(Register.ECON1)).toBe(Econ1.TXRST);
    bench.clearBits(Register.ECON1, Econ1.TXRST);
    bench.clearBits(Register.EIR, TXIF | TXERIF);
    bench.transmits(bodyOf(100));
    bench.clock.advance(200);
    expect(bench.cable.frames.at(-1)).toHaveLength(104);
    expect(bench.chip.counts.framesTransmitted).toBe(1);
  });

  it.each([
    ['1A00h', '1A00h', 0x1a00, 0x1a00],
    ['1A00h', '19FFh', 0x1a00, 0x19ff],
    ['1FFFh', '0000h', 0x1fff, 0x0000],
    ['0001h', '0000h', 0x0001, 0x0000],
  ])('ETXST %s and ETXND %s stay bounded', (_, __, start, end) => {
    const bench = Bench.configured();
    bench.setWord(Register.ETXSTL, start);
    bench.setWord(Register.ETXNDL, end);
    bench.setBits(Register.ECON1, Econ1.TXRTS);
    bench.clock.advance(10000);
    expect(bench.get(Register.ECON1) & Econ1.TXRTS).toBe(0);
    expect(bench.violations()[0]).toContain('ECON1.TXRTS was set');
  });

  it('obeys a pause frame in full duplex', () => {
    const bench = Bench.receiving();
    const pause = new Uint8Array(60);
    pause.set([0x01, 0x80, 0xc2, 0x00, 0x00, 0x01, ...PEER, 0x88, 0x08, 0x00, 0x01, 0x00, 0x64]);
    bench.chip.frameArrived(withFrameCheckSequence(pause));
    bench.transmits(bodyOf(60));
    bench.clock.advance(4000);
    expect(bench.cable.frames).toHaveLength(0);
    bench.clock.advance(1300);
    expect(bench.cable.frames).toHaveLength(1);
  });

  it('PLOOPBK brings the frame back and keeps it off the cable', () => {
    const bench = Bench.receiving();
    bench.phyWrite(Phy.PHCON1, 0x4100);
    bench.transmits(bodyOf(60, STATION));
    bench.clock.advance(200);
    expect(bench.cable.frames).toHaveLength(0);
    expect([...bench.takes().frame]).toEqual([...withFrameCheckSequence(bodyOf(60, STATION))]);
  });

  it('half duplex hears itself unless HDLDIS is set', () => {
    for (const [phcon2, heard] of [[0x0000, 1], [0x0100, 0]] as const) {
      const bench = Bench.configured();
      bench.set(Register.MACON3, 0x32);
      bench.phyWrite(Phy.PHCON1, 0);
      bench.phyWrite(Phy.PHCON2, phcon2);
      bench.setBits(Register.ECON1, Econ1.RXEN);
      bench.transmits(bodyOf(60, BROADCAST));
      bench.clock.advance(200);
      expect(bench.get(Register.EPKTCNT)).toBe(heard);
      expect(bench.cable.frames).toHaveLength(1);
    }
  });

  it('TXDIS keeps the cable silent', () => {
    const bench = Bench.configured();
    bench.phyWrite(Phy.PHCON2, 0x2000);
    bench.transmits(bodyOf(60));
    bench.clock.advance(200);
    expect(bench.cable.frames).toHaveLength(0);
    expect(bench.get(Register.EIR)).toBe(TXIF);
  });
});
