import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { VirtualClock } from '../../hal/mock/clock';
import { Enc28j60Chip } from '../../hal/mock/enc28j60/chip';
import { JerryPlatform, JerrySpi, bytesToString, getTime, now, stringToBytes } from '../../hal/jerryscript';
import { rawSum, sumWords } from '../../src/wire/checksum';

afterEach(() => vi.useRealTimers());

/** WBM, RBM, and the data octet's opcode of a packet's start, as the data sheet numbers them in section 4.2. */
const [WBM, RBM] = [0x7a, 0x3a];
const unwired = { cs: undefined, irq: undefined, rst: undefined };

/** A bus that notes what it is given, and answers with the position of each octet, negative above 127 as IoT.js does. */
function listeningBus() {
  const given: number[][] = [];
  const transferSync = (octets: number[]): number[] => {
    given.push([...octets]);
    return octets.map((_, at) => (at << 24) >> 24);
  };
  return { given, bus: { transferSync } };
}

describe('the bus', () => {
  test('sends what an instruction needs, in arrays of its length', () => {
    const { given, bus } = listeningBus();
    const spi = new JerrySpi(bus, unwired);
    spi.command(0xff);
    spi.write(0x5f, 3);
    expect(spi.read(0x19)).toBe(1);
    expect(spi.readMac(0x0a)).toBe(2);
    expect(given).toEqual([[0xff], [0x5f, 3], [0x19, 0], [0x0a, 0, 0]]);
  });

  test('reads in blocks, and takes negative numbers for the octets that they are', () => {
    const { given, bus } = listeningBus();
    const bytes = new Uint8Array(600).fill(7);
    new JerrySpi(bus, unwired).readBytes(bytes, 10, 520);
    expect(given.map((octets) => [octets[0], octets.length])).toEqual([[RBM, 257], [RBM, 257], [RBM, 9]]);
    const block = Array.from({ length: 256 }, (_, at) => (at + 1) & 255);
    expect([...bytes]).toEqual([...Array(10).fill(7), ...block, ...block, ...block.slice(0, 8), ...Array(70).fill(7)]);
  });

  test('writes in blocks, the prefix in front of the first', () => {
    const { given, bus } = listeningBus();
    const bytes = Uint8Array.from({ length: 300 }, (_, at) => at);
    const spi = new JerrySpi(bus, unwired);
    spi.writeBytes(0x0e, bytes, 20, 290);
    expect(given.splice(0)).toEqual([[WBM, 0x0e, ...bytes.subarray(20, 276)], [WBM, ...bytes.subarray(276, 290)]]);
    // A segment of one octet: it is the prefix.
    spi.writeBytes(0x0e, bytes, 21, 21);
    expect(given).toEqual([[WBM, 0x0e]]);
  });

  test('the chip keeps what is written in blocks, and gives it back in blocks', () => {
    const chip = new Enc28j60Chip(new VirtualClock());
    chip.clock.advance(1000);
    const spi = new JerrySpi({
      transferSync: (octets) => {
        chip.select();
        const answer = octets.map((octet) => chip.transfer(octet));
        chip.deselect();
        return answer;
      },
    }, unwired);
    const written = Uint8Array.from({ length: 700 }, (_, at) => at * 7);
    spi.writeBytes(0, written, 0, written.length);
    const read = new Uint8Array(701);
    for (const [address, value] of [[0, 0], [1, 0], [2, 0], [3, 0]]) spi.write(0x40 | address!, value!); // ERDPT, EWRPT
    spi.readBytes(read, 0, 701);
    spi.writeBytes(9, written, 0, written.length);
    spi.write(0x40, 0);
    spi.write(0x41, 0);
    spi.readBytes(read, 0, 701);
    expect([...read]).toEqual([9, ...written]);
  });

  test('selects the chip itself where the bus does not, and resets it', () => {
    const log: string[] = [];
    const pin = (name: string) => ({ readSync: () => name === 'irq', writeSync: (value: unknown) => log.push(`${name} ${value}`) });
    const spi = new JerrySpi({ transferSync: (octets) => octets }, { cs: pin('cs'), irq: pin('irq'), rst: pin('rst') });
    spi.command(0xff);
    spi.hardwareReset();
    expect(log).toEqual(['cs 1', 'rst 1', 'cs 0', 'cs 1', 'rst 0', 'rst 1']);
    expect(spi.interrupted()).toBe(false);
    expect(new JerrySpi({ transferSync: (octets) => octets }, unwired).interrupted()).toBe(true);
  });
});

describe('the platform', () => {
  const platform = new JerryPlatform(undefined);

  test('sums as the portable form does', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 1600 }), fc.nat(40), (octets, half) => {
      const offset = Math.min(half * 2, octets.length & ~1);
      const length = octets.length - offset;
      expect(platform.checksum(octets.slice(), offset, length)).toBe(sumWords(octets, offset, length));
      expect(platform.rawSum(octets.slice(), offset, length) % 0xffff).toBe(rawSum(octets, offset, length) % 0xffff);
    }));
  });

  test('copies', () => {
    const to = new Uint8Array(6);
    platform.copy(Uint8Array.of(1, 2, 3, 4), 1, to, 2, 3);
    expect([...to]).toEqual([0, 0, 2, 3, 4, 0]);
  });

  test('asks the port\'s own noise source for each number', () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    let noise = 0;
    const noisy = new JerryPlatform(() => noise);
    vi.spyOn(Date, 'now').mockReturnValue(0);
    const numbers = [1, 2, 3].map((value) => {
      noise = value;
      return noisy.random();
    });
    expect(new Set(numbers).size).toBe(3);
    for (const number of numbers) expect(number).toBe(number | 0);
    vi.restoreAllMocks();
  });
});

test('octets become text and text octets', () => {
  const octets = Uint8Array.from({ length: 300 }, (_, at) => at);
  expect([...stringToBytes(bytesToString(octets, 299))]).toEqual([...octets.subarray(0, 299)]);
  expect([...stringToBytes('\u0141')]).toEqual([0x41]);
});

describe('the clock', () => {
  /** Milliseconds that pass for the stack while the board's clock moves on so many. */
  function passes(milliseconds: number): number {
    const before = now();
    vi.setSystemTime(Date.now() + milliseconds);
    return (now() - before) | 0;
  }

  test('time goes on as the port\'s does, and stands still when that is set', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 });
    now();
    expect(passes(250)).toBe(250);
    for (const step of [-1_700_000_000_000 + 1000, 86_400_000, 2 ** 31, 1e12]) {
      expect(passes(step)).toBe(0);
      expect(passes(60_000)).toBe(60_000);
    }
    expect(getTime()).toBe(Date.now() / 1000);
  });
});
