import { afterEach, describe, expect, it, vi } from 'vitest';
import { type LocalhostLan } from '../../../boards/virtual/lan-localhost';
import { DEFAULT_SERVICE } from '../../../src/ip/ipv4';
import { UdpHost } from '../../../src/udp/udp';
import { withModule } from '../../interop/board-scripts';
import { type LocalhostBoard, bootOnLocalhost } from '../../interop/localhost-board';
import { noEngine, titled } from '../../tools';

const patience = { timeout: 20_000, interval: 20 };

let booted: LocalhostBoard | undefined;
afterEach(async () => {
  await booted?.board.stop();
  booted = undefined;
});

/** A board whose neighbour knows the names that begin with "good", as itself, and greets whoever connects to port 7777. */
async function run(engine: 'node' | 'espruino', count: number, rest: string): Promise<string[]> {
  booted = await bootOnLocalhost('esp32', { script: withModule('esp32', rest, `dns: '10.77.0.1'`), engine }, false);
  const { lines, board } = booted;
  await board.start();
  const { stack } = board.lan as LocalhostLan;
  const udp = new UdpHost(stack, 1);
  udp.openPort(53, {
    datagram(frame, at, length, address, port) {
      const good = Buffer.from(frame.slice(at + 13, at + 17)).toString() === 'good';
      const question = frame.slice(at + 12, at + length);
      const answer = good ? [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 77, 0, 1] : [];
      const flags = [0x81, good ? 0x80 : 0x83, 0, 1, 0, good ? 1 : 0, 0, 0, 0, 0];
      const bytes = Uint8Array.from([frame[at]!, frame[at + 1]!, ...flags, ...question, ...answer]);
      udp.sendBytes(53, address, port, bytes, 0, bytes.length, DEFAULT_SERVICE);
    },
  });
  stack.listen(7777, {
    opened: (c) => { c.write(Buffer.from('hello'), 0, 5); c.end(); },
    readable: (c) => { c.read(new Uint8Array(100), 0, 100); }, writable: () => undefined, ended: () => undefined, closed: () => undefined,
  });
  await vi.waitFor(() => expect([...lines, ...board.errors].length).toBeGreaterThanOrEqual(count), patience);
  return [...lines, ...board.errors];
}

const connect = (host: string) => `
  require('net').connect({ host: '${host}', port: 7777 }, function (socket) {
    socket.on('data', function (data) { print('${host}', data); });
  }).on('error', function (error) { print('${host}', error.code); });`;

describe.each([['node', undefined], ['espruino', noEngine]] as const)('a host by its name, on the engine %s', (engine, reason) => {
  it.skipIf(reason)(titled('is looked up and connected to', reason), async () => {
    expect(await run(engine, 1, connect('good.example'))).toEqual(['good.example hello']);
  });

  it.skipIf(reason)(titled('that does not exist is an error of its own', reason), async () => {
    expect(await run(engine, 1, connect('bad.example'))).toEqual(['bad.example -6']);
  });

  it.skipIf(reason)(titled('again and again', reason), async () => {
    const lines = await run(engine, 6, `
      var n = 0;
      (function next() {
        if (n++ >= 6) return;
        var client = require('net').connect({ host: n % 2 ? 'good.one' : 'bad' + n, port: 7777 }, function (socket) {
          socket.on('data', function (data) { print(n, data); });
        });
        client.on('error', function (error) { print(n, error.code); });
        client.on('close', next);
      })();`);
    expect(lines).toEqual(['1 hello', '2 -6', '3 hello', '4 -6', '5 hello', '6 -6']);
  });
});
