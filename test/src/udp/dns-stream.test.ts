import { describe, expect, test } from 'vitest';
import { DnsResolver } from '../../../src/udp/dns';
import { Resolution } from '../../../src/udp/dns-result';
import { UdpHost } from '../../../src/udp/udp';
import { parseAddress } from '../../../src/ip/address';
import { get16, half, readPacket, udpDatagram, word } from '../frames';
import { noise } from '../lan';
import { mssOption, Peer, PEER, STACK } from '../peer';

const ANSWER = parseAddress('93.184.216.34');
const TRUNCATED = 0x8380;

const name = (text: string) => [...text.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]), 0];
const address = (value: number, owner = [0xc0, 12]) => [...owner, 0, 1, 0, 1, ...word(60), 0, 4, ...word(value)];
const text = (length: number) => [0xc0, 12, 0, 16, 0, 1, ...word(60), ...half(length), ...noise(length)];

interface Query { id: number; port: number; text: string }

/** A name server that has more to say than a datagram holds. */
function truncating(names = ['big.test']) {
  const peer = new Peer();
  const udp = new UdpHost(peer.stack, 4);
  const dns = new DnsResolver(udp, 3);
  dns.servers[0] = PEER;
  const told: [number, Resolution][] = [];
  const handler = { resolved: (_: number, found: number, resolution: Resolution) => void told.push([found, resolution]) };
  const queries = (): Query[] => {
    const datagrams = peer.mac.outbox.filter((frame) => get16(frame, 12) === 0x0800 && frame[23] === 17);
    peer.mac.outbox.splice(0, peer.mac.outbox.length, ...peer.mac.outbox.filter((frame) => !datagrams.includes(frame)));
    return datagrams.map((frame) => {
      const { payload } = readPacket(frame);
      const labels = Buffer.from(payload.slice(21, -5)).toString('latin1');
      return { id: get16(payload, 8), port: get16(payload, 0), text: labels.replace(/[^a-z0-9]/g, '.') };
    });
  };
  const message = (id: number, flags: number, question: string, records: number[][]) =>
    [...half(id), ...half(flags), 0, 1, ...half(records.length), 0, 0, 0, 0, ...name(question), 0, 1, 0, 1, ...records.flat()];
  const says = (query: Query, flags: number, ...records: number[][]) => {
    const payload = udpDatagram([PEER, STACK], 53, query.port, message(query.id, flags, query.text, records));
    peer.sendsPacket({ protocol: 17, payload });
  };
  for (const one of names) dns.lookUp(one, handler);
  peer.poll();
  const asked = queries();
  peer.port = 53;
  /** The server takes the connection. @returns the question that comes over it */
  const accepts = (): Query => {
    const syn = peer.mac.outbox.map((frame) => readPacket(frame)).find(({ protocol }) => protocol === 6)!;
    peer.stackPort = get16(syn.payload, 0);
    expect(get16(syn.payload, 2)).toBe(53);
    peer.seq = peer.ack = 0;
    expect(peer.hears()).toMatchObject({ flags: 'SYN' });
    peer.sends({ flags: 'SYN ACK', options: mssOption(536) });
    const data = peer.hearsAll().map((segment) => segment.data).join('');
    const octets = Buffer.from(data, 'latin1');
    expect(get16(octets, 0)).toBe(octets.length - 2);
    return { id: get16(octets, 2), port: peer.stackPort, text: octets.subarray(15, -5).toString('latin1').replace(/[^a-z0-9]/g, '.') };
  };
  /** What a server says over the connection, in pieces of so many octets. */
  const streams = (octets: number[], size = 500) => {
    for (let at = 0; at < octets.length; at += size) {
      peer.sends({ flags: 'ACK', data: Uint8Array.from(octets.slice(at, at + size)) });
    }
    return told.splice(0);
  };
  const framed = (octets: number[]) => [...half(octets.length), ...octets];
  return { peer, udp, dns, told, handler, queries, message, says, asked, accepts, streams, framed };
}

describe('a truncated answer', () => {
  test('is asked for over TCP, with another number, and the connection closed', () => {
    const { dns, asked, says, accepts, streams, message, framed, told, peer, queries } = truncating();
    says(asked[0]!, TRUNCATED, address(1));
    expect(told).toEqual([]);
    const query = accepts();
    expect(query.text).toBe('big.test');
    expect(query.id).not.toBe(asked[0]!.id);
    expect(dns.counters.streams).toBe(1);
    expect(streams(framed(message(query.id, 0x8180, 'big.test', [text(700), address(ANSWER)])))).toEqual([[ANSWER, Resolution.found]]);
    expect(peer.hearsAll().some(({ flags }) => flags.includes('FIN'))).toBe(true);
    expect(queries()).toEqual([]);
  });

  test.each([1, 3, 64])('that comes in pieces of %i octets is put together', (size) => {
    const { asked, says, accepts, streams, message, framed } = truncating();
    says(asked[0]!, TRUNCATED);
    const { id } = accepts();
    expect(streams(framed(message(id, 0x8180, 'big.test', [text(40), address(ANSWER)])), size)).toEqual([[ANSWER, Resolution.found]]);
  });

  test('that says the name does not exist is believed', () => {
    const { asked, says, accepts, streams, message, framed } = truncating();
    says(asked[0]!, TRUNCATED);
    const { id } = accepts();
    expect(streams(framed(message(id, 0x8183, 'big.test', [])))).toEqual([[0, Resolution.notFound]]);
  });

  test('longer than the buffer: its beginning is read, and no more of it', () => {
    const { asked, says, accepts, streams, message, framed, peer } = truncating();
    says(asked[0]!, TRUNCATED);
    const { id } = accepts();
    const whole = framed(message(id, 0x8180, 'big.test', [address(ANSWER), text(5000)]));
    expect(streams(whole.slice(0, 1000))).toEqual([]);
    expect(streams(whole.slice(1000, 1100))).toEqual([[ANSWER, Resolution.found]]);
    expect(streams(whole.slice(1100))).toEqual([]);
    expect(peer.stack.tcp.connections.every((c) => c.available === 0)).toBe(true);
  });

  test.each<[string, (number: number) => number]>([
    ['with another number', (id) => id ^ 1],
    ['to another question', (id) => id],
  ])('%s over TCP is not believed, and the server asked anew', (what, change) => {
    const { asked, says, accepts, streams, message, framed, peer, queries } = truncating();
    says(asked[0]!, TRUNCATED);
    const { id } = accepts();
    const wrong = what.includes('question') ? 'other.test' : 'big.test';
    expect(streams(framed(message(change(id), 0x8180, wrong, [address(ANSWER)])))).toEqual([]);
    peer.poll();
    expect(queries()).toHaveLength(1);
  });

  test.each([[0, []], [1, [0]], [20, [0, 3, 1, 2, 3]]])('of %i octets is none', (length, octets) => {
    const { asked, says, accepts, streams, peer, queries } = truncating();
    says(asked[0]!, TRUNCATED);
    accepts();
    streams([...half(length), ...octets.slice(0, length)].slice(0, 2 + octets.length));
    peer.sends({ flags: 'FIN ACK' });
    peer.poll();
    expect(queries()).toHaveLength(1);
  });
});

describe('the connection', () => {
  test('that is refused: the server is asked again, three times in all', () => {
    const { asked, says, peer, queries, told } = truncating();
    let query = asked[0];
    let connections = 0;
    for (; query !== undefined; query = queries()[0]) {
      says(query, TRUNCATED);
      const syn = peer.mac.outbox.map((frame) => readPacket(frame)).find(({ protocol }) => protocol === 6)!;
      peer.stackPort = get16(syn.payload, 0);
      expect(peer.hears()).toMatchObject({ flags: 'SYN' });
      peer.sends({ flags: 'RST ACK', seq: 0, ack: 1 });
      connections++;
      peer.passes(0);
    }
    expect(connections).toBe(3);
    expect(told).toEqual([[0, Resolution.timedOut]]);
  });

  test('over which nothing comes is given up after 10 s', () => {
    const { asked, says, accepts, peer, queries } = truncating();
    says(asked[0]!, TRUNCATED);
    accepts();
    peer.passes(9990);
    expect(queries()).toEqual([]);
    peer.mac.outbox.length = 0;
    peer.passes(20);
    expect(queries()).toHaveLength(1);
    expect(peer.hearsAll().map(({ flags }) => flags)).toEqual([expect.stringContaining('RST')]);
  });

  test('is one: another truncated name waits for its turn', () => {
    const { asked, says, accepts, streams, message, framed, dns, peer, queries, told } = truncating(['one.test', 'two.test']);
    says(asked[0]!, TRUNCATED);
    const { id } = accepts();
    says(asked[1]!, TRUNCATED);
    expect(peer.hearsAll()).toEqual([]);
    expect(streams(framed(message(id, 0x8180, 'one.test', [address(ANSWER)])))).toEqual([[ANSWER, Resolution.found]]);
    peer.passes(2000);
    const again = queries();
    expect(again.map((query) => query.text)).toEqual(['two.test']);
    peer.mac.outbox.length = 0;
    says(again[0]!, TRUNCATED);
    const next = accepts();
    expect(streams(framed(message(next.id, 0x8180, 'two.test', [address(2)])))).toEqual([[2, Resolution.found]]);
    expect([dns.counters.streams, told]).toEqual([2, []]);
  });

  test('goes with the request that is given up', () => {
    const { asked, says, accepts, dns, peer, told } = truncating();
    says(asked[0]!, TRUNCATED);
    accepts();
    dns.cancel(0);
    expect(peer.hearsAll().map(({ flags }) => flags)).toEqual([expect.stringContaining('RST')]);
    expect(told).toEqual([]);
  });

  test('for which no slot is free: the server is asked by datagrams on', () => {
    const { asked, says, dns, peer, handler, queries } = truncating();
    const nothing = (): void => undefined;
    const idle = { opened: nothing, readable: nothing, writable: nothing, ended: nothing, closed: nothing };
    while (peer.stack.connect(PEER, 9, idle) !== null);
    says(asked[0]!, TRUNCATED);
    expect(dns.counters.streams).toBe(0);
    peer.passes(2000);
    expect(queries()).toHaveLength(1);
    expect(dns.lookUp('other.test', handler)).toBeGreaterThanOrEqual(0);
  });
});

test('a copy of the truncated answer changes nothing', () => {
  const { asked, says, accepts, streams, message, framed, dns } = truncating();
  says(asked[0]!, TRUNCATED);
  const { id } = accepts();
  says(asked[0]!, TRUNCATED);
  says({ ...asked[0]!, id }, TRUNCATED);
  expect(dns.counters).toMatchObject({ streams: 1, rejected: 2 });
  expect(streams(framed(message(id, 0x8180, 'big.test', [address(ANSWER)])))).toEqual([[ANSWER, Resolution.found]]);
});
