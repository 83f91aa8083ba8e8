import type { Platform } from '../../hal/hal';
import { SOURCE_ROUTE } from '../features';
import type { Alarm } from '../link/alarm';
import { Ethernet } from '../link/ethernet';
import type { Link } from '../link/ethernet';
import { get16, get32, put16, put32 } from '../wire/bytes';
import { addSums } from '../wire/checksum';
import { DEFAULT_SERVICE, Ip, IP_HEADER, Protocol, Sent } from './ipv4';
import type { Ipv4 } from './ipv4';
import { reverseRoute } from './return-route';

/** Offsets in an ICMP message (RFC 792), from its start. */
const enum Icmp {
  type = 0, // 1 octet
  code = 1, // 1 octet
  checksum = 2, // 2 octets
  pointer = 4, // 1 octet, of a parameter problem
  nextHopMtu = 6, // 2 octets, of a destination unreachable because fragmentation was needed (RFC 1191 section 4)
  header = 8, // of an echo and of an error: in an error the datagram that it is about follows
}

export const enum IcmpType {
  echoReply = 0,
  unreachable = 3,
  redirect = 5,
  echo = 8,
  timeExceeded = 11,
  parameterProblem = 12,
}

/** Codes of a destination that is unreachable. */
export const enum Unreachable {
  protocol = 2,
  port = 3,
  sourceRoute = 5,
}

/** Errors sent in a second at most: RFC 1812 section 4.3.2.8 asks for a limit. */
const REPORTS_PER_SECOND = 10;

/** The part of `Ip.fragment` that says where the fragment belongs. */
const OFFSET = 0x1fff;

/** Octets of a datagram's payload that an error about it repeats at least (RFC 792). */
const REPEATED = 8;

/** A transport protocol's ear for errors about datagrams of its own (RFC 1122 section 3.2.2). */
export interface TransportErrors {
  /**
   * @param type 3: destination unreachable, 11: time exceeded, 12: parameter problem
   * @param remoteAddress where the datagram was to go
   * @param ports our port << 16 | the other one
   * @param seq the four octets behind the ports: TCP's sequence number
   * @param nextHopMtu of type 3, code 4: octets of the largest datagram that would have passed, 0 when it is not said
   */
  icmpError(type: number, code: number, remoteAddress: number, ports: number, seq: number, nextHopMtu: number): void;
}

/** The same for TCP: one of our segments was not delivered. */
export interface SegmentErrors {
  segmentError(type: number, code: number, remoteAddress: number, ports: number, seq: number, nextHopMtu: number): void;
}

/** ICMP's counters, named after RFC 4293: plain counts that wrap at 2^32. */
export class IcmpCounters {
  inMsgs = 0;
  /** Too short, or the checksum wrong. */
  inErrors = 0;
  inEchos = 0;
  outEchoReps = 0;
  /** Errors about datagrams of ours, handed to the transport protocol. */
  inReports = 0;
  /** Redirects that were followed. */
  inRedirects = 0;
  /** Errors sent about datagrams of others, and those that the limit has held back. */
  outReports = 0;
  outLimited = 0;
  /** Types that this host has no use for, and errors about nothing of ours. */
  inIgnored = 0;
}

/**
 * ICMP (RFC 792, RFC 1122 section 3.2.2): answers echo requests in place, and hands errors to the protocol that they are
 * about. Source Quench is ignored (RFC 6633).
 */
export class IcmpHost {
  readonly counters = new IcmpCounters();
  /** Who hears of errors about TCP segments; null: nobody. */
  tcp: SegmentErrors | null = null;
  udp: TransportErrors | null = null;

  /** Errors sent since, at most a second ago. */
  private reports = 0;
  private reportsSince = 0;

  constructor(
    private readonly link: Link,
    private readonly ip: Ipv4,
    private readonly platform: Platform,
    private readonly alarm: Alarm,
  ) {}

  /** Takes in the message that `Ipv4.receive` accepted. */
  arrive(frame: Uint8Array): void {
    const at = this.ip.payload;
    const length = this.ip.payloadLength;
    this.counters.inMsgs++;
    if (length < Icmp.header || this.platform.checksum(frame, at, length) !== 0xffff) {
      this.counters.inErrors++;
    } else if (this.ip.toMany) {
      // An echo request to a broadcast address is left unanswered: RFC 1122 section 3.2.2.6 allows it.
      this.counters.inIgnored++;
    } else if (frame[at + Icmp.type] === IcmpType.echo && at + length <= this.link.frame.length) {
      this.counters.inEchos++;
      this.answer(frame, at, length);
    } else {
      this.takeError(frame, at, at + length);
    }
  }

  /** Hands an error to the protocol whose datagram it repeats, if it is one of ours. */
  private takeError(frame: Uint8Array, at: number, end: number): void {
    'cold';
    const type = frame[at + Icmp.type];
    const routes = this.ip.routes;
    if (type === IcmpType.redirect && routes !== null && at + Icmp.header + IP_HEADER <= end && routes.redirected(frame, at)) {
      this.counters.inRedirects++;
      return;
    }
    const about = at + Icmp.header - Ethernet.header;
    const ports = at + Icmp.header + ((frame[about + Ip.versionAndLength] & 15) << 2);
    const isError = type === IcmpType.unreachable || type === IcmpType.timeExceeded || type === IcmpType.parameterProblem;
    const protocol = frame[about + Ip.protocol];
    const tcp = protocol === Protocol.tcp ? this.tcp : null;
    const udp = protocol === Protocol.udp ? this.udp : null;
    if (
      !isError ||
      ports < at + Icmp.header + IP_HEADER ||
      ports + REPEATED > end ||
      get32(frame, about + Ip.source) !== this.ip.address ||
      (tcp === null && udp === null)
    ) {
      this.counters.inIgnored++;
      return;
    }
    this.counters.inReports++;
    const mtu = get16(frame, at + Icmp.nextHopMtu);
    const destination = get32(frame, about + Ip.destination);
    const code = frame[at + Icmp.code];
    const pair = get32(frame, ports);
    const next = get32(frame, ports + 4);
    if (tcp !== null) tcp.segmentError(type, code, destination, pair, next, mtu);
    else if (udp !== null) udp.icmpError(type, code, destination, pair, next, mtu);
  }

  /**
   * Tells the sender of the datagram that `Ipv4` accepted last what is wrong with it, unless RFC 1122 section 3.2.2
   * forbids it, or the limit. It is lost when the transmitter is busy.
   * @param code of a parameter problem: the octet of the header that it is about, << 8
   */
  sendReport(frame: Uint8Array, type: IcmpType, code: number): void {
    'cold';
    const ip = this.ip;
    const link = this.link;
    // Nothing about an error, about what was sent to many, nor about a fragment that is not the first.
    const answers = frame[Ip.protocol] !== Protocol.icmp || frame[ip.payload + Icmp.type] === IcmpType.echo;
    const fragment = get16(frame, Ip.fragment) & OFFSET;
    if (!answers || fragment !== 0 || ip.toMany || frame[Ethernet.destination] & 1 || !link.ready()) return;
    const now = this.alarm.now;
    if ((now - this.reportsSince) >>> 0 >= 1000) {
      this.reportsSince = now;
      this.reports = 0;
    }
    if (this.reports === REPORTS_PER_SECOND) {
      this.counters.outLimited++;
      return;
    }
    this.reports++;
    const payload = ip.payloadLength < REPEATED ? ip.payloadLength : REPEATED;
    const repeated = ip.payload - Ethernet.header + payload;
    const message = link.frame;
    put16(message, Ip.payload + Icmp.type, (type << 8) | (code & 255));
    put16(message, Ip.payload + Icmp.checksum, 0);
    put32(message, Ip.payload + Icmp.pointer, (code >> 8) << 24);
    this.platform.copy(frame, Ethernet.header, message, Ip.payload + Icmp.header, repeated);
    const sum = this.platform.checksum(message, Ip.payload, Icmp.header + repeated);
    put16(message, Ip.payload + Icmp.checksum, ~sum);
    const length = Icmp.header + repeated;
    if (ip.send(get32(frame, Ip.source), Protocol.icmp, length, now, DEFAULT_SERVICE) === Sent.yes) this.counters.outReports++;
  }

  /** Type 8 becomes 0, so the message's checksum is mended rather than computed (RFC 1624). */
  private answer(frame: Uint8Array, at: number, length: number): void {
    frame[at + Icmp.type] = IcmpType.echoReply;
    const sum = addSums(~get16(frame, at + Icmp.checksum) & 0xffff, ~(IcmpType.echo << 8) & 0xffff);
    // Nothing but zeros has no sum that could be mended (RFC 1624 section 4).
    put16(frame, at + Icmp.checksum, sum === 0 || sum === 0xffff ? 0 : ~sum);
    if (sum === 0 || sum === 0xffff) put16(frame, at + Icmp.checksum, ~this.platform.checksum(frame, at, length));
    if (SOURCE_ROUTE && at > Ip.payload) reverseRoute(frame, at);
    this.ip.turnAround(frame);
    if (this.link.reply(frame, at + length)) this.counters.outEchoReps++;
  }
}
