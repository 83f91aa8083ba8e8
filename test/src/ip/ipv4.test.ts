import { describe, expect, test } from 'vitest';
import { BROADCAST, parseAddress } from '../../../src/ip/address';
import { DEFAULT_SERVICE, Ip, Protocol, Sent } from '../../../src/ip/ipv4';
import type { StackOptions } from '../../../src/options';
import { ethernet, get16, get32, ipPacket, readPacket } from '../frames';
import type { IpFields } from '../frames';
import { Peer, PEER, PEER_HARDWARE, STACK } from '../peer';

const ECHO = [8, 0, 0xf7, 0xff - 1, 0, 0, 0, 1];

function receives(ip: Partial<IpFields>, options: Partial<StackOptions> = {}) {
  const peer = new Peer(options);
  const before = { ...peer.stack.ip.counters };
  peer.sendsPacket({ protocol: 1, payload: ECHO, ...ip });
  const after = peer.stack.ip.counters;
  const changed = Object.keys(after).filter((name) => Reflect.get(after, name) !== Reflect.get(before, name));
  return changed.filter((name) => name !== 'inReceives' && name !== 'outRequests').join();
}

describe('receive: each check has its counter', () => {
  test.each<[string, Partial<IpFields>, string]>([
    ['a good one', {}, 'inDelivers'],
    ['version 6', { version: 6 }, 'inHdrErrors'],
    ['a header of 16 octets', { headerLength: 4 }, 'inHdrErrors'],
    ['a header longer than the packet', { headerLength: 15 }, 'inHdrErrors'],
    ['a total below the header', { totalLength: 19 }, 'inHdrErrors'],
    ['a total beyond the frame', { totalLength: 60 }, 'inHdrErrors'],
    ['a wrong checksum', { checksum: 0x1234 }, 'inHdrErrors'],
    ['another destination', { destination: STACK + 1 }, 'inAddrErrors'],
    ['a group that we are not in', { destination: parseAddress('224.0.0.5') }, 'inAddrErrors'],
    ['the broadcast of another network', { destination: parseAddress('10.0.1.255') }, 'inAddrErrors'],
    ['the limited broadcast', { destination: BROADCAST }, 'inDelivers'],
    ['our network\'s broadcast', { destination: parseAddress('10.0.0.255') }, 'inDelivers'],
    ['our own address as its source', { source: STACK }, 'inSourceErrors'],
    ['a source of zero', { source: 0 }, 'inSourceErrors'],
    ['a source on network zero', { source: parseAddress('0.1.2.3') }, 'inSourceErrors'],
    ['a source of class E', { source: parseAddress('240.1.2.3') }, 'inSourceErrors'],
    ['a broadcast source', { source: BROADCAST }, 'inSourceErrors'],
    ['our network\'s broadcast as its source', { source: parseAddress('10.0.0.255') }, 'inSourceErrors'],
    ['a loopback source', { source: parseAddress('127.0.0.1') }, 'inSourceErrors'],
    ['a group as its source', { source: parseAddress('239.1.2.3') }, 'inSourceErrors'],
    ['a first fragment', { fragment: 0x2000 }, 'inFragments'],
    ['a last fragment', { fragment: 0x0003 }, 'inFragments'],
    ['do not fragment', { fragment: 0x4000 }, 'inDelivers'],
    ['a time to live of 1', { ttl: 1 }, 'inDelivers'],
    ['a time to live of 0', { ttl: 0 }, 'inDelivers'],
    ['a protocol that nobody speaks', { protocol: 17 }, 'inUnknownProtos'],
  ])('%s', (_name, ip, counter) => expect(receives(ip)).toBe(counter));

  test('options are passed over, up to the longest header', () => {
    const peer = new Peer();
    const echo = [8, 0, 0xf7, 0xfe, 0, 0, 0, 1];
    peer.sendsPacket({ protocol: 1, payload: echo, options: Array.from({ length: 40 }, () => 1) });
    expect(readPacket(peer.mac.outbox.pop()!)).toMatchObject({ header: 60, payload: Uint8Array.from([0, 0, 0xff, 0xfe, 0, 0, 0, 1]) });
  });

  test('padding behind the packet is no part of it', () => {
    const peer = new Peer();
    const packet = ipPacket({ source: PEER, destination: STACK, protocol: 1, payload: ECHO });
    peer.arrives(ethernet(peer.mac.address, PEER_HARDWARE, 0x0800, [...packet, ...new Array<number>(18).fill(0xee)]));
    expect(readPacket(peer.mac.outbox.pop()!).payload).toHaveLength(8);
  });

  test('a frame too short for a header', () => {
    const peer = new Peer();
    for (let length = 0; length < 34; length++) {
      peer.arrives(Uint8Array.from([...peer.mac.address, ...PEER_HARDWARE, 8, 0, ...new Uint8Array(30)]).slice(0, length || 14));
    }
    expect(peer.stack.ip.counters.inDelivers).toBe(0);
  });

  test('on a network of two addresses neither is the broadcast (RFC 3021)', () => {
    expect(receives({ source: STACK - 1 }, { netmask: -2 })).toBe('inDelivers');
  });
});

describe('send', () => {
  function sends(peer: Peer, destination: number) {
    peer.mac.outbox.length = 0;
    const sent = peer.stack.ip.send(destination, Protocol.icmp, 8, peer.now, DEFAULT_SERVICE);
    const frame = peer.mac.outbox[0];
    return { sent, asks: frame && get16(frame, 12) === 0x0806 ? get32(frame, 38) : undefined, frame };
  }

  test('to our own network directly, elsewhere through the gateway', () => {
    const peer = new Peer({ gateway: PEER });
    expect(sends(peer, STACK + 3).asks).toBe(STACK + 3);
    const away = sends(peer, 0x08080808);
    expect(Array.from(away.frame!.slice(0, 6))).toEqual(Array.from(PEER_HARDWARE));
    expect(readPacket(away.frame!)).toMatchObject({ source: STACK, destination: 0x08080808, protocol: 1, ttl: 64, header: 20 });
  });

  test('elsewhere without a gateway: no route', () => {
    const peer = new Peer();
    expect(sends(peer, 0x08080808)).toEqual({ sent: Sent.unreachable, asks: undefined, frame: undefined });
    expect(peer.stack.ip.counters.outNoRoutes).toBe(1);
  });

  test.each([BROADCAST, parseAddress('10.0.0.255')])('to a broadcast address, to all stations (%i)', (destination) => {
    const { frame } = sends(new Peer(), destination);
    expect(Array.from(frame!.slice(0, 14))).toEqual([255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 8, 0]);
  });

  test('each with another identification, never to be fragmented', () => {
    const peer = new Peer();
    const first = get16(sends(peer, PEER).frame!, 18);
    const { frame } = sends(peer, PEER);
    expect([get16(frame!, 18), get16(frame!, 20)]).toEqual([(first + 1) & 0xffff, 0x4000]);
  });

  test('with the type of service and the time to live that are asked for', () => {
    const peer = new Peer();
    peer.mac.outbox.length = 0;
    peer.stack.ip.send(PEER, Protocol.icmp, 8, peer.now, (0xb8 << 8) | 3);
    const frame = peer.mac.outbox[0]!;
    expect([frame[15], frame[22], readPacket(frame).payload.length]).toEqual([0xb8, 3, 8]);
  });

  test.each([4, 40])('with %i octets of options in the header', (length) => {
    const peer = new Peer();
    peer.mac.outbox.length = 0;
    const { ip, tcp } = peer.stack;
    tcp.link.frame.set([1, 2, 3, 4, 5], Ip.payload);
    const options = Uint8Array.from({ length }, (_, at) => at + 1);
    expect(ip.sendWithOptions(options, length, PEER, Protocol.icmp, 5, peer.now, DEFAULT_SERVICE)).toBe(Sent.yes);
    const packet = readPacket(peer.mac.outbox[0]!);
    expect(packet).toMatchObject({ header: 20 + length, payload: Uint8Array.of(1, 2, 3, 4, 5) });
    expect(peer.mac.outbox[0]!.slice(Ip.payload, Ip.payload + length)).toEqual(options);
    peer.mac.outbox.length = 0;
    ip.send(PEER, Protocol.icmp, 5, peer.now, DEFAULT_SERVICE);
    expect(readPacket(peer.mac.outbox[0]!).header).toBe(20);
  });

  test('options wait for the transmitter, and leave the frame that it has not taken yet as it is', () => {
    const peer = new Peer();
    peer.mac.busy = () => true;
    sends(peer, PEER);
    const before = peer.stack.tcp.link.frame.slice();
    const sent = peer.stack.ip.sendWithOptions(new Uint8Array(4), 4, PEER, Protocol.icmp, 8, peer.now, DEFAULT_SERVICE);
    expect([sent, peer.stack.tcp.link.frame]).toEqual([Sent.busy, before]);
  });

  test('waits while a frame waits for the transmitter', () => {
    const peer = new Peer();
    peer.mac.busy = () => true;
    expect(sends(peer, PEER).sent).toBe(Sent.yes);
    expect(sends(peer, PEER).sent).toBe(Sent.busy);
    peer.mac.busy = () => false;
    peer.poll();
    expect(peer.mac.outbox).toHaveLength(1);
  });
});
