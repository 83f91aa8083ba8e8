import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../hal/mock/random';
import { ConnectionStatus } from '../../../src/tcp/status';
import { noise } from '../lan';
import type { Peer, Template } from '../peer';
import { established } from './states';

/** What a peer could say next: mostly the expected, at times something else. */
function something(random: SeededRandom, peer: Peer): Template {
  const template: Template = { flags: random.chance(0.5) ? 'ACK' : 'PSH ACK' };
  if (random.chance(0.6)) template.data = noise(random.below(600), random.below(1000));
  if (random.chance(0.1)) template.seq = peer.seq + random.below(1200) - 600;
  if (random.chance(0.2)) template.ack = Math.max(0, peer.ack - random.below(600));
  if (random.chance(0.05)) template.ack = peer.ack + random.below(10);
  if (random.chance(0.1)) template.wnd = random.below(9000);
  if (random.chance(0.03)) template.options = [1, 1, 1, 0];
  if (random.chance(0.01)) template.flags = 'PSH ACK URG';
  return template;
}

function state(peer: Peer): unknown {
  const status = new ConnectionStatus();
  if (peer.app.connection !== null) peer.app.connection.status(status);
  const { tcp, ip } = peer.stack;
  return { ...status, tcp: { ...tcp.counters }, ip: { ...ip.counters }, heard: peer.app.received.length, events: peer.app.events };
}

describe('header prediction', () => {
  test('does what the long way does, whatever comes', () => {
    let predicted = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const random = new SeededRandom(seed);
      const [one, other] = [established(), established()];
      const reads = random.chance(0.7);
      for (const peer of [one, other]) if (!reads) peer.app.readable = () => undefined;
      for (let turn = 0; turn < 80 && one.app.connection !== null; turn++) {
        const template = something(random, one);
        const frame = one.frameOf(template);
        expect(Buffer.compare(frame, other.frameOf(template))).toBe(0);
        if (random.chance(0.05)) frame[14 + random.below(frame.length - 14)]! ^= 1 << random.below(8);
        const writes = random.chance(0.3) ? random.below(700) : 0;
        const waits = random.chance(0.2) ? random.below(1500) : 0;
        const before = one.stack.tcp.connections[0]!.rcvNxt;
        other.stack.tcp.latest = null;
        for (const peer of [one, other]) {
          if (writes > 0 && peer.app.connection && peer.app.connection.room > 0) peer.app.connection.write(noise(writes), 0, writes);
          peer.arrives(Uint8Array.from(frame)).passes(waits);
        }
        if (one.stack.tcp.latest !== null && one.stack.tcp.connections[0]!.rcvNxt !== before) predicted++;
        expect(one.hearsAll(), `seed ${seed}, turn ${turn}`).toEqual(other.hearsAll());
        expect(state(one), `seed ${seed}, turn ${turn}`).toEqual(state(other));
      }
    }
    expect(predicted).toBeGreaterThan(200);
  });

  test('knows another connection in the slot from the one that was there', () => {
    const peer = established().sends({ data: 'a' });
    expect(peer.stack.tcp.latest).not.toBeNull();
    peer.connection.abort();
    peer.poll();
    Object.assign(peer, { port: 4001, seq: 0, ack: 0, iss: 900 });
    peer.hearsAll();
    peer.sends({ flags: 'SYN' });
    expect(peer.stack.tcp.latest).toBeNull();
  });
});
