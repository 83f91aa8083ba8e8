import type { EthernetMac, MacCounters, SpiDevice } from '../hal';
import { Bus } from './bus';
import { identify } from './identity';
import { Next, Receiver } from './receiver';
import { Interrupt, Phy, PhyBit, Register } from './registers';
import { hashOctet, reset, setUp } from './setup';
import { Transmitter } from './transmitter';

export interface Enc28j60Options {
  /** The station address, six octets, first octet first. Copied. */
  address: Uint8Array;

  /**
   * Full duplex; half duplex when left out. The chip does not negotiate, and a partner that does takes it for half
   * duplex: set this only when the partner's port is set to 10 Mbit/s full duplex by hand.
   */
  fullDuplex?: boolean;
}

const enum Limit {
  LOOKS = 8, // frames looked at in one call of `receive`, should they all have to be dropped
  SHORTEST = 14, // octets: an Ethernet header
  LONGEST = 1514,
  GROUPS = 255, // groups that share a bit of the hash table and can still be told apart from none
}

/**
 * Microchip's ENC28J60, revisions B1 to B7. After construction it allocates nothing but the sentence of an error that
 * it throws. Section numbers are those of the data sheet DS39662, erratum numbers those of DS80349.
 */
export class Enc28j60 implements EthernetMac {
  readonly address = new Uint8Array(6);

  readonly counters: MacCounters = {
    rxFrames: 0,
    rxErrors: 0,
    rxOversize: 0,
    rxOverflows: 0,
    txFrames: 0,
    txErrors: 0,
    recoveries: 0,
  };

  private readonly spi: SpiDevice;
  private readonly fullDuplex: boolean;

  /** How many groups are joined, for each of the 64 bits of the hash table (section 8.4). */
  private readonly members = new Uint8Array(64);

  /** Shared by those that read a few octets and use them up before they return. */
  private readonly scratch = new Uint8Array(8);

  private readonly bus: Bus;
  private readonly receiver: Receiver;
  private readonly transmitter: Transmitter;

  /** @throws Error when `options.address` cannot be a station's */
  constructor(spi: SpiDevice, options: Enc28j60Options) {
    const address = options.address;
    if (!address || address.length !== 6) throw new Error('ENC28J60: the address must have six octets.');
    if ((address[0] & 1) !== 0) {
      throw new Error('ENC28J60: the address is a multicast one: bit 0 of its first octet must be 0.');
    }
    if ((address[0] | address[1] | address[2] | address[3] | address[4] | address[5]) === 0) {
      throw new Error('ENC28J60: the address is all zero.');
    }
    this.address.set(address);
    this.spi = spi;
    this.fullDuplex = options.fullDuplex === true;
    this.bus = new Bus(spi);
    this.receiver = new Receiver(this.bus, spi, this.scratch, new Uint16Array(this.scratch.buffer), this.counters);
    this.transmitter = new Transmitter(this.bus, spi, this.scratch, this.counters);
  }

  /** Takes about 2 ms. Groups joined before stay joined. */
  open(): void {
    const counters = this.counters;
    reset(this.bus);
    identify(this.bus, this.scratch);
    this.start();
    counters.rxFrames = 0;
    counters.rxErrors = 0;
    counters.rxOversize = 0;
    counters.rxOverflows = 0;
    counters.txFrames = 0;
    counters.txErrors = 0;
    counters.recoveries = 0;
  }

  /** Octets of `frame` behind the frame's end may change too. */
  receive(frame: Uint8Array): number {
    let length = 0;
    if (this.spi.interrupted()) {
      length = this.receiver.next(frame);
      if (length <= 0) length = this.attend(frame, length);
    }
    return length;
  }

  send(frame: Uint8Array, length: number): boolean {
    if (!(length >= Limit.SHORTEST && length <= Limit.LONGEST && length <= frame.length)) this.refuse();
    return this.transmitter.send(frame, length);
  }

  /** PHSTAT2.LSTAT. Looks also whether the chip has lost its setup or is stuck, and then sets it up again. */
  linkUp(): boolean {
    if (this.bus.read(Register.EIE) !== Interrupt.ENABLED || this.transmitter.stuck()) this.recover();
    return (this.bus.phyRead(Phy.PHSTAT2) & PhyBit.LSTAT) !== 0;
  }

  /**
   * Counts joins: a group that was joined twice has to be left twice. Other groups with the same hash may be received
   * too (section 8.4).
   * @throws Error when `group` is not a multicast address
   */
  multicast(group: Uint8Array, join: boolean): void {
    'cold';
    if (group.length !== 6 || (group[0] & 1) === 0) {
      throw new Error('ENC28J60: a group must have six octets and bit 0 of the first one set.');
    }
    const hash = this.hash(group);
    const members = this.members;
    if (join && members[hash] < Limit.GROUPS) members[hash]++;
    if (!join && members[hash] > 0) members[hash]--;
    this.bus.write((Register.EHT0 + (hash >> 3)) as Register, hashOctet(members, hash >> 3));
  }

  /** Takes about 2 ms, also when the chip does not answer any more. */
  recover(): void {
    this.counters.recoveries++;
    reset(this.bus);
    this.start();
  }

  private start(): void {
    setUp(this.bus, this.address, this.fullDuplex, this.members);
    this.receiver.restart();
    this.transmitter.restart();
  }

  /** What `receive` does when the next frame was not a good one. */
  private attend(frame: Uint8Array, result: number): number {
    for (let looks = Limit.LOOKS - 1; result === Next.SKIPPED && looks > 0; looks--) result = this.receiver.next(frame);
    if (result === Next.BROKEN) this.recover();
    else if (result === Next.NONE) this.events();
    return result > 0 ? result : 0;
  }

  /** INT is low and EPKTCNT is 0: what else is it? One of these flags, a late PKTIF, or there is no INT pin. */
  private events(): void {
    const flags = this.bus.read(Register.EIR);
    if ((flags & Interrupt.TXERIF) !== 0) this.transmitter.failed();
    if ((flags & Interrupt.RXERIF) !== 0 && this.receiver.overflowed()) this.recover();
  }

  private refuse(): never {
    throw new Error('ENC28J60: a frame to send must have 14 to 1514 octets, and not more than its buffer.');
  }

  /** Bits 28:23 of the CRC-32 of `group`: which bit of the hash table (section 8.4). */
  private hash(group: Uint8Array): number {
    let crc = -1;
    for (let index = 0; index < 6; index++) {
      let octet = group[index];
      for (let bit = 0; bit < 8; bit++) {
        crc = (crc ^ (octet << 31)) < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
        octet >>= 1;
      }
    }
    return (crc >> 23) & 63;
  }
}
