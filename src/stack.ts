import type { EthernetMac, Platform } from '../hal/hal';
import { IcmpHost } from './ip/icmp';
import { IP_HEADER, Ipv4, Protocol } from './ip/ipv4';
import { AddressResolution } from './link/arp';
import { Ethernet, EtherType, Link } from './link/ethernet';
import { checkAddresses, checkOptions } from './options';
import type { StackOptions } from './options';
import { listenCall, openCall } from './tcp/calls';
import type { Connection, ConnectionHandler } from './tcp/connection';
import type { Listener } from './tcp/listener';
import { Tcp } from './tcp/segment';
import { TcpHost } from './tcp/tcp';
import { get16 } from './wire/bytes';
import { before, distance } from './wire/sequence';

/** Frames taken in by one poll, so that a flood cannot keep the caller away from its own work. */
const FRAMES_PER_POLL = 8;
/** The longest that `poll` lets its caller wait, milliseconds. */
const LONGEST_WAIT = 1000;
/** Milliseconds between two looks at the link. */
const LINK_INTERVAL = 1000;
/** The smallest datagram that every host has to take, RFC 791 section 3.2. */
const SMALLEST_MTU = 576;

/** Room behind a received frame: a MAC that may put the check sequence there reads both in one go. */
const TRAILER = 4;

/** The whole stack over one MAC: Ethernet, ARP, IPv4, ICMP, TCP. Everything it needs is allocated here. */
export class Stack {
  readonly arp: AddressResolution;
  readonly ip: Ipv4;
  readonly icmp: IcmpHost;
  readonly tcp: TcpHost;
  /** Frames of a type that nothing here speaks. */
  unknownTypes = 0;

  private readonly link: Link;
  private readonly frame: Uint8Array;
  private started = false;
  private linkWasUp = false;
  private linkChecked = 0;

  /**
   * @param mac opened before the first `poll`
   * @throws Error that names the option that is wrong and what would be right
   */
  constructor(
    private readonly mac: EthernetMac,
    platform: Platform,
    options: StackOptions,
  ) {
    checkOptions(options);
    const mtu = IP_HEADER + Tcp.header + options.mss;
    const frameSize = Ethernet.header + (mtu < SMALLEST_MTU ? SMALLEST_MTU : mtu);
    this.frame = new Uint8Array(frameSize + TRAILER);
    this.link = new Link(mac, frameSize);
    this.arp = new AddressResolution(this.link, platform, options.address, options.neighbours, options.pendingPacket);
    this.ip = new Ipv4(this.link, this.arp, platform, options.address, options.netmask, options.gateway);
    this.icmp = new IcmpHost(this.link, this.ip, platform);
    this.tcp = new TcpHost(this.link, this.ip, platform, options);
  }

  /**
   * Takes in what arrived, runs what is due, sends what may go, and tells the application through its handlers.
   * To be called when a frame may have arrived, when the time it returned is over, and after the application has
   * written, closed or connected.
   * @param now milliseconds: a 32-bit integer that may wrap
   * @returns milliseconds after which it wants to be called again: 0 when there is more to do at once
   */
  poll(now: number): number {
    this.tcp.now = now;
    if (!this.started || distance(this.linkChecked, now) >= LINK_INTERVAL) this.checkLink(now);
    let frames = 0;
    while (this.link.flush() && frames < FRAMES_PER_POLL) {
      const length = this.mac.receive(this.frame);
      if (length === 0) break;
      frames++;
      this.take(length, now);
      if (this.tcp.busy) this.tcp.service();
    }
    if (this.arp.busy && !before(now, this.arp.due)) this.arp.tick(now);
    this.tcp.tick(now);
    if (this.tcp.busy) this.tcp.service();
    if (!this.link.ready() || this.tcp.busy) return 1;
    return frames === FRAMES_PER_POLL ? 0 : this.untilDue(now);
  }

  /**
   * Accepts connections to `port`, 1 to 65535. `handler.opened` is called for each.
   * @throws Error when the port is taken, out of range, or all listeners are in use
   */
  listen(port: number, handler: ConnectionHandler): Listener {
    return listenCall(this.tcp, port, handler);
  }

  /**
   * Opens a connection to `port` of `address` (a signed 32-bit integer); `handler.opened` or `handler.closed` follows.
   * @returns null when no slot is free
   * @throws Error when the port is out of range, or the address is not that of one host
   */
  connect(address: number, port: number, handler: ConnectionHandler): Connection | null {
    return openCall(this.tcp, address, port, handler);
  }

  /**
   * Takes other addresses, as in `StackOptions`. Connections of the old address are not told; they time out.
   * @throws Error that names the address that is not one
   */
  setAddress(address: number, netmask: number, gateway: number, now: number): void {
    checkAddresses(address, netmask, gateway);
    this.ip.address = address;
    this.ip.netmask = netmask;
    this.ip.gateway = gateway;
    this.arp.setAddress(address, now);
  }

  /** The MAC looks after itself when it is asked; a cable that was plugged in is told who we are. */
  private checkLink(now: number): void {
    'cold';
    const up = this.mac.linkUp();
    if (!this.started || (up && !this.linkWasUp)) this.arp.announce(now);
    this.started = true;
    this.linkWasUp = up;
    this.linkChecked = now;
  }

  private take(length: number, now: number): void {
    const type = get16(this.frame, Ethernet.type);
    if (type === EtherType.ipv4) this.takeDatagram(length);
    else if (type === EtherType.arp) this.arp.receive(this.frame, length, now);
    else this.unknownTypes++;
  }

  private takeDatagram(length: number): void {
    const protocol = this.ip.receive(this.frame, length);
    if (protocol < 0) return;
    if (protocol === Protocol.tcp) {
      this.ip.counters.inDelivers++;
      this.tcp.receive(this.frame);
    } else if (protocol === Protocol.icmp) {
      this.ip.counters.inDelivers++;
      this.icmp.receive(this.frame);
    } else {
      this.ip.counters.inUnknownProtos++;
    }
  }

  private untilDue(now: number): number {
    let wait = LONGEST_WAIT;
    if (this.arp.busy) {
      const arp = distance(now, this.arp.due);
      if (arp < wait) wait = arp > 0 ? arp : 0;
    }
    return this.tcp.untilDue(now, wait);
  }
}
