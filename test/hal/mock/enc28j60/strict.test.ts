import { describe, expect, it } from 'vitest';
import { Bench, Econ1, Phy, RING_END, Register, TRANSMIT_START } from './bench';

describe('strict mode', () => {
  it('finds nothing wrong with a proper start', () => {
    expect(Bench.receiving().violations()).toEqual([]);
  });

  it('erratum 5: the ring must start at 0000h', () => {
    const bench = Bench.configured();
    bench.setWord(Register.ERXSTL, 0x0600);
    bench.setBits(Register.ECON1, Econ1.RXEN);
    expect(bench.violations()).toEqual([
      'ECON1.RXEN was set with ERXST at 0x0600: the receive ring must start at 0x0000 (erratum 5).',
    ]);
  });

  it('erratum 14: ERXRDPT must be odd', () => {
    const bench = Bench.receiving();
    bench.setWord(Register.ERXRDPTL, 0x0100);
    expect(bench.violations()).toEqual([
      'ERXRDPT is even (0x0100), which can corrupt the receive ring: write the odd address in front of the next packet (erratum 14).',
    ]);
  });

  it('ERXRDPT must lie in the ring', () => {
    const bench = Bench.receiving();
    bench.setWord(Register.ERXRDPTL, 0x1b01);
    expect(bench.violations()).toEqual([
      'ERXRDPT is 0x1B01, outside the receive ring 0x0000 to 0x19FF, so nothing stops an overrun.',
    ]);
  });

  it('the ring must not move while reception is on', () => {
    const bench = Bench.receiving();
    bench.set(Register.ERXNDL, RING_END & 0xff);
    expect(bench.violations()).toEqual([
      'ERXNDL was written with 0xFF while ECON1.RXEN is set: the receive ring may move only while reception is off.',
    ]);
  });

  it('WBM must stay out of the ring', () => {
    const bench = Bench.receiving();
    bench.writeMemory(0x0100, [1, 2, 3]);
    expect(bench.violations()).toEqual(['WBM wrote into the receive ring at 0x0100 while reception is on.']);
  });

  it('registers and octets of a frame on its way out must be left alone', () => {
    const bench = Bench.configured();
    bench.transmits(new Uint8Array(1000));
    bench.set(Register.ETXNDL, 0x00);
    bench.set(Register.MAMXFLL, 0x00);
    bench.writeMemory(TRANSMIT_START + 10, [1]);
    bench.readMemory(TRANSMIT_START + 10, 1);
    expect(bench.violations()).toEqual([
      'ETXNDL was written with 0x00 while ECON1.TXRTS is set: wait until the frame has gone.',
      'MAMXFLL was written with 0x00 while ECON1.TXRTS is set: wait until the frame has gone.',
      'WBM wrote at 0x1A0A, into the frame that is being sent (ECON1.TXRTS is set).',
      'RBM read at 0x1A0A, from the frame that is being sent (ECON1.TXRTS is set).',
    ]);
  });

  it('another buffer may be filled meanwhile', () => {
    const bench = Bench.configured();
    bench.transmits(new Uint8Array(60));
    bench.writeMemory(TRANSMIT_START + 61 + 7, [1, 2, 3]);
    expect(bench.violations()).toEqual([]);
  });

  it('the status vector needs its seven octets in front of the ring', () => {
    const bench = Bench.configured();
    bench.setWord(Register.ETXSTL, 0x1f00);
    bench.setWord(Register.ETXNDL, 0x1ff9);
    bench.setBits(Register.ECON1, Econ1.TXRTS);
    expect(bench.violations()).toEqual([
      'The frame from ETXST at 0x1F00 to ETXND at 0x1FF9 and the 7 octets of its status vector overlap the receive ring.',
    ]);
    bench.clock.advance(1000);
    bench.setWord(Register.ETXNDL, 0x1ff8);
    bench.setBits(Register.ECON1, Econ1.TXRTS);
    expect(bench.violations()).toEqual([]);
  });

  it('TXRTS and TXRST exclude each other', () => {
    const bench = Bench.configured();
    bench.setBits(Register.ECON1, Econ1.TXRST);
    bench.setBits(Register.ECON1, Econ1.TXRTS);
    expect(bench.get(Register.ECON1) & Econ1.TXRTS).toBe(0);
    expect(bench.violations()).toEqual(['ECON1.TXRTS was set while ECON1.TXRST is set: clear TXRST first.']);
  });

  it('MAC and PHY must agree on the duplex mode', () => {
    const bench = Bench.configured();
    bench.phyWrite(Phy.PHCON1, 0);
    bench.setBits(Register.ECON1, Econ1.RXEN);
    expect(bench.violations()).toEqual([
      'ECON1.RXEN was set while MACON3.FULDPX and PHCON1.PDPXMD differ: both ends of the MII must have the same duplex mode (section 9).',
    ]);
  });

  it('padding needs a check sequence', () => {
    const bench = Bench.configured();
    bench.set(Register.MACON3, 0x21);
    bench.transmits(new Uint8Array(42));
    bench.clock.advance(100);
    expect(bench.violations()).toEqual([
      'A frame is to be padded without a frame check sequence: set MACON3.TXCRCEN as well.',
    ]);
  });

  it('a frame must be longer than its header', () => {
    const bench = Bench.configured();
    bench.transmits(new Uint8Array(10));
    expect(bench.violations()).toEqual([
      'ECON1.TXRTS was set for a frame of 10 octets: the Ethernet header alone has 14.',
    ]);
  });

  it('instructions must be whole, known and under chip select', () => {
    const bench = Bench.started();
    bench.instruction(0x1e);
    bench.bank(2);
    bench.instruction(0x09, 0);
    bench.instruction(0x3b, 0);
    bench.instruction(0xc0, 1);
    bench.instruction(0x5b, 0, 0);
    bench.chip.transfer(0x42);
    bench.chip.select();
    bench.chip.select();
    bench.chip.deselect();
    expect(bench.violations()).toEqual([
      'Chip select rose before RCR of ECON2 had given its value.',
      'Chip select rose before RCR of MACLCON2 had given its value.',
      '0x3B is no instruction.',
      '0xC0 is no instruction.',
      'WCR of EIE went on after its data octet.',
      '0x42 was clocked in while chip select is high.',
      'Chip select fell twice: an instruction was begun inside another one.',
    ]);
  });

  it('lists a hundred violations and counts the rest', () => {
    const bench = Bench.started();
    for (let turn = 0; turn < 130; turn++) bench.instruction(0x1e);
    expect(bench.chip.violations).toHaveLength(100);
    expect(bench.chip.counts.violationsUnlisted).toBe(30);
  });

  it('says nothing when it is off', () => {
    const bench = Bench.started({ strict: false });
    bench.instruction(0x1e);
    bench.set(Register.EPKTCNT, 1);
    expect(bench.violations()).toEqual([]);
  });
});
