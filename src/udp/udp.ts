import type { Platform } from '../../hal/hal';
import type { TransportErrors } from '../ip/icmp';
import { IcmpType, Unreachable } from '../ip/icmp';
import { Ip, Protocol, Sent } from '../ip/ipv4';
import type { Stack } from '../stack';
import { get16, get32, put16 } from '../wire/bytes';
import { addSums, pseudoHeaderSum } from '../wire/checksum';

/** Offsets in a UDP datagram (RFC 768), from its start. */
const enum Udp {
  sourcePort = 0, // 2 octets
  destinationPort = 2, // 2 octets
  length = 4, // 2 octets, header and data
  checksum = 6, // 2 octets, 0: none
  header = 8,
}

/** Where the data of a datagram stands in the transmit frame. */
export const UDP_DATA = Ip.payload + Udp.header;

/** The first of the ports for temporary use (RFC 6335 section 6), and one less than their number. */
const FIRST_EPHEMERAL = 49152;
const EPHEMERAL_MASK = 0x3fff;

/** What a port is opened with. `icmpError` is told of what became of datagrams sent from there. */
export interface DatagramHandler extends Partial<TransportErrors> {
  /**
   * A datagram has come. Where it was sent to, its type of service and its IP options stand in front of it in `frame`,
   * at the offsets of `Ip`. Called from `Stack.poll`; `frame` holds something else afterwards.
   * @param at where its data starts in `frame`
   * @param length octets of it
   * @param address of its sender, as a signed 32-bit integer
   * @param port of its sender, 0 when it wants no answer
   */
  datagram(frame: Uint8Array, at: number, length: number, address: number, port: number): void;
}

/** UDP's counters, named after RFC 4113: plain counts that wrap at 2^32. */
export class UdpCounters {
  inDatagrams = 0;
  /** For ports that nobody has opened. */
  noPorts = 0;
  /** Length or checksum wrong. */
  inErrors = 0;
  outDatagrams = 0;

  constructor() {
    'cold';
  }
}

/** The checksum of a datagram is right, or it has none (RFC 1122 section 4.1.3.4). */
function isIntact(platform: Platform, frame: Uint8Array, at: number, length: number): boolean {
  'cold';
  if (get16(frame, at + Udp.checksum) === 0) return true;
  const pseudo = pseudoHeaderSum(get32(frame, Ip.source), get32(frame, Ip.destination), Protocol.udp, length);
  return addSums(platform.checksum(frame, at, length), pseudo) === 0xffff;
}

/** UDP (RFC 768, RFC 1122 section 4.1): a fixed table of open ports over IPv4. */
export class UdpHost implements TransportErrors {
  readonly counters = new UdpCounters();
  /** IP options of the datagrams that are sent (RFC 1122 section 4.1.3.2), a multiple of four octets; null: none. */
  options: Uint8Array | null = null;

  private readonly ports: Uint16Array;
  private readonly handlers: (DatagramHandler | null)[] = [];

  /**
   * Makes `stack` speak UDP.
   * @param count ports that can be open at once
   */
  constructor(
    readonly stack: Stack,
    count: number,
  ) {
    'cold';
    this.ports = new Uint16Array(count);
    for (let at = 0; at < count; at++) this.handlers.push(null);
    stack.udp = this;
    stack.icmp.udp = this;
  }

  /**
   * Opens a port for datagrams in both directions.
   * @param port 1 to 65535, or 0 for any that is free
   * @returns the port
   * @throws Error when it is taken, out of range, or all are in use
   */
  openPort(port: number, handler: DatagramHandler): number {
    'cold';
    if (!(port >= 0 && port <= 65535) || port !== (port | 0)) throw new Error('UDP: ' + port + ' is not a port from 1 to 65535');
    if (port !== 0 && this.findPort(port) >= 0) throw new Error('UDP: port ' + port + ' is taken already');
    const free = this.findPort(0);
    if (free < 0) throw new Error('UDP: all ' + this.ports.length + ' ports are in use');
    let chosen = port;
    while (chosen === 0 || (port === 0 && this.findPort(chosen) >= 0)) {
      chosen = FIRST_EPHEMERAL + (this.stack.platform.random() & EPHEMERAL_MASK);
    }
    this.ports[free] = chosen;
    this.handlers[free] = handler;
    return chosen;
  }

  /** Closes a port. Does nothing when it is not open. */
  closePort(port: number): void {
    'cold';
    const at = this.findPort(port);
    if (at < 0) return;
    this.ports[at] = 0;
    this.handlers[at] = null;
  }

  /**
   * Completes and sends the datagram whose data stands in the transmit frame, `stack.link.frame`, from `UDP_DATA`. To be
   * written there only while `stack.link.ready()`.
   * @param port our own one, open
   * @param service type of service << 8 | time to live
   */
  sendFrame(port: number, address: number, remotePort: number, length: number, service: number): Sent {
    'cold';
    const stack = this.stack;
    const frame = stack.link.frame;
    const total = Udp.header + length;
    put16(frame, Ip.payload + Udp.sourcePort, port);
    put16(frame, Ip.payload + Udp.destinationPort, remotePort);
    put16(frame, Ip.payload + Udp.length, total);
    put16(frame, Ip.payload + Udp.checksum, 0);
    const sum = addSums(
      stack.platform.checksum(frame, Ip.payload, total),
      pseudoHeaderSum(stack.ip.address, address, Protocol.udp, total),
    );
    // A checksum of zero would say that there is none.
    put16(frame, Ip.payload + Udp.checksum, sum === 0xffff ? sum : ~sum);
    const options = this.options;
    const sent =
      options === null
        ? stack.ip.send(address, Protocol.udp, total, stack.alarm.now, service)
        : stack.ip.sendWithOptions(options, options.length, address, Protocol.udp, total, stack.alarm.now, service);
    if (sent === Sent.yes) this.counters.outDatagrams++;
    return sent;
  }

  /**
   * Sends `length` octets of `bytes` from `offset` as one datagram.
   * @returns `Sent.busy` when the transmitter is: ask again
   * @throws Error when they do not fit one
   */
  sendBytes(
    port: number,
    address: number,
    remotePort: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    service: number,
  ): Sent {
    'cold';
    const frame = this.stack.link.frame;
    const most = frame.length - UDP_DATA;
    if (length > most) throw new Error('UDP: ' + length + ' octets are more than the ' + most + ' of a datagram');
    if ((service & 255) === 0) throw new Error('UDP: a time to live of 0 is none from 1 to 255');
    // Only who looks for an address speaks without one (RFC 1122 section 4.1.3.6).
    if (this.stack.ip.address === 0) return Sent.unreachable;
    if (!this.stack.link.ready()) return Sent.busy;
    this.stack.platform.copy(bytes, offset, frame, UDP_DATA, length);
    return this.sendFrame(port, address, remotePort, length, service);
  }

  /** Takes in the datagram that `Ipv4` accepted. */
  receive(frame: Uint8Array): void {
    const ip = this.stack.ip;
    const at = ip.payload;
    const length = ip.payloadLength < Udp.header ? 0 : get16(frame, at + Udp.length);
    if (length < Udp.header || length > ip.payloadLength) {
      this.counters.inErrors++;
      return;
    }
    // The port first: most of what is sent to everybody is not for us.
    const index = this.findPort(get16(frame, at + Udp.destinationPort) || -1);
    if (!ip.toMany || index >= 0) this.acceptDatagram(frame, at, length, index);
    else this.counters.noPorts++;
  }

  private acceptDatagram(frame: Uint8Array, at: number, length: number, index: number): void {
    'cold';
    if (!isIntact(this.stack.platform, frame, at, length)) {
      this.counters.inErrors++;
      return;
    }
    if (index < 0) {
      this.counters.noPorts++;
      this.stack.icmp.sendReport(frame, IcmpType.unreachable, Unreachable.port);
      return;
    }
    this.counters.inDatagrams++;
    const source = get32(frame, Ip.source);
    this.handlers[index]!.datagram(frame, at + Udp.header, length - Udp.header, source, get16(frame, at + Udp.sourcePort));
  }

  icmpError(type: number, code: number, remoteAddress: number, ports: number, seq: number, nextHopMtu: number): void {
    const index = this.findPort(ports >>> 16);
    const handler = index < 0 ? null : this.handlers[index];
    if (handler !== null && handler.icmpError) handler.icmpError(type, code, remoteAddress, ports, seq, nextHopMtu);
  }

  findPort(port: number): number {
    for (let at = 0; at < this.ports.length; at++) if (this.ports[at] === port) return at;
    return -1;
  }
}
