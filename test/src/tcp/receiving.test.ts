import { describe, expect, test } from 'vitest';
import { noise } from '../lan';
import type { Peer } from '../peer';
import { established, inState, listening, type Options } from './states';

/** An application that reads only when the test does. */
function idle(options: Options = {}): Peer {
  const peer = established(options);
  peer.app.readable = () => undefined;
  return peer;
}

function read(peer: Peer, count: number): number {
  return peer.connection.read(new Uint8Array(count), 0, count);
}

describe('acknowledgments', () => {
  test('one segment is acknowledged after 200 ms', () => {
    established().sends({ data: 'a' }).passes(199).expectsNothing().passes(1).expects({ ack: 2 }).passes(1000).expectsNothing();
  });

  test('every second one at once', () => {
    const peer = established().sends({ data: noise(536) }).expectsNothing().sends({ data: noise(536) }).expects({ ack: 1073 });
    peer.passes(1000).expectsNothing();
  });

  test('every second one as soon as the application has read it, where it gets time to', () => {
    const peer = idle();
    peer.stack.tcp.readingTime = 50;
    peer.sends({ data: 'a' }, { data: 'b' }).expectsNothing();
    expect(read(peer, 1)).toBe(1);
    peer.expectsNothing();
    expect(read(peer, 1)).toBe(1);
    peer.expects({ ack: 3 }).passes(1000).expectsNothing();
  });

  test('with data that goes the other way', () => {
    const peer = established();
    peer.app.echo = true;
    peer.sends({ data: 'ping' }).expects({ seq: 1, ack: 5, data: 'ping' }).passes(150).expectsNothing();
  });

  test('at once for what comes again, and for what lies behind a gap', () => {
    const peer = established().sends({ data: 'abc' }).passes(200).expects({ ack: 4 });
    peer.sends({ data: 'abc', seq: 1 }).expects({ ack: 4 });
    peer.sends({ data: 'ghi', seq: 7 }).expects({ ack: 4 });
    expect(peer.stack.tcp.counters.outOfOrder).toBe(1);
    expect(Buffer.from(peer.app.received).toString()).toBe('abc');
  });
});

describe('what is outside the window is cut off', () => {
  test('octets that were had already', () => {
    const peer = established().sends({ data: 'abc' }, { data: 'bcdef', seq: 2 }).expects({ ack: 7 });
    expect(Buffer.from(peer.app.received).toString()).toBe('abcdef');
  });

  test('with a FIN behind them', () => {
    const peer = established().sends({ data: 'abc' }, { data: 'abc', seq: 1, flags: 'FIN ACK' }).expects({ ack: 5 });
    inState(peer, 'CLOSE-WAIT');
  });

  test('octets beyond its end, and the FIN behind them', () => {
    const peer = idle({ receiveBuffer: 600 });
    peer.sends({ data: noise(500) }, { data: noise(200), flags: 'FIN ACK' }).expects({ ack: 601, wnd: 0 });
    inState(peer, 'ESTABLISHED');
    expect(peer.connection.available).toBe(600);
  });

  test('both ends of a segment wider than the window', () => {
    const peer = idle({ receiveBuffer: 88, sendBuffer: 88, mss: 88 });
    peer.sends({ data: '0123456789' });
    const bytes = Buffer.from('0123456789' + 'x'.repeat(78) + 'y'.repeat(200));
    peer.sends({ data: bytes, seq: 1 }).expects({ ack: 89, wnd: 0 });
    const got = new Uint8Array(100);
    expect(peer.connection.read(got, 0, 100)).toBe(88);
    expect(Buffer.from(got.subarray(0, 88)).toString()).toBe('0123456789' + 'x'.repeat(78));
  });

  test('all of a segment outside it: acknowledged, counted', () => {
    const peer = established().sends({ data: 'x', seq: 3000 }).expects({ ack: 1 }).sends({ seq: 0 }).expects({ ack: 1 });
    expect(peer.stack.tcp.counters.outOfWindow).toBe(2);
  });
});

describe('the window', () => {
  test('that a read opens too little to be offered is no reason to look at the connection', () => {
    const peer = idle();
    peer.sends({ data: noise(200) }).passes(200).expects({ ack: 201 });
    expect(read(peer, 100)).toBe(100);
    expect(peer.stack.tcp.waiting).toBe(-1);
    expect(read(peer, 100)).toBe(100);
    expect(peer.stack.tcp.waiting).toBe(-1);
  });

  test('is what is free, and is never taken back', () => {
    const peer = idle();
    let edge = 0;
    for (const count of [536, 536, 100, 300, 500, 172]) {
      peer.sends({ data: noise(count) }).passes(200);
      if (count === 300) read(peer, 200);
      for (const heard of peer.hearsAll()) {
        expect(heard.wnd).toBeLessThanOrEqual(2144 - peer.connection.available);
        expect(heard.ack + heard.wnd).toBeGreaterThanOrEqual(edge);
        edge = heard.ack + heard.wnd;
      }
    }
    expect(peer.connection.available).toBe(1944);
  });

  function closed(): Peer {
    const peer = idle();
    for (let n = 0; n < 4; n++) peer.sends({ data: noise(536) });
    peer.expects({ ack: 1073, wnd: 1072 }, { ack: 2145, wnd: 0 });
    return peer;
  }

  test('closed: a probe is answered and not taken in, its ACK and a RST count', () => {
    const peer = closed();
    peer.connection.write(Buffer.from('abc'), 0, 3);
    peer.expects({ data: 'abc' }).sends({ data: 'p', seq: 2145, ack: 4 }).expects({ ack: 2145, wnd: 0 });
    expect(peer.connection.sndUna).toBe(peer.connection.sndMax);
    peer.sends({ seq: 2145, flags: 'FIN ACK' }).expects({ ack: 2145, wnd: 0 });
    inState(peer, 'ESTABLISHED');
    peer.sends({ seq: 2145, flags: 'RST', data: 'p' });
    expect(peer.app.events.at(-1)).toBe('closed: reset');
  });

  test('opens by a segment or half the buffer at least, and then at once', () => {
    const peer = closed();
    read(peer, 500);
    peer.expectsNothing();
    read(peer, 40);
    peer.expects({ ack: 2145, wnd: 540 });
    read(peer, 540);
    peer.expectsNothing();
    read(peer, 540);
    peer.expects({ wnd: 1620 });
  });

  test('has a segment of the peer\'s size in view, not of ours', () => {
    // The peer takes 100 octets a segment but sends 536.
    const peer = listening().sends({ flags: 'SYN', options: [2, 4, 0, 100] }).expects({ flags: 'SYN ACK' }).sends({});
    peer.app.readable = () => undefined;
    peer.sends({ data: noise(536) }, { data: noise(536) }).expects({ wnd: 1072 });
    read(peer, 600);
    peer.expectsNothing();
  });
});

test('read and write move over the ends of their rings', () => {
  const peer = established({ receiveBuffer: 601, sendBuffer: 607 });
  peer.app.echo = true;
  let sent = '';
  let back = '';
  for (let n = 0; n < 30; n++) {
    const piece = Buffer.from(noise(97, n)).toString('latin1');
    sent += piece;
    peer.sends({ data: Buffer.from(piece, 'latin1') });
    for (const heard of peer.hearsAll()) back += heard.data;
    peer.sends({});
  }
  expect(back).toBe(sent);
});
