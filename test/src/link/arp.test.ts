import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../src/ip/address';
import type { ArpFields } from '../frames';
import { Peer, PEER, PEER_HARDWARE, STACK } from '../peer';
import { ALL, arps, connects, counted, NOBODY, packets, says, SECOND, SECOND_HARDWARE, silent } from './arp-talk';

describe('a request', () => {
  test('for our address is answered to its sender, whom we know from then on', () => {
    const peer = silent();
    says(peer, { operation: 'request', sender: SECOND, senderHardware: SECOND_HARDWARE, targetHardware: NOBODY }, [2, 9, 9, 9, 9, 9]);
    expect(arps(peer)).toEqual([{ to: SECOND_HARDWARE, operation: 2, sender: STACK, targetHardware: SECOND_HARDWARE, target: SECOND }]);
    expect(packets(connects(peer, SECOND))).toEqual([[21, SECOND]]);
  });

  test('for another address is neither answered nor learned from', () => {
    const peer = silent();
    says(peer, { operation: 'request', sender: SECOND, target: SECOND + 1 });
    expect(arps(peer)).toEqual([]);
    connects(peer, SECOND);
    expect(arps(peer)).toHaveLength(1);
  });

  test('from a host that has no address yet (a probe) is answered', () => {
    const peer = silent();
    says(peer, { operation: 'request', sender: 0 });
    expect(arps(peer)).toMatchObject([{ operation: 2, target: 0 }]);
  });

  test('for no address is not answered by a host that has none', () => {
    const peer = silent({ address: 0, netmask: -1 });
    expect(arps(says(peer, { operation: 'request', target: 0 }))).toEqual([]);
  });

  test('of a neighbour that we wait for is answered, and releases the packet, with one transmitter for both', () => {
    const peer = connects(silent(), SECOND);
    arps(peer);
    let turn = 0;
    peer.mac.busy = () => turn++ % 3 !== 2;
    says(peer, { operation: 'request', sender: SECOND, senderHardware: SECOND_HARDWARE });
    peer.passes(10);
    expect(arps(peer)).toMatchObject([{ operation: 2, target: SECOND }]);
    expect(packets(peer)).toEqual([[21, SECOND]]);
    expect(peer.stack.arp.counters.pendingDropped).toBe(0);
  });
});

describe('a reply', () => {
  test.each([['to us', STACK], ['to all, as an announcement', SECOND]])('that nobody asked for is not believed: %s', (_, target) => {
    const peer = says(silent(), { sender: SECOND, senderHardware: SECOND_HARDWARE, target });
    connects(peer, SECOND);
    expect(packets(peer)).toEqual([]);
    expect(counted(peer)).toEqual({ unsolicited: 1 });
  });

  test('of another host than the one that was asked does not answer for it', () => {
    const peer = connects(silent(), SECOND);
    says(peer, { sender: SECOND + 1, senderHardware: SECOND_HARDWARE });
    expect(packets(peer)).toEqual([]);
    expect(counted(peer)).toEqual({ unsolicited: 1 });
  });

  test.each<['request' | 'reply', number]>([['reply', STACK], ['request', PEER]])('moves an entry that exists: a %s', (operation, target) => {
    const peer = says(silent().passes(1000), { senderHardware: SECOND_HARDWARE, operation, target });
    expect(packets(connects(peer, PEER))).toEqual([[21, PEER]]);
    expect(counted(peer)).toEqual({});
  });

  test('stands for a second against others: who answers for a neighbour comes too late', () => {
    const peer = connects(silent(), SECOND);
    says(peer, { sender: SECOND, senderHardware: SECOND_HARDWARE });
    says(peer.passes(999), { sender: SECOND, senderHardware: [2, 0, 0, 0, 0, 66] });
    packets(peer);
    expect(packets(connects(peer, SECOND))).toContainEqual([21, SECOND]);
    expect(counted(peer)).toEqual({ unsolicited: 1 });
  });

  test.each<['request' | 'reply', number]>([['request', STACK], ['request', PEER], ['reply', STACK]])(
    'or request in our own name is neither believed nor answered: a %s to %i',
    (operation, target) => {
      const peer = says(silent(), { sender: STACK, senderHardware: SECOND_HARDWARE, operation, target });
      expect(arps(peer)).toEqual([]);
      expect(peer.stack.arp['find'](STACK)).toBe(-1);
      expect(counted(peer)).toEqual({ conflicts: 1 });
    },
  );

  test.each<[string, Partial<ArpFields>]>([
    ['all stations', { senderHardware: ALL }],
    ['a group of stations', { senderHardware: [1, 0, 0x5e, 0, 0, 251] }],
    ['ourselves', { senderHardware: [2, 0, 0, 0, 0, 1] }],
    ['a group of hosts', { sender: parseAddress('224.0.0.251') }],
    ['all hosts', { sender: -1 }],
  ])('or request of %s is refused', (_who, fields) => {
    const peer = connects(silent(), SECOND);
    arps(peer);
    says(says(peer, { sender: SECOND, ...fields }), { sender: SECOND, operation: 'request', ...fields });
    expect([arps(peer), packets(peer)]).toEqual([[], []]);
    expect(counted(peer)).toEqual({ sourceErrors: 2 });
  });

  test('releases the packet that waited, the last of several', () => {
    const peer = connects(connects(silent(), SECOND), SECOND);
    expect(arps(peer)).toEqual([{ to: ALL, operation: 1, sender: STACK, targetHardware: NOBODY, target: SECOND }]);
    says(peer, { sender: SECOND, senderHardware: SECOND_HARDWARE });
    expect(packets(peer)).toEqual([[21, SECOND]]);
    expect(peer.stack.arp.counters.pendingDropped).toBe(1);
  });
});

test('malformed frames are counted and change nothing', () => {
  const peer = silent();
  const good = peer.arpRequest(STACK);
  const bend = (at: number, value: number) => Uint8Array.from(good, (octet, index) => (index === at ? value : octet));
  peer.arrives(good.slice(0, 41), bend(15, 6), bend(16, 9), bend(18, 8), bend(19, 16), bend(21, 0), bend(21, 3), bend(20, 1));
  expect(arps(peer)).toEqual([]);
  expect(peer.stack.arp.counters).toMatchObject({ malformed: 8, requestsIn: 1 });
});

test('no answer: three requests a second apart, then forgotten with the packet', () => {
  const peer = connects(silent(), SECOND);
  peer.stack.tcp.connections[0]!.abort();
  expect(arps(peer)).toHaveLength(1);
  expect(arps(peer.passes(999))).toHaveLength(0);
  expect(arps(peer.passes(1))).toHaveLength(1);
  expect(arps(peer.passes(1000))).toHaveLength(1);
  expect(peer.stack.arp.counters.pendingDropped).toBe(0);
  expect(arps(peer.passes(100_000))).toHaveLength(0);
  expect(peer.stack.arp.counters.pendingDropped).toBe(1);
});

describe('ageing', () => {
  test('after 60 s the owner is asked again by unicast, in use meanwhile', () => {
    const peer = silent();
    peer.passes(60_000);
    packets(connects(peer, PEER));
    expect(arps(peer)).toEqual([]);
    peer.passes(1);
    connects(peer, PEER);
    expect(arps(peer)).toEqual([
      { to: Array.from(PEER_HARDWARE), operation: 1, sender: STACK, targetHardware: NOBODY, target: PEER },
    ]);
    expect(packets(peer)).toContainEqual([9, PEER]);
    expect(arps(says(peer, {}).passes(5000))).toEqual([]);
  });

  test('the request goes to the owner, three times, and then to everybody', () => {
    const peer = silent();
    peer.passes(60_001);
    connects(peer, PEER);
    peer.stack.tcp.connections[0]!.abort();
    const owner = Array.from(PEER_HARDWARE);
    expect(arps(peer.passes(5000)).map(({ to }) => to)).toEqual([owner, owner, owner]);
    expect(arps(connects(peer, PEER))).toMatchObject([{ to: ALL, target: PEER }]);
  });

  test.each([['a neighbour', PEER, 0], ['a host behind the gateway', 0x08080808, PEER]])('%s that is doubted is asked at once, itself at first', (_, host, gateway) => {
    const peer = silent({ gateway });
    packets(connects(peer.passes(1000), host));
    peer.stack.ip.doubt(host);
    expect(arps(peer)).toEqual([]);
    connects(peer, host);
    expect(arps(peer)).toMatchObject([{ to: Array.from(PEER_HARDWARE), target: PEER }]);
    expect(packets(peer)).toContainEqual([9, host]);
    expect(arps(connects(says(peer, {}), host).passes(2000))).toEqual([]);
  });

  test('who has answered less than a second ago is not doubted yet', () => {
    const peer = silent().passes(999);
    peer.stack.ip.doubt(PEER);
    expect(arps(connects(peer, PEER))).toEqual([]);
  });

  test('an entry of 2^31 milliseconds is old', () => {
    const peer = silent();
    peer.now += 2 ** 31 + 1000;
    connects(peer, PEER);
    expect(arps(peer)).toMatchObject([{ to: Array.from(PEER_HARDWARE), target: PEER }]);
  });
});

describe('a full table', () => {
  const hosts = [1, 2, 3, 4].map((n) => SECOND + n);
  const meet = (peer: Peer, host: number) => says(peer, { operation: 'request', sender: host, senderHardware: [2, 0, 0, 0, 0, host & 255] });
  const known = (peer: Peer) => [...hosts, PEER].filter((host) => {
    peer.mac.outbox.length = 0;
    return packets(connects(peer, host)).length > 0;
  });

  test('the one heard of least recently makes room', () => {
    const peer = silent({ connections: 16 });
    for (const host of hosts) meet(peer, host).passes(10);
    expect(peer.stack.arp.counters.evicted).toBe(1);
    expect(known(peer)).toEqual(hosts);
  });

  test('also when it is older than 2^31 milliseconds', () => {
    const peer = silent({ connections: 16 });
    peer.now += 2 ** 31 + 1000;
    for (const host of hosts) meet(peer, host).passes(10);
    expect(known(peer)).toEqual(hosts);
  });
});

describe('our own address', () => {
  test('is announced twice, two seconds apart, also when the transmitter is busy at first', () => {
    const peer = silent();
    peer.stack.setAddress(SECOND, -256, 0, peer.now);
    let busy = true;
    peer.mac.busy = () => busy;
    peer.passes(50);
    busy = false;
    const announcement = { to: ALL, operation: 1, sender: SECOND, targetHardware: NOBODY, target: SECOND };
    expect(arps(peer.passes(10))).toEqual([announcement]);
    expect(arps(peer.passes(2000))).toEqual([announcement]);
    expect(arps(peer.passes(10_000))).toEqual([]);
  });

  test('a change forgets all neighbours', () => {
    const peer = silent();
    peer.stack.setAddress(SECOND, -256, 0, peer.now);
    expect(packets(connects(peer, PEER))).toEqual([]);
  });

  test('time may wrap between the two', () => {
    const peer = new Peer({}, 2 ** 31 - 500);
    expect(arps(peer.passes(3000))).toHaveLength(1);
  });
});

test('a packet too long to be kept is dropped and counted, the one that waits stays', () => {
  const peer = silent({ pendingPacket: 64 });
  connects(peer, SECOND);
  const frame = new Uint8Array(300);
  expect(peer.stack.arp.send(frame, 300, SECOND, peer.now)).toBe(true);
  expect(peer.stack.arp.counters.pendingDropped).toBe(1);
  says(peer, { sender: SECOND, senderHardware: SECOND_HARDWARE });
  expect(packets(peer)).toEqual([[21, SECOND]]);
});
