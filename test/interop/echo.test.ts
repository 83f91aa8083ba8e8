import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KernelLan } from './kernel-lan';
import { titled, whyNotHere } from '../tools';

const reason = whyNotHere('curl', 'ss', 'tshark');
const megabyte = 1 << 20;

describe.skipIf(reason)(titled('the kernel sends through the board\'s echo service', reason), () => {
  let lan: KernelLan;

  beforeAll(async () => {
    lan = await KernelLan.boot();
  });
  afterAll(() => lan?.close());
  afterEach(() => lan.isAtPeace());

  it('one octet', async () => {
    expect(await lan.peer.echo(lan.port(7), 1, 1)).toBe('identical');
  });

  it('a megabyte, which comes back identical', async () => {
    expect(await lan.peer.echo(lan.port(7), megabyte, 2)).toBe('identical');
  }, 300_000);

  it('four connections at once, each with data of its own', async () => {
    const results = await Promise.all([1, 2, 3, 4].map((seed) => lan.peer.echo(lan.port(7), 50_000, seed)));
    expect(results).toEqual(['identical', 'identical', 'identical', 'identical']);
  }, 120_000);

  it('twelve connections that share four slots', async () => {
    const results = await Promise.all(Array.from({ length: 12 }, (_, seed) => lan.peer.echo(lan.port(7), 5000, seed)));
    expect(results).toEqual(Array.from({ length: 12 }, () => 'identical'));
  }, 300_000);

  it('and Wireshark finds nothing wrong in what the board sent', async () => {
    expect(await lan.judged()).toBeGreaterThan(2000);
  });
});
