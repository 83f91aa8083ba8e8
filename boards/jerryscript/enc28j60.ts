import { Enc28j60 } from '../../hal/enc28j60/driver';
import { JerryPlatform, JerrySpi, bytesToString, stringToBytes } from '../../hal/jerryscript';
import type { JerryPin, JerrySpiBus } from '../../hal/jerryscript';
import { formatAddress, parseAddress } from '../../src/ip/address';
import type { MemoryProfile } from '../../src/options';
import { SNTP } from '../../src/features';
import { Stack } from '../../src/stack';
import { SntpClient } from '../../src/udp/sntp';
import { UdpHost } from '../../src/udp/udp';
import { formatMac, parseMac } from '../espruino/mac-address';
import { openSockets, useNet } from '../net';
import { small } from '../profiles';
import { Pump } from './pump';

/** What `connect` is given besides the SPI bus. */
export interface JerryConnectOptions extends Partial<MemoryProfile> {
  /** Chip select, when the bus does not do it. */
  cs?: JerryPin | undefined;
  /** The chip's INT pin: then a look at it is enough to know that no frame waits. */
  irq?: JerryPin | undefined;
  /** The chip's RESET pin, if it is connected. */
  rst?: JerryPin | undefined;
  /** "02:00:00:12:34:56"; without it one is made by chance at each start. */
  mac?: string | undefined;
  ip: string;
  subnet?: string | undefined;
  gateway?: string | undefined;
  /** Both sides of the cable are set to full duplex by hand: the chip does not negotiate. */
  fullDuplex?: boolean | undefined;
  /** 32 bits that nobody can foresee, of the port's own: JerryScript has no entropy worth the name. */
  entropy?: (() => number) | undefined;
}

/** Addresses as text. */
export interface JerryIpInfo {
  ip: string;
  subnet: string;
  gateway: string;
  mac: string;
}

/** Milliseconds between two looks for frames. Ports without interrupts have no other way. */
const POLL_INTERVAL = 5;

/** Milliseconds from NTP's beginning, the year 1900 or 2036, read as a signed number of seconds, to that of `Date`. */
const SINCE_1970 = 2085978496000;

/** What `connect` returns. */
export class JerryEthernet {
  private client: SntpClient | null = null;
  private told: (milliseconds: number) => void = () => undefined;

  constructor(
    readonly stack: Stack,
    private readonly driver: Enc28j60,
    private readonly pump: Pump,
  ) {}

  /**
   * Asks an NTP server, by its address, for the time: now, and then every 17 minutes. There is no clock to be set here:
   * `told` gets milliseconds since 1970, as `Date` counts them, or NaN when the server refuses.
   */
  askTime(server: string, told: (milliseconds: number) => void): void {
    if (!SNTP) throw new Error('askTime: this file was built without SNTP');
    const address = parseAddress(server);
    this.told = told;
    if (this.client === null) {
      this.client = new SntpClient(new UdpHost(this.stack, 1), null, {
        timeFound: (seconds, milliseconds) => this.told(SINCE_1970 + seconds * 1000 + milliseconds),
        timeRefused: () => this.told(NaN),
      });
    }
    this.client.startSntp('', address);
    this.pump.run();
  }

  /** Open sockets of `net` and `http`. */
  get connections(): number {
    return openSockets();
  }

  getIP(): JerryIpInfo {
    const ip = this.stack.ip;
    return {
      ip: formatAddress(ip.address),
      subnet: formatAddress(ip.netmask),
      gateway: formatAddress(ip.gateway),
      mac: formatMac(this.driver.address),
    };
  }
}

/**
 * The sizes that are asked for; what is not said is as in the smallest profile.
 * @throws Error that names an option that there is not
 */
function sizesOf(options: JerryConnectOptions): any {
  const given: any = options;
  const smallest: any = small();
  const sizes: any = {};
  let names = ' cs irq rst mac ip subnet gateway fullDuplex entropy ';
  for (const name in smallest) {
    sizes[name] = given[name] === undefined ? smallest[name] : given[name];
    names += name + ' ';
  }
  for (const name in options) {
    if (names.indexOf(' ' + name + ' ') < 0) throw new Error('connect: there is no option "' + name + '"; there are' + names);
  }
  return sizes;
}

/** A locally administered address (second bit of the first octet) that no other board is likely to have. */
function chanceMac(platform: JerryPlatform): Uint8Array {
  const octets = new Uint8Array(6);
  for (let at = 1; at < 6; at++) octets[at] = platform.random() >>> 24;
  octets[0] = 2;
  return octets;
}

/** JerryScript takes the memory of an array when it is first written to: better now than in the middle of a transfer. */
function takeMemory(stack: Stack): void {
  const connections = stack.tcp.connections;
  for (let slot = 0; slot < connections.length; slot++) {
    connections[slot].sendRing[0] = 0;
    connections[slot].receiveRing[0] = 0;
  }
}

/**
 * Starts the chip and the stack over it; `net` and `http` work from then on.
 * @param bus an SPI bus that was opened with mode 0
 * @throws Error with a sentence when an option is wrong or the chip does not answer as it should
 */
export function connect(bus: JerrySpiBus, options: JerryConnectOptions): JerryEthernet {
  if (!bus || !bus.transferSync) throw new Error('connect(bus, {ip, ...}): an SPI bus with transferSync is needed');
  const settings = sizesOf(options);
  if (!options.ip) throw new Error('connect: give the board an address: {ip: "192.168.1.20", ...}');
  const platform = new JerryPlatform(options.entropy);
  const address = options.mac === undefined ? chanceMac(platform) : parseMac(options.mac);
  const spi = new JerrySpi(bus, { cs: options.cs, irq: options.irq, rst: options.rst });
  const driver = new Enc28j60(spi, { address, fullDuplex: options.fullDuplex === true });
  settings.address = parseAddress(options.ip);
  settings.netmask = parseAddress(options.subnet === undefined ? '255.255.255.0' : options.subnet);
  settings.gateway = options.gateway === undefined ? 0 : parseAddress(options.gateway);
  const stack = new Stack(driver, platform, settings);
  takeMemory(stack);
  const pump = new Pump(stack, POLL_INTERVAL);
  if (options.irq) options.irq.onChange = () => pump.run();
  driver.open();
  useNet({ stack, wake: () => pump.run(), text: bytesToString, octets: stringToBytes });
  pump.run();
  return new JerryEthernet(stack, driver, pump);
}
