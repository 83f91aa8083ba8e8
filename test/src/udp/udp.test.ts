import { describe, expect, test } from 'vitest';
import { BROADCAST } from '../../../src/ip/address';
import { DEFAULT_SERVICE, Sent } from '../../../src/ip/ipv4';
import { DatagramQueue } from '../../../src/udp/queue';
import { UdpHost } from '../../../src/udp/udp';
import { checksum, get16, half, ipPacket, readPacket, udpDatagram } from '../frames';
import type { IpFields } from '../frames';
import { noise, seededPlatform } from '../lan';
import { Peer, PEER, STACK } from '../peer';

/** A stack with UDP, and what port 7 has heard. */
function host(ports = 4) {
  const peer = new Peer().passes(3000);
  peer.mac.outbox.length = 0;
  const udp = new UdpHost(peer.stack, ports);
  const heard: { data: string; address: number; port: number }[] = [];
  const errors: number[][] = [];
  const handler = {
    datagram(frame: Uint8Array, at: number, length: number, address: number, port: number) {
      heard.push({ data: Buffer.from(frame.slice(at, at + length)).toString('latin1'), address, port });
    },
    icmpError: (...words: number[]) => void errors.push(words),
  };
  udp.openPort(7, handler);
  const arrives = (payload: ArrayLike<number>, ip: Partial<IpFields> = {}) => peer.sendsPacket({ protocol: 17, payload, ...ip });
  const sent = () => peer.mac.outbox.splice(0).filter((frame) => get16(frame, 12) === 0x0800).map(readPacket);
  return { peer, udp, heard, errors, handler, arrives, sent };
}

const hello = Buffer.from('hello');

describe('a datagram', () => {
  test('for an open port is handed over, with its sender', () => {
    const { arrives, heard, udp } = host();
    arrives(udpDatagram([PEER, STACK], 4000, 7, hello));
    expect(heard).toEqual([{ data: 'hello', address: PEER, port: 4000 }]);
    expect(udp.counters).toMatchObject({ inDatagrams: 1, inErrors: 0, noPorts: 0 });
  });

  test.each<[string, Uint8Array, string]>([
    ['without a checksum', udpDatagram([PEER, STACK], 4000, 7, hello, 0), 'hello'],
    ['without data', udpDatagram([PEER, STACK], 4000, 7, []), ''],
    ['with octets behind it that its length does not count', udpDatagram([PEER, STACK], 4000, 7, hello, 0, 10), 'he'],
    ['from port 0, which wants no answer', udpDatagram([PEER, STACK], 0, 7, hello), 'hello'],
  ])('%s is taken', (_name, bytes, data) => {
    const { arrives, heard } = host();
    arrives(bytes);
    expect(heard.map((one) => one.data)).toEqual([data]);
  });

  test.each<[string, Uint8Array]>([
    ['with a wrong checksum', udpDatagram([PEER, STACK], 4000, 7, hello, 0x1234)],
    ['shorter than its header', udpDatagram([PEER, STACK], 4000, 7, hello).slice(0, 7)],
    ['whose length is less than a header', udpDatagram([PEER, STACK], 4000, 7, hello, 0, 7)],
    ['whose length is more than there is', udpDatagram([PEER, STACK], 4000, 7, hello, 0, 14)],
  ])('%s is dropped without an answer, and counted', (_name, bytes) => {
    const { arrives, heard, udp, sent } = host();
    arrives(bytes);
    expect(heard).toEqual([]);
    expect(sent()).toEqual([]);
    expect(udp.counters).toMatchObject({ inDatagrams: 0, inErrors: 1, noPorts: 0 });
  });

  test('to everybody is handed over too', () => {
    const { arrives, heard } = host();
    arrives(udpDatagram([PEER, BROADCAST], 4000, 7, hello), { destination: BROADCAST });
    expect(heard).toHaveLength(1);
  });

  test('with IP options in front of it', () => {
    const { arrives, heard } = host();
    arrives(udpDatagram([PEER, STACK], 4000, 7, hello), { options: [1, 1, 1, 0] });
    expect(heard).toEqual([{ data: 'hello', address: PEER, port: 4000 }]);
  });
});

describe('a port that nobody has opened', () => {
  test('is answered with port unreachable, which repeats the header and eight octets', () => {
    const { arrives, sent, udp, peer } = host();
    const bytes = udpDatagram([PEER, STACK], 4000, 9, hello);
    arrives(bytes);
    const [answer] = sent();
    expect(answer).toMatchObject({ protocol: 1, source: STACK, destination: PEER, ttl: 64 });
    expect(checksum(answer!.payload)).toBe(0);
    expect(Array.from(answer!.payload.slice(0, 2))).toEqual([3, 3]);
    const original = ipPacket({ source: PEER, destination: STACK, protocol: 17, payload: bytes });
    expect(answer!.payload.slice(8)).toEqual(original.slice(0, 28));
    expect([udp.counters.noPorts, peer.stack.icmp.counters.outReports]).toEqual([1, 1]);
  });

  test('not when it was sent to everybody, nor to port 0 of a free entry of the table', () => {
    const { arrives, sent, heard } = host();
    arrives(udpDatagram([PEER, STACK], 4000, 9, hello, 0), { destination: BROADCAST });
    expect(sent()).toEqual([]);
    arrives(udpDatagram([PEER, STACK], 4000, 0, hello, 0));
    expect(sent()).toHaveLength(1);
    expect(heard).toEqual([]);
  });

  test('ten times a second at most', () => {
    const { arrives, sent, peer } = host();
    for (let n = 0; n < 30; n++) arrives(udpDatagram([PEER, STACK], 4000, 9, hello));
    expect(sent()).toHaveLength(10);
    expect(peer.stack.icmp.counters.outLimited).toBe(20);
    peer.passes(1000);
    arrives(udpDatagram([PEER, STACK], 4000, 9, hello));
    expect(sent()).toHaveLength(1);
  });
});

describe('sending', () => {
  test.each([0, 1, 5, 548])('%i octets to a host and port, with a checksum', (length) => {
    const { udp, sent, peer } = host();
    expect(udp.sendBytes(7, PEER, 4000, Uint8Array.from([9, ...noise(length)]), 1, length, DEFAULT_SERVICE)).toBe(Sent.yes);
    const [packet] = sent();
    expect(packet).toMatchObject({ protocol: 17, source: STACK, destination: PEER, ttl: 64 });
    expect(packet!.payload).toEqual(udpDatagram([STACK, PEER], 7, 4000, noise(length)));
    expect(peer.stack.link.frame.length).toBe(14 + 20 + 8 + 548);
  });

  test('a checksum that would be 0 is sent as 0xFFFF', () => {
    const { udp, sent } = host();
    for (let word = 0; word < 65536; word++) {
      const data = Uint8Array.from(half(word));
      if (get16(udpDatagram([STACK, PEER], 7, 4000, data), 6) !== 0xffff) continue;
      udp.sendBytes(7, PEER, 4000, data, 0, 2, DEFAULT_SERVICE);
    }
    expect(sent().map((packet) => get16(packet.payload, 6))).toEqual([0xffff]);
  });

  test('with a time to live, a type of service and IP options of its own', () => {
    const { udp, peer } = host();
    udp.options = Uint8Array.of(148, 4, 0, 0);
    udp.sendBytes(7, PEER, 4000, hello, 0, 5, (0x10 << 8) | 1);
    const frame = peer.mac.outbox.pop()!;
    expect([frame[15], frame[22], ...frame.slice(34, 38)]).toEqual([0x10, 1, 148, 4, 0, 0]);
    expect(readPacket(frame).payload).toEqual(udpDatagram([STACK, PEER], 7, 4000, hello));
  });

  test('more than fits a frame is refused with a sentence', () => {
    const { udp } = host();
    expect(() => udp.sendBytes(7, PEER, 4000, noise(549), 0, 549, DEFAULT_SERVICE)).toThrow('UDP: 549 octets are more than the 548 of a datagram');
  });

  test('waits for the transmitter, and says when there is no way', () => {
    const { udp, peer } = host();
    expect(udp.sendBytes(7, 0x08080808, 4000, hello, 0, 5, DEFAULT_SERVICE)).toBe(Sent.unreachable);
    peer.mac.busy = () => true;
    expect(udp.sendBytes(7, PEER, 4000, hello, 0, 5, DEFAULT_SERVICE)).toBe(Sent.yes);
    expect(udp.sendBytes(7, PEER, 4000, hello, 0, 5, DEFAULT_SERVICE)).toBe(Sent.busy);
  });

  test('the error that comes back is handed to the port', () => {
    const { udp, arrives, errors, peer } = host();
    udp.sendBytes(7, PEER, 4000, hello, 0, 5, DEFAULT_SERVICE);
    const about = peer.mac.outbox.pop()!.slice(14, 42);
    const message = Uint8Array.from([3, 3, 0, 0, 0, 0, 0, 0, ...about]);
    message.set(half(checksum(message)), 2);
    arrives(message, { protocol: 1 });
    expect(errors.map((words) => words.slice(0, 4))).toEqual([[3, 3, PEER, (7 << 16) | 4000]]);
  });
});

describe('ports', () => {
  test('are opened and closed', () => {
    const { udp, handler, arrives, heard } = host();
    expect(udp.openPort(8, handler)).toBe(8);
    expect(() => udp.openPort(8, handler)).toThrow('UDP: port 8 is taken already');
    udp.closePort(7);
    udp.closePort(7);
    arrives(udpDatagram([PEER, STACK], 4000, 7, hello));
    expect(heard).toEqual([]);
    udp.openPort(7, handler);
    arrives(udpDatagram([PEER, STACK], 4000, 7, hello));
    expect(heard).toHaveLength(1);
  });

  test('of any number, none twice', () => {
    const { udp, handler } = host(200);
    const ports = Array.from({ length: 199 }, () => udp.openPort(0, handler));
    expect(new Set(ports).size).toBe(199);
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(49152);
    expect(() => udp.openPort(0, handler)).toThrow('UDP: all 200 ports are in use');
  });

  test.each([-1, 65536, 1.5, NaN])('%d is none', (port) => {
    const { udp, handler } = host();
    expect(() => udp.openPort(port, handler)).toThrow(`UDP: ${port} is not a port from 1 to 65535`);
  });
});

describe('a queue', () => {
  const make = (size: number) => new DatagramQueue(seededPlatform(1), size, 100);
  const into = new Uint8Array(108);

  test('gives back each datagram whole, with its sender in front, round and round', () => {
    const queue = make(64);
    for (let n = 0; n < 50; n++) {
      const data = [noise(n % 7, n), noise((n * 5) % 13, n + 1)];
      for (const one of data) queue.datagram(one, 0, one.length, 0x0a000001 + n, 258 + n);
      for (const one of data) {
        const count = queue.takeNext(into);
        expect(into.slice(0, count)).toEqual(Uint8Array.from([10, 0, 0, 1 + n, (258 + n) & 255, 1, one.length, 0, ...one]));
      }
    }
    expect([queue.takeNext(into), queue.dropped, queue.used]).toEqual([0, 0, 0]);
  });

  test('drops and counts what finds no room, or is too long for the application', () => {
    const queue = make(36);
    for (let n = 0; n < 3; n++) queue.datagram(noise(10), 0, 10, PEER, 1);
    expect([queue.used, queue.dropped]).toEqual([36, 1]);
    const long = make(500);
    long.datagram(noise(101), 0, 101, PEER, 1);
    expect([long.used, long.dropped]).toEqual([0, 1]);
  });
});
