import { describe, expect, test } from 'vitest';
import { narrowPath } from '../../../src/tcp/path-mtu';
import { mssOption } from '../peer';
import type { Peer } from '../peer';
import { established, listening } from './states';
import { lengths, writes } from './writing';

describe('retransmission (RFC 6298)', () => {
  test('after 1, 2, 4 ... s and no more than 60, given up after 123', () => {
    const peer = writes(established(), 'data').expects({ data: 'data' });
    const seen: number[] = [];
    for (let tenths = 1; tenths <= 1300; tenths++) {
      for (const heard of peer.passes(100).hearsAll()) {
        expect(heard).toMatchObject({ seq: 1, data: 'data' });
        seen.push(tenths / 10);
      }
    }
    expect(seen).toEqual([1, 3, 7, 15, 31, 63]);
    expect(peer.app.events).toEqual(['opened', 'closed: timed out']);
  });

  test('one segment, then as the window of congestion opens again', () => {
    const peer = writes(established(), 2144);
    expect(lengths(peer)).toEqual([536, 536, 536, 536]);
    peer.passes(1000);
    expect(lengths(peer)).toEqual([536]);
    peer.sends({ ack: 537 });
    expect(lengths(peer)).toEqual([536, 536]);
    peer.sends({ ack: 2145 }).passes(100_000).expectsNothing();
  });

  test('an ACK of new data starts the timer anew', () => {
    const peer = writes(established(), 1072);
    peer.hearsAll();
    peer.passes(900).sends({ ack: 537 });
    peer.passes(peer.connection.rto - 1).expectsNothing().passes(1).expects({ seq: 537, data: textOf(peer, 536) });
  });

  test('what is sent after all was acknowledged has the whole time, whatever the timer was started for', () => {
    const peer = writes(established(), 'a').expects({ data: 'a' }).passes(300).sends({});
    writes(peer.passes(400), 'b').expects({ data: 'b' });
    peer.passes(999).expectsNothing().passes(1).expects({ seq: 2, data: 'b' });
    expect(peer.connection.retransmits).toBe(1);
    peer.sends({}).passes(100_000).expectsNothing();
    expect(peer.stack.tcp.counters.retransSegs).toBe(1);
  });

  test('a timeout that has become shorter counts at once', () => {
    const peer = established();
    const c = peer.connection;
    // As on a way that was slow up to now.
    c.rto = 5000;
    writes(peer, 1072).hearsAll();
    peer.passes(10).sends({ ack: 537 });
    expect(c.rto).toBe(1000);
    peer.passes(999).expectsNothing().passes(1).expects({ seq: 537, data: textOf(peer, 536) });
  });

  test('a timeout that was doubled stays so for what is sent again behind it (Karn)', () => {
    const peer = writes(established(), 1072);
    peer.hearsAll();
    peer.passes(1000);
    expect([lengths(peer), peer.connection.rto]).toEqual([[536], 2000]);
    peer.passes(500).sends({ ack: 537 });
    expect([lengths(peer), peer.connection.retransmits]).toEqual([[536], 0]);
    peer.passes(1999).expectsNothing().passes(1).expects({ seq: 537, data: textOf(peer, 536) });
  });

  test('a segment that is lost behind a window that was closed for weeks goes again after a second', () => {
    const peer = writes(established(), 'a').expects({ data: 'a' }).sends({ wnd: 0 });
    writes(peer, 'bcd').expectsNothing();
    const days = 25;
    for (const end = peer.now + days * 86_400_000; peer.now < end; ) {
      peer.now += 60_000;
      if (peer.hearsAll().length > 0) peer.sends({ ack: 2, wnd: 0 });
    }
    peer.sends({ ack: 2 });
    expect(peer.hearsAll().map(({ data }) => data)).toContain('bcd');
    peer.passes(1000).expects({ seq: 2, data: 'bcd' });
  });

  test('a timer that still runs for what was acknowledged leaves the probes of a closed window alone', () => {
    const peer = writes(established(), 'a').expects({ data: 'a' }).passes(500).sends({ wnd: 0 });
    writes(peer, 'b').expectsNothing();
    peer.passes(999).expectsNothing().passes(1).expects({ seq: 2, data: 'b' });
    peer.passes(1999).expectsNothing().passes(1).expects({ seq: 2, data: 'b' });
    expect(peer.stack.tcp.counters).toMatchObject({ windowProbes: 2, retransSegs: 0 });
  });

  test('nor does it run on for segments that a narrower path has taken back before the window closed', () => {
    const peer = writes(opens(1460), 1400);
    expect(lengths(peer)).toEqual([1400]);
    peer.passes(10).sends({ ack: 1, wnd: 0 });
    narrowPath(peer.stack.tcp, peer.connection, 1000);
    peer.passes(1).expectsNothing().passes(1000);
    expect(lengths(peer)).toEqual([1]);
    expect([peer.connection.rto, peer.stack.tcp.counters.windowProbes, peer.stack.tcp.counters.retransSegs]).toEqual([1000, 1, 0]);
  });

  test('after a lost SYN: 3 s for data, one segment at first', () => {
    const peer = lateSyn();
    expect(peer.connection.rto).toBe(3000);
    expect(peer.connection.cwnd).toBe(536);
  });

  test('the timeout follows SRTT and RTTVAR, and Karn: what was sent twice is not measured', () => {
    const peer = established();
    const c = peer.connection;
    let srtt = 0;
    let rttvar = 0;
    c.srtt = 0;
    for (const sample of [400, 900, 2000, 100, 1500]) {
      writes(peer, 'x');
      peer.hearsAll();
      const wait = Math.min(sample, c.rto - 1);
      peer.passes(wait).sends({});
      if (srtt === 0) [srtt, rttvar] = [wait, wait / 2];
      else {
        rttvar = 0.75 * rttvar + 0.25 * Math.abs(srtt - wait);
        srtt = 0.875 * srtt + 0.125 * wait;
      }
      expect(Math.abs(c.rto - Math.max(1000, srtt + 4 * rttvar))).toBeLessThan(6);
    }
    const before = c.srtt;
    writes(peer, 'x');
    peer.hearsAll();
    peer.passes(c.rto).hearsAll();
    const backedOff = c.rto;
    peer.passes(5).sends({});
    expect(c.srtt).toBe(before);
    expect(c.rto).toBe(backedOff);
  });
});

function lateSyn(): Peer {
  const peer = established();
  peer.connection.abort();
  peer.hearsAll();
  Object.assign(peer, { port: 4001, seq: 0, ack: 0 });
  peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).passes(1000).expects({ flags: 'SYN ACK' });
  return peer.sends({ options: [] });
}

function textOf(peer: Peer, from: number): string {
  const ring = peer.connection.sendRing;
  return Buffer.from(ring.subarray(from, from + 536)).toString('latin1');
}

/** An open connection whose segments may have so many octets. */
function opens(mss: number): Peer {
  const peer = listening({ mss });
  peer.sends({ flags: 'SYN', options: mssOption(mss) }).expects({ flags: 'SYN ACK' });
  return peer.sends({}).expectsNothing();
}
