import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { BROADCAST, formatAddress, parseAddress } from '../../../src/ip/address';
import { checksum, half, ipPacket, readPacket } from '../frames';
import type { IpFields } from '../frames';
import { noise } from '../lan';
import { Peer, PEER, STACK } from '../peer';

function echo(data: Uint8Array, id = 1, sequence = 2): Uint8Array {
  const message = Uint8Array.from([8, 0, 0, 0, ...half(id), ...half(sequence), ...data]);
  message.set(half(checksum(message)), 2);
  return message;
}

describe('echo', () => {
  test.each([0, 1, 55, 56, 528, 548])('%i octets come back as they were', (length) => {
    const peer = new Peer();
    const request = echo(noise(length));
    const answer = readPacket(peer.sendsPacket({ protocol: 1, payload: request, ttl: 3 }).mac.outbox.pop()!);
    expect(answer).toMatchObject({ source: STACK, destination: PEER, ttl: 64, protocol: 1 });
    expect(checksum(answer.payload)).toBe(0);
    expect(answer.payload[0]).toBe(0);
    expect(answer.payload.slice(4)).toEqual(request.slice(4));
  });

  test('every checksum is mended right', () => {
    const peer = new Peer();
    fc.assert(fc.property(fc.nat(0xffff), fc.nat(0xffff), fc.uint8Array({ maxLength: 9 }), (id, sequence, data) => {
      peer.sendsPacket({ protocol: 1, payload: echo(data, id, sequence) });
      expect(checksum(readPacket(peer.mac.outbox.pop()!).payload)).toBe(0);
    }));
  });

  test('a ping of 1,472 octets is answered when frames are that large', () => {
    const peer = new Peer({ mss: 1460, receiveBuffer: 2920, sendBuffer: 2920 });
    peer.sendsPacket({ protocol: 1, payload: echo(noise(1472)) });
    expect(peer.mac.outbox.pop()).toHaveLength(1514);
  });

  test('waits for the transmitter, and holds up what arrives meanwhile', () => {
    const peer = new Peer();
    peer.mac.busy = () => true;
    for (let n = 0; n < 3; n++) peer.mac.inbox.push(...new Peer().sendsPacket({ protocol: 1, payload: echo(noise(9, n)) }).mac.inbox);
    peer.sendsPacket({ protocol: 1, payload: echo(noise(9, 7)) });
    peer.sendsPacket({ protocol: 1, payload: echo(noise(9, 8)) });
    expect(peer.mac.inbox).toHaveLength(1);
    peer.mac.busy = () => false;
    peer.passes(5);
    expect(peer.mac.outbox.map((frame) => readPacket(frame).payload.slice(8))).toEqual([noise(9, 7), noise(9, 8)]);
  });
});

describe('not answered, but counted', () => {
  const counters = { inMsgs: 1, outEchoReps: 0 };

  test.each([
    ['a wrong checksum', { payload: echo(noise(8)).fill(1, 9, 10) }, { inErrors: 1 }],
    ['less than a header', { payload: [8, 0, 0xf7, 0xff] }, { inErrors: 1 }],
    ['a broadcast', { payload: echo(noise(8)), destination: BROADCAST }, { inIgnored: 1 }],
    ['our network\'s broadcast', { payload: echo(noise(8)), destination: parseAddress('10.0.0.255') }, { inIgnored: 1 }],
    ['an echo reply', { payload: [0, 0, 0xff, 0xff, 0, 0, 0, 0] }, { inIgnored: 1 }],
    ['a timestamp request', { payload: [13, 0, 0xf2, 0xff, 0, 0, 0, 0] }, { inIgnored: 1 }],
    ['an address mask request', { payload: [17, 0, 0xee, 0xff, 0, 0, 0, 0] }, { inIgnored: 1 }],
    ['a type that nobody knows', { payload: [200, 0, 0x37, 0xff, 0, 0, 0, 0] }, { inIgnored: 1 }],
  ])('%s', (_name, packet, counted) => {
    const peer = new Peer().sendsPacket({ protocol: 1, ...packet });
    expect(peer.mac.outbox).toEqual([]);
    expect(peer.stack.icmp.counters).toMatchObject({ ...counters, ...counted });
  });
});

describe('errors about datagrams of ours', () => {
  const REMOTE = parseAddress('10.9.9.9');

  /** An error that repeats `about`, and what TCP is told of it. */
  function hears(type: number, code: number, about: ArrayLike<number>, rest = [0, 0, 0, 0], more: Partial<IpFields> = {}) {
    const peer = new Peer();
    const told: number[][] = [];
    peer.stack.icmp.tcp = { segmentError: (...words) => told.push(words) };
    const message = Uint8Array.from([type, code, 0, 0, ...rest, ...Array.from(about)]);
    message.set(half(checksum(message)), 2);
    peer.sendsPacket({ protocol: 1, payload: message, source: REMOTE, ...more });
    return { told, counters: peer.stack.icmp.counters };
  }

  const segment = [0x1f, 0x90, 0, 80, 0x12, 0x34, 0x56, 0x78];
  const ours = (ip: Partial<IpFields> = {}) => ipPacket({ source: STACK, destination: REMOTE, protocol: 6, payload: segment, ...ip });
  const words = [REMOTE, 0x1f900050, 0x12345678];

  test.each([[3, 0], [3, 1], [3, 3], [3, 13], [11, 0], [12, 0]])('type %i code %i is passed on', (type, code) => {
    const { told, counters } = hears(type, code, ours());
    expect(told).toEqual([[type, code, ...words, 0]]);
    expect(counters).toMatchObject({ inReports: 1, inIgnored: 0, inErrors: 0 });
  });

  test('with the next hop\'s MTU', () => {
    expect(hears(3, 4, ours(), [0, 0, 0x02, 0x40]).told).toEqual([[3, 4, ...words, 576]]);
  });

  test('options of the datagram are passed over', () => {
    expect(hears(3, 1, ours({ options: [1, 1, 1, 0] })).told).toEqual([[3, 1, ...words, 0]]);
  });

  test.each<[string, number, ArrayLike<number>, Partial<IpFields>?]>([
    ['source quench', 4, ours()],
    ['a redirect', 5, ours()],
    ['a datagram that we did not send', 3, ours({ source: STACK + 1 })],
    ['another protocol', 3, ours({ protocol: 132 })],
    ['less than eight octets of the segment', 3, ours({ payload: segment.slice(0, 7) })],
    ['a header that is too short', 3, ours({ headerLength: 4 })],
    ['a header longer than the message', 3, ours({ headerLength: 15 })],
    ['nothing at all', 3, []],
    ['an error sent to everybody', 3, ours(), { destination: BROADCAST }],
  ])('%s is ignored', (_name, type, about, more = {}) => {
    const { told, counters } = hears(type, 0, about, undefined, more);
    expect(told).toEqual([]);
    expect(counters).toMatchObject({ inReports: 0, inIgnored: 1 });
  });
});

describe('addresses', () => {
  test('text and back', () => {
    fc.assert(fc.property(fc.integer({ min: -0x80000000, max: 0x7fffffff }), (address) => {
      expect(parseAddress(formatAddress(address))).toBe(address);
    }));
    expect(parseAddress('192.168.1.20')).toBe(0xc0a80114 | 0);
  });

  test.each(['', '1.2.3', '1.2.3.4.5', '1.2.3.256', '1.2.3.-1', '1.2.3.04', ' 1.2.3.4', '1.2.3.4a', '1..3.4'])('"%s" is none', (text) => {
    expect(() => parseAddress(text)).toThrow(`"${text}" is not an IPv4 address such as 192.168.1.20`);
  });
});
