import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../hal/mock/random';
import { NOBODY } from '../../../src/link/ethernet';
import type { Connection } from '../../../src/tcp/connection';
import { Bit } from '../../../src/tcp/control-block';
import { get32 } from '../frames';
import { noise } from '../lan';
import type { Peer, Template } from '../peer';
import { established, listening, stamped, stateOf, synReceived, timestamps } from './states';

/** What a peer could say next: mostly the expected, at times something else. `echo` is the time that it heard last. */
function something(random: SeededRandom, peer: Peer, echo: number | undefined): Template {
  const template: Template = { flags: random.chance(0.5) ? 'ACK' : 'PSH ACK' };
  if (random.chance(0.6)) template.data = noise(random.below(600), random.below(1000));
  if (random.chance(0.1)) template.seq = peer.seq + random.below(1200) - 600;
  if (random.chance(0.2)) template.ack = Math.max(0, peer.ack - random.below(600));
  if (random.chance(0.05)) template.ack = peer.ack + random.below(10);
  if (random.chance(0.1)) template.wnd = random.below(9000);
  if (random.chance(0.03)) template.options = [1, 1, 1, 0];
  else if (echo !== undefined) template.options = timestamps(peer.now - (random.chance(0.05) ? 2000 : 0), echo);
  if (random.chance(0.01)) template.flags = 'PSH ACK URG';
  return template;
}

/** Nothing is expected of the next segment, and no header is ready for the answer. */
function goesTheLongWay(peer: Peer): void {
  peer.stack.tcp.prediction.c = null;
  peer.stack.tcp.prediction.last = null;
  peer.stack.tcp.link.owner = NOBODY;
}

describe('header prediction', () => {
  test.each([
    ['as it is', established],
    ['with timestamps and large windows', stamped],
  ])('%s, does what the long way does, whatever comes', (_, opened) => {
    let predicted = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const random = new SeededRandom(seed);
      const [one, other] = [opened(), opened()];
      let echo = opened === stamped ? 0 : undefined;
      const reads = random.chance(0.7);
      for (const peer of [one, other]) if (!reads) peer.app.readable = () => undefined;
      for (let turn = 0; turn < 80 && one.app.connection !== null; turn++) {
        const template = something(random, one, echo);
        const frame = one.frameOf(template);
        expect(Buffer.compare(frame, other.frameOf(template))).toBe(0);
        if (random.chance(0.05)) frame[14 + random.below(frame.length - 14)]! ^= 1 << random.below(8);
        const writes = random.chance(0.3) ? random.below(700) : 0;
        const waits = random.chance(0.2) ? random.below(1500) : 0;
        const before = one.stack.tcp.connections[0]!.rcvNxt;
        goesTheLongWay(other);
        for (const peer of [one, other]) {
          if (writes > 0 && peer.app.connection && peer.app.connection.room > 0) peer.app.connection.write(noise(writes), 0, writes);
          peer.arrives(Uint8Array.from(frame)).passes(waits);
        }
        if (one.stack.tcp.prediction.c !== null && one.stack.tcp.connections[0]!.rcvNxt !== before) predicted++;
        const heard = one.hearsAll();
        expect(heard, `seed ${seed}, turn ${turn}`).toEqual(other.hearsAll());
        const last = heard[heard.length - 1]?.options ?? [];
        if (last[3] === 10) echo = get32(Uint8Array.from(last), 4);
        expect(stateOf(one), `seed ${seed}, turn ${turn}`).toEqual(stateOf(other));
      }
    }
    expect(predicted).toBeGreaterThan(200);
  });

  test('begins with the first text of a connection: its open were two segments', () => {
    const peer = listening();
    peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({ flags: 'ACK' });
    expect(peer.stack.tcp.prediction.c).toBe(peer.connection);
  });

  test('hands text over where it stands to an application that takes it, and puts the rest into the buffer', () => {
    const peer = established({ receiveBuffer: 1072 });
    let offered = 0;
    const accepts = (_c: Connection, bytes: Uint8Array, at: number, count: number): boolean => {
      if (offered++ % 3 === 2) return false;
      peer.app.received.push(...bytes.subarray(at, at + count));
      return true;
    };
    Object.assign(peer.app, { accepts });
    const text = noise(4000, 7);
    const windows: number[] = [];
    for (let at = 0; at < 4000; at += 200) {
      peer.sends({ data: text.subarray(at, at + 200) });
      windows.push(peer.connection.rcvWnd);
    }
    // Opened again when there is no room for a segment of full size.
    expect(windows.slice(0, 4)).toEqual([872, 672, 1072, 872]);
    expect(Buffer.compare(Buffer.from(peer.app.received), Buffer.from(text))).toBe(0);
    expect(offered).toBeGreaterThan(15);
    const acks = peer.passes(500).hearsAll();
    // Every second segment at least.
    expect(acks.length).toBeGreaterThanOrEqual(10);
    expect(acks[acks.length - 1]).toMatchObject({ ack: 4001 });
    // Text that is told to wait in the buffer keeps what follows there.
    peer.app.readable = () => undefined;
    offered = 2;
    peer.sends({ data: 'abc' }, { data: 'def' });
    expect([offered, peer.connection.available]).toEqual([3, 6]);
  });

  test('acknowledges text that was handed over at once when there is no room for another segment', () => {
    const peer = established({ receiveBuffer: 536 });
    Object.assign(peer.app, { accepts: () => true });
    for (let count = 0; count < 6; count++) {
      peer.sends({ data: noise(536, count) });
      expect(peer.hearsAll()).toMatchObject([{ ack: 1 + 536 * (count + 1), wnd: 536, data: '' }]);
    }
  });

  test('leaves the check of a frame to the MAC unless a checksum has covered it', () => {
    const peer = established().sends({ data: 'a' }).sends({ data: 'b' }).passes(500);
    peer.hearsAll();
    const asked: number[] = [];
    peer.mac.checks = ({ octets }) => {
      asked.push(octets[12]! << 8 | octets[13]!);
      return false;
    };
    const counters = { ...peer.stack.tcp.counters };
    peer.sends({ data: 'c' });
    expect([asked, peer.app.received.length]).toEqual([[], 3]);
    const disturbed = peer.frameOf({ data: 'd' });
    disturbed[disturbed.length - 1]! ^= 1;
    peer.arrives(disturbed).arrives(peer.arpRequest(peer.stack.ip.address)).passes(500);
    expect([asked, peer.app.received.length]).toEqual([[0x0800, 0x0806], 3]);
    expect(peer.hearsAll()).toMatchObject([{ ack: 4, data: '' }]);
    expect(peer.stack.tcp.counters).toMatchObject({ inSegs: counters.inSegs + 1, inErrs: counters.inErrs });
  });

  test('expects nothing of a connection that the application has not heard of', () => {
    const peer = synReceived();
    const heard: string[] = [];
    peer.app.opened = () => void heard.push('opened');
    Object.assign(peer.app, { accepts: () => heard.push('accepts') > 0 });
    // All in one poll: the acknowledgment of our SYN, one more, and text.
    peer.mac.inbox.push(peer.frameOf({}), peer.frameOf({}), peer.frameOf({}), peer.frameOf({ data: 'a' }));
    peer.poll();
    expect(heard[0]).toBe('opened');
    peer.sends({ data: 'a' }, { data: 'b', seq: 2 }, { data: 'c', seq: 3 });
    expect(heard).toContain('accepts');
  });

  test('nor of one that has closed its side: in FIN-WAIT-2 text goes the long way', () => {
    const peer = established().sends({ data: 'a' }).sends({ data: 'b' });
    const { prediction } = peer.stack.tcp;
    expect(prediction.c).toBe(peer.connection);
    peer.connection.end();
    expect(prediction.c).toBeNull();
    peer.passes(500);
    expect(peer.hearsAll().pop()).toMatchObject({ flags: 'FIN ACK', ack: 3 });
    for (const data of ['c', 'd', 'e']) peer.sends({ data, ack: 2 });
    expect([prediction.c, peer.connection.stateName]).toEqual([null, 'FIN-WAIT-2']);
    expect(Buffer.from(peer.app.received).toString()).toBe('abcde');
  });

  test('nor of one that is over: text that comes before the application has heard of it is answered with a reset', () => {
    const peer = established().sends({ data: 'a' }).sends({ data: 'b' });
    const { connection } = peer;
    peer.hearsAll();
    let told = 0;
    peer.app.readable = () => void told++;
    connection.abort();
    peer.sends({ data: 'c' }).passes(10);
    expect(peer.hearsAll().map(({ flags }) => flags)).toEqual(expect.arrayContaining([expect.stringContaining('RST')]));
    expect([connection.available, told, peer.app.connection]).toEqual([0, 0, null]);
    // The slot is free, and all its numbers are 0.
    peer.sends({ data: 'ddd', seq: -peer.iss, ack: -peer.irs });
    expect([connection.available, connection.stateName]).toEqual([0, 'CLOSED']);
    expect(peer.hearsAll()).toMatchObject([{ flags: 'RST' }]);
  });

  test('nor while there is a gap, or something is marked', () => {
    const peer = established().sends({ data: 'a' }).sends({ data: 'b' });
    const { connection } = peer;
    const long = (act: () => void): boolean => {
      const last = peer.stack.tcp.prediction.last;
      peer.stack.tcp.prediction.last = null;
      act();
      const went = peer.stack.tcp.prediction.last === connection;
      peer.stack.tcp.prediction.last = last;
      return went;
    };
    expect(long(() => peer.sends({ data: 'c' }))).toBe(false);
    connection.write(Uint8Array.of(1), 0, 1);
    peer.passes(10).hearsAll();
    peer.sends({});
    // With an old acknowledgment it says nothing of the window: what fills the gap is not older than SND.WL1.
    peer.sends({ data: 'e', seq: peer.seq + 1, ack: peer.ack - 1 });
    expect(peer.stack.tcp.slots.gaps.counts[connection.slot]).toBe(1);
    expect(long(() => peer.sends({}))).toBe(true);
    expect(long(() => peer.sends({ data: 'd' }))).toBe(true);
    expect([peer.stack.tcp.slots.gaps.counts[connection.slot], Buffer.from(peer.app.received).toString()]).toEqual([0, 'abcde']);
    peer.seq += 1;
    expect(long(() => peer.sends({ data: 'f' }))).toBe(false);
    const { ack } = peer;
    for (let count = 0; count < 3; count++) connection.write(noise(536, count), 0, 536);
    peer.passes(10).hearsAll();
    peer.sends({ ack });
    expect([connection.marked, connection.bits & Bit.recovering]).toEqual([536, 0]);
    expect(long(() => peer.sends({ data: 'g', ack }))).toBe(true);
  });

  test('forgets what a window came to on another connection', () => {
    const peer = established().sends({ data: 'a' }).sends({ data: 'b' });
    const { prediction } = peer.stack.tcp;
    expect(prediction.c).toBe(peer.connection);
    // As a connection with another scale leaves it: that word came to what this peer offers now.
    prediction.window = 0x50 | (0x10 << 8) | (500 >> 8 << 16) | ((500 & 0xff) << 24);
    prediction.last = peer.connection;
    prediction.expect(peer.stack.tcp, peer.stack['received']);
    peer.sends({ data: 'c', wnd: 500 });
    expect(peer.connection.sndWnd).toBe(500);
  });

  test('takes the same window once more when another one came in between, the long way', () => {
    const peer = established().sends({ data: 'a', wnd: 5000 }).sends({ data: 'b', wnd: 5000 }).sends({ data: 'c', wnd: 5000 });
    expect(peer.stack.tcp.prediction.window).not.toBe(0);
    // As after a segment of another connection: one more is not what makes the next one expected anew.
    peer.stack.tcp.prediction.last = null;
    peer.sends({ data: 'd', wnd: 4000, flags: 'ACK URG' });
    expect(peer.connection.sndWnd).toBe(4000);
    peer.sends({ data: 'e', wnd: 5000 });
    expect([peer.connection.sndWnd, Buffer.from(peer.app.received).toString()]).toEqual([5000, 'abcde']);
  });

  test('knows another connection in the slot from the one that was there', () => {
    const peer = established().sends({ data: 'a' }).sends({ data: 'b' });
    expect(peer.stack.tcp.prediction.c).not.toBeNull();
    expect(peer.stack.tcp.link.owner).not.toBe(NOBODY);
    peer.connection.abort();
    peer.poll();
    Object.assign(peer, { port: 4001, seq: 0, ack: 0, iss: 900 });
    peer.hearsAll();
    peer.sends({ flags: 'SYN' });
    expect([peer.stack.tcp.prediction.c, peer.stack.tcp.link.owner]).toEqual([null, NOBODY]);
  });
});
