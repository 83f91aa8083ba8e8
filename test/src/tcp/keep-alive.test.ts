import { describe, expect, test } from 'vitest';
import { Bit } from '../../../src/tcp/control-block';
import { established, synReceived } from './states';

const HOURS = 3_600_000;

/** Off at first; then with the RFC's times, or others. */
function keptAlive(idle = 2 * HOURS, interval = 75_000, probes = 10) {
  const peer = established();
  peer.connection.setKeepAlive(true, idle, interval, probes);
  return peer;
}

describe('keep-alive (RFC 9293 section 3.8.4)', () => {
  test('is off unless it was asked for (MUST-25)', () => {
    established().passes(24 * HOURS).expectsNothing();
  });

  test('probes after two hours with a segment that was acknowledged already, and goes on when it is answered', () => {
    const peer = keptAlive().passes(2 * HOURS - 1).expectsNothing();
    peer.passes(1).expects({ seq: 0, ack: 1, flags: 'ACK', data: '' });
    peer.sends({});
    peer.passes(2 * HOURS - 1000).expectsNothing().passes(1000).expects({ seq: 0 });
    expect(peer.connection.stateName).toBe('ESTABLISHED');
  });

  test('any segment of the peer\'s begins the wait anew (MUST-26)', () => {
    const peer = keptAlive().passes(HOURS).sends({ data: 'x' });
    peer.hearsAll();
    peer.passes(HOURS).hearsAll();
    peer.passes(HOURS - 1000).expectsNothing().passes(1000).expects({ seq: 0 });
  });

  test('gives up after ten unanswered probes 75 seconds apart, and says so', () => {
    const peer = keptAlive().passes(2 * HOURS);
    for (let probe = 1; probe <= 10; probe++) {
      peer.expects({ seq: 0, flags: 'ACK' });
      if (probe < 10) peer.passes(75_000);
    }
    peer.passes(74_999).expectsNothing();
    expect(peer.app.events).not.toContain('closed: timed out');
    peer.passes(1);
    expect(peer.hearsAll().map(({ flags }) => flags)).toEqual(['RST ACK']);
    expect(peer.app.events.at(-1)).toBe('closed: timed out');
    expect(peer.stack.tcp.counters.keepAliveProbes).toBe(10);
  });

  test('times and count are the connection\'s own (MUST-27), and it can be switched off again (MUST-24)', () => {
    const peer = keptAlive(1000, 100, 2).passes(1000).expects({ seq: 0 });
    peer.passes(100).expects({ seq: 0 });
    peer.connection.setKeepAlive(false, 1000, 100, 2);
    peer.passes(HOURS).expectsNothing();
  });

  test('does not probe while data is on its way: retransmission asks already (MUST-26)', () => {
    const peer = keptAlive(5000, 1000, 2);
    peer.connection.write(Buffer.from('abc'), 0, 3);
    peer.expects({ seq: 1, data: 'abc' }).passes(20_000);
    for (const heard of peer.hearsAll()) expect(heard.seq).toBe(1);
    peer.sends({});
    expect(peer.stack.tcp.counters.keepAliveProbes).toBe(0);
  });

  test('asked for before the connection is established, it starts then', () => {
    const peer = synReceived();
    const c = peer.stack.tcp.connections.find(({ stateName }) => stateName === 'SYN-RECEIVED')!;
    c.setKeepAlive(true, 1000, 100, 2);
    peer.passes(500).sends({}).passes(999).expectsNothing().passes(1).expects({ seq: 0 });
  });

  test('the next connection of the slot starts without it', () => {
    const peer = keptAlive(1000, 100, 2);
    const c = peer.connection;
    c.abort();
    peer.hearsAll();
    expect(c.stateName).toBe('CLOSED');
    expect([c.bits & Bit.keepAlive, c.keepAliveIdle, c.keepAliveInterval, c.limits >> 16]).toEqual([0, 7_200_000, 75_000, 10]);
  });

  test.each([
    ['idle', 0, 1, 1],
    ['interval', 1, 1.5, 1],
    ['probes', 1, 1, NaN],
  ])('a wrong %s is named at once, and nothing changes', (name, idle, interval, probes) => {
    const peer = established();
    expect(() => peer.connection.setKeepAlive(true, idle, interval, probes)).toThrow(`setKeepAlive: ${name} `);
    expect(peer.connection.bits & Bit.keepAlive).toBe(0);
  });

  test('with the longest times there are leaves the stack its own: it looks at the link every second', () => {
    const peer = established();
    peer.connection.setKeepAlive(true, 0x3fffffff, 0x3fffffff, 3);
    expect(peer.stack.poll(peer.now + 500 | 0)).toBeLessThanOrEqual(1000);
    expect(() => peer.connection.setKeepAlive(true, 0x40000000, 1000, 3)).toThrow('setKeepAlive: idle ');
    expect(() => peer.connection.setKeepAlive(true, 1000, 0x40000000, 3)).toThrow('setKeepAlive: interval ');
  });
});
