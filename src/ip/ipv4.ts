import type { Platform } from '../../hal/hal';
import type { AddressResolution } from '../link/arp';
import { broadcastAddress, Ethernet, EtherType } from '../link/ethernet';
import type { Link } from '../link/ethernet';
import { get16, get32, put16, put32 } from '../wire/bytes';
import { BROADCAST, isMulticast } from './address';

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
  tcp = 6,
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
  /** Fragments: dropped. */
  inFragments = 0;
  inUnknownProtos = 0;
  inDelivers = 0;
  outRequests = 0;
  outNoRoutes = 0;
}

const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS_AND_OFFSET = 0x3fff;
/** RFC 1122 section 3.2.1.7, RFC 1700: the default time to live. */
const TIME_TO_LIVE = 64;

/** IPv4 (RFC 791, RFC 1122 section 3): checks what arrives, routes and frames what leaves. */
export class Ipv4 {
  readonly counters = new Ipv4Counters();

  /** Of the datagram that `receive` accepted last: where its payload starts in the frame, and how long it is. */
  payload = 0;
  payloadLength = 0;
  /** True when it was sent to one of the broadcast addresses or to a group. */
  toMany = false;

  private identification = 0;

  /** All addresses are signed 32-bit integers; a `gateway` of 0 means that there is none. */
  constructor(
    private readonly link: Link,
    private readonly arp: AddressResolution,
    private readonly platform: Platform,
    public address: number,
    public netmask: number,
    public gateway: number,
  ) {
    this.identification = platform.random() & 0xffff;
  }

  /**
   * Checks a received datagram.
   * @param length octets of the frame, the Ethernet padding included
   * @returns its protocol, or -1 when it was dropped and counted
   */
  receive(frame: Uint8Array, length: number): number {
    const counters = this.counters;
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
      return -1;
    }
    if (!this.isForUs(get32(frame, Ip.destination))) {
      counters.inAddrErrors++;
      return -1;
    }
    if (!this.isPossibleSource(get32(frame, Ip.source))) {
      counters.inSourceErrors++;
      return -1;
    }
    if (get16(frame, Ip.fragment) & MORE_FRAGMENTS_AND_OFFSET) {
      counters.inFragments++;
      return -1;
    }
    this.payload = Ethernet.header + header;
    this.payloadLength = total - header;
    return frame[Ip.protocol];
  }

  /**
   * Completes and sends the datagram whose payload stands in the link's transmit frame from `Ip.payload`.
   * @param payloadLength octets
   */
  send(destination: number, protocol: Protocol, payloadLength: number, now: number): Sent {
    const many = destination === BROADCAST || destination === this.subnetBroadcast();
    const near = many || ((destination ^ this.address) & this.netmask) === 0;
    if (!near && this.gateway === 0) {
      this.counters.outNoRoutes++;
      return Sent.unreachable;
    }
    if (!this.link.ready()) return Sent.busy;
    const frame = this.link.frame;
    const total = IP_HEADER + payloadLength;
    put16(frame, Ip.versionAndLength, 0x4500);
    put16(frame, Ip.totalLength, total);
    this.identification = (this.identification + 1) & 0xffff;
    put16(frame, Ip.identification, this.identification);
    put16(frame, Ip.fragment, DONT_FRAGMENT);
    put16(frame, Ip.timeToLive, (TIME_TO_LIVE << 8) | protocol);
    put16(frame, Ip.checksum, 0);
    put32(frame, Ip.source, this.address);
    put32(frame, Ip.destination, destination);
    put16(frame, Ip.checksum, ~this.platform.checksum(frame, Ip.versionAndLength, IP_HEADER));
    this.counters.outRequests++;
    if (many) {
      broadcastAddress(frame, Ethernet.destination);
      put16(frame, Ethernet.type, EtherType.ipv4);
      this.link.transmit(frame, Ethernet.header + total);
      return Sent.yes;
    }
    const sent = this.arp.send(frame, Ethernet.header + total, near ? destination : this.gateway, now);
    return sent ? Sent.yes : Sent.busy;
  }

  /** Makes the header of a received datagram, changed in place, that of the answer to it. */
  turnAround(frame: Uint8Array): void {
    const asker = get32(frame, Ip.source);
    put32(frame, Ip.source, this.address);
    put32(frame, Ip.destination, asker);
    frame[Ip.timeToLive] = TIME_TO_LIVE;
    put16(frame, Ip.checksum, 0);
    put16(frame, Ip.checksum, ~this.platform.checksum(frame, Ip.versionAndLength, this.payload - Ethernet.header));
    this.counters.outRequests++;
  }

  private isForUs(destination: number): boolean {
    this.toMany = destination !== this.address;
    return !this.toMany || destination === BROADCAST || destination === this.subnetBroadcast();
  }

  /** RFC 1122 section 3.2.1.3: a source is one host's address, on the wire never our own, loopback or zero. */
  private isPossibleSource(source: number): boolean {
    return (
      source !== this.address &&
      source !== 0 &&
      source !== BROADCAST &&
      source !== this.subnetBroadcast() &&
      source >>> 24 !== 127 &&
      !isMulticast(source)
    );
  }

  private subnetBroadcast(): number {
    // A network of one or two addresses (/32, /31) has no broadcast address of its own (RFC 3021).
    return (this.netmask | 1) === -1 ? BROADCAST : this.address | ~this.netmask;
  }
}
