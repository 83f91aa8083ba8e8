import { parseAddress } from '../../src/ip/address';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../hal/mock/random';
import { WirePort } from '../../hal/mock/wire-port';
import { Stack } from '../../src/stack';
import { Lan, noise, Recorder, seededPlatform, SIZES } from './lan';
import { mssOption, Peer, PEER, STACK } from './peer';

function transfers(lan: Lan, server: Stack, client: Stack, address: number, octets: number): void {
  const echo = new Recorder();
  echo.echo = true;
  server.listen(7, echo);
  const app = new Recorder();
  app.writeAll(noise(octets), true);
  client.connect(address, 7, app);
  lan.run(3_600_000, () => app.events.includes('closed: normal'));
  expect(app.events).toEqual(['opened', 'ended', 'closed: normal']);
  expect(Buffer.from(app.received).equals(Buffer.from(noise(octets)))).toBe(true);
}

describe('options', () => {
  const right = { ...SIZES, address: STACK, netmask: -256, gateway: 0 };
  const make = (wrong: object) => () => {
    return new Stack(new Peer().mac, seededPlatform(1), { ...right, ...wrong });
  };

  test.each([
    ['connections', 0], ['connections', 4097], ['listeners', 0], ['listeners', 65], ['mss', 87], ['mss', 1461],
    ['receiveBuffer', 535], ['receiveBuffer', 65536], ['sendBuffer', 535], ['timeWait', -1], ['timeWait', 4097],
    ['msl', -1], ['msl', 3600001], ['neighbours', 0], ['neighbours', 257], ['pendingPacket', 63], ['pendingPacket', 1501],
    ['mss', 536.5], ['mss', NaN], ['connections', undefined],
  ])('%s: %s is refused by name', (name, value) => {
    expect(make({ [name]: value })).toThrow(new RegExp(`^${name}: ${value} is not a whole number from \\d+ to \\d+$`));
  });

  test.each(['windowScale', 'timestamps', 'sack', 'cubic', 'synCookies', 'sourceRoute'])('%s is a switch', (name) => {
    for (const value of [1, 'yes', undefined]) {
      expect(make({ [name]: value })).toThrow(`${name}: ${value} is neither true nor false`);
    }
    expect(make({ [name]: true })).not.toThrow();
  });

  test.each(['receiveBuffer', 'sendBuffer'])('%s may have a megabyte when windows are scaled', (name) => {
    const limit = (windowScale: boolean) => make({ windowScale, [name]: 1048577 });
    expect(limit(true)).toThrow(`${name}: 1048577 is not a whole number from 536 to 1048576`);
    expect(limit(false)).toThrow(`${name}: 1048577 is not a whole number from 536 to 65535`);
    expect(make({ windowScale: true, [name]: 1048576 })).not.toThrow();
  });

  test.each([
    ['address', 0, 'address: 0.0.0.0 cannot be the address of a host'],
    ['address', parseAddress('127.0.0.1'), 'address: 127.0.0.1 cannot be'],
    ['address', parseAddress('224.0.0.1'), 'address: 224.0.0.1 cannot be'],
    ['address', -1, 'address: 255.255.255.255 cannot be'],
    ['netmask', parseAddress('255.0.255.0'), 'netmask: 255.0.255.0 is not a mask such as 255.255.255.0'],
    ['netmask', 0, 'netmask: 0.0.0.0 is not a mask'],
    ['gateway', parseAddress('192.168.9.1'), 'gateway: 192.168.9.1 is not on the network of '],
  ])('%s %i is refused', (name, value, sentence) => {
    expect(make({ [name]: value })).toThrow(sentence);
  });

  test.each(['address', 'netmask', 'gateway'])('%s must be a signed integer', (name) => {
    const sentence = `${name}: 3232235777 is not an address as a signed 32-bit integer; parseAddress makes one`;
    expect(make({ [name]: 0xc0a80101 })).toThrow(sentence);
    expect(make({ [name]: '10.0.0.1' })).toThrow(`${name}: 10.0.0.1 is not an address`);
    const peer = new Peer();
    const all = { address: STACK, netmask: -256, gateway: 0, [name]: NaN };
    expect(() => peer.stack.setAddress(all.address, all.netmask, all.gateway, 0)).toThrow(`${name}: NaN`);
    expect(peer.stack.ip.address).toBe(STACK);
  });

  test('the least of everything still makes a connection', () => {
    const least = {
      connections: 1, listeners: 1, mss: 88, receiveBuffer: 88, sendBuffer: 88, timeWait: 0, msl: 0, neighbours: 1, pendingPacket: 64,
    };
    const lan = new Lan();
    const server = lan.join(2, least);
    const client = lan.join(1, least);
    transfers(lan, server.stack, client.stack, server.address, 3000);
  });
});

describe('poll', () => {
  test('asks to be called at once while frames wait, and takes eight at a time', () => {
    const peer = new Peer();
    for (let n = 0; n < 12; n++) peer.mac.inbox.push(peer.arpRequest(STACK + 1));
    expect(peer.stack.poll(peer.now)).toBe(0);
    expect(peer.mac.inbox).toHaveLength(4);
    expect(peer.stack.poll(peer.now)).toBeGreaterThan(0);
  });

  test('asks to be called in time for what is due, and within a second in any case', () => {
    const peer = new Peer().passes(5000);
    expect(peer.poll()).toBe(1000);
    peer.stack.listen(80, peer.app);
    peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({ data: 'x' });
    expect(peer.poll()).toBe(200);
    peer.now += 150;
    expect(peer.poll()).toBe(50);
  });

  test('asks to be called soon while the transmitter is busy', () => {
    const peer = new Peer().passes(5000);
    peer.mac.busy = () => true;
    peer.arrives(peer.arpRequest(STACK));
    expect(peer.poll()).toBe(1);
  });
});

describe('a transmitter that is busy at any moment', () => {
  test.each([1, 2, 3, 4, 5])('nothing is lost and nothing is sent twice (seed %i)', (seed) => {
    const lan = new Lan();
    const random = new SeededRandom(seed);
    const reluctant = (number: number) => {
      const port = new WirePort(lan.wire, { address: Uint8Array.of(2, 0, 0, 0, 0, number) });
      const send = port.send.bind(port);
      port.send = (frame, length) => random.chance(0.4) && send(frame, length);
      return port;
    };
    const server = lan.join(2, {}, reluctant(2));
    const client = lan.join(1, {}, reluctant(1));
    transfers(lan, server.stack, client.stack, server.address, 40_000);
    for (const { stack } of [server, client]) {
      expect(stack.tcp.counters).toMatchObject({ retransSegs: 0, outRsts: 0, outOfOrder: 0, outOfWindow: 0 });
      expect(stack.arp.counters.pendingDropped).toBe(0);
    }
  });

  test.each([6, 7, 8])('on a wire that loses frames as well (seed %i)', (seed) => {
    const lan = new Lan({ loss: 0.05, seed });
    const random = new SeededRandom(seed);
    const port = new WirePort(lan.wire, { address: Uint8Array.of(2, 0, 0, 0, 0, 2) });
    const send = port.send.bind(port);
    port.send = (frame, length) => random.chance(0.5) && send(frame, length);
    const server = lan.join(2, {}, port);
    transfers(lan, server.stack, lan.join(1).stack, server.address, 20_000);
  });
});

test.each([2 ** 31, 2 ** 32])('time wraps at %i ms in the middle of it all', (wrap) => {
  const lan = new Lan({ loss: 0.1, seed: 3 });
  lan.clock.now = (wrap - 1500) * 1000;
  const server = lan.join(2);
  transfers(lan, server.stack, lan.join(1).stack, server.address, 30_000);
  expect(lan.clock.now).toBeGreaterThan(wrap * 1000);
});

test('a thousand connections at once, each with its own octets', () => {
  const lan = new Lan({ bitsPerSecond: 1e9 });
  const many = { connections: 1000, timeWait: 1000, receiveBuffer: 536, sendBuffer: 536 };
  const server = lan.join(2, many);
  const client = lan.join(1, many);
  let closed = 0;
  server.stack.listen(7, {
    opened: () => undefined,
    readable: (c) => { const bytes = new Uint8Array(c.available); c.write(bytes, 0, c.read(bytes, 0, bytes.length)); },
    writable: () => undefined,
    ended: (c) => c.end(),
    closed: () => undefined,
  });
  const apps = Array.from({ length: 1000 }, (_, n) => {
    const app = new Recorder();
    app.writeAll(noise(100, n), true);
    const last = app.closed.bind(app);
    app.closed = (c, reason) => { closed++; last(c, reason); };
    return app;
  });
  for (const app of apps) expect(client.stack.connect(server.address, 7, app)).not.toBeNull();
  expect(client.stack.connect(server.address, 7, new Recorder())).toBeNull();
  lan.run(60_000, () => closed === 1000);
  expect(closed).toBe(1000);
  apps.forEach((app, n) => expect(Buffer.from(app.received).equals(Buffer.from(noise(100, n)))).toBe(true));
});

describe('floods', () => {
  /** Whatever came before, the next connection works and answers. */
  function stillServes(peer: Peer): void {
    Object.assign(peer, { port: 9000, seq: 0, ack: 0, iss: 123456 });
    peer.app.received.length = 0;
    peer.hearsAll();
    peer.sends({ flags: 'SYN', options: mssOption(536) }).expects({ flags: 'SYN ACK' }).sends({ data: 'still there?' });
    expect(Buffer.from(peer.app.received).toString()).toBe('still there?');
    peer.sends({ flags: 'RST' });
  }

  function serving(): Peer {
    const peer = new Peer();
    peer.stack.listen(80, peer.app);
    return peer;
  }

  test.each([1, 2, 3])('2,000 frames of noise, 9,000 octets and cut ones among them: nothing thrown, all counted (seed %i)', (seed) => {
    const peer = serving();
    const random = new SeededRandom(seed);
    const good = peer.frameOf({ flags: 'SYN', seq: 0 });
    const { mac, stack } = peer;
    const tables = [mac.counters, stack.ip.counters, stack.arp.counters, stack.icmp.counters, stack.tcp.counters];
    const sum = () => tables.flatMap((table) => Object.values(table) as number[]).reduce((a, b) => a + b, stack.unknownTypes);
    for (let n = 0; n < 2000; n++) {
      const kind = random.below(5);
      let frame = noise(14 + random.below(576), seed * 10_000 + n);
      if (kind === 0) frame = noise(9000, n);
      if (kind === 1) frame = good.slice(0, 14 + random.below(good.length - 14));
      if (kind > 2) frame.set(good.slice(0, random.below(Math.min(good.length, frame.length))));
      if (kind === 4) frame.set([8, random.chance(0.5) ? 6 : 0], 12);
      const before = sum();
      peer.arrives(frame);
      expect(sum(), `frame ${n}`).toBeGreaterThan(before);
    }
    expect(mac.counters.rxOversize).toBeGreaterThan(100);
    stillServes(peer.passes(2000));
  });

  test('good headers, any TCP behind them', () => {
    const peer = serving();
    const random = new SeededRandom(5);
    const flags = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'];
    for (let n = 0; n < 2000; n++) {
      peer.port = 4000 + random.below(6);
      peer.arrives(peer.frameOf({
        seq: random.chance(0.5) ? random.below(4) : random.bits(),
        ack: random.chance(0.5) ? random.below(4) : random.bits(),
        flags: flags.filter(() => random.chance(0.4)).join(' '),
        wnd: random.below(65536),
        options: [...noise(4 * random.below(11), n)],
        data: noise(random.below(400), n),
      }));
      peer.hearsAll();
      if (random.chance(0.1)) peer.passes(random.below(500));
    }
    peer.passes(2000).stack.tcp.connections.forEach((c) => c.abort());
    peer.poll();
    stillServes(peer);
  });

  test('2,000 SYNs from everywhere: dropped without a reset, and a second later there is room', () => {
    const peer = serving();
    for (let n = 0; n < 2000; n++) {
      peer.port = 1 + n;
      peer.arrives(peer.frameOf({ flags: 'SYN', seq: n }));
      if (n % 100 === 0) peer.passes(20);
    }
    const counters = peer.stack.tcp.counters;
    expect(counters.outRsts).toBe(0);
    expect(counters.passiveOpens + counters.listenOverflows).toBe(2000);
    stillServes(peer.passes(1100));
  });

  test('SYNs from stations that do not exist fill no table for good', () => {
    const peer = serving();
    const frame = peer.frameOf({ flags: 'SYN' });
    for (let n = 0; n < 500; n++) {
      const copy = frame.slice();
      copy[29] = 10 + (n % 200);
      // The checksums of both headers follow from the change.
      for (const at of [24, 50]) {
        const sum = ((copy[at]! << 8) | copy[at + 1]!) - (copy[29]! - frame[29]!);
        copy[at] = (sum >> 8) & 255;
        copy[at + 1] = sum & 255;
      }
      peer.arrives(copy).passes(20);
    }
    expect(peer.stack.tcp.counters.passiveOpens).toBeGreaterThan(8);
    expect(peer.stack.arp.counters.pendingDropped).toBeGreaterThan(8);
    peer.arrives(peer.arpRequest(STACK, PEER));
    stillServes(peer.passes(1100));
  });
});
