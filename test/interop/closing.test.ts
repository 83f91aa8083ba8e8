import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { KernelLan, boardIp, hostIp, patience } from './kernel-lan';
import { titled, whyNotHere } from '../tools';

const reason = whyNotHere('curl', 'ss', 'tshark');

describe.skipIf(reason)(titled('a connection between the kernel and the board', reason), () => {
  let lan: KernelLan;

  beforeAll(async () => {
    lan = await KernelLan.boot();
  });
  afterAll(() => lan?.close());
  afterEach(() => lan.isAtPeace());

  /** Opens a connection to the echo service that has said something already. */
  async function openEcho(from = hostIp): Promise<number> {
    const id = await lan.peer.open({ ...lan.port(7), from });
    await lan.peer.say(id, 'hello');
    expect(await lan.peer.hear(id, 5)).toBe('hello');
    return id;
  }

  /** States of the kernel's connections to a port of the board. */
  function kernelStates(port: number): string[] {
    const lines = lan.inside.runs('ss', '-Htan', 'dst', `${boardIp}:${port}`).split('\n');
    return lines.filter((line) => line !== '').map((line) => line.split(/\s/)[0]!);
  }

  it('ends with the kernel\'s FIN first, and then it is the kernel that waits', async () => {
    const id = await openEcho();
    await lan.peer.end(id);
    expect(await lan.peer.over(id)).toBe('ended');
    await vi.waitFor(() => expect(kernelStates(7)).toContain('TIME-WAIT'), { timeout: patience });
    await lan.peer.leave(id);
  });

  it('ends with the board\'s FIN first, and then the kernel does not wait', async () => {
    const before = kernelStates(80).length;
    const id = await lan.peer.open(lan.port(80));
    await lan.peer.say(id, 'GET / HTTP/1.0\r\n\r\n');
    expect(await lan.peer.over(id)).toBe('ended');
    expect(kernelStates(80)).toContain('CLOSE-WAIT');
    await lan.peer.end(id);
    await vi.waitFor(() => expect(kernelStates(80).length).toBe(before), { timeout: patience });
    await lan.peer.leave(id);
  });

  it('is half closed by a client, which still hears all of its echo', async () => {
    const id = await lan.peer.open(lan.port(7));
    const text = 'half '.repeat(4000);
    await lan.peer.say(id, text);
    await lan.peer.end(id);
    expect(await lan.peer.hear(id, text.length)).toBe(text);
    expect(await lan.peer.over(id)).toBe('ended');
    await lan.peer.leave(id);
  });

  it('is refused by a port that nobody listens to', async () => {
    await expect(lan.peer.open(lan.port(9))).rejects.toThrow('ECONNREFUSED');
  });

  it('is reset by the kernel, on all slots, which are free then', async () => {
    const ids = [await openEcho(), await openEcho(), await openEcho(), await openEcho()];
    for (const id of ids) await lan.peer.reset(id);
  });

  it('is reset by the kernel in the middle of a transfer', async () => {
    const ids = [await openEcho(), await openEcho(), await openEcho(), await openEcho()];
    for (const id of ids) await lan.peer.flood(id, 100_000, id);
    for (const id of ids) await lan.peer.hear(id, 1000);
    for (const id of ids) await lan.peer.reset(id);
  });

  it('is opened and closed without a word, on all slots, twice', async () => {
    for (let left = 8; left > 0; left--) await lan.peer.leave(await lan.peer.open(lan.port(left % 2 === 0 ? 7 : 80)));
  });

  it('is a fifth one, which is served when one of the four slots is free', async () => {
    const ids = [await openEcho(), await openEcho(), await openEcho(), await openEcho()];
    const fifth = openEcho();
    const sixth = openEcho();
    const early = await Promise.race([fifth, sixth, new Promise((resolve) => setTimeout(resolve, 500, 'nobody'))]);
    expect(early).toBe('nobody');
    for (const id of ids) await lan.peer.leave(id);
    await lan.peer.leave(await fifth);
    await lan.peer.leave(await sixth);
  });

  it('stops at a reader who does not read, and goes on when he does', async () => {
    const id = await lan.peer.open(lan.port(7));
    const octets = 3_000_000;
    const pace = (): number => lan.board.wire.counts.octets;
    await lan.peer.flood(id, octets, 1);
    let before = -1;
    await vi.waitFor(() => {
      const moved = pace() - before;
      before = pace();
      expect(moved).toBeLessThan(5000);
    }, { timeout: 120_000, interval: 1000 });
    expect((await lan.curl()).status).toBe(200);
    expect((await lan.peer.hear(id, octets)).length).toBe(octets);
    await lan.peer.leave(id);
  }, 300_000);

  it('is lost with a host that vanishes in the middle of a transfer: the board gives up in the time that the RFC allows', async () => {
    const second = '10.77.0.3';
    lan.inside.runs('ip', 'address', 'add', `${second}/24`, 'dev', lan.tap.name);
    const id = await openEcho(second);
    await lan.peer.flood(id, 1_000_000, 1);
    lan.inside.runs('ip', 'address', 'delete', `${second}/24`, 'dev', lan.tap.name);
    expect(await lan.openConnections()).toBe(1);
    // Here the board's time runs ahead of ours: R2 is more than 100 seconds.
    for (let left = 20; left > 0 && await lan.openConnections() > 0; left--) lan.hurry(20);
    await lan.peer.reset(id);
  }, 120_000);

  it('and Wireshark finds nothing wrong in what the board sent', async () => {
    expect(await lan.judged()).toBeGreaterThan(300);
  });
});
