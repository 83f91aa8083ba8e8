import type { App } from '../apps/app';
import type { Board } from '../board';
import { connect } from './enc28j60';
import type { Ethernet } from './enc28j60';

/** The Storage file that says how this very board is configured, next to what its kind has in common. */
const CONFIGURATION = 'ENC28J60.json';

/** The address of a board that was told none. */
const DEFAULT_IP = '192.168.1.77';

/** Sets up the board's SPI, connects the chip and starts the app. Errors appear on the console as sentences. */
export function start(board: Board, app: App): void {
  app(board, connected(board));
}

/** Leaves of the board what the app is given: for as long as the app has a function, so long does all that it could see stay. */
function connected(board: Board): Ethernet {
  'cold';
  const configured = require('Storage').readJSON(CONFIGURATION, true) || {};
  const bus = (global as any)[board.spi];
  bus.setup({
    sck: new Pin(board.sck),
    miso: new Pin(board.miso),
    mosi: new Pin(board.mosi),
    baud: board.baud,
    mode: 0,
  });
  const options: any = {
    cs: new Pin(board.cs),
    irq: new Pin(board.irq),
    rst: new Pin(board.rst),
    ip: configured.ip || DEFAULT_IP,
    subnet: configured.subnet,
    gateway: configured.gateway,
    dns: configured.dns,
    hostname: configured.hostname,
    mac: configured.mac,
  };
  const profile: any = board.profile;
  for (const name in profile) options[name] = profile[name];
  // Not while `for in` goes through them: Espruino loses its way.
  const fields = Object.keys(board);
  for (let at = 0; at < fields.length; at++) if (fields[at] !== 'name') delete (board as any)[fields[at]];
  return connect(bus, options);
}
