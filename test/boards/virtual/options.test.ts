import { describe, expect, test } from 'vitest';
import { UsageError, optionsGiven } from '../../../boards/command-line.mjs';
import { maskOf, names, parseOptions } from '../../../boards/virtual/options';

const parse = (line: string) => parseOptions(optionsGiven(names, line.split(' ').filter((word) => word !== '')));

test('without words it is the pico with hello on localhost', () => {
  expect(parse('')).toEqual({
    board: 'pico', app: 'hello', engine: 'node', lan: 'localhost', forwards: [{ host: 8080, board: 80 }, { host: 7007, board: 7 }],
    ip: '10.77.0.2', hostIp: '10.77.0.1', prefix: 24, dhcp: false, hostname: undefined, password: undefined, pcap: undefined, loss: 0, delay: 0, seed: 1, duration: undefined,
  });
});

test('takes every option', () => {
  expect(parse('--board esp32 --app other --engine espruino --forward 0:80 --forward 9:9 --ip 192.168.1.9/16 --hostname desk --password tiny --pcap f.pcapng --loss 5 --delay 2.5 --seed=-3 --duration 1.5'))
    .toEqual({
      board: 'esp32', app: 'other', engine: 'espruino', lan: 'localhost', forwards: [{ host: 0, board: 80 }, { host: 9, board: 9 }],
      ip: '192.168.1.9', hostIp: '192.168.1.1', prefix: 16, dhcp: false, hostname: 'desk', password: 'tiny', pcap: 'f.pcapng', loss: 0.05, delay: 2500, seed: -3, duration: 1.5,
    });
  expect(parse('--lan tap:enc0 --ip 10.77.0.2/24 --host-ip 10.77.0.1/24')).toMatchObject({ lan: { tap: 'enc0' }, forwards: [] });
});

test('leads to the port of the app console, which needs a password', () => {
  expect(parse('--app console --password opensesame')).toMatchObject({ password: 'opensesame', forwards: [{ host: 2323, board: 23 }] });
  expect(parse('--app console --password opensesame --forward 0:23')).toMatchObject({ forwards: [{ host: 0, board: 23 }] });
});

test('runs a board in the engine that it is built for', () => {
  expect(parse('--board jerryscript-x')).toMatchObject({ engine: 'jerry' });
  expect(parse('--board jerryscript-x --engine jerry')).toMatchObject({ engine: 'jerry' });
});

test('finds the other end when one is given', () => {
  expect(parse('--ip 10.1.2.1')).toMatchObject({ ip: '10.1.2.1', hostIp: '10.1.2.2' });
  expect(parse('--host-ip 10.1.2.7/28')).toMatchObject({ ip: '10.1.2.2', hostIp: '10.1.2.7', prefix: 28 });
});

test('leaves the address to a DHCP server', () => {
  expect(parse('--board espruino-wifi --lan tap:enc0 --ip dhcp --host-ip 10.1.2.7/28')).toMatchObject({ dhcp: true, hostIp: '10.1.2.7', prefix: 28 });
});

test('makes masks', () => {
  expect([24, 8, 30, 0].map((prefix) => maskOf(prefix) >>> 0)).toEqual([0xffffff00, 0xff000000, 0xfffffffc, 0]);
});

describe('a wrong value gets one sentence', () => {
  test.each([
    ['--lan tap:enc0 --ip dhcp', '--ip dhcp is not in the file of --board pico: give it an address, or choose one of espruino-wifi, esp32,'],
    ['--ip dhcp', '--ip dhcp needs a network with a server on it: --lan tap:NAME, as in tap:enc0.'],
    ['--app console', '--password is missing: --app console gives the board to who knows it, so it has 8 characters or more.'],
    ['--app console --password sesame', '--password sesame is too short: --app console gives'],
    ['--hostname a_b', '--hostname a_b is not 1 to 59 letters, digits and hyphens, as in espruino.'],
    ['--engine v8', '--engine v8 is not known: it is node, espruino or jerry.'],
    ['--engine jerry', '--engine jerry does not run --board pico: jerry, and nothing else, runs boards named jerryscript-.'],
    ['--engine node --board jerryscript-x', '--engine node does not run --board jerryscript-x: jerry'],
    ['--lan wifi', '--lan wifi is not known: it is localhost, or tap: with an interface name of up to 15 characters, as in tap:enc0.'],
    ['--lan tap:', '--lan tap: is not known'],
    ['--forward 8080', '--forward 8080 is not a pair of ports: a port of this machine and one of the board, as in 8080:80.'],
    ['--forward 70000:80', '--forward 70000:80 is not a pair of ports'],
    ['--forward 80:0', '--forward 80:0 is not a pair of ports'],
    ['--lan tap:e --forward 1:2', '--forward 1:2 has no meaning with --lan tap:e'],
    ['--ip 10.0.0', '--ip 10.0.0 is not an IPv4 address with the length of its prefix, 8 to 30, as in 10.77.0.2/24.'],
    ['--ip 10.0.0.2/40', '--ip 10.0.0.2/40 is not an IPv4 address'],
    ['--ip 10.0.0.2 --host-ip 10.0.1.1', '--ip 10.0.0.2 does not fit'],
    ['--ip 10.0.0.2 --host-ip 10.0.0.2', 'must be two addresses of one network.'],
    ['--ip 10.0.0.255', "--ip 10.0.0.255/24 is the network's own or its broadcast address"],
    ['--ip 10.0.0.0', "is the network's own or its broadcast address: choose one between."],
    ['--loss 101', '--loss 101 is not a percentage from 0 to 100.'],
    ['--loss x', '--loss x is not a percentage from 0 to 100.'],
    ['--delay -1', "Option '--delay' argument is ambiguous. A value that begins with a dash is given as --delay=-1. The options are --board,"],
    ['--delay=-1', '--delay -1 is not a number of milliseconds from 0 to 10000.'],
    ['--seed 1.5', '--seed 1.5 is not a whole number.'],
    ['--duration 0', '--duration 0 is not a number of seconds above 0, up to 86400.'],
    ['--duration 3000000', '--duration 3000000 is not a number of seconds above 0, up to 86400.'],
    ['--duration Infinity', '--duration Infinity is not a number of seconds'],
    ['--ip 127.0.0.2', '--ip 127.0.0.2 is not the address of one host on a network: choose one as in 10.77.0.2/24.'],
    ['--ip 0.0.0.2', '--ip 0.0.0.2 is not the address of one host'],
    ['--host-ip 224.0.0.1', 'is not the address of one host'],
    ['--help=x', "Option '-h, --help' does not take an argument. The options are --board,"],
    ['--board ../x', '--board ../x is not a name: it is made of small letters, digits and dashes.'],
    ['--speed 5', "Unknown option '--speed'. The options are --board, --app, --engine,"],
    ['pico', "Unexpected argument 'pico'. The options are --board,"],
    ['--board', "Option '--board <value>' argument missing. The options are --board,"],
  ])('%s', (line, sentence) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(sentence);
  });
});
