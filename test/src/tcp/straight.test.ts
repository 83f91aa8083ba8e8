import { describe, expect, test, vi } from 'vitest';
import { SeededRandom } from '../../../hal/mock/random';
import { CloseReason } from '../../../src/tcp/errors';
import { drop } from '../../../src/tcp/lifecycle';
import { get32 } from '../frames';
import { noise } from '../lan';
import type { Peer, Template } from '../peer';
import { established, opened, stamped, stateOf, timestamps } from './states';

const starts: [string, () => Peer][] = [
  ['as it is', established],
  ['on a connection of our own', opened],
  ['with everything that TCP can do', () => stamped({ sack: true, cubic: true, sendBuffer: 5000 })],
  ['with a ring that ends in the middle of a segment', () => established({ sendBuffer: 1000 })],
];

/** What a peer could say about what it has heard: mostly that it has all of it. */
function answer(random: SeededRandom): (peer: Peer, echo: number | undefined) => Template {
  const late = random.chance(0.1) ? random.below(900) : 0;
  const data = random.chance(0.2) ? noise(random.below(600), random.below(1000)) : '';
  const window = random.chance(0.05) ? random.below(3000) : 8192;
  const shift = random.chance(0.05) ? random.below(1200) - 600 : 0;
  return (peer, echo) => ({
    seq: peer.seq + shift, ack: Math.max(1, peer.ack - late), wnd: window, data,
    ...(echo === undefined ? {} : { options: timestamps(peer.now, echo) }),
  });
}

describe('what an application sends at once', () => {
  test.each(starts)('%s, goes as it would in its turn, whatever has happened', (_, start) => {
    let straight = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const random = new SeededRandom(seed);
      const [one, other] = [start(), start()];
      let echo = one.stack.tcp.timestamps ? 0 : undefined;
      // More than a connection may send after a pause.
      if (random.chance(0.5)) one.connection.cwnd = other.connection.cwnd = 9000;
      const turns = vi.spyOn(one.stack.tcp, 'schedule');
      if (random.chance(0.2)) for (const peer of [one, other]) peer.connection.noDelay = true;
      for (let turn = 0; turn < 80 && one.app.connection !== null; turn++) {
        const says = random.chance(0.9) ? answer(random) : undefined;
        const text = noise(random.chance(0.3) ? one.connection.mss : 1 + random.below(random.chance(0.7) ? 500 : 1500), turn);
        const waits = random.chance(0.3) ? random.below(3000) : 0;
        const busy = random.chance(0.1);
        const ends = random.chance(0.01);
        const [heard, expected] = [one, other].map((peer) => {
          const c = peer.connection;
          turns.mockClear();
          peer.mac.busy = () => busy;
          if (c.room > 0 && peer === one) {
            peer.stack.send(c, text, text.length, peer.now);
            if (turns.mock.calls.length === 0) straight++;
          } else if (c.room > 0) {
            c.write(text, 0, text.length);
          }
          peer.poll();
          peer.mac.busy = () => false;
          if (ends) c.end();
          const frames = peer.passes(busy ? 5 : 0).hearsAll();
          const last = frames[frames.length - 1]?.options ?? [];
          if (peer === one && last[3] === 10) echo = get32(Uint8Array.from(last), 4);
          if (says) peer.sends(says(peer, echo));
          return [...frames, ...peer.passes(waits).hearsAll()];
        });
        expect(heard, `seed ${seed}, turn ${turn}`).toEqual(expected);
        expect(stateOf(one), `seed ${seed}, turn ${turn}`).toEqual(stateOf(other));
      }
    }
    expect(straight).toBeGreaterThan(200);
  });

  test('is sent before the call returns, and takes the acknowledgment that is due with it', () => {
    const peer = established().sends({ data: 'a' }).sends({ data: 'b' }).passes(500);
    peer.hearsAll();
    peer.connection.write(Uint8Array.of(1), 0, 1);
    peer.passes(0).hearsAll();
    peer.sends({ ack: 2, data: 'c' });
    expect(peer.hearsAll()).toEqual([]);
    expect(peer.stack.send(peer.connection, noise(100, 1), 100, peer.now)).toBe(100);
    expect(peer.mac.outbox).toHaveLength(1);
    expect(peer.hearsAll()).toMatchObject([{ seq: 2, ack: 4, flags: 'PSH ACK' }]);
    // Nagle: what is no full segment waits for the acknowledgment of that one; a full one does not.
    expect(peer.stack.send(peer.connection, noise(100, 2), 100, peer.now)).toBe(100);
    expect(peer.mac.outbox).toHaveLength(0);
    peer.sends({ ack: 102 });
    expect(peer.hearsAll()).toHaveLength(1);
    peer.sends({ ack: 202 });
    for (const count of [1, 2]) {
      expect(peer.stack.send(peer.connection, noise(536, count), 536, peer.now)).toBe(536);
      expect(peer.mac.outbox).toHaveLength(count);
    }
  });

  test('says nothing of a connection that is over, though nobody has heard of that', () => {
    const peer = established().sends({ data: 'a' }).sends({ data: 'b' }).passes(500);
    const { connection } = peer;
    for (const count of [1, 2, 3]) {
      peer.stack.send(connection, noise(10, count), 10, peer.now);
      peer.hearsAll();
      peer.sends({});
    }
    expect(peer.stack.tcp.link.owner).toBe(connection.slot);
    // As the peer's reset does, when the poll is broken off before the application is told.
    drop(peer.stack.tcp, connection, CloseReason.reset);
    peer.stack.send(connection, noise(50, 1), 50, peer.now);
    peer.passes(20_000);
    expect(peer.hearsAll()).toEqual([]);
  });

  test('waits in the ring while the transmitter is busy', () => {
    const peer = established().sends({ data: 'a' }).sends({ data: 'b' }).passes(500);
    peer.connection.write(Uint8Array.of(1), 0, 1);
    peer.passes(0).sends({ ack: 2 }).hearsAll();
    peer.mac.busy = () => true;
    expect(peer.stack.send(peer.connection, noise(100, 1), 100, peer.now)).toBe(100);
    expect(peer.stack.turn(peer.now)).toBe(peer.now + 1);
    peer.mac.busy = () => false;
    expect(peer.passes(5).hearsAll()).toMatchObject([{ seq: 2 }]);
  });
});
