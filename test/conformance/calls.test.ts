import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/ip/address';
import { PEER, STACK } from '../src/peer';
import type { Peer } from '../src/peer';
import { established, inState, listening, synSent } from '../src/tcp/states';
import { asks, hearsOf, listens, opensFully, received, writes } from './dialogue';
import { datagramOf, overhears, reports, takes } from './raw';

const NETMASK = parseAddress('255.255.255.0');
const OTHER = parseAddress('10.0.0.7');

/** The stack moves to another address; the peer knows it there. */
function moves(peer: Peer): Peer {
  peer.stack.setAddress(OTHER, NETMASK, 0, peer.now);
  peer.arrives(peer.arpRequest(OTHER));
  peer.mac.outbox.length = 0;
  return peer;
}

describe('the local address (RFC 9293 section 3.9.1.1)', () => {
  test('[MUST-43] a passive open can name it: a SYN to another one finds nobody', () => {
    const peer = listening();
    peer.stack.listen(81, peer.app, { localAddress: STACK });
    const knocks = (port: number, destination: number) => {
      peer.port++;
      peer.stackPort = port;
      peer.arrives(datagramOf(peer, { seq: 0, flags: 'SYN' }, { destination }));
      return takes(peer).map(({ flags, source }) => [flags, source]);
    };
    expect([knocks(80, STACK), knocks(81, STACK)]).toEqual([[['SYN ACK', STACK]], [['SYN ACK', STACK]]]);
    moves(peer);
    expect([knocks(80, OTHER), knocks(81, OTHER)]).toEqual([[['SYN ACK', OTHER]], [['RST ACK', OTHER]]]);
  });

  test('[MUST-43] an active open can name it, and only ours will do', () => {
    const peer = asks({}, { localAddress: STACK });
    expect(takes(peer)).toMatchObject([{ source: STACK, flags: 'SYN' }]);
    for (const localAddress of [OTHER, -1, 0.5]) {
      expect(() => peer.stack.connect(PEER, 80, peer.app, { localAddress })).toThrow(/^connect: /);
    }
    peer.passes(100).expectsNothing();
  });

  test('[MUST-44] an active open that names none has the one that IP uses then', () => {
    const peer = asks();
    expect(takes(peer)).toMatchObject([{ source: STACK, flags: 'SYN' }]);
    moves(peer).stack.connect(PEER, 80, peer.app);
    expect(takes(peer).at(-1)).toMatchObject({ source: OTHER, flags: 'SYN', destinationPort: 80 });
  });

  test('[MUST-45] from its first segment on a connection says nothing from any other address', () => {
    for (const peer of [synSent(), established(), writes(established(), 'on its way')]) {
      takes(peer);
      moves(peer).passes(200_000);
      for (const { source, destinationPort } of takes(peer)) {
        expect([source, destinationPort]).toEqual([STACK, peer.port]);
      }
    }
  });

  test('[MUST-45] a passive open answers from the address that was called', () => {
    const peer = listening().sends({ flags: 'SYN' });
    expect(overhears(peer)).toMatchObject([{ source: STACK, destination: PEER }]);
    peer.expects({ flags: 'SYN ACK' }).sends({ data: 'hello' }).passes(500);
    expect(takes(peer)).toMatchObject([{ source: STACK }]);
  });
});

describe('reports (RFC 9293 section 3.9.1.8)', () => {
  test('[MUST-47] what does not end a connection is told, with what it was', () => {
    const peer = listens(writes(established(), 'data')).expects({ data: 'data' });
    hearsOf(peer);
    reports(peer, 3, 1, { sequence: peer.irs + 1 });
    expect(hearsOf(peer)).toEqual(['report: unreachable']);
    peer.passes(20_000);
    expect(hearsOf(peer)).toEqual(['report: retransmitting']);
    inState(peer, 'ESTABLISHED');
  });

  test('[SHLD-20] a handler without `report` is not bothered', () => {
    const peer = writes(established(), 'data').expects({ data: 'data' });
    hearsOf(peer);
    reports(peer, 3, 1, { sequence: peer.irs + 1 }).passes(20_000);
    expect(hearsOf(peer)).toEqual([]);
    inState(peer, 'ESTABLISHED');
    // It can be taken on and off while the connection is open.
    listens(peer);
    reports(peer, 11, 0, { sequence: peer.irs + 1 });
    expect(hearsOf(peer)).toEqual(['report: time exceeded']);
    Object.assign(peer.app, { report: undefined });
    reports(peer, 11, 0, { sequence: peer.irs + 1 });
    expect(hearsOf(peer)).toEqual([]);
  });
});

describe('Differentiated Services and time to live (RFC 9293 sections 3.9.1.9 and 3.9.2)', () => {
  /** Everything that a connection says which asked for code point `dscp` and this time to live, its end included. */
  function spoken(dscp: number, timeToLive: number): { dscp: number; ttl: number; flags: string }[] {
    const peer = asks();
    takes(peer);
    peer.connection.setService(dscp, timeToLive);
    const said = takes(peer.passes(1000));
    peer.sends({ flags: 'SYN ACK' });
    writes(peer, 500).passes(1000);
    peer.sends({ data: 'x', seq: 50 }, { ack: 501 });
    peer.connection.end();
    said.push(...takes(peer));
    peer.connection.abort();
    return [...said, ...takes(peer)];
  }

  test('[MUST-48, SHLD-22] the field is the application\'s to set, on every segment, as it was set', () => {
    for (const dscp of [0, 1, 10, 46, 63]) {
      const said = spoken(dscp, 64);
      expect(said.length).toBeGreaterThan(5);
      expect(said.map((segment) => segment.dscp)).toEqual(said.map(() => dscp));
      expect(new Set(said.map(({ flags }) => flags.replace('PSH ', '')))).toEqual(new Set(['SYN', 'ACK', 'FIN ACK', 'RST ACK']));
    }
  });

  test('[MUST-49] so is the time to live, which is 64 otherwise', () => {
    for (const ttl of [1, 32, 255]) expect(new Set(spoken(0, ttl).map((segment) => segment.ttl))).toEqual(new Set([ttl]));
    expect(takes(asks())).toMatchObject([{ ttl: 64, dscp: 0 }]);
  });

  test('[MUST-48, MUST-49] each connection has its own', () => {
    const peer = established();
    const first = peer.connection;
    first.setService(46, 3);
    Object.assign(peer, { port: 4001, seq: 0, ack: 0 });
    peer.sends({ flags: 'SYN' });
    expect(takes(peer)).toMatchObject([{ dscp: 0, ttl: 64 }]);
    first.write(Buffer.from('x'), 0, 1);
    expect(takes(peer)).toMatchObject([{ dscp: 46, ttl: 3, destinationPort: 4000 }]);
  });

  test.each([[64, 64], [-1, 64], [0, 0], [0, 256], [1.5, 64], [0, NaN]])(
    '[MUST-48, MUST-49] code point %s and time to live %s are refused with an error', (dscp, timeToLive) => {
      const peer = established();
      expect(() => peer.connection.setService(dscp, timeToLive)).toThrow(/^setService: /);
      expect(takes(writes(peer, 'x'))).toMatchObject([{ dscp: 0, ttl: 64 }]);
    });

  test('[SHLD-21] the field can be changed while the connection is open, with what is sent again too', () => {
    const peer = writes(established(), 'x');
    expect(takes(peer)).toMatchObject([{ dscp: 0 }]);
    peer.connection.setService(10, 64);
    expect(takes(peer.passes(1000))).toMatchObject([{ dscp: 10 }]);
    peer.connection.setService(12, 64);
    expect(takes(peer.passes(2000))).toMatchObject([{ dscp: 12 }]);
  });

  test('[SHLD-23] nothing but that call changes it, whatever the peer\'s segments carry', () => {
    const peer = established();
    peer.connection.setService(34, 64);
    const frame = peer.frameOf({ data: 'marked' });
    // Another code point than ours, and a header checksum that goes with it.
    frame[15] = 8 << 2;
    frame[25]! -= 8 << 2;
    if (frame[25]! > 255 - (8 << 2)) frame[24]! -= 1;
    peer.arrives(frame).passes(500);
    expect(received(peer)).toBe('marked');
    writes(peer, 'answer').passes(5000);
    for (const { dscp } of takes(peer)) expect(dscp).toBe(34);
  });

  test('[SHLD-13, SHLD-23] what is flashed with the stack uses neither urgent data nor another field on the way', () => {
    const boards = join(__dirname, '../../boards');
    const files = readdirSync(boards, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(ts|js|mjs)$/.test(name));
    expect(files.length).toBeGreaterThan(5);
    for (const name of files) expect(readFileSync(join(boards, name), 'utf8'), name).not.toMatch(/\.(writeUrgent|setService)\(/);
  });

  test('[SHLD-22] acknowledgments without data carry it as well, and so do options', () => {
    const peer = opensFully();
    takes(peer);
    peer.connection.setService(46, 64);
    writes(peer, 'x');
    expect(takes(peer)).toMatchObject([{ dscp: 46, data: Uint8Array.from(Buffer.from('x')) }]);
  });
});
