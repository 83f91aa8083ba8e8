import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DnsResolver } from '../../../src/udp/dns';
import { Resolution } from '../../../src/udp/dns-result';
import { sameName, skipName, writeName } from '../../../src/udp/dns-name';
import { UdpHost } from '../../../src/udp/udp';
import { parseAddress } from '../../../src/ip/address';
import { SeededRandom } from '../../../hal/mock/random';
import { get16, half, readPacket, udpDatagram, word } from '../frames';
import { noise } from '../lan';
import { Peer, PEER, STACK } from '../peer';

const SECOND = PEER + 1;
const ANSWER = parseAddress('93.184.216.34');

/** A name's wire form. */
const name = (text: string) => [...text.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]), 0];
const record = (owner: number[], type: number, data: number[], ttl = 300) =>
  [...owner, ...half(type), 0, 1, ...word(ttl), ...half(data.length), ...data];
/** A pointer to the question's name. */
const question = [0xc0, 12];
const a = (address = ANSWER, owner = question, ttl = 300) => record(owner, 1, word(address), ttl);
const cname = (target: number[], owner = question) => record(owner, 5, target);

interface Wrong {
  id?: number; flags?: number; name?: string; from?: number; port?: number; to?: number; count?: number; questions?: number;
}
interface Query { id: number; port: number; to: number; toPort: number; name: string; ttl: number }

function resolver(servers = [PEER]) {
  const peer = new Peer().passes(3000);
  const udp = new UdpHost(peer.stack, 4);
  const dns = new DnsResolver(udp, 3);
  dns.servers.set(servers);
  const told: [number, number, Resolution][] = [];
  const handler = { resolved: (...words: [number, number, Resolution]) => void told.push(words) };
  peer.mac.outbox.length = 0;
  /** The questions that the stack has sent. */
  const queries = (): Query[] => peer.mac.outbox.splice(0).filter((frame) => get16(frame, 12) === 0x0800).map(readPacket)
    .filter(({ protocol }) => protocol === 17).map(({ payload: p, destination, ttl }) => {
      const body = p.slice(8);
      expect(Array.from(body.slice(4, 12))).toEqual([0, 1, 0, 0, 0, 0, 0, 0]);
      expect(Array.from(body.slice(-5))).toEqual([0, 0, 1, 0, 1]);
      const text: string[] = [];
      for (let at = 12; body[at]! > 0; at += body[at]! + 1) text.push(Buffer.from(body.slice(at + 1, at + 1 + body[at]!)).toString());
      return { id: get16(body, 0), port: get16(p, 0), to: destination, toPort: get16(p, 2), name: text.join('.'), ttl };
    });
  const asks = (text: string) => {
    dns.lookUp(text, handler);
    peer.poll();
    const all = queries();
    expect(all).toHaveLength(1);
    return all[0]!;
  };
  /** An answer to `query`; what is not right can be said. */
  const answers = (query: Query, records: number[][], more: Wrong = {}) => {
    const body = [
      ...half(more.id ?? query.id), ...half(more.flags ?? 0x8180), ...half(more.questions ?? 1),
      ...half(more.count ?? records.length), 0, 0, 0, 0,
      ...name(more.name ?? query.name), 0, 1, 0, 1, ...records.flat(),
    ];
    const from = more.from ?? query.to;
    peer.sendsPacket({ protocol: 17, source: from, payload: udpDatagram([from, STACK], more.port ?? 53, more.to ?? query.port, body) });
    peer.poll();
    return told.splice(0);
  };
  return { peer, udp, dns, told, handler, queries, asks, answers };
}

describe('a name', () => {
  test('is asked of the server, from a random port with a random number, and answered once', () => {
    const { asks, answers, dns } = resolver();
    const query = asks('example.com');
    expect(query).toMatchObject({ to: PEER, toPort: 53, name: 'example.com', ttl: 64 });
    expect(query.port).toBeGreaterThanOrEqual(49152);
    expect(answers(query, [a()])).toEqual([[0, ANSWER, Resolution.found]]);
    expect(answers(query, [a(1)])).toEqual([]);
    const next = asks('example.org');
    expect([next.port, next.id]).not.toEqual([query.port, query.id]);
    expect(dns.counters.queries).toBe(2);
  });

  test('is remembered for as long as its answer holds, in any case of its letters', () => {
    const { asks, answers, dns, peer, told, handler, queries } = resolver();
    answers(asks('example.com'), [a(ANSWER, question, 60)]);
    peer.passes(59_000);
    dns.lookUp('Example.COM.', handler);
    peer.poll();
    expect(told.splice(0)).toMatchObject([[expect.anything(), ANSWER, Resolution.found]]);
    expect(queries()).toEqual([]);
    expect(dns.counters.remembered).toBe(1);
    peer.passes(1001);
    asks('example.com');
  });

  test('whose answer holds for no time is asked for again', () => {
    const { asks, answers } = resolver();
    answers(asks('example.com'), [a(ANSWER, question, 0)]);
    asks('example.com');
  });

  test('that the network has changed under is asked for again', () => {
    const { asks, answers, peer } = resolver();
    answers(asks('example.com'), [a()]);
    peer.stack.setAddress(STACK + 100, -256, 0, peer.now);
    asks('example.com');
  });

  test.each<[string, number[][]]>([
    ['an alias', [cname(name('www.example.net')), a(ANSWER, name('www.example.net'))]],
    ['aliases in any order, written with pointers', [
      a(ANSWER, name('c.d')), record(name('b.d'), 5, name('c.d')), cname(name('b.d')),
    ]],
    ['eight aliases', [
      cname(name('a1')), ...[1, 2, 3, 4, 5, 6, 7].map((n) => record(name(`a${n}`), 5, name(`a${n + 1}`))), a(ANSWER, name('a8')),
    ]],
    ['records of other names and types in front', [record(question, 28, [...noise(16)]), a(1, name('other.com')), record(question, 1, [1, 2, 3]), a()]],
  ])('is found behind %s', (_what, records) => {
    const { asks, answers } = resolver();
    expect(answers(asks('example.com'), records)).toEqual([[0, ANSWER, Resolution.found]]);
  });

  test.each<[string, number[][], object?]>([
    ['it does not exist', [], { flags: 0x8183 }],
    ['it has no address', [record(question, 28, [...noise(16)])]],
    ['its aliases lead in a circle', [cname(name('b.d')), record(name('b.d'), 5, question)]],
    ['the answer ends in the middle of a record', [a().slice(0, -1)]],
    ['more records are announced than there are', [cname(name('b.d'))], { count: 65535 }],
    ['a pointer points to itself', [record([0xc0, 12 + 13 + 4], 1, word(ANSWER))]],
    ['a pointer leads forward', [record([0xc0, 60], 1, word(ANSWER))]],
  ])('is not found when %s', (_what, records, more) => {
    const { asks, answers } = resolver();
    expect(answers(asks('example.com'), records, more)).toEqual([[0, 0, Resolution.notFound]]);
  });
});

describe('an answer is not believed', () => {
  test.each<[string, object]>([
    ['from another host', { from: SECOND }],
    ['from another port', { port: 5353 }],
    ['with another number', { id: 0x1234 }],
    ['to another question', { name: 'example.org' }],
    ['that is a question', { flags: 0x0100 }],
    ['of another kind', { flags: 0x8980 }],
    ['without the question', { questions: 0 }],
  ])('%s', (_what, more) => {
    const { asks, answers, dns } = resolver();
    const query = asks('example.com');
    expect(answers({ ...query, id: query.id === 0x1234 ? 1 : query.id }, [a()], more)).toEqual([]);
    expect(dns.counters.rejected).toBe(1);
    expect(answers(query, [a()])).toHaveLength(1);
  });

  test('to a port that has asked nothing', () => {
    const { asks, answers, udp } = resolver();
    const query = asks('example.com');
    expect(answers(query, [a()], { to: query.port ^ 1 })).toEqual([]);
    expect(udp.counters.noPorts).toBe(1);
  });
});

describe('servers', () => {
  test('that do not answer are asked three times in turn, longer and longer', () => {
    const { asks, peer, queries, told } = resolver([PEER, SECOND]);
    peer.arrives(peer.arpRequest(STACK, SECOND));
    const seen = [[0, asks('example.com').to]];
    const start = peer.now;
    while (told.length === 0 && peer.now < start + 100_000) {
      peer.passes(100);
      for (const { to } of queries()) seen.push([peer.now - start, to]);
    }
    expect(seen).toEqual([[0, PEER], [2000, SECOND], [4000, PEER], [8000, SECOND], [12000, PEER], [20000, SECOND]]);
    expect([peer.now - start, told]).toEqual([28_000, [[0, 0, Resolution.timedOut]]]);
  });

  test('each repetition has another number', () => {
    const { asks, peer, queries } = resolver();
    const first = asks('example.com');
    const [second] = queries.call(peer.passes(2000));
    expect(second!.id).not.toBe(first.id);
  });

  test('one that fails is passed over at once', () => {
    const { asks, answers, queries, peer } = resolver([PEER, SECOND]);
    peer.arrives(peer.arpRequest(STACK, SECOND));
    expect(answers(asks('example.com'), [], { flags: 0x8182 })).toEqual([]);
    const [second] = queries();
    expect(second!.to).toBe(SECOND);
    expect(answers(second!, [a()])).toEqual([[0, ANSWER, Resolution.found]]);
  });

  test('when there is none, that is said', () => {
    const { dns, handler, peer, told } = resolver([]);
    dns.lookUp('example.com', handler);
    peer.poll();
    expect(told).toEqual([[0, 0, Resolution.noServer]]);
  });
});

describe('a name in .local', () => {
  test('is asked of everybody on the network, and answered by any of them', () => {
    const { asks, answers, peer } = resolver([]);
    const query = asks('Printer.local');
    expect(query).toMatchObject({ to: parseAddress('224.0.0.251'), toPort: 5353, ttl: 255 });
    expect(answers(query, [a()], { from: PEER, port: 53 })).toEqual([]);
    const answer = { from: SECOND, port: 5353, flags: 0x8400 };
    expect(answers(query, [record(question, 1, word(SECOND))], answer)).toEqual([[0, SECOND, Resolution.found]]);
    expect(peer.stack.arp.counters.requestsOut).toBe(2);
  });

  test('to its Ethernet group', () => {
    const { dns, handler, peer } = resolver([]);
    dns.lookUp('a.local', handler);
    peer.poll();
    expect(Array.from(peer.mac.outbox[0]!.slice(0, 6))).toEqual([1, 0, 0x5e, 0, 0, 0xfb]);
  });
});

describe('requests', () => {
  test('three at once, no fourth; one that is given up makes room, and is not told', () => {
    const { dns, handler, peer, queries, answers, told } = resolver();
    expect(['a.b', 'c.d', 'e.f', 'g.h'].map((text) => dns.lookUp(text, handler))).toEqual([0, 1, 2, -1]);
    peer.poll();
    const all = queries();
    dns.cancel(1);
    expect(answers(all[1]!, [a()])).toEqual([]);
    expect(dns.lookUp('g.h', handler)).toBe(1);
    expect(answers(all[2]!, [a()])).toEqual([[2, ANSWER, Resolution.found]]);
    expect(told).toEqual([]);
  });

  test('UDP ports that are all taken leave no request behind', () => {
    const { dns, udp, handler } = resolver();
    for (let n = 0; n < 4; n++) udp.openPort(0, { datagram: () => undefined });
    expect(dns.lookUp('a.b', handler)).toBe(-1);
  });

  test.each(['', '.', 'a..b', '.a', 'x'.repeat(64), 'a b', 'caf\xe9', 'x.'.repeat(60)])('"%s" is no name', (text) => {
    const { dns, handler } = resolver();
    expect(() => dns.lookUp(text, handler)).toThrow(`"${text}" is not a host name such as example.com of up to 94 letters`);
  });
});

describe('names in messages', () => {
  const label = fc.stringMatching(/^[!-\-/-~]{1,63}$/);

  test('are written and compared', () => {
    fc.assert(fc.property(fc.array(label, { minLength: 1, maxLength: 3 }), (labels) => {
      const bytes = new Uint8Array(300);
      const end = writeName(bytes, 5, 300, labels.join('.'));
      expect(Array.from(bytes.slice(5, end))).toEqual(name(labels.join('.')));
      expect(skipName(bytes, 5, 300)).toBe(end);
      const upper = Uint8Array.from(name(labels.join('.').toUpperCase()));
      expect(sameName(bytes, 0, 5, 300, upper, 0, 0, upper.length)).toBe(true);
      expect(writeName(bytes, 5, end - 1, labels.join('.'))).toBe(0);
    }));
  });

  test('of any octets are read within their message, in bounded time', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(600), fc.nat(600), (bytes, at, other) => {
      expect(skipName(bytes, at, bytes.length)).toBeLessThanOrEqual(Math.max(at, bytes.length));
      sameName(bytes, 0, at, bytes.length, bytes, 0, other, bytes.length);
    }));
    const chain = new Uint8Array(600);
    for (let at = 2; at < 600; at += 2) chain.set([0xc0 | ((at - 2) >> 8), (at - 2) & 255], at);
    expect(sameName(chain, 0, 8, 600, chain, 0, 8, 600)).toBe(true);
    // No honest message sends its reader further.
    for (const at of [10, 100, 598]) expect(sameName(chain, 0, at, 600, chain, 0, at - 2, 600)).toBe(false);
  });
});

test('20,000 answers with noise in them: nothing thrown, each counted', () => {
  const { asks, peer, dns, told } = resolver();
  const random = new SeededRandom(7);
  let query = asks('example.com');
  for (let n = 0; n < 20_000; n++) {
    const body = Uint8Array.from([
      ...half(query.id), 0x81, 0x80, 0, 1, 0, 3, 0, 0, 0, 0, ...name('example.com'), 0, 1, 0, 1, ...cname(name('b.d')), ...a(ANSWER, name('b.d')),
    ]);
    for (let faults = 1 + random.below(6); faults > 0; faults--) body[12 + random.below(body.length - 12)] = random.below(256);
    const before = dns.counters.rejected + told.length;
    const cut = body.slice(0, 12 + random.below(body.length - 11));
    peer.mac.outbox.length = 0;
    peer.sendsPacket({ protocol: 17, payload: udpDatagram([PEER, STACK], 53, query.port, cut) });
    peer.poll();
    expect(dns.counters.rejected + told.length).toBe(before + 1);
    if (told.length > 0) {
      told.length = 0;
      dns.changed(0);
      query = asks('example.com');
    }
  }
});
