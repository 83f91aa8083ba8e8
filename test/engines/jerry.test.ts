import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { jerryBoards } from '../../boards/jerryscript/index';
import { KernelLan, boardIp, boardMac, hostIp, patience } from '../interop/kernel-lan';
import { bootOnLocalhost, echoThrough } from '../interop/localhost-board';
import { helloFor } from '../interop/products';
import { noJerry, titled, whyNotHere } from '../tools';
import { talksToTheKernel } from './kernel-suite';

const name = 'jerryscript-raspberry-pi';
const noNetwork = noJerry ?? whyNotHere('ping', 'curl', 'ss', 'tshark');

/** Octets of heap that an application may want, and the compiler when it comes to it. */
const APPLICATION = 96 * 1024;

/** Prints how much of the heap is in use, but for a constant, while it lasts. */
const tellsHeap = "setInterval(function () { print('usage', -freeHeap()); }, 200);";

if (noJerry !== undefined) {
  it.skip(titled('JerryScript runs the built files', noJerry));
} else {
  talksToTheKernel({
    name: 'JerryScript',
    reason: noNetwork,
    boot: ({ telling, wire }) => KernelLan.boot({
      engine: 'jerry', board: name, script: (flashed) => (telling ? flashed + tellsHeap : flashed), ...(wire && { wire }),
    }),
    heading: 'Raspberry Pi with IoT.js',
    pingInterval: '0.05',
    framesSent: (lan) => lan.board.wire.counts.sent,
    // Fragments of less than 512 octets are not counted: a few more or less of them are no growth, one a frame is.
    expectsUnchanged: (before, after) => expect(after - before).toBeLessThan(2048),
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
