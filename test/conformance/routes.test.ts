import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/ip/address';
import { word } from '../src/frames';
import { SIZES } from '../src/lan';
import { mssOption, Peer, PEER, PEER_HARDWARE, STACK } from '../src/peer';
import { established } from '../src/tcp/states';
import { received, writes } from './dialogue';
import { datagramOf, takes } from './raw';

/** A host on another network, and routers between it and ours; the peer is the one on our wire. */
const FAR = parseAddress('10.9.0.5');
const ROUTER = parseAddress('10.8.0.1');
const DETOUR = parseAddress('10.7.0.1');

const ROUTED = { ...SIZES, sourceRoute: true };
const LOOSE = 131;
const STRICT = 137;

/** A source route that still has all its way to go, as section 3.1 of RFC 791 has it, after one no-operation. */
function route(addresses: number[], kind = LOOSE): number[] {
  const length = 3 + 4 * addresses.length;
  return [1, kind, length, 4, ...addresses.flatMap(word)];
}

/** One that has come to its end. */
function travelled(addresses: number[], kind = LOOSE): number[] {
  const option = route(addresses, kind);
  option[3] = option[2]! + 1;
  return option;
}

/** A SYN from afar over these routers, then what a template says of the next segments over others. */
function called(options: number[], profile = ROUTED): Peer {
  const peer = new Peer(profile);
  peer.stack.listen(80, peer.app);
  return peer.arrives(datagramOf(peer, { seq: 0, flags: 'SYN', options: mssOption(536) }, { source: FAR, options }));
}

/** What the stack says to the host afar; sequence numbers as they are on the wire. */
function said(peer: Peer, last = FAR) {
  return takes(peer, last);
}

describe('options of IP (RFC 9293 section 3.9.2)', () => {
  test.each([
    ['router alert', [148, 4, 0, 0]],
    ['security', [130, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
    ['timestamps', [68, 12, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['a recorded route', [7, 7, 8, 10, 0, 0, 9, 0]],
    ['one that nobody knows', [222, 6, 1, 2, 3, 4, 1, 1]],
  ])('[MUST-50] passed over: %s', (_name, options) => {
    for (const profile of [SIZES, ROUTED]) {
      const peer = established(profile);
      peer.arrives(datagramOf(peer, { seq: 1, data: 'hello' }, { options })).passes(500);
      expect(received(peer)).toBe('hello');
      expect(takes(peer)).toMatchObject([{ ack: (peer.iss + 6) | 0, ipOptions: [] }]);
    }
  });
});

describe('source routes (RFC 9293 section 3.9.2.1)', () => {
  test('[MUST-51] an active open can name one, which every segment takes', () => {
    const peer = new Peer(ROUTED);
    peer.app.connection = peer.stack.connect(FAR, 80, peer.app, { sourceRoute: [PEER, ROUTER] });
    Object.assign(peer, { port: 80, stackPort: peer.connection.localPort });
    const first = said(peer);
    expect(first).toMatchObject([{
      flags: 'SYN', source: STACK, destination: PEER, ipOptions: route([ROUTER, FAR]), hardware: Array.from(PEER_HARDWARE),
    }]);
    expect(said(peer.passes(1000))).toMatchObject([{ flags: 'SYN', destination: PEER, ipOptions: route([ROUTER, FAR]) }]);
    peer.arrives(datagramOf(peer, { seq: 0, ack: 1, flags: 'SYN ACK', options: mssOption(536) }, { source: FAR }));
    peer.connection.write(Buffer.from('far away'), 0, 8);
    peer.poll();
    peer.connection.abort();
    const rest = said(peer);
    expect(rest.map(({ flags }) => flags.replace('PSH ', ''))).toEqual(['ACK', 'ACK', 'RST ACK']);
    for (const segment of rest) expect(segment).toMatchObject({ destination: PEER, ipOptions: route([ROUTER, FAR]) });
  });

  test('[MUST-51] over one router the route holds nothing but the destination', () => {
    const peer = new Peer(ROUTED);
    peer.stack.connect(FAR, 80, peer.app, { sourceRoute: [PEER] });
    expect(said(peer)).toMatchObject([{ flags: 'SYN', destination: PEER, ipOptions: route([FAR]) }]);
  });

  test('[MUST-51] what is no route of hosts is refused with an error', () => {
    const peer = new Peer(ROUTED);
    for (const sourceRoute of [[0], [-1], [PEER, 0xe0000001 | 0], [1.5], Array.from({ length: 10 }, () => PEER)]) {
      expect(() => peer.stack.connect(FAR, 80, peer.app, { sourceRoute }), String(sourceRoute)).toThrow(/^connect: /);
    }
    peer.passes(1000).expectsNothing();
  });

  test('[MUST-16] the options of IP take their room from the data', () => {
    const peer = new Peer(ROUTED);
    peer.app.connection = peer.stack.connect(FAR, 80, peer.app, { sourceRoute: [PEER, ROUTER] });
    Object.assign(peer, { port: 80, stackPort: peer.connection.localPort });
    said(peer);
    peer.arrives(datagramOf(peer, { seq: 0, ack: 1, flags: 'SYN ACK', options: mssOption(1460) }, { source: FAR }));
    peer.connection.write(new Uint8Array(2000), 0, 2000);
    const sizes = said(peer).map(({ data }) => data.length);
    expect(Math.max(...sizes)).toBe(536 - 12);
  });

  test('[MUST-52] the route of the application goes before one that arrives', () => {
    const peer = new Peer(ROUTED);
    peer.app.connection = peer.stack.connect(FAR, 80, peer.app, { sourceRoute: [PEER] });
    Object.assign(peer, { port: 80, stackPort: peer.connection.localPort });
    said(peer);
    const ip = { source: FAR, options: travelled([DETOUR, PEER]) };
    peer.arrives(datagramOf(peer, { seq: 0, ack: 1, flags: 'SYN ACK' }, ip));
    expect(said(peer)).toMatchObject([{ flags: 'ACK', destination: PEER, ipOptions: route([FAR]) }]);
    peer.arrives(datagramOf(peer, { seq: 1, ack: 1, data: 'data' }, ip)).passes(500);
    expect(said(peer)).toMatchObject([{ flags: 'ACK', destination: PEER, ipOptions: route([FAR]) }]);
  });

  test.each([['loose', LOOSE], ['strict', STRICT]])('[MUST-53] a passive open is answered over the %s route it came by, backwards and loosely', (_name, kind) => {
    const peer = called(travelled([ROUTER, PEER], kind));
    const back = { destination: PEER, ipOptions: route([ROUTER, FAR]), hardware: Array.from(PEER_HARDWARE) };
    expect(said(peer)).toMatchObject([{ flags: 'SYN ACK', source: STACK, ...back }]);
    // What comes without a route later goes back over the one that was kept.
    peer.arrives(datagramOf(peer, { seq: 1, ack: 1, data: 'question' }, { source: FAR }));
    expect(received(peer)).toBe('question');
    peer.connection.write(Buffer.from('answer'), 0, 6);
    peer.connection.end();
    expect(said(peer)).toMatchObject([{ data: Uint8Array.from(Buffer.from('answer')), ...back }]);
    expect(said(peer.passes(1000))).toMatchObject([back]);
  });

  test('[MUST-53] over one router only', () => {
    expect(said(called(travelled([PEER])))).toMatchObject([{ destination: PEER, ipOptions: route([FAR]) }]);
  });

  test('[MUST-53] a recorded route that begins with its own host is right all the same', () => {
    expect(said(called(travelled([FAR, ROUTER, PEER])))).toMatchObject([{ destination: PEER, ipOptions: route([ROUTER, FAR]) }]);
  });

  test('[MUST-53] a route that has not come to its end is not one to go back by', () => {
    const peer = new Peer(ROUTED);
    peer.stack.listen(80, peer.app);
    peer.arrives(datagramOf(peer, { seq: 0, flags: 'SYN' }, { options: route([ROUTER, FAR]) }));
    for (const { ipOptions } of takes(peer)) expect(ipOptions).toEqual([]);
  });

  test('[SHLD-24] a later route takes the place of the first', () => {
    const peer = called(travelled([ROUTER, PEER]));
    expect(said(peer)).toHaveLength(1);
    peer.arrives(datagramOf(peer, { seq: 1, ack: 1, data: 'x' }, { source: FAR, options: travelled([DETOUR, PEER]) })).passes(500);
    expect(said(peer)).toMatchObject([{ flags: 'ACK', destination: PEER, ipOptions: route([DETOUR, FAR]) }]);
  });

  test('[SHLD-24, MUST-16] but not one that is longer: segments of the size that was agreed would find no room', () => {
    const peer = called(travelled([ROUTER, PEER]));
    said(peer);
    peer.arrives(datagramOf(peer, { seq: 1, ack: 1, data: 'x' }, { source: FAR, options: travelled([ROUTER, DETOUR, PEER]) })).passes(500);
    expect(said(peer)).toMatchObject([{ destination: PEER, ipOptions: route([ROUTER, FAR]) }]);
    writes(peer, 2000);
    const [first] = said(peer);
    expect(first).toMatchObject({ ipOptions: route([ROUTER, FAR]) });
    expect(20 + first!.ipOptions.length + 20 + first!.data.length).toBeLessThanOrEqual(peer.stack.ip.mtu);
    expect(first!.data.length).toBeGreaterThan(500);
  });

  test('[MUST-53] each connection has its own, and the next in its slot has none', () => {
    const peer = called(travelled([ROUTER, PEER]), { ...ROUTED, connections: 1 });
    said(peer);
    peer.arrives(datagramOf(peer, { seq: 1, ack: 1, flags: 'RST' }, { source: FAR }));
    peer.sends({ flags: 'SYN', seq: 0 });
    expect(takes(peer)).toMatchObject([{ flags: 'SYN ACK', destination: PEER, ipOptions: [] }]);
  });
});
