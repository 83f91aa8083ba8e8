import { Ip, IP_HEADER, Protocol } from '../ip/ipv4';
import { Ethernet } from '../link/ethernet';
import { get16, get32 } from '../wire/bytes';
import { addSums } from '../wire/checksum';
import { distance } from '../wire/sequence';
import { Bit, Event } from './control-block';
import { takeCleanAck } from './input';
import { takeText } from './reassembly';
import { Flag, Tcp } from './segment';
import { State } from './states';
import type { TcpHost } from './tcp';

/** Version 4, and a header without options. */
const PLAIN_IP = 0x45;
const FRAGMENT = 0x3fff;
const HEADERS = Ip.payload - Ethernet.header + Tcp.header;
/** Data offset and flags of a segment without options: ACK, with or without PSH. */
const PLAIN_TCP = (Tcp.header << 10) | Flag.ACK;

/**
 * Header prediction: most segments are the next one of the connection that the last was for, in order, with nothing
 * special about them. Such a one is taken in here, from the Ethernet frame to the ring, by the same steps as
 * `Ipv4.receive`, `Segment.parse` and `segmentArrives`, but all checks are for what is expected.
 * @param length octets of the frame
 * @returns false when the frame is anything else: nothing has changed, and it goes the long way
 */
export function predicted(tcp: TcpHost, frame: Uint8Array, length: number): boolean {
  const c = tcp.latest;
  if (c === null || get32(frame, Ip.payload) !== tcp.latestPorts) return false;
  const total = get16(frame, Ip.totalLength);
  const count = total - HEADERS;
  const seq = get32(frame, Ip.payload + Tcp.sequence);
  const ack = get32(frame, Ip.payload + Tcp.acknowledgment);
  const acked = distance(c.sndUna, ack);
  if (
    seq !== c.rcvNxt ||
    acked < 0 ||
    acked > distance(c.sndUna, c.sndMax) ||
    count + acked <= 0 ||
    count < 0 ||
    count > c.rcvWnd ||
    (get16(frame, Ip.payload + Tcp.dataOffset) & ~Flag.PSH) !== PLAIN_TCP ||
    get16(frame, Ip.payload + Tcp.window) !== c.sndWnd ||
    c.state !== State.ESTABLISHED ||
    c.bits & Bit.special ||
    c.gaps.count > 0 ||
    c.marked > 0 ||
    get32(frame, Ip.source) !== c.remoteAddress ||
    get32(frame, Ip.destination) !== tcp.ip.address ||
    frame[Ip.versionAndLength] !== PLAIN_IP ||
    frame[Ip.protocol] !== Protocol.tcp ||
    get16(frame, Ip.fragment) & FRAGMENT ||
    total + Ethernet.header > length
  ) {
    return false;
  }
  // The sum of both headers and the data: each part must make nothing, so together they do.
  const sum = addSums(tcp.platform.checksum(frame, Ip.versionAndLength, total), tcp.latestSum);
  if (addSums(sum, total - IP_HEADER) !== 0xffff) return false;
  tcp.ip.counters.inReceives++;
  tcp.ip.counters.inDelivers++;
  tcp.counters.inSegs++;
  c.heard = tcp.now;
  if (acked > 0) takeCleanAck(tcp, c, ack, acked);
  c.sndWl1 = seq;
  c.sndWl2 = ack;
  if (count > 0) takeText(tcp, c, frame, Ip.payload + Tcp.header, count);
  if (count > 0 || c.sendQueued > 0 || c.events & Event.toTell) tcp.schedule(c);
  return true;
}
