import { describe, expect, test } from 'vitest';
import { Sent } from '../../src/ip/ipv4';
import { UdpHost } from '../../src/udp/udp';
import { checksum, half, udpDatagram, word } from '../src/frames';
import { noise } from '../src/lan';
import { Peer, PEER, PEER_HARDWARE, STACK } from '../src/peer';
import { Host, SECOND } from './datagrams';
import type { SentPacket } from './datagrams';

/** The sum over a datagram and the header that UDP thinks in front of it: 0 when it is right. */
function sumOf({ source, destination, payload }: SentPacket): number {
  return checksum(Uint8Array.from([...word(source), ...word(destination), 0, 17, ...half(payload.length), ...payload]));
}

describe('checksums (RFC 1122 section 4.1.3.4)', () => {
  test.each([0, 1, 2, 99, 548])('[1122-4.1.3.4-1, 1122-4.1.3.4-4] %i octets go out with a checksum, and it is right', (octets) => {
    const host = new Host();
    for (let seed = 1; seed < 20; seed++) host.says(noise(octets, seed));
    const sent = host.sent();
    expect(sent).toHaveLength(19);
    for (const packet of sent) {
      expect(sumOf(packet)).toBe(0);
      expect(packet.payload[6]! | packet.payload[7]!).not.toBe(0);
    }
  });

  test.each([0, 1, 99, 548])('[1122-4.1.3.4-1, 1122-4.1.3.4-2] %i octets are taken when it is right, and dropped without a word when one bit is not', (octets) => {
    const host = new Host();
    const whole = udpDatagram([PEER, STACK], 4000, 7, noise(octets));
    host.takes({ protocol: 17, payload: whole });
    expect(host.heard.splice(0)).toHaveLength(1);
    // Not the bits of the length, which is looked at first.
    const places = [0, 1, 6, 7, 8, whole.length - 1].filter((at) => at < whole.length);
    for (const [n, at] of places.entries()) {
      host.takes({ protocol: 17, payload: whole.map((octet, index) => (index === at ? octet ^ (1 << n) : octet)) });
    }
    expect([host.heard, host.udp.counters.inErrors]).toEqual([[], places.length]);
    host.expectsSilence();
  });

  test('[1122-4.1.3.4-2] also when it is for another address, as its sum tells', () => {
    const host = new Host().takes({ protocol: 17, payload: udpDatagram([PEER, SECOND], 4000, 7, noise(9)) }).expectsSilence();
    expect([host.heard, host.udp.counters.inErrors]).toEqual([[], 1]);
  });
});

describe('addresses (sections 4.1.3.5 and 4.1.3.6)', () => {
  test('[1122-4.1.3.5-1, 1122-4.1.3.5-3, 1122-4.1.3.5-4] a port takes what is for any of our addresses, and says which one it was', () => {
    const host = new Host().datagram('one').datagram('two', { destination: -1 });
    host.peer.stack.setAddress(SECOND, -256, 0, host.peer.now);
    host.datagram('three', { destination: SECOND }).datagram('too late');
    expect(host.heard.map(({ data, to }) => [data, to])).toEqual([['one', STACK], ['two', -1], ['three', SECOND]]);
    // The address that an answer would come from is the host's.
    expect(host.peer.stack.ip.address).toBe(SECOND);
  });

  test('[1122-4.1.3.5-2, 1122-4.1.3.5-3] what an application sends comes from the address that the host has then', () => {
    const host = new Host();
    host.says('one');
    host.peer.stack.setAddress(SECOND, -256, 0, host.peer.now);
    host.meets(PEER, PEER_HARDWARE);
    host.says('two');
    const sent = host.sent();
    expect(sent.map(({ source }) => source)).toEqual([STACK, SECOND]);
    expect(sent.map(sumOf)).toEqual([0, 0]);
  });

  test.each([-1, PEER, 0])('[1122-4.1.3.6-2] without an address nothing is sent to %i', (destination) => {
    const peer = new Peer({ address: 0, netmask: -1 });
    const udp = new UdpHost(peer.stack, 1);
    udp.openPort(7, { datagram: () => undefined });
    expect(udp.sendBytes(7, destination, 9, noise(5), 0, 5, 64)).toBe(Sent.unreachable);
    expect(peer.passes(5000).mac.outbox).toEqual([]);
  });
});

test('[1122-4.1.3.1-1] a closed port is reported, an open one is not', () => {
  const host = new Host().datagram('hello');
  host.expectsSilence().datagram('for nobody', {}, 9);
  expect(host.sent()).toMatchObject([{ protocol: 1, destination: PEER }]);
});
