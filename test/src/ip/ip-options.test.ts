import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BROADCAST } from '../../../src/ip/address';
import type { StackOptions } from '../../../src/options';
import { checksum, get16, ipPacket, readPacket } from '../frames';
import type { IpFields } from '../frames';
import { Peer, PEER, STACK } from '../peer';

const ECHO = [8, 0, 0xf7, 0xfe, 0, 0, 0, 1];
const UNREACHABLE = 3;
const PARAMETER_PROBLEM = 12;

/** What a host answers to an echo request with these options, and its counters. */
function answers(ip: Partial<IpFields>, options: Partial<StackOptions> = {}) {
  const peer = new Peer(options);
  peer.mac.outbox.length = 0;
  peer.sendsPacket({ protocol: 1, payload: ECHO, ...ip });
  const heard = peer.mac.outbox.filter((frame) => get16(frame, 12) === 0x0800).map(readPacket);
  return { heard, counters: peer.stack.ip.counters, icmp: peer.stack.icmp.counters, peer };
}

/** What an ICMP error says: type, code, pointer, and whether it repeats the datagram as it came. */
function report(ip: Partial<IpFields>) {
  const { heard, counters } = answers(ip);
  expect(counters).toMatchObject({ inOptionErrors: 1, inDelivers: 0 });
  return heard.map(({ payload, source, destination }) => {
    expect([source, destination, checksum(payload), payload[5], payload[6], payload[7]]).toEqual([STACK, PEER, 0, 0, 0, 0]);
    const datagram = ipPacket({ source: PEER, destination: STACK, protocol: 1, payload: ECHO, ...ip });
    expect(payload.slice(8)).toEqual(datagram.slice(0, payload.length - 8));
    expect(payload.length).toBe(8 + (datagram[0]! & 15) * 4 + 8);
    return [payload[0], payload[1], payload[4]];
  });
}

describe('options whose lengths make no sense', () => {
  test.each<[string, number[], number]>([
    ['a length of zero', [222, 0, 0, 0], 20],
    ['a length of one', [222, 1, 0, 0], 20],
    ['a length beyond the header', [222, 5, 0, 0], 20],
    ['a length beyond every header', [222, 255, 0, 0], 20],
    ['no length, at the end of the header', [1, 1, 1, 7], 23],
    ['a source route of no length', [131, 0, 0, 0], 20],
    ['a source route that is cut off', [1, 1, 131, 11], 22],
    ['the third of several', [148, 4, 0, 0, 1, 1, 68, 12], 26],
  ])('%s: the sender is told which one', (_name, options, pointer) => {
    expect(report({ options })).toEqual([[PARAMETER_PROBLEM, 0, pointer]]);
  });

  test.each<[string, Partial<IpFields>]>([
    ['a datagram to everybody', { destination: BROADCAST }],
    ['an ICMP error', { payload: [3, 1, 0xfc, 0xfe, 0, 0, 0, 0] }],
    ['an echo reply', { payload: [0, 0, 0xff, 0xfe, 0, 0, 0, 1] }],
  ])('nobody is told of %s', (_name, ip) => {
    expect(report({ options: [222, 0, 0, 0], ...ip })).toEqual([]);
  });

  test('nor of a fragment, whose options are left behind', () => {
    const { heard, counters } = answers({ options: [222, 0, 0, 0], fragment: 0x2000 }, { reassembly: 600 });
    expect(heard).toEqual([]);
    expect(counters).toMatchObject({ inFragments: 1, inOptionErrors: 0 });
  });

  test('ten in a second are told, the others counted', () => {
    const { peer } = answers({});
    for (let n = 0; n < 25; n++) peer.sendsPacket({ protocol: 1, payload: ECHO, options: [222, 0, 0, 0] });
    expect(peer.stack.icmp.counters).toMatchObject({ outReports: 10, outLimited: 15, outEchoReps: 1 });
    peer.passes(1000).sendsPacket({ protocol: 1, payload: ECHO, options: [222, 0, 0, 0] });
    expect(peer.stack.icmp.counters.outReports).toBe(11);
  });
});

describe('options that make sense go back with an echo as they came', () => {
  test.each<[string, number[]]>([
    ['router alert', [148, 4, 0, 0]],
    ['an end, whatever is behind it', [0, 222, 0, 9]],
    ['a recorded route with room left', [7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['timestamps', [68, 12, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['one that nobody knows, to the last octet', [1, 222, 3, 0]],
  ])('%s', (_name, options) => {
    const { heard, counters, peer } = answers({ options });
    expect(heard).toMatchObject([{ header: 20 + options.length, payload: Uint8Array.from([0, 0, 0xff, 0xfe, 0, 0, 0, 1]) }]);
    expect(Array.from(peer.mac.outbox[0]!.slice(34, 34 + options.length))).toEqual(options);
    expect(counters.inOptionErrors).toBe(0);
  });
});

test.each([131, 137])('a source route (%i) that goes on to others ends here, and its sender is told', (kind) => {
  expect(report({ options: [kind, 7, 4, 10, 0, 0, 9, 0] })).toEqual([[UNREACHABLE, 5, 0]]);
});

test('whatever options hold, each datagram is answered once or dropped and counted', () => {
  const octets = fc.constantFrom(0, 1, 2, 3, 4, 7, 8, 68, 131, 137, 148, 255);
  const words = fc.array(fc.array(octets, { minLength: 4, maxLength: 4 }), { maxLength: 10 });
  fc.assert(fc.property(words, (options) => {
    const { heard, counters, icmp } = answers({ options: options.flat() });
    expect(heard).toHaveLength(1);
    expect([icmp.outEchoReps, icmp.outReports]).toEqual(counters.inOptionErrors === 0 ? [1, 0] : [0, 1]);
  }), { numRuns: 500 });
});

test('a checksum that is wrong is looked at first', () => {
  const { heard, counters } = answers({ options: [222, 0, 0, 0], checksum: 0x1234 });
  expect(heard).toEqual([]);
  expect(counters).toMatchObject({ inHdrErrors: 1, inOptionErrors: 0 });
});
