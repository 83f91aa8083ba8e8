import { describe, expect, it } from 'vitest';
import { Bench, Econ1, Phy, Register, frameOf } from './bench';

const TXIF = 0x08;
const TXERIF = 0x02;
const LSTAT = 0x0400;

/** Half duplex. */
function halfDuplex(): Bench {
  const bench = Bench.configured();
  bench.set(Register.MACON3, 0x32);
  bench.phyWrite(Phy.PHCON1, 0);
  bench.phyWrite(Phy.PHCON2, 0x0100);
  return bench;
}

describe('the bus', () => {
  it('flips single bits on their way to the host, never two close together', () => {
    const bench = Bench.started();
    bench.chip.faults.rates.miso = 0.01;
    bench.chip.memory.fill(0);
    const wrong: number[] = [];
    const octets = bench.readMemory(0, 100_000);
    octets.forEach((octet, at) => {
      if (octet !== 0) wrong.push(at);
    });
    expect(wrong.length).toBeGreaterThan(20);
    for (const at of wrong) expect([1, 2, 4, 8, 16, 32, 64, 128]).toContain(octets[at]);
    for (let at = 1; at < wrong.length; at++) expect(wrong[at]! - wrong[at - 1]!).toBeGreaterThanOrEqual(2000);
    expect(bench.chip.memory.every((octet) => octet === 0)).toBe(true);
  });

  it('flips single bits on their way to the chip', () => {
    const bench = Bench.started({ strict: false });
    bench.chip.faults.rates.mosi = 0.01;
    bench.writeMemory(0, new Array<number>(0x2000).fill(0));
    expect(bench.chip.memory.filter((octet) => octet !== 0).length).toBeGreaterThan(0);
  });

  it('MAC registers fail when chip select rises too early, Ethernet registers do not', () => {
    const bench = Bench.started();
    bench.chip.faults.chipSelectHold = 20;
    expect(bench.get(Register.MACLCON2)).toBe(0x37);
    let wrong = 0;
    for (let time = 0; time < 100; time++) if (bench.get(Register.MACLCON2) !== 0x37) wrong++;
    expect(wrong).toBeGreaterThan(90);
    for (let time = 0; time < 100; time++) expect(bench.get(Register.ERXFCON)).toBe(0xa1);
    bench.set(Register.MABBIPG, 0x15);
    bench.chip.faults.chipSelectHold = 210;
    bench.get(Register.MABBIPG);
    expect(bench.get(Register.MABBIPG)).toBe(0);
    expect(bench.violations()[0]).toBe(
      'Chip select rose 20 ns after the last clock of MACLCON2: MAC and MII registers need 210 ns.',
    );
  });

  it('a clock above 20 MHz is reported', () => {
    expect(new Bench({ spiHz: 25e6 }).violations()).toEqual([
      'The SPI clock is 25000000 Hz: 20000000 Hz is the most that the chip takes.',
    ]);
  });

  it('loses edges of INT, not its level', () => {
    const bench = Bench.receiving();
    bench.setBits(Register.EIE, 0xc0);
    bench.chip.faults.rates.lostEdges = 1;
    bench.chip.frameArrived(frameOf(64));
    expect(bench.edges).toEqual([]);
    expect(bench.chip.int).toBe(false);
  });
});

describe('the supply', () => {
  it('a brown-out in the middle of an instruction resets all registers, and the rest means nothing', () => {
    const bench = Bench.receiving();
    bench.set(Register.ECOCON, 0x01);
    bench.setWord(Register.EWRPTL, 0x1b00);
    bench.chip.memory[0x1b01] = 0x77;
    bench.chip.select();
    bench.chip.transfer(0x7a);
    bench.chip.transfer(0x11);
    bench.chip.brownOut();
    bench.chip.transfer(0x22);
    bench.chip.deselect();
    expect([bench.chip.memory[0x1b00], bench.chip.memory[0x1b01]]).toEqual([0x11, 0x77]);
    expect(bench.get(Register.ECOCON)).toBe(0x04);
    expect(bench.get(Register.ECON1) & Econ1.RXEN).toBe(0);
    expect(bench.get(Register.ESTAT) & 0x01).toBe(0);
    bench.clock.advance(300);
    expect(bench.get(Register.ESTAT) & 0x01).toBe(1);
  });

  it('a chip that is gone leaves its lines as they float, and hears nothing', () => {
    const bench = Bench.receiving();
    bench.clock.advance(50_000);
    bench.chip.disappear(0xff, false);
    expect(bench.get(Register.EIE)).toBe(0xff);
    expect(bench.chip.int).toBe(false);
    expect(bench.chip.phy(Phy.PHSTAT2) & LSTAT).toBe(0);
    bench.chip.frameArrived(frameOf(64));
    bench.chip.reappear();
    bench.clock.advance(300);
    expect(bench.get(Register.EPKTCNT)).toBe(0);
    expect(bench.get(Register.EIE)).toBe(0);
    expect(bench.chip.int).toBe(true);
    bench.clock.advance(50_000);
    expect(bench.chip.phy(Phy.PHSTAT2) & LSTAT).toBe(LSTAT);
  });
});

describe('transmission', () => {
  const outcome = (bench: Bench): { flags: number; status: number[] } => {
    bench.transmits(new Uint8Array(60));
    bench.clock.advance(2_000_000);
    const flags = bench.get(Register.EIR);
    bench.clearBits(Register.EIR, TXIF | TXERIF);
    return { flags, status: bench.transmitStatus(60) };
  };

  it('collisions are counted in the status vector and cost time', () => {
    const bench = halfDuplex();
    bench.chip.faults.transmissions.push('collisions');
    bench.transmits(new Uint8Array(60));
    bench.clock.advance(57.6);
    expect(bench.get(Register.ECON1) & Econ1.TXRTS).toBe(Econ1.TXRTS);
    bench.clock.advance(2_000_000);
    expect(bench.get(Register.EIR)).toBe(TXIF);
    expect(bench.transmitStatus(60)[2]! & 0x0f).toBeGreaterThan(0);
    expect(bench.cable.frames).toHaveLength(1);
  });

  it('sixteen of them abort it: TXABRT, bit 28, nothing on the wire', () => {
    const bench = halfDuplex();
    bench.chip.faults.transmissions.push('excessive collisions');
    const { flags, status } = outcome(bench);
    expect(flags).toBe(TXIF | TXERIF);
    expect(status[3]! & 0x30).toBe(0x10);
    expect(status[2]! & 0x80).toBe(0);
    expect(bench.get(Register.ESTAT) & 0x12).toBe(0x02);
    expect(bench.cable.frames).toHaveLength(0);
  });

  it('a late one aborts it at once: LATECOL, bit 29', () => {
    const bench = halfDuplex();
    bench.chip.faults.transmissions.push('late collision');
    const { flags, status } = outcome(bench);
    expect(flags).toBe(TXIF | TXERIF);
    expect(status[3]! & 0x30).toBe(0x20);
    expect(bench.get(Register.ESTAT) & 0x12).toBe(0x12);
  });

  it('there are none in full duplex', () => {
    const bench = Bench.configured();
    bench.chip.faults.transmissions.push('late collision');
    expect(outcome(bench).flags).toBe(TXIF);
  });

  it('a busy medium defers it in half duplex, bit 26', () => {
    const bench = halfDuplex();
    bench.setBits(Register.ECON1, Econ1.RXEN);
    bench.chip.carrierSensed(500);
    bench.transmits(new Uint8Array(60));
    bench.clock.advance(400);
    expect(bench.cable.frames).toHaveLength(0);
    bench.clock.advance(300);
    expect(bench.cable.frames).toHaveLength(1);
    expect(bench.transmitStatus(60)[3]! & 0x04).toBe(0x04);
  });

  it('stuck, it goes on until TXRST; stuck for good, until the chip is reset', () => {
    for (const [fault, again] of [['stuck', TXIF], ['stuck for good', 0]] as const) {
      const bench = Bench.configured();
      bench.chip.faults.transmissions.push(fault);
      expect(outcome(bench).flags).toBe(0);
      bench.setBits(Register.ECON1, Econ1.TXRST);
      bench.clearBits(Register.ECON1, Econ1.TXRST);
      bench.clearBits(Register.EIR, TXIF);
      expect(outcome(bench).flags).toBe(again);
    }
  });
});

describe('a pulled cable', () => {
  it('carries nothing either way until it is back', () => {
    const bench = Bench.receiving();
    for (const up of [false, true]) {
      bench.chip.linkChanged(up);
      bench.chip.frameArrived(frameOf(64));
      bench.transmits(new Uint8Array(60));
      bench.clock.advance(1000);
      expect(bench.get(Register.EPKTCNT)).toBe(up ? 1 : 0);
      expect(bench.cable.frames).toHaveLength(up ? 1 : 0);
    }
  });
});

describe('reception', () => {
  it('after an overflow goes on, or is deaf until RXRST, or until a reset', () => {
    for (const [deafness, afterwards, afterReset] of [['none', 1, 1], ['until RXRST', 0, 1], ['until reset', 0, 0]] as const) {
      const bench = Bench.receiving();
      bench.chip.faults.afterOverflow = deafness;
      for (let frame = 0; frame < 5; frame++) bench.chip.frameArrived(frameOf(1518));
      bench.chip.faults.end();
      while (bench.get(Register.EPKTCNT) > 0) bench.setBits(Register.ECON2, 0x40);
      bench.setWord(Register.ERXRDPTL, bench.word(Register.ERXWRPTL) - 1);
      bench.chip.frameArrived(frameOf(64));
      expect(bench.get(Register.EPKTCNT), deafness).toBe(afterwards);
      bench.setBits(Register.ECON1, Econ1.RXRST);
      bench.clearBits(Register.ECON1, Econ1.RXRST);
      bench.setBits(Register.ECON1, Econ1.RXEN);
      bench.chip.frameArrived(frameOf(64));
      expect(bench.get(Register.EPKTCNT), deafness).toBe(afterwards + afterReset);
    }
  });

  it('writes one header that leads astray, and goes on where it would have', () => {
    const bench = Bench.receiving();
    bench.chip.mislead();
    bench.chip.frameArrived(frameOf(64));
    bench.chip.frameArrived(frameOf(64));
    expect(bench.chip.memory[0]! | (bench.chip.memory[1]! << 8)).not.toBe(70);
    expect(bench.chip.memory[70]! | (bench.chip.memory[71]! << 8)).toBe(140);
  });
});
