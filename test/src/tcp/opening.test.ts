import { describe, expect, test } from 'vitest';
import { noise } from '../lan';
import { mssOption, Peer, PEER } from '../peer';
import { established, inState, listening, opened, synReceived, synSent } from './states';

describe('LISTEN', () => {
  test('a SYN is answered with SYN ACK, our segment size and our whole window', () => {
    listening().sends({ flags: 'SYN' }).expects({ seq: 0, ack: 1, flags: 'SYN ACK', wnd: 2144, options: mssOption(536) });
  });

  test('an ACK is reset, a RST and a segment without ACK are passed over', () => {
    const peer = listening().sends({ flags: 'ACK', ack: 700 }).expects({ seq: 700, flags: 'RST' });
    peer.sends({ flags: 'RST' }, { flags: 'FIN' }, { flags: '' }).expectsNothing();
  });

  test('a port without a listener refuses: RST ACK to what has no ACK, RST to what has one', () => {
    const peer = new Peer();
    peer.sends({ flags: 'SYN' }).expects({ seq: 0, ack: 1, flags: 'RST ACK' });
    peer.sends({ seq: 9, data: 'abc', flags: 'FIN' }).expects({ seq: 0, ack: 13, flags: 'RST ACK' });
    peer.sends({ ack: 77 }).expects({ seq: 77, flags: 'RST' });
    peer.sends({ flags: 'RST' }, { flags: 'RST ACK' }).expectsNothing();
    expect(peer.stack.tcp.counters.outRsts).toBe(3);
  });

  test('SYNs beyond the slots are dropped, never reset, and answered when a slot is free', () => {
    const peer = listening({ connections: 1 }).sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({});
    inState(peer, 'ESTABLISHED');
    peer.port = 4001;
    peer.sends({ flags: 'SYN', seq: 0 }).expectsNothing();
    expect(peer.stack.tcp.counters.listenOverflows).toBe(1);
    peer.connection.abort();
    peer.expects({ flags: 'RST ACK' });
    peer.sends({ flags: 'SYN', seq: 0 }).expects({ flags: 'SYN ACK' });
  });

  test('the oldest half-open connection that has been asked twice makes room; a fresh one does not', () => {
    const peer = listening({ connections: 2 }).sends({ flags: 'SYN' });
    peer.now += 100;
    peer.port = 4001;
    peer.sends({ flags: 'SYN', seq: 0 });
    peer.port = 4002;
    peer.hearsAll();
    peer.sends({ flags: 'SYN', seq: 0 }).expectsNothing();
    peer.passes(1200).hearsAll();
    peer.sends({ flags: 'SYN', seq: 0 }).expects({ flags: 'SYN ACK' });
    expect(peer.stack.tcp.counters.halfOpenRecycled).toBe(1);
    expect(peer.stack.tcp.connections.map((c) => c.remotePort).sort()).toEqual([4001, 4002]);
  });

  test('close() of the listener: open connections stay, half-open ones are reset when they complete', () => {
    const peer = listening();
    const open = peer.stack.tcp.listeners[0]!;
    peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({});
    const first = peer.connection;
    peer.port = 4001;
    peer.seq = 0;
    peer.ack = 0;
    peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' });
    open.close();
    // The listener's place may be taken for another port at once: that is no business of this connection's.
    peer.stack.listen(81, peer.app);
    peer.sends({}).expects({ flags: 'RST ACK' });
    expect(peer.app.events).toEqual(['opened']);
    expect(first.stateName).toBe('ESTABLISHED');
    peer.port = 4002;
    peer.sends({ flags: 'SYN' }).expects({ flags: 'RST ACK' });
  });
});

describe('SYN-RECEIVED', () => {
  test('the ACK of our SYN establishes it; its data is taken in', () => {
    const peer = synReceived().sends({ data: 'hello' });
    expect(peer.app.events).toEqual(['opened']);
    expect(Buffer.from(peer.app.received).toString()).toBe('hello');
  });

  test.each([0, 2])('an ACK of %s is reset', (ack) => {
    inStateOfSlot(synReceived().sends({ ack }).expects({ seq: ack, flags: 'RST' }), 'SYN-RECEIVED');
  });

  test('a repeated SYN is answered with SYN ACK again, at once', () => {
    synReceived().sends({ flags: 'SYN', seq: 0 }).expects({ seq: 0, ack: 1, flags: 'SYN ACK' }).expectsNothing();
  });

  test('another SYN in the window: back to LISTEN, as if there had been none', () => {
    const peer = synReceived().sends({ flags: 'SYN', seq: 9 }).expectsNothing();
    expect(peer.stack.tcp.connections.every(({ stateName }) => stateName === 'CLOSED')).toBe(true);
  });

  test('a RST frees the slot and nobody hears of it', () => {
    const peer = synReceived().sends({ flags: 'RST' }).expectsNothing();
    expect(peer.app.events).toEqual([]);
    expect(peer.stack.tcp.counters.attemptFails).toBe(1);
  });

  test('SYN ACK is sent again after 1, 2, 4 ... seconds and given up after three minutes', () => {
    const peer = synReceived();
    expect(times(peer, 200_000, 'SYN ACK')).toEqual([1, 3, 7, 15, 31, 63, 123]);
    expect(peer.stack.tcp.connections.every((c) => c.stateName === 'CLOSED')).toBe(true);
    expect(peer.app.events).toEqual([]);
  });

  test('no way back to the peer: the slot is free at once', () => {
    const peer = listening();
    peer.mac.inbox.push(peer.frameOf({ flags: 'SYN' }));
    peer.stack.ip.netmask = -1;
    peer.poll();
    expect(peer.stack.tcp.connections[0]!.stateName).toBe('CLOSED');
    expect(peer.stack.ip.counters.outNoRoutes).toBe(1);
  });
});

describe('SYN-SENT', () => {
  test('SYN ACK establishes it and is acknowledged', () => {
    expect(opened().app.events).toEqual(['opened']);
  });

  test('data and FIN with the SYN ACK are taken in, cut to the window', () => {
    const peer = synSent({ receiveBuffer: 88, mss: 88, sendBuffer: 88 });
    peer.app.readable = () => undefined;
    peer.sends({ flags: 'SYN ACK', data: noise(400) }).expects({ ack: 89, wnd: 0 });
    expect(peer.connection.available).toBe(88);
    const other = synSent().sends({ flags: 'SYN ACK FIN', data: 'bye' }).expects({ ack: 5 });
    expect(other.app.events).toEqual(['opened', 'ended']);
    expect(Buffer.from(other.app.received).toString()).toBe('bye');
  });

  test.each([0, 2])('an ACK of %s is reset, with or without SYN', (ack) => {
    const peer = synSent();
    peer.sends({ flags: 'SYN ACK', ack, seq: 0 }).expects({ seq: ack, flags: 'RST' });
    peer.sends({ ack }).expects({ seq: ack, flags: 'RST' });
    peer.sends({ flags: 'RST ACK', ack }).expectsNothing();
    inState(peer, 'SYN-SENT');
  });

  test('RST ACK of our SYN: refused; a RST without ACK proves nothing', () => {
    const peer = inState(synSent().sends({ flags: 'RST' }), 'SYN-SENT');
    peer.sends({ flags: 'RST ACK', ack: 1 }).expectsNothing();
    expect(peer.app.events).toEqual(['closed: refused']);
  });

  test('a bare ACK of our SYN says nothing', () => {
    inState(synSent().sends({ ack: 1 }).expectsNothing(), 'SYN-SENT');
  });

  test('nobody there: SYN after 1, 3, 7 ... s, timed out after three minutes', () => {
    const peer = synSent();
    expect(times(peer, 200_000, 'SYN')).toEqual([1, 3, 7, 15, 31, 63, 123]);
    expect(peer.app.events).toEqual(['closed: timed out']);
  });

  test('end() and abort() before it is open end it without a word to the peer', () => {
    const ended = synSent();
    ended.connection.end();
    ended.expectsNothing();
    expect(ended.app.events).toEqual(['closed: normal']);
    const aborted = synSent();
    aborted.connection.abort();
    aborted.expectsNothing();
    expect(aborted.app.events).toEqual(['closed: aborted']);
  });

  test('what was written before it is open goes first', () => {
    const peer = synSent();
    peer.connection.write(Buffer.from('early'), 0, 5);
    peer.sends({ flags: 'SYN ACK' }).expects({ seq: 1, ack: 1, data: 'early' });
  });

  test('a network without a way: unreachable', () => {
    const peer = new Peer();
    peer.stack.connect(0x08080808, 80, peer.app);
    peer.expectsNothing();
    expect(peer.app.events).toEqual(['closed: unreachable']);
  });

  test('no slot: null', () => {
    const peer = established({ connections: 1 });
    expect(peer.stack.connect(PEER, 80, peer.app)).toBeNull();
  });
});

describe('simultaneous open (RFC 9293 section 3.5, figure 7)', () => {
  test('both SYNs cross, both SYN ACKs cross', () => {
    const peer = synSent().sends({ flags: 'SYN' }).expects({ seq: 0, ack: 1, flags: 'SYN ACK' });
    inState(peer, 'SYN-RECEIVED');
    peer.sends({ flags: 'SYN ACK', seq: 0 }).expects({ seq: 1, ack: 1 }).sends({});
    expect(inState(peer, 'ESTABLISHED').app.events).toEqual(['opened']);
    expect(peer.connection.srtt).toBe(0);
  });

  test('a RST in between: refused', () => {
    const peer = synSent().sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({ flags: 'RST' });
    expect(peer.app.events).toEqual(['closed: refused']);
  });

  test('end() in between: the FIN follows the open', () => {
    const peer = synSent().sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' });
    peer.connection.end();
    peer.expectsNothing().sends({}).expects({ seq: 1, flags: 'FIN ACK' });
    inState(peer, 'FIN-WAIT-1');
  });
});

describe('segment size', () => {
  test.each([
    ['of the option', mssOption(200), 200],
    ['of 536 without the option', [], 536],
    ['of ours when the peer takes more', mssOption(1460), 1000],
    ['of 64 when the peer names less', mssOption(1), 64],
    ['behind options that are unknown', [1, 253, 3, 9, ...mssOption(300), 0, 0, 0, 0], 300],
    ['of 536 when an option has an impossible length', [2, 1, 0, 0, ...mssOption(300)], 536],
  ])('%s', (_name, options, size) => {
    const peer = listening({ mss: 1000, receiveBuffer: 4000, sendBuffer: 4000 }).sends({ flags: 'SYN', options });
    peer.expects({ flags: 'SYN ACK', options: mssOption(1000) }).sends({});
    peer.connection.write(noise(2000), 0, 2000);
    expect(peer.hears()!.data.length).toBe(size);
  });
});

function inStateOfSlot(peer: Peer, state: string): void {
  expect(peer.stack.tcp.connections.filter((c) => c.stateName === state)).toHaveLength(1);
}

/** Seconds after which the stack says something in the next while, all of it with the flags named. */
function times(peer: Peer, milliseconds: number, flags: string): number[] {
  const start = peer.now;
  const seen: number[] = [];
  while (peer.now < start + milliseconds) {
    peer.passes(100);
    for (const heard of peer.hearsAll()) {
      expect(heard.flags).toBe(flags);
      seen.push((peer.now - start) / 1000);
    }
  }
  return seen;
}
