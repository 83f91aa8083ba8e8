import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../hal/mock/random';
import { ECHO, everything, PROFILES, Talker, Target } from './attack';
import { checksum, half, ipPacket, tcpSegment } from './frames';
import { noise } from './lan';
import { mssOption, PEER, STACK } from './peer';

// Attacks from outside: by those who see nothing of the connections that they attack.

const nothing = new Uint8Array(0);

/** A segment of chance for a connection of somebody else's. */
function guess(talker: Talker, random: SeededRandom, flags: string, seq: number, ack: number): void {
  const data = random.chance(0.5) ? noise(1 + random.below(60), random.bits()) : nothing;
  talker.target.takes({
    sourcePort: talker.port, destinationPort: ECHO, seq: seq | 0, ack: flags.includes('ACK') ? ack | 0 : 0,
    flags, wnd: random.below(65536), options: [], data,
  });
}

describe.each(PROFILES)('with %s', (_name, profile) => {
  test('2,000 SYNs from hosts that are not there: the open connection goes on, a new one comes through, all slots return', () => {
    const target = new Target(profile);
    const bystander = target.opens();
    for (let n = 0; n < 2000; n++) {
      const source = STACK + 20 + (n % 200);
      target.takes({ sourcePort: 1024 + n, destinationPort: ECHO, seq: n * 7919, ack: 0, flags: 'SYN', wnd: 1000, options: mssOption(1460), data: nothing }, source);
      if (n % 100 === 0) {
        target.passes(20);
        bystander.echoes(`after ${n}`);
      }
    }
    target.opens().echoes('newcomer').closes();
    bystander.echoes('still here').closes();
    target.passes(900_000);
    // Nobody but the two was ever established.
    expect(target.counters.passiveOpens - target.counters.attemptFails).toBe(2);
    expect(target.counters.estabResets).toBe(0);
    target.isUnharmed();
  });

  test('2,000 SYNs from one host that never answers, while others open and close all the time', () => {
    const target = new Target(profile);
    for (let n = 0; n < 2000; n++) {
      target.takes({ sourcePort: 1024 + n, destinationPort: ECHO, seq: n, ack: 0, flags: 'SYN', wnd: 1000, options: everything(), data: nothing });
      if (n % 200 === 199) target.opens(everything()).echoes(`number ${n}`).closes();
    }
    expect(target.resets).toBe(0);
    target.isUnharmed();
  });

  test('SYNs and ACKs of chance never make a connection: what is no cookie is refused', () => {
    const target = new Target(profile);
    const random = new SeededRandom(3);
    for (let n = 0; n < 5000; n++) {
      const flags = random.chance(0.2) ? 'SYN' : 'ACK';
      target.takes({
        sourcePort: 1024 + random.below(40), destinationPort: ECHO, seq: random.bits(), ack: random.bits(), flags, wnd: 1000,
        options: [], data: nothing,
      });
    }
    expect(target.echo.events).toEqual([]);
    target.isUnharmed();
  });

  test.each(['RST', 'RST ACK'])('%s with every number but the right one ends nothing', (flags) => {
    const target = new Target(profile);
    const talker = target.opens().echoes('before');
    const random = new SeededRandom(4);
    const challenged = target.counters.challengeAcks;
    for (let n = 0; n < 2000; n++) {
      const offset = random.chance(0.5) ? 1 + random.below(2000) : random.bits();
      if (offset !== 0) guess(talker, random, flags, talker.seq + offset, random.bits());
    }
    // RFC 5961 section 7: all of this happened at one moment.
    expect(target.counters.challengeAcks - challenged).toBeLessThanOrEqual(10);
    expect(target.counters.estabResets).toBe(0);
    talker.echoes('after').closes();
    target.isUnharmed();
  });

  test('SYN and SYN ACK in the window, beside it, and at its very edge end nothing', () => {
    const target = new Target(profile);
    const talker = target.opens().echoes('before');
    const random = new SeededRandom(5);
    const heard = target.heard;
    for (let n = 0; n < 2000; n++) {
      const offset = n < 10 ? n - 5 : random.chance(0.5) ? random.below(2000) : random.bits();
      guess(talker, random, random.chance(0.5) ? 'SYN' : 'SYN ACK', talker.seq + offset, random.bits());
    }
    // An answer to each would make us a mirror.
    target.passes(0);
    expect(target.heard - heard).toBeLessThanOrEqual(20);
    talker.answers().echoes('after').closes();
    target.isUnharmed();
  });

  test('data with the right sequence number and an acknowledgment of chance is not believed', () => {
    const target = new Target(profile);
    const talker = target.opens().echoes('before');
    const random = new SeededRandom(6);
    for (let n = 0; n < 2000; n++) {
      // Outside of what RFC 5961 section 5.2 takes: from the largest window behind SND.UNA up to SND.NXT.
      const ack = talker.ack + (random.chance(0.5) ? 1 + random.below(0x7fffff00) : -65_536 - random.below(0x7ffe0000));
      guess(talker, random, random.chance(0.9) ? 'ACK' : 'ACK FIN', talker.seq + random.below(40), ack);
    }
    talker.answers().echoes('after').closes();
    target.isUnharmed();
  });

  test('flags of every combination, at numbers of chance, end nothing', () => {
    const target = new Target(profile);
    const talker = target.opens().echoes('before');
    const random = new SeededRandom(7);
    const names = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'];
    for (let n = 0; n < 3000; n++) {
      const flags = names.filter((_, bit) => n & (1 << bit)).join(' ');
      guess(talker, random, flags, talker.seq + 0x10000 + random.below(0x7ffe0000) * 2, random.bits());
    }
    talker.answers().echoes('after').closes();
    target.isUnharmed();
  });

  test('ICMP errors about what is not on its way change nothing (RFC 5927)', () => {
    const target = new Target(profile);
    const talker = target.opens().echoes('before');
    const random = new SeededRandom(8);
    for (let n = 0; n < 3000; n++) {
      const seq = talker.ack + (random.chance(0.5) ? 1 + random.below(0x7fffff00) : -1 - random.below(0x7fffff00));
      forge(target, [3, 4, 5, 11, 12][n % 5]!, random.below(16), about(talker, seq), random.below(600));
      if (n % 500 === 0) talker.echoes(`after ${n}`);
    }
    talker.echoes('x'.repeat(536));
    expect(target.counters.estabResets).toBe(0);
    talker.closes();
    target.isUnharmed();
  });

  test('ICMP errors that are cut off, or repeat something that is none of ours, are passed over', () => {
    const target = new Target(profile);
    const talker = target.opens().echoes('before');
    talker.says('ACK PSH', { data: Buffer.from('on its way') });
    talker.seq += 10;
    const random = new SeededRandom(9);
    const whole = about(talker, talker.ack);
    for (let n = 0; n < 3000; n++) {
      const spoiled = Uint8Array.from(whole.subarray(0, random.below(whole.length - 4)));
      for (let times = random.below(4); times > 0 && spoiled.length > 0; times--) spoiled[random.below(spoiled.length)] = random.below(256);
      // What is still right in it ends before the sequence number.
      forge(target, [3, 11, 12][n % 3]!, random.below(16), spoiled, random.below(2000));
    }
    talker.answers();
    expect(talker.text).toBe('beforeon its way');
    talker.echoes('after').closes();
    target.isUnharmed();
  });

  test('a path MTU as small as can be claimed, for what is on its way, does not make crumbs of the data', () => {
    const target = new Target(profile);
    const talker = target.opens().echoes('before');
    for (const mtu of [0, 1, 20, 40, 41, 67, 68, 69, 88, 296, 575, 576, 1500, 65_535]) {
      talker.says('ACK PSH', { data: noise(400, mtu) });
      talker.seq += 400;
      target.passes(1);
      const pieces = target.said(talker.port).filter(({ data }) => data.length > 0);
      expect(pieces.length).toBeLessThanOrEqual(400 / 24);
      forge(target, 3, 4, about(talker, pieces[0]!.seq), mtu);
      // The peer has had none of it: everything comes again, at worst after a minute.
      const wanted = talker.text.length + 400;
      for (let wait = 0; wait < 700 && talker.text.length < wanted; wait++) {
        target.passes(100);
        talker.answers();
      }
      expect(talker.text.length, `MTU ${mtu}`).toBe(wanted);
    }
    talker.closes();
    target.isUnharmed();
  });

  test('1,000 connections at once, each with its own words, closed in three ways', () => {
    const count = 1000;
    const target = new Target({ ...profile, connections: count, timeWait: 64 });
    const talkers = Array.from({ length: count }, () => target.opens());
    expect(target.slotsInUse).toBe(count);
    for (const talker of talkers) talker.sends(`number ${talker.port}`);
    for (const talker of talkers) talker.answers();
    target.passes(300);
    for (const talker of talkers) expect(talker.answers().text).toBe(`number ${talker.port}`);
    talkers.forEach((talker, n) => {
      if (n % 3 === 0) talker.says('RST');
      else if (n % 3 === 1) talker.closes();
      else talker.says('ACK FIN');
    });
    expect(target.counters.estabResets).toBe(Math.ceil(count / 3));
    expect(target.counters.passiveOpens).toBe(count);
    expect(target.counters.attemptFails).toBe(0);
    target.isUnharmed();
  });
});

/** The datagram that an error is about: a segment of the stack's to this talker, as its head would come back. */
function about(talker: Talker, seq: number): Uint8Array {
  const segment = tcpSegment(STACK, PEER, {
    sourcePort: ECHO, destinationPort: talker.port, seq: seq | 0, ack: talker.seq | 0, flags: 'ACK', wnd: 2144, options: [], data: nothing,
  });
  return ipPacket({ source: STACK, destination: PEER, protocol: 6, payload: segment.subarray(0, 8), totalLength: 556 });
}

function forge(target: Target, type: number, code: number, datagram: Uint8Array, mtu: number): void {
  const message = Uint8Array.from([type, code, 0, 0, ...half(0), ...half(mtu), ...datagram]);
  message.set(half(checksum(message)), 2);
  target.peer.sendsPacket({ protocol: 1, payload: message, source: PEER + 1 });
}
