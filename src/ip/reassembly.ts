import { Change } from '../link/alarm';
import type { Service } from '../link/alarm';
import { Ethernet } from '../link/ethernet';
import type { Stack } from '../stack';
import { get16, get32, put16 } from '../wire/bytes';
import { advance, before, distance } from '../wire/sequence';
import { IcmpType } from './icmp';
import { Ip, IP_HEADER } from './ipv4';

const MORE_FRAGMENTS = 0x2000;
const OFFSET = 0x1fff;
/** Octets that fragments are counted in. */
const BLOCK = 8;

/** Milliseconds that the fragments of a datagram are waited for (RFC 1122 section 3.3.2). */
const PATIENCE = 60000;
/** Milliseconds without a fragment after which another datagram takes the buffer. */
const IDLE = 1000;
/** Code of Time Exceeded when it is about reassembly. */
const REASSEMBLY = 1;

/** Reassembly's counters, named after RFC 4293: plain counts that wrap at 2^32. */
export class ReassemblyCounters {
  oks = 0;
  /** Datagrams given up: too long, overlapping, contradictory, incomplete in time, or in the way of another one. */
  fails = 0;
  /** Fragments of a datagram that found the buffer in use. */
  busy = 0;

  constructor() {
    'cold';
  }
}

/** Puts together the fragments of one datagram at a time (RFC 791 section 3.2), in one buffer of fixed size. */
export class Reassembly implements Service {
  readonly counters = new ReassemblyCounters();

  /** Headers as in a frame, and then the payload. The header is the first fragment's, without its options. */
  private readonly buffer: Uint8Array;
  /** A bit for each block that has come. */
  private readonly blocks: Uint8Array;
  private active = false;
  private hasFirst = false;
  private toMany = false;
  /** Octets of payload that have come, and of all: 0 until the last fragment has. */
  private received = 0;
  private total = 0;
  private since = 0;
  private latest = 0;

  /** @param size octets of the longest datagram, its header without options */
  constructor(
    private readonly stack: Stack,
    size: number,
  ) {
    'cold';
    this.buffer = new Uint8Array(Ethernet.header + size);
    this.blocks = new Uint8Array((size + BLOCK * 8 - 1) >> 6);
    stack.ip.fragments = this;
    stack.services.push(this);
  }

  /**
   * Takes the fragment that `Ipv4` has checked; the last one to come makes `Ipv4.whole`.
   * @returns its protocol, or -1 when it is not complete
   */
  fragmentArrived(frame: Uint8Array): number {
    'cold';
    const ip = this.stack.ip;
    const now = this.stack.alarm.now;
    if (this.active && !this.belongsHere(frame)) {
      if (distance(this.latest, now) < IDLE) {
        this.counters.busy++;
        return -1;
      }
      this.giveUpDatagram();
    }
    if (!this.active) this.startDatagram(frame, now);
    this.latest = now;
    const fragment = get16(frame, Ip.fragment);
    const offset = (fragment & OFFSET) * BLOCK;
    const length = ip.payloadLength;
    const end = offset + length;
    const last = (fragment & MORE_FRAGMENTS) === 0;
    if (
      (!last && (length % BLOCK !== 0 || length === 0)) ||
      end > this.buffer.length - Ip.payload ||
      (this.total > 0 && (last ? end !== this.total : end > this.total))
    ) {
      this.giveUpDatagram();
      return -1;
    }
    const fresh = this.markBlocks(offset, end);
    if (fresh < 0) this.giveUpDatagram();
    if (fresh <= 0) return -1;
    if (last) this.total = end;
    this.stack.platform.copy(frame, ip.payload, this.buffer, Ip.payload + offset, length);
    if (offset === 0) {
      this.hasFirst = true;
      this.stack.platform.copy(frame, 0, this.buffer, 0, Ip.payload);
    }
    return this.total > 0 && this.received >= this.total ? this.completeDatagram() : -1;
  }

  tick(now: number): void {
    'cold';
    if (!this.active) return;
    const due = advance(this.since, PATIENCE);
    if (before(now, due)) this.stack.alarm.wakeAt(due);
    else this.expireDatagram();
  }

  changed(what: Change): void {
    'cold';
    if (what === Change.address && this.active) this.giveUpDatagram();
  }

  private belongsHere(frame: Uint8Array): boolean {
    'cold';
    const buffer = this.buffer;
    return (
      get16(frame, Ip.identification) === get16(buffer, Ip.identification) &&
      frame[Ip.protocol] === buffer[Ip.protocol] &&
      get32(frame, Ip.source) === get32(buffer, Ip.source) &&
      get32(frame, Ip.destination) === get32(buffer, Ip.destination)
    );
  }

  private startDatagram(frame: Uint8Array, now: number): void {
    'cold';
    this.active = true;
    this.hasFirst = false;
    this.toMany = this.stack.ip.toMany;
    this.received = 0;
    this.total = 0;
    this.since = now;
    for (let at = 0; at < this.blocks.length; at++) this.blocks[at] = 0;
    this.stack.platform.copy(frame, 0, this.buffer, 0, Ip.payload);
    this.stack.alarm.wakeAt(advance(now, PATIENCE));
  }

  /** Notes that the blocks have come. Returns 0 when all had come before, -1 when some had: an overlap. */
  private markBlocks(offset: number, end: number): number {
    'cold';
    let fresh = 0;
    let count = 0;
    for (let block = offset >> 3; block << 3 < end; block++) {
      const bit = 1 << (block & 7);
      count++;
      if ((this.blocks[block >> 3] & bit) === 0) fresh++;
      this.blocks[block >> 3] |= bit;
    }
    if (fresh === 0) return 0;
    this.received += end - offset;
    return fresh === count ? 1 : -1;
  }

  private completeDatagram(): number {
    'cold';
    const ip = this.stack.ip;
    const buffer = this.buffer;
    this.active = false;
    this.counters.oks++;
    buffer[Ip.versionAndLength] = 0x45;
    put16(buffer, Ip.totalLength, IP_HEADER + this.total);
    put16(buffer, Ip.fragment, 0);
    put16(buffer, Ip.checksum, 0);
    put16(buffer, Ip.checksum, ~this.stack.platform.checksum(buffer, Ip.versionAndLength, IP_HEADER));
    ip.payload = Ip.payload;
    ip.payloadLength = this.total;
    ip.toMany = this.toMany;
    ip.whole = buffer;
    return buffer[Ip.protocol];
  }

  /** The sender is told, if its first fragment has come (RFC 792). */
  private expireDatagram(): void {
    'cold';
    const ip = this.stack.ip;
    this.giveUpDatagram();
    if (!this.hasFirst) return;
    ip.payload = Ip.payload;
    ip.payloadLength = BLOCK;
    ip.toMany = this.toMany;
    this.buffer[Ip.versionAndLength] = 0x45;
    this.stack.icmp.sendReport(this.buffer, IcmpType.timeExceeded, REASSEMBLY);
  }

  private giveUpDatagram(): void {
    'cold';
    this.active = false;
    this.counters.fails++;
  }
}
