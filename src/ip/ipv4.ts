import type { Platform } from '../../hal/hal';
import type { AddressResolution } from '../link/arp';
import { broadcastAddress, Ethernet, EtherType } from '../link/ethernet';
import type { Link } from '../link/ethernet';
import { get16, get32, put16, put32 } from '../wire/bytes';
import { BROADCAST } from './address';
import type { Reassembly } from './reassembly';
import type { NextHops } from './routes';

/** Offsets in an Ethernet frame that carries IPv4 (RFC 791 section 3.1), from the start of the frame. */
export const enum Ip {
  versionAndLength = 14, // 4 bits version, 4 bits header length in 32-bit words
  service = 15, // 1 octet
  totalLength = 16, // 2 octets, header and data
  identification = 18, // 2 octets
  fragment = 20, // 3 bits flags, 13 bits offset
  timeToLive = 22, // 1 octet
  protocol = 23, // 1 octet
  checksum = 24, // 2 octets
  source = 26, // 4 octets
  destination = 30, // 4 octets
  payload = 34, // when the header has no options: ours never has
}

/** Length of an IPv4 header without options. */
export const IP_HEADER = 20;

export const enum Protocol {
  icmp = 1,
  igmp = 2,
  tcp = 6,
  udp = 17,
}

/** What became of a datagram that was to be sent. */
export const enum Sent {
  /** On its way, or waiting for its neighbour's address. */
  yes = 0,
  /** The transmitter is busy: ask again. */
  busy = 1,
  /** No route: another network, and no gateway. */
  unreachable = 2,
}

/** IPv4's counters, named after RFC 4293 where it has the count: plain counts that wrap at 2^32. */
export class Ipv4Counters {
  inReceives = 0;
  /** Version, header length, total length or checksum wrong. */
  inHdrErrors = 0;
  /** Not for us. */
  inAddrErrors = 0;
  /** A source that no host can have. */
  inSourceErrors = 0;
  /** Options whose lengths make no sense, or a source route that does not end here. */
  inOptionErrors = 0;
  /** Fragments; dropped unless there is a buffer for them. */
  inFragments = 0;
  inUnknownProtos = 0;
  inDelivers = 0;
  outRequests = 0;
  outNoRoutes = 0;
}

/** Type of service 0, and RFC 1700's default time to live of 64: what `send` is given when nobody wants otherwise. */
export const DEFAULT_SERVICE = 0x0040;

export const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS_AND_OFFSET = 0x3fff;

/** The multicast groups that a host is in. */
export interface Groups {
  hasJoined(group: number): boolean;
}

/** Writes the Ethernet address of a multicast group (RFC 1112 section 6.4) as a frame's destination. */
export function groupAddress(bytes: Uint8Array, group: number): void {
  'cold';
  put16(bytes, 0, 0x0100);
  put32(bytes, 2, 0x5e000000 | (group & 0x7fffff));
}

/** IPv4 (RFC 791, RFC 1122 section 3): checks what arrives, routes and frames what leaves. */
export class Ipv4 {
  readonly counters = new Ipv4Counters();

  /** Of the datagram that `receive` accepted last: what it was put together in, or null; where its payload starts, and how long it is. */
  whole: Uint8Array | null = null;
  payload = 0;
  payloadLength = 0;
  /** True when it was sent to one of the broadcast addresses or to a group. */
  toMany = false;
  /** Who puts fragments together; null: nobody. */
  fragments: Reassembly | null = null;
  /** The groups that we are in; null: none. */
  groups: Groups | null = null;
  /** Who knows gateways beside the default one; null: nobody. */
  routes: NextHops | null = null;

  private broadcast = BROADCAST;

  private identification = 0;
  /** Octets of options in the header of the datagram that is being sent. */
  private optionsOut = 0;

  /**
   * All addresses are signed 32-bit integers; a `gateway` of 0 means that there is none.
   * @param mtu octets of the largest datagram that TCP sends
   */
  constructor(
    private readonly link: Link,
    readonly arp: AddressResolution,
    private readonly platform: Platform,
    public address: number,
    public netmask: number,
    public gateway: number,
    readonly mtu: number,
  ) {
    this.setAddresses(address, netmask, gateway);
    this.identification = platform.random() & 0xffff;
  }

  /**
   * Checks a received datagram.
   * @param length octets of the frame, the Ethernet padding included
   * @returns its protocol, or -1 when it was dropped and counted, or is a fragment that does not complete a datagram
   */
  receive(frame: Uint8Array, length: number): number {
    const counters = this.counters;
    const destination = get32(frame, Ip.destination);
    const source = get32(frame, Ip.source);
    let protocol = -1;
    counters.inReceives++;
    const header = (frame[Ip.versionAndLength] & 15) << 2;
    const total = get16(frame, Ip.totalLength);
    if (
      length < Ip.payload ||
      frame[Ip.versionAndLength] >> 4 !== 4 ||
      header < IP_HEADER ||
      total < header ||
      total > length - Ethernet.header ||
      this.platform.checksum(frame, Ip.versionAndLength, header) !== 0xffff
    ) {
      counters.inHdrErrors++;
    } else if (!this.isForUs(destination)) {
      counters.inAddrErrors++;
    } else if (!this.isHost(source)) {
      counters.inSourceErrors++;
    } else {
      this.whole = null;
      this.payload = Ethernet.header + header;
      this.payloadLength = total - header;
      if ((get16(frame, Ip.fragment) & MORE_FRAGMENTS_AND_OFFSET) === 0) {
        protocol = frame[Ip.protocol];
      } else {
        counters.inFragments++;
        if (this.fragments !== null) protocol = this.fragments.fragmentArrived(frame);
      }
    }
    return protocol;
  }

  /**
   * Completes and sends the datagram whose payload stands in the link's transmit frame from `Ip.payload`.
   * @param payloadLength octets
   * @param service type of service << 8 | time to live
   */
  send(destination: number, protocol: Protocol, payloadLength: number, now: number, service: number): Sent {
    'cold';
    const group = ((destination >> 28) & 15) === 14;
    const many = group || destination === BROADCAST || destination === this.broadcast;
    const near = many || ((destination ^ this.address) & this.netmask) === 0;
    if (!near && this.gateway === 0) {
      this.counters.outNoRoutes++;
      return Sent.unreachable;
    }
    if (!this.link.ready()) return Sent.busy;
    const frame = this.link.frame;
    const header = IP_HEADER + this.optionsOut;
    const total = header + payloadLength;
    put16(frame, Ip.versionAndLength, 0x4000 | (header << 6) | (service >> 8));
    put16(frame, Ip.totalLength, total);
    this.identification = (this.identification + 1) & 0xffff;
    put16(frame, Ip.identification, this.identification);
    put16(frame, Ip.fragment, DONT_FRAGMENT);
    put16(frame, Ip.timeToLive, (service << 8) | protocol);
    put16(frame, Ip.checksum, 0);
    put32(frame, Ip.source, this.address);
    put32(frame, Ip.destination, destination);
    put16(frame, Ip.checksum, ~this.platform.checksum(frame, Ip.versionAndLength, header));
    this.counters.outRequests++;
    if (many) {
      if (group) groupAddress(frame, destination);
      else broadcastAddress(frame, Ethernet.destination);
      put16(frame, Ethernet.type, EtherType.ipv4);
      this.link.transmit(frame, Ethernet.header + total);
      return Sent.yes;
    }
    const sent = this.arp.send(frame, Ethernet.header + total, near ? destination : this.gatewayTo(destination), now);
    return sent ? Sent.yes : Sent.busy;
  }

  /**
   * Sends as `send` does, with options in the header: the payload moves up to make room for them.
   * @param options what goes into the header, filled up to a multiple of four octets with zeros (RFC 791 section 3.1)
   * @param optionsLength its octets, a multiple of four up to 40; the frame has room for so many beyond the payload
   */
  sendWithOptions(
    options: Uint8Array,
    optionsLength: number,
    destination: number,
    protocol: Protocol,
    payloadLength: number,
    now: number,
    service: number,
  ): Sent {
    'cold';
    if (!this.link.ready()) return Sent.busy;
    const frame = this.link.frame;
    for (let at = Ip.payload + payloadLength - 1; at >= Ip.payload; at--) frame[at + optionsLength] = frame[at];
    for (let at = 0; at < optionsLength; at++) frame[Ip.payload + at] = options[at];
    this.optionsOut = optionsLength;
    const sent = this.send(destination, protocol, payloadLength, now, service);
    this.optionsOut = 0;
    return sent;
  }

  /** The neighbour on the way to one host: itself, a gateway, or 0 when there is none. */
  neighbour(destination: number): number {
    'cold';
    return ((destination ^ this.address) & this.netmask) === 0 ? destination : this.gatewayTo(destination);
  }

  /** Doubts that packets to `destination` arrive: the next one has the neighbour on the way asked for its address again. */
  doubt(destination: number): void {
    'cold';
    this.arp.suspect(this.neighbour(destination));
  }

  private gatewayTo(destination: number): number {
    'cold';
    return this.routes === null ? this.gateway : this.routes.nextHop(destination);
  }

  /** Makes the header of a received datagram, changed in place, that of the answer to it. */
  turnAround(frame: Uint8Array): void {
    const asker = get32(frame, Ip.source);
    put32(frame, Ip.source, this.address);
    put32(frame, Ip.destination, asker);
    frame[Ip.timeToLive] = DEFAULT_SERVICE;
    put16(frame, Ip.checksum, 0);
    put16(frame, Ip.checksum, ~this.platform.checksum(frame, Ip.versionAndLength, this.payload - Ethernet.header));
    this.counters.outRequests++;
  }

  private isForUs(destination: number): boolean {
    return (
      !(this.toMany = destination !== this.address) ||
      destination === BROADCAST ||
      destination === this.broadcast ||
      (this.groups !== null && this.groups.hasJoined(destination))
    );
  }

  /** RFC 1122 section 3.2.1.3: a source is one host's address, on the wire never our own, loopback or on network zero. */
  isHost(source: number): boolean {
    'cold';
    const first = source >>> 24;
    return source !== this.address && source !== this.broadcast && first !== 0 && first !== 127 && first < 224;
  }

  /** Takes other addresses. */
  setAddresses(address: number, netmask: number, gateway: number): void {
    'cold';
    this.address = address;
    this.netmask = netmask;
    this.gateway = gateway;
    // A network of one or two addresses (/32, /31) has no broadcast address of its own (RFC 3021).
    this.broadcast = (netmask | 1) === -1 ? BROADCAST : address | ~netmask;
  }
}
