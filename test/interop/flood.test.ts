import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KernelLan, boardIp, boardMac } from './kernel-lan';
import { Intruder, type Target, flood, nonsense, syns } from './storm';
import { titled, whyNotHere } from '../tools';

const reason = whyNotHere('ping', 'curl', 'ss', 'tshark');
const target: Target = { hardware: boardMac.split(':').map((octet) => parseInt(octet, 16)), address: 0x0a4d0002 };

describe.skipIf(reason)(titled('the board survives', reason), () => {
  let lan: KernelLan;
  let intruder: Intruder;

  beforeAll(async () => {
    lan = await KernelLan.boot();
    intruder = new Intruder(lan.board.wire, lan.board.realTime);
  });
  afterAll(() => lan?.close());
  afterEach(() => lan.isAtPeace());

  /** Frames that the chip has decided on, one way or the other. */
  function counted(): number {
    const { framesAccepted, framesFiltered, framesOverflowed, framesBadCrc, framesBadLength } = lan.board.chip.counts;
    return framesAccepted + framesFiltered + framesOverflowed + framesBadCrc + framesBadLength;
  }

  /** Runs `attack`; afterwards all of its frames are counted, nothing was thrown and the page is there. */
  async function survives(frames: number, attack: () => Promise<void>): Promise<void> {
    const before = counted();
    await attack();
    expect(counted() - before).toBeGreaterThanOrEqual(frames);
    expect((await lan.curl()).status).toBe(200);
    expect(lan.board.errors).toEqual([]);
    expect(await lan.ping('-c', '3', '-i', '0.05')).toMatchObject({ sent: 3, answered: 3 });
  }

  it.each([1, 2, 3])('a flood of 2,000 frames of every kind, back to back (seed %i)', async (seed) => {
    await survives(2000, () => intruder.send(flood(seed, 2000, target)));
  });

  it('the same while a transfer goes on, which comes through whole', async () => {
    const transfer = lan.peer.echo(lan.port(7), 100_000, 1);
    await survives(2000, () => intruder.send(flood(4, 2000, target)));
    expect(await transfer).toBe('identical');
  }, 120_000);

  it.each([5, 6, 7])('2,000 frames that are cut off, changed, drawn out or chance (seed %i)', async (seed) => {
    await survives(2000, () => intruder.send(nonsense(seed, 2000, target)));
  });

  it('frames of every length down to one octet, as they are', async () => {
    const whole = flood(8, 9, target);
    const cut = whole.flatMap((frame) => Array.from({ length: frame.length }, (_, length) => frame.subarray(0, length + 1)));
    await survives(cut.length, () => intruder.transmit(cut));
  });

  it('frames of 1,519, 2,000 and 9,000 octets', async () => {
    const long = [1519, 2000, 9000].map((length) => {
      const frame = new Uint8Array(length);
      frame.set(flood(9, 1, target)[0]!);
      return frame;
    });
    await survives(6, async () => {
      await intruder.transmit(long);
      await intruder.send(long);
    });
  });

  it('a frame of 9,000 octets from the kernel, whose interface takes such frames', async () => {
    lan.inside.runs('ip', 'link', 'set', lan.tap.name, 'mtu', '9000');
    const before = lan.tap.counters.rxOversize;
    await lan.inside.run('ping', '-c', '3', '-i', '0.05', '-W', '0.2', '-M', 'do', '-s', '8972', boardIp);
    expect(lan.tap.counters.rxOversize - before).toBe(3);
    expect((await lan.curl()).status).toBe(200);
    lan.inside.runs('ip', 'link', 'set', lan.tap.name, 'mtu', '1500');
  });

  it('a flood of pings from the kernel', async () => {
    const { heard } = await lan.ping('-f', '-c', '2000');
    expect(heard).toBeGreaterThan(1000);
    expect((await lan.curl()).status).toBe(200);
  }, 120_000);

  it.each([4, 100])('%i SYNs to open ports from hosts that are not there: the next connection takes the place of one', async (count) => {
    await survives(count, () => intruder.send(syns(10, count, target, count === 4 ? 7 : 80)));
  });

  it('and Wireshark finds nothing wrong in what it sent', async () => {
    expect(await lan.judged()).toBeGreaterThan(500);
  });
});
