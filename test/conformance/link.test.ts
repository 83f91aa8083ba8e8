import { describe, expect, test } from 'vitest';
import { Sent } from '../../src/ip/ipv4';
import { ethernet, get16, get32, ipPacket, udpDatagram } from '../src/frames';
import { noise } from '../src/lan';
import { PEER, PEER_HARDWARE, STACK } from '../src/peer';
import { established } from '../src/tcp/states';
import { ALL, echo, Host, SECOND, SECOND_HARDWARE } from './datagrams';
import { hearsOf, writes } from './dialogue';

/** Everything that a host says which gets and sends datagrams, pings, opens a connection and meets a stranger. */
function chatter(): Uint8Array[] {
  const host = new Host();
  host.peer.stack.setAddress(STACK, -256, 0, host.peer.now);
  host.meets(PEER, PEER_HARDWARE).datagram('for nobody', {}, 9).takes(echo()).takes({ protocol: 99, payload: noise(20) });
  for (const octets of [0, 1, 100, 500]) host.says(noise(octets));
  host.says('to all', -1);
  host.says('to somebody', SECOND);
  host.peer.stack.connect(PEER, 80, host.peer.app);
  host.peer.passes(10_000);
  const frames = host.frames();
  expect(frames.length).toBeGreaterThan(12);
  return [...frames, ...writes(established(), 1000).mac.outbox];
}

describe('frames (RFC 1122 sections 2.3.1 and 2.3.3)', () => {
  test('[1122-2.3.1-2, 1122-2.3.3-1, 1122-2.3.3-4, 1122-2.3.3-5] all that is sent has a type of its own, IPv4 or ARP, right behind the addresses', () => {
    for (const frame of chatter()) {
      // Trailers have types 0x1000 to 0x100F, IEEE 802 a length; with K1 = 6, 170 or 6 would stand where the header is.
      expect([0x0800, 0x0806]).toContain(get16(frame, 12));
      expect(Array.from(frame.slice(6, 12))).toEqual([2, 0, 0, 0, 0, 1]);
      if (get16(frame, 12) === 0x0800) expect([frame[14]! >> 4, get16(frame, 16)]).toEqual([4, frame.length - 14]);
      else expect(Array.from(frame.slice(14, 20))).toEqual([0, 1, 8, 0, 6, 4]);
    }
  });

  test('[1122-2.3.3-1] what arrives is taken from behind its header, with its padding left off', () => {
    const host = new Host();
    const packet = ipPacket({ source: PEER, destination: STACK, protocol: 17, payload: udpDatagram([PEER, STACK], 4000, 7, Buffer.from('hello')) });
    for (const padding of [0, 13, 1000 - packet.length]) {
      const octets = [...packet, ...new Uint8Array(padding).fill(255)].slice(0, 576);
      host.peer.arrives(ethernet(host.peer.mac.address, PEER_HARDWARE, 0x0800, octets));
    }
    expect(host.heard.map(({ data }) => data)).toEqual(['hello', 'hello', 'hello']);
  });

  test('[1122-2.3.3-6] a neighbour\'s hardware address is asked for by ARP, and used', () => {
    const host = new Host();
    host.says('hello', SECOND);
    expect(host.asks()).toEqual([SECOND]);
    host.arp({ sender: SECOND, senderHardware: SECOND_HARDWARE });
    expect(host.sent()).toMatchObject([{ destination: SECOND, hardware: SECOND_HARDWARE }]);
  });
});

describe('ARP\'s cache (section 2.3.2)', () => {
  test('[1122-2.3.2.1-1] a neighbour that does not answer a minute later is forgotten; who has another address is found there', () => {
    const host = new Host();
    host.says('known');
    expect(host.sent()).toMatchObject([{ hardware: Array.from(PEER_HARDWARE) }]);
    host.peer.answersArp = false;
    host.peer.passes(60_001);
    host.says('old');
    host.peer.passes(5000);
    host.frames();
    host.says('asked anew');
    expect(host.peer.mac.outbox.map((frame) => [get16(frame, 12), frame[0]])).toEqual([[0x0806, 255]]);
    host.arp({ senderHardware: SECOND_HARDWARE });
    expect(host.sent()).toMatchObject([{ hardware: SECOND_HARDWARE }]);
  });

  test('[1122-2.3.2.1-2] however much there is to be sent, an address is asked for once a second', () => {
    const host = new Host();
    const times: number[] = [];
    for (let at = 0; at < 10_000; at += 20) {
      host.says('hello', SECOND);
      for (const target of host.asks()) times.push(at * Number(target === SECOND));
      host.peer.passes(20);
      for (const target of host.asks()) times.push(at * Number(target === SECOND));
    }
    expect(times.length).toBeGreaterThan(5);
    for (let n = 1; n < times.length; n++) expect(times[n]! - times[n - 1]!).toBeGreaterThanOrEqual(980);
  });

  test('[1122-2.3.2.1-2] nor more often when there are more of them than the cache holds', () => {
    const host = new Host({ neighbours: 4 });
    const asked = new Map<number, number>();
    for (let at = 0; at < 5000; at += 20) {
      for (let n = 0; n < 10; n++) host.says('hello', SECOND + n);
      for (const target of host.asks()) {
        expect(at - (asked.get(target) ?? -1000), `the address ${target}`).toBeGreaterThanOrEqual(980);
        asked.set(target, at);
      }
      host.peer.passes(20);
    }
    expect(asked.size).toBeGreaterThan(1);
  });

  test('[1122-2.3.2.2-1] the latest datagram waits for the answer', () => {
    const host = new Host();
    for (const data of ['first', 'second', 'third']) host.says(data, SECOND);
    host.arp({ sender: SECOND, senderHardware: SECOND_HARDWARE });
    expect(host.sent().map(({ payload }) => Buffer.from(payload.slice(8)).toString())).toEqual(['third']);
  });
});

describe('between IP and the link (section 2.4)', () => {
  test('[1122-2.4-1] that a datagram came as a broadcast is known: nothing is reported about it', () => {
    const host = new Host();
    host.datagram('for nobody', {}, 9, ALL).takes({ protocol: 99, payload: [1] }, [1, 0, 0x5e, 0, 0, 1]).expectsSilence();
    host.datagram('for nobody', {}, 9);
    expect(host.sent()).toMatchObject([{ protocol: 1 }]);
  });

  test('[1122-2.4-2] the type of service is in the frame that the MAC gets', () => {
    const host = new Host();
    for (const service of [0, 0x10, 0xb8, 0xff]) host.says('hello', PEER, (service << 8) | 64);
    expect(host.frames().map((frame) => frame[15])).toEqual([0, 0x10, 0xb8, 0xff]);
  });

  test('[1122-2.4-3] a neighbour that is not known yet is not unreachable', () => {
    const host = new Host();
    expect(host.says('hello', SECOND)).toBe(Sent.yes);
    expect(host.counters.outNoRoutes).toBe(0);
    // A connection to a host that never answers waits for it as for any that is silent.
    const { peer } = host;
    peer.app.connection = peer.stack.connect(SECOND, 80, peer.app);
    expect(hearsOf(peer.passes(30_000))).toEqual([]);
    expect(peer.mac.outbox.filter((frame) => get16(frame, 12) === 0x0806 && get32(frame, 38) === SECOND).length).toBeGreaterThan(5);
    expect(peer.connection.stateName).toBe('SYN-SENT');
  });
});
