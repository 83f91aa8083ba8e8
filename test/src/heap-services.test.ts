import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { EthernetMac, Frame } from '../../hal/hal';
import { macCounters } from '../../hal/mock/wire-port';
import { parseAddress } from '../../src/ip/address';
import { IgmpHost } from '../../src/ip/igmp';
import { RouteCache } from '../../src/ip/routes';
import { AddressClaim } from '../../src/link/conflict';
import { LinkLocal } from '../../src/link/link-local';
import { Stack } from '../../src/stack';
import { DhcpClient } from '../../src/udp/dhcp';
import { DnsResolver } from '../../src/udp/dns';
import { MdnsResponder } from '../../src/udp/mdns';
import { DatagramQueue } from '../../src/udp/queue';
import { UdpHost } from '../../src/udp/udp';
import { arpBody, checksum, ethernet, half, ipPacket, udpDatagram, word } from './frames';
import type { IpFields } from './frames';
import { FULL, noise, seededPlatform } from './lan';
import { PEER, PEER_HARDWARE, STACK } from './peer';

// The services beside TCP, as heap.test.ts looks at TCP: the test itself must not allocate while it measures.

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const FRAMES = 12_000;
/** Less than an octet a frame: the smallest object takes twelve. */
const NOISE = FRAMES - 1;
/** Rounds until the engine has compiled what is run. */
const ATTEMPTS = 80;
/** Milliseconds from one frame to the next. */
const PAUSE = 40;

const GROUP = parseAddress('224.0.0.251');
const LEASED = parseAddress('10.0.0.50');
const HARDWARE = Uint8Array.of(2, 0, 0, 0, 0, 1);
const UDP_DATA = 42;

const name = (text: string) => [...text.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]), 0];

function ip(fields: Partial<IpFields> & { protocol: number; payload: ArrayLike<number> }): Uint8Array {
  return ethernet(HARDWARE, PEER_HARDWARE, 0x0800, ipPacket({ source: PEER, destination: STACK, ...fields }));
}

/** Without a checksum, so that its octets can be changed in place. */
function udp(from: number, to: number, data: ArrayLike<number>, destination = STACK, more: Partial<IpFields> = {}): Uint8Array {
  return ip({ protocol: 17, destination, payload: udpDatagram([PEER, destination], from, to, data, 0), ...more });
}

function summed(...octets: number[]): Uint8Array {
  const message = Uint8Array.from(octets);
  message.set(half(checksum(message)), 2);
  return message;
}

function arp(operation: 'request' | 'reply', sender: number, target = STACK): Uint8Array {
  return ethernet(HARDWARE, PEER_HARDWARE, 0x0806, arpBody({
    operation, senderHardware: PEER_HARDWARE, sender, targetHardware: HARDWARE, target,
  }));
}

const QUESTION = [...name('www.example.com'), 0, 1, 0, 1];
/** An alias and the address that it leads to, for a second each; number and port are written in later. */
const ANSWER = udp(53, 0, [
  0, 0, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0, ...QUESTION,
  0xc0, 12, 0, 5, 0, 1, ...word(1), 0, 4, 1, 97, 0xc0, 16, 1, 97, 0xc0, 16, 0, 1, 0, 1, ...word(1), 0, 4, 9, 9, 9, 9,
]);
const mdns = (text: string, type: number) => udp(5353, 5353, [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...name(text), 0, type, 0, 1], GROUP);
const fragment = (bits: number, octets: number, identification: number) => {
  const frame = ip({ protocol: 17, payload: noise(octets), fragment: bits });
  frame.set(half(identification), 18);
  frame.set([0, 0], 24);
  frame.set(half(checksum(frame.subarray(14, 34))), 24);
  return frame;
};

/** A datagram of the host's, as an error repeats it. */
const QUOTED = ipPacket({ source: STACK, destination: 0x08080808, protocol: 17, payload: [0, 7, 0, 9, 0, 108, 0, 0] });

/** What a host gets in its life beside TCP; strangers, errors and nonsense among it. */
const LIFE = [
  arp('request', PEER), udp(4000, 7, noise(200)), udp(4000, 7, noise(20), -1), udp(4000, 9, noise(20)), ANSWER,
  ip({ protocol: 1, payload: summed(8, 0, 0, 0, 0, 1, 0, 2, ...noise(50)) }), mdns('espruino.local', 1), arp('reply', PEER),
  mdns('_http._tcp.local', 12), ip({ protocol: 2, destination: GROUP, payload: summed(0x11, 10, 0, 0, ...word(0)) }),
  ip({ protocol: 2, destination: GROUP, payload: summed(0x16, 0, 0, 0, ...word(GROUP)) }), arp('request', PEER + 5),
  fragment(0x2000, 256, 1), fragment(0x2020, 256, 1), fragment(0x0040, 40, 1), fragment(0x2000, 64, 2), arp('request', PEER + 6),
  udp(4000, 7, noise(9), STACK, { options: [148, 4, 0, 0] }), udp(4000, 7, noise(9), STACK, { options: [7, 99, 4, 0] }),
  ip({ protocol: 1, payload: summed(5, 1, 0, 0, ...word(PEER + 1), ...QUOTED) }),
  ip({ protocol: 1, payload: summed(3, 1, 0, 0, 0, 0, 0, 0, ...QUOTED) }),
  ip({ protocol: 99, payload: noise(20) }), arp('reply', PEER + 40), ethernet(HARDWARE, PEER_HARDWARE, 0x86dd, noise(60)),
  udp(4000, 5353, [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...name('espruino.local'), 0, 255, 0, 1]), ip({ protocol: 17, payload: noise(20), version: 6 }),
];

function dhcp(type: number, ...options: number[]): Uint8Array {
  return udp(67, 68, [
    2, 1, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...word(LEASED), 0, 0, 0, 0, 0, 0, 0, 0, ...HARDWARE, ...new Uint8Array(202),
    99, 130, 83, 99, 53, 1, type, 54, 4, ...word(PEER), ...options, 255,
  ], -1);
}

const TERMS = [51, 4, ...word(20), 1, 4, 255, 255, 255, 0, 3, 4, ...word(PEER), 6, 4, ...word(PEER)];
/** What a server says: offers, leases of 20 s that are renewed, and now and then that it is over. */
const [OFFER, ACK, NAK] = [dhcp(2, ...TERMS), dhcp(5, ...TERMS), dhcp(6)];
const LEASES = [...Array.from({ length: 200 }, (_, n) => (n % 2 === 0 ? OFFER : ACK)), NAK];
// The number of the exchange is copied from what the client asks.
const NUMBERED = [OFFER, ACK, NAK];

/** Hands over one frame after the other, and copies numbers from questions into the answers to them. */
class Feeder implements EthernetMac {
  readonly address = HARDWARE;
  readonly counters = macCounters();
  taken = 0;
  sent = 0;
  private at = 0;

  constructor(private readonly frames: readonly Uint8Array[]) {}

  open(): void {}

  mayReceive(): boolean {
    return this.taken < this.at;
  }

  receive(frame: Frame): number {
    if (this.taken === this.at) return 0;
    const next = this.frames[this.taken % this.frames.length]!;
    this.taken++;
    for (let octet = 0; octet < next.length; octet++) frame.octets[octet] = next[octet]!;
    return next.length;
  }

  sound(): boolean {
    return true;
  }

  /** Lets one more frame arrive. */
  feed(): void {
    this.at++;
  }

  sendParts(frame: Uint8Array): boolean {
    return this.send(frame);
  }

  send(frame: Uint8Array): boolean {
    this.sent++;
    if (frame[23] !== 17 || frame[12] !== 8 || frame[13] !== 0) return true;
    if (frame[37] === 53) {
      copy(frame, 34, ANSWER, 36, 2);
      copy(frame, UDP_DATA, ANSWER, UDP_DATA, 2);
    } else if (frame[37] === 67) {
      for (let which = 0; which < NUMBERED.length; which++) copy(frame, UDP_DATA + 4, NUMBERED[which]!, UDP_DATA + 4, 4);
    }
    return true;
  }

  linkUp(): boolean {
    return true;
  }

  multicast(): void {}
  recover(): void {}
}

function copy(from: Uint8Array, at: number, to: Uint8Array, toAt: number, count: number): void {
  for (let octet = 0; octet < count; octet++) to[toAt + octet] = from[at + octet]!;
}

/** A host with every service, and an application that uses them. */
class Served {
  readonly mac = new Feeder(LIFE);
  readonly stack = new Stack(this.mac, seededPlatform(1), { ...FULL, redirects: false, address: STACK, netmask: -256, gateway: PEER });
  readonly udp = new UdpHost(this.stack, 8);
  readonly igmp = new IgmpHost(this.stack, 2);
  readonly queue = new DatagramQueue(this.stack.platform, 1000, 548);
  readonly dns = new DnsResolver(this.udp, 2);
  readonly mdns = new MdnsResponder(this.udp, this.igmp, 'espruino');
  readonly routes = new RouteCache(this.stack, 2, PEER + 1);
  now = 0;
  found = 0;
  read = 0;
  private asking = false;
  private readonly taken = new Uint8Array(600);
  private readonly closing = { datagram: () => undefined };

  constructor() {
    this.udp.openPort(7, this.queue);
    this.dns.servers.set([PEER, 0]);
    this.mdns.advertise(80);
  }

  resolved(_request: number, address: number): void {
    this.asking = false;
    if (address === 0x09090909) this.found++;
  }

  takes(frames: number): void {
    for (const end = this.mac.taken + frames; this.mac.taken < end;) {
      this.mac.feed();
      this.now += PAUSE;
      this.stack.poll(this.now | 0);
      if (this.mac.taken % 8 === 0) this.uses();
    }
  }

  private uses(): void {
    while (this.queue.takeNext(this.taken) > 0) this.read++;
    this.udp.sendBytes(7, 0x08080808, 9, this.taken, 0, 100, 64);
    this.udp.closePort(this.udp.openPort(0, this.closing));
    this.igmp.joinGroup(GROUP + 1);
    this.igmp.leaveGroup(GROUP + 1);
    if (!this.asking) this.asking = this.dns.lookUp('www.example.com', this) >= 0;
    this.stack.poll(this.now | 0);
  }
}

/** A host that gets an address from a server, keeps it, loses it, and takes one of its own meanwhile. */
class Leasing {
  readonly mac = new Feeder(LEASES);
  readonly stack = new Stack(this.mac, seededPlatform(2), { ...FULL, address: 0, netmask: -1, gateway: 0 });
  readonly udp = new UdpHost(this.stack, 2);
  readonly claim = new AddressClaim(this.stack);
  changes = 0;
  now = 0;
  readonly dhcp = new DhcpClient(this.udp, this.claim, 'espruino', { leaseChanged: () => void this.changes++ });

  constructor() {
    this.dhcp.fallback = new LinkLocal(this.stack, this.claim);
    this.dhcp.startDhcp();
  }

  takes(frames: number): void {
    for (const end = this.mac.taken + frames; this.mac.taken < end;) {
      this.mac.feed();
      this.now += PAUSE * 8;
      this.stack.poll(this.now | 0);
    }
  }
}

function heapUsed(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const made = () => ({ served: new Served(), leasing: new Leasing() });

describe('the services', () => {
  test('12,000 frames leave the heap where it was', () => {
    const { served, leasing } = made();
    let least = Infinity;
    for (let attempt = 0; attempt < ATTEMPTS && least > NOISE; attempt++) {
      const before = heapUsed();
      served.takes(FRAMES / 2);
      leasing.takes(FRAMES / 2);
      least = Math.min(least, heapUsed() - before);
    }
    expect(least).toBeLessThanOrEqual(NOISE);
    // All of them were at work.
    expect(served.found).toBeGreaterThan(50);
    expect(served.read).toBeGreaterThan(100);
    expect(served.stack.ip.fragments!.counters.oks).toBeGreaterThan(50);
    expect(served.stack.icmp.counters.inRedirects).toBeGreaterThan(100);
    expect(served.stack.icmp.counters.inErrors).toBe(0);
    expect(served.stack.icmp.counters.outReports).toBeGreaterThan(100);
    expect(served.mdns.received).toBeGreaterThan(100);
    expect(served.igmp.sent).toBeGreaterThan(100);
    expect(served.stack.arp.counters.repliesOut).toBeGreaterThan(100);
    expect(leasing.dhcp.counters.sent).toBeGreaterThan(50);
    expect(leasing.dhcp.counters.naks).toBeGreaterThan(5);
    expect(leasing.changes).toBeGreaterThan(10);
  });

  test('and nothing is made and dropped on the way: less than an octet a frame without any collection', () => {
    const { served, leasing } = made();
    const measure = process.memoryUsage;
    let least = Infinity;
    // A collection throws compiled code away too, so there is only one: code that is not compiled boxes numbers.
    collectGarbage();
    for (let attempt = 0; attempt < ATTEMPTS && least > NOISE; attempt++) {
      const before = measure().heapUsed;
      served.takes(FRAMES / 2);
      leasing.takes(FRAMES / 2);
      const grown = measure().heapUsed - before;
      if (grown >= 0) least = Math.min(least, grown);
    }
    expect(least).toBeLessThanOrEqual(NOISE);
  });
});
