import { describe, expect, test } from 'vitest';
import { udpDatagram } from '../src/frames';
import { noise } from '../src/lan';
import { PEER, STACK } from '../src/peer';
import { echo, Host } from './datagrams';

const MAY_COME = 60_000;

/** The fragments of a UDP datagram to port 7 with so many octets of data. */
function fragments(octets: number, size: number): { protocol: number; payload: Uint8Array; fragment: number }[] {
  const whole = udpDatagram([PEER, STACK], 4000, 7, noise(octets));
  const pieces = [];
  for (let at = 0; at < whole.length; at += size) {
    const payload = whole.slice(at, at + size);
    pieces.push({ protocol: 17, payload, fragment: (at + size < whole.length ? 0x2000 : 0) | (at >> 3) });
  }
  return pieces;
}

function hears(host: Host, pieces: { protocol: number; payload: Uint8Array; fragment: number }[]): number[] {
  for (const piece of pieces) host.takes(piece);
  return host.heard.splice(0).map(({ data }) => data.length);
}

describe('reassembly (RFC 1122 section 3.3.2)', () => {
  test.each([[200, 64], [548, 8], [548, 256], [1000, 504]])(
    '[1122-3.2.1.4-1, 1122-3.3.2-1, 1122-3.3.2-2] a datagram of %i octets in fragments of %i is put together, in any order', (octets, size) => {
      const host = new Host({ reassembly: 1028 });
      expect(hears(host, fragments(octets, size))).toEqual([octets]);
      expect(hears(host, fragments(octets, size).reverse())).toEqual([octets]);
      const mixed = fragments(octets, size);
      expect(hears(host, [...mixed.filter((_, n) => n % 2 === 1), ...mixed.filter((_, n) => n % 2 === 0)])).toEqual([octets]);
      host.expectsSilence();
    });

  test('[1122-3.3.2-2, 1122-3.3.2-3] the length is set, to 576 octets at least', () => {
    expect(() => new Host({ reassembly: 575 })).toThrow('reassembly: 575 is not a whole number from 576');
    expect(hears(new Host({ reassembly: 576 }), fragments(548, 64))).toEqual([548]);
    expect(hears(new Host({ reassembly: 576 }), fragments(549, 64))).toEqual([]);
    expect(hears(new Host({ reassembly: 4096 }), fragments(4068, 512))).toEqual([4068]);
  });

  test.each([2, 5])('[1122-3.3.2-5, 1122-3.3.2-6] when a fragment is still missing after a minute, however many have come (%i), the sender learns it', (count) => {
    const host = new Host({ reassembly: 1028 });
    for (const [n, piece] of fragments(600, 104).slice(0, count).entries()) {
      host.takes(piece);
      host.peer.passes(n * 1000);
    }
    const since = count === 2 ? 1000 : 10_000;
    host.peer.passes(MAY_COME - since - 1);
    host.expectsSilence();
    host.peer.passes(1);
    const [report] = host.sent();
    expect([report!.destination, report!.protocol, report!.payload[0], report!.payload[1]]).toEqual([PEER, 1, 11, 1]);
    expect(hears(host, fragments(600, 104).slice(count))).toEqual([]);
  });

  test('[1122-3.3.2-5] not when the first is missing: nothing would tell the sender what it is about', () => {
    const host = new Host({ reassembly: 1028 });
    hears(host, fragments(600, 104).slice(1));
    host.peer.passes(2 * MAY_COME);
    host.expectsSilence();
  });

  test('[1122-3.2.2-9] no error about a fragment that is not the first', () => {
    const host = new Host({ reassembly: 1028 });
    const unknown = (fragment: number) => host.takes({ protocol: 99, payload: noise(16), fragment });
    unknown(2).peer.passes(2 * MAY_COME);
    host.expectsSilence();
    // A datagram that is no fragment is reported, and so is one that was put together.
    expect(unknown(0).sent()).toMatchObject([{ protocol: 1 }]);
    unknown(0x2000);
    unknown(2);
    const [report] = host.sent();
    expect([report!.payload[0], report!.payload[1]]).toEqual([3, 2]);
  });

  test('[1122-3.2.1.4-1] an echo request in fragments is answered', () => {
    const host = new Host({ reassembly: 1028 });
    const { payload } = echo(noise(500));
    host.takes({ protocol: 1, payload: payload.slice(0, 256), fragment: 0x2000 });
    host.takes({ protocol: 1, payload: payload.slice(256), fragment: 32 });
    const [answer] = host.sent();
    expect(answer!.payload.slice(8)).toEqual(noise(500));
  });
});
