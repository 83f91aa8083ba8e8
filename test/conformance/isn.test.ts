import { describe, expect, test } from 'vitest';
import { seededPlatform, SIZES } from '../src/lan';
import { mssOption, Peer, STACK } from '../src/peer';
import { parseAddress } from '../../src/ip/address';
import { Stack } from '../../src/stack';
import { datagramOf, takes } from './raw';

interface Ends {
  secret?: number;
  now?: number;
  local?: string;
  remote?: string;
  localPort?: number;
  remotePort?: number;
}

/** The number with which a stack answers a SYN between these ends, at `now`, with entropy from the seed `secret`. */
function initialNumber({ secret = 1, now = 0, local = '10.0.0.1', remote = '10.0.0.9', localPort = 80, remotePort = 4000 }: Ends): number {
  const peer = new Peer({}, now);
  const address = parseAddress(local);
  const sizes = { ...SIZES, address, netmask: parseAddress('255.255.255.0'), gateway: parseAddress('10.0.0.9') };
  Object.assign(peer, { stack: new Stack(peer.mac, seededPlatform(secret), sizes), port: remotePort, stackPort: localPort });
  peer.stack.listen(localPort, peer.app);
  peer.arrives(peer.arpRequest(address));
  takes(peer);
  peer.arrives(datagramOf(peer, { seq: 0, flags: 'SYN', options: mssOption(536) }, { source: parseAddress(remote), destination: address }));
  const [answer] = takes(peer);
  expect(answer).toMatchObject({ flags: 'SYN ACK', source: address, destination: parseAddress(remote) });
  return answer!.seq;
}

/** What stands in the number beside the clock of 250 ticks a millisecond. */
function hashed(ends: Ends): number {
  return (initialNumber(ends) - (ends.now ?? 0) * 250) | 0;
}

describe('initial sequence numbers (RFC 9293 section 3.4.1)', () => {
  test('[MUST-8] move on by one every 4 microseconds, the clock wrapping in about 4.8 hours', () => {
    const first = initialNumber({});
    for (const now of [1, 2, 1000, 60_000, 3_600_000, 17_000_000, 0x7fffff00]) {
      expect((initialNumber({ now }) - first) | 0, `after ${now} ms`).toBe((now * 250) | 0);
    }
  });

  test('[MUST-8] also between two connections of one stack', () => {
    const peer = new Peer();
    peer.stack.listen(80, peer.app);
    const numbers = [0, 700].map((wait) => {
      peer.seq = 0;
      peer.passes(wait).sends({ flags: 'SYN' });
      const [answer] = takes(peer);
      peer.sends({ flags: 'RST', seq: 1 });
      return answer!.seq;
    });
    expect((numbers[1]! - numbers[0]!) | 0).toBe(700 * 250);
  });

  test('[SHLD-1] all four parts of the ends are in it, and nothing else but the clock', () => {
    const ends: Ends[] = [{}, { remotePort: 4001 }, { localPort: 81 }, { remote: '10.0.5.1' }, { local: '10.0.0.2' }];
    expect(new Set(ends.map(hashed)).size).toBe(ends.length);
    for (const end of ends) expect(hashed({ ...end, now: 123_456 })).toBe(hashed(end));
  });

  test('[MUST-9] which number other ends get does not follow from ours: neighbouring ports lie anywhere', () => {
    const steps = Array.from({ length: 64 }, (_, n) => (hashed({ remotePort: 5000 + n }) - hashed({ remotePort: 5001 + n })) | 0);
    expect(new Set(steps).size).toBe(steps.length);
    for (const bit of [31, 24, 16, 8, 0]) {
      const set = steps.filter((step) => (step >>> bit) & 1).length;
      expect(set, `steps with bit ${bit}`).toBeGreaterThan(14);
      expect(set, `steps with bit ${bit}`).toBeLessThan(50);
    }
  });

  test('[MUST-9, SHLD-1] a secret is in it, and not by being added', () => {
    const other = [2, 3, 4].map((secret) => [4000, 4001, 4002].map((remotePort) => {
      return (hashed({ remotePort }) - hashed({ secret, remotePort })) | 0;
    }));
    // Were it one sum, the difference between two secrets would be the same for all ends.
    expect(new Set(other.flat()).size).toBe(9);
    expect(other.flat()).not.toContain(0);
  });

  test('[MUST-9] the ends that we choose ourselves get numbers the same way', () => {
    const seen = [1, 2].map((secret) => {
      const peer = new Peer();
      const sizes = { ...SIZES, address: STACK, netmask: parseAddress('255.255.255.0'), gateway: 0 };
      Object.assign(peer, { stack: new Stack(peer.mac, seededPlatform(secret), sizes) });
      peer.stack.connect(parseAddress('10.0.0.9'), 80, peer.app, { localPort: 6001 });
      return takes(peer).at(-1)!.seq;
    });
    expect(seen[0]).not.toBe(seen[1]);
  });
});
