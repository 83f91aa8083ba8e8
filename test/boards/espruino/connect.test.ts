import { afterEach, describe, expect, it, vi } from 'vitest';
import { withModule } from '../../interop/board-scripts';
import { type LocalhostBoard, bootOnLocalhost } from '../../interop/localhost-board';

const patience = { timeout: 20_000, interval: 20 };

let booted: LocalhostBoard | undefined;
afterEach(async () => {
  await booted?.board.stop();
  booted = undefined;
});

/** Runs what a user might write, until it has printed so many lines. */
async function run(count: number, rest: string, more = ''): Promise<string[]> {
  booted = await bootOnLocalhost('pico', { script: withModule('pico', rest, more) });
  const { board, lines } = booted;
  await vi.waitFor(() => expect([...lines, ...board.errors].length).toBeGreaterThanOrEqual(count), patience);
  return [...lines, ...board.errors];
}

describe('connect', () => {
  it.each([
    [`cs: 'A4'`, 'cs: A4 is not a pin: write it without quotes, as in cs: A4'],
    [`cs: 4`, 'cs: 4 is not a pin'],
    [`irq: 'A3'`, 'irq: A3 is not a pin'],
    [`rst: {}`, 'is not a pin'],
    [`ip: 5`, '"5" is not an IPv4 address'],
    [`mac: 5`, 'mac: "5" is not six octets'],
    [`dns: 'resolver'`, '"resolver" is not an IPv4 address'],
    [`netmask: '255.0.0.0'`, 'connect: there is no option "netmask"; there are cs irq rst mac ip subnet'],
    [`subnet: '255.0.255.0'`, 'netmask: 255.0.255.0 is not a mask'],
    [`hostname: '-x'`, 'hostname: "-x" is not 1 to 59 letters, digits and hyphens'],
    [`connections: '4'`, 'connections: 4 is not a whole number'],
    [`timestamps: true`, 'This file was built without timestamps'],
  ])('refuses {%s} with a sentence', async (option, sentence) => {
    expect((await run(1, '', option))[0]).toContain(sentence);
  });

  it('takes null for a pin that is not there', async () => {
    expect(await run(1, `print(eth.getStatus().id);`, 'irq: null, rst: null')).toEqual(['ENC28J60']);
  });

  it('refuses to be called again, and the board goes on', async () => {
    const lines = await run(2, `
      try { require('ENC28J60').connect(SPI1, { cs: A4, ip: '10.77.0.9' }); } catch (error) { print(error.message); }
      print(eth.getIP().ip);`);
    expect(lines).toEqual(['connect: the board is connected already; disconnect() ends that', '10.77.0.2']);
  });

  it('may be called again after it has failed', async () => {
    booted = await bootOnLocalhost('pico', {
      script: `try { require('ENC28J60').connect(SPI2, { cs: A4, ip: '10.77.0.2' }); } catch (error) { print('no chip'); }
        ${withModule('pico', `print(eth.getIP().ip);`)}`,
    });
    await vi.waitFor(() => expect(booted!.lines).toEqual(['no chip', '10.77.0.2']), patience);
  });

  it('may be called with an ip after it was called without one where there is no DHCP', async () => {
    booted = await bootOnLocalhost('pico', {
      script: `try { require('ENC28J60').connect(SPI1, { cs: A4 }); } catch (error) { print(error.message); }
        ${withModule('pico', `print(eth.getIP().ip);`)}`,
    });
    await vi.waitFor(() => expect(booted!.lines).toEqual(['This file was built without DHCP: it needs an ip', '10.77.0.2']), patience);
  });
});

describe('setIP', () => {
  it.each([
    [`'10.77.0.7'`, 'setIP: "10.77.0.7" is not {ip, subnet, gateway, dns}, nor nothing for DHCP'],
    [`{ ip: '10.77.0.7', dns: 'resolver' }`, '"resolver" is not an IPv4 address'],
  ])('refuses %s and leaves everything as it was', async (options, sentence) => {
    const lines = await run(3, `
      print(eth.setIP(${options}, function (error) { print(error); }));
      print(eth.getIP().ip, eth.getIP().dns);`);
    expect(lines.slice(0, 2)).toEqual(['false', '10.77.0.2 0.0.0.0']);
    expect(lines[2]).toContain(sentence);
  });

  it('ends the connections of the address before, and tells their peers', async () => {
    booted = await bootOnLocalhost('pico', {
      script: withModule('pico', `
        require('net').createServer(function (socket) {
          socket.on('close', function () { print('closed', eth.connections); });
          socket.on('data', function () { eth.setIP({ ip: '10.77.0.7' }); });
        }).listen(7);`),
    });
    const { portOf, lines } = booted;
    const { connect } = await import('node:net');
    const code = await new Promise<string | undefined>((resolve) => {
      const socket = connect({ port: portOf(7), host: '127.0.0.1' }, () => socket.write('x'));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      socket.on('close', () => resolve(undefined));
    });
    expect(code).toBe('ECONNRESET');
    await vi.waitFor(() => expect(lines).toEqual(['closed 0']), patience);
  });
});
