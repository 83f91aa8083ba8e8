import { describe, expect, test } from 'vitest';
import { noise } from '../lan';
import type { Peer } from '../peer';
import { closeWait, closing, established, finWait1, finWait2, inState, lastAck, timeWait } from './states';

const SYNCHRONISED: [string, () => Peer][] = [
  ['ESTABLISHED', established], ['FIN-WAIT-1', finWait1], ['FIN-WAIT-2', finWait2],
  ['CLOSE-WAIT', closeWait], ['CLOSING', closing], ['LAST-ACK', lastAck],
];

describe.each(SYNCHRONISED)('%s (RFC 5961)', (name, state) => {
  test('RST at RCV.NXT ends it', () => {
    const peer = state().sends({ flags: 'RST' }).expectsNothing();
    expect(peer.app.events.at(-1)).toBe('closed: reset');
  });

  test('RST elsewhere in the window gets a challenge ACK', () => {
    const peer = state();
    inState(peer.sends({ flags: 'RST', seq: peer.seq + 1 }).expects({ flags: 'ACK' }), name);
    expect(peer.stack.tcp.counters.challengeAcks).toBe(1);
  });

  test('RST outside the window is passed over', () => {
    const peer = state();
    inState(peer.sends({ flags: 'RST', seq: peer.seq - 1 }, { flags: 'RST', seq: peer.seq + 3000 }).expectsNothing(), name);
  });

  test('SYN gets a challenge ACK', () => {
    const peer = state();
    inState(peer.sends({ flags: 'SYN', seq: peer.seq + 3 }).expects({ flags: 'ACK' }), name);
    inState(peer.sends({ flags: 'SYN', seq: peer.seq - 900 }).expects({ flags: 'ACK' }), name);
  });

  test('a segment without ACK is dropped', () => {
    const peer = state();
    inState(peer.sends({ flags: '', seq: peer.seq, data: 'x' }).expectsNothing(), name);
    expect(peer.app.received).toEqual([]);
  });

  test('an ACK of what was never sent is answered and dropped', () => {
    const peer = state();
    inState(peer.sends({ ack: peer.ack + 5, data: 'x' }).expects({ flags: 'ACK' }), name);
    expect(peer.app.received).toEqual([]);
  });

  test('an ACK older than any window gets a challenge ACK', () => {
    const peer = state();
    inState(peer.sends({ ack: peer.ack - 9000 }).expects({ flags: 'ACK' }), name);
    expect(peer.stack.tcp.counters.challengeAcks).toBe(1);
  });
});

test('a RST whose number lies before RCV.NXT is not made exact by the data behind it', () => {
  const peer = established().sends({ data: noise(400) });
  peer.hearsAll();
  inState(peer.sends({ flags: 'RST', seq: 101, data: noise(400) }).expects({ flags: 'ACK' }), 'ESTABLISHED');
});

test('ten challenge ACKs a second, up to seven more by chance, also after 2^31 milliseconds', () => {
  const peer = established();
  const provoke = () => {
    for (let n = 0; n < 30; n++) peer.sends({ flags: 'SYN', seq: peer.seq + 3 });
    return peer.hearsAll().length;
  };
  expect(provoke()).toBe(10);
  peer.now += 999;
  expect(provoke()).toBe(0);
  for (const [later, chance, count] of [[1, 0, 10], [2 ** 31 + 5000, -1, 17]] as const) {
    peer.stack.platform.random = () => chance;
    peer.now += later;
    expect(provoke()).toBe(count);
    expect(provoke()).toBe(0);
  }
});

describe('TIME-WAIT', () => {
  test('the FIN again is acknowledged again and starts the wait anew', () => {
    const peer = timeWait({ msl: 1000 });
    peer.passes(1500).sends({ flags: 'FIN ACK', seq: 1 }).expects({ seq: 2, ack: 2 });
    peer.passes(1900).sends({ flags: 'FIN ACK', seq: 1 }).expects({ seq: 2, ack: 2 });
    peer.passes(2001).sends({ flags: 'FIN ACK', seq: 1 }).expects({ flags: 'RST' });
  });

  test('lasts twice the maximum segment lifetime', () => {
    const peer = timeWait({ msl: 120_000 }).passes(239_900).sends({ data: 'x', seq: 1 }).expects({ ack: 2 });
    peer.passes(200).sends({ data: 'x', seq: 1 }).expects({ flags: 'RST' });
  });

  test('passes over a RST and a bare ACK', () => {
    timeWait().sends({ flags: 'RST' }, { flags: 'RST ACK' }, {}).expectsNothing().sends({ flags: 'FIN ACK', seq: 1 }).expects({ ack: 2 });
  });

  test('gives way to a new SYN with a higher number, and starts above the old one itself', () => {
    const peer = timeWait();
    const old = peer.irs;
    peer.sends({ flags: 'SYN', seq: 100 }).expects({ flags: 'SYN ACK', ack: 101 });
    expect((peer.irs - old) | 0).toBeGreaterThan(2);
    peer.ack = 1;
    peer.seq = 101;
    expect(peer.sends({}).app.events).toEqual(['opened', 'ended', 'closed: normal', 'opened']);
  });

  test('answers a SYN with a lower number, and any SYN when nobody listens, with an ACK', () => {
    timeWait().sends({ flags: 'SYN', seq: 0 }).expects({ seq: 2, ack: 2 });
    const peer = timeWait();
    peer.stack.tcp.listeners[0]!.close();
    peer.sends({ flags: 'SYN', seq: 100 }).expects({ seq: 2, ack: 2 });
  });

  test('the oldest entry goes when the table is full', () => {
    const peer = timeWait({ timeWait: 2 });
    for (const port of [4001, 4002]) {
      Object.assign(peer, { port, seq: 0, ack: 0 });
      peer.passes(10).sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({});
      peer.connection.end();
      peer.expects({ flags: 'FIN ACK' }).sends({ flags: 'FIN ACK' }).expects({ ack: 2 });
    }
    expect(peer.stack.tcp.timeWait.recycled).toBe(1);
    peer.sends({ flags: 'FIN ACK', seq: 1 }).expects({ flags: 'ACK' });
    peer.port = 4000;
    peer.sends({ flags: 'FIN ACK', seq: 1 }).expects({ flags: 'RST' });
  });

  test('a table of no entries and an msl of 0 are allowed', () => {
    timeWait({ timeWait: 0 }).sends({ flags: 'FIN ACK', seq: 1 }).expects({ flags: 'RST' });
    timeWait({ msl: 0 }).passes(1).sends({ flags: 'FIN ACK', seq: 1 }).expects({ flags: 'RST' });
  });
});
