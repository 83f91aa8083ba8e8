import { describe, expect, test } from 'vitest';
import { Bit } from '../../../src/tcp/control-block';
import { FULL, noise } from '../lan';
import { mssOption } from '../peer';
import type { Heard, Peer } from '../peer';
import { established, inState, listening } from './states';

const PERMITTED = [4, 2, 1, 1];
const ON = { sack: true };

/** A conversation in which both sides have said that they take SACK, 50 ms apart. */
function selective(options = {}): Peer {
  const peer = listening({ ...ON, ...options }).sends({ flags: 'SYN', options: [...mssOption(1460), ...PERMITTED] });
  expect(peer.hears()!.options).toEqual([...mssOption(536), 1, 1, 4, 2]);
  return inState(peer.passes(50).sends({}), 'ESTABLISHED');
}

const octets = (value: number) => [(value >> 24) & 255, (value >> 16) & 255, (value >> 8) & 255, value & 255];

/** A SACK option about our own numbers, as the stack would see them. */
function sack(peer: Peer, ...edges: number[]): number[] {
  return [1, 1, 5, 2 + edges.length * 4, ...edges.flatMap((edge) => octets((peer.irs + edge) | 0))];
}

/** The blocks of a SACK option that the stack has sent, counted from our initial number. */
function blocks(peer: Peer, heard: Heard | undefined): number[] {
  const option = Buffer.from(heard?.options ?? []);
  if (option.length < 12 || option[2] !== 5) return [];
  const edges: number[] = [];
  for (let at = 4; at < option.length; at += 4) edges.push((option.readInt32BE(at) - peer.iss) | 0);
  return edges;
}

function writes(peer: Peer, count: number): Heard[] {
  peer.connection.noDelay = true;
  peer.connection.write(noise(count), 0, count);
  return peer.hearsAll();
}

describe('selective acknowledgment (RFC 2018)', () => {
  test('is not used with a peer that does not offer it', () => {
    const peer = established(ON).sends({ seq: 101, data: 'later' });
    expect(peer.hears()!.options).toEqual([]);
  });

  test('the block of the segment that came last stands first, then the others', () => {
    const peer = selective();
    peer.sends({ seq: 101, data: 'x'.repeat(50) });
    expect(blocks(peer, peer.hears())).toEqual([101, 151]);
    peer.sends({ seq: 301, data: 'x'.repeat(50) });
    expect(blocks(peer, peer.hears())).toEqual([301, 351, 101, 151]);
    peer.sends({ seq: 151, data: 'x'.repeat(20) });
    expect(blocks(peer, peer.hears())).toEqual([101, 171, 301, 351]);
    peer.sends({ seq: 1, data: 'x'.repeat(100) });
    expect(blocks(peer, peer.hears())).toEqual([301, 351]);
  });

  test('what comes twice is said to (RFC 2883)', () => {
    const peer = selective().sends({ data: 'abc' }).passes(200);
    peer.hearsAll();
    peer.sends({ seq: 1, data: 'abc' });
    expect(blocks(peer, peer.hears())).toEqual([1, 4]);
  });

  test('only the segment that is missing is sent again, and at once when three behind it have arrived', () => {
    const peer = selective({ sendBuffer: 4288 });
    expect(writes(peer, 2144).map(({ seq }) => seq)).toEqual([1, 537, 1073, 1609]);
    peer.passes(50);
    peer.sends({ ack: 1, options: sack(peer, 537, 1073) });
    peer.sends({ ack: 1, options: sack(peer, 537, 1609) });
    peer.sends({ ack: 1, options: sack(peer, 537, 2145) });
    expect(peer.hearsAll().map(({ seq, data }) => [seq, data.length])).toEqual([[1, 536]]);
    peer.sends({ ack: 2145 });
    expect(peer.connection.bits & Bit.recovering).toBe(0);
    expect(peer.stack.tcp.counters.retransSegs).toBe(1);
  });

  test('blocks about what was never sent, or upside down, change nothing', () => {
    const peer = selective();
    writes(peer, 1072);
    peer.sends({ ack: 1, options: sack(peer, 5000, 9000) }, { ack: 1, options: sack(peer, 1073, 537) });
    peer.sends({ ack: 1, options: [1, 1, 5, 9, 0, 0, 0, 0, 0, 0, 0, 0] });
    expect(peer.connection.marked).toBe(0);
    expect(peer.connection.bits & Bit.recovering).toBe(0);
  });
});

describe('RACK-TLP (RFC 8985)', () => {
  test('two segments are enough: the second has arrived, the first has not', () => {
    const peer = selective();
    expect(writes(peer, 1072)).toHaveLength(2);
    peer.passes(40).sends({ ack: 1, options: sack(peer, 537, 1073) });
    // A quarter of the round trip for a segment that may merely be late.
    expect(peer.hearsAll()).toEqual([]);
    expect(peer.passes(12).hearsAll().map(({ seq }) => seq)).toEqual([1]);
  });

  test('when nothing comes back, the last segment goes again long before the timeout', () => {
    const peer = selective();
    writes(peer, 100);
    peer.passes(20).sends({ ack: 101 });
    expect(writes(peer, 1072).map(({ seq }) => seq)).toEqual([101, 637]);
    const start = peer.now;
    let probe: Heard | undefined;
    while (probe === undefined && peer.now - start < 2000) probe = peer.passes(1).hears();
    expect(probe).toMatchObject({ seq: 637 });
    expect(peer.now - start).toBeLessThan(200);
    expect(peer.stack.tcp.counters.tailLossProbes).toBe(1);
  });
});

describe('timestamps (RFC 7323)', () => {
  const stamp = (value: number, echo = 0) => [1, 1, 8, 10, ...octets(value), ...octets(echo)];

  function stamped(): Peer {
    const peer = listening({ timestamps: true }).sends({ flags: 'SYN', options: [...mssOption(1460), ...stamp(1000)] });
    const answer = Buffer.from(peer.hears()!.options);
    expect(answer.readInt32BE(answer.length - 4)).toBe(1000);
    return inState(peer.sends({ options: stamp(1001) }), 'ESTABLISHED');
  }

  test('each segment echoes the time of the first that it acknowledges', () => {
    const peer = stamped().sends({ data: 'a', options: stamp(1005) }, { data: 'b', options: stamp(1009) });
    const heard = Buffer.from(peer.hears()!.options);
    expect(heard.readInt32BE(8)).toBe(1005);
  });

  test('a segment from before is dropped and answered, one without the option is dropped', () => {
    const peer = stamped().sends({ data: 'a', options: stamp(2000) }).passes(200);
    peer.hearsAll();
    peer.sends({ data: 'b', options: stamp(1500) });
    expect(peer.hears()).toMatchObject({ ack: 2 });
    peer.sends({ seq: 2, data: 'b' }).expectsNothing();
    expect(peer.stack.tcp.counters.pawsRejected).toBe(2);
    expect(peer.app.received).toHaveLength(1);
  });

  test('a segment of data is so much shorter', () => {
    const peer = stamped();
    peer.connection.write(noise(600), 0, 600);
    expect(peer.hears()!.data).toHaveLength(524);
  });
});

describe('window scale (RFC 7323)', () => {
  test('both sides scale or none does; the window of a SYN is as it is', () => {
    const big = { ...FULL, timestamps: false, receiveBuffer: 200_000 };
    const plain = listening(big).sends({ flags: 'SYN', options: mssOption(1460) });
    expect(plain.hears()!.options).toEqual(mssOption(536));
    const peer = listening(big).sends({ flags: 'SYN', options: [...mssOption(1460), 3, 3, 7, 0] });
    expect(peer.hears()).toMatchObject({ wnd: 65535, options: [...mssOption(536), 1, 3, 3, 2] });
    inState(peer.sends({ wnd: 100 }), 'ESTABLISHED');
    expect(peer.connection.sndWnd).toBe(100 << 7);
    peer.sends({ data: 'x' }).passes(200);
    expect(peer.hears()!.wnd).toBe(199_999 >> 2);
  });
});

describe('SYN cookies (RFC 4987)', () => {
  test('a connection that was only a cookie is as any other, options included', () => {
    const peer = listening({ ...FULL, timestamps: true });
    const stamps = (value: number, echo: number) => [1, 1, 8, 10, ...octets(value), ...octets(echo)];
    for (let port = 5000; port < 5004; port++) Object.assign(peer, { port, seq: 0 }).sends({ flags: 'SYN' });
    peer.hearsAll();
    Object.assign(peer, { port: 6000, seq: 0, ack: 0 });
    peer.sends({ flags: 'SYN', options: [...mssOption(1000), 1, 3, 3, 5, ...PERMITTED, ...stamps(7, 0)] });
    const answer = peer.hears()!;
    const irs = peer.irs;
    expect(answer.flags).toBe('SYN ACK');
    expect(peer.stack.tcp.counters.cookiesSent).toBe(1);
    expect(peer.stack.tcp.connections.every(({ remotePort }) => remotePort !== 6000)).toBe(true);
    // The oldest of the four is asked again, and makes room.
    peer.passes(1100).hearsAll();
    Object.assign(peer, { irs });
    const ours = Buffer.from(answer.options).readInt32BE(answer.options.length - 8);
    peer.sends({ seq: 1, ack: 1, wnd: 10, data: 'hello', options: stamps(8, ours) });
    const c = peer.connection;
    expect(c.stateName).toBe('ESTABLISHED');
    expect(Buffer.from(peer.app.received).toString()).toBe('hello');
    expect([c.sendMss, c.sndWnd]).toEqual([524, 320]);
    for (const option of [Bit.sack, Bit.windowScale, Bit.timestamps]) expect(c.bits & option).toBe(option);
    expect(peer.stack.tcp.counters.cookiesAccepted).toBe(1);
  });

  test('an acknowledgment of none is refused', () => {
    const peer = listening(FULL);
    for (let port = 5000; port < 5005; port++) Object.assign(peer, { port, seq: 0 }).sends({ flags: 'SYN' });
    peer.hearsAll();
    Object.assign(peer, { port: 7000 });
    peer.sends({ seq: 1, ack: 12345 }).expects({ flags: 'RST' });
  });

  test('a peer whose cookie finds no slot yet is not reset, whatever it sends', () => {
    const peer = listening(FULL);
    for (let port = 5000; port < 5004; port++) Object.assign(peer, { port, seq: 0 }).sends({ flags: 'SYN' });
    peer.hearsAll();
    Object.assign(peer, { port: 6000, seq: 0, ack: 0 });
    peer.sends({ flags: 'SYN', options: mssOption(1000) }).expects({ flags: 'SYN ACK' });
    const irs = peer.irs;
    peer.sends({ seq: 1, ack: 1, data: 'first' }, { seq: 6, ack: 1, data: 'second' }, { seq: 12, ack: 1, flags: 'FIN ACK' }).expectsNothing();
    peer.passes(1100).hearsAll();
    Object.assign(peer, { irs });
    peer.sends({ seq: 1, ack: 1, data: 'first' }, { seq: 6, ack: 1, data: 'second' });
    expect(Buffer.from(peer.app.received).toString()).toBe('firstsecond');
  });
});
