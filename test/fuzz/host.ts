import type { EthernetMac, Frame, Platform } from '../../hal/hal';
import { macCounters } from '../../hal/mock/wire-port';
import { IgmpHost } from '../../src/ip/igmp';
import { RouteCache } from '../../src/ip/routes';
import { AddressClaim } from '../../src/link/conflict';
import { LinkLocal } from '../../src/link/link-local';
import { Stack } from '../../src/stack';
import { DhcpClient } from '../../src/udp/dhcp';
import { DnsResolver } from '../../src/udp/dns';
import { MdnsResponder } from '../../src/udp/mdns';
import { DatagramQueue } from '../../src/udp/queue';
import { SntpClient } from '../../src/udp/sntp';
import { UdpHost } from '../../src/udp/udp';
import { checksum, get16, get32 } from '../src/frames';
import { FULL, Recorder, seededPlatform } from '../src/lan';
import { PEER, STACK } from './addresses';
import { guard } from './guard';

/** Octets of the longest datagram that the application takes. */
const LONGEST = 1000;

/** A platform that lets nobody read or write beside an array. */
function strictPlatform(seed: number): Platform {
  const { checksum: sum, rawSum, rawSumOfFrame, copy, ...rest } = seededPlatform(seed);
  const within = (bytes: Uint8Array, at: number, length: number): void => {
    if (!(at >= 0 && length >= 0 && at + length <= bytes.length)) throw new Error(`${length} octets at ${at} of ${bytes.length}`);
  };
  return {
    checksum(bytes, at, length) {
      within(bytes, at, length);
      return sum(bytes, at, length);
    },
    rawSum(bytes, at, length) {
      within(bytes, at, length);
      return rawSum(bytes, at, length);
    },
    rawSumOfFrame(frame, at, length) {
      within(frame.octets, at, length);
      return rawSumOfFrame(frame, at, length);
    },
    copy(from, at, to, toAt, length) {
      within(from, at, length);
      within(to, toAt, length);
      copy(from, at, to, toAt, length);
    },
    ...rest,
  };
}

/** A MAC that hands over what the fuzzer puts in, and looks at what the stack says. */
export class FuzzMac implements EthernetMac {
  readonly address = Uint8Array.of(2, 0, 0, 0, 0, 1);
  readonly counters = macCounters();
  next: Uint8Array | null = null;
  /** Frames handed to the stack, and from it. */
  taken = 0;
  sent = 0;
  /** The last questions that it asked a name server and a time server. */
  question: Uint8Array = new Uint8Array(0);
  timeQuestion: Uint8Array = new Uint8Array(0);

  open(): void {}

  mayReceive(): boolean {
    return this.next !== null;
  }

  receive(frame: Frame): number {
    const next = this.next;
    this.next = null;
    if (next === null || next.length === 0) return 0;
    if (next.length > frame.size) {
      this.counters.rxOversize++;
      return 0;
    }
    frame.octets.set(next);
    this.taken++;
    return next.length;
  }

  sound(): boolean {
    return true;
  }

  sendParts(frame: Uint8Array, length: number, data: Uint8Array, offset: number, count: number): boolean {
    return this.send(Uint8Array.of(...frame.subarray(0, length), ...data.subarray(offset, offset + count)), length + count);
  }

  send(frame: Uint8Array, length: number): boolean {
    this.sent++;
    const type = get16(frame, 12);
    if (length < 42 || length > 1514 || (type !== 0x0800 && type !== 0x0806)) throw new Error(`sent ${length} octets of type ${type}`);
    if (type === 0x0806) return true;
    const header = (frame[14]! & 15) * 4;
    if (checksum(frame.subarray(14, 14 + header)) !== 0 || get16(frame, 16) + 14 !== length) throw new Error('sent a bad IPv4 header');
    if (frame[22] === 0 || (get32(frame, 26) >>> 28) === 14) throw new Error('sent what no host may send');
    if (frame[23] === 17 && get16(frame, 36) === 53) this.question = frame.slice(0, length);
    if (frame[23] === 17 && get16(frame, 36) === 123) this.timeQuestion = frame.slice(0, length);
    return true;
  }

  linkUp(): boolean {
    return true;
  }

  multicast(): void {}
  recover(): void {}
}

/** Where each frame has ended: a counter of the stack's and its value. */
export type Counts = Record<string, number>;

/** A stack with every service that there is, and what its counters say. */
export class FuzzHost {
  readonly mac = new FuzzMac();
  readonly stack: Stack;
  readonly udp: UdpHost;
  readonly igmp: IgmpHost;
  readonly claim: AddressClaim;
  readonly mdns: MdnsResponder;
  readonly dns: DnsResolver;
  readonly queue: DatagramQueue;
  readonly dhcp: DhcpClient;
  readonly sntp: SntpClient;
  readonly app = new Recorder();
  now = 0;
  /** Datagrams that the application has taken out of its queue, and names that were resolved. */
  dequeued = 0;
  resolved = 0;
  times = 0;
  private readonly taken = new Uint8Array(8 + LONGEST);

  /** @param isClient it has no address and looks for one */
  constructor(readonly isClient: boolean, seed: number) {
    const place = isClient ? { address: 0, netmask: -1, gateway: 0 } : { address: STACK, netmask: -256, gateway: PEER };
    const mss = isClient ? 536 : 1460;
    const sizes = { ...FULL, redirects: false, mss, receiveBuffer: 4000, sendBuffer: 4000 };
    this.stack = new Stack(this.mac, strictPlatform(seed), { ...sizes, ...place });
    this.udp = new UdpHost(this.stack, 8);
    new RouteCache(this.stack, 3, PEER + 1);
    this.igmp = new IgmpHost(this.stack, 3);
    this.claim = new AddressClaim(this.stack);
    this.dns = new DnsResolver(this.udp, 3);
    this.dns.servers.set([PEER, PEER + 1]);
    this.queue = new DatagramQueue(this.stack.platform, 2000, LONGEST);
    this.udp.openPort(7, this.queue);
    this.mdns = new MdnsResponder(this.udp, this.igmp, 'espruino');
    this.mdns.advertise(80);
    this.dhcp = new DhcpClient(this.udp, this.claim, 'espruino', { leaseChanged: () => undefined });
    this.dhcp.fallback = new LinkLocal(this.stack, this.claim);
    if (isClient) this.dhcp.startDhcp();
    this.sntp = new SntpClient(this.udp, this.dns, { timeFound: () => void this.times++, timeRefused: () => this.sntp.startSntp('', PEER) });
    this.sntp.startSntp('', PEER);
    this.app.echo = true;
    this.stack.listen(7, this.app);
    this.stack.listen(80, this.app);
    // The two that frames come in have their accesses counted besides, frame by frame.
    guard(this, [this.mac, this.app, Reflect.get(this.stack, 'received').octets, Reflect.get(this.stack.ip.fragments!, 'buffer')]);
  }

  /** The stack takes in a frame. */
  takes(frame: Uint8Array): void {
    this.mac.next = frame;
    this.stack.poll(this.now | 0);
  }

  /** What an application does now and then: looks up a name, opens a connection, reads its datagrams. */
  lives(turn: number): void {
    this.app.events.length = 0;
    if (turn % 3 === 0) this.dns.lookUp(turn % 2 === 0 ? 'www.example.com' : 'printer.local', { resolved: () => void this.resolved++ });
    if (turn % 11 === 0) this.mdns.renameHost('espruino');
    if (turn % 5 === 0) this.sntp.startSntp('', PEER);
    if (turn % 7 === 0 && this.stack.ip.address !== 0) this.stack.connect(PEER, 1000 + (turn % 50_000), this.app);
    while (this.queue.takeNext(this.taken) > 0) this.dequeued++;
    this.stack.poll(this.now | 0);
  }

  /** Where frames have ended, one counter for each of them. */
  ends(): Counts {
    const { stack: { arp, ip, icmp, tcp, unknownTypes }, udp, igmp, mac } = this;
    return {
      'mac oversize': mac.counters.rxOversize,
      'unknown type': unknownTypes,
      'arp malformed': arp.counters.malformed,
      'arp request': arp.counters.requestsIn,
      'arp reply': arp.counters.repliesIn,
      'ip header': ip.counters.inHdrErrors,
      'ip address': ip.counters.inAddrErrors,
      'ip source': ip.counters.inSourceErrors,
      'ip options': ip.counters.inOptionErrors,
      'ip protocol': ip.counters.inUnknownProtos,
      'icmp wrong': icmp.counters.inErrors,
      'icmp echo': icmp.counters.inEchos,
      'icmp report': icmp.counters.inReports,
      'icmp redirect': icmp.counters.inRedirects,
      'icmp ignored': icmp.counters.inIgnored,
      'igmp wrong': igmp.errors,
      'igmp ignored': igmp.ignored,
      'igmp taken': igmp.taken,
      'tcp wrong': tcp.counters.inErrs,
      'tcp taken': tcp.counters.inSegs - tcp.counters.inErrs,
      'udp wrong': udp.counters.inErrors,
      'udp no port': udp.counters.noPorts,
      'udp taken': udp.counters.inDatagrams,
      // A whole datagram was counted at the end of its way too, beside its last fragment.
      'ip fragment': ip.counters.inFragments - ip.fragments!.counters.oks,
    };
  }

  /** What does not add up, after so many frames; nothing when all does. */
  faults(frames: number): string[] {
    const { stack: { ip, icmp, tcp }, udp, igmp, mac, dns, mdns, dhcp, sntp, queue } = this;
    const sum = (...counts: number[]) => counts.reduce((a, b) => a + b, 0);
    const checks: [string, number, number][] = [
      ['frames', frames, sum(...Object.values(this.ends()))],
      ['MAC', frames, mac.taken + mac.counters.rxOversize],
      ['ip.inDelivers', ip.counters.inDelivers, sum(
        icmp.counters.inMsgs, tcp.counters.inSegs, igmp.errors, igmp.ignored, igmp.taken,
        udp.counters.inErrors, udp.counters.noPorts, udp.counters.inDatagrams,
      )],
      ['udp.inDatagrams', udp.counters.inDatagrams, sum(
        this.dequeued, this.waiting(), queue.dropped, dns.counters.received, mdns.received, dhcp.counters.received, sntp.counters.received,
      )],
    ];
    return checks.filter(([, is, shall]) => is !== shall).map(([name, is, shall]) => `${name}: ${is}, but ${shall} add up`);
  }

  /** Datagrams in the queue. */
  private waiting(): number {
    let count = 0;
    const ring: Uint8Array = Reflect.get(this.queue, 'ring');
    const start: number = Reflect.get(this.queue, 'start');
    for (let at = 0; at < this.queue.used; count++) {
      const low = ring[(start + at + 6) % ring.length]!;
      at += 8 + low + 256 * ring[(start + at + 7) % ring.length]!;
    }
    return count;
  }
}
