import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../src/ip/address';
import { IgmpHost } from '../../../src/ip/igmp';
import { UdpHost } from '../../../src/udp/udp';
import { checksum, get16, get32, half, readPacket, udpDatagram, word } from '../frames';
import { Peer, PEER } from '../peer';

const GROUP = parseAddress('224.0.0.251');
const ALL = parseAddress('224.0.0.1');

function message(type: number, group: number, time = 0): Uint8Array {
  const bytes = Uint8Array.from([type, time, 0, 0, ...word(group)]);
  bytes.set(half(checksum(bytes)), 2);
  return bytes;
}

function host(groups = 2) {
  const peer = new Peer();
  const filters: [number[], boolean][] = [];
  peer.mac.multicast = (address: Uint8Array = new Uint8Array(0), join = false) => void filters.push([Array.from(address), join]);
  const igmp = new IgmpHost(peer.stack, groups);
  peer.passes(3000).mac.outbox.length = 0;
  /** Messages sent: when, type and group. */
  const sent: [number, number, number][] = [];
  const listen = (milliseconds: number) => {
    const end = peer.now + milliseconds;
    for (;;) {
      const wait = peer.poll();
      for (const frame of peer.mac.outbox.splice(0)) {
        if (get16(frame, 12) !== 0x0800) continue;
        const packet = readPacket(frame);
        expect(checksum(packet.payload)).toBe(0);
        expect([packet.ttl, packet.header, Array.from(frame.slice(34, 38))]).toEqual([1, 24, [148, 4, 0, 0]]);
        expect(Array.from(frame.slice(0, 4))).toEqual([1, 0, 0x5e, 0]);
        sent.push([peer.now, packet.payload[0]!, get32(packet.payload, 4)]);
      }
      if (peer.now >= end) return sent.splice(0);
      peer.now = Math.min(end, peer.now + Math.max(1, wait));
    }
  };
  const hears = (payload: Uint8Array, destination = ALL) =>
    peer.sendsPacket({ protocol: 2, destination, payload, ttl: 1, options: [148, 4, 0, 0] });
  return { peer, igmp, filters, listen, hears };
}

describe('a group', () => {
  test('that is joined is reported at once and once more within ten seconds, and its frames are let in', () => {
    const { igmp, listen, peer, filters } = host();
    expect(igmp.joinGroup(GROUP)).toBe(true);
    const start = peer.now;
    const reports = listen(30_000);
    expect(reports.map(([, type, group]) => [type, group])).toEqual([[0x16, GROUP], [0x16, GROUP]]);
    expect(reports[0]![0]).toBe(start);
    expect(reports[1]![0] - start).toBeLessThan(10_000);
    expect(filters).toEqual([[[1, 0, 0x5e, 0, 0, 1], true], [[1, 0, 0x5e, 0, 0, 0xfb], true]]);
  });

  test('brings its datagrams to whoever has opened the port, others do not', () => {
    const { igmp, peer } = host();
    const heard: number[] = [];
    new UdpHost(peer.stack, 1).openPort(5353, { datagram: (_f, _a, length) => void heard.push(length) });
    const sends = (destination: number) => peer.sendsPacket({
      protocol: 17, destination, payload: udpDatagram([PEER, destination], 5353, 5353, [1, 2, 3]),
    });
    sends(GROUP);
    expect(heard).toEqual([]);
    igmp.joinGroup(GROUP);
    sends(GROUP);
    sends(GROUP + 1);
    sends(ALL);
    expect(heard).toEqual([3, 3]);
  });

  test('is left when the last one leaves it', () => {
    const { igmp, listen, filters } = host();
    igmp.joinGroup(GROUP);
    igmp.joinGroup(GROUP);
    listen(30_000);
    igmp.leaveGroup(GROUP);
    expect(listen(1000)).toEqual([]);
    igmp.leaveGroup(GROUP);
    igmp.leaveGroup(GROUP);
    expect(listen(1000).map(([, type, group]) => [type, group])).toEqual([[0x17, GROUP]]);
    expect(filters.at(-1)).toEqual([[1, 0, 0x5e, 0, 0, 0xfb], false]);
    expect(igmp.hasJoined(GROUP)).toBe(false);
  });

  test('more than there is room for is refused', () => {
    const { igmp } = host(2);
    expect([GROUP, GROUP + 1, GROUP + 2, GROUP].map((group) => igmp.joinGroup(group))).toEqual([true, true, false, true]);
  });

  test('of all hosts needs no report and no farewell, however often it is joined', () => {
    const { igmp, listen, filters } = host();
    expect([igmp.joinGroup(ALL), igmp.joinGroup(ALL)]).toEqual([true, true]);
    igmp.leaveGroup(ALL);
    igmp.leaveGroup(ALL);
    expect(listen(30_000)).toEqual([]);
    expect(filters).toEqual([[[1, 0, 0x5e, 0, 0, 1], true]]);
    expect(igmp.hasJoined(ALL)).toBe(true);
  });

  test.each([['another host\'s', PEER], ['none', 0], ['everybody\'s', -1]])('that is none, but %s address, is refused', (_whose, address) => {
    const { igmp, listen, peer } = host();
    expect(igmp.joinGroup(address)).toBe(false);
    expect(listen(30_000)).toEqual([]);
    peer.sendsPacket({ protocol: 17, source: PEER + 1, destination: address, payload: udpDatagram([PEER + 1, address], 9, 9, [1]) });
    expect(igmp.joinGroup(GROUP)).toBe(true);
    expect(listen(30_000)).toHaveLength(2);
  });

  test('is reported again after the cable comes back or the address changes', () => {
    const { igmp, listen, peer } = host();
    igmp.joinGroup(GROUP);
    listen(30_000);
    igmp.changed(0);
    expect(listen(30_000)).toHaveLength(2);
    peer.stack.setAddress(PEER + 7, -256, 0, peer.now);
    expect(listen(30_000)).toHaveLength(2);
  });
});

describe('a query', () => {
  const joined = () => {
    const all = host();
    all.igmp.joinGroup(GROUP);
    all.listen(30_000);
    return all;
  };

  test.each([['of all groups', 0, ALL, 100, 10_000], ['of the group', GROUP, GROUP, 10, 1000], ['of version 1', 0, ALL, 0, 10_000]])(
    '%s is answered once, in time', (_name, group, destination, tenths, limit) => {
      const times = new Set<number>();
      for (let n = 0; n < 5; n++) {
        const { hears, listen, peer } = joined();
        peer.now += n * 7;
        const start = peer.now;
        hears(message(0x11, group, tenths), destination);
        const reports = listen(30_000);
        expect(reports.map(([, type]) => type)).toEqual([0x16]);
        expect(reports[0]![0] - start).toBeLessThan(limit);
        times.add(reports[0]![0] - start);
      }
    });

  test('that another host answers first needs no answer of ours', () => {
    const { hears, listen } = joined();
    hears(message(0x11, 0, 255));
    hears(message(0x16, GROUP), GROUP);
    expect(listen(30_000)).toEqual([]);
  });

  test.each([['for another group', message(0x11, GROUP + 1, 10)], ['with a wrong checksum', message(0x11, 0, 10).fill(1, 2, 3)], ['cut short', message(0x11, 0, 10).slice(0, 7)]])(
    '%s is left alone', (_name, bytes) => {
      const { hears, listen } = joined();
      hears(bytes);
      expect(listen(30_000)).toEqual([]);
    });
});
