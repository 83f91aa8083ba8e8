import { isIPv4 } from 'node:net';
import { type Given, UsageError } from '../command-line.mjs';
import { boards } from '../index';
import { parseAddress } from '../../src/ip/address';
import type { Forward } from './lan-localhost';
import { servedBy } from './served';

/** What the command line of the virtual board says. */
export interface Options {
  board: string;
  app: string;
  engine: 'node' | 'espruino' | 'jerry';
  lan: 'localhost' | { tap: string };
  /** Ports of this machine that lead to the board; none on a TAP interface. */
  forwards: Forward[];
  /** The board's address and its neighbour's, as texts without a prefix. */
  ip: string;
  hostIp: string;
  /** The board asks a DHCP server for its address; `ip` is only what it could be. */
  dhcp: boolean;
  /** What opens the app `console`; undefined when no app asks for it. */
  password: string | undefined;
  /** The board's name, undefined for its own. */
  hostname: string | undefined;
  /** Octets of the network's prefix in bits, and as a mask. */
  prefix: number;
  /** A file for what crossed the wire. */
  pcap: string | undefined;
  /** Probability, 0 to 1, that a frame is lost. */
  loss: number;
  /** Microseconds that a frame takes. */
  delay: number;
  seed: number;
  /** Seconds after which it stops by itself. */
  duration: number | undefined;
}

export const usage = `A board on the LAN without a board: the script that would be flashed, over a simulated ENC28J60.

  npm start -- [options]

  --board NAME        the board whose script runs (pico)
  --app NAME          the app in boards/apps (hello)
  --engine ENGINE     node; espruino, the real interpreter that ESPRUINO names; or jerry, the one that JERRY names, for
                      boards whose name begins with jerryscript- (what fits the board: node or jerry)
  --lan LAN           localhost, or tap:NAME: a network interface of this machine, needs root (localhost)
  --forward HOST:BOARD  a port of this machine that leads to one of the board; may be repeated (8080:80 and 7007:7, or
                      2323:23 for the app console)
  --ip A/LENGTH       the board's address (10.77.0.2/24), or dhcp: from a server on the network interface
  --hostname NAME     the board's name (espruino)
  --password WORD     what opens the app console: 8 characters or more
  --host-ip B/LENGTH  the address of the other end (10.77.0.1/24)
  --pcap FILE         writes what crosses the wire, for Wireshark
  --loss P            percent of the frames that are lost (0)
  --delay MS          milliseconds that a frame takes (0)
  --seed N            the whole number that the losses follow from (1)
  --duration S        stops after S seconds, up to a day
  --help              shows this`;

/** The options of the command line. */
export const names = {
  board: { type: 'string', default: 'pico' }, app: { type: 'string', default: 'hello' },
  engine: { type: 'string' }, lan: { type: 'string', default: 'localhost' },
  forward: { type: 'string', multiple: true }, ip: { type: 'string' }, 'host-ip': { type: 'string' }, hostname: { type: 'string' },
  password: { type: 'string' },
  pcap: { type: 'string' }, loss: { type: 'string', default: '0' }, delay: { type: 'string', default: '0' },
  seed: { type: 'string', default: '1' }, duration: { type: 'string' },
} as const;

/**
 * What the values of a command line mean.
 * @throws UsageError with one sentence that names the value and what would be right
 */
export function parseOptions(values: Given<typeof names>): Options {
  const lan = lanOf(values.lan);
  const dhcp = values.ip === 'dhcp';
  if (dhcp && lan === 'localhost') throw new UsageError('--ip dhcp needs a network with a server on it: --lan tap:NAME, as in tap:enc0.');
  if (dhcp && boards[values.board]?.profile.dhcp !== true) {
    const able = Object.keys(boards).filter((name) => boards[name]!.profile.dhcp);
    throw new UsageError(`--ip dhcp is not in the file of --board ${values.board}: give it an address, or choose one of ${able.join(', ')}.`);
  }
  const given = dhcp ? undefined : values.ip;
  const board = network('--ip', given ?? defaultNear(values['host-ip'], 2));
  const host = network('--host-ip', values['host-ip'] ?? defaultNear(given, 1));
  checkNetwork(board, host, { ...values, ip: given });
  if (values.hostname !== undefined && !/^(?!-)[A-Za-z0-9-]{1,59}(?<!-)$/.test(values.hostname)) {
    throw new UsageError(`--hostname ${values.hostname} is not 1 to 59 letters, digits and hyphens, as in espruino.`);
  }
  if (lan !== 'localhost' && values.forward !== undefined) {
    throw new UsageError(
      `--forward ${values.forward[0]} has no meaning with --lan ${values.lan}: there the board has an address of its own.`,
    );
  }
  const seed = number('--seed', values.seed, 'a whole number', Number.isInteger);
  return {
    board: name('--board', values.board), app: name('--app', values.app), engine: engineOf(values.board, values.engine), lan,
    forwards: lan === 'localhost' ? values.forward?.map(forwardOf) ?? [...servedBy(values.app)] : [],
    ip: board.ip, hostIp: host.ip, prefix: board.prefix, dhcp,
    hostname: values.hostname, password: passwordFor(values.app, values.password),
    pcap: values.pcap,
    loss: number('--loss', values.loss, 'a percentage from 0 to 100', (value) => value >= 0 && value <= 100) / 100,
    delay: 1000 *
      number('--delay', values.delay, 'a number of milliseconds from 0 to 10000', (value) => value >= 0 && value <= 10000),
    seed,
    duration: values.duration === undefined ? undefined
      : number('--duration', values.duration, 'a number of seconds above 0, up to 86400', (value) => value > 0 && value <= 86400),
  };
}

/** The mask for a prefix's length, as a signed 32-bit integer. */
export function maskOf(prefix: number): number {
  return prefix === 0 ? 0 : -1 << (32 - prefix);
}

/** JerryScript runs the boards that are built for it, and those run in nothing else. */
function engineOf(board: string, engine: string | undefined): Options['engine'] {
  const isJerry = board.startsWith('jerryscript-');
  if (engine === undefined) return isJerry ? 'jerry' : 'node';
  if (engine !== 'node' && engine !== 'espruino' && engine !== 'jerry') {
    throw new UsageError(`--engine ${engine} is not known: it is node, espruino or jerry.`);
  }
  if ((engine === 'jerry') !== isJerry) {
    throw new UsageError(`--engine ${engine} does not run --board ${board}: jerry, and nothing else, runs boards named jerryscript-.`);
  }
  return engine;
}

/** The app `console` gives the board away, and takes no password of fewer characters. */
const SHORTEST_PASSWORD = 8;

function passwordFor(app: string, password: string | undefined): string | undefined {
  if (app === 'console' && (password === undefined || password.length < SHORTEST_PASSWORD)) {
    const given = password === undefined ? 'is missing' : `${password} is too short`;
    throw new UsageError(`--password ${given}: --app console gives the board to who knows it, so it has ${SHORTEST_PASSWORD} characters or more.`);
  }
  return password;
}

function lanOf(text: string): Options['lan'] {
  if (text === 'localhost') return text;
  const [, tap] = /^tap:([A-Za-z0-9][A-Za-z0-9._-]{0,14})$/.exec(text) ?? [];
  if (tap === undefined) {
    throw new UsageError(
      `--lan ${text} is not known: it is localhost, or tap: with an interface name of up to 15 characters, as in tap:enc0.`,
    );
  }
  return { tap };
}

function forwardOf(text: string): Forward {
  const [, host, board] = /^(\d{1,5}):(\d{1,5})$/.exec(text) ?? [];
  const forward = { host: Number(host), board: Number(board) };
  if (!(forward.host <= 65535 && forward.board >= 1 && forward.board <= 65535)) {
    throw new UsageError(`--forward ${text} is not a pair of ports: a port of this machine and one of the board, as in 8080:80.`);
  }
  return forward;
}

interface Network { ip: string; prefix: number }

function network(option: string, text: string): Network {
  const [ip = '', prefix = '24', more] = text.split('/');
  if (!isIPv4(ip) || !/^\d{1,2}$/.test(prefix) || Number(prefix) < 8 || Number(prefix) > 30 || more !== undefined) {
    throw new UsageError(`${option} ${text} is not an IPv4 address with the length of its prefix, 8 to 30, as in 10.77.0.2/24.`);
  }
  return { ip, prefix: Number(prefix) };
}

/** The address for an end that is not given: on the network of the other end when that is, number `host` on it. */
function defaultNear(other: string | undefined, host: number): string {
  const [ip = '', prefix = '24'] = (other ?? '').split('/');
  if (!isIPv4(ip)) return `10.77.0.${host}/24`;
  const octets = ip.split('.');
  const last = Number(octets[3]) === host ? 3 - host : host;
  return `${octets.slice(0, 3).join('.')}.${last}/${prefix}`;
}

function checkNetwork(board: Network, host: Network, values: { ip?: string | undefined; 'host-ip'?: string | undefined }): void {
  const mask = maskOf(board.prefix);
  const [a, b] = [parseAddress(board.ip), parseAddress(host.ip)];
  if (board.prefix !== host.prefix || ((a ^ b) & mask) !== 0 || a === b) {
    const given = values.ip === undefined ? `--host-ip ${values['host-ip']}` : `--ip ${values.ip}`;
    const [one, other] = [`${board.ip}/${board.prefix}`, `${host.ip}/${host.prefix}`];
    throw new UsageError(
      `${given} does not fit: the board (${one}) and the other end (${other}) must be two addresses of one network.`,
    );
  }
  for (const [option, { ip }, address] of [['--ip', board, a], ['--host-ip', host, b]] as const) {
    if ((address & ~mask) === 0 || (address | mask) === -1) {
      throw new UsageError(`${option} ${ip}/${board.prefix} is the network's own or its broadcast address: choose one between.`);
    }
    const first = address >>> 24;
    if (first === 0 || first === 127 || first >= 224) {
      throw new UsageError(`${option} ${ip} is not the address of one host on a network: choose one as in 10.77.0.2/24.`);
    }
  }
}

function name(option: string, text: string): string {
  if (/^[a-z0-9][a-z0-9-]*$/.test(text)) return text;
  throw new UsageError(`${option} ${text} is not a name: it is made of small letters, digits and dashes.`);
}

function number(option: string, text: string, kind: string, fits: (value: number) => boolean): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!fits(value)) throw new UsageError(`${option} ${text} is not ${kind}.`);
  return value;
}
