import { describe, expect, test } from 'vitest';
import type { Peer } from '../src/peer';
import { closeWait, established, finWait2, inState } from '../src/tcp/states';
import { hearsOf, HOUR, times, writes } from './dialogue';
import { takes } from './raw';

/** A connection whose keep-alive was asked for: RFC 9293's times unless others are given. */
function keptAlive(idle = 2 * HOUR, interval = Math.min(idle, 75_000), probes = 10, peer = established()): Peer {
  peer.connection.setKeepAlive(true, idle, interval, probes);
  return peer;
}

describe('keep-alive (RFC 9293 section 3.8.4)', () => {
  test('[MUST-25] is off until it is asked for', () => {
    inState(established().passes(30 * HOUR).expectsNothing(), 'ESTABLISHED');
  });

  test('[MAY-5, MUST-24] asks an idle peer when it is on, and stops when it is switched off', () => {
    const peer = keptAlive(10_000).passes(10_000).expects({ flags: 'ACK' }).sends({}).passes(10_000).expects({ flags: 'ACK' }).sends({});
    peer.connection.setKeepAlive(false, 10_000, 1000, 3);
    peer.passes(10 * HOUR).expectsNothing();
    keptAlive(5000, 1000, 2, peer).passes(5000).expects({ flags: 'ACK' });
  });

  test('[MUST-24] is each connection\'s own', () => {
    const peer = keptAlive(1000);
    Object.assign(peer, { port: 4001, seq: 0, ack: 0 });
    peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({});
    expect(new Set(takes(peer.passes(5000)).map(({ destinationPort }) => destinationPort))).toEqual(new Set([4000]));
  });

  test('[MUST-26] goes out only when nothing was heard for the whole interval', () => {
    const peer = keptAlive(10_000);
    // Data, an ACK, a keep-alive of the peer's, a SYN that does not belong: the peer is there.
    for (const sign of [{ data: 'x' }, {}, { seq: 1 }, { flags: 'SYN', seq: 9 }]) {
      peer.passes(9000).sends(sign).passes(900);
      for (const { seq } of peer.hearsAll()) expect(seq, 'a keep-alive').not.toBe(0);
    }
    peer.passes(9090).expectsNothing().passes(10).expects({ flags: 'ACK' });
  });

  test('[MUST-26] not while anything of ours is unacknowledged, nor while a window is being probed', () => {
    const peer = writes(keptAlive(5000, 1000, 3), 'data').expects({ seq: 1, data: 'data' });
    for (const heard of peer.passes(60_000).hearsAll()) expect(heard).toMatchObject({ seq: 1, data: 'data' });
    const closed = writes(keptAlive(5000, 1000, 3).sends({ wnd: 0 }), 'data').passes(20_000);
    const seen = closed.hearsAll();
    expect(seen.length).toBeGreaterThan(0);
    for (const heard of seen) expect(heard).toMatchObject({ seq: 1, data: 'd' });
  });

  test('[MUST-27] waits for as long as the application says', () => {
    for (const idle of [1000, 60_000, 5 * HOUR]) {
      keptAlive(idle).passes(idle - 10).expectsNothing().passes(10).expects({ flags: 'ACK' });
    }
  });

  test('[MUST-28] waits two hours unless it was set', () => {
    const peer = established();
    // Switched on without a call that names times: the connection's own.
    const { keepAliveIdle, keepAliveInterval } = peer.connection;
    expect(keepAliveIdle).toBeGreaterThanOrEqual(2 * HOUR);
    keptAlive(keepAliveIdle, keepAliveInterval, 10, peer);
    peer.passes(2 * HOUR - 10).expectsNothing();
    expect(times(peer, 1000, ({ flags }) => flags === 'ACK')).toHaveLength(1);
  });

  test('[MUST-29] one probe or several may be lost', () => {
    const peer = keptAlive(10_000, 1000, 5).passes(10_000);
    peer.passes(3500);
    expect(peer.hearsAll()).toHaveLength(4);
    inState(peer.sends({}), 'ESTABLISHED');
    peer.passes(9900).expectsNothing().passes(100).expects({ flags: 'ACK' });
    expect(hearsOf(peer)).toEqual(['opened']);
    // With nobody there, all of them are sent before the peer counts as gone.
    peer.passes(3990);
    expect(peer.hearsAll()).toHaveLength(3);
    peer.passes(1100);
    expect(hearsOf(peer)).toEqual(['closed: timed out']);
  });

  test('[MUST-29] the last probe has its answer waited for too', () => {
    const peer = keptAlive(10_000, 1000, 1).passes(10_000).expects({ flags: 'ACK' }).passes(990);
    inState(peer.sends({}), 'ESTABLISHED');
  });

  test('[SHLD-12] carries no data, and a number that the peer has acknowledged', () => {
    keptAlive(1000).passes(1000).expects({ seq: 0, ack: 1, flags: 'ACK', data: '' });
    const later = writes(keptAlive(1000), 'abc').expects({ data: 'abc' }).sends({}).passes(1000).expects({ seq: 3, data: '', flags: 'ACK' });
    later.sends({ data: 'x' }).passes(1000).expects({ ack: 2 }, { seq: 3, ack: 2, data: '' });
  });

  test('[MAY-5] also on a connection that is half closed, either way', () => {
    keptAlive(1000, 1000, 3, closeWait()).passes(1000).expects({ seq: 0, ack: 2, flags: 'ACK' });
    keptAlive(1000, 1000, 3, finWait2()).passes(1000).expects({ seq: 1, ack: 1, flags: 'ACK' });
  });
});
