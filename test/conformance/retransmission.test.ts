import { describe, expect, test } from 'vitest';
import type { Peer } from '../src/peer';
import { ConnectionStatus } from '../../src/tcp/status';
import { established } from '../src/tcp/states';
import { lengths, opens, times, writes } from './dialogue';

/** Writes one octet that is acknowledged after `wait` milliseconds. */
function roundTrip(peer: Peer, wait: number): void {
  writes(peer, 'x');
  expect(lengths(peer)).toEqual([1]);
  peer.passes(wait);
  expect(lengths(peer)).toEqual([]);
  peer.sends({});
}

/** After how many milliseconds an octet that nobody acknowledges is sent again; it is acknowledged then. */
function timeout(peer: Peer): number {
  writes(peer, 'x');
  expect(lengths(peer)).toEqual([1]);
  const start = peer.now;
  while (lengths(peer).length === 0 && peer.now < start + 65_000) peer.passes(1);
  return peer.now - start;
}

/** An open connection with room for many segments of 536 octets, whose peer's window is open. */
function wide(options = {}): Peer {
  const peer = opens({ sendBuffer: 60_000, ...options }, 536, 60_000);
  return writes(peer, 60_000);
}

/** Acknowledges each segment of a round, lets the application write more, and tells how many segments went out. */
function round(peer: Peer, sent: number, from: number): number {
  for (let n = 1; n <= sent; n++) peer.sends({ ack: from + n * 536 });
  writes(peer, peer.connection.room);
  return peer.hearsAll().length;
}

describe('the retransmission timeout (RFC 9293 section 3.8.1)', () => {
  test('[MUST-18] follows SRTT and RTTVAR as RFC 6298 has them', () => {
    // The open took no time: 1 ms is the smallest sample.
    let srtt = 1;
    let rttvar = 0.5;
    const peer = established();
    for (const sample of [400, 900, 700, 950, 20, 990, 400]) {
      roundTrip(peer, sample);
      rttvar = 0.75 * rttvar + 0.25 * Math.abs(srtt - sample);
      srtt = 0.875 * srtt + 0.125 * sample;
      const rto = Math.max(1000, srtt + 4 * rttvar);
      expect(Math.abs(status(peer).rto - rto), `after ${sample}`).toBeLessThan(8);
    }
    const expected = status(peer).rto;
    expect(expected).toBeGreaterThan(1200);
    expect(timeout(peer)).toBe(expected);
  });

  test('[MUST-18] is a second at first, and never less (RFC 6298, 2.1 and 2.4)', () => {
    const peer = established();
    for (let n = 0; n < 20; n++) roundTrip(peer, 5);
    expect(timeout(peer)).toBe(1000);
  });

  test('[MUST-18] Karn: what was sent twice is not measured, and the doubled timeout stays until something was', () => {
    const peer = established();
    for (let n = 0; n < 4; n++) roundTrip(peer, 100);
    expect(timeout(peer)).toBe(1000);
    // Acknowledged five milliseconds after it was sent for the second time.
    peer.passes(5).sends({}).expectsNothing();
    const { srtt } = status(peer);
    expect(srtt).toBeGreaterThan(30);
    expect(timeout(peer)).toBe(2000);
    peer.passes(5).sends({}).expectsNothing();
    expect(status(peer).srtt).toBe(srtt);
    roundTrip(peer, 100);
    expect(timeout(peer)).toBe(1000);
  });

  test('[MUST-18] Karn holds for a segment behind one that was sent again', () => {
    const peer = established();
    for (let n = 0; n < 4; n++) roundTrip(peer, 100);
    const { srtt } = status(peer);
    writes(peer, 1072);
    expect(lengths(peer)).toEqual([536, 536]);
    peer.passes(1000);
    expect(lengths(peer)).toEqual([536]);
    // One acknowledgment for both: nobody knows which sending it answers.
    peer.sends({});
    expect(status(peer).srtt).toBe(srtt);
  });
});

describe('congestion control (RFC 9293 section 3.8.2)', () => {
  test('[MUST-19] slow start: four segments, then twice as many each round', () => {
    const peer = wide();
    const rounds = [peer.hearsAll().length];
    let from = 1;
    for (let n = 0; n < 4; n++) {
      const sent = rounds.at(-1)!;
      rounds.push(round(peer, sent, from));
      from += sent * 536;
    }
    expect(rounds).toEqual([4, 8, 16, 32, 64]);
  });

  test('[MUST-19] after a timeout one segment, slow start to half of what was on its way, then one more each round', () => {
    const peer = wide();
    let from = 1;
    let sent = peer.hearsAll().length;
    for (let n = 0; n < 2; n++) {
      const next = round(peer, sent, from);
      from += sent * 536;
      sent = next;
    }
    expect(sent).toBe(16);
    peer.passes(1000);
    expect(peer.hearsAll().map(({ seq }) => seq)).toEqual([from]);
    // The peer had them all, so that each ACK from here on acknowledges what is sent anew.
    peer.sends({ ack: from + 16 * 536 });
    from += 16 * 536;
    const rounds: number[] = [peer.hearsAll().length];
    for (let n = 0; n < 6; n++) {
      const last = rounds.at(-1)!;
      rounds.push(round(peer, last, from));
      from += last * 536;
    }
    expect(rounds.slice(0, 3)).toEqual([2, 4, 8]);
    for (let n = 3; n < rounds.length; n++) {
      expect(rounds[n]! - rounds[n - 1]!).toBeGreaterThanOrEqual(0);
      expect(rounds[n]! - rounds[n - 1]!).toBeLessThanOrEqual(1);
    }
    expect(rounds.at(-1)!).toBeGreaterThanOrEqual(10);
  });

  test('[MUST-19] the timeout doubles each time, to a minute', () => {
    const peer = established();
    peer.connection.setRetries(3, 10);
    writes(peer, 'x');
    peer.hearsAll();
    const seen = times(peer, 300_000, () => true, 100).map((at) => at / 1000);
    expect(seen.slice(0, 8)).toEqual([1, 3, 7, 15, 31, 63, 123, 183]);
  });

  test('[MAY-18] CUBIC takes less away on a loss than Reno does: three tenths instead of a half', () => {
    const reno = wide();
    const cubic = wide({ cubic: true });
    for (const peer of [reno, cubic]) {
      expect(peer.hearsAll()).toHaveLength(4);
      const sent = round(peer, 4, 1);
      expect(sent).toBe(8);
      const from = 1 + 4 * 536;
      round(peer, 8, from);
      for (let n = 0; n < 3; n++) peer.sends({ ack: from + 8 * 536 });
      peer.hearsAll();
    }
    expect(status(reno).ssthresh / 536).toBeCloseTo(8, 0);
    expect(status(cubic).ssthresh / 536).toBeCloseTo(11.2, 0);
  });
});

function status(peer: Peer): ConnectionStatus {
  const into = new ConnectionStatus();
  peer.connection.status(into);
  return into;
}
