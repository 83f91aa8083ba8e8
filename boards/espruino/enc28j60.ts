import { Enc28j60 } from '../../hal/enc28j60/driver';
import { fallAsleep } from '../../hal/enc28j60/power';
import { EspruinoPlatform, EspruinoSpi, frameIntact, now } from '../../hal/espruino';
import type { EspruinoPin, EspruinoSpiBus } from '../../hal/espruino';
import { DATAGRAMS, DHCP, MDNS, SNTP } from '../../src/features';
import { formatAddress, parseAddress } from '../../src/ip/address';
import { AddressClaim, Claim } from '../../src/link/conflict';
import { checkAddresses } from '../../src/options';
import type { MemoryProfile } from '../../src/options';
import { Stack } from '../../src/stack';
import { DhcpState } from '../../src/udp/dhcp-message';
import { MdnsResponder } from '../../src/udp/mdns';
import { checkedName, checkedPin, leftOut, profileOf } from './checks';
import { Clock, setZone } from './clock';
import { attach, detach, Sockets } from './device';
import { Lease } from './lease';
import { formatMac, macFromSerial, parseMac } from './mac-address';
import { igmpOf, resolverOf, resolverUsed, udpOf } from './other-sockets';
import { Pump } from './pump';
import { addDhcp, addDns, addMdns, addSntp, addUdp, statsOf } from './stats';

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
  /** Without it, or as "dhcp", a DHCP server is asked for one. */
  ip?: string | undefined;
  subnet?: string | undefined;
  gateway?: string | undefined;
  dns?: string | undefined;
  /**
   * The board's name, 1 to 59 letters, digits and hyphens: a DHCP server is told it, and with ".local" behind it the
   * board is found by it. Without one a DHCP server is told "espruino".
   */
  hostname?: string | undefined;
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

/** The network device that `connect` returns, with the methods of Espruino's `Ethernet`. */
export class Ethernet {
  private readonly duplex: number;
  private hostname: string;
  private readonly claim: AddressClaim;
  private lease: Lease | null = null;
  private responder: MdnsResponder | null = null;
  private clock: Clock | null = null;

  constructor(
    private readonly stack: Stack,
    private readonly driver: Enc28j60,
    private readonly sockets: Sockets,
    private readonly pump: Pump,
    options: ConnectOptions,
  ) {
    this.claim = new AddressClaim(stack);
    sockets.dns[0] = options.dns === undefined ? 0 : parseAddress(options.dns);
    this.duplex = options.fullDuplex === true ? 1 : 0;
    this.hostname = options.hostname === undefined ? 'espruino' : checkedName(options.hostname);
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
      dns: formatAddress(this.sockets.dns[0]),
      mac: formatMac(this.driver.address),
    });
  }

  /**
   * Takes the addresses that are given and leaves the others; `callback(null)` follows, or `callback(message)`. Another
   * `ip`, and the end of a lease, ends all connections, for their peers know the board by the one before. Without options, or with the ip
   * "dhcp", a DHCP server is asked for them, and `callback` waits for its answer.
   * @returns true on success
   */
  setIP(options?: Partial<IpInfo>, callback?: (error: string | null) => void): boolean {
    if (options === undefined || options === null || options.ip === 'dhcp') {
      this.leaseAddress(callback);
      return true;
    }
    const error = this.trySetIP(options);
    if (callback) setTimeout(() => callback(error), 0);
    return error === null;
  }

  /** Lets others on the network find the board by its name (multicast DNS). */
  answerTo(): MdnsResponder {
    'cold';
    if (!MDNS) throw leftOut('multicast DNS');
    if (this.responder === null) this.responder = new MdnsResponder(udpOf(this.stack), igmpOf(this.stack), this.hostname);
    else this.responder.renameHost(this.hostname);
    this.pump.run();
    return this.responder;
  }

  /** Lets others on the network find a web server of the board at `port`, usually 80, by DNS-SD; 0: there is none. */
  advertise(port: number): void {
    const responder = this.responder === null ? this.answerTo() : this.responder;
    if (MDNS) responder.advertise(port);
    this.pump.run();
  }

  /**
   * Sets Espruino's clock by an NTP server from now on; `callback(null)` follows when that was done for the first time,
   * or `callback(message)` when the server refuses.
   * @param server its address or name; without one it is that which the DHCP server names; false: the clock is left alone
   * @param zone hours from UTC, as `E.setTimeZone` takes them
   */
  setSNTP(server?: string | false, zone?: number, callback?: (error: string | null) => void): void {
    'cold';
    if (!SNTP) throw leftOut('SNTP');
    if (zone !== undefined) setZone(zone);
    if (this.clock === null) this.clock = new Clock(this.stack, DATAGRAMS ? resolverOf(this.stack, this.sockets.dns) : null);
    this.clock.startClock(server, DHCP && this.lease !== null ? this.lease.client : null, callback);
    this.pump.run();
  }

  private leaseAddress(callback?: (error: string | null) => void): void {
    'cold';
    if (!DHCP) throw leftOut('DHCP: it needs an ip');
    if (this.lease === null) this.lease = new Lease(this.stack, this.claim, this.hostname, this.sockets.dns);
    this.sockets.abortAll();
    this.lease.startLease(callback);
    this.pump.run();
  }

  /** Returns the board's name, and gives it to `callback(null, name)` if there is one. */
  getHostname(callback?: Callback<string>): string {
    return answer(callback, this.hostname);
  }

  /**
   * Gives the board another name: it is found by it, with ".local" behind it, where there is multicast DNS, and a DHCP
   * server is told when the board starts anew.
   * @returns true on success; `callback(null)` follows, or `callback(message)`
   */
  setHostname(name: string, callback?: (error: string | null) => void): boolean {
    let error: string | null = null;
    try {
      this.hostname = checkedName(name);
      if (MDNS) this.answerTo();
    } catch (wrong) {
      error = (wrong as Error).message;
    }
    if (callback) setTimeout(() => callback(error), 0);
    return error === null;
  }

  private trySetIP(options: Partial<IpInfo>): string | null {
    'cold';
    if (typeof options !== 'object') return 'setIP: "' + options + '" is not {ip, subnet, gateway, dns}, nor nothing for DHCP';
    if (options.mac !== undefined && options.mac !== formatMac(this.driver.address)) {
      return 'mac: it is chosen by connect()';
    }
    const ip = this.stack.ip;
    try {
      const address = options.ip === undefined ? ip.address : parseAddress(options.ip);
      const netmask = options.subnet === undefined ? ip.netmask : parseAddress(options.subnet);
      const gateway = options.gateway === undefined ? ip.gateway : parseAddress(options.gateway);
      const dns = options.dns === undefined ? 0 : parseAddress(options.dns);
      // For another name server no lease has to end.
      if (options.ip !== undefined || options.subnet !== undefined || options.gateway !== undefined) {
        checkAddresses(address, netmask, gateway);
        const leased = DHCP && this.lease !== null && this.lease.client.state !== DhcpState.stopped;
        if (leased || address !== ip.address) this.sockets.abortAll();
        if (leased) this.lease!.stopLease();
        this.stack.setAddress(address, netmask, gateway, now());
      }
      if (options.dns !== undefined) this.sockets.dns.set([dns, 0]);
    } catch (error) {
      return (error as Error).message;
    }
    this.pump.run();
    return null;
  }

  /**
   * Returns the state of the link, and gives it to `callback(null, status)` if there is one. `conflict`: another host has
   * the address that the board was given; the board has none until the other one is gone.
   */
  getStatus(callback?: Callback<object>): object {
    return answer(callback, {
      state: connected === this ? 'online' : 'disconnect',
      id: 'ENC28J60',
      phylink: this.driver.link ? 'up' : 'down',
      phypowmode: 'normal',
      speed: 10,
      duplex: this.duplex,
      conflict: this.claim.state === Claim.refused,
    });
  }

  /**
   * Counts of frames, packets, segments and errors since the start, of the services that are in use, and the connections
   * that there are.
   */
  stats(): Record<string, object> {
    'cold';
    const stats = statsOf(this.stack, this.driver);
    const resolver = DATAGRAMS ? resolverUsed(this.stack) : null;
    if ((DATAGRAMS || DHCP || MDNS || SNTP) && this.stack.udp !== null) addUdp(stats, udpOf(this.stack));
    if (DATAGRAMS && resolver !== null) addDns(stats, resolver);
    if (DHCP && this.lease !== null) addDhcp(stats, this.lease.client);
    if (MDNS && this.responder !== null) addMdns(stats, this.responder);
    if (SNTP && this.clock !== null) addSntp(stats, this.clock.client);
    return stats;
  }

  /**
   * Ends all connections and lets go of the chip, which sleeps then; `callback(null)` follows. From then on `connect`
   * may be called again.
   */
  disconnect(callback?: (error: null) => void): void {
    if (connected === this) this.letGo();
    if (callback) setTimeout(() => callback(null), 0);
  }

  private letGo(): void {
    'cold';
    this.sockets.abortAll();
    if (DHCP && this.lease !== null) this.lease.stopLease();
    this.pump.takeLeave();
    detach(this.sockets);
    this.pump.stopPump();
    fallAsleep(this.driver);
    connected = null;
  }
}

function answer<T>(callback: Callback<T>, value: T): T {
  'cold';
  if (callback) setTimeout(() => callback(null, value), 0);
  return value;
}

/** There is one network device in the firmware, and one stack may drive the chip. */
let connected: Ethernet | null = null;

/**
 * Starts the chip, and makes the stack Espruino's network device: `require("net")` and `require("http")` work over it
 * from then on.
 * @param bus an SPI bus that was set up with mode 0
 * @throws Error with a sentence when an option is wrong or the chip does not answer as it should
 */
export function connect(bus: EspruinoSpiBus, options: ConnectOptions): Ethernet {
  if (connected !== null) throw new Error('connect: the board is connected already; disconnect() ends that');
  const cs = options ? checkedPin('cs', options.cs) : undefined;
  if (!bus || !bus.send || cs === undefined) throw new Error('connect(spi, {cs, ip, ...}): an SPI bus and the pin cs are needed');
  const dynamic = options.ip === undefined || options.ip === 'dhcp';
  if (dynamic && !DHCP) throw leftOut('DHCP: it needs an ip');
  const profile = profileOf(options);
  const irq = checkedPin('irq', options.irq);
  const rst = checkedPin('rst', options.rst);
  const address = options.mac === undefined ? macFromSerial('' + getSerial()) : parseMac(options.mac);
  const spi = new EspruinoSpi(bus, { cs, irq, rst });
  const driver = new Enc28j60(spi, { address, fullDuplex: options.fullDuplex === true, intact: frameIntact });
  profile.address = dynamic ? 0 : parseAddress(options.ip!);
  profile.netmask = dynamic ? -1 : parseAddress(options.subnet === undefined ? '255.255.255.0' : options.subnet);
  profile.gateway = dynamic || options.gateway === undefined ? 0 : parseAddress(options.gateway);
  const stack = new Stack(driver, new EspruinoPlatform(), profile);
  const pump = new Pump(stack);
  const sockets = new Sockets(stack, pump);
  const ethernet = new Ethernet(stack, driver, sockets, pump, options);
  driver.open();
  attach(sockets);
  pump.startPump(irq);
  connected = ethernet;
  if (MDNS && options.hostname !== undefined) ethernet.answerTo();
  if (dynamic) ethernet.setIP();
  else pump.run();
  return ethernet;
}
