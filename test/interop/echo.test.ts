import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KernelLan } from './kernel-lan';
import { titled, whyNotHere } from './tools';

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

describe.skipIf(reason)(titled('through a wire that loses one frame in twenty', reason), () => {
  let lan: KernelLan;

  beforeAll(async () => {
    lan = await KernelLan.boot({ wire: { loss: 0.05, seed: 5 } });
  });
  afterAll(() => lan?.close());

  it('a megabyte comes back identical', async () => {
    expect(await lan.peer.echo(lan.port(7), megabyte, 3)).toBe('identical');
    expect(lan.board.wire.counts.lost).toBeGreaterThan(100);
    lan.board.wire.faults.loss = 0;
    await lan.isAtPeace();
    expect(await lan.judged()).toBeGreaterThan(2000);
  }, 900_000);
});

describe.skipIf(reason)(titled('through a wire that duplicates, reorders and corrupts frames', reason), () => {
  let lan: KernelLan;

  beforeAll(async () => {
    lan = await KernelLan.boot({ wire: { duplication: 0.02, reordering: 0.02, corruption: 0.02, seed: 6 } });
  });
  afterAll(() => lan?.close());

  it('a hundred kilobytes come back identical', async () => {
    expect(await lan.peer.echo(lan.port(7), 100_000, 4)).toBe('identical');
    Object.assign(lan.board.wire.faults, { duplication: 0, reordering: 0, corruption: 0 });
    await lan.isAtPeace();
    expect(await lan.judged()).toBeGreaterThan(200);
  }, 600_000);
});
