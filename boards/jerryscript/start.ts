import type { JerryPin } from '../../hal/jerryscript';
import { connect } from './enc28j60';
import type { JerryEthernet } from './enc28j60';
import type { JerryBoard } from './board';

/** The address of a board that was told none. */
const DEFAULT_IP = '192.168.1.77';

/** The name of the global object that says how this very board is configured: set by whoever starts the script. */
const CONFIGURATION = 'ENC28J60';

/** Opens the board's SPI and pins, connects the chip and starts the app. */
export function start(board: JerryBoard, app: (board: any, ethernet: JerryEthernet) => void): void {
  const configured = (globalThis as any)[CONFIGURATION] || {};
  const spi = require('spi');
  const gpio = require('gpio');
  const bus: any = { mode: spi.MODE[0], maxSpeed: board.baud };
  // Quoted: these two names are IoT.js's, and the build is not to shorten them.
  if (board.spi.charAt(0) === '/') bus['device'] = board.spi;
  else bus['bus'] = parseInt(board.spi, 10);
  const pin = (name: string, direction: number, edge: number): JerryPin =>
    gpio.openSync({ pin: parseInt(name, 10), direction, edge });
  const options: any = {
    irq: pin(board.irq, gpio.DIRECTION.IN, gpio.EDGE.FALLING),
    rst: pin(board.rst, gpio.DIRECTION.OUT, gpio.EDGE.NONE),
    ip: configured.ip || DEFAULT_IP,
    subnet: configured.subnet,
    gateway: configured.gateway,
    mac: configured.mac,
  };
  const profile: any = board.profile;
  for (const name in profile) options[name] = profile[name];
  app(board, connect(spi.openSync(bus), options));
}
