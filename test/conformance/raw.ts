import { expect } from 'vitest';
import { checksum, ethernet, get16, get32, half, ipPacket, readSegment, tcpSegment, word } from '../src/frames';
import type { TcpFields } from '../src/frames';
import { Peer, PEER, PEER_HARDWARE, STACK } from '../src/peer';
import type { Template } from '../src/peer';

// What `Peer` leaves out of a segment: the urgent pointer, and what stands in the IP header around it.

/** Where a segment without IP options starts in its frame. */
export const TCP_AT = 34;

/** A segment of the stack's with all that its datagram says. Sequence numbers are as on the wire. */
export interface Datagram extends TcpFields {
  dscp: number;
  ttl: number;
  identification: number;
  source: number;
  destination: number;
  /** The options of the IP header. */
  ipOptions: number[];
  urgent: number;
  /** Where the frame goes. */
  hardware: number[];
}

/**
 * The segments that the stack has sent and nobody has heard yet; they stay where they are.
 * @param last what the checksum holds as the destination, when that is not where the datagram goes first
 */
export function overhears(peer: Peer, last?: number): Datagram[] {
  peer.poll();
  return peer.mac.outbox.filter((frame) => get16(frame, 12) === 0x0800 && frame[23] === 6).map((frame) => datagram(frame, last));
}

/** As `overhears`, and the peer has heard them. */
export function takes(peer: Peer, last?: number): Datagram[] {
  const taken = overhears(peer, last);
  peer.mac.outbox.length = 0;
  for (const { seq, flags, data } of taken) {
    if (flags.includes('SYN')) peer.irs = seq;
    const next = ((seq - peer.irs) | 0) + data.length + (/SYN|FIN/.test(flags) ? 1 : 0);
    if (!flags.includes('RST') && next > peer.ack) peer.ack = next;
  }
  return taken;
}

function datagram(frame: Uint8Array, last?: number): Datagram {
  const header = (frame[14]! & 15) * 4;
  expect(checksum(frame.slice(14, 14 + header)), 'the checksum of the IP header').toBe(0);
  const source = get32(frame, 26);
  const destination = get32(frame, 30);
  const payload = frame.slice(14 + header, 14 + get16(frame, 16));
  return {
    ...readSegment({ header, source, destination: last ?? destination, protocol: 6, ttl: frame[22]!, payload }),
    dscp: frame[15]! >> 2,
    ttl: frame[22]!,
    identification: get16(frame, 18),
    source,
    destination,
    ipOptions: Array.from(frame.slice(34, 14 + header)),
    urgent: get16(payload, 18),
    hardware: Array.from(frame.slice(0, 6)),
  };
}

/** Mends the checksum of a segment that was changed in its frame. */
export function mended(frame: Uint8Array): Uint8Array {
  const length = get16(frame, 16) - 20;
  frame.set([0, 0], TCP_AT + 16);
  const pseudo = [...frame.slice(26, 34), 0, 6, ...half(length)];
  frame.set(half(checksum(Uint8Array.from([...pseudo, ...frame.slice(TCP_AT, TCP_AT + length)]))), TCP_AT + 16);
  return frame;
}

/** The frame of a template with URG set and this urgent pointer. */
export function urgentFrame(peer: Peer, template: Template, pointer: number): Uint8Array {
  const frame = peer.frameOf({ ...template, flags: (template.flags ?? 'ACK') + ' URG' });
  frame.set(half(pointer), TCP_AT + 18);
  return mended(frame);
}

/**
 * The frame of a template in a datagram that differs: other ends, or options in its IP header. `summed` is the destination
 * that its checksum is for, if it is not the true one.
 */
export function datagramOf(
  peer: Peer,
  template: Template & { seq: number },
  ip: { source?: number; destination?: number; options?: number[]; summed?: number },
): Uint8Array {
  const source = ip.source ?? PEER;
  const destination = ip.destination ?? STACK;
  const flags = template.flags ?? 'ACK';
  const payload = tcpSegment(source, ip.summed ?? destination, {
    sourcePort: peer.port,
    destinationPort: peer.stackPort,
    seq: (peer.iss + template.seq) | 0,
    ack: flags.includes('ACK') ? (peer.irs + (template.ack ?? peer.ack)) | 0 : 0,
    flags,
    wnd: template.wnd ?? peer.wnd,
    options: template.options ?? [],
    data: typeof template.data === 'string' ? Buffer.from(template.data) : (template.data ?? new Uint8Array(0)),
  });
  const packet = ipPacket({ protocol: 6, payload, source, destination, options: ip.options ?? [] });
  return ethernet(peer.mac.address, PEER_HARDWARE, 0x0800, packet);
}

/** What an ICMP error is about: the addresses and ports are those of a segment of ours. */
export interface Blamed {
  sequence: number;
  localPort?: number;
  remotePort?: number;
  source?: number;
  destination?: number;
}

/** Lets a router report an error about a segment of the stack's, whose first octets it quotes. */
export function reports(peer: Peer, type: number, code: number, blamed: Blamed, mtu = 0): Peer {
  const quoted = ipPacket({
    source: blamed.source ?? STACK,
    destination: blamed.destination ?? PEER,
    protocol: 6,
    totalLength: 40,
    payload: [...half(blamed.localPort ?? peer.stackPort), ...half(blamed.remotePort ?? peer.port), ...word(blamed.sequence)],
  });
  const message = Uint8Array.from([type, code, 0, 0, 0, 0, ...half(mtu), ...quoted]);
  message.set(half(checksum(message)), 2);
  return peer.sendsPacket({ source: PEER, protocol: 1, payload: message });
}
