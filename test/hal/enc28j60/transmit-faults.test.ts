import { beforeEach, describe, expect, it } from 'vitest';
import { Enc28j60 } from '../../../hal/enc28j60/driver';
import { Repair } from '../../../hal/enc28j60/repairs';
import { FakeChip } from './fake-chip';
import { into, taken } from '../into';

let chip: FakeChip;
let driver: Enc28j60;
const frame = new Uint8Array(1514);

beforeEach(() => {
  chip = new FakeChip();
  driver = new Enc28j60(chip, { address: new Uint8Array([2, 0, 0, 0, 0, 1]) });
  driver.open();
  frame.fill(0x5a);
  chip.log = [];
  chip.waited = 0;
});

describe('the registers of a frame', () => {
  it('are written behind the frame before, whose TXIF is cleared', () => {
    driver.send(frame, 60);
    chip.log = [];
    driver.send(frame, 61);
    expect(chip.log).toEqual([
      'RCR 1C', 'BFC 1F 03', 'WCR 02 0C', 'WCR 03 1A', 'WBM 3E', 'BFC 1C 08', 'WCR 06 49', 'BFS 1F 09',
    ]);
  });

  it('writes ETXND only when the length has changed', () => {
    driver.send(frame, 60);
    chip.log = [];
    driver.send(frame, 60);
    expect(chip.log.filter((line) => line.startsWith('WCR 06'))).toEqual([]);
    driver.send(frame, 61);
    expect(chip.log.filter((line) => line.startsWith('WCR 06'))).toHaveLength(1);
    expect(chip.sent[2]).toHaveLength(61);
  });

  it('are written afresh after a look at the chip, which may have lost them', () => {
    driver.send(frame, 60);
    driver.linkUp();
    chip.log = [];
    driver.send(frame, 60);
    expect(chip.log.filter((line) => /^WCR 0[567]/.test(line))).toEqual(['WCR 06 48', 'WCR 07 1A', 'WCR 05 1A']);
  });
});

describe('a length that no frame has', () => {
  it('throws', () => {
    expect(() => driver.send(frame, 13)).toThrow('14 to 1514');
    expect(() => driver.send(new Uint8Array(1600), 1515)).toThrow('14 to 1514');
    expect(() => driver.send(new Uint8Array(20), 60)).toThrow('not more than its buffer');
    expect(() => driver.send(frame, NaN)).toThrow('14 to 1514');
    expect(driver.counters.txFrames).toBe(0);
  });
});

describe('a late collision (erratum 13)', () => {
  it('has the frame sent again at the next look, the same octets', () => {
    chip.outcomes.push('late collision', 'late collision', 'good');
    driver.send(frame, 100);
    chip.int = true;
    taken(driver, into(new Uint8Array(1514)));
    taken(driver, into(new Uint8Array(1514)));
    expect(chip.sent).toHaveLength(3);
    expect(chip.sent[2]).toEqual(chip.sent[0]);
    expect(chip.registers[0x1c] & 0x02).toBe(0);
    expect(driver.send(frame, 60)).toBe(true);
    expect(driver.counters.txErrors).toBe(0);
  });

  it('has it sent again by the next send, before its own frame', () => {
    chip.outcomes.push('late collision', 'good', 'good');
    driver.send(frame, 100);
    expect(driver.send(frame, 60)).toBe(true);
    expect(chip.sent.map((octets) => octets.length)).toEqual([100, 100, 60]);
    expect(driver.counters.txErrors).toBe(0);
  });

  it('gives up after 16 repetitions', () => {
    for (let time = 0; time < 40; time++) chip.outcomes.push('late collision');
    driver.send(frame, 100);
    chip.int = true;
    for (let look = 0; look < 30; look++) taken(driver, into(new Uint8Array(1514)));
    expect(chip.sent).toHaveLength(17);
    expect(driver.counters.txErrors).toBe(1);
  });
});

describe('another failure', () => {
  it('has the transmit logic reset, and TXERIF cleared only then (erratum 12)', () => {
    chip.outcomes.push('abort');
    driver.send(frame, 100);
    chip.log = [];
    driver.send(frame, 60);
    const reset = chip.log.indexOf('BFS 1F 80');
    expect(chip.log.slice(reset, reset + 3)).toEqual(['BFS 1F 80', 'BFC 1F 80', 'BFC 1C 0A']);
  });

  it('is counted once and lets INT rise', () => {
    chip.outcomes.push('abort', 'good');
    driver.send(frame, 100);
    chip.int = true;
    taken(driver, into(new Uint8Array(1514)));
    expect(chip.registers[0x1c] & 0x02).toBe(0);
    expect(chip.registers[0x1d] & 0x02).toBe(0);
    expect(driver.send(frame, 60)).toBe(true);
    expect(driver.counters).toMatchObject({ txFrames: 2, txErrors: 1 });
  });
});

describe('a transmitter that is stuck', () => {
  it('answers busy within 2 ms each time, and not for ever', () => {
    chip.outcomes.push('never', 'good');
    expect(driver.send(frame, 100)).toBe(true);
    let busy = 0;
    for (;;) {
      chip.waited = 0;
      const taken = driver.send(frame, 60);
      expect(chip.waited).toBeLessThanOrEqual(2000);
      if (taken) break;
      busy++;
      expect(busy).toBeLessThan(10);
    }
    expect(busy).toBeGreaterThan(0);
    expect(chip.sent.map((octets) => octets.length)).toEqual([100, 60]);
    expect(driver.counters).toMatchObject({ txFrames: 2, txErrors: 0 });
    expect(driver.repairs[Repair.TRANSMITTER]).toBe(1);
  });

  it('is reset by the next look at the chip when nobody sends, and the chip by the look behind that', () => {
    for (let time = 0; time < 4; time++) chip.outcomes.push('never');
    driver.send(frame, 60);
    driver.linkUp();
    expect([driver.repairs[Repair.TRANSMITTER], driver.counters.recoveries]).toEqual([1, 0]);
    driver.linkUp();
    expect(driver.counters.recoveries).toBe(1);
    chip.outcomes.length = 0;
    expect(driver.send(frame, 60)).toBe(true);
    driver.linkUp();
    driver.linkUp();
    expect(driver.counters).toMatchObject({ recoveries: 1, txErrors: 1 });
  });

  it('is not held to be one for single frames that got stuck', () => {
    for (let time = 0; time < 10; time++) {
      chip.outcomes.push('never', 'good', 'good');
      for (let count = 0; count < 3; count++) while (!driver.send(frame, 60)) driver.linkUp();
    }
    expect(driver.counters).toMatchObject({ txErrors: 0, recoveries: 0 });
    expect(driver.repairs[Repair.TRANSMITTER]).toBe(10);
  });

  it('does not end up in an endless wait when the chip is gone', () => {
    driver.send(frame, 100);
    for (const dead of [0xff, 0x00]) {
      chip.garble = () => dead;
      for (let time = 0; time < 20; time++) driver.send(frame, 60);
      driver.linkUp();
      driver.recover();
    }
    expect(driver.counters.recoveries).toBe(0);
    expect(driver.link).toBe(false);
    const { txErrors } = driver.counters;
    expect(driver.send(frame, 60)).toBe(true);
    expect(driver.counters.txErrors).toBe(txErrors + 1);
    chip.garble = (value) => value;
    chip.phy[1] = 0x0004;
    expect(driver.linkUp()).toBe(true);
    expect(driver.counters.recoveries).toBe(1);
    expect(driver.repairs[Repair.REGISTERS]).toBe(1);
  });
});

describe('a chip that has lost its setup', () => {
  it('is found by linkUp and set up again, groups included', () => {
    driver.multicast(new Uint8Array([0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb]), true);
    chip.phy[1] = 0x0004;
    chip.command(0xff);
    expect(driver.linkUp()).toBe(true);
    expect(driver.counters.recoveries).toBe(1);
    expect(chip.registers[0x27]).toBe(0x40);
    expect(chip.registers[0x1f] & 0x04).toBe(0x04);
    driver.linkUp();
    expect(driver.counters.recoveries).toBe(1);
  });
});
