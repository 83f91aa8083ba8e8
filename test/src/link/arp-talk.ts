import { expect } from 'vitest';
import type { StackOptions } from '../../../src/options';
import { arpBody, type ArpFields, ethernet, get16, get32, readPacket } from '../frames';
import { Peer, PEER, PEER_HARDWARE, STACK } from '../peer';

export const ALL = [255, 255, 255, 255, 255, 255];
export const NOBODY = [0, 0, 0, 0, 0, 0];
export const SECOND = STACK + 20;
export const SECOND_HARDWARE = [2, 0, 0, 0, 0, 21];

/** A peer just heard of, whose requests for addresses the test answers itself; the announcements are over. */
export function silent(options: Partial<StackOptions> = {}): Peer {
  const peer = new Peer({ neighbours: 4, ...options }).passes(3000);
  peer.answersArp = false;
  says(peer, {});
  peer.mac.outbox.length = 0;
  return peer;
}

export function says(peer: Peer, arp: Partial<ArpFields>, from: ArrayLike<number> = PEER_HARDWARE): Peer {
  const fields = { operation: 'reply' as const, senderHardware: PEER_HARDWARE, sender: PEER, targetHardware: peer.mac.address, target: STACK };
  return peer.arrives(ethernet(peer.mac.address, from, 0x0806, arpBody({ ...fields, ...arp })));
}

interface HeardArp { to: number[]; operation: number; sender: number; targetHardware: number[]; target: number }

/** The ARP frames that the stack has sent. */
export function arps(peer: Peer): HeardArp[] {
  const frames = peer.mac.outbox.filter((frame) => get16(frame, 12) === 0x0806);
  peer.mac.outbox.splice(0, Infinity, ...peer.mac.outbox.filter((frame) => get16(frame, 12) !== 0x0806));
  return frames.map((frame) => {
    expect(Array.from(frame.slice(6, 12))).toEqual(Array.from(peer.mac.address));
    expect(Array.from(frame.slice(14, 20))).toEqual([0, 1, 8, 0, 6, 4]);
    expect(Array.from(frame.slice(22, 28))).toEqual(Array.from(peer.mac.address));
    return {
      to: Array.from(frame.slice(0, 6)), operation: get16(frame, 20), sender: get32(frame, 28),
      targetHardware: Array.from(frame.slice(32, 38)), target: get32(frame, 38),
    };
  });
}

/** What was dropped, by the names of the counters. */
export function counted(peer: Peer): Record<string, number> {
  const { sourceErrors, conflicts, unsolicited, malformed } = peer.stack.arp.counters;
  return Object.fromEntries(Object.entries({ sourceErrors, conflicts, unsolicited, malformed }).filter(([, count]) => count > 0));
}

/** Has the stack open a connection, whose SYN is the packet to be sent. */
export function connects(peer: Peer, address: number): Peer {
  peer.stack.connect(address, 80, peer.app);
  peer.poll();
  return peer;
}

/** The hardware and IP addresses that packets went to. */
export function packets(peer: Peer): [number, number][] {
  return peer.mac.outbox.splice(0).filter((frame) => get16(frame, 12) === 0x0800)
    .map((frame) => [frame[5]!, readPacket(frame).destination]);
}
