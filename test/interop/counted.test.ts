import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../../boards/virtual/node-platform';
import { small } from '../../boards/profiles';
import { Enc28j60 } from '../../hal/enc28j60/driver';
import { VirtualClock } from '../../hal/mock/clock';
import { Enc28j60Chip } from '../../hal/mock/enc28j60/chip';
import { ChipSpi } from '../../hal/mock/enc28j60/spi-device';
import { Wire } from '../../hal/mock/wire';
import { Stack } from '../../src/index';
import { Intruder, type Target, flood, nonsense } from './storm';

const target: Target = { hardware: [0x02, 0x0b, 0x0a, 0x0d, 0, 1], address: 0x0a4d0002 };

describe('every frame of a storm is counted', () => {
  it.each([
    ['by its kind', flood(1, 2000, target)],
    ['by what is wrong with it', nonsense(2, 2000, target)],
  ])('%s', async (_, frames) => {
    const clock = new VirtualClock();
    const wire = new Wire(clock);
    const chip = new Enc28j60Chip(clock, { strict: true });
    chip.plug(wire.attach(chip, 'board'));
    clock.advance(1000);
    const driver = new Enc28j60(new ChipSpi(chip), { address: Uint8Array.from(target.hardware), fullDuplex: false });
    const stack = new Stack(driver, nodePlatform, { ...small(), address: target.address, netmask: -256, gateway: 0 });
    driver.open();
    const storm = new Intruder(wire).send(frames);
    let over = false;
    void storm.then(() => { over = true; });
    for (let rounds = 0; rounds < 100_000 && !over; rounds++) {
      clock.advance(500);
      stack.poll(clock.milliseconds);
      await Promise.resolve();
    }
    for (let rounds = 0; rounds < 100; rounds++) stack.poll(clock.milliseconds);

    const { counts } = chip;
    const { ip, arp, icmp, tcp } = stack;
    expect(counts.framesAccepted + counts.framesFiltered + counts.framesOverflowed + counts.framesBadLength).toBe(2000);
    expect(driver.counters.rxFrames + driver.counters.rxErrors + driver.counters.rxOversize).toBe(counts.framesAccepted);
    expect(arp.counters.requestsIn + arp.counters.repliesIn + arp.counters.malformed + ip.counters.inReceives + stack.unknownTypes)
      .toBe(driver.counters.rxFrames);
    const { inHdrErrors, inAddrErrors, inSourceErrors, inOptionErrors, inFragments, inUnknownProtos, inDelivers } = ip.counters;
    expect(inHdrErrors + inAddrErrors + inSourceErrors + inOptionErrors + inFragments + inUnknownProtos + inDelivers)
      .toBe(ip.counters.inReceives);
    expect(icmp.counters.inMsgs + tcp.counters.inSegs).toBe(inDelivers);
    expect(chip.violations).toEqual([]);
  });
});
