import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { boards } from '../../boards/index';
import { build } from '../../boards/virtual/product';
import { withModule } from '../interop/board-scripts';
import { KernelLan, hostIp, patience } from '../interop/kernel-lan';
import { bootOnLocalhost, echoThrough } from '../interop/localhost-board';
import { noEngine, titled, whyNotHere } from '../tools';

/** A firmware without a network: nothing that ours might lean on is found. */
const withoutNet = `(function () {
  var found = require;
  global.require = function (name) {
    if (name === 'NetworkJS' || (name === 'net' || name === 'http') && !(Modules.getCached().indexOf(name) >= 0)) throw new Error('Module ' + name + ' not found');
    return found(name);
  };
})();`;

const name = 'stm32f405';

describe.each([['node', undefined], ['espruino', noEngine]] as const)('on %s, a board whose firmware has no net', (engine, reason) => {
  it.skipIf(reason)(titled('serves its page and its echo by ours', reason), async () => {
    const { script } = build(name, 'hello');
    expect(boards[name]!.ownNet).toBe(true);
    expect(script).not.toContain('NetworkJS');
    const { board, portOf } = await bootOnLocalhost(name, { engine, script: engine === 'espruino' ? withoutNet + script : script });
    try {
      const answers = await Promise.all([1, 2, 3].map(() => fetch(`http://127.0.0.1:${portOf(80)}/`, { headers: { connection: 'close' } })));
      for (const answer of answers) expect(await answer.text()).toContain('Hello from STM32F405RG');
      const octets = randomBytes(10_000);
      expect(octets.equals(await echoThrough(portOf(7), octets))).toBe(true);
      expect(board.errors).toEqual([]);
      expect(board.violations).toEqual([]);
    } finally {
      await board.stop();
    }
  }, 60_000);
});

it('costs the boards that have a net nothing', () => {
  for (const board of ['pico', 'esp32c3']) {
    const { script, module } = build(board, 'hello');
    for (const text of [script, module]) {
      expect(text).toContain('NetworkJS');
      expect(text).not.toContain('removeAllListeners');
    }
  }
});

const noNetwork = noEngine ?? whyNotHere('ping', 'curl', 'ss', 'tshark');

describe.skipIf(noNetwork)(titled('the module on a board without net, against the kernel', noNetwork), () => {
  let lan: KernelLan | undefined;
  afterEach(async () => {
    await lan?.close();
    lan = undefined;
  });

  async function run(lines: number, rest: (echo: number) => string): Promise<string[]> {
    const started = lan = await KernelLan.boot({
      engine: 'espruino', board: name, script: async (_, peer) => withoutNet + withModule(name, rest(await peer.serve('echo'))),
    });
    await vi.waitFor(() => expect(started.lines.length).toBeGreaterThanOrEqual(lines), { timeout: patience, interval: 50 });
    expect(started.board.errors).toEqual([]);
    expect(started.board.violations).toEqual([]);
    return started.lines;
  }

  it('carries a client by require("net"), 10,240 octets of all values there and back', async () => {
    expect(await run(1, (echo) => `
      var heard = 0, bad = 0, left = 40, piece = '';
      for (var i = 0; i < 256; i++) piece += String.fromCharCode(i);
      var client = require('net').connect({ host: '${hostIp}', port: ${echo} }, function () {
        while (left-- > 0) client.write(piece);
      });
      client.on('data', function (data) {
        for (var i = 0; i < data.length; i++) if (data.charCodeAt(i) !== (heard + i) % 256) bad++;
        heard += data.length;
        if (heard === 10240) client.end();
      });
      client.on('close', function (failed) { print('net', heard, bad, failed); });`)).toEqual(['net 10240 0 false']);
  }, 120_000);

  it('tells the client that nobody listens, by Espruino\'s number, and names no host it cannot find', async () => {
    expect(await run(3, () => `
      try { require('net').connect({ host: 'board.example', port: 9 }); } catch (error) { print(error.message); }
      var client = require('net').connect({ host: '${hostIp}', port: 9 }, function () { print('connected'); });
      client.on('error', function (error) { print(error.code, error.message); });
      client.on('close', function (failed) { print('close', failed); });`)).toEqual([
      expect.stringContaining('"board.example" is not an IPv4 address'), '-9 refused', 'close true',
    ]);
  }, 120_000);

  it('serves curl by require("http")', async () => {
    await run(1, () => `
      require('http').createServer(function (request, response) {
        response.writeHead(200, { 'Content-Type': 'text/plain' });
        response.end('You asked for ' + request.url);
      }).listen(80);
      print(eth.getIP().ip);`);
    expect((await lan!.curl('/a?b=1')).body).toBe('You asked for /a?b=1');
  }, 120_000);
});
