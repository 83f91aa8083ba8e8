import { describe, expect, test } from 'vitest';
import { Change } from '../../../src/link/alarm';
import { AddressClaim } from '../../../src/link/conflict';
import { arpBody, ethernet, get16, get32 } from '../frames';
import { Peer, PEER, PEER_HARDWARE } from '../peer';

const WANTED = 0x0a000032;
const ALL = [255, 255, 255, 255, 255, 255];

/** A host without an address that has begun to claim one, and what it was told. */
function claiming() {
  const peer = new Peer({ address: 0, netmask: -1 });
  peer.passes(3000).mac.outbox.length = 0;
  const claim = new AddressClaim(peer.stack);
  const told: string[] = [];
  claim.claimAddress(WANTED, { claimed: () => void told.push('claimed'), conflicted: () => void told.push('conflict') });
  const says = (operation: 'request' | 'reply', sender: number, target: number, senderHardware: ArrayLike<number> = PEER_HARDWARE) =>
    peer.arrives(ethernet(ALL, PEER_HARDWARE, 0x0806, arpBody({
      operation, senderHardware, sender, targetHardware: new Uint8Array(6), target,
    })));
  /** The requests sent: for which address, and from which. */
  const asked = () => peer.mac.outbox.splice(0).filter((frame) => get16(frame, 12) === 0x0806)
    .map((frame) => [get32(frame, 38), get32(frame, 28)]);
  return { peer, claim, told, says, asked };
}

test('an address is asked for three times in up to 7 s, without one of our own, before it is ours', () => {
  const { peer, told, asked } = claiming();
  expect(asked.call(peer.passes(5000))).toEqual([[WANTED, 0], [WANTED, 0], [WANTED, 0]]);
  peer.passes(2100);
  expect(told).toEqual(['claimed']);
});

describe('while it is asked for', () => {
  test.each<[string, 'request' | 'reply', number, number, string[]]>([
    ['a reply from its owner', 'reply', WANTED, 0, ['conflict']],
    ['a request from its owner', 'request', WANTED, WANTED + 9, ['conflict']],
    ['another host that asks for it as we do', 'request', 0, WANTED, ['conflict']],
    ['another host that looks for its owner', 'request', WANTED + 1, WANTED, ['claimed']],
    ['another host that asks for another one', 'request', 0, WANTED + 1, ['claimed']],
  ])('%s', (_who, operation, sender, target, expected) => {
    const { peer, told, says } = claiming();
    peer.passes(1500);
    says(operation, sender, target);
    peer.passes(10_000);
    expect(told).toEqual(expected);
  });

  test('our own frame that the network reflects is no conflict', () => {
    const { peer, told, says } = claiming();
    says('request', 0, WANTED, peer.mac.address).passes(10_000);
    expect(told).toEqual(['claimed']);
  });
});

describe('in use', () => {
  const owning = () => {
    const all = claiming();
    all.peer.passes(8000);
    all.peer.stack.setAddress(WANTED, -256, 0, all.peer.now);
    all.peer.passes(5000);
    all.told.length = 0;
    all.asked();
    return all;
  };

  test('it is defended once in ten seconds, and given up when the other one goes on', () => {
    const { peer, told, says, asked } = owning();
    says('reply', WANTED, 0);
    expect([asked(), told]).toEqual([[[WANTED, WANTED]], []]);
    peer.passes(10_000);
    says('reply', WANTED, 0);
    expect([asked(), told]).toEqual([[[WANTED, WANTED]], []]);
    peer.passes(9999);
    says('reply', WANTED, 0);
    expect([asked(), told, peer.stack.arp.counters.conflicts]).toEqual([[], ['conflict'], 3]);
  });

  test('it is looked at again when the cable was plugged in, and nobody hears of it meanwhile', () => {
    const { peer, claim, told, says, asked } = owning();
    claim.changed(Change.plugged);
    peer.passes(125);
    says('request', PEER, WANTED);
    expect(asked()).toEqual([[WANTED, 0], [WANTED, 0], [WANTED, 0]]);
    expect([asked.call(peer.passes(6000)), told]).toEqual([[[WANTED, WANTED], [WANTED, WANTED]], ['claimed']]);
    says('request', PEER, WANTED);
    expect(peer.mac.outbox.map((frame) => get16(frame, 20))).toEqual([2]);
  });

  test('it is not when only its mask is another one', () => {
    const { peer, asked } = owning();
    peer.stack.setAddress(WANTED, -65536, 0, peer.now);
    expect(asked.call(peer.passes(3000))).toEqual([[WANTED, WANTED], [WANTED, WANTED]]);
  });

  test('another host that probes for it is answered, which is defence enough', () => {
    const { peer, told, says } = owning();
    says('request', 0, WANTED);
    expect(get16(peer.mac.outbox[0]!, 20)).toBe(2);
    peer.mac.outbox.length = 0;
    says('request', 0, WANTED);
    expect([peer.mac.outbox.map((frame) => get16(frame, 20)), told]).toEqual([[2], []]);
  });
});
