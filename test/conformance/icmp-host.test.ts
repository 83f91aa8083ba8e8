import { describe, expect, test } from 'vitest';
import { BROADCAST, parseAddress } from '../../src/ip/address';
import { IgmpHost } from '../../src/ip/igmp';
import { checksum, half, ipPacket, tcpSegment, udpDatagram, word } from '../src/frames';
import { noise } from '../src/lan';
import { PEER, STACK } from '../src/peer';
import { LEASE, Conversation } from '../src/udp/dhcp-server';
import { established } from '../src/tcp/states';
import { ALL, echo, FAR, Host, icmp, ours, SECOND } from './datagrams';
import { hearsOf, listens, writes } from './dialogue';
import { reports } from './raw';

const GROUP = parseAddress('224.0.0.1');

/** What the host reports, without the datagram that it repeats: type and code. */
function reported(host: Host): [number, number][] {
  return host.sent().filter(({ protocol }) => protocol === 1).map(({ payload }) => [payload[0]!, payload[1]!]);
}

/** A datagram for a port that nobody has opened. */
const LOST = udpDatagram([PEER, STACK], 4000, 9, Buffer.from('for nobody'));

describe('ICMP messages (RFC 1122 section 3.2.2)', () => {
  test.each([1, 2, 7, 9, 10, 19, 30, 40, 200, 255])('[1122-3.2.2-1] type %i is dropped without a word, and counted', (type) => {
    const host = new Host().takes({ protocol: 1, payload: icmp(type, 0, [0, 0, 0, 0], ours()) }).expectsSilence();
    expect([host.errors, host.peer.stack.icmp.counters.inIgnored]).toEqual([[], 1]);
  });

  test.each<[string, number[]]>([['without options', []], ['with options', [148, 4, 0, 0, 1, 1, 1, 0]]])(
    '[1122-3.2.2-3, 1122-3.2.2-5, 1122-3.3.8-1, 1122-3.4-4, 1122-3.4-6] an error about a datagram %s holds its header and eight octets as they came, and has type of service 0', (_what, options) => {
      const host = new Host();
      let came: Uint8Array = new Uint8Array(0);
      host.takes({ protocol: 17, payload: LOST, options, ttl: 77 }, undefined, (packet) => {
        packet.set([0xb8], 1);
        came = packet;
      });
      const [report] = host.sent();
      expect(report).toMatchObject({ source: STACK, destination: PEER, protocol: 1, service: 0 });
      expect(Array.from(report!.payload.slice(0, 2))).toEqual([3, 3]);
      expect(checksum(report!.payload)).toBe(0);
      expect(report!.payload.slice(8)).toEqual(came.slice(0, 20 + options.length + 8));
    });

  test('[1122-3.2.2-4, 1122-3.4-5, 1122-4.1.3.3-1] an error reaches the protocol, and there the user, whose datagram it repeats', () => {
    const host = new Host();
    host.takes({ protocol: 1, payload: icmp(3, 3, [0, 0, 0, 0], ours()) });
    expect(host.errors).toEqual([[3, 3, PEER, (7 << 16) | 4000, 13 << 16, 0]]);
    const peer = listens(writes(established(), 'data')).expects({ data: 'data' });
    hearsOf(peer);
    expect(hearsOf(reports(peer, 3, 1, { sequence: peer.irs + 1 }))).toEqual(['report: unreachable']);
  });

  test.each([[3, 3], [3, 0], [4, 0], [5, 1], [11, 0], [12, 0], [0, 0], [13, 0]])(
    '[1122-3.2.2-6] no error is sent about an ICMP message of type %i, code %i, whatever is wrong with it', (type, code) => {
      const host = new Host();
      const payload = icmp(type, code, [0, 0, 0, 0], ours());
      for (const options of [[7, 99, 4, 0], [131, 7, 4, ...word(SECOND), 0]]) host.takes({ protocol: 1, payload, options });
      host.expectsSilence();
      expect(host.counters.inOptionErrors).toBe(2);
    });

  test.each([-1, parseAddress('10.0.0.255'), GROUP])('[1122-3.2.2-7] no error about what was sent to %i', (destination) => {
    const host = new Host();
    new IgmpHost(host.peer.stack, 1);
    host.takes({ protocol: 99, payload: noise(20), destination }).datagram('for nobody', { destination }, 9);
    host.datagram('hello', { destination, options: [7, 99, 4, 0] }).expectsSilence();
    expect(host.counters).toMatchObject({ inUnknownProtos: 1, inOptionErrors: 1 });
  });

  test('[1122-3.2.2-8] none about what came as a broadcast of the link', () => {
    const host = new Host();
    host.datagram('for nobody', {}, 9, ALL).takes({ protocol: 99, payload: noise(20) }, ALL).datagram('hello', { options: [7, 99, 4, 0] }, 7, ALL);
    host.expectsSilence();
  });
});

describe('unreachable (section 3.2.2.1)', () => {
  test('[1122-3.2.2.1-1, 1122-3.3.8-1, 1122-4.1.3.1-1] protocols that nobody speaks and ports that nobody has opened are reported', () => {
    const host = new Host().takes({ protocol: 99, payload: noise(20) }).datagram('for nobody', {}, 9);
    expect(reported(host)).toEqual([[3, 2], [3, 3]]);
  });

  test.each([[0], [1], [2], [3], [4], [5], [6], [12], [13]])('[1122-3.2.2.1-2] code %i reaches the layer above', (code) => {
    const host = new Host().takes({ protocol: 1, source: SECOND, payload: icmp(3, code, [0, 0, 0, 0], ours(FAR)) });
    expect(host.errors.map((words) => words.slice(0, 3))).toEqual([[3, code, FAR]]);
  });

  test('[1122-3.2.2.1-3, 1122-3.2.2.1-4] TCP tells its application, and goes on', () => {
    const peer = listens(writes(established(), 'data')).expects({ data: 'data' });
    hearsOf(peer);
    for (const code of [0, 1, 5]) reports(peer, 3, code, { sequence: peer.irs + 1 });
    expect(hearsOf(peer)).toEqual(['report: unreachable', 'report: unreachable', 'report: unreachable']);
    peer.sends({});
    writes(peer, 'more').expects({ data: 'more' });
    // UDP goes on sending as well.
    const host = new Host().takes({ protocol: 1, payload: icmp(3, 1, [0, 0, 0, 0], ours()) });
    host.says('again');
    expect(host.sent()).toHaveLength(1);
  });
});

describe('other errors (sections 3.2.2.3 to 3.2.2.5)', () => {
  test('[1122-3.2.2.3-2] source quench is dropped', () => {
    const host = new Host().takes({ protocol: 1, payload: icmp(4, 0, [0, 0, 0, 0], ours()) }).expectsSilence();
    expect([host.errors, host.peer.stack.icmp.counters.inIgnored]).toEqual([[], 1]);
  });

  test.each([[11, 0], [11, 1], [12, 0], [12, 1]])(
    '[1122-3.2.2.4-1, 1122-3.2.2.5-2, 1122-3.2.2.5-3] type %i code %i reaches the layer above, and there the application', (type, code) => {
      const host = new Host().takes({ protocol: 1, payload: icmp(type, code, [20, 0, 0, 0], ours()) });
      expect(host.errors.map((words) => words.slice(0, 2))).toEqual([[type, code]]);
      const peer = listens(writes(established(), 'data')).expects({ data: 'data' });
      hearsOf(peer);
      reports(peer, type, code, { sequence: peer.irs + 1 });
      expect(hearsOf(peer)).toEqual([type === 11 ? 'report: time exceeded' : 'report: parameter problem']);
    });

  test.each([[[7, 99, 4, 0], 20], [[1, 7, 0, 0], 21], [[1, 1, 1, 7], 23], [[148, 4, 0, 0, 131, 9, 4, 0], 24]])(
    '[1122-3.2.2.5-1] the options %j, whose lengths make no sense, are reported, with the octet where it begins', (options, at) => {
      const host = new Host().datagram('hello', { options });
      const [report] = host.sent();
      expect(Array.from(report!.payload.slice(0, 2))).toEqual([12, 0]);
      expect(Array.from(report!.payload.slice(4, 8))).toEqual([at, 0, 0, 0]);
      expect(host.heard).toEqual([]);
    });
});

describe('echo (section 3.2.2.6)', () => {
  test.each([0, 1, 100, 501, 548])('[1122-3.2.2.6-1, 1122-3.2.2.6-5, 1122-3.2.2.6-6] a request with %i octets is answered with the same, from the address that was asked', (octets) => {
    const request = echo(noise(octets)).payload;
    const [answer] = new Host().takes({ protocol: 1, payload: request }).sent();
    expect(answer).toMatchObject({ source: STACK, destination: PEER, protocol: 1 });
    expect([answer!.payload[0], checksum(answer!.payload)]).toEqual([0, 0]);
    expect(answer!.payload.slice(4)).toEqual(request.slice(4));
  });

  test.each([BROADCAST, parseAddress('10.0.0.255'), GROUP])(
    '[1122-3.2.2.6-3, 1122-3.2.2.6-4] a request to many (%i) is left unanswered', (destination) => {
      const host = new Host();
      new IgmpHost(host.peer.stack, 1);
      host.takes({ ...echo(), destination }).expectsSilence();
      expect(host.peer.stack.icmp.counters.inIgnored).toBe(1);
    });

  test('[1122-3.2.2.6-7] a reply is nobody\'s: it is counted and dropped', () => {
    const host = new Host().takes({ protocol: 1, payload: icmp(0, 0, [0, 1, 0, 2], noise(20)) }).expectsSilence();
    expect(host.peer.stack.icmp.counters).toMatchObject({ inMsgs: 1, inIgnored: 1 });
  });

  const [one, two, three] = [PEER + 1, PEER + 2, PEER + 3] as const;
  const route = (kind: number, pointer: number, ...hops: number[]) => [kind, 3 + 4 * hops.length, pointer, ...hops.flatMap(word)];

  test.each<[string, number[], number, number[]]>([
    ['one router', [...route(131, 8, one), 0], one, [...route(131, 4, PEER), 0]],
    ['three routers', [1, ...route(131, 16, one, two, three)], three, [1, ...route(131, 4, two, one, PEER)]],
    ['two, strictly', [...route(137, 12, one, two), 0], two, [...route(137, 4, one, PEER), 0]],
    ['two, with the sender recorded', [...route(131, 16, PEER, one, two), 0], two, [...route(131, 4, one, PEER), 1, 1, 1, 1, 0]],
    ['one, behind another option', [148, 4, 0, 0, 1, ...route(131, 8, one)], one, [148, 4, 0, 0, 1, ...route(131, 4, PEER)]],
  ])('[1122-3.2.2.6-9] the answer to a request that came over %s goes back the same way', (_way, options, first, back) => {
    const [answer] = new Host().takes({ ...echo(), options }).sent();
    expect(answer).toMatchObject({ source: STACK, destination: first, options: back });
    expect([answer!.payload[0], checksum(answer!.payload)]).toEqual([0, 0]);
  });
});

describe('what is not spoken (sections 3.2.2.7 to 3.2.2.9)', () => {
  const TIMES = [0, 1, 0, 2];

  test.each([15, 16])('[1122-3.2.2.7-1] information messages (type %i) are left alone', (type) => {
    new Host().takes({ protocol: 1, payload: icmp(type, 0, TIMES) }).expectsSilence();
  });

  test.each([[13, STACK], [13, -1], [13, GROUP], [14, STACK]])(
    '[1122-3.2.2.8-3, 1122-3.2.2.8-4, 1122-3.2.2.8-5, 1122-3.2.2.8-6, 1122-3.2.2.8-7, 1122-3.2.2.8-8] timestamps (type %i to %i) are left alone', (type, destination) => {
      const host = new Host();
      new IgmpHost(host.peer.stack, 1);
      host.takes({ protocol: 1, destination, payload: icmp(type, 0, TIMES, noise(12)) }).expectsSilence();
      expect(host.peer.stack.icmp.counters.inIgnored).toBe(1);
    });

  test('[1122-3.2.2.9-5, 1122-3.2.2.9-7, 1122-3.2.2.9-9, 1122-3.2.2.9-10, 1122-3.2.2.9-12] masks are neither asked for nor told, and nothing is learned of them', () => {
    const host = new Host();
    for (const destination of [STACK, -1]) host.takes({ protocol: 1, destination, payload: icmp(17, 0, TIMES, word(0)) });
    for (const mask of ['255.255.0.0', '255.255.255.240']) host.takes({ protocol: 1, payload: icmp(18, 0, TIMES, word(parseAddress(mask))) });
    host.expectsSilence();
    expect(host.peer.stack.ip.netmask).toBe(parseAddress('255.255.255.0'));
    // Not when it starts, nor when it has no address.
    const started = new Conversation().passes(60_000);
    expect(started.peer.mac.outbox.filter((frame) => frame[23] === 1)).toEqual([]);
  });

  test('[1122-3.2.2.9-3, 1122-3.2.2.9-1] the mask comes from a DHCP server when that was asked for', () => {
    expect(new Conversation().binds().peer.stack.ip.netmask).toBe(parseAddress('255.255.255.0'));
  });

  test('[1122-3.2.2.9-6] and is that of the class when the server does not say', () => {
    expect(new Conversation().binds(LEASE.filter(([code]) => code !== 1)).peer.stack.ip.netmask).toBe(parseAddress('255.0.0.0'));
  });
});

test('[1122-3.2.2-6] nothing is said about what an error quotes, even when that is a segment of nobody\'s', () => {
  const inside = ipPacket({
    source: STACK, destination: PEER, protocol: 6, payload: tcpSegment(STACK, PEER, {
      sourcePort: 999, destinationPort: 80, seq: 1, ack: 0, flags: 'SYN', wnd: 1, options: [], data: new Uint8Array(0),
    }),
  });
  new Host().takes({ protocol: 1, payload: icmp(3, 3, half(0).concat(half(0)), inside) }).expectsSilence();
});
