import { describe, expect, test } from 'vitest';
import { get16, get32 } from '../src/frames';
import { PEER } from '../src/peer';
import type { Peer } from '../src/peer';
import { established, synReceived } from '../src/tcp/states';
import { asks, hearsOf, listens, MINUTE, times, writes } from './dialogue';

/** Requests for the peer's hardware address that the stack has sent; they are answered. */
function requests(peer: Peer): number {
  const asked = peer.mac.outbox.filter((frame) => get16(frame, 12) === 0x0806 && get16(frame, 20) === 1 && get32(frame, 38) === PEER);
  peer.mac.outbox.splice(0, Infinity, ...peer.mac.outbox.filter((frame) => !asked.includes(frame)));
  return asked.length;
}

/** When, in whole seconds, the stack asks for the peer's address, of which it was sure before. */
function askedFor(peer: Peer, seconds: number): number[] {
  const seen: number[] = [];
  peer.answersArp = false;
  for (let second = 1; second <= seconds; second++) {
    peer.passes(1000);
    if (requests(peer) > 0) seen.push(second);
  }
  return seen;
}

/** What happens to data that is never acknowledged: when it is sent again, and when the application hears what. */
function silence(peer: Peer, seconds: number): { again: number[]; heard: [number, string][] } {
  const again: number[] = [];
  const heard: [number, string][] = [];
  for (let second = 1; second <= seconds; second++) {
    peer.passes(1000);
    peer.hearsAll().forEach(() => again.push(second));
    for (const event of hearsOf(peer)) heard.push([second, event]);
  }
  return { again, heard };
}

describe('failures (RFC 9293 section 3.8.3)', () => {
  test('[MUST-20, SHLD-9, SHLD-10, SHLD-11] R1: a report; R2: the end', () => {
    const peer = listens(writes(established(), 'x'));
    hearsOf(peer);
    peer.hearsAll();
    const { again, heard } = silence(peer, 400);
    expect(heard.map(([, event]) => event)).toEqual(['report: retransmitting', 'closed: timed out']);
    // Three retransmissions at least before the first, a hundred seconds before the second.
    expect(again.filter((second) => second <= heard[0]![0]).length).toBeGreaterThanOrEqual(3);
    expect(heard[1]![0]).toBeGreaterThanOrEqual(100);
    expect(heard[0]![0]).toBeLessThan(heard[1]![0]);
    expect(peer.passes(MINUTE).hearsAll()).toEqual([]);
  });

  test('[MUST-20] at R1 IP hears that the way looks bad: the neighbour\'s address is asked for again', () => {
    const silent = askedFor(writes(established(), 'x'), 40);
    // After one, three and seven seconds it was sent again; the next one, after fifteen, makes sure of the address.
    expect(silent.length).toBeGreaterThan(0);
    expect(silent[0]!).toBeGreaterThanOrEqual(7);
    expect(silent[0]!).toBeLessThanOrEqual(15);
    expect(askedFor(established(), 40)).toEqual([]);
  });

  test('[SHLD-9] the report comes again only after the peer was heard', () => {
    const peer = listens(writes(established(), 'x'));
    hearsOf(peer);
    peer.hearsAll();
    expect(silence(peer, 20).heard).toHaveLength(1);
    peer.sends({});
    writes(peer, 'y');
    expect(silence(peer, 150).heard.map(([, event]) => event)).toEqual(['report: retransmitting']);
  });

  test('[MUST-21] R2 is the application\'s to choose, a connection at a time', () => {
    const few = listens(established());
    few.connection.setRetries(1, 2);
    writes(few, 'x').hearsAll();
    const { again, heard } = silence(few, 30);
    expect(again).toEqual([1]);
    expect(heard).toEqual([[1, 'opened'], [1, 'report: retransmitting'], [3, 'closed: timed out']]);

    const many = established();
    many.connection.setRetries(3, 30);
    writes(many, 'x').hearsAll();
    expect(silence(many, 20 * 60).heard).toEqual([[1, 'opened']]);
    expect(silence(many, 20 * 60).heard.map(([, event]) => event)).toEqual(['closed: timed out']);

    // The next connection has the values of section 3.8.3 again.
    Object.assign(few, { port: 4001, seq: 0, ack: 0 });
    few.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({});
    writes(few, 'x').hearsAll();
    expect(silence(few, 99).heard.map(([, event]) => event)).toEqual(['opened', 'report: retransmitting']);
  });

  test.each([[0, 7], [3, 0], [5, 4], [1.5, 7], [3, 256], [NaN, 7]])('[MUST-21] R1 %s and R2 %s are refused with an error', (r1, r2) => {
    const peer = established();
    expect(() => peer.connection.setRetries(r1, r2)).toThrow(/^setRetries: /);
    writes(peer, 'x').hearsAll();
    expect(times(peer, 60_000, () => true, 100)).toEqual([1000, 3000, 7000, 15_000, 31_000]);
  });

  test('[MUST-22] a SYN that nobody answers is reported at R1, and the end at R2', () => {
    const peer = listens(asks());
    peer.hearsAll();
    const { heard } = silence(peer, 400);
    expect(heard.map(([, event]) => event)).toEqual(['report: retransmitting', 'closed: timed out']);
    expect(heard[0]![0]).toBeGreaterThanOrEqual(7);
  });

  test('[MUST-22] and IP hears of it at R1', () => {
    const peer = asks();
    peer.hearsAll();
    const asked = askedFor(peer, 40);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked[0]!).toBeGreaterThanOrEqual(7);
  });

  test('[MUST-23] a SYN is sent again for three minutes at least, also when the application wants less for data', () => {
    for (const retries of [undefined, [1, 1]]) {
      const peer = asks();
      if (retries) peer.connection.setRetries(retries[0]!, retries[1]!);
      peer.hearsAll();
      const { again, heard } = silence(peer, 179);
      expect(again.slice(0, 6)).toEqual([1, 3, 7, 15, 31, 63]);
      expect(heard).toEqual([]);
      expect(silence(peer, 200).heard.map(([, event]) => event)).toEqual(['closed: timed out']);
    }
  });

  test('[MUST-23] so is a SYN ACK', () => {
    const peer = synReceived();
    const again = times(peer, 400_000, ({ flags }) => flags === 'SYN ACK', 1000);
    expect(again.slice(0, 6)).toEqual([1000, 3000, 7000, 15_000, 31_000, 63_000]);
    expect(again.at(-1)!).toBeGreaterThanOrEqual(120_000);
    const patient = synReceived().passes(179_000);
    patient.hearsAll();
    // Late, but in time.
    patient.sends({ data: 'late' });
    expect(hearsOf(patient)).toEqual(['opened']);
  });
});
