import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../hal/mock/random';
import { everything, PROFILES, Talker, Target, timestamps } from './attack';
import { word } from './frames';
import { noise, Recorder } from './lan';
import { mssOption } from './peer';

// Attacks from inside: by the peer itself, which knows all the numbers and lies.

const SPEAKER = 8;
/** The longest pause between two tries that RFC 6298 section 2.5 leaves, and a little. */
const LONGEST_RTO = 61_000;

/** A service that says so many octets to everybody, and then waits for what is said to it. */
function speaking(target: Target, octets: number): Recorder {
  const app = new Recorder();
  target.peer.stack.listen(SPEAKER, app);
  app.opened = (c) => {
    app.connection = c;
    app.writeAll(noise(octets));
  };
  return app;
}

const text = (octets: number) => Buffer.from(noise(octets)).toString('latin1');

/** Lets the stack say the rest, to a peer that is honest from now on. */
function hearsAll(talker: Talker, octets: number): void {
  talker.wnd = 8192;
  for (let wait = 0; wait < 3000 && talker.text.length < octets; wait++) {
    talker.target.passes(100);
    talker.answers();
  }
  expect(talker.text).toBe(text(octets));
}

/** Ends a conversation with the speaker, which does not close by itself. */
function ends(target: Target, talker: Talker): void {
  talker.says('RST', { options: [] });
  target.isUnharmed();
}

describe.each(PROFILES)('with %s', (_name, profile) => {
  test.each([0, 1, 7, 12, 13, 40, 63, 64, 65])('a peer that names segments of %i octets gets no crumbs', (mss) => {
    const target = new Target(profile);
    speaking(target, 1500);
    const talker = new Talker(target, 2000, SPEAKER).opens([...mssOption(mss), ...everything().slice(4)]);
    talker.options = 'timestamps' in profile ? () => timestamps(2, 1) : () => [];
    const before = target.heard;
    hearsAll(talker, 1500);
    expect(target.heard - before).toBeLessThan(1500 / 32);
    ends(target, talker);
  });

  test.each([1, 3, 10, 60])('a window that is always %i octets wide is not filled with crumbs all the time', (wnd) => {
    const target = new Target(profile);
    speaking(target, 2000);
    const talker = new Talker(target, 2000, SPEAKER);
    talker.opens().answers();
    talker.wnd = wnd;
    let before = target.heard;
    // The window was 8,192 before: sending so little has to wait for the override time (RFC 9293 section 3.8.6.2.1).
    for (let tenths = 0; tenths < 600; tenths++) {
      target.passes(100);
      talker.answers();
      if (tenths === 30) before = target.heard;
    }
    expect(target.heard - before).toBeLessThanOrEqual(600);
    hearsAll(talker, 2000);
    ends(target, talker);
  });

  test('a reader that takes one octet at a time offers its window in useful amounts only', () => {
    const target = new Target({ ...profile, receiveBuffer: 1072 });
    const app = speaking(target, 0);
    app.readable = () => undefined;
    const talker = new Talker(target, 2000, SPEAKER).opens();
    const steps = new Set<number>();
    let edge = 0;
    let sent = 0;
    const one = new Uint8Array(1);
    const look = () => {
      for (const { ack, wnd } of target.said(talker.port)) {
        const step = (ack + wnd - edge) | 0;
        if (step !== 0 && edge !== 0) steps.add(step);
        edge = (ack + wnd) | 0;
      }
    };
    const fills = (most: number) => {
      const length = Math.min(most, (edge - talker.seq) | 0);
      if (length > 0) talker.says('ACK PSH', { data: noise(length) });
      talker.seq += length;
      sent += length;
      target.passes(10);
      look();
    };
    talker.says('ACK');
    target.passes(300);
    edge = (talker.seq + 1) | 0;
    fills(1);
    target.passes(300);
    look();
    steps.clear();
    for (let turn = 0; turn < 4000; turn++) {
      app.connection!.read(one, 0, 1);
      fills(536);
    }
    expect(sent).toBeGreaterThan(4000);
    for (const step of steps) expect(step).toBeGreaterThanOrEqual(536);
    ends(target, talker);
  });

  test('a window that shrinks, closes and opens at random loses nothing', () => {
    const target = new Target(profile);
    speaking(target, 6000);
    const talker = new Talker(target, 2000, SPEAKER).opens();
    const random = new SeededRandom(1);
    for (let turn = 0; turn < 400; turn++) {
      talker.wnd = random.chance(0.3) ? 0 : random.below(2000);
      if (random.chance(0.5)) talker.says('ACK');
      talker.answers();
      target.passes(random.below(400));
    }
    hearsAll(talker, 6000);
    ends(target, talker);
  });

  test('a window closed for an hour is probed all the time and then used', () => {
    const target = new Target(profile);
    speaking(target, 3000);
    const talker = new Talker(target, 2000, SPEAKER);
    talker.wnd = 0;
    talker.opens().answers();
    let longest = 0;
    let since = 0;
    for (let seconds = 0; seconds < 3600; seconds++) {
      const before = target.heard;
      target.passes(1000);
      talker.answers();
      since = target.heard > before ? 0 : since + 1000;
      longest = Math.max(longest, since);
    }
    expect(longest).toBeLessThanOrEqual(LONGEST_RTO);
    hearsAll(talker, 3000);
    ends(target, talker);
  });

  test('acknowledgments in drops bring no more data than was acknowledged allows (ACK division)', () => {
    const target = new Target({ ...profile, sendBuffer: 16_384 });
    speaking(target, 16_000);
    const talker = new Talker(target, 2000, SPEAKER).opens();
    const octets = () => target.said(talker.port).reduce((sum, { data }) => sum + data.length, 0);
    expect(octets()).toBeLessThanOrEqual(4 * 536);
    // One octet at a time: RFC 3465's answer is that cwnd grows by what was acknowledged.
    for (let octet = 1; octet <= 536; octet++) talker.says('ACK', { ack: (talker.ack + octet) | 0 });
    expect(octets()).toBeLessThanOrEqual(2 * 536);
    talker.text = text(16_000).slice(0, 536);
    talker.ack += 536;
    hearsAll(talker, 16_000);
    ends(target, talker);
  });

  test('acknowledgments of what was not sent yet (optimistic ACKs) bring nothing', () => {
    const target = new Target({ ...profile, sendBuffer: 16_384 });
    speaking(target, 16_000);
    const talker = new Talker(target, 2000, SPEAKER).opens();
    const first = target.said(talker.port);
    for (let ahead = 3000; ahead <= 16_000; ahead += 500) talker.says('ACK', { ack: (talker.ack + ahead) | 0 });
    const more = target.said(talker.port).filter(({ data }) => data.length > 0);
    expect(more).toEqual([]);
    for (const { data } of first) talker.text += Buffer.from(data).toString('latin1');
    talker.ack += talker.text.length;
    talker.says('ACK');
    hearsAll(talker, 16_000);
    ends(target, talker);
  });

  test('SACK blocks that lie: beyond what was sent, behind it, inside out, empty, cut off', () => {
    const target = new Target({ ...profile, sendBuffer: 8192 });
    speaking(target, 8000);
    const talker = new Talker(target, 2000, SPEAKER);
    talker.opens(everything());
    const random = new SeededRandom(2);
    const edge = () => talker.ack + (random.chance(0.7) ? random.below(9000) - 500 : random.bits());
    talker.options = () => {
      const blocks = Array.from({ length: random.below(5) }, () => [...word(edge()), ...word(edge())]).flat();
      const length = random.chance(0.9) ? 2 + blocks.length : random.below(256);
      const room = 40 - ('timestamps' in profile ? 12 : 0);
      const sack = [1, 1, 5, length, ...blocks].slice(0, room);
      return ['timestamps' in profile ? timestamps(2, 1) : [], sack].flat();
    };
    for (let turn = 0; turn < 2000; turn++) {
      if (random.chance(0.8)) talker.says('ACK');
      else talker.answers();
      if (random.chance(0.1)) target.passes(random.below(500));
    }
    talker.options = () => ('timestamps' in profile ? timestamps(2, 1) : []);
    hearsAll(talker, 8000);
    ends(target, talker);
  });

  test('a peer that takes back what it has acknowledged selectively gets it again (RFC 2018 section 8)', () => {
    const target = new Target({ ...profile, sendBuffer: 4096 });
    speaking(target, 2000);
    const talker = new Talker(target, 2000, SPEAKER);
    const time = () => ('timestamps' in profile ? timestamps(2, 1) : []);
    talker.options = time;
    talker.opens(everything());
    target.said(talker.port);
    // Of all that came it claims to have everything but the first octet; then it remembers none.
    for (let times = 0; times < 6; times++) {
      talker.says('ACK', { options: [...time(), 1, 1, 5, 10, ...word(talker.ack + 1), ...word(talker.ack + 2000)] });
      target.passes(50);
    }
    target.said(talker.port);
    hearsAll(talker, 2000);
    ends(target, talker);
  });
});

describe('timestamps', () => {
  const profile = PROFILES[1]![1];

  function stamped(target: Target, value = 1000): Talker {
    const talker = new Talker(target, 2000, SPEAKER);
    let now = value;
    talker.options = () => timestamps(now++, 0);
    return talker.opens(everything(value));
  }

  test('echoes of times that never were make no timeout longer than the RFC\'s longest', () => {
    const target = new Target(profile);
    speaking(target, 4000);
    const talker = stamped(target);
    const random = new SeededRandom(3);
    talker.options = () => timestamps(2000, random.bits());
    for (let turn = 0; turn < 20; turn++) {
      target.passes(20);
      talker.answers();
    }
    // From here on nothing is acknowledged: it is said again within a minute.
    const before = target.heard;
    talker.says('ACK', { data: Buffer.from('x') });
    talker.seq++;
    target.peer.stack.tcp.connections[0]!.write(noise(10), 0, 10);
    target.passes(10);
    const first = target.heard;
    expect(first).toBeGreaterThan(before);
    target.passes(LONGEST_RTO);
    expect(target.heard).toBeGreaterThan(first);
    target.passes(900_000);
    expect(target.slotsInUse).toBe(0);
  });

  test('a time from the far future behind a gap does not shut out the honest ones after it', () => {
    const target = new Target(profile);
    const app = speaking(target, 0);
    const talker = stamped(target);
    talker.says('ACK PSH', { seq: (talker.seq + 100) | 0, data: Buffer.from('forged'), options: timestamps(0x40000000, 0) });
    talker.sends('honest');
    target.passes(300);
    expect(Buffer.from(app.received).toString()).toBe('honest');
    ends(target, talker);
  });

  test('a time from the past is not believed, and the conversation goes on (PAWS)', () => {
    const target = new Target(profile);
    const app = speaking(target, 0);
    const talker = stamped(target, 5000).sends('new');
    talker.says('ACK PSH', { data: Buffer.from('old'), options: timestamps(4000, 0) });
    talker.sends(' and newer');
    target.passes(300);
    expect(Buffer.from(app.received).toString()).toBe('new and newer');
    ends(target, talker);
  });

  test('a RST is judged by its number alone, whatever its time says', () => {
    const target = new Target(profile);
    speaking(target, 0);
    const talker = stamped(target, 5000).sends('text');
    talker.says('RST', { options: timestamps(1, 0) });
    expect(target.slotsInUse).toBe(0);
    target.isUnharmed();
  });
});

describe.each(PROFILES)('with %s, segments of chance on an open connection', (_name, profile) => {
  test.each([1, 2, 3, 4])('throw nothing, hang nothing and keep no slot (seed %i)', (seed) => {
    const random = new SeededRandom(seed);
    const target = new Target({ ...profile, connections: 40 });
    const app = speaking(target, 3000);
    for (let round = 0; round < 20; round++) {
      const bystander = target.opens();
      const talker = new Talker(target, 1000 + round, SPEAKER).opens(random.chance(0.5) ? everything() : mssOption(random.below(1500)));
      for (let turn = 0; turn < 150; turn++) {
        const flags = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'].filter((name) => random.chance(name === 'ACK' ? 0.9 : name === 'PSH' ? 0.5 : 0.04));
        const words = random.chance(0.3) ? random.below(10) : 0;
        const options = Array.from({ length: 4 * words }, () => random.below(random.chance(0.5) ? 12 : 256));
        talker.says(flags.join(' '), {
          seq: (talker.seq + random.below(200) - 50) | 0, ack: (talker.ack + random.below(4000) - 500) | 0,
          wnd: random.below(3) * random.below(3000), options, data: noise(random.below(3) * random.below(200), turn),
        });
        if (random.chance(0.2)) target.passes(random.below(1500));
        if (random.chance(0.2)) app.connection?.read(new Uint8Array(99), 0, 99);
      }
      bystander.echoes(`round ${round}`).closes();
      for (const c of target.peer.stack.tcp.connections) if (c.stateName !== 'CLOSED' && random.chance(0.5)) c.abort();
    }
    // What is still open has data that nobody acknowledges, or gets its end from here.
    for (const c of target.peer.stack.tcp.connections) if (c.stateName !== 'CLOSED') c.abort();
    target.isUnharmed();
  });
});
