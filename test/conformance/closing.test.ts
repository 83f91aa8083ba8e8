import { describe, expect, test } from 'vitest';
import { FULL, noise } from '../src/lan';
import type { Peer } from '../src/peer';
import { closeWait, closing, established, finWait1, finWait2, inState, lastAck, synSent, timeWait } from '../src/tcp/states';
import { hearsOf, MINUTE, opensFully, received, timestampOf, timestamps, unread, writes } from './dialogue';

const SYNCHRONISED: [string, () => Peer][] = [
  ['ESTABLISHED', established], ['FIN-WAIT-1', finWait1], ['FIN-WAIT-2', finWait2],
  ['CLOSE-WAIT', closeWait], ['CLOSING', closing], ['LAST-ACK', lastAck],
];

describe('closing (RFC 9293 section 3.6)', () => {
  test('[MUST-12] a FIN of the peer\'s is told as the end of its data, and the connection ends as normal', () => {
    const peer = established().sends({ data: 'last', flags: 'FIN ACK' });
    expect(hearsOf(peer)).toEqual(['opened', 'ended']);
    peer.connection.end();
    peer.hearsAll();
    peer.sends({});
    expect(hearsOf(peer)).toEqual(['closed: normal']);
  });

  test.each(SYNCHRONISED)('[MUST-12] a RST in %s is told as a reset', (_state, state) => {
    const peer = state();
    hearsOf(peer);
    expect(hearsOf(peer.sends({ flags: 'RST' }))).toEqual(['closed: reset']);
  });

  test('[MUST-12] so is one after the peer\'s FIN while our data is on its way', () => {
    const peer = writes(closeWait(), 'too late').expects({ data: 'too late' });
    hearsOf(peer);
    expect(hearsOf(peer.sends({ flags: 'RST' }))).toEqual(['closed: reset']);
  });

  test('[MUST-13] TIME-WAIT lasts twice the segment lifetime, from whatever state it began', () => {
    const ways: [string, Peer][] = [
      ['FIN-WAIT-2', timeWait()],
      ['FIN-WAIT-1', finWait1().sends({ flags: 'FIN ACK' }).expects({ ack: 2 })],
      ['CLOSING', closing().sends({}).expectsNothing()],
    ];
    for (const [from, peer] of ways) {
      expect(hearsOf(peer).at(-1), from).toBe('closed: normal');
      // The last ACK was lost, the FIN comes again: it is still answered, and only then the time starts anew.
      peer.passes(4 * MINUTE - 100).sends({ flags: 'FIN ACK', seq: 1 }).expects({ seq: 2, ack: 2, flags: 'ACK' });
      peer.passes(4 * MINUTE - 100).sends({ data: 'x', seq: 1 }).expects({ seq: 2, ack: 2, flags: 'ACK' });
      peer.passes(200).sends({ flags: 'FIN ACK', seq: 1 }).expects({ flags: 'RST' });
    }
  });

  test('[MUST-13] the lifetime is the profile\'s, and the side that closes last does not wait', () => {
    timeWait({ msl: 1000 }).passes(1990).sends({ data: 'x', seq: 1 }).expects({ ack: 2 })
      .passes(20).sends({ data: 'x', seq: 1 }).expects({ flags: 'RST' });
    lastAck().sends({}).expectsNothing().sends({ flags: 'FIN ACK', seq: 1 }).expects({ flags: 'RST' });
  });

  test('[MUST-13] the same two ends cannot be opened again by us meanwhile', () => {
    const peer = timeWait({ msl: 1000 });
    const open = () => peer.stack.connect(0x0a000009, peer.port, peer.app, { localPort: peer.stackPort });
    expect(open).toThrow(/^connect: /);
    peer.passes(2100);
    expect(open()).not.toBeNull();
  });
});

describe('half-duplex close (RFC 9293 section 3.6.1)', () => {
  test('[MAY-1] after close() nothing more is read', () => {
    const peer = unread(established()).sends({ data: 'abc' });
    peer.hearsAll();
    const c = peer.connection;
    expect(c.read(new Uint8Array(3), 0, 3)).toBe(3);
    c.close();
    peer.expects({ seq: 1, ack: 4, flags: 'FIN ACK' }).sends({}).sends({ flags: 'FIN ACK' }).expects({ ack: 5 });
    expect(hearsOf(peer)).toEqual(['opened', 'closed: normal']);
    expect(received(peer)).toBe('');
  });

  test('[SHLD-3] close() with data unread resets the peer: it was lost', () => {
    const peer = unread(established()).sends({ data: 'unread' });
    peer.passes(500).hearsAll();
    peer.connection.close();
    peer.expects({ seq: 1, flags: 'RST ACK' }).expectsNothing();
    expect(hearsOf(peer)).toEqual(['opened', 'closed: aborted']);
  });

  test('[SHLD-3] so does close() with data unread behind the peer\'s FIN', () => {
    const peer = unread(established()).sends({ data: 'unread', flags: 'FIN ACK' });
    peer.hearsAll();
    peer.connection.close();
    peer.expects({ seq: 1, flags: 'RST ACK' }).expectsNothing();
    expect(hearsOf(peer)).toEqual(['opened', 'closed: aborted']);
  });

  test.each([
    ['FIN-WAIT-1', ''],
    ['FIN-WAIT-2', 'ACK'],
  ])('[SHLD-3] data that arrives after close(), in %s, resets the peer', (state, first) => {
    const peer = established();
    peer.connection.close();
    peer.expects({ seq: 1, flags: 'FIN ACK' });
    if (first !== '') peer.sends({});
    inState(peer, state);
    peer.sends({ data: 'late', ack: peer.ack });
    expect(peer.hearsAll().at(-1)).toMatchObject({ seq: 2, flags: expect.stringContaining('RST') as string });
    expect(hearsOf(peer)).toEqual(['opened', 'closed: aborted']);
  });

  test('[SHLD-3] end() closes our side only: what the peer still sends is read', () => {
    const peer = finWait2().sends({ data: 'late' }).passes(300).expects({ seq: 2, ack: 5, flags: 'ACK' });
    expect(received(peer)).toBe('late');
  });

  test('[SHLD-2] a RST may carry data', () => {
    const peer = established().sends({ flags: 'RST', data: 'no such service' }).expectsNothing();
    expect(hearsOf(peer)).toEqual(['opened', 'closed: reset']);
    expect(received(peer)).toBe('');
    const refused = synSent().sends({ flags: 'RST ACK', seq: 0, ack: 1, data: 'go away' }).expectsNothing();
    expect(hearsOf(refused)).toEqual(['closed: refused']);
  });
});

describe('out of TIME-WAIT (RFC 9293 section 3.6.1)', () => {
  test('[MAY-2] a SYN with a higher number opens anew, and our number is higher too', () => {
    const peer = timeWait();
    const old = peer.irs;
    peer.sends({ flags: 'SYN', seq: 1000 }).expects({ seq: 0, ack: 1001, flags: 'SYN ACK' });
    expect((peer.irs - old) | 0).toBeGreaterThan(2);
    hearsOf(peer);
    Object.assign(peer, { seq: 1001, ack: 1 });
    expect(hearsOf(peer.sends({ data: 'again' }))).toEqual(['opened']);
    expect(received(peer)).toBe('again');
  });

  test('[MAY-2] a SYN with a number of the old connection is answered with an ACK of the old connection', () => {
    timeWait().sends({ flags: 'SYN', seq: 0 }).expects({ seq: 2, ack: 2, flags: 'ACK' });
  });

  /** TIME-WAIT of a connection with timestamps, whose last one was 10. */
  function stampedTimeWait(): Peer {
    const peer = opensFully({ ...FULL, msl: 120_000 });
    peer.connection.end();
    peer.expects({ flags: 'FIN ACK' }).sends({ flags: 'FIN ACK', options: timestamps(10, 0) }).expects({ ack: 2 });
    expect(hearsOf(peer).at(-1)).toBe('closed: normal');
    return peer;
  }

  test('[SHLD-4] a SYN with a later timestamp opens anew, whatever its number', () => {
    const peer = stampedTimeWait();
    peer.sends({ flags: 'SYN', seq: -500, options: timestamps(11, 0) });
    const heard = peer.hears()!;
    expect(heard).toMatchObject({ seq: 0, ack: -499, flags: 'SYN ACK' });
    Object.assign(peer, { seq: -499, ack: 1 });
    expect(hearsOf(peer.sends({ data: noise(5), options: timestamps(12, timestampOf(heard)!) }))).toEqual(['opened']);
  });

  test('[SHLD-4] one with an earlier timestamp does not', () => {
    const peer = stampedTimeWait().sends({ flags: 'SYN', seq: -500, options: timestamps(9, 0) }).expects({ seq: 2, ack: 2, flags: 'ACK' });
    expect(hearsOf(peer)).toEqual([]);
  });
});
