// Frames built and read by hand: independent of src/, so that an error there is not repeated here.

export const FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'];

/** The ones' complement sum of RFC 1071, word by word with the carry brought round at once. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += bytes[at]! * 256 + (bytes[at + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return 0xffff - sum;
}

export function word(value: number): number[] {
  return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

export function half(value: number): number[] {
  return [(value >>> 8) & 255, value & 255];
}

export function ethernet(to: ArrayLike<number>, from: ArrayLike<number>, type: number, body: ArrayLike<number>): Uint8Array {
  return Uint8Array.from([...Array.from(to), ...Array.from(from), ...half(type), ...Array.from(body)]);
}

export interface ArpFields {
  operation: 'request' | 'reply';
  senderHardware: ArrayLike<number>;
  sender: number;
  targetHardware: ArrayLike<number>;
  target: number;
}

export function arpBody(arp: ArpFields): number[] {
  return [
    ...half(1), ...half(0x0800), 6, 4, ...half(arp.operation === 'request' ? 1 : 2),
    ...Array.from(arp.senderHardware), ...word(arp.sender), ...Array.from(arp.targetHardware), ...word(arp.target),
  ];
}

export interface IpFields {
  source: number;
  destination: number;
  protocol: number;
  payload: ArrayLike<number>;
  ttl?: number;
  /** The 16 bits of flags and fragment offset. */
  fragment?: number;
  /** A multiple of four octets. */
  options?: number[];
  version?: number;
  headerLength?: number;
  totalLength?: number;
  checksum?: number;
}

export function ipPacket(ip: IpFields): Uint8Array {
  const options = ip.options ?? [];
  const words = ip.headerLength ?? 5 + options.length / 4;
  const header = Uint8Array.from([
    ((ip.version ?? 4) << 4) | words, 0, ...half(ip.totalLength ?? 20 + options.length + ip.payload.length),
    ...half(7), ...half(ip.fragment ?? 0), ip.ttl ?? 64, ip.protocol, 0, 0,
    ...word(ip.source), ...word(ip.destination), ...options,
  ]);
  header.set(half(ip.checksum ?? checksum(header)), 10);
  return Uint8Array.from([...header, ...Array.from(ip.payload)]);
}

export interface TcpFields {
  sourcePort: number;
  destinationPort: number;
  seq: number;
  ack: number;
  flags: string;
  wnd: number;
  options: number[];
  data: Uint8Array;
}

export function tcpSegment(source: number, destination: number, tcp: TcpFields): Uint8Array {
  let bits = 0;
  for (const name of tcp.flags.split(' ')) if (name !== '') bits |= 1 << FLAGS.indexOf(name);
  const header = 20 + tcp.options.length;
  const segment = Uint8Array.from([
    ...half(tcp.sourcePort), ...half(tcp.destinationPort), ...word(tcp.seq), ...word(tcp.ack),
    (header / 4) << 4, bits, ...half(tcp.wnd), 0, 0, 0, 0, ...tcp.options, ...tcp.data,
  ]);
  segment.set(half(checksum(Uint8Array.from([...pseudoHeader(source, destination, segment.length), ...segment]))), 16);
  return segment;
}

function pseudoHeader(source: number, destination: number, length: number, protocol = 6): number[] {
  return [...word(source), ...word(destination), 0, protocol, ...half(length)];
}

/** A UDP datagram from the first of two addresses to the second, with a checksum unless one is given. */
export function udpDatagram(
  [source, destination]: [number, number], from: number, to: number, data: ArrayLike<number>, sum?: number, length = 8 + data.length,
): Uint8Array {
  const bytes = Uint8Array.from([...half(from), ...half(to), ...half(length), 0, 0, ...Array.from(data)]);
  const right = checksum(Uint8Array.from([...pseudoHeader(source, destination, bytes.length, 17), ...bytes]));
  bytes.set(half(sum ?? (right || 0xffff)), 6);
  return bytes;
}

export function get16(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 256 + bytes[at + 1]!;
}

export function get32(bytes: Uint8Array, at: number): number {
  return (get16(bytes, at) << 16) | get16(bytes, at + 2);
}

export interface Packet {
  header: number;
  source: number;
  destination: number;
  protocol: number;
  ttl: number;
  payload: Uint8Array;
}

/** The IPv4 packet of a frame. @throws Error when its header is not right */
export function readPacket(frame: Uint8Array): Packet {
  const header = (frame[14]! & 15) * 4;
  if (frame[14]! >> 4 !== 4 || checksum(frame.slice(14, 14 + header)) !== 0) throw new Error('bad IPv4 header');
  return {
    header,
    source: get32(frame, 26),
    destination: get32(frame, 30),
    protocol: frame[23]!,
    ttl: frame[22]!,
    payload: frame.slice(14 + header, 14 + get16(frame, 16)),
  };
}

/** The TCP segment of a packet. @throws Error when its checksum is not right */
export function readSegment(packet: Packet): TcpFields {
  const p = packet.payload;
  const whole = Uint8Array.from([...pseudoHeader(packet.source, packet.destination, p.length), ...p]);
  if (checksum(whole) !== 0) throw new Error('bad TCP checksum');
  const header = (p[12]! >> 4) * 4;
  return {
    sourcePort: get16(p, 0),
    destinationPort: get16(p, 2),
    seq: get32(p, 4),
    ack: get32(p, 8),
    flags: FLAGS.filter((_, bit) => p[13]! & (1 << bit)).join(' '),
    wnd: get16(p, 14),
    options: Array.from(p.slice(20, header)),
    data: p.slice(header),
  };
}
