import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KernelLan } from './kernel-lan';
import { titled, whyNotHere } from '../tools';

const reason = whyNotHere('ping', 'curl', 'ss', 'tshark');

describe.skipIf(reason)(titled('the kernel pings the board', reason), () => {
  let lan: KernelLan;

  beforeAll(async () => {
    lan = await KernelLan.boot();
  });
  afterAll(() => lan?.close());
  afterEach(() => lan.isAtPeace());

  it('a hundred times at 10 ms, and none is lost', async () => {
    const { sent, answered, heard } = await lan.ping('-c', '100', '-i', '0.01');
    expect([sent, answered]).toEqual([100, 100]);
    expect(heard).toBeGreaterThanOrEqual(99);
  });

  it.each([0, 1, 56, 548])('with %i octets, up to what fits the board\'s frame', async (octets) => {
    expect(await lan.ping('-c', '10', '-i', '0.01', '-s', String(octets))).toMatchObject({ sent: 10, answered: 10 });
  });

  it('with more than fits, which gets no answer and does no harm', async () => {
    expect(await lan.ping('-c', '2', '-i', '0.1', '-W', '0.5', '-s', '1400')).toEqual({ sent: 2, answered: 0, heard: 0 });
    expect(await lan.ping('-c', '2', '-i', '0.1')).toMatchObject({ sent: 2, answered: 2 });
  });

  it('and Wireshark finds nothing wrong in what the board sent', async () => {
    expect(await lan.judged()).toBeGreaterThan(140);
  });
});
