import { describe, expect, test } from 'vitest';
import { Recorder } from '../src/lan';
import { PEER } from '../src/peer';
import type { Peer } from '../src/peer';
import { established, inState } from '../src/tcp/states';
import { asks, hearsOf, lengths, listens, opens, writes } from './dialogue';
import { reports } from './raw';

/** A connection with four octets on their way, whose application takes reports. */
function sending(): Peer {
  const peer = listens(writes(established(), 'data')).expects({ seq: 1, data: 'data' });
  hearsOf(peer);
  return peer;
}

/** One whose SYN is on its way. */
function calling(): Peer {
  return listens(asks()).expects({ flags: 'SYN' });
}

const SOFT: [string, number, number, string][] = [
  ['network unreachable', 3, 0, 'unreachable'],
  ['host unreachable', 3, 1, 'unreachable'],
  ['source route failed', 3, 5, 'unreachable'],
  ['time exceeded on the way', 11, 0, 'time exceeded'],
  ['time exceeded in reassembly', 11, 1, 'time exceeded'],
  ['parameter problem', 12, 0, 'parameter problem'],
  ['missing option', 12, 1, 'parameter problem'],
];

describe('ICMP (RFC 9293 section 3.9.2.2)', () => {
  test('[MUST-54] an error reaches the connection whose segment it quotes, and no other', () => {
    const peer = sending();
    const told: string[] = [];
    const first = peer.connection;
    first.handler = Object.assign(new Recorder(), { report: () => void told.push('first') });
    const numbers = { sequence: peer.irs + 1, remotePort: 4000 };
    Object.assign(peer, { port: 4001, seq: 0, ack: 0 });
    peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({});
    peer.connection.handler = Object.assign(new Recorder(), { report: () => void told.push('second') });
    writes(peer, 'more').expects({ data: 'more' });
    reports(peer, 3, 1, numbers).poll();
    expect(told).toEqual(['first']);
    reports(peer, 3, 1, { sequence: peer.irs + 1 }).poll();
    expect(told).toEqual(['first', 'second']);
  });

  test('[MUST-54] one about nothing of ours reaches nobody', () => {
    const peer = sending();
    const sequence = peer.irs + 1;
    for (const blamed of [
      { sequence, remotePort: 4999 }, { sequence, localPort: 81 }, { sequence, destination: PEER + 1 }, { sequence, source: PEER },
      // Numbers that are not on their way: below, above, far off.
      { sequence: sequence - 1 }, { sequence: sequence + 4 }, { sequence: sequence + 0x7fffffff },
    ]) {
      reports(peer, 3, 1, blamed);
      reports(peer, 3, 3, blamed);
    }
    expect(hearsOf(peer)).toEqual([]);
    inState(peer, 'ESTABLISHED');
  });

  test('[MUST-55] source quench is dropped without a word', () => {
    const peer = sending();
    reports(peer, 4, 0, { sequence: peer.irs + 1 });
    expect(hearsOf(peer)).toEqual([]);
    inState(peer.expectsNothing(), 'ESTABLISHED');
    // Nothing was slowed down: the timeout is what it was, and so is the window of congestion.
    peer.passes(999).expectsNothing().passes(1).expects({ seq: 1, data: 'data' });
    const wide = writes(opens({ sendBuffer: 20_000 }, 536, 20_000), 20_000);
    expect(lengths(wide)).toHaveLength(4);
    reports(wide, 4, 0, { sequence: wide.irs + 1 });
    wide.sends({ ack: 537, wnd: 20_000 }, { ack: 1073, wnd: 20_000 }, { ack: 1609, wnd: 20_000 }, { ack: 2145, wnd: 20_000 });
    expect(lengths(wide)).toHaveLength(8);
  });

  test.each(SOFT)('[MUST-56, SHLD-25] %s does not end an open connection, and is told', (_name, type, code, told) => {
    const peer = sending();
    reports(peer, type, code, { sequence: peer.irs + 1 });
    expect(hearsOf(peer)).toEqual(['report: ' + told]);
    inState(peer.expectsNothing(), 'ESTABLISHED').sends({});
    writes(peer, 'on').expects({ seq: 5, data: 'on' });
  });

  test.each(SOFT)('[MUST-56, SHLD-25] %s does not end one that is being opened, and is told', (_name, type, code, told) => {
    const peer = calling();
    reports(peer, type, code, { sequence: peer.irs });
    expect(hearsOf(peer)).toEqual(['report: ' + told]);
    inState(peer.sends({ flags: 'SYN ACK' }), 'ESTABLISHED');
  });

  test.each([['protocol', 2], ['port', 3]])('[SHLD-26] an unreachable %s ends it', (_name, code) => {
    const peer = sending();
    reports(peer, 3, code, { sequence: peer.irs + 1 });
    expect(hearsOf(peer)).toEqual(['closed: unreachable']);
    peer.passes(60_000).expectsNothing();
    const opening = calling();
    reports(opening, 3, code, { sequence: opening.irs });
    expect(hearsOf(opening)).toEqual(['closed: unreachable']);
    opening.passes(60_000).expectsNothing();
  });

  test('[SHLD-26, MUST-16] a datagram too large for the way is sent again in smaller ones, and the connection lives', () => {
    const peer = listens(writes(opens({ mss: 1460, receiveBuffer: 1460, sendBuffer: 8000 }), 2000));
    expect(lengths(peer)[0]).toBe(1460);
    hearsOf(peer);
    reports(peer, 3, 4, { sequence: peer.irs + 1 }, 600);
    peer.passes(2000);
    const again = lengths(peer);
    expect(again.length).toBeGreaterThan(0);
    expect(Math.max(...again)).toBe(560);
    expect(hearsOf(peer)).toEqual([]);
    // One that claims to be about what was never sent changes nothing.
    const other = writes(opens({ mss: 1460, receiveBuffer: 1460, sendBuffer: 8000 }), 1460);
    expect(lengths(other)).toEqual([1460]);
    reports(other, 3, 4, { sequence: other.irs + 9000 }, 600).passes(2000);
    expect(Math.max(...lengths(other))).toBe(1460);
  });
});
