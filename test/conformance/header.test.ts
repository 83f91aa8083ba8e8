import { describe, expect, test } from 'vitest';
import { get16 } from '../src/frames';
import { FULL, noise } from '../src/lan';
import { established, inState, synReceived } from '../src/tcp/states';
import { asks, lengths, opens, opensFully, received, timestamps, unread, writes } from './dialogue';
import { overhears, takes, TCP_AT } from './raw';

describe('window (RFC 9293 section 3.1)', () => {
  test.each([32_767, 32_768, 65_535])('[MUST-1] a window of %i is open, whatever its highest bit', (wnd) => {
    const peer = opens({}, 536, wnd);
    writes(peer, 2144);
    expect(lengths(peer)).toEqual([536, 536, 536, 536]);
  });

  test('[MUST-1] our own of 65535 is offered as such, and taken up to its last octet', () => {
    const peer = unread(opens({ receiveBuffer: 65_535 }));
    peer.sends({ data: noise(500), seq: 1 + 65_035 }).expects({ ack: 1, wnd: 65_535 });
    expect(peer.stack.tcp.counters).toMatchObject({ outOfOrder: 1, outOfWindow: 0 });
    peer.sends({ data: noise(500), seq: 1 + 65_535 }).expects({ ack: 1, wnd: 65_535 });
    expect(peer.stack.tcp.counters).toMatchObject({ outOfOrder: 1, outOfWindow: 1 });
  });

  test('[REC-1] a window beyond 16 bits is used to its end and not beyond', () => {
    const peer = opensFully({ sendBuffer: 200_000, mss: 1460 }, 7, 1460);
    let flight = 0;
    let unacknowledged = 1;
    for (let round = 0; round < 14; round++) {
      if (peer.connection.room > 0) writes(peer, peer.connection.room);
      const before = unacknowledged;
      const heard = peer.hearsAll();
      flight = Math.max(flight, peer.ack - before);
      peer.passes(20);
      for (const { seq, data } of heard) {
        unacknowledged = seq + data.length;
        // 1000 << 7 octets.
        peer.sends({ ack: unacknowledged, wnd: 1000, options: timestamps(3 + round, 0) });
      }
    }
    expect(flight).toBeGreaterThan(125_000);
    expect(flight).toBeLessThanOrEqual(128_000);
  });

  test('[REC-1] we offer one beyond 16 bits, scaled, and take what lies at its end', () => {
    const peer = unread(opensFully({ receiveBuffer: 200_000, mss: 1460 }));
    peer.sends({ data: noise(1000), seq: 1 + 190_000, options: timestamps(3, 0) });
    expect(peer.stack.tcp.counters).toMatchObject({ outOfOrder: 1, outOfWindow: 0 });
    const heard = peer.hears()!;
    expect(heard.wnd).toBeLessThan(65_536);
    expect(heard.wnd * 4).toBeGreaterThan(199_000);
  });
});

describe('checksum (RFC 9293 section 3.1)', () => {
  test('[MUST-2] every segment carries it: SYN, data of any length, FIN, RST, with options and without', () => {
    const segments = [...overhears(asks(FULL))];
    const syn = synReceived();
    syn.passes(1000);
    segments.push(...takes(syn));
    for (const length of [1, 2, 3, 100, 535, 536]) {
      const peer = writes(established(), length);
      peer.connection.end();
      segments.push(...takes(peer));
      peer.connection.abort();
      segments.push(...takes(peer));
    }
    // `takes` checks each of them against a sum of its own.
    expect(segments.length).toBeGreaterThanOrEqual(13);
    expect(new Set(segments.map(({ flags }) => flags))).toContain('RST ACK');
  });

  test('[MUST-3] one wrong bit anywhere in it, and a segment is dropped and counted', () => {
    const peer = established();
    const good = peer.frameOf({ data: 'checked', seq: 1 });
    let dropped = 0;
    for (let at = TCP_AT; at < good.length; at++) {
      // The length of the header, when it is wrong, need not come as far as the sum.
      const bad = good.slice();
      bad[at]! ^= 1 << (at % 8);
      peer.arrives(bad);
      dropped++;
    }
    expect(peer.stack.tcp.counters.inErrs).toBe(dropped);
    expect(received(peer)).toBe('');
    inState(peer.expectsNothing(), 'ESTABLISHED');
    expect(received(peer.arrives(good))).toBe('checked');
  });

  test('[MUST-3] the addresses count too: a segment that went astray is not taken in', () => {
    const peer = established();
    const frame = peer.frameOf({ data: 'astray', seq: 1 });
    // Another source, and a header checksum that goes with it.
    frame[29]! += 1;
    const sum = get16(frame, 24) - 1;
    frame.set([sum >> 8, sum & 255], 24);
    peer.arrives(frame);
    expect(peer.stack.tcp.counters.inErrs).toBe(1);
    peer.expectsNothing();
  });
});
