import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { boards } from '../../boards/index';
import { tokenise } from '../../boards/tokens.mjs';
import { httpGet, netEcho, netRefused, withModule } from '../interop/board-scripts';
import { KernelLan, boardMac, patience } from '../interop/kernel-lan';
import { bootOnLocalhost, echoThrough } from '../interop/localhost-board';
import { noEngine, titled, whyNotHere } from '../tools';
import { helloFor } from '../interop/products';
import { talksToTheKernel } from './kernel-suite';

const noNetwork = noEngine ?? whyNotHere('ping', 'curl', 'ss', 'tshark');

if (noEngine !== undefined) {
  it.skip(titled('the real interpreter runs the built files', noEngine));
} else {
  talksToTheKernel({
    name: 'the real interpreter',
    reason: noNetwork,
    boot: ({ telling, wire }) => KernelLan.boot({
      engine: 'espruino',
      script: (flashed) => (telling ? `${flashed};setInterval(function () { print('usage', process.memory().usage); }, 200);` : flashed),
      ...(wire && { wire }),
    }),
    heading: 'Espruino Pico',
    pingInterval: '0.02',
    framesSent: ({ board: { chip: { counts } } }) =>
      counts.framesAccepted + counts.framesFiltered + counts.framesOverflowed + counts.framesBadLength,
    expectsUnchanged: (before, after) => expect(after).toBe(before),
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
    it.each([
      ['espruino-wifi', 'as it is built', (script: string) => script],
      ['espruino-wifi', 'pretokenised', tokenise],
      ['pico', 'pretokenised', tokenise],
      ['esp32', 'pretokenised', tokenise],
    ])('serves its page and its echo on ports of this machine: the script of %s, %s', async (name, _form, form) => {
      const { board, portOf } = await bootOnLocalhost(name, { engine: 'espruino', script: form(helloFor(name).script) });
      onTestFinished(() => board.stop());
      const page = await fetch(`http://127.0.0.1:${portOf(80)}/`, { headers: { connection: 'close' } });
      expect(await page.text()).toContain(`Hello from ${boards[name]!.name}`);
      const octets = randomBytes(20_000);
      expect(octets.equals(await echoThrough(portOf(7), octets))).toBe(true);
      expect(board.errors).toEqual([]);
      expect(board.violations).toEqual([]);
    }, 120_000);

    it('serves both where the firmware has no SHA-256, as that of stm32f4discovery has not', async () => {
      const name = 'stm32f4discovery';
      const without = `var found = require; global.require = function (name) {
        if (name !== 'crypto') return found(name);
        print('asked for ' + name);
        throw new Error('Module "crypto" not found');
      };\n`;
      const { board, lines, portOf } = await bootOnLocalhost(name, { engine: 'espruino', script: without + helloFor(name).script });
      onTestFinished(() => board.stop());
      for (let times = 0; times < 3; times++) {
        const page = await fetch(`http://127.0.0.1:${portOf(80)}/`, { headers: { connection: 'close' } });
        expect(await page.text()).toContain(`Hello from ${boards[name]!.name}`);
      }
      expect(lines).toContain('asked for crypto');
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
