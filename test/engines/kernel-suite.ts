import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { WireOptions } from '../../hal/mock/wire';
import { type KernelLan, boardIp, boardMac, patience } from '../interop/kernel-lan';
import { Intruder, type Target, flood, nonsense, syns } from '../interop/storm';
import { titled } from '../tools';

const target: Target = { hardware: boardMac.split(':').map((octet) => parseInt(octet, 16)), address: 0x0a4d0002 };

/** A real interpreter with the script that is flashed. */
export interface FlashedEngine {
  name: string;
  /** Why there is no conversation with the kernel, if there is none. */
  reason: string | undefined;
  /** Boots a board; a `telling` one also prints "usage" and a number now and then: what it has taken of its memory. */
  boot: (options: { telling?: boolean; wire?: WireOptions }) => Promise<KernelLan>;
  /** What the page is headed with. */
  heading: string;
  /** Seconds between pings of unusual sizes. */
  pingInterval: string;
  /** Frames that were sent at the board. */
  framesSent: (lan: KernelLan) => number;
  /** Looks whether the memory in use is what it was. */
  expectsUnchanged: (before: number, after: number) => void;
}

/** What the flashed script does on every real engine: the kernel and its tools are the other side. */
export function talksToTheKernel(engine: FlashedEngine): void {
  describe.skipIf(engine.reason)(titled(`the flashed script in ${engine.name}, and the kernel`, engine.reason), () => {
    let lan: KernelLan;
    let intruder: Intruder;

    beforeAll(async () => {
      lan = await engine.boot({ telling: true });
      intruder = new Intruder(lan.board.wire, lan.board.realTime);
    });
    afterAll(() => lan?.close());
    afterEach(() => lan.isAtPeace());

    it('meet in the page', async () => {
      const { status, body } = await lan.curl();
      expect(status).toBe(200);
      expect(body).toContain(`Hello from ${engine.heading}`);
      expect(body).toContain(`<td>${boardIp}</td>`);
      expect(body).toContain('Open connections</td><td>1</td>');
      expect(await lan.curl('/nothing/here')).toEqual({ status: 404, body: 'There is only / here.\n' });
    });

    it('exchange a hundred pings at 10 ms, and none is lost', async () => {
      expect(await lan.ping('-c', '100', '-i', '0.01')).toMatchObject({ sent: 100, answered: 100 });
    });

    it.each([0, 1, 548])('exchange pings of %i octets', async (octets) => {
      expect(await lan.ping('-c', '5', '-i', engine.pingInterval, '-s', String(octets))).toMatchObject({ sent: 5, answered: 5 });
    });

    it('echo a hundred kilobytes, which come back identical', async () => {
      expect(await lan.peer.echo(lan.port(7), 100_000, 1)).toBe('identical');
    }, 120_000);

    it('hold four connections at once, each with data of its own', async () => {
      const results = await Promise.all([1, 2, 3, 4].map((seed) => lan.peer.echo(lan.port(7), 10_000, seed)));
      expect(results).toEqual(['identical', 'identical', 'identical', 'identical']);
    }, 120_000);

    it('go through twenty pages in a row, and six at once', async () => {
      for (let left = 20; left > 0; left--) expect((await lan.curl()).status).toBe(200);
      const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => lan.curl()));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    }, 120_000);

    it('part by a refusal, a reset and silence', async () => {
      await expect(lan.peer.open(lan.port(9))).rejects.toThrow('ECONNREFUSED');
      const ids = await Promise.all([1, 2, 3, 4].map(() => lan.peer.open(lan.port(7))));
      for (const id of ids) await lan.peer.reset(id);
      for (const port of [80, 80, 7, 7, 80, 80]) await lan.peer.leave(await lan.peer.open(lan.port(port)));
    });

    it.each([
      ['2,000 frames of every kind, back to back', () => flood(1, 2000, target)],
      ['500 frames that are cut off, changed, drawn out or chance', () => nonsense(2, 500, target)],
      ['50 SYNs from hosts that are not there', () => syns(3, 50, target, 7)],
      ['a frame of 9,000 octets', () => [new Uint8Array(9000).fill(255, 0, 6)]],
    ])('are not parted by %s', async (_, frames) => {
      const before = engine.framesSent(lan);
      const storm = frames();
      await intruder.send(storm);
      expect(engine.framesSent(lan) - before).toBeGreaterThanOrEqual(storm.length);
      expect((await lan.curl()).status).toBe(200);
    }, 120_000);

    it('leave its memory where it was after 10,000 frames', async () => {
      const round = async (seed: number): Promise<void> => {
        expect(await lan.peer.echo(lan.port(7), 50_000, seed)).toBe('identical');
        expect((await lan.curl()).status).toBe(200);
        expect((await lan.ping('-f', '-c', '300')).heard).toBeGreaterThan(150);
      };
      // What is remembered of the last connection takes a variable where it is nothing: null.
      await round(0);
      const before = await lowestUsage();
      const start = lan.board.wire.counts.sent;
      for (let seed = 1; lan.board.wire.counts.sent - start < 10_000; seed++) await round(seed);
      await vi.waitFor(async () => engine.expectsUnchanged(before, await lowestUsage()), { timeout: patience, interval: 500 });
    }, 300_000);

    it('and Wireshark finds nothing wrong in what the board sent', async () => {
      expect(await lan.judged()).toBeGreaterThan(1000);
    });

    /**
     * What is in use while nothing goes on: the least of five looks. The board keeps the frame that came last, which is to be
     * of the least length: a ping of 18 octets, or a question of ARP's that the kernel asks behind it.
     */
    async function lowestUsage(): Promise<number> {
      const looks = 5;
      await lan.ping('-c', '1', '-s', '18');
      lan.lines.length = 0;
      await vi.waitFor(() => expect(lan.lines.length).toBeGreaterThanOrEqual(looks), { timeout: patience, interval: 100 });
      return Math.min(...lan.lines.map((line) => Number(/^usage (-?\d+)$/.exec(line)![1])));
    }
  });

  describe.skipIf(engine.reason)(titled(`the flashed script in ${engine.name}, over a bad wire`, engine.reason), () => {
    it('echoes a hundred kilobytes although one frame in twenty is lost', async () => {
      const lan = await engine.boot({ wire: { loss: 0.05, seed: 5 } });
      try {
        expect(await lan.peer.echo(lan.port(7), 100_000, 3)).toBe('identical');
        expect(lan.board.wire.counts.lost).toBeGreaterThan(10);
        lan.board.wire.faults.loss = 0;
        await lan.isAtPeace();
        await lan.judged();
      } finally {
        await lan.close();
      }
    }, 600_000);
  });
}
