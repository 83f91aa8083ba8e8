import { Enc28j60 } from '../../hal/enc28j60/driver';
import { EspruinoPlatform, EspruinoSpi, now, watchFalling } from '../../hal/espruino';
import type { EspruinoPin, EspruinoSpiBus } from '../../hal/espruino';
import { formatAddress, parseAddress } from '../../src/ip/address';
import type { MemoryProfile } from '../../src/options';
import { Stack } from '../../src/stack';
import { small } from '../profiles';
import { formatMac, macFromSerial, parseMac } from './mac-address';
import { Pump } from './pump';
import { Sockets } from './sockets';

/** What `connect` is given besides the SPI bus. */
export interface ConnectOptions extends Partial<MemoryProfile> {
  /** Chip select. */
  cs: EspruinoPin;
  /** The chip's INT pin; without it the chip is asked every few milliseconds. */
  irq?: EspruinoPin | undefined;
  /** The chip's RESET pin, if it is connected. */
  rst?: EspruinoPin | undefined;
  /** "02:00:00:12:34:56"; without it one is made of the board's serial number. */
  mac?: string | undefined;
  ip: string;
  subnet?: string | undefined;
  gateway?: string | undefined;
  dns?: string | undefined;
  /** Both sides of the cable are set to full duplex by hand: the chip does not negotiate. */
  fullDuplex?: boolean | undefined;
}

/** Addresses as text, as `WIZnet` gives and takes them. */
export interface IpInfo {
  ip: string;
  subnet: string;
  gateway: string;
  dns: string;
  mac: string;
}

type Callback<T> = ((error: string | null, value: T) => void) | undefined;

/** Milliseconds between two looks at the chip when its INT pin is not connected, and when it is. */
const POLL_INTERVAL = 5;
const SAFETY_INTERVAL = 1000;
const NO_ADDRESS = '0.0.0.0';

/** The network device that `connect` returns, with the methods of Espruino's `Ethernet`. */
export class Ethernet {
  private dns: string;
  private readonly duplex: number;

  constructor(
    private readonly stack: Stack,
    private readonly driver: Enc28j60,
    private readonly sockets: Sockets,
    private readonly pump: Pump,
    options: ConnectOptions,
  ) {
    this.dns = options.dns === undefined ? NO_ADDRESS : checkedAddress(options.dns);
    this.duplex = options.fullDuplex === true ? 1 : 0;
  }

  /** Open connections that Espruino's `net` and `http` have been given. */
  get connections(): number {
    return this.sockets.open;
  }

  /** Returns the addresses, and gives them to `callback(null, info)` if there is one. */
  getIP(callback?: Callback<IpInfo>): IpInfo {
    const ip = this.stack.ip;
    return answer(callback, {
      ip: formatAddress(ip.address),
      subnet: formatAddress(ip.netmask),
      gateway: formatAddress(ip.gateway),
      dns: ip.gateway === 0 ? NO_ADDRESS : this.dns,
      mac: formatMac(this.driver.address),
    });
  }

  /**
   * Takes the addresses that are given and leaves the others; `callback(null)` follows, or `callback(message)`. Another
   * `ip` ends all connections, for their peers know the board by the one before.
   * @returns true on success
   */
  setIP(options?: Partial<IpInfo>, callback?: (error: string | null) => void): boolean {
    const error = this.trySetIP(options);
    if (callback) setTimeout(() => callback(error), 0);
    return error === null;
  }

  private trySetIP(options: Partial<IpInfo> | undefined): string | null {
    'cold';
    if (!options || typeof options !== 'object') return 'DHCP is not supported yet: give {ip, subnet, gateway}';
    if (options.mac !== undefined && options.mac !== formatMac(this.driver.address)) {
      return 'mac: it is chosen by connect()';
    }
    const ip = this.stack.ip;
    try {
      const address = options.ip === undefined ? ip.address : parseAddress(options.ip);
      const netmask = options.subnet === undefined ? ip.netmask : parseAddress(options.subnet);
      const gateway = options.gateway === undefined ? ip.gateway : parseAddress(options.gateway);
      const dns = options.dns === undefined ? this.dns : checkedAddress(options.dns);
      if (address !== ip.address) this.sockets.abortAll();
      this.stack.setAddress(address, netmask, gateway, now());
      this.dns = dns;
    } catch (error) {
      return (error as Error).message;
    }
    this.pump.run();
    return null;
  }

  /** Returns the state of the link, and gives it to `callback(null, status)` if there is one. */
  getStatus(callback?: Callback<object>): object {
    return answer(callback, {
      state: 'online',
      id: 'ENC28J60',
      phylink: this.driver.linkUp() ? 'up' : 'down',
      phypowmode: 'normal',
      speed: 10,
      duplex: this.duplex,
    });
  }
}

function answer<T>(callback: Callback<T>, value: T): T {
  if (callback) setTimeout(() => callback(null, value), 0);
  return value;
}

/** @throws Error that names the text when it is not an address */
function checkedAddress(text: string): string {
  'cold';
  return formatAddress(parseAddress(text));
}

/** @throws Error that names the option when it is given and not a pin */
function checkedPin(name: string, pin: EspruinoPin | null | undefined): EspruinoPin | undefined {
  'cold';
  if (pin === undefined || pin === null) return undefined;
  if (!pin.write) throw new Error(name + ': ' + pin + ' is not a pin: write it without quotes, as in ' + name + ': A4');
  return pin;
}

const NAMES =
  ' cs irq rst mac ip subnet gateway dns fullDuplex connections listeners receiveBuffer sendBuffer mss timeWait msl ' +
  'neighbours pendingPacket ';

/** @throws Error that names an option that there is not */
function checkNames(options: ConnectOptions): void {
  'cold';
  for (const name in options) {
    if (NAMES.indexOf(' ' + name + ' ') < 0) throw new Error('connect: there is no option "' + name + '"; there are' + NAMES);
  }
}

function merge(options: ConnectOptions, name: keyof MemoryProfile): number {
  'cold';
  const value = options[name];
  return value === undefined ? small[name] : value;
}

/** There is one network device in the firmware, and one stack may drive the chip. */
let connected = false;

/**
 * Starts the chip, and makes the stack Espruino's network device: `require("net")` and `require("http")` work over it
 * from then on.
 * @param bus an SPI bus that was set up with mode 0
 * @throws Error with a sentence when an option is wrong or the chip does not answer as it should
 */
export function connect(bus: EspruinoSpiBus, options: ConnectOptions): Ethernet {
  if (connected) throw new Error('connect: the board is connected already; reset() lets it start anew');
  const cs = options ? checkedPin('cs', options.cs) : undefined;
  if (!bus || !bus.send || cs === undefined) throw new Error('connect(spi, {cs, ip, ...}): an SPI bus and the pin cs are needed');
  checkNames(options);
  const irq = checkedPin('irq', options.irq);
  const rst = checkedPin('rst', options.rst);
  if (!options.ip) throw new Error('connect: give the board an address: {ip: "192.168.1.20", ...}');
  const address = options.mac === undefined ? macFromSerial('' + getSerial()) : parseMac(options.mac);
  const spi = new EspruinoSpi(bus, { cs, irq, rst });
  const driver = new Enc28j60(spi, { address, fullDuplex: options.fullDuplex === true });
  const stack = new Stack(driver, new EspruinoPlatform(), {
    address: parseAddress(options.ip),
    netmask: parseAddress(options.subnet === undefined ? '255.255.255.0' : options.subnet),
    gateway: options.gateway === undefined ? 0 : parseAddress(options.gateway),
    connections: merge(options, 'connections'),
    listeners: merge(options, 'listeners'),
    receiveBuffer: merge(options, 'receiveBuffer'),
    sendBuffer: merge(options, 'sendBuffer'),
    mss: merge(options, 'mss'),
    timeWait: merge(options, 'timeWait'),
    msl: merge(options, 'msl'),
    neighbours: merge(options, 'neighbours'),
    pendingPacket: merge(options, 'pendingPacket'),
  });
  const pump = new Pump(stack, irq === undefined ? POLL_INTERVAL : SAFETY_INTERVAL);
  const sockets = new Sockets(stack, pump);
  const ethernet = new Ethernet(stack, driver, sockets, pump, options);
  driver.open();
  if (irq !== undefined) watchFalling(irq, () => pump.run());
  require('NetworkJS').create(sockets);
  connected = true;
  pump.run();
  return ethernet;
}
