import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { jerryBoards } from '../../boards/jerryscript/index';
import { KernelLan, boardIp, boardMac, hostIp, patience } from '../interop/kernel-lan';
import { bootOnLocalhost, echoThrough } from '../interop/localhost-board';
import { helloFor } from '../interop/products';
import { Intruder, type Target, flood, nonsense, syns } from '../interop/storm';
import { noJerry, titled, whyNotHere } from '../tools';

const name = 'jerryscript-raspberry-pi';
const noNetwork = noJerry ?? whyNotHere('ping', 'curl', 'ss', 'tshark');
const target: Target = { hardware: boardMac.split(':').map((octet) => parseInt(octet, 16)), address: 0x0a4d0002 };

/** Octets of heap that an application may want, and the compiler when it comes to it. */
const APPLICATION = 96 * 1024;

/** Prints how much of the heap is free while it lasts. */
const tellsHeap = "setInterval(function () { print('free', freeHeap()); }, 200);";

if (noJerry !== undefined) {
  it.skip(titled('JerryScript runs the built files', noJerry));
} else {
  describe.skipIf(noNetwork)(titled('the script in JerryScript, and the kernel', noNetwork), () => {
    let lan: KernelLan;
    let intruder: Intruder;

    beforeAll(async () => {
      lan = await KernelLan.boot({ engine: 'jerry', board: name, script: (flashed) => flashed + tellsHeap });
      intruder = new Intruder(lan.board.wire, lan.board.realTime);
    });
    afterAll(() => lan?.close());
    afterEach(() => lan.isAtPeace());

    it('meet in the page', async () => {
      const { status, body } = await lan.curl();
      expect(status).toBe(200);
      expect(body).toContain('Hello from Raspberry Pi with IoT.js');
      expect(body).toContain(`<td>${boardIp}</td>`);
      expect(body).toContain('Open connections</td><td>1</td>');
      expect(await lan.curl('/nothing/here')).toEqual({ status: 404, body: 'There is only / here.\n' });
    });

    it('exchange a hundred pings at 10 ms, and none is lost', async () => {
      expect(await lan.ping('-c', '100', '-i', '0.01')).toMatchObject({ sent: 100, answered: 100 });
    });

    it.each([0, 1, 548])('exchange pings of %i octets', async (octets) => {
      expect(await lan.ping('-c', '5', '-i', '0.05', '-s', String(octets))).toMatchObject({ sent: 5, answered: 5 });
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
      const { counts } = lan.board.wire;
      const before = counts.sent;
      const storm = frames();
      await intruder.send(storm);
      expect(counts.sent - before).toBeGreaterThanOrEqual(storm.length);
      expect((await lan.curl()).status).toBe(200);
    }, 120_000);

    it('leave JerryScript\'s heap as it was after 10,000 frames', async () => {
      const before = await mostFree();
      const start = lan.board.wire.counts.sent;
      for (let seed = 0; lan.board.wire.counts.sent - start < 10_000; seed++) {
        expect(await lan.peer.echo(lan.port(7), 50_000, seed)).toBe('identical');
        expect((await lan.curl()).status).toBe(200);
        expect((await lan.ping('-f', '-c', '300')).heard).toBeGreaterThan(150);
      }
      // Fragments of less than 512 octets are not counted: a few more or less of them are no growth, one a frame is.
      await vi.waitFor(async () => expect(before - await mostFree()).toBeLessThan(2048), { timeout: patience, interval: 500 });
    }, 300_000);

    it('and Wireshark finds nothing wrong in what the board sent', async () => {
      expect(await lan.judged()).toBeGreaterThan(1000);
    });

    /** Octets of the heap that are free while nothing goes on: the most in five looks. */
    async function mostFree(): Promise<number> {
      const looks = 5;
      lan.lines.length = 0;
      await vi.waitFor(() => expect(lan.lines.length).toBeGreaterThanOrEqual(looks), { timeout: patience, interval: 100 });
      return Math.max(...lan.lines.map((line) => Number(/^free (\d+)$/.exec(line)![1])));
    }
  });

  describe.skipIf(noNetwork)(titled('the script in JerryScript, over a bad wire', noNetwork), () => {
    it('echoes a hundred kilobytes although one frame in twenty is lost', async () => {
      const lan = await KernelLan.boot({ engine: 'jerry', board: name, wire: { loss: 0.05, seed: 5 } });
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

  describe.skipIf(noNetwork)(titled('the module for JerryScript', noNetwork), () => {
    let lan: KernelLan | undefined;
    afterEach(async () => {
      await lan?.close();
      lan = undefined;
    });

    /** Runs what a user might write, until it has printed so many lines. */
    async function run(lines: number, rest: (echo: number) => string): Promise<string[]> {
      const { module } = helloFor(name);
      const { spi, irq, rst } = jerryBoards[name]!;
      const started = lan = await KernelLan.boot({
        engine: 'jerry', board: name,
        script: async (_, peer) => `
          var eth = {};
          (function (exports) { ${module} })(eth);
          var gpio = require('gpio'), board = eth.connect(require('spi').openSync({ device: '${spi}', maxSpeed: 10000000 }), {
            irq: gpio.openSync({ pin: ${irq}, direction: gpio.DIRECTION.IN, edge: gpio.EDGE.FALLING }),
            rst: gpio.openSync({ pin: ${rst}, direction: gpio.DIRECTION.OUT }),
            ip: '${boardIp}', subnet: '255.255.255.0', gateway: '${hostIp}', mac: '${boardMac}', connections: 2,
          });
          ${rest(await peer.serve('echo'))}`,
      });
      await vi.waitFor(() => expect(started.lines.length).toBeGreaterThanOrEqual(lines), { timeout: patience, interval: 50 });
      expect(started.board.violations).toEqual([]);
      expect(started.board.errors).toEqual([]);
      return started.lines;
    }

    it('carries a TCP client, 10,000 octets of all values there and back', async () => {
      expect(await run(1, (echo) => `
        var heard = 0, bad = 0, left = 40, piece = '';
        for (var i = 0; i < 256; i++) piece += String.fromCharCode(i);
        var client = eth.net.connect({ host: '${hostIp}', port: ${echo} }, function () {
          while (left-- > 0) client.write(piece);
        });
        client.on('data', function (data) {
          for (var i = 0; i < data.length; i++) if (data.charCodeAt(i) !== (heard + i) % 256) bad++;
          heard += data.length;
          if (heard === 10240) client.end();
        });
        client.on('close', function (failed) { print('net', heard, bad, failed); });`)).toEqual(['net 10240 0 false']);
    });

    it('tells the client that nobody listens, by Espruino\'s number', async () => {
      expect(await run(2, () => `
        var client = eth.net.connect({ host: '${hostIp}', port: 9 }, function () { print('connected'); });
        client.on('error', function (error) { print(error.code, error.message); });
        client.on('close', function (failed) { print('close', failed); });`)).toEqual(['-9 refused', 'close true']);
    });

    it('says what is wrong with an option, and gives the addresses', async () => {
      expect(await run(4, () => `
        function fails(options) { try { eth.connect(bus, options); } catch (error) { print(error.message.substr(0, 55)); } }
        var bus = require('spi').openSync({ device: '${jerryBoards[name]!.spi}' });
        fails({});
        fails({ ip: '10.0.0' });
        fails({ ip: '10.0.0.1', speed: 5 });
        print(JSON.stringify(board.getIP()));`)).toEqual([
        'connect: give the board an address: {ip: "192.168.1.20"',
        '"10.0.0" is not an IPv4 address such as 192.168.1.20',
        'connect: there is no option "speed"; there are cs irq r',
        `{"ip":"${boardIp}","subnet":"255.255.255.0","gateway":"${hostIp}","mac":"${boardMac}"}`,
      ]);
    });
  });

  describe('without a network of the kernel, JerryScript', () => {
    it('serves its page and its echo on ports of this machine', async () => {
      const { board, portOf } = await bootOnLocalhost(name, { engine: 'jerry' });
      onTestFinished(() => board.stop());
      const page = await fetch(`http://127.0.0.1:${portOf(80)}/`, { headers: { connection: 'close' } });
      expect(await page.text()).toContain('Hello from Raspberry Pi with IoT.js');
      const octets = randomBytes(20_000);
      expect(octets.equals(await echoThrough(portOf(7), octets))).toBe(true);
      expect(board.errors).toEqual([]);
      expect(board.violations).toEqual([]);
    }, 120_000);

    it('leaves room in the board\'s heap for the application', async () => {
      const taken = await freeAfter('') - await freeAfter(helloFor(name).script);
      expect(jerryBoards[name]!.heapSize - taken).toBeGreaterThan(APPLICATION);
      // Something has been measured: the rings alone are 8 KB, and compiled code is most of it.
      expect(taken).toBeGreaterThan(40_000);
    });

    /** Octets of the heap that are free when a script has started. */
    async function freeAfter(script: string): Promise<number> {
      const { board, lines } = await bootOnLocalhost(name, { engine: 'jerry', script: `${script};print(freeHeap());` });
      onTestFinished(() => board.stop());
      await vi.waitFor(() => expect(lines.length).toBe(1), { timeout: patience, interval: 50 });
      return Number(lines[0]);
    }

    it('prints a sentence when no chip answers, because MISO floats', async () => {
      const wiring = { ...jerryBoards[name]!, spi: '/dev/spidev1.0' };
      const { board } = await bootOnLocalhost(name, { engine: 'jerry', board: wiring });
      onTestFinished(() => board.stop());
      await vi.waitFor(() => expect(board.errors.length).toBe(1), { timeout: patience, interval: 50 });
      expect(board.errors[0]).toContain('Uncaught Error: ENC28J60: no chip answers, MISO reads 0xFF everywhere');
    });
  });
}
