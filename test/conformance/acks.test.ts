import { describe, expect, test } from 'vitest';
import { noise } from '../src/lan';
import { established, finWait1, inState } from '../src/tcp/states';
import { lengths, opens, received, repeats, times, unread, writes } from './dialogue';

const WIDE = { receiveBuffer: 20_000, sendBuffer: 20_000 };

describe('when an acknowledgment is sent (RFC 9293 section 3.8.6.3)', () => {
  test('[MUST-40, SHLD-18] a single segment\'s waits, for less than half a second', () => {
    for (const length of [1, 100, 536]) {
      const [at, ...more] = times(established().sends({ data: noise(length) }), 2000, ({ ack }) => ack === 1 + length);
      expect(at).toBeGreaterThan(20);
      expect(at).toBeLessThan(500);
      expect(more).toEqual([]);
    }
  });

  test('[MUST-40] the wait counts from the first segment that waits', () => {
    const peer = established().sends({ data: 'a' });
    const [at] = times(peer, 500, () => true, 1);
    const again = established().sends({ data: 'a' }).passes(at! - 20).expectsNothing();
    again.sends({ data: 'b' });
    expect(times(again, 500, () => true, 1)[0]).toBeLessThanOrEqual(20);
  });

  test('[SHLD-18] it goes with data of ours when there is some', () => {
    const peer = established();
    peer.app.echo = true;
    peer.sends({ data: 'ping' }).expects({ seq: 1, ack: 5, data: 'ping' }).sends({}).passes(1000).expectsNothing();
  });

  test('[SHLD-19] at least every second full segment is acknowledged at once', () => {
    const peer = unread(opens(WIDE));
    let acked = 1;
    for (let n = 1; n <= 20; n++) {
      peer.sends({ data: noise(536) });
      for (const { ack } of peer.hearsAll()) acked = ack;
      expect(1 + n * 536 - acked).toBeLessThan(2 * 536);
    }
  });

  test('[MUST-58] two segments have one acknowledgment, and one for the window as well', () => {
    const peer = established();
    repeats(peer, 2, { data: noise(536) });
    // The application has read all of it: the window is open again.
    expect(peer.hearsAll()).toMatchObject([{ ack: 1073, wnd: 2144 }]);
    peer.passes(1000).expectsNothing();
  });

  test('[MUST-58] data, its acknowledgment, the window and a FIN of ours share a segment', () => {
    const peer = established();
    peer.app.echo = true;
    peer.sends({ data: 'last words', flags: 'FIN ACK' });
    expect(peer.hearsAll()).toMatchObject([{ seq: 1, ack: 12, data: 'last words', flags: 'FIN PSH ACK' }]);
  });

  test('[MUST-59] of segments that wait in a row all are taken in before any is acknowledged', () => {
    const peer = established(WIDE);
    const frames = [1, 2, 3, 4, 5, 6].map(() => peer.frameOf({ data: noise(536) }));
    peer.arrives(...frames);
    expect(peer.hearsAll()).toMatchObject([{ ack: 1 + 6 * 536, data: '' }]);
    expect(received(peer)).toHaveLength(6 * 536);
    peer.passes(1000).expectsNothing();
  });

  test('[MUST-59] the acknowledgment of the last of them is acted upon before anything is sent', () => {
    const peer = finWait1();
    const frames = [peer.frameOf({ data: noise(500), ack: 1 }), peer.frameOf({ data: noise(36), flags: 'FIN ACK', ack: 2 })];
    peer.arrives(...frames);
    expect(peer.hearsAll()).toMatchObject([{ seq: 2, ack: 538, flags: 'ACK' }]);
    expect(peer.app.events.at(-1)).toBe('closed: normal');
  });
});

describe('segments behind a gap (RFC 9293 section 3.10.7.4)', () => {
  test('[SHLD-31] are kept, and come into their place when the gap is filled', () => {
    const peer = established();
    peer.sends({ seq: 7, data: 'ghi' }, { seq: 13, data: 'mno' }, { seq: 4, data: 'def' });
    expect(received(peer)).toBe('');
    peer.hearsAll();
    peer.sends({ seq: 1, data: 'abc' }).expects({ ack: 10 });
    expect(received(peer)).toBe('abcdefghi');
    peer.sends({ seq: 10, data: 'jkl' }).expects({ ack: 16 });
    expect(received(peer)).toBe('abcdefghijklmno');
  });

  test('[SHLD-31] a FIN behind a gap too', () => {
    const peer = established().sends({ seq: 4, data: 'def', flags: 'FIN ACK' }).expects({ ack: 1 });
    inState(peer, 'ESTABLISHED').sends({ seq: 1, data: 'abc' }).expects({ ack: 8 });
    expect(received(peer)).toBe('abcdef');
    inState(peer, 'CLOSE-WAIT');
  });

  test('[SHLD-31] with room for them in the window only as far as it was offered', () => {
    const peer = unread(established({ receiveBuffer: 600 })).sends({ seq: 501, data: noise(300) });
    peer.hearsAll();
    peer.sends({ seq: 1, data: noise(500) }).expects({ ack: 601, wnd: 0 });
  });

  test('[MAY-13] are answered at once, with what is expected', () => {
    established().sends({ seq: 500, data: 'x' }).expects({ seq: 1, ack: 1, data: '' })
      .sends({ seq: 600, data: 'y' }).expects({ seq: 1, ack: 1, data: '' });
  });

  test('[MAY-13] and so is what fills a gap, or a part of it', () => {
    const peer = established().sends({ seq: 101, data: noise(100) }).expects({ ack: 1 });
    peer.sends({ seq: 1, data: noise(50) }).expects({ ack: 51 }).sends({ seq: 51, data: noise(50) }).expects({ ack: 201 });
  });
});

describe('acknowledgments that do not belong (RFC 9293 section 3.10.7.4, RFC 5961)', () => {
  test('[MAY-12] one far below what is unacknowledged is not believed, nor the data that comes with it', () => {
    const peer = established(WIDE);
    for (let n = 0; n < 30; n++) {
      writes(peer, 500);
      expect(lengths(peer)).toEqual([500]);
      peer.sends({});
    }
    // The peer never offered more than 8192 octets.
    peer.sends({ ack: 1 + 15_000 - 8193, data: 'injected' }).expects({ seq: 15_001, ack: 1 });
    expect(received(peer)).toBe('');
    peer.seq = 1;
    peer.sends({ ack: 1 + 15_000 - 8192, data: 'late but honest' });
    expect(received(peer)).toBe('late but honest');
  });

  test('[MAY-12] nor one above what was sent', () => {
    const peer = established().sends({ ack: 2, data: 'injected' }).expects({ seq: 1, ack: 1 });
    expect(received(peer)).toBe('');
    peer.sends({ ack: -0x7fffff00, seq: 1, data: 'injected' });
    expect(received(peer)).toBe('');
  });
});
