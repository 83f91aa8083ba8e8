import { Bit } from '../../../src/tcp/control-block';
import { describe, expect, test } from 'vitest';
import { noise } from '../lan';
import { closeWait, established, inState } from './states';
import { lengths, writes } from './writing';

describe('Nagle (RFC 9293 section 3.7.4)', () => {
  test('a small segment waits while another is on its way', () => {
    const peer = writes(established(), 'a').expects({ seq: 1, data: 'a' });
    writes(writes(peer, 'b').expectsNothing(), 'c').expectsNothing();
    peer.sends({}).expects({ seq: 2, data: 'bc', flags: 'PSH ACK' });
  });

  test('also when the peer\'s whole window is small', () => {
    const peer = writes(established().sends({ wnd: 8192 }), 'first').expects({ data: 'first' });
    peer.connection.maxSndWnd = 600;
    writes(peer, 400).expectsNothing().sends({});
    expect(lengths(peer)).toEqual([400]);
  });

  test('full segments do not wait, noDelay waits for nothing', () => {
    const peer = writes(established(), 'a');
    peer.hearsAll();
    writes(peer, 1100);
    expect(lengths(peer)).toEqual([536, 536]);
    peer.connection.noDelay = true;
    writes(peer, 2);
    expect(lengths(peer)).toEqual([30]);
  });
});

describe('the peer\'s window', () => {
  test('is not overrun, whoever writes', () => {
    const peer = writes(established().sends({ wnd: 1000 }), 2144);
    expect(lengths(peer)).toEqual([536]);
    peer.sends({ wnd: 1608 });
    expect(lengths(peer)).toEqual([536, 536, 536]);
  });

  test('that is small is not filled with small segments until the wait has been long', () => {
    const peer = writes(established().sends({ wnd: 100 }), 500).expectsNothing();
    peer.passes(999).expectsNothing().passes(1);
    expect(lengths(peer)).toEqual([100]);
    expect(peer.connection.retransmits).toBe(0);
    // From there on it is a segment like any other.
    peer.passes(1000);
    expect(lengths(peer)).toEqual([100]);
    expect(peer.stack.tcp.counters).toMatchObject({ windowProbes: 0, retransSegs: 1 });
  });

  test('of an older segment does not count', () => {
    const peer = established().sends({ data: 'x', wnd: 5000 }).sends({ seq: 1, wnd: 100, data: 'x' });
    expect(peer.connection.sndWnd).toBe(5000);
  });

  test('closed: probes of one octet after 1, 2, 4 ... 60 s, for as long as the peer answers', () => {
    const peer = writes(established().sends({ wnd: 0 }), 'data');
    const seen: number[] = [];
    let last = peer.now;
    while (seen.length < 40) {
      peer.passes(50);
      for (const heard of peer.hearsAll()) {
        expect(heard).toMatchObject({ seq: 1, data: 'd' });
        seen.push(Math.round((peer.now - last) / 1000));
        last = peer.now;
        peer.sends({ ack: 1, wnd: 0 });
      }
    }
    expect(seen.slice(0, 9)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    peer.sends({ ack: 1, wnd: 100 }).expects({ seq: 1, data: 'data' });
    expect(peer.connection.service >>> 24).toBe(0);
  });

  test('closed and the peer silent: given up', () => {
    const peer = writes(established().sends({ wnd: 0 }), 'data').passes(300_000);
    expect(peer.hearsAll()).toHaveLength(8);
    expect(peer.app.events).toEqual(['opened', 'closed: timed out']);
  });

  test('closed, and a probe accepted: nothing is sent in its place, and no FIN of its own making', () => {
    const peer = writes(established().sends({ wnd: 0 }), 'd').passes(1000).expects({ seq: 1, data: 'd', flags: 'ACK' });
    peer.sends({ ack: 2, wnd: 0 }).passes(300_000).expectsNothing();
    inState(peer, 'ESTABLISHED');
    writes(peer.sends({ wnd: 500 }), 'e').expects({ seq: 2, data: 'e' });
  });

  test('closed: a probe that finds the transmitter busy goes as soon as it is free', () => {
    const peer = writes(established().sends({ wnd: 0 }), 'data');
    let busy = true;
    peer.mac.busy = () => busy;
    peer.sends({ data: 'x', wnd: 0 }, { data: 'y', wnd: 0 }).passes(1500).expectsNothing();
    busy = false;
    peer.passes(5).expects({ ack: 3 }, { seq: 1, data: 'd' });
  });

  test('closed over data on its way: probes take over from the retransmission', () => {
    const peer = writes(established(), 'data').expects({ data: 'data' }).sends({ ack: 1, wnd: 0 });
    peer.passes(1000).expectsNothing().passes(2000).expects({ seq: 1, data: 'd' }).sends({ ack: 2, wnd: 500 });
    peer.expects({ seq: 2, data: 'ata' });
  });

  test('our ACK of what arrives meanwhile has a number that the peer looks at', () => {
    const probed = writes(established().sends({ wnd: 0 }), 'data').passes(1000).expects({ seq: 1, data: 'd' });
    probed.sends({ data: 'x', ack: 1, wnd: 0 }).passes(200).expects({ seq: 1, ack: 2 });
    const timedOut = writes(established(), 1072);
    timedOut.hearsAll();
    timedOut.passes(1000);
    expect(lengths(timedOut)).toEqual([536]);
    timedOut.sends({ data: 'x', ack: 1 }).passes(200).expects({ seq: 1073, ack: 2 });
  });
});

describe('fast retransmit (RFC 5681, 6582)', () => {
  const big = { sendBuffer: 5360, mss: 536 };

  test('the third duplicate sends the lost segment, a partial ACK the next one', () => {
    const peer = writes(established(big), 2144);
    expect(lengths(peer)).toEqual([536, 536, 536, 536]);
    peer.sends({ ack: 1 }, { ack: 1 }).expectsNothing().sends({ ack: 1 });
    expect(peer.hears()).toMatchObject({ seq: 1 });
    expect(peer.connection.ssthresh).toBe(1072);
    peer.sends({ ack: 537 });
    expect(peer.hears()).toMatchObject({ seq: 537 });
    peer.sends({ ack: 2145 });
    expect(peer.connection.cwnd).toBe(1072);
    expect(peer.connection.bits & Bit.recovering).toBe(0);
  });

  test('what was never sent does not go with it', () => {
    const peer = writes(established(big), 600);
    peer.connection.noDelay = true;
    expect(lengths(peer)).toEqual([536, 64]);
    peer.sends({ ack: 537 });
    peer.connection.noDelay = false;
    writes(peer, 100).expectsNothing();
    peer.sends({ ack: 537 }, { ack: 537 }, { ack: 537 });
    expect(peer.hears()).toMatchObject({ seq: 537, data: expect.stringMatching(/^[^]{64}$/) as string });
    peer.sends({ ack: 601 });
    expect(lengths(peer)).toEqual([100]);
  });

  test('one duplicate is enough when only two segments are on their way (RFC 5827)', () => {
    const peer = writes(established({ sendBuffer: 1072 }), 1072);
    expect(lengths(peer)).toEqual([536, 536]);
    peer.sends({ ack: 1 });
    expect(peer.hears()).toMatchObject({ seq: 1 });
    peer.sends({ ack: 1073 }).passes(60_000).expectsNothing();
  });

  test('and not when new data can go out instead, a segment for each of two duplicates (RFC 3042)', () => {
    const peer = writes(established(big), 1072);
    peer.connection.cwnd = 1072;
    expect(lengths(peer)).toEqual([536, 536]);
    writes(peer, 1608).expectsNothing();
    peer.sends({ ack: 1 });
    expect(peer.hears()).toMatchObject({ seq: 1073 });
    peer.sends({ ack: 1 });
    expect(peer.hears()).toMatchObject({ seq: 1609 });
    peer.expectsNothing().sends({ ack: 1 });
    expect(peer.hears()).toMatchObject({ seq: 1 });
  });

  test('a FIN that was sent goes with it', () => {
    const peer = writes(established(big), 'ab');
    peer.connection.end();
    peer.expects({ data: 'ab', flags: 'FIN ACK' });
    peer.sends({ ack: 1 }, { ack: 1 }, { ack: 1 }).expects({ seq: 1, data: 'ab', flags: 'FIN ACK' });
  });

  test('not for ACKs with data or another window, nor with nothing on its way', () => {
    const peer = writes(established(big), 'ab').expects({ data: 'ab' });
    peer.sends({ ack: 1, data: 'x' }, { ack: 1, data: 'x' }, { ack: 1, data: 'x' }, { ack: 1, wnd: 8000 }, { ack: 1, wnd: 8100 });
    expect(lengths(peer)).toEqual([0]);
    peer.sends({ ack: 3 }, { ack: 3 }, { ack: 3 }, { ack: 3 }).passes(200);
    expect(lengths(peer)).toEqual([0]);
  });

  test('not again for what the timeout has dealt with, but again 2^31 octets later', () => {
    const peer = writes(established(big), 2144);
    peer.hearsAll();
    peer.passes(1000).hearsAll();
    peer.sends({ ack: 1 }, { ack: 1 }, { ack: 1 }).expectsNothing();
    const c = peer.connection;
    c.recover = (c.sndUna + 0x7fffff00) | 0;
    c.duplicateAcks = 0;
    peer.sends({ ack: 1 }, { ack: 1 }, { ack: 1 });
    expect(peer.hearsAll().map(({ seq }) => seq)).toContain(1);
  });

  test('slow start, then about a segment each round', () => {
    const peer = established({ sendBuffer: 20_000 }).sends({ wnd: 30_000 });
    const c = peer.connection;
    c.ssthresh = 4288;
    const windows: number[] = [];
    for (let round = 0; round < 6; round++) {
      c.write(noise(c.room), 0, c.room);
      for (const heard of peer.hearsAll()) peer.sends({ ack: heard.seq + heard.data.length, wnd: 30_000 });
      windows.push(c.cwnd / 536);
    }
    expect(windows[0]).toBe(8);
    expect(windows[5]!).toBeGreaterThan(11);
    expect(windows[5]!).toBeLessThan(13.5);
  });
});

test('writable comes once after a write that filled the buffer', () => {
  const peer = established();
  const heard: string[] = [];
  peer.app.writable = () => void heard.push('writable');
  writes(peer, 2144);
  peer.hearsAll();
  expect(peer.connection.write(noise(1), 0, 1)).toBe(0);
  peer.sends({ ack: 537 }, { ack: 1073 });
  expect(heard).toEqual(['writable']);
  expect(peer.connection.room).toBe(1072);
});

test('sequence numbers wrap in the middle of a transfer, in every direction', () => {
  const peer = closeWait();
  const c = peer.connection;
  c.startSequence(-1000);
  Object.assign(c, { sndUna: -999, sndNxt: -999, sndMax: -999, sendSeq: -999, recover: -999 });
  peer.irs = -1000;
  for (let n = 0; n < 6; n++) {
    writes(peer, 500);
    expect(peer.hears()).toMatchObject({ seq: 1 + 500 * n });
    peer.sends({});
  }
  expect(c.sndUna).toBe(2001);
  const wrapping = established();
  wrapping.iss = 0x7fffffff - 700;
  Object.assign(wrapping.connection, { rcvNxt: (wrapping.iss + 1) | 0, sndWl1: wrapping.iss | 0 });
  wrapping.sends({ data: noise(500) }, { data: noise(500) }).expects({ ack: 1001 });
});
