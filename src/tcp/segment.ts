import type { Platform } from '../../hal/hal';
import { Ip, Protocol } from '../ip/ipv4';
import type { Ipv4 } from '../ip/ipv4';
import { get16, get32 } from '../wire/bytes';
import { addSums, pseudoHeaderSum } from '../wire/checksum';
import { Options, parseOptions } from './options';

/** Offsets in a TCP header (RFC 9293 section 3.1), from its start. */
export const enum Tcp {
  sourcePort = 0, // 2 octets
  destinationPort = 2, // 2 octets
  sequence = 4, // 4 octets
  acknowledgment = 8, // 4 octets
  dataOffset = 12, // 4 bits, in 32-bit words; 4 bits reserved
  flags = 13, // 1 octet
  window = 14, // 2 octets
  checksum = 16, // 2 octets
  urgent = 18, // 2 octets
  header = 20, // length without options
}

/** Control bits of the flags octet. */
export const enum Flag {
  FIN = 0x01,
  SYN = 0x02,
  RST = 0x04,
  PSH = 0x08,
  ACK = 0x10,
  URG = 0x20,
}

/** A segment that has arrived: its header's fields and where its data stands in the received frame. */
export class Segment {
  source = 0;
  sourcePort = 0;
  destinationPort = 0;
  /** Both ports as `ControlBlock.ports` has them: the destination in the upper half. */
  ports = 0;
  /** SEG.SEQ */
  seq = 0;
  /** SEG.ACK */
  ack = 0;
  flags = 0;
  /** SEG.WND, already scaled when the connection has agreed on that. */
  wnd = 0;
  /** Offset of the header in the frame. */
  header = 0;
  /** Offset of the first octet of data in the frame. */
  data = 0;
  /** Octets of data; SEG.LEN is this and one each for SYN and FIN. */
  length = 0;
  readonly options = new Options();

  /**
   * Takes in the segment that `Ipv4.receive` accepted.
   * @returns false when header length or checksum is wrong
   */
  parse(frame: Uint8Array, ip: Ipv4, platform: Platform): boolean {
    'cold';
    const at = ip.payload;
    const total = ip.payloadLength;
    if (total < Tcp.header) return false;
    const header = (frame[at + Tcp.dataOffset] >> 4) << 2;
    if (header < Tcp.header || header > total) return false;
    this.source = get32(frame, Ip.source);
    const sum = addSums(
      platform.checksum(frame, at, total),
      pseudoHeaderSum(this.source, ip.address, Protocol.tcp, total),
    );
    if (sum !== 0xffff) return false;
    this.sourcePort = get16(frame, at + Tcp.sourcePort);
    this.destinationPort = get16(frame, at + Tcp.destinationPort);
    this.ports = (this.destinationPort << 16) | this.sourcePort;
    this.header = at;
    this.seq = get32(frame, at + Tcp.sequence);
    this.ack = get32(frame, at + Tcp.acknowledgment);
    this.flags = frame[at + Tcp.flags];
    this.wnd = get16(frame, at + Tcp.window);
    this.data = at + header;
    this.length = total - header;
    parseOptions(this.options, frame, at + Tcp.header, at + header);
    return true;
  }
}
