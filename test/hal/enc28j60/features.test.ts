import { describe, expect, it } from 'vitest';
import { Filter, Led, receiveOnly, showOnLeds } from '../../../hal/enc28j60/choices';
import { fallAsleep, wakeUp } from '../../../hal/enc28j60/power';
import { frameCheckSequenceGood } from '../../../hal/mock/fcs';
import { SeededRandom } from '../../../hal/mock/random';
import { into, taken } from '../into';
import { ADDRESS, BROADCAST, Rig, frameOf } from './rig';

const OTHER = new Uint8Array([0x02, 0, 0, 0, 0, 0x99]);
const GROUP = new Uint8Array([0x01, 0x00, 0x5e, 0x00, 0x00, 0x01]);
const ARP = 0x06;
const random = new SeededRandom(1);

function frameTo(destination: typeof BROADCAST, typeLow = 0): Uint8Array {
  const frame = frameOf(random, 60, destination);
  frame[13] = typeLow;
  return frame;
}

/** Which of these the driver hands over. */
function heard(rig: Rig): string[] {
  const frames: Record<string, Uint8Array> = {
    own: frameTo(ADDRESS),
    'ARP to all': frameTo(BROADCAST, ARP),
    'IP to all': frameTo(BROADCAST),
    group: frameTo(GROUP),
    other: frameTo(OTHER),
  };
  return Object.keys(frames).filter((name) => {
    rig.arrives(frames[name]!);
    return rig.received() !== undefined;
  });
}

describe('receive filters (section 8)', () => {
  it('usually take what is for this station, and broadcasts', () => {
    expect(heard(Rig.opened())).toEqual(['own', 'ARP to all', 'IP to all']);
  });

  it('take of broadcasts only those of ARP when that is wanted, and keep to it through a recovery', () => {
    const rig = Rig.opened();
    receiveOnly(rig.driver, Filter.QUIET);
    expect(heard(rig)).toEqual(['own', 'ARP to all']);
    rig.driver.recover();
    rig.clock.advance(50_000);
    expect(heard(rig)).toEqual(['own', 'ARP to all']);
    rig.driver.multicast(GROUP, true);
    expect(heard(rig)).toEqual(['own', 'ARP to all', 'group']);
    expect(rig.chip.violations).toEqual([]);
  });

  it('take everything when that is wanted', () => {
    const rig = Rig.opened();
    receiveOnly(rig.driver, Filter.EVERYTHING);
    expect(heard(rig)).toEqual(['own', 'ARP to all', 'IP to all', 'group', 'other']);
  });
});

describe('LEDs', () => {
  it('show link and traffic, or what they are told to, also after a recovery', () => {
    const rig = Rig.opened();
    expect([rig.chip.led('A'), rig.chip.led('B')]).toEqual([true, false]);
    rig.driver.send(new Uint8Array(1000), 1000);
    expect(rig.chip.led('B')).toBe(true);
    showOnLeds(rig.driver, Led.OFF, Led.ON);
    rig.driver.recover();
    expect([rig.chip.led('A'), rig.chip.led('B')]).toEqual([false, true]);
    expect(rig.chip.phy(0x14) & 0x3000).toBe(0x3000);
    expect(rig.chip.violations).toEqual([]);
  });
});

describe('sleep (section 14)', () => {
  it('switches MAC and PHY off in the right order, and the driver holds still meanwhile', () => {
    const rig = Rig.opened();
    rig.driver.linkUp();
    rig.arrives(frameTo(ADDRESS));
    rig.driver.send(new Uint8Array(1000), 1000);
    fallAsleep(rig.driver);
    expect(rig.sent).toHaveLength(1);
    expect(rig.chip.peek(0, 0x1e) & 0x28).toBe(0x28);
    expect(rig.driver.link).toBe(false);
    expect(rig.cost(() => rig.driver.linkUp())).toBe(0);
    expect(rig.received()).toBeUndefined();
    expect(rig.driver.send(new Uint8Array(60), 60)).toBe(true);
    expect(rig.driver.counters).toMatchObject({ recoveries: 0, txErrors: 1 });
    expect(rig.chip.violations).toEqual([]);
  });

  it('ends with reception on, and what had come in before still there', () => {
    const rig = Rig.opened();
    const before = frameTo(ADDRESS);
    rig.arrives(before);
    fallAsleep(rig.driver);
    rig.arrives(frameTo(ADDRESS));
    rig.clock.advance(1_000_000);
    wakeUp(rig.driver);
    wakeUp(rig.driver);
    rig.clock.advance(50_000);
    expect(rig.driver.linkUp()).toBe(true);
    expect(rig.received()).toEqual(before);
    expect(rig.received()).toBeUndefined();
    expect(heard(rig)).toContain('own');
    expect(rig.driver.counters.recoveries).toBe(0);
    expect(rig.chip.violations).toEqual([]);
  });
});

describe('room for two frames of full size to send', () => {
  it('loads one while the other is on the wire, and leaves three to receive', () => {
    for (const [twoFrames, least, most, room] of [[true, 1230, 1250, 3], [false, 1840, 1900, 4]] as const) {
      const rig = Rig.opened({ twoFrames, fullDuplex: true });
      const frame = frameOf(random, 1514, BROADCAST);
      rig.driver.send(frame, 1514);
      const begin = rig.clock.now;
      for (let count = 0; count < 50; count++) {
        frame[100] = count;
        while (!rig.driver.send(frame, 1514));
      }
      const each = (rig.clock.now - begin) / 50;
      expect(each).toBeGreaterThan(least);
      expect(each).toBeLessThan(most);
      rig.clock.advance(5000);
      expect(rig.sent.slice(1).map((sent) => sent[100])).toEqual([...Array(50).keys()]);
      for (let count = 0; count < 6; count++) rig.arrives(frameOf(random, 1514));
      expect(rig.chip.peek(1, 0x19)).toBe(room);
      expect(rig.chip.violations).toEqual([]);
    }
  });

  it('frames that are short share the room of a long one', () => {
    const rig = Rig.opened({ fullDuplex: true });
    const lengths = [748, 748, 60, 749, 748, 1514, 100, 100, 1514, 748];
    for (let round = 0; round < 20; round++) {
      lengths.forEach((length, at) => {
        const frame = frameOf(random, length, BROADCAST);
        frame[20] = at;
        expect(rig.driver.send(frame, length)).toBe(true);
      });
    }
    rig.clock.advance(5000);
    const expected = Array.from({ length: 20 }, () => lengths.map((length, at) => [Math.max(length, 60) + 4, at])).flat();
    expect(rig.sent.map((sent) => [sent.length, sent[20]])).toEqual(expected);
    expect(rig.driver.counters.txErrors).toBe(0);
    expect(rig.chip.violations).toEqual([]);
  });
});

describe('a check of frames that came over the bus', () => {
  it('is made when it is asked for; a frame that was disturbed is lost, and from then on the bus is not trusted', () => {
    let doubts = 3;
    const rig = Rig.opened({ intact: () => doubts-- <= 0 });
    const [first, second] = [frameOf(random, 600), frameOf(random, 100)];
    const received = into(new Uint8Array(1518));
    rig.arrives(first);
    expect(taken(rig.driver, received)).toBe(600);
    expect(rig.driver.sound(received)).toBe(false);
    expect(rig.driver.counters).toMatchObject({ rxFrames: 0, rxErrors: 1, recoveries: 0 });
    rig.arrives(second);
    expect(rig.received(1518)).toEqual(second);
    expect(doubts).toBe(-1);
    expect(rig.driver.counters).toMatchObject({ rxFrames: 1, rxErrors: 1, recoveries: 0 });
  });

  it('is made of the frame and its check sequence', () => {
    const checked: number[] = [];
    const rig = Rig.opened({ intact: (octets, length) => checked.push(length) > 0 && frameCheckSequenceGood(octets, length) });
    const received = into(new Uint8Array(1518));
    for (const length of [600, 61]) {
      rig.arrives(frameOf(random, length));
      expect(taken(rig.driver, received)).toBe(length);
      expect(rig.driver.sound(received)).toBe(true);
    }
    expect(checked).toEqual([604, 65]);
    // Without room for its check sequence a frame is believed.
    rig.arrives(frameOf(random, 600));
    const tight = into(new Uint8Array(600));
    expect(taken(rig.driver, tight)).toBe(600);
    expect(rig.driver.sound(tight)).toBe(true);
    expect(checked).toHaveLength(2);
  });

  it('has a frame read again that was disturbed on its way over a bus that is not trusted', () => {
    let doubts = 2;
    const rig = Rig.opened({ intact: () => doubts-- <= 0, careful: true });
    const frame = frameOf(random, 600);
    rig.arrives(frame);
    expect(rig.received(1518)).toEqual(frame);
    expect(rig.driver.counters).toMatchObject({ rxFrames: 1, rxErrors: 0, recoveries: 0 });
  });

  it('has the ring given up when its memory is spoilt', () => {
    const rig = Rig.opened({ intact: () => false, careful: true });
    rig.arrives(frameOf(random, 600));
    expect(rig.received(1518)).toBeUndefined();
    expect(rig.driver.counters).toMatchObject({ rxFrames: 0, rxErrors: 1, recoveries: 1 });
  });
});
