import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../hal/mock/random';
import { BROADCAST, parseAddress } from '../../../src/ip/address';
import { RouteCache } from '../../../src/ip/routes';
import { DhcpState } from '../../../src/udp/dhcp-message';
import { PEER } from '../peer';
import { type Answer, Conversation, LEASE, LEASED, word } from './dhcp-server';

const ip = ({ peer }: Conversation) => peer.stack.ip;

describe('a host without an address', () => {
  test('discovers, requests what is offered, probes it, and takes it with all that comes along', () => {
    const c = new Conversation();
    const discover = c.hears('DISCOVER');
    expect(discover).toMatchObject({ from: 0, to: BROADCAST, broadcast: true, client: 0 });
    expect(discover.options.get(12)).toEqual([...Buffer.from('espruino')]);
    expect(discover.options.get(61)).toEqual([1, 2, 0, 0, 0, 0, 1]);
    expect(discover.options.get(55)).toEqual([1, 3, 6, 42]);
    expect(discover.options.get(57)).toEqual([2, 64]);
    c.says('OFFER', discover, { options: LEASE });
    const request = c.hears('REQUEST');
    expect(request).toMatchObject({ from: 0, to: BROADCAST, xid: discover.xid, client: 0 });
    expect([request.options.get(50), request.options.get(54)]).toEqual([word(LEASED), word(PEER)]);
    c.says('ACK', request, { options: LEASE });
    expect(ip(c).address).toBe(0);
    c.passes(8000);
    expect(c.asked.filter(({ sender }) => sender === 0).map(({ target }) => target)).toEqual([LEASED, LEASED, LEASED]);
    expect(c.asked.filter(({ sender }) => sender === LEASED).map(({ target }) => target)).toEqual([LEASED, LEASED]);
    expect(ip(c)).toMatchObject({ address: LEASED, netmask: -256, gateway: PEER });
    expect(c.dhcp).toMatchObject({ state: DhcpState.bound, timeServer: PEER + 2 });
    expect(Array.from(c.dhcp.nameServers)).toEqual([PEER, PEER + 1]);
    expect(c.changes).toEqual([true]);
  });

  test('asks again after about 4, 8, 16, 32, 64 and 64 s', () => {
    const c = new Conversation().passes(260_000);
    expect(new Set(c.said.map(({ type }) => type))).toEqual(new Set(['DISCOVER']));
    const waits = c.said.slice(1).map(({ at }, n) => at - c.said[n]!.at);
    [4, 8, 16, 32, 64, 64].forEach((wait, n) => expect(Math.abs(waits[n]! - wait * 1000)).toBeLessThanOrEqual(1000));
    expect(new Set(waits.map((wait) => wait % 1000)).size).toBeGreaterThan(3);
  });

  test('starts anew when nobody answers its request', () => {
    const c = new Conversation();
    c.says('OFFER', c.hears('DISCOVER'), { options: LEASE }).passes(70_000);
    expect(c.said.slice(0, 5).map(({ type }) => type)).toEqual(['REQUEST', 'REQUEST', 'REQUEST', 'REQUEST', 'DISCOVER']);
    expect(c.said[4]!.xid).not.toBe(c.said[0]!.xid);
  });

  test('starts anew when the server refuses', () => {
    const c = new Conversation();
    c.says('OFFER', c.hears('DISCOVER'), { options: LEASE });
    c.says('NAK', c.hears('REQUEST'), { your: 0 });
    expect(c.hears('DISCOVER').options.get(50)).toBeUndefined();
    expect(c.dhcp.counters.naks).toBe(1);
  });

  test('declines an address that somebody else has, and tries again after 10 s', () => {
    const c = new Conversation();
    c.says('OFFER', c.hears('DISCOVER'), { options: LEASE });
    c.says('ACK', c.hears('REQUEST'), { options: LEASE }).passes(1500).claims(LEASED);
    const decline = c.hears('DECLINE');
    expect(decline).toMatchObject({ from: 0, to: BROADCAST, client: 0 });
    expect([decline.options.get(50), decline.options.get(54)]).toEqual([word(LEASED), word(PEER)]);
    expect(c.hears('DISCOVER', 12_000).at - decline.at).toBeGreaterThanOrEqual(10_000);
    expect([ip(c).address, c.changes]).toEqual([0, []]);
  });

  test.each<[string, Parameters<Conversation['says']>[2]]>([
    ['for another station', { hardware: [2, 0, 0, 0, 0, 99] }],
    ['to another question', { xid: 1 }],
    ['that ends in front of its options', { cut: 240 }],
    ['that ends in front of its magic cookie', { cut: 100 }],
    ['of an address that no host can have', { your: parseAddress('240.0.0.1') }],
    ['of no address', { your: 0 }],
    ['of loopback', { your: parseAddress('127.0.0.1') }],
  ])('ignores an offer %s', (_what, answer) => {
    const c = new Conversation();
    const discover = c.hears('DISCOVER');
    c.says('OFFER', { ...discover, xid: discover.xid === 1 ? 2 : discover.xid }, { options: LEASE, ...answer });
    expect(c.dhcp).toMatchObject({ state: DhcpState.selecting, address: 0 });
    expect(c.dhcp.counters.ignored).toBe(1);
  });

  test('finds options that overflow into the fields of the server\'s name and the file', () => {
    const c = new Conversation();
    const serverName: [number, number[]][] = [[3, word(PEER)], [6, word(PEER)]];
    const answer: Answer = { options: [[52, [3]], [51, word(1000)]], file: [[1, [255, 255, 0, 0]]], serverName };
    c.says('OFFER', c.hears('DISCOVER'), answer);
    c.says('ACK', c.hears('REQUEST'), answer).passes(8000);
    expect(ip(c)).toMatchObject({ address: LEASED, netmask: parseAddress('255.255.0.0'), gateway: PEER });
    expect(c.dhcp.nameServers[0]).toBe(PEER);
  });

  test('takes the second of several routers for the case that the first is silent', () => {
    const c = new Conversation();
    const routes = new RouteCache(c.peer.stack, 2, 0);
    const answer: Answer = { options: [[51, word(1000)], [1, [255, 255, 255, 0]], [3, [...word(PEER), ...word(PEER + 1)]]] };
    c.says('OFFER', c.hears('DISCOVER'), answer);
    c.says('ACK', c.hears('REQUEST'), answer).passes(8000);
    expect([ip(c).gateway, routes.spare]).toEqual([PEER, PEER + 1]);
  });

  test('makes do with a mask that has holes, and a router elsewhere', () => {
    const c = new Conversation().binds([[51, word(1000)], [1, [255, 0, 255, 0]], [3, word(0x08080808)]]);
    expect(ip(c)).toMatchObject({ address: LEASED, netmask: parseAddress('255.0.0.0'), gateway: 0 });
  });
});

describe('a lease', () => {
  test('is renewed at half of its time by asking its server alone', () => {
    const c = new Conversation().binds();
    const since = c.now - 8000;
    const renewal = c.hears('REQUEST', 600_000);
    expect(Math.abs(renewal.at - since - 500_000)).toBeLessThan(400);
    expect(renewal).toMatchObject({ from: LEASED, to: PEER, client: LEASED, broadcast: false });
    expect([renewal.options.has(50), renewal.options.has(54)]).toEqual([false, false]);
    c.says('ACK', renewal, { options: LEASE, to: LEASED });
    expect(c.dhcp.state).toBe(DhcpState.bound);
    expect(Math.abs(c.hears('REQUEST', 600_000).at - renewal.at - 500_000)).toBeLessThan(400);
    expect(c.changes).toEqual([true]);
  });

  test('that its server does not renew is asked of all at seven eighths, and ends in time', () => {
    const c = new Conversation().binds();
    const since = c.now - 8000;
    c.passes(993_000);
    const seen = c.said.map(({ at, to, from, type }) => [Math.round((at - since) / 1000), to, from, type]);
    expect(seen.filter(([, to]) => to === PEER).map(([at]) => at)).toEqual([500, 688, 781, 841]);
    expect(seen.filter(([, to, from]) => to === BROADCAST && from === LEASED).map(([at]) => at)).toEqual([875, 938, 998]);
    expect(seen.at(-1)).toEqual([1000, BROADCAST, 0, 'DISCOVER']);
    expect([ip(c).address, c.changes]).toEqual([0, [true, false]]);
    expect(c.said.at(-1)!.options.get(50)).toEqual(word(LEASED));
  });

  test('is given up when a server says no to its renewal', () => {
    const c = new Conversation().binds();
    c.says('NAK', c.hears('REQUEST', 600_000), { your: 0, to: LEASED });
    expect([ip(c).address, c.changes]).toEqual([0, [true, false]]);
    c.hears('DISCOVER');
  });

  test('with times of its own, as the server says them', () => {
    const c = new Conversation().binds([...LEASE, [58, word(100)], [59, word(200)]]);
    const since = c.now - 8000;
    expect(Math.abs(c.hears('REQUEST', 600_000).at - since - 100_000)).toBeLessThan(400);
  });

  test.each([[0xffffffff], [0x7fffffff], [3_000_000]])('of %d s is renewed before times run over', (time) => {
    const c = new Conversation().binds([[51, word(time)]]);
    const since = c.now - 8000;
    c.peer.now += 999_000_000;
    expect(Math.abs(c.hears('REQUEST', 2_000_000).at - since - 1_000_000_000)).toBeLessThan(2000);
  });

  test('of another address that the server gives at renewal is probed before it is used', () => {
    const c = new Conversation().binds();
    c.says('ACK', c.hears('REQUEST', 600_000), { options: LEASE, your: LEASED + 1, to: LEASED }).passes(8000);
    expect(ip(c).address).toBe(LEASED + 1);
    expect(c.changes).toEqual([true, true]);
  });

  test('is defended once, and declined when the other host goes on', () => {
    const c = new Conversation().binds().passes(10_000);
    c.asked.length = 0;
    c.claims(LEASED);
    expect(c.asked).toMatchObject([{ sender: LEASED, target: LEASED }]);
    c.passes(5000).claims(LEASED);
    c.hears('DECLINE');
    expect([ip(c).address, c.changes]).toEqual([0, [true, false]]);
  });

  test('is released', () => {
    const c = new Conversation().binds();
    c.peer.arrives(c.peer.arpRequest(LEASED));
    c.dhcp.stopDhcp();
    expect(c.hears('RELEASE')).toMatchObject({ to: PEER, client: LEASED });
    expect([ip(c).address, c.dhcp.state]).toEqual([0, DhcpState.stopped]);
    c.dhcp.startDhcp();
    expect(c.hears('REQUEST').options.get(50)).toEqual(word(LEASED));
  });
});

describe('the address from before', () => {
  const again = () => {
    const c = new Conversation();
    c.dhcp.stopDhcp();
    c.dhcp.address = LEASED;
    c.said.length = 0;
    c.dhcp.startDhcp();
    return c;
  };

  test('is asked for at once, without a server\'s name', () => {
    const c = again();
    const request = c.hears('REQUEST');
    expect(request).toMatchObject({ from: 0, to: BROADCAST, client: 0 });
    expect([request.options.get(50), request.options.has(54)]).toEqual([word(LEASED), false]);
    c.says('ACK', request, { options: LEASE }).passes(8000);
    expect(ip(c).address).toBe(LEASED);
  });

  test('is forgotten when a server says no, or nobody says anything', () => {
    const c = again();
    c.says('NAK', c.hears('REQUEST'), { your: 0 });
    expect(c.hears('DISCOVER').options.has(50)).toBe(false);
    const silent = again().passes(14_000);
    expect(silent.said.map(({ type }) => type)).toEqual(['REQUEST', 'REQUEST', 'DISCOVER']);
  });

  test('is asked for again when the cable comes back, and used meanwhile', () => {
    const c = new Conversation().binds();
    c.dhcp.changed(0);
    const request = c.hears('REQUEST');
    expect(request).toMatchObject({ from: 0, to: BROADCAST });
    expect(ip(c).address).toBe(LEASED);
    c.says('ACK', request, { options: LEASE });
    expect(c.dhcp.state).toBe(DhcpState.bound);
    c.dhcp.changed(0);
    c.passes(20_000);
    expect([c.dhcp.state, ip(c).address, c.changes]).toEqual([DhcpState.bound, LEASED, [true]]);
  });
});

describe('when no server answers', () => {
  test('the host gives itself an address, and a lease that comes later takes its place', () => {
    const c = new Conversation(true).passes(25_000);
    const own = ip(c).address;
    expect(own >>> 16).toBe(0xa9fe);
    expect([(own >> 8) & 255 ? 1 : 0, ip(c).netmask, ip(c).gateway]).toEqual([1, parseAddress('255.255.0.0'), 0]);
    c.said.length = 0;
    const discover = c.hears('DISCOVER', 70_000);
    expect(discover.from).toBe(0);
    c.says('OFFER', discover, { options: LEASE });
    c.says('ACK', c.hears('REQUEST'), { options: LEASE }).passes(8000);
    expect(ip(c).address).toBe(LEASED);
  });

  test('another one when it is taken, the same ones at each start, and after ten conflicts one a minute', () => {
    const tries = (conflicts: number) => {
      const c = new Conversation(true);
      const seen: number[] = [];
      const times: number[] = [];
      while (seen.length <= conflicts) {
        c.passes(10);
        const probe = c.asked.pop();
        if (probe === undefined || probe.target === seen.at(-1)) continue;
        seen.push(probe.target);
        times.push(probe.at);
        c.claims(probe.target);
      }
      return { seen, times };
    };
    const { seen, times } = tries(11);
    expect(new Set(seen).size).toBe(12);
    expect(tries(3).seen).toEqual(seen.slice(0, 4));
    expect(times[9]! - times[0]!).toBeLessThan(20_000);
    expect(times[10]! - times[9]!).toBeGreaterThanOrEqual(60_000);
    expect(times[11]! - times[10]!).toBeGreaterThanOrEqual(60_000);
  });
});

test('answers with noise in them: nothing thrown, each counted', () => {
  const random = new SeededRandom(3);
  const c = new Conversation();
  for (let n = 0; n < 5000; n++) {
    for (let left = 50; left > 0 && c.said.length === 0; left--) c.passes(1000);
    const last = c.said.at(-1);
    c.said.length = 0;
    if (last === undefined) continue;
    const options = LEASE.map(([code, value]): [number, number[]] => [random.chance(0.2) ? random.below(256) : code, value]);
    const before = c.dhcp.counters.received + ip(c).counters.inAddrErrors + c.udp.counters.inErrors;
    c.says(random.chance(0.7) ? (last.type === 'DISCOVER' ? 'OFFER' : 'ACK') : 'NAK', last, {
      options: random.chance(0.5) ? options : [...options, [52, [random.below(256)]]],
      cut: random.chance(0.5) ? 1000 : 200 + random.below(100),
      your: random.chance(0.5) ? LEASED : random.bits(), to: random.chance(0.5) ? BROADCAST : ip(c).address,
    });
    expect(c.dhcp.counters.received + ip(c).counters.inAddrErrors + c.udp.counters.inErrors).toBeGreaterThan(before);
  }
  expect(c.dhcp.counters.received).toBeGreaterThan(400);
});
