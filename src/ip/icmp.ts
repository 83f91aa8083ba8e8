import type { Platform } from '../../hal/hal';
import type { Link } from '../link/ethernet';
import { get16, put16 } from '../wire/bytes';
import { addSums } from '../wire/checksum';
import type { Ipv4 } from './ipv4';

/** Offsets in an ICMP message (RFC 792), from its start. */
const enum Icmp {
  type = 0, // 1 octet
  code = 1, // 1 octet
  checksum = 2, // 2 octets
  echoHeader = 8,
}

const enum IcmpType {
  echoReply = 0,
  echo = 8,
}

/** ICMP's counters, named after RFC 4293: plain counts that wrap at 2^32. */
export class IcmpCounters {
  inMsgs = 0;
  /** Too short, or the checksum wrong. */
  inErrors = 0;
  inEchos = 0;
  outEchoReps = 0;
  /** Types that this host has no use for. */
  inIgnored = 0;
}

/** ICMP (RFC 792, RFC 1122 section 3.2.2): answers echo requests in place. */
export class IcmpHost {
  readonly counters = new IcmpCounters();

  constructor(
    private readonly link: Link,
    private readonly ip: Ipv4,
    private readonly platform: Platform,
  ) {}

  /** Takes in the message that `Ipv4.receive` accepted. */
  receive(frame: Uint8Array): void {
    const at = this.ip.payload;
    const length = this.ip.payloadLength;
    this.counters.inMsgs++;
    if (length < Icmp.echoHeader || this.platform.checksum(frame, at, length) !== 0xffff) {
      this.counters.inErrors++;
    } else if (frame[at + Icmp.type] !== IcmpType.echo || this.ip.toMany) {
      // An echo request to a broadcast address is left unanswered: RFC 1122 section 3.2.2.6 allows it.
      this.counters.inIgnored++;
    } else {
      this.counters.inEchos++;
      this.answer(frame, at, length);
    }
  }

  /** Type 8 becomes 0, so the message's checksum is mended rather than computed (RFC 1624). */
  private answer(frame: Uint8Array, at: number, length: number): void {
    frame[at + Icmp.type] = IcmpType.echoReply;
    const sum = addSums(~get16(frame, at + Icmp.checksum) & 0xffff, ~(IcmpType.echo << 8) & 0xffff);
    put16(frame, at + Icmp.checksum, ~sum);
    this.ip.turnAround(frame);
    if (this.link.reply(frame, at + length)) this.counters.outEchoReps++;
  }
}
