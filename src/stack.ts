import type { EthernetMac, Platform } from '../hal/hal';
import { IcmpHost, IcmpType, Unreachable } from './ip/icmp';
import { acceptsOptions } from './ip/ip-options';
import { Ip, IP_HEADER, Ipv4, Protocol } from './ip/ipv4';
import { Alarm, Change } from './link/alarm';
import type { Service } from './link/alarm';
import { Reassembly } from './ip/reassembly';
import { RouteCache } from './ip/routes';
import { AddressResolution } from './link/arp';
import { Ethernet, EtherType, Link, NOBODY } from './link/ethernet';
import { FrameBuffer } from './link/frame';
import { REDIRECTS } from './features';
import { checkAddresses, checkOptions } from './options';
import type { StackOptions } from './options';
import { listenCall, openCall } from './tcp/calls';
import type { ConnectOptions, ListenOptions } from './tcp/calls';
import type { Connection, ConnectionHandler } from './tcp/connection';
import { addressChanges } from './tcp/lifecycle';
import type { Listener } from './tcp/listener';
import { Tcp } from './tcp/segment';
import { sendStraight } from './tcp/straight';
import { TcpHost } from './tcp/tcp';
import { get16 } from './wire/bytes';
import { advance, before, distance } from './wire/sequence';

/** The options of an OPEN that leaves everything open. */
const ANY = {};

/** Destinations whose gateway is remembered. */
const ROUTES = 8;
/** Frames taken in by one poll, so that a flood cannot keep the caller away from its own work. */
const FRAMES_PER_POLL = 8;
/** Instead of their number: all have been taken in. */
const NO_MORE = FRAMES_PER_POLL + 1;
/** Milliseconds between two looks at the link, and so the longest that `poll` lets its caller wait. */
const LINK_INTERVAL = 1000;
/** The smallest datagram that every host has to take, RFC 791 section 3.2. */
const SMALLEST_MTU = 576;

/** Room behind a received frame: a MAC that may put the check sequence there reads both in one go. */
const TRAILER = 4;

/** A protocol over IPv4 that the stack speaks when it is there. */
export interface DatagramReceiver {
  /** Takes in the datagram that `Ipv4` accepted: `ip.payloadLength` octets of `frame` from `ip.payload`. */
  receive(frame: Uint8Array): void;
}

/**
 * The stack over one MAC: Ethernet, ARP, IPv4, ICMP, TCP. Everything it needs is allocated here. What else there is,
 * `UdpHost` and the services over it, joins when it is made.
 */
export class Stack {
  readonly arp: AddressResolution;
  readonly ip: Ipv4;
  readonly icmp: IcmpHost;
  readonly tcp: TcpHost;
  readonly link: Link;
  readonly alarm = new Alarm();
  /** What takes its turn in `poll` beside TCP; each joins when it is made. */
  readonly services: Service[] = [];
  udp: DatagramReceiver | null = null;
  igmp: DatagramReceiver | null = null;
  /** Frames of a type that nothing here speaks. */
  unknownTypes = 0;

  private readonly received: FrameBuffer;
  private started = false;
  /** At the last look. */
  linkWasUp = false;
  private linkChecked = 0;

  /**
   * @param mac opened before the first `poll`
   * @throws Error that names the option that is wrong and what would be right
   */
  constructor(
    private readonly mac: EthernetMac,
    readonly platform: Platform,
    options: StackOptions,
  ) {
    checkOptions(options);
    const mtu = IP_HEADER + Tcp.header + options.mss;
    const frameSize = Ethernet.header + (mtu < SMALLEST_MTU ? SMALLEST_MTU : mtu);
    this.received = new FrameBuffer(frameSize + TRAILER, mac.bringsFrames === true);
    this.link = new Link(mac, frameSize);
    this.arp = new AddressResolution(
      this.link, platform, this.alarm, options.address, options.neighbours, options.pendingPacket,
    );
    this.ip = new Ipv4(this.link, this.arp, platform, options.address, options.netmask, options.gateway, mtu);
    this.icmp = new IcmpHost(this.link, this.ip, platform, this.alarm);
    if (options.reassembly > 0) new Reassembly(this, options.reassembly);
    this.tcp = new TcpHost(this.link, this.ip, platform, this.alarm, options);
    this.icmp.tcp = this.tcp;
    if (REDIRECTS && options.redirects) new RouteCache(this, ROUTES, 0);
  }

  /**
   * Takes in what arrived, runs what is due, sends what may go, and tells the application through its handlers.
   * To be called when a frame may have arrived, when the time it returned is over, and after the application has
   * written, closed or connected.
   * @param now milliseconds: a 32-bit integer that may wrap
   * @returns milliseconds after which it wants to be called again: 0 when there is more to do at once
   */
  poll(now: number): number {
    const late = distance(this.run(now), now);
    return late < 0 ? -late : 0;
  }

  /**
   * `poll` for who keeps a timer.
   * @returns the time at which it wants to be called again, which may be over: `now` when there is more to do at once, a
   *   millisecond later when that waits for the transmitter
   */
  run(now: number): number {
    this.alarm.now = now;
    let frames = 0;
    while (frames < FRAMES_PER_POLL && (this.link.held === null || this.link.flush()) && this.mac.mayReceive()) {
      const length = this.mac.receive(this.received);
      if (length > 0 && !this.tcp.prediction.takes(this.tcp, this.received, length)) this.take(length, now);
      frames = length > 0 ? frames + 1 : NO_MORE;
    }
    if (!before(now, this.alarm.at)) this.tick(now);
    if (this.tcp.waiting >= 0 || this.tcp.serving !== null) this.tcp.service();
    return this.link.held !== null || this.tcp.waiting >= 0 ? advance(now, 1) : frames !== FRAMES_PER_POLL ? this.alarm.at : now;
  }

  /**
   * What `run` does after a call of the application's, and nothing else: sends what may go.
   * @returns as `turn` does
   */
  serve(now: number): number {
    'cold';
    this.alarm.now = now;
    if (this.tcp.waiting >= 0 || this.tcp.serving !== null) this.tcp.service();
    return this.turn(now);
  }

  /**
   * `Connection.write` outside of a handler, to a connection that may be written to: what may go is sent before it returns.
   * @param bytes whatever the platform copies from
   * @returns how many octets were taken; `turn` then tells when `run` is to be called
   */
  send(c: Connection, bytes: Uint8Array, length: number, now: number): number {
    'inline';
    this.alarm.now = now;
    const taken = c.queue(bytes, 0, length);
    if (taken > 0) {
      const sent = sendStraight(this.tcp, c, taken);
      if (!sent) this.tcp.schedule(c);
    }
    if (this.tcp.waiting >= 0 || this.tcp.serving !== null) this.tcp.service();
    return taken;
  }

  /** What `run` would return if nothing had happened since it did; `now` when that time is over. */
  turn(now: number): number {
    'inline';
    return this.link.held !== null || this.tcp.waiting >= 0 ? advance(now, 1) : before(now, this.alarm.at) ? this.alarm.at : now;
  }

  /**
   * Accepts connections to `port`, 1 to 65535. `handler.opened` is called for each.
   * @throws Error when the port is taken, out of range, or all listeners are in use
   */
  listen(port: number, handler: ConnectionHandler, options?: ListenOptions): Listener {
    'cold';
    return listenCall(this.tcp, port, handler, options || ANY);
  }

  /**
   * Opens a connection to `port` of `address` (a signed 32-bit integer); `handler.opened` or `handler.closed` follows.
   * @returns null when no slot is free
   * @throws Error when the port is out of range, or the address is not that of one host
   */
  connect(address: number, port: number, handler: ConnectionHandler, options?: ConnectOptions): Connection | null {
    'cold';
    return openCall(this.tcp, address, port, handler, options || ANY);
  }

  /**
   * Takes other addresses, as in `StackOptions`. Connections of the old address are over: `closed(unreachable)`.
   * @throws Error that names the address that is not one
   */
  setAddress(address: number, netmask: number, gateway: number, now: number): void {
    'cold';
    checkAddresses(address, netmask, gateway);
    if (address !== this.ip.address) addressChanges(this.tcp);
    this.ip.setAddresses(address, netmask, gateway);
    this.link.owner = NOBODY;
    this.arp.setAddress(address, now);
    this.tellServices(Change.address, now);
  }

  private start(now: number): void {
    'cold';
    this.started = true;
    this.alarm.at = now;
    this.linkWasUp = this.mac.linkUp();
    this.linkChecked = now;
    this.arp.announce(this.ip.address, now);
    this.tellServices(this.linkWasUp ? Change.plugged : Change.unplugged, now);
  }

  /** The MAC looks after itself when it is asked; a cable that was plugged in is told who we are. */
  private checkLink(now: number): void {
    'cold';
    const up = this.mac.linkUp();
    this.linkChecked = now;
    // What is in use for long goes the long way now and then, where neighbours are confirmed.
    this.link.owner = NOBODY;
    if (up === this.linkWasUp) return;
    this.linkWasUp = up;
    if (up) this.arp.announce(this.ip.address, now);
    this.tellServices(up ? Change.plugged : Change.unplugged, now);
  }

  private tellServices(what: Change, now: number): void {
    'cold';
    for (let at = 0; at < this.services.length; at++) this.services[at].changed(what, now);
  }

  /** The turn of everything that waits for the alarm; who wants another one says so. */
  private tick(now: number): void {
    'cold';
    if (!this.started) this.start(now);
    if (distance(this.linkChecked, now) >= LINK_INTERVAL) this.checkLink(now);
    this.alarm.at = advance(this.linkChecked, LINK_INTERVAL);
    this.arp.tick(now);
    for (let at = 0; at < this.services.length; at++) this.services[at].tick(now);
    this.tcp.timers.run(now, this.tcp);
  }

  /** What is not the segment that was expected: that one is taken in by its checksum, whatever else comes has to be sound. */
  private take(length: number, now: number): void {
    'cold';
    const sound = this.mac.sound(this.received);
    if (!sound) return;
    const frame = this.received.octets;
    const type = get16(frame, Ethernet.type);
    if (type === EtherType.ipv4) {
      const protocol = this.ip.receive(frame, length);
      if (protocol >= 0 && (this.ip.payload === Ip.payload || acceptsOptions(this, frame))) this.deliver(this.ip.whole || frame, protocol);
      if (this.tcp.prediction.wanted) this.tcp.prediction.expect(this.tcp, this.received);
    } else if (type === EtherType.arp) {
      this.arp.receive(frame, length, now);
    } else {
      this.unknownTypes++;
    }
  }

  /** Hands the datagram in `frame` to its protocol; `ip` has what there is to know about it. */
  private deliver(frame: Uint8Array, protocol: number): void {
    this.ip.counters.inDelivers++;
    if (protocol === Protocol.tcp) this.tcp.arrive(frame);
    else if (protocol === Protocol.icmp) this.icmp.arrive(frame);
    else if (protocol === Protocol.udp && this.udp !== null) this.udp.receive(frame);
    else if (protocol === Protocol.igmp && this.igmp !== null) this.igmp.receive(frame);
    else this.refuseProtocol(frame);
  }

  private refuseProtocol(frame: Uint8Array): void {
    'cold';
    this.ip.counters.inDelivers--;
    this.ip.counters.inUnknownProtos++;
    this.icmp.sendReport(frame, IcmpType.unreachable, Unreachable.protocol);
  }
}
