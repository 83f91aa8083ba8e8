import { expect } from 'vitest';
import { BROADCAST } from '../../../src/ip/address';
import { AddressClaim } from '../../../src/link/conflict';
import { LinkLocal } from '../../../src/link/link-local';
import { DhcpClient } from '../../../src/udp/dhcp';
import { UdpHost } from '../../../src/udp/udp';
import { arpBody, ethernet, get16, get32, half, readPacket, udpDatagram, word } from '../frames';
import { Peer, PEER, PEER_HARDWARE } from '../peer';

export const TYPES = ['', 'DISCOVER', 'OFFER', 'REQUEST', 'DECLINE', 'ACK', 'NAK', 'RELEASE'];
export const LEASED = 0x0a000032;

/** A message that the client has sent. */
export interface Said {
  at: number;
  type: string;
  from: number;
  to: number;
  xid: number;
  broadcast: boolean;
  client: number;
  options: Map<number, number[]>;
}

/** What a server says; options by their codes. */
export interface Answer {
  options?: [number, number[]][];
  your?: number;
  xid?: number;
  hardware?: ArrayLike<number>;
  file?: [number, number[]][];
  serverName?: [number, number[]][];
  cut?: number;
  to?: number;
}

const raw = (options: [number, number[]][]) => options.flatMap(([code, value]) => [code, value.length, ...value]);

/** A host without an address whose DHCP client talks to the test. */
export class Conversation {
  readonly peer = new Peer({ address: 0, netmask: -1 });
  readonly udp = new UdpHost(this.peer.stack, 2);
  readonly claim = new AddressClaim(this.peer.stack);
  readonly changes: boolean[] = [];
  readonly dhcp = new DhcpClient(this.udp, this.claim, 'espruino', { leaseChanged: (has) => void this.changes.push(has) });
  readonly said: Said[] = [];
  /** ARP requests: who asks for what. */
  readonly asked: { at: number; sender: number; target: number }[] = [];

  constructor(fallback = false) {
    if (fallback) this.dhcp.fallback = new LinkLocal(this.peer.stack, this.claim);
    this.dhcp.startDhcp();
    this.listen();
  }

  get now(): number {
    return this.peer.now;
  }

  listen(): void {
    this.peer.poll();
    for (const frame of this.peer.mac.outbox.splice(0)) {
      if (get16(frame, 12) === 0x0806) {
        if (get16(frame, 20) === 1) this.asked.push({ at: this.now, sender: get32(frame, 28), target: get32(frame, 38) });
        continue;
      }
      const packet = readPacket(frame);
      if (packet.protocol !== 17 || get16(packet.payload, 2) !== 67) continue;
      const body = packet.payload.slice(8);
      const fixed = [...packet.payload.slice(0, 4), ...body.slice(0, 4), ...body.slice(236, 240)];
      expect(fixed).toEqual([0, 68, 0, 67, 1, 1, 6, 0, 99, 130, 83, 99]);
      expect(Array.from(body.slice(28, 34))).toEqual(Array.from(this.peer.mac.address));
      expect(body.length).toBeGreaterThanOrEqual(300);
      const options = new Map<number, number[]>();
      for (let at = 240; body[at] !== 255; at += 2 + body[at + 1]!) {
        options.set(body[at]!, Array.from(body.slice(at + 2, at + 2 + body[at + 1]!)));
      }
      this.said.push({
        at: this.now, type: TYPES[options.get(53)![0]!]!, from: packet.source, to: packet.destination, xid: get32(body, 4),
        broadcast: body[10] === 0x80, client: get32(body, 12), options,
      });
    }
  }

  passes(milliseconds: number): this {
    const end = this.now + milliseconds;
    while (this.now < end) {
      const wait = this.peer.poll();
      this.listen();
      this.peer.now = Math.min(end, this.now + Math.max(1, wait));
    }
    this.listen();
    return this;
  }

  /** The next message of the client, within so many milliseconds. */
  hears(type: string, within = 5000): Said {
    const end = this.now + within;
    while (this.said.length === 0 && this.now < end) this.passes(10);
    const said = this.said.shift();
    expect(said?.type).toBe(type);
    return said!;
  }

  says(type: string, to: Said, answer: Answer = {}): this {
    const main: [number, number[]][] = [[53, [TYPES.indexOf(type)]], [54, word(PEER)], ...(answer.options ?? [])];
    const field = (options: [number, number[]][] | undefined, size: number) =>
      [...raw(options ?? []), 255, ...new Array<number>(size).fill(0)].slice(0, size);
    const body = [
      2, 1, 6, 0, ...word(answer.xid ?? to.xid), 0, 0, 0, 0, 0, 0, 0, 0, ...word(answer.your ?? LEASED), 0, 0, 0, 0, 0, 0, 0, 0,
      ...Array.from(answer.hardware ?? this.peer.mac.address), ...new Array<number>(10).fill(0),
      ...field(answer.serverName, 64), ...field(answer.file, 128), 99, 130, 83, 99, ...raw(main), 255,
    ];
    const destination = answer.to ?? BROADCAST;
    const payload = udpDatagram([PEER, destination], 67, 68, body.slice(0, answer.cut ?? body.length));
    this.peer.sendsPacket({ protocol: 17, destination, payload });
    this.listen();
    return this;
  }

  /** Another host says that an address is its own. */
  claims(address: number): this {
    this.peer.arrives(ethernet(this.peer.mac.address, PEER_HARDWARE, 0x0806, arpBody({
      operation: 'reply', senderHardware: PEER_HARDWARE, sender: address, targetHardware: this.peer.mac.address, target: 0,
    })));
    this.listen();
    return this;
  }

  /** Goes through the whole exchange until the address is in use. */
  binds(options: [number, number[]][] = LEASE): this {
    this.says('OFFER', this.hears('DISCOVER'), { options });
    this.says('ACK', this.hears('REQUEST'), { options });
    return this.passes(8000);
  }
}

/** A lease of 1,000 s: renewal after 500 s, rebinding after 875 s. */
export const LEASE: [number, number[]][] = [
  [51, word(1000)], [1, [255, 255, 255, 0]], [3, word(PEER)], [6, [...word(PEER), ...word(PEER + 1)]], [42, word(PEER + 2)],
];
export const seconds = (value: number): number[] => word(value);
export { half, word };
