import { expect } from 'vitest';
import { Ip } from '../../src/ip/ipv4';
import type { StackOptions } from '../../src/options';
import { UdpHost } from '../../src/udp/udp';
import { arpBody, checksum, ethernet, get16, get32, half, ipPacket, readPacket, udpDatagram } from '../src/frames';
import type { ArpFields, IpFields, Packet } from '../src/frames';
import { Peer, PEER, PEER_HARDWARE, STACK } from '../src/peer';

// What the conformance tests of IP, ICMP, UDP and the link say and do: a host with UDP, and everything that it sends.

export const ALL = [255, 255, 255, 255, 255, 255];
/** A host behind a gateway, and one that is a neighbour beside our peer. */
export const FAR = 0x08080808;
export const SECOND = STACK + 20;
export const SECOND_HARDWARE = [2, 0, 0, 0, 0, 21];

/** A datagram that an application has been handed, with what stands in front of it. */
export interface Received {
  data: string;
  address: number;
  port: number;
  to: number;
  service: number;
  options: number[];
}

/** A datagram as it left the host, and the station that its frame went to. */
export interface SentPacket extends Packet {
  hardware: number[];
  service: number;
  identification: number;
  options: number[];
}

/** A host that has announced itself, with UDP and port 7 open, alone with its peer. */
export class Host {
  readonly peer: Peer;
  readonly udp: UdpHost;
  readonly heard: Received[] = [];
  /** ICMP errors that port 7 was told of. */
  readonly errors: number[][] = [];

  constructor(options: Partial<StackOptions> = {}) {
    this.peer = new Peer(options).passes(3000);
    this.udp = new UdpHost(this.peer.stack, 4);
    this.udp.openPort(7, {
      datagram: (frame: Uint8Array, at: number, length: number, address: number, port: number) => void this.heard.push({
        data: Buffer.from(frame.slice(at, at + length)).toString('latin1'), address, port, to: get32(frame, Ip.destination),
        service: frame[Ip.service]!, options: Array.from(frame.slice(Ip.payload, at - 8)),
      }),
      icmpError: (...words: number[]) => void this.errors.push(words),
    });
    this.meets(PEER, PEER_HARDWARE);
    this.peer.mac.outbox.length = 0;
  }

  get counters() {
    return this.peer.stack.ip.counters;
  }

  /** A neighbour asks for our address, and is known from then on. */
  meets(address: number, hardware: ArrayLike<number>): this {
    return this.arp({ operation: 'request', sender: address, senderHardware: hardware, targetHardware: [0, 0, 0, 0, 0, 0] }, ALL);
  }

  arp(fields: Partial<ArpFields>, to: ArrayLike<number> = this.peer.mac.address): this {
    this.peer.arrives(ethernet(to, PEER_HARDWARE, 0x0806, arpBody({
      operation: 'reply', senderHardware: PEER_HARDWARE, sender: PEER, targetHardware: this.peer.mac.address, target: this.peer.stack.ip.address, ...fields,
    })));
    return this;
  }

  /** A datagram arrives, in a frame to us or to `to`; its header's other octets may be set. */
  takes(
    ip: Partial<IpFields> & { protocol: number; payload: ArrayLike<number> }, to?: ArrayLike<number>,
    change: (packet: Uint8Array) => void = () => undefined,
  ): this {
    const packet = ipPacket({ source: PEER, destination: STACK, ...ip });
    change(packet);
    packet.set([0, 0], 10);
    packet.set(half(ip.checksum ?? checksum(packet.slice(0, (packet[0]! & 15) * 4))), 10);
    this.peer.arrives(ethernet(to ?? this.peer.mac.address, PEER_HARDWARE, 0x0800, packet));
    return this;
  }

  /** A UDP datagram arrives, from port 4000 to port 7 unless said otherwise. */
  datagram(data: string, ip: Partial<IpFields> = {}, port = 7, to?: ArrayLike<number>): this {
    const ends: [number, number] = [ip.source ?? PEER, ip.destination ?? STACK];
    return this.takes({ protocol: 17, payload: udpDatagram(ends, 4000, port, Buffer.from(data)), ...ip }, to);
  }

  /** Port 7 sends a datagram. */
  says(data: string | Uint8Array, address = PEER, service = 64): number {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    const sent = this.udp.sendBytes(7, address, 4000, bytes, 0, bytes.length, service);
    this.peer.poll();
    return sent;
  }

  /** All datagrams that the host has sent since it was asked last. */
  sent(): SentPacket[] {
    this.peer.poll();
    return this.peer.mac.outbox.splice(0).filter((frame) => get16(frame, 12) === 0x0800).map((frame) => ({
      ...readPacket(frame), hardware: Array.from(frame.slice(0, 6)), service: frame[15]!, identification: get16(frame, 18),
      options: Array.from(frame.slice(34, 14 + (frame[14]! & 15) * 4)),
    }));
  }

  /** All frames that the host has sent since it was asked last. */
  frames(): Uint8Array[] {
    this.peer.poll();
    return this.peer.mac.outbox.splice(0);
  }

  /** The addresses that it has asked for by ARP. */
  asks(): number[] {
    return this.frames().filter((frame) => get16(frame, 12) === 0x0806 && get16(frame, 20) === 1).map((frame) => get32(frame, 38));
  }

  expectsSilence(): this {
    expect(this.sent()).toEqual([]);
    return this;
  }
}

/** An ICMP message with a right checksum. */
export function icmp(type: number, code: number, rest: number[], data: ArrayLike<number> = []): Uint8Array {
  const message = Uint8Array.from([type, code, 0, 0, ...rest, ...Array.from(data)]);
  message.set(half(checksum(message)), 2);
  return message;
}

export const echo = (data: ArrayLike<number> = [1, 2, 3]) => ({ protocol: 1, payload: icmp(8, 0, [0, 1, 0, 2], data) });

/** The header and first octets of a datagram of ours from UDP port 7, as an error repeats them. */
export function ours(destination = PEER, ip: Partial<IpFields> = {}): Uint8Array {
  return ipPacket({ source: STACK, destination, protocol: 17, payload: [0, 7, 15, 160, 0, 13, 0, 0], totalLength: 33, ...ip });
}
