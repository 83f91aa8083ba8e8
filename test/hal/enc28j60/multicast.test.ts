import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../hal/mock/random';
import { Rig, frameOf } from './rig';

const MDNS = new Uint8Array([0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb]);
const ALL_HOSTS = new Uint8Array([0x01, 0x00, 0x5e, 0x00, 0x00, 0x01]);

describe('multicast', () => {
  it('sets the bit of the hash table that the chip looks at', () => {
    const vectors: { group: number[]; bit: number }[] = [
      { group: [0x01, 0x00, 0x5e, 0x00, 0x00, 0x01], bit: 63 },
      { group: [0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb], bit: 62 },
      { group: [0x01, 0x00, 0x5e, 0x7f, 0xff, 0xfa], bit: 28 },
      { group: [0x33, 0x33, 0x00, 0x00, 0x00, 0x01], bit: 51 },
      { group: [0x01, 0x80, 0xc2, 0x00, 0x00, 0x00], bit: 15 },
    ];
    for (const { group, bit } of vectors) {
      const rig = Rig.opened();
      rig.driver.multicast(new Uint8Array(group), true);
      for (let index = 0; index < 8; index++) {
        expect(rig.chip.peek(1, index), `EHT${index}`).toBe(index === bit >> 3 ? 1 << (bit & 7) : 0);
      }
    }
  });

  it('lets a group in from join to leave', () => {
    const rig = Rig.opened();
    const frame = frameOf(new SeededRandom(30), 80, MDNS);
    rig.arrives(frame);
    expect(rig.received()).toBeUndefined();
    rig.driver.multicast(MDNS, true);
    rig.arrives(frame);
    expect(rig.received()).toEqual(frame);
    rig.driver.multicast(MDNS, false);
    rig.arrives(frame);
    expect(rig.received()).toBeUndefined();
    expect(rig.chip.violations).toEqual([]);
  });

  it('keeps a bit that another group needs', () => {
    // Two groups of one hash, found by trying.
    const rig = Rig.opened();
    rig.driver.multicast(MDNS, true);
    const table = rig.chip.peek(1, 7);
    const twin = MDNS.slice();
    do {
      twin[4]++;
      const other = Rig.opened();
      other.driver.multicast(twin, true);
      if (other.chip.peek(1, 7) === table) break;
    } while (twin[4] < 255);
    expect(twin[4]).toBeLessThan(255);

    rig.driver.multicast(twin, true);
    rig.driver.multicast(MDNS, false);
    const frame = frameOf(new SeededRandom(31), 80, twin);
    rig.arrives(frame);
    expect(rig.received()).toEqual(frame);
    rig.driver.multicast(twin, false);
    expect(rig.chip.peek(1, 7)).toBe(0);
  });

  it('ignores a leave without a join', () => {
    const rig = Rig.opened();
    rig.driver.multicast(ALL_HOSTS, false);
    rig.driver.multicast(ALL_HOSTS, true);
    expect(rig.chip.peek(1, 7)).toBe(0x80);
  });

  it('keeps groups through open and recover', () => {
    const rig = Rig.opened();
    rig.driver.multicast(ALL_HOSTS, true);
    rig.driver.open();
    expect(rig.chip.peek(1, 7)).toBe(0x80);
    rig.driver.recover();
    expect(rig.chip.peek(1, 7)).toBe(0x80);
  });

  it('refuses what is no group', () => {
    const rig = Rig.opened();
    expect(() => rig.driver.multicast(new Uint8Array([2, 0, 0, 0, 0, 1]), true)).toThrow('bit 0');
    expect(() => rig.driver.multicast(new Uint8Array(5), true)).toThrow('six octets');
  });
});
