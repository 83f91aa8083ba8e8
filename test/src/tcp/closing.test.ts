import { describe, expect, test } from 'vitest';
import { noise } from '../lan';
import { closeWait, closing, established, finWait1, finWait2, inState, lastAck, timeWait } from './states';

describe('four-way close', () => {
  test('our side first', () => {
    const peer = timeWait();
    expect(peer.app.events).toEqual(['opened', 'ended', 'closed: normal']);
    expect(peer.stack.tcp.connections.every((c) => c.stateName === 'CLOSED')).toBe(true);
  });

  test('the peer first: CLOSE-WAIT, LAST-ACK, gone', () => {
    const peer = lastAck().sends({}).expectsNothing();
    expect(peer.app.events).toEqual(['opened', 'ended', 'closed: normal']);
    // No TIME-WAIT on this side.
    peer.sends({ flags: 'FIN ACK', seq: 1 }).expects({ flags: 'RST' });
  });

  test('both at once: CLOSING, then TIME-WAIT', () => {
    const peer = closing().sends({}).expectsNothing();
    expect(peer.app.events.at(-1)).toBe('closed: normal');
    peer.sends({ flags: 'FIN ACK', seq: 1 }).expects({ seq: 2, ack: 2 });
  });

  test('FIN and the ACK of ours in one segment: straight to TIME-WAIT', () => {
    const peer = finWait1().sends({ flags: 'FIN ACK' }).expects({ seq: 2, ack: 2 });
    expect(peer.app.events.at(-1)).toBe('closed: normal');
  });
});

describe('half-close', () => {
  test('after our FIN the peer goes on sending', () => {
    const peer = finWait2().sends({ data: 'more' });
    expect(Buffer.from(peer.app.received).toString()).toBe('more');
    peer.sends({ data: 'and more', flags: 'FIN ACK' }).expects({ seq: 2, ack: 14 });
    expect(peer.app.events).toEqual(['opened', 'ended', 'closed: normal']);
  });

  test('after the peer\'s FIN we go on sending', () => {
    const peer = closeWait();
    peer.connection.write(Buffer.from('reply'), 0, 5);
    peer.expects({ seq: 1, ack: 2, data: 'reply' }).sends({});
    inState(peer, 'CLOSE-WAIT');
  });

  test('what the peer says behind its FIN is only acknowledged', () => {
    const peer = closeWait().sends({ data: 'late' }).expects({ ack: 2 });
    expect(peer.app.received).toEqual([]);
  });

  test('FIN goes with the last data, and does not wait for Nagle', () => {
    const peer = established();
    peer.connection.write(Buffer.from('a'), 0, 1);
    peer.expects({ data: 'a' });
    peer.connection.write(Buffer.from('b'), 0, 1);
    peer.connection.end();
    peer.expects({ data: 'b', flags: 'FIN ACK' });
  });

  test('a FIN that finds no room in the window waits, and is probed for', () => {
    const peer = established().sends({ wnd: 4 });
    peer.connection.write(Buffer.from('four'), 0, 4);
    peer.connection.end();
    peer.expects({ data: 'four', flags: 'ACK' }).sends({ wnd: 0 }).expectsNothing();
    peer.passes(1000).expects({ seq: 5, flags: 'FIN ACK' });
    // Acknowledged with the window still closed: no probe may follow it.
    peer.sends({ ack: 6, wnd: 0 }).passes(200_000).expectsNothing();
    inState(peer, 'FIN-WAIT-2');
  });
});

describe('FIN is retransmitted', () => {
  test.each([['FIN-WAIT-1', finWait1], ['CLOSING', closing], ['LAST-ACK', lastAck]])('in %s', (_state, state) => {
    const peer = state();
    peer.passes(1000).expects({ seq: 1, flags: 'FIN ACK' });
    peer.passes(2000).expects({ seq: 1, flags: 'FIN ACK' });
    peer.passes(200_000);
    expect(peer.app.events.at(-1)).toBe('closed: timed out');
  });

  test('the peer\'s FIN again is acknowledged again', () => {
    closeWait().sends({ flags: 'FIN ACK', seq: 1 }).expects({ seq: 1, ack: 2 });
  });
});

describe('unread data', () => {
  test('can be read after the peer has closed, and after both have', () => {
    const peer = established();
    peer.app.readable = () => undefined;
    peer.sends({ data: 'left over', flags: 'FIN ACK' }).expects({ ack: 11 });
    expect(peer.app.events).toEqual(['opened']);
    const c = peer.connection;
    c.end();
    peer.expects({ flags: 'FIN ACK' }).sends({}).poll();
    expect(c.stateName).toBe('CLOSED');
    const bytes = new Uint8Array(20);
    expect(c.read(bytes, 0, 5)).toBe(5);
    peer.poll();
    expect(peer.app.events).toEqual(['opened']);
    expect(c.read(bytes, 5, 15)).toBe(4);
    expect(Buffer.from(bytes.subarray(0, 9)).toString()).toBe('left over');
    peer.poll();
    expect(peer.app.events).toEqual(['opened', 'ended', 'closed: normal']);
  });

  test('can be read in TIME-WAIT', () => {
    const peer = finWait2();
    peer.app.readable = () => undefined;
    peer.sends({ data: 'abc', flags: 'FIN ACK' }).expects({ ack: 5 });
    expect(peer.connection.stateName).toBe('TIME-WAIT');
    expect(peer.connection.read(new Uint8Array(9), 0, 9)).toBe(3);
    peer.poll();
    expect(peer.app.events).toEqual(['opened', 'ended', 'closed: normal']);
  });

  test('is lost when the peer resets; only the end is told', () => {
    const peer = established();
    peer.app.readable = () => undefined;
    peer.sends({ data: 'abc', flags: 'FIN ACK' }).expects({ ack: 5 }).sends({ flags: 'RST' });
    expect(peer.app.events).toEqual(['opened', 'closed: reset']);
  });
});

describe('drain(): reads no more', () => {
  test('what arrives is acknowledged and thrown away, the window stays open', () => {
    const peer = established();
    peer.connection.drain();
    peer.expects({ flags: 'FIN ACK' }).sends({});
    for (let round = 0; round < 20; round++) {
      peer.sends({ data: noise(500) });
      expect(peer.hearsAll().at(-1)!.wnd).toBeGreaterThanOrEqual(1072);
    }
    peer.sends({ flags: 'FIN ACK' }).expects({ flags: 'ACK' });
    expect(peer.app.events).toEqual(['opened', 'closed: normal']);
    expect(peer.app.received).toEqual([]);
  });

  test('opens a window that unread data had closed', () => {
    const peer = established();
    peer.app.readable = () => undefined;
    for (let n = 0; n < 4; n++) peer.sends({ data: noise(536) });
    expect(peer.hearsAll().at(-1)).toMatchObject({ wnd: 0 });
    peer.connection.drain();
    peer.expects({ flags: 'FIN ACK', wnd: 2144 });
  });

  test('a peer that stays for nobody is reset after a minute', () => {
    const peer = established();
    peer.connection.drain();
    peer.expects({ flags: 'FIN ACK' }).sends({}).passes(59_900).expectsNothing();
    peer.passes(200).expects({ seq: 2, flags: 'RST ACK' });
    expect(peer.app.events).toEqual(['opened', 'closed: timed out']);
    expect(peer.stack.tcp.counters.orphansDropped).toBe(1);
  });

  test('after end() in FIN-WAIT-2 too', () => {
    const peer = finWait2();
    peer.passes(100_000).expectsNothing();
    peer.connection.drain();
    peer.passes(60_100).expects({ flags: 'RST ACK' });
  });
});

describe('abort()', () => {
  test.each([['ESTABLISHED', established, 1], ['FIN-WAIT-1', finWait1, 2], ['FIN-WAIT-2', finWait2, 2], ['CLOSE-WAIT', closeWait, 1]])(
    'in %s resets the peer', (_state, state, seq) => {
      const peer = state();
      peer.connection.abort();
      peer.expects({ seq, flags: 'RST ACK' }).expectsNothing();
      expect(peer.app.events.at(-1)).toBe('closed: aborted');
    });

  test.each([['CLOSING', closing], ['LAST-ACK', lastAck]])('in %s says nothing', (_state, state) => {
    const peer = state();
    peer.connection.abort();
    peer.expectsNothing();
    expect(peer.app.events.at(-1)).toBe('closed: aborted');
  });

  test('in LAST-ACK before the FIN could go resets the peer, which still waits for data', () => {
    const peer = closeWait().sends({ wnd: 0 });
    peer.connection.write(Buffer.from('data'), 0, 4);
    peer.connection.end();
    peer.poll();
    peer.connection.abort();
    peer.expects({ seq: 1, flags: 'RST ACK' });
  });

  test('during a zero-window probe uses a number that the peer looks at', () => {
    const peer = established().sends({ wnd: 0 });
    peer.connection.write(Buffer.from('data'), 0, 4);
    peer.passes(1000).expects({ seq: 1, data: 'd' });
    peer.connection.abort();
    peer.expects({ seq: 1, flags: 'RST ACK' });
  });
});

describe('close(): what it loses is not hidden from the peer (RFC 9293 SHLD-3, RFC 2525 2.17)', () => {
  test('without data on the way it closes like end(), and hears only closed()', () => {
    const peer = established();
    peer.connection.close();
    peer.expects({ flags: 'FIN ACK' }).sends({ flags: 'FIN ACK' }).expects({ seq: 2, ack: 2 });
    expect(peer.app.events).toEqual(['opened', 'closed: normal']);
  });

  test('data that was not read is answered with a reset', () => {
    const peer = established();
    peer.app.readable = () => undefined;
    peer.sends({ data: 'abc' });
    peer.connection.close();
    peer.expects({ seq: 1, ack: 4, flags: 'RST ACK' });
    expect(peer.app.events).toEqual(['opened', 'closed: aborted']);
  });

  test('so is data that arrives later', () => {
    const peer = established();
    peer.connection.close();
    peer.expects({ flags: 'FIN ACK' }).sends({ data: 'abc' }).expects({ flags: 'RST ACK' });
    expect(peer.app.events).toEqual(['opened', 'closed: aborted']);
  });

  test('a peer that never opens its window is given up after a minute without progress', () => {
    const peer = established();
    peer.sends({ wnd: 0 });
    peer.connection.write(noise(100), 0, 100);
    peer.connection.close();
    for (let second = 0; second < 70 && peer.app.events.length === 1; second++) {
      peer.passes(1000);
      if (peer.hearsAll().some(({ flags }) => !flags.includes('RST'))) peer.sends({ ack: 1, wnd: 0 });
    }
    expect(peer.app.events).toEqual(['opened', 'closed: timed out']);
    expect(peer.stack.tcp.counters.orphansDropped).toBe(1);
  });
});
