import { describe, expect, test } from 'vitest';
import { FULL, noise } from '../src/lan';
import type { Peer } from '../src/peer';
import { closeWait, established, inState } from '../src/tcp/states';
import { hearsOf, HOUR, lengths, opens, opensFully, received, repeats, times, timestamps, unread, writes } from './dialogue';

// RFC 2525, "Known TCP Implementation Problems": one test for each, under the RFC's number and name.

const MSS = 536;

/** An application with more to send than any window takes, and a peer that offers 60,000 octets. */
function bulk(options = {}): Peer {
  return writes(opens({ sendBuffer: 60_000, ...options }, MSS, 60_000), 60_000);
}

/** Acknowledges `segments` one by one, from octet `from` on; the application writes more. */
function acks(peer: Peer, segments: number, from: number): number {
  for (let n = 1; n <= segments; n++) peer.sends({ ack: from + n * MSS });
  if (peer.connection.room > 0) writes(peer, peer.connection.room);
  return from + segments * MSS;
}

describe('RFC 2525', () => {
  test('2.1 No initial slow start', () => {
    const peer = bulk();
    // The peer's window would take 111 segments.
    expect(lengths(peer)).toEqual([MSS, MSS, MSS, MSS]);
    acks(peer, 1, 1);
    expect(lengths(peer)).toHaveLength(2);
  });

  test('2.2 No slow start after retransmission timeout', () => {
    const peer = bulk();
    peer.hearsAll();
    const from = acks(peer, 4, 1);
    expect(lengths(peer)).toHaveLength(8);
    peer.passes(1000);
    expect(lengths(peer)).toEqual([MSS]);
    acks(peer, 1, from);
    expect(lengths(peer)).toHaveLength(2);
  });

  test('2.3 Uninitialized CWND', () => {
    // With a SYN ACK that names no segment size, and in a slot that had a large window before.
    const first = bulk({ connections: 1 });
    let from = 1;
    for (let n = 0, sent = first.hearsAll().length; n < 4; n++) {
      from = acks(first, sent, from);
      sent = first.hearsAll().length;
    }
    first.connection.abort();
    first.hearsAll();
    Object.assign(first, { port: 4001, seq: 0, ack: 0 });
    first.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({});
    writes(first, 60_000);
    expect(lengths(first)).toEqual([MSS, MSS, MSS, MSS]);
  });

  test('2.4 Inconsistent retransmission', () => {
    const peer = established();
    peer.connection.noDelay = true;
    const sent = new Map<number, string>();
    let text = '';
    const takes = () => {
      for (const { seq, data } of peer.hearsAll()) {
        for (let at = 0; at < data.length; at++) {
          const earlier = sent.get(seq + at);
          if (earlier !== undefined) expect(data[at]).toBe(earlier);
          sent.set(seq + at, data[at]!);
        }
      }
    };
    for (let n = 0; n < 20; n++) {
      const words = `(${n} and more of it) `;
      text += words;
      writes(peer, words);
      if (n % 3 === 2) peer.passes(1100);
      takes();
      if (n === 9) peer.sends({ ack: 1 + 50 });
    }
    peer.passes(4000);
    takes();
    expect([...sent.entries()].sort(([a], [b]) => a - b).map(([, octet]) => octet).join('')).toBe(text);
  });

  test('2.5 Failure to retain above-sequence data', () => {
    const peer = established();
    for (const n of [3, 1, 2]) peer.sends({ seq: 1 + n * 100, data: noise(100, n) });
    expect(received(peer)).toBe('');
    peer.hearsAll();
    peer.sends({ seq: 1, data: noise(100, 0) }).expects({ ack: 401 });
    expect(peer.app.received).toEqual([0, 1, 2, 3].flatMap((n) => Array.from(noise(100, n))));
  });

  test('2.6 Extra additive constant in congestion avoidance', () => {
    const peer = bulk();
    let from = 1;
    let sent = peer.hearsAll().length;
    for (let n = 0; n < 2; n++) {
      from = acks(peer, sent, from);
      sent = peer.hearsAll().length;
    }
    // A loss: from here on half of sixteen segments is the threshold.
    repeats(peer, 3, { ack: from });
    expect(peer.hearsAll().map(({ seq }) => seq)).toContain(from);
    from += 16 * MSS;
    peer.sends({ ack: from }).hearsAll();
    const rounds: number[] = [];
    for (let n = 0; n < 17; n++) {
      rounds.push((peer.ack - from) / MSS);
      from = acks(peer, rounds.at(-1)!, from);
      peer.hearsAll();
    }
    // One segment a round; an eighth of one more for each ACK would be two.
    const growth = rounds.at(-1)! - rounds[0]!;
    expect(growth).toBeGreaterThanOrEqual(12);
    expect(growth).toBeLessThanOrEqual(17);
  });

  test('2.7 Initial RTO too low', () => {
    const peer = opens();
    writes(peer, 'x').expects({ data: 'x' });
    expect(times(peer, 5000)[0]).toBeGreaterThanOrEqual(1000);
  });

  test('2.8 Failure of window deflation after loss recovery', () => {
    const peer = bulk();
    let from = 1;
    let sent = peer.hearsAll().length;
    for (let n = 0; n < 2; n++) {
      from = acks(peer, sent, from);
      sent = peer.hearsAll().length;
    }
    expect(sent).toBe(16);
    // Fifteen duplicates inflate the window by as many segments.
    repeats(peer, 15, { ack: from });
    const more = peer.hearsAll().length - 1;
    expect(more).toBeGreaterThan(3);
    peer.sends({ ack: from + (16 + more) * MSS });
    expect(peer.hearsAll().length).toBeLessThanOrEqual(9);
  });

  test('2.9 Excessively short keepalive connection timeout', () => {
    const peer = established();
    peer.connection.setKeepAlive(true, 2 * HOUR, 75_000, 10);
    const probes = times(peer, 2 * HOUR + 12 * 60_000, ({ flags }) => flags === 'ACK', 1000);
    expect(probes).toHaveLength(10);
    expect(hearsOf(peer)).toEqual(['opened']);
    peer.passes(60_000);
    expect(hearsOf(peer)).toEqual(['closed: timed out']);
  });

  test('2.10 Failure to back off retransmission timeout', () => {
    const peer = writes(established(), 'x').expects({ data: 'x' });
    const seen = times(peer, 64_000);
    const pauses = seen.map((at, n) => at - (seen[n - 1] ?? 0));
    for (let n = 1; n < pauses.length; n++) expect(pauses[n]).toBe(pauses[n - 1]! * 2);
    expect(pauses.length).toBeGreaterThanOrEqual(5);
  });

  test('2.11 Insufficient interval between keepalives', () => {
    const peer = established();
    peer.connection.setKeepAlive(true, 2 * HOUR, 75_000, 10);
    const probes = times(peer, 8 * HOUR, ({ flags }) => {
      if (flags === 'ACK') peer.sends({});
      return flags === 'ACK';
    }, 1000);
    expect(probes.map((at) => Math.round(at / HOUR))).toEqual([2, 4, 6, 8]);
  });

  test('2.12 Window probe deadlock', () => {
    // Both windows are closed and both sides have data. The peer's probe brings an octet that there is no room for: its
    // acknowledgment and its window have to count all the same.
    const peer = unread(established());
    for (let n = 0; n < 4; n++) peer.sends({ data: noise(MSS) });
    writes(peer.sends({ ack: 1, wnd: 0 }), 'data').hearsAll();
    peer.passes(1000).expects({ seq: 1, data: 'd' });
    peer.sends({ seq: 2145, data: 'p', ack: 2, wnd: 100 });
    expect(peer.hearsAll().map(({ seq, data }) => [seq, data])).toContainEqual([2, 'ata']);
    inState(peer, 'ESTABLISHED');
  });

  test('2.13 Stretch ACK violation', () => {
    const peer = established({ receiveBuffer: 20_000 });
    let acked = 1;
    for (let n = 1; n <= 20; n++) {
      peer.sends({ data: noise(MSS) });
      for (const { ack } of peer.hearsAll()) acked = ack;
      expect(1 + n * MSS - acked, 'unacknowledged').toBeLessThan(2 * MSS);
    }
  });

  test('2.14 Retransmission sends multiple packets', () => {
    const timedOut = bulk();
    expect(lengths(timedOut)).toHaveLength(4);
    timedOut.passes(1000);
    expect(timedOut.hearsAll().map(({ seq }) => seq)).toEqual([1]);
    const fast = bulk();
    expect(lengths(fast)).toHaveLength(4);
    repeats(fast, 2, { ack: 1 });
    fast.hearsAll();
    fast.sends({ ack: 1 });
    expect(fast.hearsAll().filter(({ seq }) => seq < 1 + 4 * MSS).map(({ seq }) => seq)).toEqual([1]);
  });

  test('2.15 Failure to send FIN notification promptly', () => {
    const peer = closeWait();
    peer.connection.end();
    peer.expects({ flags: 'FIN ACK' });
    // Neither Nagle nor a segment on its way holds it back.
    const busy = writes(established(), 'a').expects({ data: 'a' });
    writes(busy, 'b').expectsNothing();
    busy.connection.end();
    busy.expects({ seq: 2, data: 'b', flags: 'FIN ACK' });
    const bare = writes(established(), 'a').expects({ data: 'a' });
    bare.connection.end();
    bare.expects({ seq: 2, flags: 'FIN ACK' });
  });

  test('2.16 Failure to send a RST after Half Duplex Close', () => {
    const peer = established();
    peer.connection.close();
    peer.expects({ flags: 'FIN ACK' }).sends({}).sends({ data: 'nobody reads this' });
    expect(peer.hearsAll().map(({ flags }) => flags)).toEqual([expect.stringContaining('RST')]);
    expect(hearsOf(peer)).toEqual(['opened', 'closed: aborted']);
  });

  test('2.17 Failure to RST on close with data pending', () => {
    const peer = unread(established()).sends({ data: 'nobody has read this' });
    peer.hearsAll();
    peer.connection.close();
    expect(peer.hearsAll().map(({ flags }) => flags)).toEqual([expect.stringContaining('RST')]);
    expect(hearsOf(peer)).toEqual(['opened', 'closed: aborted']);
  });

  test('2.18 Options missing from TCP MSS calculation', () => {
    const peer = opensFully({ ...FULL, sendBuffer: 20_000 }, 7, MSS);
    writes(peer, 20_000);
    const first = peer.hearsAll();
    peer.sends({ ack: 1 + MSS, options: timestamps(9, 0) }, { seq: 200, data: 'x', options: timestamps(10, 0) });
    for (const { data, options } of [...first, ...peer.hearsAll()]) expect(data.length + options.length).toBeLessThanOrEqual(MSS);
    expect(Math.max(...first.map(({ data }) => data.length))).toBe(MSS - 12);
  });
});
