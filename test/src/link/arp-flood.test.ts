import { describe, expect, test } from 'vitest';
import { PEER } from '../peer';
import { arps, connects, packets, says, SECOND, SECOND_HARDWARE, silent } from './arp-talk';

describe('a flood', () => {
  const strangers = Array.from({ length: 50 }, (_, n) => SECOND + n);

  test.each([1, 2, 3, 4, 8])('of packets to hosts that are not there: each is asked for once a second at most, half of %i entries at once', (neighbours) => {
    const peer = silent({ neighbours });
    const frame = new Uint8Array(64);
    const asked = new Map<number, number[]>();
    let most = 0;
    for (let at = 0; at < 20_000; at += 10) {
      for (const host of strangers) peer.stack.arp.send(frame, 64, host, peer.now);
      const questions = arps(peer).map(({ target }) => target);
      for (const host of questions) asked.set(host, [...(asked.get(host) ?? []), peer.now]);
      most = Math.max(most, questions.length);
      peer.now += 10;
      peer.poll();
    }
    for (const times of asked.values()) times.slice(1).forEach((time, n) => expect(time - times[n]!).toBeGreaterThanOrEqual(1000));
    expect(asked.size).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(Math.ceil(neighbours / 2));
    expect(peer.stack.arp.counters.pendingDropped).toBeGreaterThan(90_000);
  });

  test('leaves the neighbours that are there in the table, and lets others in that ask for us', () => {
    const peer = silent();
    for (const host of strangers) peer.stack.arp.send(new Uint8Array(64), 64, host, peer.now);
    arps(says(peer, { operation: 'request', sender: SECOND + 60, senderHardware: SECOND_HARDWARE }));
    expect(packets(connects(peer, PEER))).toEqual([[9, PEER]]);
    expect(packets(connects(peer, SECOND + 60))).toContainEqual([21, SECOND + 60]);
  });

  test('who was asked keeps its place, whoever else comes', () => {
    const peer = silent().passes(1000);
    const sends = () => [SECOND, SECOND + 1].forEach((host) => peer.stack.arp.send(new Uint8Array(64), 64, host, peer.now));
    sends();
    arps(peer);
    says(peer.passes(500), {});
    for (const host of [60, 61, 62]) says(peer, { operation: 'request', sender: SECOND + host, senderHardware: SECOND_HARDWARE });
    arps(peer);
    sends();
    expect(arps(peer)).toEqual([]);
    expect(peer.stack.arp.counters.evicted).toBe(2);
  });

  test('of bad advice from above has a neighbour asked once a second', () => {
    const peer = silent().passes(1000);
    const frame = new Uint8Array(64);
    frame.set(peer.mac.address, 6);
    let questions = 0;
    for (let at = 0; at < 5000; at += 100) {
      peer.stack.ip.doubt(PEER);
      peer.stack.arp.send(frame, 64, PEER, peer.now);
      const heard = arps(peer).length;
      questions += heard;
      if (heard > 0) says(peer, {});
      peer.passes(100);
    }
    expect(questions).toBe(5);
  });
});
