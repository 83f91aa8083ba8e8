import { describe, expect, it } from 'vitest';
import { ADDRESS, Rig } from './rig';
import { into, taken } from '../into';

describe('open on a good chip', () => {
  for (const revision of ['B1', 'B4', 'B5', 'B7'] as const) {
    it(`sets up revision ${revision}, with and without a RESET pin`, () => {
      for (const resetPin of [true, false]) {
        const rig = new Rig({ revision, resetPin });
        rig.driver.open();
        rig.driver.open();
        expect(rig.chip.violations).toEqual([]);
        rig.clock.advance(50000);
        expect(rig.driver.linkUp()).toBe(true);
        expect(rig.driver.counters.recoveries).toBe(0);
        expect(rig.chip.int).toBe(true);
      }
    });
  }

  it('opens a chip that has just got its power', () => {
    const rig = new Rig();
    rig.driver.open();
    expect(rig.chip.violations).toEqual([]);
  });

  it('programs what chapter 6 of the data sheet asks for, half duplex', () => {
    const rig = Rig.opened();
    const { chip } = rig;
    rig.driver.send(new Uint8Array(60), 60);
    const pair = (bank: number, address: number) => chip.peek(bank, address) | (chip.peek(bank, address + 1) << 8);
    expect(pair(0, 0x08), 'ERXST').toBe(0x0000);
    expect(pair(0, 0x0a) & 1, 'ERXND is odd').toBe(1);
    expect(pair(0, 0x0c) & 1, 'ERXRDPT is odd').toBe(1);
    expect(pair(0, 0x04), 'ETXST').toBe(pair(0, 0x0a) + 1);
    expect(pair(0, 0x06), 'ETXND').toBe(pair(0, 0x04) + 60);
    expect(chip.peek(1, 0x18), 'ERXFCON').toBe(0xa5);
    expect(chip.peek(2, 0x00), 'MACON1').toBe(0x01);
    expect(chip.peek(2, 0x02), 'MACON3').toBe(0x32);
    expect(chip.peek(2, 0x03), 'MACON4').toBe(0x40);
    expect(chip.peek(2, 0x04), 'MABBIPG').toBe(0x12);
    expect(chip.peek(2, 0x06), 'MAIPGL').toBe(0x12);
    expect(chip.peek(2, 0x07), 'MAIPGH').toBe(0x0c);
    expect(pair(2, 0x0a), 'MAMXFL').toBe(1518);
    expect([4, 5, 2, 3, 0, 1].map((address) => chip.peek(3, address))).toEqual(Array.from(ADDRESS));
    expect(chip.phy(0x00), 'PHCON1').toBe(0x0000);
    expect(chip.phy(0x10), 'PHCON2').toBe(0x0100);
    expect(chip.phy(0x14), 'PHLCON').toBe(0x3476);
    expect(chip.peek(0, 0x1b), 'EIE').toBe(0xc3);
    expect(chip.peek(0, 0x1f) & 0x04, 'ECON1.RXEN').toBe(0x04);
  });

  it('programs full duplex in the MAC and in the PHY', () => {
    const { chip } = Rig.opened({ fullDuplex: true });
    expect(chip.peek(2, 0x00), 'MACON1').toBe(0x0d);
    expect(chip.peek(2, 0x02), 'MACON3').toBe(0x33);
    expect(chip.peek(2, 0x04), 'MABBIPG').toBe(0x15);
    expect(chip.phy(0x00), 'PHCON1').toBe(0x0100);
    expect(chip.violations).toEqual([]);
  });
});

describe('without a cable', () => {
  it('opens, sees no link, receives nothing and takes frames', () => {
    const rig = Rig.opened({ unplugged: true });
    const frame = new Uint8Array(60);
    expect(rig.driver.linkUp()).toBe(false);
    expect(taken(rig.driver, into(frame))).toBe(0);
    for (let time = 0; time < 10; time++) expect(rig.driver.send(frame, 60)).toBe(true);
    expect(rig.chip.violations).toEqual([]);
  });

  it('sees the link come and go', () => {
    const rig = Rig.opened();
    expect(rig.driver.linkUp()).toBe(true);
    rig.chip.linkChanged(false);
    expect(rig.driver.linkUp()).toBe(false);
    expect(rig.driver.link).toBe(false);
    rig.chip.linkChanged(true);
    expect(rig.driver.linkUp()).toBe(true);
    expect(rig.driver.link).toBe(true);
    expect(rig.chip.violations).toEqual([]);
  });
});

describe('a link that was down between two looks', () => {
  it('is told of once, so that the stack announces itself again', () => {
    const rig = Rig.opened();
    expect(rig.driver.linkUp()).toBe(true);
    rig.chip.linkChanged(false);
    rig.clock.advance(1000);
    rig.chip.linkChanged(true);
    expect([rig.driver.linkUp(), rig.driver.linkUp(), rig.driver.linkUp()]).toEqual([false, true, true]);
  });
});

describe('recover', () => {
  it('keeps address, groups and duplex, and loses what the chip held', () => {
    const rig = Rig.opened({ fullDuplex: true });
    const group = new Uint8Array([0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb]);
    const frame = new Uint8Array(60);
    rig.driver.multicast(group, true);
    frame.set(ADDRESS);
    rig.arrives(frame);
    rig.driver.recover();
    expect(rig.received()).toBeUndefined();
    rig.clock.advance(50000);
    frame.set(group);
    rig.arrives(frame);
    expect(rig.received()).toEqual(frame);
    expect(rig.chip.peek(2, 0x02) & 0x01, 'MACON3.FULDPX').toBe(1);
    expect(rig.driver.counters.recoveries).toBe(1);
    expect(rig.chip.violations).toEqual([]);
  });
});
