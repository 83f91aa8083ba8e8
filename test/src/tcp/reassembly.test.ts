import { describe, expect, test } from 'vitest';
import { established } from './states';

const text = (received: number[]) => Buffer.from(received).toString('latin1');

describe('text behind a gap', () => {
  test('waits in the ring, is acknowledged at once, and comes out when the gap is filled', () => {
    const peer = established();
    peer.sends({ seq: 4, data: 'def' }).expects({ ack: 1 });
    peer.sends({ seq: 7, data: 'ghi' }).expects({ ack: 1 });
    expect(peer.app.received).toEqual([]);
    peer.sends({ seq: 1, data: 'abc' }).expects({ ack: 10 });
    expect(text(peer.app.received)).toBe('abcdefghi');
  });

  test('overlapping, repeated and in several pieces is put together once', () => {
    const peer = established();
    peer.sends({ seq: 9, data: 'ij' }, { seq: 5, data: 'efg' }, { seq: 4, data: 'def' }, { seq: 9, data: 'ijk' });
    peer.hearsAll();
    peer.sends({ seq: 1, data: 'abcdef' }).expects({ ack: 8 });
    peer.sends({ seq: 8, data: 'h' }).expects({ ack: 12 });
    expect(text(peer.app.received)).toBe('abcdefghijk');
  });

  test('with the FIN ends the connection only when the gap is filled', () => {
    const peer = established();
    peer.sends({ seq: 4, data: 'def', flags: 'FIN ACK' }).expects({ ack: 1 });
    expect(peer.app.events).toEqual(['opened']);
    peer.sends({ seq: 1, data: 'abc' }).expects({ ack: 8 });
    expect(text(peer.app.received)).toBe('abcdef');
    expect(peer.app.events).toEqual(['opened', 'ended']);
  });

  test('and a FIN of its own that came too early is kept', () => {
    const peer = established();
    peer.sends({ seq: 4, flags: 'FIN ACK' }).expects({ ack: 1 });
    peer.sends({ seq: 1, data: 'abc' }).expects({ ack: 5 });
    expect(peer.app.events).toEqual(['opened', 'ended']);
  });

  test('is forgotten with its connection: the next one in its slot holds nothing of it', () => {
    const peer = established({ connections: 1 });
    peer.sends({ seq: 4, data: 'def' }).expects({ ack: 1 });
    peer.sends({ flags: 'RST', seq: 1 }).expectsNothing();
    peer.seq = peer.ack = 0;
    peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({});
    peer.sends({ seq: 10, data: 'jkl' }).expects({ ack: 1 });
    peer.sends({ seq: 1, data: 'abc' }).expects({ ack: 4 });
    peer.sends({ seq: 4, data: 'DEFGHI' }).expects({ ack: 13 });
    expect(text(peer.app.received)).toBe('abcDEFGHIjkl');
  });

  test('in more pieces than there is room for is dropped, counted, and taken when it comes again', () => {
    const peer = established();
    for (let piece = 1; piece <= 5; piece++) peer.sends({ seq: 1 + piece * 4, data: 'xy' });
    peer.hearsAll();
    expect(peer.stack.tcp.counters.outOfOrderDropped).toBe(1);
    peer.sends({ seq: 1, data: 'x'.repeat(20) }).expects({ ack: 21 });
    peer.sends({ seq: 21, data: 'xy' });
    expect(peer.app.received.length).toBe(22);
  });

  test('goes round the end of the ring', () => {
    const peer = established({ receiveBuffer: 600, mss: 536 });
    peer.sends({ seq: 1, data: 'a'.repeat(500) });
    peer.sends({ seq: 551, data: 'c'.repeat(300) }).sends({ seq: 501, data: 'b'.repeat(50) });
    expect(text(peer.app.received)).toBe('a'.repeat(500) + 'b'.repeat(50) + 'c'.repeat(300));
  });

  test('is thrown away after drain(), and acknowledged all the same', () => {
    const peer = established();
    peer.sends({ seq: 4, data: 'def' });
    peer.connection.drain();
    peer.hearsAll();
    peer.sends({ seq: 1, data: 'abc' }).expects({ ack: 7 });
    expect(peer.app.received).toEqual([]);
  });
});
