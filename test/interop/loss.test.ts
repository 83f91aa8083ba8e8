import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KernelLan } from './kernel-lan';
import { titled, whyNotHere } from '../tools';

const reason = whyNotHere('curl', 'ss', 'tshark');
const megabyte = 1 << 20;

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
