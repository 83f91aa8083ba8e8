import { describe, expect, it } from 'vitest';
import { ChipSpi } from '../../../../hal/mock/enc28j60/spi-device';
import { Bench, Register, frameOf } from './bench';

describe('ChipSpi', () => {
  it('reads with and without a dummy, writes, commands and moves octets', () => {
    const bench = Bench.started();
    const { spi } = bench;
    spi.write(0x40 | 0x02, 0x00);
    spi.write(0x40 | 0x03, 0x01);
    spi.writeBytes(9, Uint8Array.of(0, 8, 7, 0), 1, 3);
    spi.write(0x40 | 0x00, 0x00);
    spi.write(0x40 | 0x01, 0x01);
    const bytes = new Uint8Array(5);
    spi.readBytes(bytes, 1, 3);
    expect([...bytes]).toEqual([0, 9, 8, 7, 0]);
    spi.write(0x9f, 0x02);
    expect(spi.readMac(0x09)).toBe(0x37);
    spi.command(0xff);
    expect(spi.read(0x1f)).toBe(0);
    expect(bench.violations()).toEqual([]);
  });

  it('tells of an interrupt by the pin, or always without one', () => {
    const bench = Bench.receiving();
    expect(bench.spi.interrupted()).toBe(false);
    expect(new ChipSpi(bench.chip, { interruptPin: false }).interrupted()).toBe(true);
    bench.setBits(Register.EIE, 0xc0);
    bench.chip.frameArrived(frameOf(64));
    expect(bench.spi.interrupted()).toBe(true);
  });

  it('waits on the clock, and leaves a RESET pin alone that is not there', () => {
    const bench = Bench.receiving();
    const before = bench.clock.now;
    bench.spi.wait(25);
    expect(bench.clock.now - before).toBe(25);
    new ChipSpi(bench.chip, { resetPin: false }).hardwareReset();
    expect(bench.get(Register.ECON1) & 0x04).toBe(0x04);
  });
});
