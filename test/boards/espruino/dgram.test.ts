import { afterEach, describe, expect, it, vi } from 'vitest';
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

/** Runs a script on a board whose neighbour echoes what comes to port 7, three times, and returns what it printed. */
async function run(engine: 'node' | 'espruino', count: number, rest: string, board: 'pico' | 'esp32' = 'esp32'): Promise<string[]> {
  booted = await bootOnLocalhost(board, { script: withModule(board, rest), engine }, false);
  const { lan, lines } = booted;
  const neighbour = (stack: typeof lan.stack) => {
    const udp = new UdpHost(stack, 4);
    udp.openPort(7, {
      datagram(frame, at, length, address, port) {
        const bytes = frame.slice(at, at + length);
        udp.sendBytes(7, address, port, bytes, 0, length, DEFAULT_SERVICE);
      },
    });
    return udp;
  };
  await booted.board.start();
  neighbour((booted.board.lan as typeof lan).stack);
  await vi.waitFor(() => expect([...lines, ...booted!.board.errors].length).toBeGreaterThanOrEqual(count), patience);
  return [...lines, ...booted.board.errors];
}

const engines = [['node', undefined], ['espruino', noEngine]] as const;

describe.each(engines)('Espruino\'s dgram over the stack, on the engine %s', (engine, reason) => {
  it.skipIf(reason)(titled('sends, and hears the answer with its sender', reason), async () => {
    const lines = await run(engine, 2, `
      var socket = require('dgram').createSocket('udp4');
      socket.on('message', function (data, info) {
        print(data, info.address, info.port, info.size);
        if (data === 'second') socket.close();
      });
      socket.on('close', function () { print('closed'); });
      socket.send('first', 7, '10.77.0.1');
      setTimeout(function () { socket.send('a second one', 2, 6, 7, '10.77.0.1'); }, 300);`);
    expect(lines).toEqual(['first 10.77.0.1 7 5', 'second 10.77.0.1 7 6', 'closed'].slice(0, lines.length));
    await vi.waitFor(() => expect(booted!.lines).toContain('closed'), patience);
    expect(booted!.board.errors).toEqual([]);
  });

  it.skipIf(reason)(titled('hears on the port that it is bound to, in order, each datagram by itself', reason), async () => {
    const lines = await run(engine, 3, `
      var server = require('dgram').createSocket('udp4').bind(5000);
      server.on('message', function (data, info) { print(data.length, info.port); });
      server.send('1', 7, '10.77.0.1');
      setTimeout(function () {
        server.send('12', 7, '10.77.0.1');
        server.send(new Array(201).join('y'), 7, '10.77.0.1');
      }, 300);`);
    expect(lines).toEqual(['1 7', '2 7', '200 7']);
  });

  it.skipIf(reason)(titled('refuses a port that is taken', reason), async () => {
    const lines = await run(engine, 1, `
      require('dgram').createSocket('udp4').bind(5000);
      try { require('dgram').createSocket('udp4').bind(5000); } catch (error) { print('' + error); }`);
    expect(lines[0]).toContain('Unable to create socket');
  });

  it.skipIf(reason)(titled('refuses a group that is none, and one too many, and the port is free again', reason), async () => {
    const lines = await run(engine, 6, `
      function joined(group, port) {
        var socket = require('dgram').createSocket('udp4');
        socket.addMembership(group);
        try { socket.bind(port); print('joined'); } catch (error) { print('' + error); }
      }
      joined('10.77.0.1', 5000);
      joined('224.0.1.1', 5000);
      for (var i = 2; i < 6; i++) joined('224.0.1.' + i, 5000 + i);`);
    const refused = expect.stringContaining('Unable to create socket');
    expect(lines).toEqual([refused, 'joined', 'joined', 'joined', 'joined', refused]);
  });
});

// What the interpreter does with a host's name, it does before anybody is asked: the datagram goes to everybody.
it.skipIf(noEngine)(titled('in real Espruino, dgram sends to 255.255.255.255 what is for a host by its name', noEngine), async () => {
  booted = await bootOnLocalhost('esp32', {
    script: withModule('esp32', `require('dgram').createSocket('udp4').send('hello', 7, 'somebody.example');`), engine: 'espruino',
  }, false);
  const seen: string[] = [];
  booted.board.wire.tap((frame) => {
    if (frame[12] === 8 && frame[13] === 0 && frame[23] === 17) seen.push(`${frame.slice(30, 34).join('.')}:${frame[37]!}`);
  });
  await booted.board.start();
  await vi.waitFor(() => expect(seen).toEqual(['255.255.255.255:7']), patience);
});
