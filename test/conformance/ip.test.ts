import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/ip/address';
import { IgmpHost } from '../../src/ip/igmp';
import { Protocol, Sent } from '../../src/ip/ipv4';
import { get16, get32, word } from '../src/frames';
import type { IpFields } from '../src/frames';
import { noise } from '../src/lan';
import { mssOption, Peer, PEER, PEER_HARDWARE, STACK } from '../src/peer';
import { established } from '../src/tcp/states';
import { ALL, echo, FAR, Host, SECOND, SECOND_HARDWARE } from './datagrams';
import { hearsOf, listens, writes } from './dialogue';
import { overhears } from './raw';

const GROUP = parseAddress('224.0.0.251');
const BROADCAST = parseAddress('10.0.0.255');

/** A source route: its kind, where it stands and the addresses, filled up with zeros. */
const route = (kind: number, pointer: number, ...hops: number[]) => [kind, 3 + 4 * hops.length, pointer, ...hops.flatMap(word), 0];

describe('a host on its network (RFC 1122 section 3.1)', () => {
  test('[1122-3.1-1] IP and ICMP answer', () => {
    expect(new Host().takes(echo()).sent()).toMatchObject([{ protocol: 1, destination: PEER }]);
  });

  test('[1122-3.1-2] when one address of another host fails, the application is told and may try the next', () => {
    const peer = new Peer();
    peer.answersArp = true;
    peer.stack.connect(SECOND, 80, peer.app);
    peer.passes(400_000);
    expect(hearsOf(peer)).toEqual(['closed: timed out']);
    peer.app.connection = peer.stack.connect(PEER, peer.port, peer.app);
    peer.stackPort = peer.connection.localPort;
    peer.mac.outbox.length = 0;
    peer.passes(1000).expects({ flags: 'SYN' });
    peer.sends({ flags: 'SYN ACK', options: mssOption(1460) });
    expect(hearsOf(peer)).toEqual(['opened']);
  });

  test.each<[string, Partial<IpFields>]>([
    ['a neighbour', { destination: SECOND }],
    ['a host behind a gateway', { destination: FAR }],
    ['a host behind a gateway, from there', { destination: SECOND, source: FAR }],
    ['the broadcast of another network', { destination: parseAddress('10.0.1.255') }],
    ['a host along a source route', { options: route(131, 4, SECOND) }],
    ['a host behind a gateway along a strict route', { options: route(137, 8, PEER, FAR) }],
  ])('[1122-3.1-4, 1122-3.1-5, 1122-3.1-6, 1122-3.1-7, 1122-3.3.5-2, 1122-3.3.5-3, 1122-3.3.5-4, 1122-3.3.5-6, 1122-3.3.5-7, 1122-3.3.5-8, 1122-3.3.5-9] a datagram for %s is not forwarded', (_to, ip) => {
    const host = new Host({ gateway: SECOND }).meets(SECOND, SECOND_HARDWARE);
    host.sent();
    host.datagram('pass it on', ip).peer.passes(5000);
    expect(host.sent().filter(({ protocol }) => protocol === 17)).toEqual([]);
    expect(host.heard).toEqual([]);
  });

  test('[1122-3.3.5-10] the sender of a source route that leads on learns that it failed', () => {
    const [report] = new Host().datagram('pass it on', { options: route(131, 4, SECOND) }).sent();
    expect([report!.protocol, report!.payload[0], report!.payload[1]]).toEqual([1, 3, 5]);
  });

  test('[1122-3.1-9] each datagram that is dropped is counted, by its reason', () => {
    const host = new Host();
    host.takes({ ...echo(), version: 5 }).takes({ ...echo(), destination: SECOND }).takes({ ...echo(), source: -1 });
    host.takes({ protocol: 99, payload: [1] }).takes({ ...echo(), fragment: 0x2000 }).takes({ ...echo(), options: [7, 99, 4, 0] });
    expect(host.counters).toMatchObject({
      inHdrErrors: 1, inAddrErrors: 1, inSourceErrors: 1, inUnknownProtos: 1, inFragments: 1, inOptionErrors: 1, inDelivers: 0,
    });
  });
});

describe('headers (section 3.2.1)', () => {
  test.each([0, 3, 5, 6, 15])('[1122-3.2.1.1-1] version %i is dropped without a word', (version) => {
    const host = new Host().datagram('hello', { version }).expectsSilence();
    expect([host.heard, host.counters.inHdrErrors]).toEqual([[], 1]);
  });

  test.each([0, 1, 0xffff])('[1122-3.2.1.2-1] a checksum of %i that is wrong is dropped without a word', (checksum) => {
    const host = new Host().datagram('hello', { checksum }, 9).expectsSilence();
    expect([host.heard, host.counters.inHdrErrors]).toEqual([[], 1]);
  });

  test.each([
    ['255.255.255.0', '10.0.0.200', '10.0.1.2'], ['255.255.255.240', '10.0.0.14', '10.0.0.17'], ['255.255.128.0', '10.0.127.1', '10.0.128.1'],
  ])('[1122-3.2.1.3-1, 1122-3.3.1.1-1] with the mask %s, %s is a neighbour and %s behind the gateway', (mask, near, far) => {
    const host = new Host({ netmask: parseAddress(mask), gateway: PEER });
    host.says('hello', parseAddress(near));
    expect(host.asks()).toEqual([parseAddress(near)]);
    host.says('hello', parseAddress(far));
    expect(host.sent()).toMatchObject([{ destination: parseAddress(far), hardware: Array.from(PEER_HARDWARE) }]);
    const broadcast = parseAddress('10.0.0.1') | ~parseAddress(mask);
    expect(host.datagram('to all', { destination: broadcast }).heard).toMatchObject([{ data: 'to all' }]);
  });

  test('[1122-3.2.1.3-2, 1122-3.2.1.3-5, 1122-4.1.3.6-2] all that is sent comes from our address, also what answers a broadcast', () => {
    const host = new Host();
    new IgmpHost(host.peer.stack, 2).joinGroup(GROUP);
    host.says('hello');
    host.says('to all', -1);
    host.datagram('for nobody', {}, 9).takes(echo());
    for (const destination of [-1, BROADCAST, GROUP]) host.datagram('hello', { destination }, 9).takes({ ...echo(), destination });
    host.peer.sends({ flags: 'SYN' }).passes(3000);
    const sources = host.sent().map(({ source }) => source);
    expect(sources.length).toBeGreaterThan(5);
    expect(new Set(sources)).toEqual(new Set([STACK]));
  });

  test.each([SECOND, FAR, parseAddress('127.0.0.1'), 0, parseAddress('10.0.1.255'), parseAddress('239.1.1.1')])(
    '[1122-3.2.1.3-3] what is for %i is dropped without a word', (destination) => {
      const host = new Host().datagram('hello', { destination }).datagram('hello', { destination }, 9).takes({ ...echo(), destination });
      expect([host.expectsSilence().heard, host.counters.inAddrErrors]).toEqual([[], 3]);
    });

  test.each([STACK, 0, 1, -1, BROADCAST, parseAddress('127.0.0.1'), GROUP, parseAddress('240.0.0.1')])(
    '[1122-3.2.1.3-4, 1122-3.2.2-10, 1122-4.1.3.6-1] what comes from %i is dropped without a word', (source) => {
      const host = new Host().datagram('hello', { source }).datagram('hello', { source }, 9).takes({ ...echo(), source });
      expect([host.expectsSilence().heard, host.counters.inSourceErrors]).toEqual([[], 3]);
    });

  test('[1122-3.2.1.6-1, 1122-3.2.1.7-3, 1122-3.2.1.7-4, 1122-4.1.4-2] UDP and TCP set type of service and time to live, once for all that follows', () => {
    const host = new Host();
    host.says('hello', PEER, 0xb807);
    expect(host.sent()).toMatchObject([{ service: 0xb8, ttl: 7 }]);
    const peer = established();
    peer.connection.setService(46, 3);
    for (const text of ['one', 'two']) {
      expect(overhears(writes(peer, text))).toMatchObject([{ dscp: 46, ttl: 3 }]);
      peer.expects({ data: text }).sends({});
    }
  });

  test('[1122-3.2.1.6-2, 1122-4.1.4-3] an application sees the type of service of a datagram', () => {
    const host = new Host();
    const payload = Uint8Array.of(15, 160, 0, 7, 0, 9, 0, 0, 65);
    for (const service of [0, 0x10, 0xb8]) host.takes({ protocol: 17, payload }, undefined, (packet) => void packet.set([service], 1));
    expect(host.heard.map(({ service }) => service)).toEqual([0, 0x10, 0xb8]);
  });

  test('[1122-3.2.1.6-3] frames of any type of service look alike', () => {
    const host = new Host();
    for (const service of [0, 0x10, 0x08, 0xb8]) host.says('hello', PEER, (service << 8) | 64);
    expect(new Set(host.frames().map((frame) => frame.slice(0, 14).join())).size).toBe(1);
  });

  test('[1122-3.2.1.7-1] a time to live of 0 is refused, and nobody sends it by himself', () => {
    const host = new Host();
    expect(() => host.says('hello', PEER, 0x1000)).toThrow('UDP: a time to live of 0 is none from 1 to 255');
    expect(() => established().connection.setService(0, 0)).toThrow('timeToLive 0 is not');
    host.takes({ ...echo(), ttl: 1 }).takes({ ...echo(), ttl: 0 }).datagram('hello', { ttl: 1 }, 9);
    new IgmpHost(host.peer.stack, 1).joinGroup(GROUP);
    const lives = host.sent().map(({ ttl }) => ttl);
    expect(lives).toHaveLength(4);
    expect(Math.min(...lives)).toBeGreaterThan(0);
  });

  test.each([0, 1, 2])('[1122-3.2.1.7-2] a datagram with a time to live of %i has arrived like any other', (ttl) => {
    expect(new Host().datagram('hello', { ttl }).heard).toMatchObject([{ data: 'hello' }]);
  });

  test('[1122-3.2.1.8-1, 1122-4.1.3.2-2, 1122-4.1.3.2-3] options that the application chose are in the header of what it sends', () => {
    const host = new Host();
    host.udp.options = Uint8Array.of(148, 4, 0, 0, 1, 1, 1, 0);
    host.says('hello');
    host.udp.options = null;
    host.says('hello');
    expect(host.sent().map(({ options, payload }) => [options, Buffer.from(payload.slice(8)).toString()]))
      .toEqual([[[148, 4, 0, 0, 1, 1, 1, 0], 'hello'], [[], 'hello']]);
  });

  test.each([
    [[7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]], [[148, 4, 0, 0]], [[1, 1, 68, 8, 5, 0, 0, 0, 0, 0, 0, 0]], [route(131, 8, PEER)],
    [[77, 3, 9, 205, 5, 1, 2, 3]], [[30, 2, 1, 0]], [[1, 1, 1, 1, ...Array.from({ length: 36 }, () => 1)]],
  ])('[1122-3.2.1.8-2, 1122-3.2.1.8-3, 1122-3.4-3, 1122-4.1.3.2-1] the options %j do no harm, known or not, and reach the application', (options) => {
    const host = new Host().datagram('hello', { options });
    expect(host.heard).toMatchObject([{ data: 'hello', options }]);
    host.expectsSilence();
  });
});

describe('the layer above (section 3.4)', () => {
  test('[1122-3.4-1, 1122-4.1.4-1] it chooses service, time to live, options, destination and protocol, and learns what became of it', () => {
    const host = new Host();
    const { ip, link } = host.peer.stack;
    const options = Uint8Array.of(148, 4, 0, 0);
    link.frame.set([1, 2, 3], 34);
    expect(ip.sendWithOptions(options, 4, PEER, 200 as Protocol, 3, host.peer.now, 0x2005)).toBe(Sent.yes);
    expect(host.sent()).toMatchObject([{ protocol: 200, service: 0x20, ttl: 5, options: [148, 4, 0, 0], payload: Uint8Array.of(1, 2, 3) }]);
    expect(ip.send(FAR, 200 as Protocol, 3, host.peer.now, 64)).toBe(Sent.unreachable);
    host.peer.mac.busy = () => true;
    ip.send(PEER, 200 as Protocol, 3, host.peer.now, 64);
    expect(ip.send(PEER, 200 as Protocol, 3, host.peer.now, 64)).toBe(Sent.busy);
  });

  test('[1122-3.4-2, 1122-4.1.3.5-1] it sees which address a datagram was sent to', () => {
    const host = new Host();
    for (const destination of [STACK, BROADCAST, -1]) host.datagram('hello', { destination });
    expect(host.heard.map(({ to }) => to)).toEqual([STACK, BROADCAST, -1]);
  });

  test('[1122-3.3.4.2-1] answers come from the address that was asked', () => {
    const host = new Host();
    host.takes(echo()).peer.sends({ flags: 'SYN' });
    host.peer.stack.setAddress(SECOND, -256, 0, host.peer.now);
    host.meets(PEER, PEER_HARDWARE).takes({ ...echo(), destination: SECOND });
    expect(host.sent().map(({ source }) => source)).toEqual([STACK, STACK, SECOND]);
  });

  test('[1122-3.3.4.2-2] an open names its local address, one that is ours', () => {
    const peer = new Peer();
    peer.app.connection = peer.stack.connect(PEER, 80, peer.app, { localAddress: STACK });
    expect(overhears(peer)).toMatchObject([{ source: STACK, destination: PEER }]);
    expect(() => peer.stack.connect(PEER, 80, peer.app, { localAddress: SECOND })).toThrow('localAddress');
  });
});

describe('to many (sections 3.3.6 and 3.3.7)', () => {
  test('[1122-3.3.6-3, 1122-3.3.6-5, 1122-3.3.6-7] what goes to all stations goes to the address of ones, or to our network\'s', () => {
    const host = new Host();
    for (const destination of [-1, BROADCAST, PEER]) host.says('hello', destination);
    const sent = host.sent();
    expect(sent.map(({ hardware, destination }) => [hardware[0], destination])).toEqual([[255, -1], [255, BROADCAST], [2, PEER]]);
    expect(listens(established()).mac.outbox.filter((frame) => frame[0] === 255 && get16(frame, 12) === 0x0800)).toEqual([]);
  });

  test('[1122-3.3.6-4] datagrams to all, and to all of our network, are taken, whatever its mask', () => {
    for (const [netmask, broadcast] of [[-256, BROADCAST], [-65536, parseAddress('10.0.255.255')], [-16, parseAddress('10.0.0.15')]] as const) {
      const host = new Host({ netmask });
      for (const destination of [-1, broadcast]) host.datagram('hello', { destination }, 7, ALL);
      expect(host.heard).toHaveLength(2);
    }
  });

  test('[1122-3.3.7-1, 1122-3.3.7-2, 1122-3.3.7-3, 1122-3.3.7-4] groups can be joined, which is told by IGMP; all hosts\' from the start', () => {
    const host = new Host();
    expect(host.peer.stack.ip.groups).toBeNull();
    const igmp = new IgmpHost(host.peer.stack, 1);
    expect(host.peer.stack.ip.groups).toBe(igmp);
    const allHosts = parseAddress('224.0.0.1');
    host.datagram('to all hosts', { destination: allHosts }).datagram('too early', { destination: GROUP });
    igmp.joinGroup(GROUP);
    host.datagram('to the group', { destination: GROUP });
    expect(host.heard.map(({ data }) => data)).toEqual(['to all hosts', 'to the group']);
    const [report] = host.sent();
    expect([report!.protocol, report!.payload[0], get32(report!.payload, 4)]).toEqual([2, 0x16, GROUP]);
    host.says(noise(3), GROUP);
    expect(host.sent()).toMatchObject([{ destination: GROUP, hardware: [1, 0, 0x5e, 0, 0, 0xfb] }]);
  });
});
