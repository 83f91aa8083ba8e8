import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { boards } from '../../boards/index';
import { httpGet, netEcho, netRefused, withModule } from '../interop/board-scripts';
import { KernelLan, boardIp, boardMac, patience } from '../interop/kernel-lan';
import { bootOnLocalhost, echoThrough } from '../interop/localhost-board';
import { Intruder, type Target, flood, nonsense, syns } from '../interop/storm';
import { noEngine, titled, whyNotHere } from '../tools';

const noNetwork = noEngine ?? whyNotHere('ping', 'curl', 'ss', 'tshark');
const target: Target = { hardware: boardMac.split(':').map((octet) => parseInt(octet, 16)), address: 0x0a4d0002 };

if (noEngine !== undefined) {
  it.skip(titled('the real interpreter runs the built files', noEngine));
} else {
  describe.skipIf(noNetwork)(titled('the flashed script in the real interpreter, and the kernel', noNetwork), () => {
    let lan: KernelLan;
    let intruder: Intruder;

    beforeAll(async () => {
      lan = await KernelLan.boot({
        engine: 'espruino',
        script: (flashed) => `${flashed};setInterval(function () { print('usage', process.memory().usage); }, 200);`,
      });
      intruder = new Intruder(lan.board.wire, lan.board.realTime);
    });
    afterAll(() => lan?.close());
    afterEach(() => lan.isAtPeace());

    it('meet in the page, which the interpreter\'s own HTTP server serves', async () => {
      const { status, body } = await lan.curl();
      expect(status).toBe(200);
      expect(body).toContain('Hello from Espruino Pico');
      expect(body).toContain(`<td>${boardIp}</td>`);
      expect(body).toContain('Open connections</td><td>1</td>');
      expect(await lan.curl('/nothing/here')).toEqual({ status: 404, body: 'There is only / here.\n' });
    });

    it('exchange a hundred pings at 10 ms, and none is lost', async () => {
      expect(await lan.ping('-c', '100', '-i', '0.01')).toMatchObject({ sent: 100, answered: 100 });
    });

    it.each([0, 1, 548])('exchange pings of %i octets', async (octets) => {
      expect(await lan.ping('-c', '5', '-i', '0.02', '-s', String(octets))).toMatchObject({ sent: 5, answered: 5 });
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
      const { counts } = lan.board.chip;
      const counted = (): number => counts.framesAccepted + counts.framesFiltered + counts.framesOverflowed + counts.framesBadLength;
      const before = counted();
      const storm = frames();
      await intruder.send(storm);
      expect(counted() - before).toBeGreaterThanOrEqual(storm.length);
      expect((await lan.curl()).status).toBe(200);
    }, 120_000);

    it('leave the interpreter\'s memory where it was after 10,000 frames', async () => {
      const before = await lowestUsage();
      const start = lan.board.wire.counts.sent;
      for (let seed = 0; lan.board.wire.counts.sent - start < 10_000; seed++) {
        expect(await lan.peer.echo(lan.port(7), 50_000, seed)).toBe('identical');
        expect((await lan.curl()).status).toBe(200);
        expect((await lan.ping('-f', '-c', '300')).heard).toBeGreaterThan(150);
      }
      await vi.waitFor(async () => expect(await lowestUsage()).toBe(before), { timeout: patience, interval: 500 });
    }, 300_000);

    it('and Wireshark finds nothing wrong in what the board sent', async () => {
      expect(await lan.judged()).toBeGreaterThan(1000);
    });

    /** Variables in use while nothing goes on: the least of five looks. */
    async function lowestUsage(): Promise<number> {
      const looks = 5;
      lan.lines.length = 0;
      await vi.waitFor(() => expect(lan.lines.length).toBeGreaterThanOrEqual(looks), { timeout: patience, interval: 100 });
      return Math.min(...lan.lines.map((line) => Number(/^usage (\d+)$/.exec(line)![1])));
    }
  });

  describe.skipIf(noNetwork)(titled('the flashed script in the real interpreter, over a bad wire', noNetwork), () => {
    it('echoes a hundred kilobytes although one frame in twenty is lost', async () => {
      const lan = await KernelLan.boot({ engine: 'espruino', wire: { loss: 0.05, seed: 5 } });
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

  describe.skipIf(noNetwork)(titled('the module ENC28J60 in the real interpreter\'s Storage', noNetwork), () => {
    let lan: KernelLan | undefined;
    afterEach(async () => {
      await lan?.close();
      lan = undefined;
    });

    /** Runs what a user might write, until it has printed so many lines. */
    async function run(lines: number, rest: (http: number, echo: number) => string): Promise<string[]> {
      const started = lan = await KernelLan.boot({
        engine: 'espruino',
        script: async (_, peer) => withModule('pico', rest(await peer.serve('http'), await peer.serve('echo'))),
      });
      await vi.waitFor(() => expect(started.lines.length).toBeGreaterThanOrEqual(lines), { timeout: patience, interval: 50 });
      expect(started.board.violations).toEqual([]);
      expect(started.board.errors).toEqual([]);
      return started.lines;
    }

    it('carries the interpreter\'s own HTTP client', async () => {
      expect(await run(1, (http) => httpGet(http))).toEqual(['http 200 GET /board?a=1 ']);
    });

    it('carries the interpreter\'s own TCP client, 10,000 octets there and back', async () => {
      expect(await run(1, (_, echo) => netEcho(echo, 312))).toEqual([`net ${312 * 32} 0`]);
    });

    it('tells the client that nobody listens', async () => {
      expect(await run(1, () => netRefused(9))).toEqual(['refused -9']);
    });

    it('tells and takes addresses', async () => {
      const lines = await run(4, () => `
        eth.getIP(function (error, info) { print(error, JSON.stringify(info)); });
        eth.getStatus(function (error, status) { print(error, status.state, status.id, status.phypowmode, status.speed); });
        print(eth.setIP({ ip: '10.77.0.9', subnet: '255.255.0.0' }, function (error) { print(error, eth.getIP().ip, eth.getIP().subnet); }));`);
      expect(lines).toEqual([
        'true',
        `null {"ip":"10.77.0.2","subnet":"255.255.255.0","gateway":"10.77.0.1","dns":"0.0.0.0","mac":"${boardMac}"}`,
        'null online ENC28J60 normal 10',
        'null 10.77.0.9 255.255.0.0',
      ]);
      expect((await lan!.inside.run('ping', '-c', '2', '-i', '0.1', '10.77.0.9')).output).toContain('2 received');
    });
  });

  describe('without a network of the kernel, the real interpreter', () => {
    it('serves its page and its echo on ports of this machine', async () => {
      const { board, portOf } = await bootOnLocalhost('espruino-wifi', { engine: 'espruino' });
      onTestFinished(() => board.stop());
      const page = await fetch(`http://127.0.0.1:${portOf(80)}/`, { headers: { connection: 'close' } });
      expect(await page.text()).toContain('Hello from Espruino WiFi');
      const octets = randomBytes(20_000);
      expect(octets.equals(await echoThrough(portOf(7), octets))).toBe(true);
      expect(board.errors).toEqual([]);
      expect(board.violations).toEqual([]);
    }, 120_000);

    it('prints a sentence when no chip answers, because MISO floats', async () => {
      const wiring = { ...boards['pico']!, spi: 'SPI2' };
      const { board } = await bootOnLocalhost('pico', { engine: 'espruino', board: wiring });
      onTestFinished(() => board.stop());
      await vi.waitFor(() => expect(board.errors.length).toBe(1), { timeout: patience, interval: 50 });
      expect(board.errors[0]).toContain('Uncaught Error: ENC28J60: no chip answers, MISO reads 0xFF everywhere');
    });
  });
}
