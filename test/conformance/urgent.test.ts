import { describe, expect, test } from 'vitest';
import { FULL, noise } from '../src/lan';
import type { Peer, Template } from '../src/peer';
import { established, inState, synReceived } from '../src/tcp/states';
import { hearsOf, listens, opensFully, read, received, timestamps, unread, writes } from './dialogue';
import { overhears, takes, urgentFrame } from './raw';

/** The peer sends a template with URG, whose pointer lies `pointer` octets behind its sequence number. */
function urges(peer: Peer, template: Template, pointer: number): Peer {
  return peer.arrives(urgentFrame(peer, template, pointer));
}

function urgently(peer: Peer, what: string | number): Peer {
  const bytes = typeof what === 'string' ? Buffer.from(what) : noise(what);
  expect(peer.connection.writeUrgent(bytes, 0, bytes.length)).toBe(bytes.length);
  return peer;
}

/** What the stack says, with the octet that its urgent pointer names, counted from its initial number. */
function hears(peer: Peer): { data: string; up: number | null; seq: number }[] {
  return takes(peer).map(({ data, seq, flags, urgent }) => {
    const relative = (seq - peer.irs) | 0;
    return { data: Buffer.from(data).toString('latin1'), up: flags.includes('URG') ? relative + urgent : null, seq: relative };
  });
}

describe('urgent data that is sent (RFC 9293 section 3.8.5)', () => {
  test('[MUST-30, MUST-62] the pointer names the octet behind it, in whatever segment comes before that', () => {
    const peer = urgently(established(), 'now!');
    expect(hears(peer)).toEqual([{ seq: 1, data: 'now!', up: 5 }]);
    const later = writes(established(), 'normal ');
    urgently(later, 'urgent');
    writes(later, ' normal');
    expect(hears(later)).toEqual([{ seq: 1, data: 'normal urgent normal', up: 14 }]);
  });

  test('[MUST-30] what comes behind it is not urgent any more', () => {
    const peer = urgently(established(), 'now!');
    hears(peer);
    peer.sends({ ack: 5 });
    writes(peer, 'later');
    expect(hears(peer)).toEqual([{ seq: 5, data: 'later', up: null }]);
  });

  test('[MUST-30] a retransmission says so again, and an acknowledgment in between too', () => {
    const peer = urgently(established(), 'now!');
    hears(peer);
    peer.passes(1000);
    expect(hears(peer)).toEqual([{ seq: 1, data: 'now!', up: 5 }]);
  });

  test('[MUST-31] it may be longer than a segment, a window, the send buffer', () => {
    const peer = established({ sendBuffer: 2144 }).sends({ wnd: 1072 });
    const text = noise(10_000);
    let taken = 0;
    let got = '';
    let ends: number[] = [];
    while (got.length < text.length) {
      taken += peer.connection.writeUrgent(text, taken, text.length - taken);
      ends.push(1 + taken);
      for (const { seq, data, up } of hears(peer)) {
        expect(seq).toBe(1 + got.length);
        got += data;
        expect(ends, 'every segment of it announces the end of what was taken').toContain(up);
      }
      ends = [1 + taken];
      peer.sends({ ack: 1 + got.length, wnd: 1072 });
    }
    expect(got).toBe(Buffer.from(text).toString('latin1'));
  });

  test('[MUST-31] with more than 65535 octets of it queued the pointer goes as far as it can', () => {
    const peer = opensFully({ ...FULL, sendBuffer: 100_000, mss: 1460 });
    takes(peer);
    urgently(peer, 100_000);
    for (const { urgent, flags } of overhears(peer)) {
      expect(flags).toContain('URG');
      expect(urgent).toBe(65_535);
    }
    expect(takes(peer).length).toBeGreaterThan(2);
  });

  test('[MUST-30] bad ranges and closed connections are refused with an error', () => {
    const peer = established();
    expect(() => peer.connection.writeUrgent(new Uint8Array(3), 2, 2)).toThrow(/^write/);
    expect(() => peer.connection.writeUrgent(new Uint8Array(3), 0, -1)).toThrow(/^write/);
    peer.connection.end();
    expect(() => peer.connection.writeUrgent(new Uint8Array(3), 0, 3)).toThrow(/^write/);
    peer.expects({ flags: 'FIN ACK' });
  });
});

describe('urgent data that arrives', () => {
  test('[MUST-30, MUST-33] the application learns where it ends, and gets it in its place', () => {
    const peer = listens(unread(established()));
    expect(peer.connection.urgentAvailable).toBe(0);
    urges(peer, { data: 'stop! then go on' }, 5);
    const c = peer.connection;
    expect(hearsOf(peer)).toEqual(['opened', 'urgent']);
    expect([c.urgentAvailable, c.available]).toEqual([5, 16]);
    expect(read(peer, 2)).toBe(2);
    expect([c.urgentAvailable, c.available]).toEqual([3, 14]);
    expect(read(peer, 5)).toBe(5);
    expect([c.urgentAvailable, c.available]).toEqual([0, 9]);
  });

  test('[MUST-33] what has not arrived yet counts too', () => {
    const peer = listens(unread(established()));
    urges(peer, { data: 'first' }, 1000);
    expect(peer.connection.urgentAvailable).toBe(1000);
    expect(read(peer, 5)).toBe(5);
    expect(peer.connection.urgentAvailable).toBe(995);
    for (let n = 0; n < 5; n++) {
      peer.sends({ data: noise(199) });
      read(peer, 199);
    }
    expect(peer.connection.urgentAvailable).toBe(0);
  });

  test('[MUST-32] the application is told once, and again when the end moves on', () => {
    const peer = listens(unread(established()));
    urges(peer, { data: 'ab' }, 2);
    expect(hearsOf(peer)).toEqual(['opened', 'urgent']);
    // The same end again, in a retransmission and in the next segment; then an earlier one.
    urges(peer, { data: 'ab', seq: 1 }, 2);
    urges(peer, {}, 0);
    urges(peer, { data: 'ab', seq: 1 }, 1);
    peer.sends({ data: 'cd' });
    expect(hearsOf(peer)).toEqual([]);
    urges(peer, { data: 'ef' }, 2);
    expect(hearsOf(peer)).toEqual(['urgent']);
    read(peer, 6);
    expect(peer.connection.urgentAvailable).toBe(0);
    urges(peer, { data: 'g' }, 1);
    expect(hearsOf(peer)).toEqual(['urgent']);
  });

  test('[MUST-32] without URG the pointer says nothing', () => {
    const peer = listens(unread(established()));
    const frame = urgentFrame(peer, { data: 'abc', flags: '' }, 3);
    peer.arrives(frame).sends({ data: 'abc', seq: 1 });
    expect(hearsOf(peer)).toEqual(['opened']);
  });

  test('[MUST-32] it is told before the data behind it can be: ahead of a gap too', () => {
    const peer = listens(unread(established()));
    urges(peer, { data: 'behind', seq: 101 }, 6);
    expect(hearsOf(peer)).toEqual(['opened', 'urgent']);
    expect(peer.connection.urgentAvailable).toBe(106);
    expect(peer.connection.available).toBe(0);
  });

  test('[MUST-31] of any length: the end keeps moving on while it is read', () => {
    const peer = listens(unread(established()));
    const all = noise(30_000);
    for (let at = 0; at < all.length; at += 500) {
      urges(peer, { data: all.subarray(at, at + 500), seq: 1 + at }, 60_000);
      expect(peer.connection.urgentAvailable).toBe(60_000);
      expect(read(peer, 500)).toBe(500);
      expect(peer.connection.urgentAvailable).toBe(59_500);
      peer.hearsAll();
    }
    expect(hearsOf(peer).filter((event) => event === 'urgent')).toHaveLength(60);
  });

  test('[MUST-66] URG and RST count while our window is closed', () => {
    const peer = listens(unread(established()));
    for (let n = 0; n < 4; n++) peer.sends({ data: noise(536) });
    expect(peer.hearsAll().at(-1)).toMatchObject({ wnd: 0 });
    hearsOf(peer);
    urges(peer, { seq: 2145 }, 100);
    expect(hearsOf(peer)).toEqual(['urgent']);
    expect(peer.connection.urgentAvailable).toBe(2244);
    // One with data is answered, and its data not taken.
    urges(peer, { seq: 2145, data: 'x' }, 200).expects({ ack: 2145, wnd: 0 });
    expect(hearsOf(peer)).toEqual(['urgent']);
    expect(peer.connection.available).toBe(2144);
    inState(peer, 'ESTABLISHED').sends({ seq: 2145, flags: 'RST' });
    expect(hearsOf(peer)).toEqual(['closed: reset']);
  });

  test('[MUST-32] URG outside the window says nothing', () => {
    const peer = listens(unread(established()));
    hearsOf(peer);
    urges(peer, { seq: 9000, data: 'x' }, 1);
    urges(peer, { seq: -5000, data: 'x' }, 9000);
    expect(hearsOf(peer)).toEqual([]);
    expect(peer.connection.urgentAvailable).toBe(0);
  });

  test('[MUST-30] a handler without `urgent` reads it like any data', () => {
    const peer = established();
    urges(peer, { data: 'urgent or not' }, 6);
    expect(received(peer)).toBe('urgent or not');
    const early = synReceived();
    urges(early, { data: 'with the ACK of the SYN' }, 4);
    expect(received(early)).toBe('with the ACK of the SYN');
    const stamped = opensFully();
    urges(stamped, { data: 'stamped', options: timestamps(9, 0) }, 3);
    expect(received(stamped)).toBe('stamped');
  });
});
