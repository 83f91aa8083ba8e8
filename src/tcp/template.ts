import { SOURCE_ROUTE, TIMESTAMPS, WINDOW_SCALE } from '../features';
import { DONT_FRAGMENT, Ip, IP_HEADER, Protocol } from '../ip/ipv4';
import { copyAddress, Ethernet, EtherType, NOBODY } from '../link/ethernet';
import { put16, put32 } from '../wire/bytes';
import type { Connection } from './connection';
import { Bit } from './control-block';
import { TIMESTAMPS_LENGTH } from './options';
import { Tcp } from './segment';
import { State } from './states';
import type { TcpHost } from './tcp';

/** Offsets in the frame. */
const enum At {
  total = 16,
  ipChecksum = 24,
  sequence = 38,
  acknowledgment = 42,
  flags = 46,
  option = 54,
  tsVal = 58,
  tsEcr = 62,
  end = 66,
}

/** Places in `Template.words`. */
const enum Word {
  checksum = 12,
}

const PLAIN_IP = 0x4500;
/** What no header can stand for: a sum of something is never 0. */
const NONE = 0xffff;

/**
 * The headers of one connection's segments, from Ethernet's to TCP's, as they stay from one to the next. Whose they are
 * stands in `Link.owner`: who changes what is in them, an address, a neighbour, makes that `NOBODY`.
 */
export class Template {
  private readonly octets = new Uint8Array(At.end);
  private readonly view: DataView;
  /** Its `setInt32`, looked for once. */
  private readonly put: (at: number, value: number) => void;
  /** Of these, what TCP's checksum is about, up to itself: addresses, and the header without options. */
  private readonly words: Uint16Array;
  /** Octets of all headers. */
  private length = 0;
  /** The sums of what stays: IP's without its total length; what `words` lack of TCP's, without the length of the data. */
  private ipSum = 0;
  private sum = 0;
  /** The total length that stands in the header now, its checksum with it. */
  private total = 0;
  /** Who asked for it last: the second time in a row it is worth making. */
  private asked: Connection | null = null;

  constructor() {
    this.view = new DataView(this.octets.buffer, this.octets.byteOffset);
    this.put = this.view.setInt32.bind(this.view);
    this.words = new Uint16Array(this.octets.buffer, this.octets.byteOffset + Ip.source, Word.checksum + 1);
  }

  /** A segment of `c` was sent the long way: the next ones need not be. */
  wanted(tcp: TcpHost, c: Connection): void {
    if (this.asked === c && tcp.link.owner !== c.slot && c.state === State.ESTABLISHED) this.makeTemplate(tcp, c);
    this.asked = c;
  }

  private makeTemplate(tcp: TcpHost, c: Connection): void {
    'cold';
    const frame = this.octets;
    const neighbour = tcp.ip.neighbour(c.remoteAddress);
    const routed = SOURCE_ROUTE && tcp.routes.has(c.slot);
    tcp.link.owner = NOBODY;
    if (routed || neighbour === 0 || !tcp.ip.arp.resolve(frame, neighbour)) return;
    copyAddress(tcp.link.mac.address, 0, frame, Ethernet.source);
    put16(frame, Ethernet.type, EtherType.ipv4);
    put16(frame, Ip.versionAndLength, PLAIN_IP | ((c.service >> 8) & 0xff));
    put16(frame, Ip.totalLength, 0);
    // A datagram that is not to be fragmented needs no identification (RFC 6864 section 4.1).
    put32(frame, Ip.identification, DONT_FRAGMENT);
    put32(frame, Ip.timeToLive, (c.service << 24) | (Protocol.tcp << 16));
    put32(frame, Ip.source, tcp.ip.address);
    put32(frame, Ip.destination, c.remoteAddress);
    put32(frame, Ip.payload, c.ports);
    put32(frame, At.option, 0x0101080a);
    const options = TIMESTAMPS && c.bits & Bit.timestamps ? TIMESTAMPS_LENGTH : 0;
    this.length = At.option + options;
    this.total = NONE;
    this.ipSum = tcp.platform.checksum(frame, Ip.versionAndLength, IP_HEADER);
    this.sum = Protocol.tcp + Tcp.header + options;
    if (options > 0) this.sum += tcp.platform.checksum(frame, At.option, 4);
    tcp.link.owner = c.slot;
  }

  /**
   * Sends a segment of the connection whose headers these are, with `length` octets of `data` from `at` on.
   * @returns false when the transmitter is busy
   */
  send(
    tcp: TcpHost, c: Connection, seq: number, flags: number, window: number, data: Uint8Array, at: number, length: number,
  ): boolean {
    'inline';
    const header = this.length;
    const total = header - Ethernet.header + length;
    const told = WINDOW_SCALE && c.bits & Bit.windowScale ? window >> tcp.shift : window;
    const offered = told > 0xffff ? 0xffff : told;
    const words = this.words;
    this.put(At.sequence, seq);
    this.put(At.acknowledgment, c.rcvNxt);
    this.put(At.flags, ((header - Ip.payload) << 26) | (flags << 16) | offered);
    words[Word.checksum] = 0;
    let sum = tcp.platform.rawSumOf(words) + ((this.sum + length) << 8);
    if (TIMESTAMPS && header > At.option) {
      const now = tcp.timestamp();
      this.put(At.tsVal, now);
      this.put(At.tsEcr, c.tsRecent);
      sum += ((now >>> 16) + (now & 0xffff) + (c.tsRecent >>> 16) + (c.tsRecent & 0xffff)) << 8;
    }
    if (length > 0) {
      const text = tcp.platform.rawSum(data, at, length);
      sum += text;
    }
    // What is left of a division by 0xFFFF is the ones' complement sum; it is never 0.
    words[Word.checksum] = ~(sum % 0xffff || 0xffff);
    if (total !== this.total) {
      this.total = total;
      this.view.setInt16(At.total, total);
      this.view.setInt16(At.ipChecksum, ~((this.ipSum + total) % 0xffff || 0xffff));
    }
    const sent = tcp.link.mac.sendParts(this.octets, header, data, at, length);
    if (sent) {
      tcp.ip.counters.outRequests++;
      tcp.counters.outSegs++;
    }
    return sent;
  }
}
