import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../hal/mock/random';
import { parseAddress } from '../../../src/ip/address';
import { IgmpHost } from '../../../src/ip/igmp';
import { MdnsResponder } from '../../../src/udp/mdns';
import { UdpHost } from '../../../src/udp/udp';
import { get16, get32, half, readPacket, udpDatagram, word } from '../frames';
import { Peer, PEER, STACK } from '../peer';

const GROUP = parseAddress('224.0.0.251');
const name = (text: string) => [...text.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]), 0];
const record = (owner: string, type: number, data: number[], ttl = 120, kind = 1) =>
  [...name(owner), ...half(type), ...half(kind), ...word(ttl), ...half(data.length), ...data];
const question = (text: string, type: number, kind = 1) => [...name(text), ...half(type), ...half(kind)];
const message = (flags: number, questions: number[][], answers: number[][] = [], authorities: number[][] = [], id = 0) => [
  ...half(id), ...half(flags), ...half(questions.length), ...half(answers.length), ...half(authorities.length), 0, 0,
  ...questions.flat(), ...answers.flat(), ...authorities.flat(),
];

interface Said { at: number; to: number; port: number; ttl: number; id: number; flags: number; questions: string[]; records: string[] }

function readName(bytes: Uint8Array, at: number): [string, number] {
  const labels: string[] = [];
  while (bytes[at]! > 0) {
    labels.push(Buffer.from(bytes.slice(at + 1, at + 1 + bytes[at]!)).toString());
    at += bytes[at]! + 1;
  }
  return [labels.join('.'), at + 1];
}

/** A message as text: questions "name type class", records "name type class ttl data". */
function parse(body: Uint8Array): { questions: string[]; records: string[] } {
  let at = 12;
  const questions = Array.from({ length: get16(body, 4) }, () => {
    const [text, end] = readName(body, at);
    at = end + 4;
    return `${text} ${get16(body, end)} ${get16(body, end + 2)}`;
  });
  const records = Array.from({ length: get16(body, 6) + get16(body, 8) + get16(body, 10) }, () => {
    const [text, end] = readName(body, at);
    const type = get16(body, end);
    const data = body.slice(end + 10, end + 10 + get16(body, end + 8));
    at = end + 10 + data.length;
    const shown = type === 12 ? readName(data, 0)[0] : type === 33 ? `${data.slice(0, 6).join('.')} ${readName(data, 6)[0]}` : data.join('.');
    return `${text} ${type} ${get16(body, end + 2)} ${get32(body, end + 4)} ${shown}`;
  });
  expect(at).toBe(body.length);
  return { questions, records };
}

function host(label = 'espruino', port = 0) {
  const peer = new Peer();
  const udp = new UdpHost(peer.stack, 2);
  const mdns = new MdnsResponder(udp, new IgmpHost(peer.stack, 2), label);
  if (port > 0) mdns.advertise(port);
  const listen = (milliseconds: number): Said[] => {
    const said: Said[] = [];
    const end = peer.now + milliseconds;
    for (;;) {
      const wait = peer.poll();
      for (const frame of peer.mac.outbox.splice(0)) {
        if (get16(frame, 12) !== 0x0800) continue;
        const packet = readPacket(frame);
        if (packet.protocol !== 17) continue;
        expect(get16(packet.payload, 0)).toBe(5353);
        const body = packet.payload.slice(8);
        const head = { at: peer.now, to: packet.destination, port: get16(packet.payload, 2), ttl: packet.ttl };
        said.push({ ...head, id: get16(body, 0), flags: get16(body, 2), ...parse(body) });
      }
      if (peer.now >= end) return said;
      peer.now = Math.min(end, peer.now + Math.max(1, wait));
    }
  };
  const hears = (body: number[], more: { from?: number; port?: number; to?: number } = {}) => {
    const [from, to] = [more.from ?? PEER, more.to ?? GROUP];
    const payload = udpDatagram([from, to], more.port ?? 5353, 5353, body);
    peer.sendsPacket({ protocol: 17, source: from, destination: to, payload, ttl: 255 });
    return listen(200);
  };
  return { peer, udp, mdns, listen, hears };
}

const ADDRESS = 'espruino.local 1 32769 120 10.0.0.1';

describe('a host\'s name', () => {
  test('is asked for three times, 250 ms apart, then announced twice, a second apart', () => {
    const { listen } = host();
    const said = listen(5000);
    expect(said.map(({ to, port, ttl }) => [to, port, ttl])).toEqual(Array.from({ length: 5 }, () => [GROUP, 5353, 255]));
    expect(said.slice(0, 3)).toMatchObject(Array.from({ length: 3 }, () => ({
      flags: 0, questions: ['espruino.local 255 32769'], records: ['espruino.local 1 1 120 10.0.0.1'],
    })));
    expect(said.slice(3)).toMatchObject(Array.from({ length: 2 }, () => ({ flags: 0x8400, questions: [], records: [ADDRESS] })));
    const waits = said.slice(1).map(({ at }, n) => at - said[n]!.at);
    expect(waits).toEqual([250, 250, 250, 1000]);
    expect(said[0]!.at).toBeLessThan(250);
  });

  test('that somebody else has gets a number', () => {
    const { listen, hears, mdns } = host();
    listen(300);
    hears(message(0x8400, [], [record('Espruino.local', 1, word(PEER), 120, 0x8001)]));
    expect(listen(5000).at(-1)!.records).toEqual(['espruino-2.local 1 32769 120 10.0.0.1']);
    hears(message(0x8400, [], [record('espruino-2.local', 1, word(PEER), 120, 0x8001)]));
    hears(message(0x8400, [], [record('espruino-2.local', 1, word(PEER), 120, 0x8001)]));
    expect(listen(5000).at(-1)!.records).toEqual(['espruino-3.local 1 32769 120 10.0.0.1']);
    expect(mdns.conflicts).toBe(3);
  });

  test('in use is defended: only who asks for it and is answered by another host gives it up', () => {
    const { listen, hears } = host();
    listen(5000);
    hears(message(0x8400, [], [record('espruino.local', 1, word(PEER))]));
    expect(listen(5000).at(-1)!.records).toEqual([ADDRESS]);
  });

  test('that two want at once goes to the greater address, the other one waits a second', () => {
    for (const [rival, waits] of [[PEER, true], [STACK - 1, false]] as const) {
      const { listen, hears, peer } = host();
      listen(300);
      const probe = message(0, [question('espruino.local', 255)], [], [record('espruino.local', 1, word(rival))]);
      const start = peer.now;
      const said = [...hears(probe, { from: rival }), ...listen(5000)];
      expect(said[0]!.at - start >= 1000).toBe(waits);
      expect(said.at(-1)!.records).toEqual([ADDRESS]);
    }
  });

  test('is probed again at another address, and not used without one', () => {
    const { listen, peer, hears } = host();
    listen(5000);
    peer.stack.setAddress(0, -1, 0, peer.now);
    expect(hears(message(0, [question('espruino.local', 1)]))).toEqual([]);
    peer.stack.setAddress(STACK + 5, -256, 0, peer.now);
    expect(listen(5000).at(-1)!.records).toEqual(['espruino.local 1 32769 120 10.0.0.6']);
  });
});

describe('a web server\'s name', () => {
  const service = (label: string) => [
    `_http._tcp.local 12 1 120 ${label}._http._tcp.local`, `${label}._http._tcp.local 33 32769 120 0.0.0.0.0.80 ${label}.local`,
    `${label}._http._tcp.local 16 32769 120 0`, `${label}.local 1 32769 120 10.0.0.1`,
  ];

  test('gets the number that the host\'s gets, and is asked for with it', () => {
    const { listen, hears } = host('espruino', 80);
    listen(300);
    const said = [...hears(message(0x8400, [], [record('espruino.local', 1, word(PEER), 120, 0x8001)])), ...listen(5000)];
    expect(said[0]!.questions).toEqual(['espruino-2.local 255 32769', 'espruino-2._http._tcp.local 255 32769']);
    expect(said.at(-1)!.records).toEqual(service('espruino-2'));
    expect(hears(message(0, [question('espruino._http._tcp.local', 33)]))).toEqual([]);
  });

  test('that somebody else has gives both a number', () => {
    const { listen, hears } = host('espruino', 80);
    listen(300);
    const other = [0, 0, 0, 0, 0, 80, ...name('other.local')];
    hears(message(0x8400, [], [record('espruino._http._tcp.local', 33, other, 120, 0x8001)]));
    expect(listen(5000).at(-1)!.records).toEqual(service('espruino-2'));
  });

  test('follows a host that is renamed, and another port is announced, and that there is none any more', () => {
    const { listen, hears, mdns } = host('espruino', 80);
    listen(5000);
    mdns.renameHost('b');
    expect(listen(5000).at(-1)!.records).toEqual(service('b'));
    mdns.advertise(8080);
    expect(listen(5000).at(-1)!.records[1]).toBe('b._http._tcp.local 33 32769 120 0.0.0.0.31.144 b.local');
    mdns.advertise(0);
    expect(listen(5000).at(-1)!.records).toEqual(['b.local 1 32769 120 10.0.0.1']);
    expect(hears(message(0, [question('_http._tcp.local', 12)]))).toEqual([]);
  });

  test.each([[-1], [65_536], [80.5], [NaN], ['80'], [undefined]])('with the port %s is refused', (port: unknown) => {
    const { mdns, listen } = host('espruino', 80);
    expect(() => mdns.advertise(port as number)).toThrow(`advertise: ${String(port)} is not a port from 1 to 65535, nor 0 for none`);
    expect(listen(5000).at(-1)!.records).toEqual(service('espruino'));
  });
});

test('a responder whose port is taken is none: it throws, and says nothing afterwards', () => {
  const peer = new Peer();
  const udp = new UdpHost(peer.stack, 2);
  udp.openPort(5353, { datagram: () => undefined });
  expect(() => new MdnsResponder(udp, new IgmpHost(peer.stack, 2), 'espruino')).toThrow('UDP: port 5353 is taken already');
  peer.passes(1000).stack.setAddress(STACK + 5, -256, 0, peer.now);
  peer.passes(5000);
  expect(peer.mac.outbox.filter((frame) => get16(frame, 12) === 0x0800)).toEqual([]);
});

describe('a question', () => {
  const running = (port = 0) => {
    const all = host('espruino', port);
    all.listen(5000);
    return all;
  };

  test.each([['for the address', 1], ['for anything', 255]])('%s is answered to all at once', (_what, type) => {
    const { hears, peer } = running();
    const start = peer.now;
    expect(hears(message(0, [question('ESPRUINO.local', type)]))).toEqual([
      { at: start, to: GROUP, port: 5353, ttl: 255, id: 0, flags: 0x8400, questions: [], records: [ADDRESS] },
    ]);
  });

  test('is answered once a second at most', () => {
    const { hears, listen, peer } = running();
    const start = peer.now;
    const said = Array.from({ length: 5 }, () => hears(message(0, [question('espruino.local', 1)]))).flat();
    expect([...said, ...listen(3000)].map(({ at }) => at - start)).toEqual([0, 1000]);
  });

  test('of one host that wants it so is answered to it alone', () => {
    const { hears } = running();
    expect(hears(message(0, [question('espruino.local', 1, 0x8001)]))).toMatchObject([{ to: PEER, port: 5353, records: [ADDRESS] }]);
  });

  test('of a resolver that knows nothing of multicast is answered as it expects', () => {
    const { hears } = running();
    expect(hears(message(0x0100, [question('espruino.local', 1)], [], [], 4711), { port: 40_000 })).toMatchObject([
      { to: PEER, port: 40_000, id: 4711, flags: 0x8400, questions: ['espruino.local 1 1'], records: ['espruino.local 1 1 10 10.0.0.1'] },
    ]);
  });

  test.each([
    ['for another name', [question('espruino2.local', 1)]], ['for another type', [question('espruino.local', 28)]],
    ['of another class', [question('espruino.local', 1, 3)]], ['for a service that there is not', [question('_http._tcp.local', 12)]],
  ])('%s is left alone', (_what, questions) => {
    const { hears } = running();
    expect(hears(message(0, questions))).toEqual([]);
  });

  test('whose asker knows the answer for long enough is left alone', () => {
    const { hears } = running();
    expect(hears(message(0, [question('espruino.local', 1)], [record('espruino.local', 1, word(STACK), 60)]))).toEqual([]);
    expect(hears(message(0, [question('espruino.local', 1)], [record('espruino.local', 1, word(STACK), 59)]))).toHaveLength(1);
  });

  test('for web servers leads to ours, its port and its address', () => {
    const { hears, peer } = running(80);
    const start = peer.now;
    const [answer] = hears(message(0, [question('_http._tcp.local', 12)]));
    expect(answer!.records).toEqual([
      '_http._tcp.local 12 1 120 espruino._http._tcp.local', 'espruino._http._tcp.local 33 32769 120 0.0.0.0.0.80 espruino.local',
      'espruino._http._tcp.local 16 32769 120 0', ADDRESS,
    ]);
    expect(answer!.at - start).toBeGreaterThanOrEqual(20);
    expect(answer!.at - start).toBeLessThanOrEqual(120);
    const known = record('_http._tcp.local', 12, name('espruino._http._tcp.local'), 100);
    expect(hears(message(0, [question('_http._tcp.local', 12)], [known]))).toEqual([]);
  });

  test('for all services, and for a service by its name', () => {
    const { hears, listen } = running(80);
    expect(hears(message(0, [question('_services._dns-sd._udp.local', 12)]))).toMatchObject([
      { records: ['_services._dns-sd._udp.local 12 1 120 _http._tcp.local'] },
    ]);
    listen(2000);
    const [answer] = hears(message(0, [question('espruino._http._tcp.local', 33)]));
    expect(answer!.records.map((text) => text.split(' ')[1])).toEqual(['33', '1']);
  });
});

test('20,000 messages with noise in them: nothing thrown, and the name is still answered for', () => {
  const { udp, peer, hears, listen, mdns } = host('espruino', 80);
  listen(5000);
  const random = new SeededRandom(5);
  const seeds = [
    message(0, [question('_http._tcp.local', 12)], [record('_http._tcp.local', 12, name('espruino._http._tcp.local'))]),
    message(0, [question('espruino.local', 255)], [], [record('espruino.local', 1, word(PEER))]),
    message(0x8400, [], [record('espruino.local', 1, word(STACK)), record('espruino._http._tcp.local', 33, [0, 0, 0, 0, 0, 80, ...name('espruino.local')])]),
  ];
  for (let n = 0; n < 20_000; n++) {
    const body = [...seeds[random.below(3)]!];
    for (let faults = random.below(5); faults > 0; faults--) body[random.below(body.length)] = random.below(256);
    const before = udp.counters.inDatagrams;
    const cut = body.slice(0, random.chance(0.3) ? random.below(body.length) : body.length);
    peer.sendsPacket({ protocol: 17, destination: GROUP, payload: udpDatagram([PEER, GROUP], random.chance(0.9) ? 5353 : 9, 5353, cut) });
    expect(udp.counters.inDatagrams).toBe(before + 1);
    peer.passes(random.below(50));
    peer.mac.outbox.length = 0;
  }
  expect(mdns.rejected).toBeGreaterThan(1000);
  mdns.renameHost('after');
  listen(5000);
  expect(hears(message(0, [question('after.local', 1)]))).toHaveLength(1);
});
