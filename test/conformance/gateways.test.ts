import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/ip/address';
import { Sent } from '../../src/ip/ipv4';
import { RouteCache } from '../../src/ip/routes';
import { Change } from '../../src/link/alarm';
import { checkAddresses } from '../../src/options';
import { get16, get32, word } from '../src/frames';
import { noise } from '../src/lan';
import { Peer, PEER, PEER_HARDWARE, STACK } from '../src/peer';
import { FAR, Host, icmp, ours, SECOND, SECOND_HARDWARE } from './datagrams';
import { opens } from './dialogue';

const FIRST = Array.from(PEER_HARDWARE);

/** A host with two default gateways, our peer and a second one; both have been met, and none answers by itself. */
function gatewayed(spare = SECOND): { host: Host; routes: RouteCache } {
  const host = new Host({ gateway: PEER });
  const routes = new RouteCache(host.peer.stack, 2, spare);
  host.meets(SECOND, SECOND_HARDWARE).peer.answersArp = false;
  host.frames();
  return { host, routes };
}

/** The hardware address that the way to a host begins with. */
function way(host: Host, destination: number): number[] | undefined {
  host.says('hello', destination);
  return host.sent().find((packet) => packet.destination === destination)?.hardware;
}

function redirects(host: Host, code: number, gateway: number, destination: number, from = PEER): Host {
  return host.takes({ source: from, protocol: 1, payload: icmp(5, code, word(gateway), ours(destination)) });
}

describe('the way out (RFC 1122 section 3.3.1)', () => {
  test('[1122-3.3.1.1-2] without a gateway neighbours are reached, and of others it is said that they are not', () => {
    const host = new Host();
    expect(host.says('hello')).toBe(Sent.yes);
    expect(host.sent()).toHaveLength(1);
    expect(host.says('hello', FAR)).toBe(Sent.unreachable);
    expect([host.sent(), host.counters.outNoRoutes]).toEqual([[], 1]);
  });

  test.each([[0, 'network'], [1, 'host'], [2, 'network and service'], [3, 'host and service']])(
    '[1122-3.2.2.2-2, 1122-3.2.2.2-3, 1122-3.3.1.2-1, 1122-3.3.1.2-2, 1122-3.3.1.2-3, 1122-3.3.1.3-1] a redirect of code %i, for a %s, moves its destination, and no other', (code) => {
      const { host } = gatewayed();
      expect([way(host, FAR), way(host, FAR + 1)]).toEqual([FIRST, FIRST]);
      redirects(host, code, SECOND, FAR);
      expect([way(host, FAR), way(host, FAR + 1)]).toEqual([SECOND_HARDWARE, FIRST]);
      redirects(host, code, PEER, FAR, SECOND);
      expect(way(host, FAR)).toEqual(FIRST);
    });

  test('[1122-3.3.1.2-1] the latest are remembered when there are many', () => {
    const { host } = gatewayed();
    for (const destination of [FAR, FAR + 1, FAR + 2]) redirects(host, 1, SECOND, destination);
    expect([FAR, FAR + 1, FAR + 2].map((destination) => way(host, destination))).toEqual([FIRST, SECOND_HARDWARE, SECOND_HARDWARE]);
  });

  test.each<[string, number, number, number]>([
    ['not from the gateway in use', SECOND, FAR, SECOND + 1],
    ['to another network', parseAddress('10.1.0.1'), FAR, PEER],
    ['to nobody', 0, FAR, PEER],
    ['to ourselves', STACK, FAR, PEER],
    ['to our broadcast address', parseAddress('10.0.0.255'), FAR, PEER],
  ])('[1122-3.2.2.2-4] a redirect %s is dropped', (_why, gateway, destination, from) => {
    const { host } = gatewayed();
    redirects(host, 1, gateway, destination, from);
    expect(way(host, destination)).toEqual(FIRST);
    expect(host.peer.stack.icmp.counters).toMatchObject({ inRedirects: 0, inIgnored: 1 });
  });

  test('[1122-3.2.2.2-4] so are one about a datagram of others, and one that is cut short', () => {
    const { host } = gatewayed();
    const about = ours(FAR, { source: STACK + 5 });
    host.takes({ protocol: 1, payload: icmp(5, 1, word(SECOND), about) });
    host.takes({ protocol: 1, payload: icmp(5, 1, word(SECOND), ours(FAR).slice(0, 19)) });
    expect(way(host, FAR)).toEqual(FIRST);
  });

  test('[1122-3.2.2.2-1] a host sends no redirects', () => {
    const host = new Host({ gateway: SECOND }).datagram('not for us', { destination: FAR }).datagram('hello', { source: FAR });
    expect(host.sent().filter(({ protocol }) => protocol === 1)).toEqual([]);
  });

  test('[1122-3.3.1.2-4, 1122-3.3.1.4-1, 1122-3.3.1.4-2, 1122-3.3.1.5-1] a gateway that has died is noticed, and the other takes its place', () => {
    const { host } = gatewayed();
    expect(way(host, FAR)).toEqual(FIRST);
    host.peer.passes(60_001);
    way(host, FAR);
    host.peer.passes(5000);
    host.meets(SECOND, SECOND_HARDWARE);
    expect(way(host, FAR)).toEqual(SECOND_HARDWARE);
    // When that one dies and the first has come back, it is used again.
    host.peer.passes(60_001);
    way(host, FAR);
    host.peer.passes(5000);
    host.meets(PEER, PEER_HARDWARE);
    expect(way(host, FAR)).toEqual(FIRST);
  });

  test('[1122-3.3.1.4-1, 1122-3.3.1.5-1] what a redirect has said about it is forgotten then', () => {
    const { host } = gatewayed(0);
    redirects(host, 1, SECOND, FAR);
    host.peer.passes(60_001);
    expect(way(host, FAR)).toEqual(SECOND_HARDWARE);
    host.peer.passes(5000);
    host.meets(PEER, PEER_HARDWARE);
    expect(way(host, FAR)).toEqual(FIRST);
  });

  test('[1122-3.3.1.4-1, 1122-3.3.1.5-1] so is one that dies together with a neighbour', () => {
    const { host } = gatewayed();
    host.meets(SECOND + 1, [2, 0, 0, 0, 0, 22]);
    host.peer.passes(60_001);
    way(host, FAR);
    way(host, SECOND + 1);
    host.peer.passes(5000);
    host.meets(SECOND, SECOND_HARDWARE);
    expect(way(host, FAR)).toEqual(SECOND_HARDWARE);
  });

  test('[1122-3.3.1.5-1] none takes its place that stands on a network where we are no more', () => {
    const { host } = gatewayed();
    const gateway = parseAddress('10.1.0.1');
    host.peer.stack.setAddress(parseAddress('10.1.0.2'), -256, gateway, host.peer.now);
    host.peer.passes(5000);
    host.says('hello', FAR);
    host.peer.passes(5000);
    expect(host.asks()).toContain(gateway);
    host.says('hello', FAR);
    expect(host.asks()).toEqual([gateway]);
  });

  test('[1122-3.3.1.2-1] what redirects have said is forgotten on another network', () => {
    for (const change of [Change.plugged, Change.address]) {
      const { host, routes } = gatewayed();
      redirects(host, 1, SECOND, FAR);
      routes.changed(Change.unplugged);
      expect(way(host, FAR)).toEqual(SECOND_HARDWARE);
      routes.changed(change);
      expect(way(host, FAR)).toEqual(FIRST);
    }
  });

  test('[1122-3.3.1.4-3, 1122-3.3.1.4-4] a gateway is not asked while nothing is sent, and by ARP only', () => {
    const { host } = gatewayed();
    host.peer.passes(600_000);
    expect(host.frames()).toEqual([]);
    way(host, FAR);
    host.peer.passes(600_000);
    const frames = host.frames();
    expect(frames.every((frame) => get16(frame, 12) === 0x0806)).toBe(true);
    expect(frames.length).toBeLessThan(6);
  });

  test('[1122-3.3.1.4-5] nor while it has answered within the last minute', () => {
    const { host } = gatewayed();
    for (let minute = 0; minute < 10; minute++) {
      host.peer.passes(50_000);
      host.meets(PEER, PEER_HARDWARE).frames();
      for (let n = 0; n < 10; n++) host.says('hello', FAR);
      expect(host.asks()).toEqual([]);
    }
  });

  test('[1122-3.3.1.4-6] TCP says when its segments are not acknowledged, and the gateway is asked', () => {
    const { host } = gatewayed();
    host.peer.passes(2000).stack.connect(FAR, 80, host.peer.app);
    expect(host.asks()).toEqual([]);
    host.peer.passes(20_000);
    expect(host.asks()).toContain(PEER);
  });

  test('[1122-3.3.1.6-1, 1122-3.2.2.9-1, 1122-3.2.2.9-2, 1122-3.2.2.9-8] address, mask and gateway are set by hand, also later, and refused when they make no sense', () => {
    const host = new Host();
    host.peer.stack.setAddress(parseAddress('172.16.5.1'), parseAddress('255.255.0.0'), parseAddress('172.16.0.9'), host.peer.now);
    host.says('hello', parseAddress('172.16.200.3'));
    host.says('hello', FAR);
    expect(host.frames().filter((frame) => get32(frame, 28) !== get32(frame, 38)).map((frame) => get32(frame, 38)))
      .toEqual([parseAddress('172.16.200.3'), parseAddress('172.16.0.9')]);
    const check = (address: string, mask: string, gateway: string) => () =>
      checkAddresses(parseAddress(address), parseAddress(mask), parseAddress(gateway));
    expect(check('10.0.0.1', '255.0.255.0', '0.0.0.0')).toThrow('255.0.255.0 is not a mask');
    expect(check('10.0.0.1', '255.255.255.0', '10.0.1.1')).toThrow('10.0.1.1 is not on the network');
    expect(check('224.0.0.1', '255.255.255.0', '0.0.0.0')).toThrow('cannot be the address of a host');
  });
});

describe('sizes (section 3.3.3)', () => {
  test('[1122-3.3.3-1, 1122-3.3.3-3] the layers above learn what fits a frame, and nothing longer is sent', () => {
    const host = new Host();
    const { ip, link } = host.peer.stack;
    expect(ip.mtu).toBe(576);
    expect(link.frame).toHaveLength(14 + ip.mtu);
    host.says(noise(548));
    expect(host.frames()[0]).toHaveLength(14 + ip.mtu);
    expect(() => host.says(noise(549))).toThrow('UDP: 549 octets are more than the 548 of a datagram');
  });

  test('[1122-3.3.2-4, 1122-3.3.3-3] TCP names what IP takes in, and sends no more than that', () => {
    const peer = opens({ mss: 400, receiveBuffer: 2000, sendBuffer: 2000 }, 1460);
    peer.mac.outbox.length = 0;
    peer.connection.write(noise(2000), 0, 2000);
    peer.passes(100);
    expect(Math.max(...peer.mac.outbox.map((frame) => frame.length))).toBe(14 + peer.stack.ip.mtu);
    const other = new Peer({ mss: 400 });
    other.stack.listen(80, other.app);
    expect(other.sends({ flags: 'SYN' }).hears()!.options.slice(0, 4)).toEqual([2, 4, 1, 144]);
    expect(other.stack.ip.mtu).toBe(440);
  });
});
