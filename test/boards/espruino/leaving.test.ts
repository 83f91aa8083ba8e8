import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LocalhostLan } from '../../../boards/virtual/lan-localhost';
import { appendFrameCheckSequence } from '../../../hal/mock/fcs';
import { parseAddress } from '../../../src/ip/address';
import { ethernet, get16, ipPacket, udpDatagram, word } from '../../src/frames';
import { withModule } from '../../interop/board-scripts';
import { type LocalhostBoard, bootOnLocalhost } from '../../interop/localhost-board';

const patience = { timeout: 20_000, interval: 20 };
const host = [10, 77, 0, 1];
const hostAddress = parseAddress('10.77.0.1');

let booted: LocalhostBoard | undefined;
afterEach(async () => {
  await booted?.board.stop();
  booted = undefined;
});

/**
 * A board whose neighbour leases it 10.77.0.50, says "hello" to whoever connects to its port 9, and answers no questions
 * for names; `names` is the lease's option for them. What the script prints, and what became of those connections as the
 * neighbour was told: "told" and a reason.
 */
async function run(count: number, rest: string, more = '', names = [6, 4, ...host], before = ''): Promise<string[]> {
  booted = await bootOnLocalhost('esp32', { script: before + withModule('esp32', rest, more) }, false);
  const { board, lines } = booted;
  const { stack } = board.lan as LocalhostLan;
  await board.start();
  const cable = board.wire.attach({
    linkChanged: () => undefined,
    frameArrived(frame: Uint8Array) {
      if (get16(frame, 12) !== 0x0800 || get16(frame, 36) !== 67) return;
      const asked = frame.slice(42);
      const type = asked[242]!;
      lines.push(['', 'discover', '', 'request', 'decline', '', '', 'release'][type]!);
      const given = [53, 1, type === 1 ? 2 : 5, 54, 4, ...host, 51, 4, ...word(3600), 1, 4, 255, 255, 255, 0, ...names, 255];
      const answer = [2, ...asked.slice(1, 16), 10, 77, 0, 50, ...asked.slice(20, 240), ...given];
      const payload = udpDatagram([hostAddress, -1], 67, 68, answer);
      const packet = ipPacket({ source: hostAddress, destination: -1, protocol: 17, payload });
      const reply = ethernet([255, 255, 255, 255, 255, 255], [2, 0, 0, 0, 0, 9], 0x0800, packet);
      const whole = Uint8Array.from([...reply, 0, 0, 0, 0]);
      appendFrameCheckSequence(whole, reply.length);
      if (type === 1 || type === 3) cable.transmit(whole);
    },
  }, 'server');
  stack.listen(9, {
    opened: (c) => void c.write(Buffer.from('hello'), 0, 5), readable: () => undefined, writable: () => undefined,
    ended: (c) => c.end(), closed: (_, reason) => void lines.push(`told ${reason}`),
  });
  const heard = (): string[] => [...lines, ...board.errors].filter((line) => !/discover|request/.test(line));
  await vi.waitFor(() => expect(heard().length).toBeGreaterThanOrEqual(count), patience);
  return heard();
}

const again = `require('ENC28J60').connect(SPI2, { cs: new Pin('D5'), irq: new Pin('D21'), ip: '10.77.0.2', mac: eth.getIP().mac })`;
const connected = (then: string, port = 9): string => `
  var socket = require('net').connect({ host: '10.77.0.1', port: ${port} });
  socket.on('data', function (data) { print(data); ${then} });
  socket.on('error', function (error) { print('error', error.code); });
  socket.on('close', function () { print('closed'); });`;
const whenLeased = (then: string): string => `
  var waits = setInterval(function () {
    if (eth.getIP().ip !== '10.77.0.50') return;
    clearInterval(waits);
    ${then}
  }, 20);`;

describe('an address that is given up', () => {
  it('for one of a DHCP server ends connections, and tells their peers', async () => {
    expect(await run(3, connected('eth.setIP();'))).toEqual(['hello', 'told 1', 'closed']);
  });

  it('for the same one without a server ends connections, and tells their peers', async () => {
    const lines = await run(4, whenLeased(connected(`eth.setIP({ ip: '10.77.0.50' });`)), `ip: 'dhcp'`);
    expect(lines.filter((line) => line !== 'closed')).toEqual(['hello', 'told 1', 'release']);
  });
});

describe('setIP', () => {
  it.each([
    [`{ ip: '10.99.0.7' }`, 'gateway: 10.77.0.1 is not on the network of 10.99.0.7'],
    [`{ ip: '224.0.0.7' }`, 'address: 224.0.0.7 cannot be the address of a host'],
    [`{ ip: '10.77.0.7', subnet: '255.0.255.0' }`, 'netmask: 255.0.255.0 is not a mask such as 255.255.255.0'],
  ])('refuses %s, and connections go on', async (options, sentence) => {
    const lines = await run(4, connected(`
      eth.setIP(${options}, function (error) { print(error, eth.getIP().ip, eth.connections); eth.disconnect(); });`));
    expect(lines.slice(0, 2)).toEqual(['hello', `${sentence} 10.77.0.2 1`]);
  });

  it('of a name server leaves the lease that is being asked for, and later the connections, alone', async () => {
    const lines = await run(5, `eth.setIP({ dns: '10.77.0.8' });` + whenLeased(connected(`
      eth.setIP({ dns: '10.77.0.9' }, function (error) {
        print(error, eth.getIP().ip, eth.getIP().dns, eth.connections);
        eth.disconnect();
      });`)), `ip: 'dhcp'`);
    expect(lines.filter((line) => line !== 'closed')).toEqual(['hello', 'null 10.77.0.50 10.77.0.9 1', 'told 1', 'release']);
  });
});

describe('a lease without name servers', () => {
  it('leaves those that the application has named', async () => {
    expect(await run(1, whenLeased('print(eth.getIP().dns); eth.disconnect();'), `ip: 'dhcp', dns: '10.77.0.8'`, [])).toContain('10.77.0.8');
  });
});

describe('a socket of a chip that was let go', () => {
  it('whose host is being looked up is closed', async () => {
    expect(await run(1, `
      var socket = require('net').connect({ host: 'nobody.example', port: 9 });
      socket.on('error', function (error) { print('error', error.code); });
      socket.on('close', function () { print('closed'); });
      setTimeout(function () { eth.disconnect(); }, 100);`, `dns: '10.77.0.1'`)).toEqual(['closed']);
  });

  it('of dgram is closed, also when there is another device at once', async () => {
    expect(await run(2, `
      var socket = require('dgram').createSocket('udp4').bind(5000);
      socket.on('close', function () { print('closed'); });
      setTimeout(function () {
        eth.disconnect();
        eth = ${again};
        setTimeout(function () { print('goes on', eth.getStatus().state); }, 200);
      }, 100);`)).toEqual(['closed', 'goes on online']);
  });

  it('hears nothing of what the next device\'s sockets hear', async () => {
    const lines = await run(4, connected(`
      eth.disconnect();
      eth = ${again};
      require('net').connect({ host: '10.77.0.1', port: 9 }).on('data', function (data) {
        setTimeout(function () { print('second', data, eth.connections); }, 200);
      });`));
    expect(lines).toEqual(['hello', 'told 1', 'closed', 'second hello 1']);
  });

  it('sets no timer any more, whatever is done with it', async () => {
    const counted = 'var set = 0, real = setTimeout; setTimeout = function (f, t) { set++; return real(f, t); };';
    const lines = await run(4, connected(`
      eth.disconnect();
      real(function () {
        socket.end();
        var before = set;
        real(function () { print('set', set - before); }, 2500);
      }, 500);`), '', [], counted);
    expect(lines.filter((line) => line !== 'closed')).toEqual(['hello', 'told 1', 'set 0']);
  });

  it('is the last: another one is refused', async () => {
    const lines = await run(1, `
      eth.disconnect();
      try {
        require('net').connect({ host: '10.77.0.1', port: 9 }).on('error', function (error) { print('error', error.code); });
      } catch (error) { print(error); }`);
    expect(lines).toEqual([expect.stringMatching(/error|Unable/i)]);
  });

  it('was a server: it closes no other one, and is given no connections', async () => {
    const serve = (says: string): string => `require('net').createServer(function (socket) { socket.end('${says}'); })`;
    await run(1, `
      var before = ${serve('before')};
      before.listen(7);
      eth.disconnect();
      eth = ${again};
      ${serve('after')}.listen(7);
      setTimeout(function () { before.close(); print('closed'); }, 200);`);
    expect(await says(booted!.portOf(7))).toBe('after');
  });
});

/** What a server says to whoever connects. */
function says(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect({ port, host: '127.0.0.1' });
    socket.setEncoding('latin1').on('data', (text: string) => (heard += text)).on('error', reject).on('close', () => resolve(heard));
  });
}
