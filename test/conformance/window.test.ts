import { describe, expect, test } from 'vitest';
import { noise } from '../src/lan';
import type { Peer } from '../src/peer';
import { established, inState } from '../src/tcp/states';
import { hearsOf, HOUR, lengths, opens, read, repeats, times, unread, writes } from './dialogue';

/** An open connection whose peer offers nothing, and for which four octets wait. */
function shut(): Peer {
  return writes(established().sends({ wnd: 0 }), 'data').expectsNothing();
}

/** Four segments of 536 octets are on their way, the peer had offered room for them all. */
function sentAll(): Peer {
  const peer = writes(established(), 2144);
  expect(lengths(peer)).toEqual([536, 536, 536, 536]);
  return peer;
}

describe('a window that is taken back (RFC 9293 section 3.8.6)', () => {
  test('[MUST-34, SHLD-15] less than is on its way: nothing new goes out until it covers more', () => {
    const peer = sentAll().sends({ ack: 537, wnd: 100 });
    // A full segment, which Nagle's algorithm would not hold back.
    writes(peer, 536).passes(900).expectsNothing();
    peer.sends({ ack: 2145, wnd: 100 }).passes(100).sends({ ack: 2145, wnd: 8192 });
    expect(peer.hearsAll().reduce((sum, { data }) => sum + data.length, 0)).toBe(536);
  });

  test('[MUST-34] an ACK for what lies beyond it is still one', () => {
    const peer = sentAll().sends({ ack: 1, wnd: 10 }).sends({ ack: 2145, wnd: 8192 });
    peer.passes(10_000).expectsNothing();
    expect(peer.connection.room).toBe(2144);
  });

  test('[SHLD-16] what it still covers is sent again, from the oldest octet on', () => {
    const again = sentAll().sends({ ack: 537, wnd: 536 }).passes(3000).hearsAll();
    for (const { seq, data } of again) {
      expect(seq).toBe(537);
      expect(data.length).toBe(536);
    }
    expect(again.length).toBeGreaterThan(0);
  });

  test('[MAY-7] a fast retransmission is whole, though the window covers only a part of it', () => {
    const peer = sentAll().sends({ ack: 1, wnd: 100 });
    repeats(peer, 3, { ack: 1, wnd: 100 });
    expect(peer.hearsAll().map(({ seq, data }) => [seq, data.length])).toEqual([[1, 536]]);
  });

  test('[SHLD-17] the connection does not end over what it no longer covers', () => {
    const peer = sentAll().sends({ ack: 1, wnd: 0 });
    hearsOf(peer);
    // The peer answers what it gets: that is not a peer that is gone.
    for (let minute = 0; minute < 30; minute++) {
      peer.passes(60_000);
      if (peer.hearsAll().length > 0) peer.sends({ ack: 1, wnd: 0 });
    }
    expect(hearsOf(peer)).toEqual([]);
    inState(peer.sends({ ack: 2145, wnd: 8192 }), 'ESTABLISHED');
    writes(peer, 'on').expects({ seq: 2145, data: 'on' });
  });

  test('[MUST-35] taken back to nothing, it is probed', () => {
    const peer = sentAll().sends({ ack: 537, wnd: 0 });
    const seen = times(peer, 8000, ({ seq }) => seq === 537);
    expect(seen.length).toBeGreaterThanOrEqual(2);
    peer.sends({ ack: 537, wnd: 8192 });
    expect(peer.hearsAll()[0]).toMatchObject({ seq: 537 });
  });
});

describe('a closed window (RFC 9293 section 3.8.6.1)', () => {
  test('[MUST-36, SHLD-29, SHLD-30] is probed after the retransmission timeout, then after twice as long each time', () => {
    const peer = shut();
    const seen = times(peer, 240_000, ({ seq, data }) => seq === 1 && data === 'd', 100);
    expect(seen.slice(0, 6)).toEqual([1000, 3000, 7000, 15_000, 31_000, 63_000]);
    expect(seen.length).toBe(8);
  });

  test('[MUST-36] the answer that opens it lets everything go', () => {
    shut().passes(1000).expects({ seq: 1, data: 'd' }).sends({ ack: 1, wnd: 100 }).expects({ seq: 1, data: 'data' });
    shut().passes(1000).expects({ seq: 1, data: 'd' }).sends({ ack: 2, wnd: 100 }).expects({ seq: 2, data: 'ata' });
  });

  test('[MUST-36] a FIN alone is probed for as well', () => {
    const peer = established().sends({ wnd: 0 });
    peer.connection.end();
    peer.expectsNothing().passes(1000).expects({ seq: 1, flags: 'FIN ACK' }).sends({ ack: 2, wnd: 0 });
    inState(peer.passes(HOUR).expectsNothing(), 'FIN-WAIT-2');
  });

  test('[MUST-37] stays closed for a day, and the connection lives as long as the probes are answered', () => {
    const peer = shut();
    let probes = 0;
    for (let second = 0; second < 24 * 3600; second += 5) {
      peer.passes(5000);
      for (const heard of peer.hearsAll()) {
        expect(heard).toMatchObject({ seq: 1, data: 'd' });
        probes++;
        peer.sends({ ack: 1, wnd: 0 });
      }
    }
    // No pause is longer than a minute or so.
    expect(probes).toBeGreaterThan(24 * 60 - 60);
    expect(hearsOf(peer)).toEqual(['opened']);
    peer.sends({ ack: 1, wnd: 100 }).expects({ seq: 1, data: 'data' });
  });

  test('[MAY-8] our own stays closed for as long as nobody reads, and every probe is answered', () => {
    const peer = unread(established());
    for (let n = 0; n < 4; n++) peer.sends({ data: noise(536) });
    peer.hearsAll();
    for (let hour = 0; hour < 24; hour++) {
      peer.passes(HOUR).expectsNothing().sends({ seq: 2145, data: 'p' }).expects({ ack: 2145, wnd: 0 });
    }
    expect(read(peer, 2144)).toBe(2144);
    peer.expects({ ack: 2145, wnd: 2144 });
  });
});

describe('our own window', () => {
  test('[SHLD-14] its right edge never moves to the left', () => {
    const peer = unread(established());
    let edge = 2145;
    let next = 1;
    const watch = () => {
      for (const { ack, wnd } of peer.hearsAll()) {
        expect(ack + wnd).toBeGreaterThanOrEqual(edge);
        edge = ack + wnd;
      }
    };
    for (let n = 0; n < 200; n++) {
      const size = Math.min(1 + ((n * 97) % 536), edge - next);
      if (size > 0) peer.sends({ data: noise(size), seq: next });
      next += size;
      if (n % 7 === 0) peer.sends({ data: noise(20), seq: next + 40 });
      if (n % 3 === 0) read(peer, (n * 53) % 700);
      peer.passes(n % 2 === 0 ? 300 : 1);
      watch();
    }
    expect(next).toBeGreaterThan(10_000);
  });
});

describe('silly windows (RFC 9293 section 3.8.6.2)', () => {
  test('[MUST-38] what fits a small window is not worth a segment while the window may grow', () => {
    const peer = writes(opens({}, 536, 2144), 2144);
    expect(lengths(peer)).toEqual([536, 536, 536, 536]);
    let sent = 0;
    // The peer reads a few octets at a time.
    for (let n = 1; n <= 5; n++) {
      peer.sends({ ack: 2145, wnd: n * 100 });
      if (n === 1) writes(peer, 2000);
      sent += lengths(peer).length;
    }
    expect(sent).toBe(0);
    expect(lengths(peer.sends({ ack: 2145, wnd: 540 }))).toEqual([536]);
  });

  test('[MUST-38] half of the largest window that the peer ever offered is worth one', () => {
    const peer = writes(opens({}, 536, 400), 400);
    expect(lengths(peer)).toEqual([400]);
    writes(peer.sends({ ack: 401, wnd: 0 }), 500).expectsNothing();
    expect(lengths(peer.sends({ ack: 401, wnd: 199 }))).toEqual([]);
    expect(lengths(peer.sends({ ack: 401, wnd: 200 }))).toEqual([200]);
  });

  test('[MUST-38] and after a while what fits goes all the same', () => {
    const peer = writes(established().sends({ wnd: 100 }), 500).expectsNothing();
    peer.passes(99).expectsNothing().passes(1000);
    expect(lengths(peer)).toEqual([100]);
  });

  /** A window of four segments, filled to its end and read of nothing. */
  function full(): Peer {
    const peer = unread(established());
    for (let n = 0; n < 4; n++) peer.sends({ data: noise(536) });
    expect(peer.hearsAll().at(-1)).toMatchObject({ wnd: 0 });
    return peer;
  }

  test('[MUST-39] a closed window opens by a segment, not by the octets that were read', () => {
    const peer = full();
    for (let n = 0; n < 5; n++) {
      read(peer, 100);
      peer.expectsNothing().sends({ seq: 2145, data: 'p' }).expects({ ack: 2145, wnd: 0 });
    }
    read(peer, 36);
    peer.expects({ ack: 2145, wnd: 536 });
  });

  test('[MUST-39] and by half the buffer when that is less than a segment', () => {
    const peer = unread(established({ receiveBuffer: 600, mss: 536 })).sends({ data: noise(536) }, { data: noise(64) });
    expect(peer.hearsAll().at(-1)).toMatchObject({ wnd: 0 });
    read(peer, 299);
    peer.expectsNothing();
    read(peer, 1);
    peer.expects({ ack: 601, wnd: 300 });
  });

  test('[MUST-39] an open one does not grow by less either, whatever else is acknowledged', () => {
    const peer = unread(established()).sends({ data: noise(536) }, { data: noise(536) }).expects({ ack: 1073, wnd: 1072 });
    read(peer, 300);
    peer.sends({ data: noise(100) }).passes(500).expects({ ack: 1173, wnd: 972 });
    read(peer, 236);
    peer.sends({ data: noise(100) }).passes(500).expects({ ack: 1273, wnd: 1072 - 200 + 536 });
  });
});
