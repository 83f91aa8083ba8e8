import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../hal/mock/random';
import { parseAddress } from '../../../src/ip/address';
import { DnsResolver } from '../../../src/udp/dns';
import { SntpClient, SntpState } from '../../../src/udp/sntp';
import { UdpHost } from '../../../src/udp/udp';
import { get16, get32, half, readPacket, udpDatagram, word } from '../frames';
import { noise } from '../lan';
import { Peer, PEER, STACK } from '../peer';

/** 2024-01-01 00:00:00 UTC in seconds since 1900. */
const NEW_YEAR = 3913056000 | 0;
const HALF = 0x80000000 | 0;

interface Question { at: number; to: number; port: number; toPort: number; body: number[] }
interface Answer {
  first?: number; stratum?: number; delay?: number; dispersion?: number; code?: string; originate?: number[];
  receive?: [number, number]; transmit?: [number, number]; from?: number; port?: number; to?: number; cut?: number;
}

function client(name = '', address = PEER) {
  const peer = new Peer();
  const udp = new UdpHost(peer.stack, 3);
  const dns = new DnsResolver(udp, 2);
  dns.servers[0] = PEER;
  const told: (number | string)[] = [];
  const sntp = new SntpClient(udp, dns, {
    timeFound: (seconds, milliseconds) => void told.push(((seconds - NEW_YEAR) | 0) + milliseconds / 1000),
    timeRefused: () => void told.push('refused'),
  });
  sntp.startSntp(name, address);
  const heard: Question[] = [];
  const listen = (): void => {
    for (const frame of peer.mac.outbox.splice(0)) {
      if (get16(frame, 12) !== 0x0800 || frame[23] !== 17) continue;
      const { destination: to, payload } = readPacket(frame);
      heard.push({ at: peer.now, to, port: get16(payload, 0), toPort: get16(payload, 2), body: [...payload.slice(8)] });
    }
  };
  /** Lets so many seconds pass. @returns what was asked meanwhile */
  const passes = (seconds: number): Question[] => {
    const end = peer.now + seconds * 1000;
    for (;;) {
      const wait = peer.poll();
      listen();
      if (peer.now >= end) return heard.splice(0);
      peer.now = Math.min(end, peer.now + Math.max(1, wait));
    }
  };
  const asks = (): Question => {
    const all = passes(0);
    expect(all).toHaveLength(1);
    return all[0]!;
  };
  /** Answers a question as a good server does, but for what is said. @returns what the client's owner was told */
  const answers = (question: Question, answer: Answer = {}) => {
    const body = [
      answer.first ?? 0x24, answer.stratum ?? 2, 6, 0xec, ...word(answer.delay ?? 0x8000), ...word(answer.dispersion ?? 0x4000),
      ...Buffer.from(answer.code ?? 'GPS\0'), ...word(NEW_YEAR), ...word(0), ...(answer.originate ?? question.body.slice(40, 48)),
      ...(answer.receive ?? answer.transmit ?? [NEW_YEAR, 0]).flatMap(word), ...(answer.transmit ?? [NEW_YEAR, 0]).flatMap(word),
    ].slice(0, answer.cut ?? 48);
    const from = answer.from ?? question.to;
    const payload = udpDatagram([from, STACK], answer.port ?? 123, answer.to ?? question.port, body);
    peer.sendsPacket({ protocol: 17, source: from, payload });
    return told.splice(0);
  };
  return { peer, udp, dns, sntp, told, passes, asks, answers };
}

describe('a question', () => {
  test('says nothing but that it is one, and a number that nobody can foresee', () => {
    const { asks } = client();
    const { to, port, toPort, body } = asks();
    expect([to, toPort]).toEqual([PEER, 123]);
    expect(port).toBeGreaterThanOrEqual(49152);
    expect(body).toHaveLength(48);
    expect(body.slice(0, 40)).toEqual([0x23, ...new Array<number>(39).fill(0)]);
    const { passes } = client();
    const [first, second] = passes(16);
    expect([second!.port, second!.body.slice(40)]).not.toEqual([first!.port, first!.body.slice(40)]);
  });

  test('comes again 1024 s after an answer, and has no port between', () => {
    const { asks, answers, passes, udp } = client();
    answers(asks());
    expect([0, 1, 2].map(() => udp.openPort(0, { datagram: () => undefined }))).not.toContain(0);
    expect(passes(1023)).toEqual([]);
    const at = client();
    at.answers(at.asks());
    expect(at.passes(1024).map(({ at: time }) => time)).toEqual([1_024_000]);
  });

  test('without an answer comes after 15 s, and each time twice as late, up to 16 minutes', () => {
    const { passes } = client();
    const times = passes(4000).map(({ at }) => at / 1000);
    expect(times.slice(1).map((time, n) => time - times[n]!)).toEqual([15, 30, 60, 120, 240, 480, 960, 960, 960]);
  });

  test('never comes within 15 s of another one, however often the client is started or moved', () => {
    const { sntp, peer, passes } = client();
    const times: number[] = [];
    for (let n = 0; n < 60; n++) {
      sntp.startSntp('', PEER);
      if (n % 7 === 0) peer.stack.setAddress(STACK, -256, 0, peer.now);
      times.push(...passes(1).map(({ at }) => at / 1000));
    }
    expect(times).toEqual([0, 15, 30, 45, 60]);
  });

  test('goes out as soon as there is an address', () => {
    const { sntp, peer, passes } = client();
    sntp.stopSntp();
    peer.stack.setAddress(0, -1, 0, peer.now);
    passes(20);
    sntp.startSntp('', PEER);
    expect(passes(3)).toEqual([]);
    peer.stack.setAddress(STACK, -256, 0, peer.now);
    expect(passes(0.5)).toHaveLength(1);
  });

  test('goes out as soon as the cable is plugged in', () => {
    const { sntp, peer, passes } = client();
    sntp.stopSntp();
    let up = false;
    peer.mac.linkUp = () => up;
    passes(20);
    sntp.startSntp('', PEER);
    expect(passes(100)).toEqual([]);
    up = true;
    expect(passes(1.1)).toHaveLength(1);
  });

  test('comes no more after the client was stopped, and its port is closed', () => {
    const { sntp, asks, answers, passes, udp } = client();
    const question = asks();
    sntp.stopSntp();
    expect(answers(question)).toEqual([]);
    expect(udp.counters.noPorts).toBe(1);
    expect(passes(2000)).toEqual([]);
  });
});

describe('the time', () => {
  test('is that of the answer when it comes at once', () => {
    const { asks, answers, sntp } = client();
    expect(answers(asks(), { transmit: [NEW_YEAR + 5, HALF] })).toEqual([5.5]);
    expect(sntp.counters).toMatchObject({ sent: 1, received: 1, rejected: 0 });
  });

  test.each<[string, number, Answer, number]>([
    ['half of the way there and back is added', 400, { transmit: [NEW_YEAR, 0] }, 0.2],
    ['over a full second', 400, { transmit: [NEW_YEAR + 9, 0xe6666666 | 0] }, 10.099],
    ['what the server took is no part of the way', 400, { receive: [NEW_YEAR, 0], transmit: [NEW_YEAR, 0x40000000] }, 0.325],
    ['the server cannot have taken longer than everything', 400, { receive: [NEW_YEAR - 100, 0], transmit: [NEW_YEAR, 0] }, 0.2],
    ['nor less than nothing', 400, { receive: [NEW_YEAR + 100, 0], transmit: [NEW_YEAR, 0] }, 0.2],
    ['it was all the server', 400, { receive: [NEW_YEAR, 0], transmit: [NEW_YEAR, 0x66800000] }, 0.4],
  ])('%s', (_what, way, answer, expected) => {
    const { asks, answers, passes } = client();
    const question = asks();
    passes(way / 1000);
    const [time] = answers(question, answer);
    expect(time).toBeCloseTo(expected, 2);
  });

  test('goes on beyond 2036, when the seconds begin again', () => {
    const { asks, answers, passes } = client();
    expect(answers(asks(), { transmit: [1, 0] })).toEqual([1 - NEW_YEAR]);
    const [next] = passes(1024);
    expect(answers(next!, { transmit: [5, 0] })).toEqual([5 - NEW_YEAR]);
  });

  test('that comes more than 4 s late is not used', () => {
    const { asks, answers, passes, sntp } = client();
    const question = asks();
    passes(4.001);
    expect(answers(question)).toEqual([]);
    expect(sntp.counters.rejected).toBe(1);
  });
});

describe('an answer is not believed', () => {
  test.each<[string, Answer]>([
    ['from another host', { from: PEER + 1 }],
    ['from another port', { port: 124 }],
    ['that repeats another number', { originate: [1, 2, 3, 4, 5, 6, 7, 8] }],
    ['that repeats half of the number', { originate: [0, 0, 0, 0] }],
    ['that is a question', { first: 0x23 }],
    ['that is a broadcast', { first: 0x25 }],
    ['that is cut short', { cut: 47 }],
  ])('%s', (_what, answer) => {
    const { peer, asks, answers, sntp } = client();
    peer.arrives(peer.arpRequest(STACK, PEER + 1));
    const question = asks();
    const padded = answer.originate?.length === 4 ? { originate: [...question.body.slice(40, 44), ...answer.originate] } : answer;
    expect(answers(question, padded)).toEqual([]);
    expect(sntp.counters).toMatchObject({ received: 1, rejected: 1 });
    expect(answers(question)).toHaveLength(1);
  });

  test('a second time', () => {
    const { asks, answers, udp } = client();
    const question = asks();
    expect(answers(question)).toHaveLength(1);
    expect(answers(question)).toEqual([]);
    expect(udp.counters.noPorts).toBe(1);
  });

  test.each<[string, Answer]>([
    ['whose clock was never set', { first: 0xe4 }],
    ['of stratum 16', { stratum: 16 }],
    ['of stratum 0 that is no kiss', { stratum: 0, code: '\0\0\0\0' }],
    ['a second away from the source of its time', { delay: 0x10000 }],
    ['that is wrong by up to a second', { dispersion: 0x10000 }],
    ['that says no time', { transmit: [0, 0] }],
  ])('of a server %s; it is asked again as if it had not answered', (_what, answer) => {
    const { asks, answers, passes, sntp } = client();
    expect(answers(asks(), answer)).toEqual([]);
    expect(sntp.counters.unsynchronized).toBe(1);
    const times = passes(50).map(({ at }) => at / 1000);
    expect(times).toEqual([15, 45]);
  });
});

describe('a kiss of death', () => {
  test.each(['DENY', 'RSTR'])('%s ends the questions, also on another address', (code) => {
    const { asks, answers, passes, peer, sntp } = client();
    expect(answers(asks(), { stratum: 0, code })).toEqual(['refused']);
    expect([sntp.state, sntp.counters.kisses]).toEqual([SntpState.stopped, 1]);
    peer.stack.setAddress(STACK + 1, -256, 0, peer.now);
    expect(passes(5000)).toEqual([]);
  });

  test.each(['RATE', 'XXXX'])('%s makes them twice as rare each time, and they stay so', (code) => {
    const { asks, answers, passes } = client();
    answers(asks(), { stratum: 0, code });
    const [second] = passes(2048);
    expect(second!.at).toBe(2_048_000);
    answers(second!, { stratum: 0, code });
    const [third] = passes(4096);
    expect(third!.at).toBe(6_144_000);
    expect(answers(third!)).toHaveLength(1);
    const next = passes(9000);
    expect(next.map(({ at }) => at)).toEqual([10_240_000, 14_336_000]);
  });

  test('of somebody else is nothing', () => {
    const { asks, answers, sntp } = client();
    expect(answers(asks(), { stratum: 0, code: 'DENY', originate: [0, 0, 0, 0, 0, 0, 0, 0] })).toEqual([]);
    expect(sntp.counters).toMatchObject({ kisses: 0, rejected: 1 });
    expect(sntp.state).toBe(SntpState.asking);
  });
});

describe('a server by its name', () => {
  const name = [3, 0x6e, 0x74, 0x70, 4, 0x74, 0x65, 0x73, 0x74, 0];
  /** The name server's answer. */
  const resolves = ({ peer }: ReturnType<typeof client>, query: Question, address: number, ttl = 60) => {
    expect(query).toMatchObject({ to: PEER, toPort: 53 });
    const record = [0xc0, 12, 0, 1, 0, 1, ...word(ttl), ...half(4), ...word(address)];
    const body = [...query.body.slice(0, 2), 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, ...name, 0, 1, 0, 1, ...record];
    peer.sendsPacket({ protocol: 17, payload: udpDatagram([PEER, STACK], 53, query.port, body) });
  };

  test('is looked up, and looked up again when it has not answered', () => {
    const c = client('ntp.test', 0);
    resolves(c, c.asks(), PEER, 5);
    const [question] = c.passes(0);
    expect(question).toMatchObject({ to: PEER, toPort: 123 });
    const [query] = c.passes(15);
    c.peer.arrives(c.peer.arpRequest(STACK, PEER + 1));
    resolves(c, query!, PEER + 1);
    const [second] = c.passes(0);
    expect(second).toMatchObject({ to: PEER + 1, toPort: 123 });
    expect(c.answers(second!)).toHaveLength(1);
    expect(c.passes(1024)[0]).toMatchObject({ to: PEER + 1, toPort: 123 });
  });

  test('that nobody knows is looked up more and more rarely', () => {
    const c = client('ntp.test', 0);
    c.dns.servers[0] = 0;
    expect(c.passes(100)).toEqual([]);
    c.dns.servers[0] = PEER;
    expect(c.passes(10).map(({ toPort }) => toPort)).toEqual([53, 53]);
  });

  test('is not looked up any more when the client is stopped', () => {
    const c = client('ntp.test', 0);
    const query = c.asks();
    c.sntp.stopSntp();
    resolves(c, query, PEER);
    expect(c.passes(2000)).toEqual([]);
    expect(c.sntp.server).toBe(0);
  });
});

test('the server that comes with a lease', () => {
  const c = client('', 0);
  expect(c.passes(5)).toEqual([]);
  c.sntp.lease = { timeServer: PEER } as never;
  c.peer.stack.setAddress(STACK + 1, -256, 0, c.peer.now);
  expect(c.passes(1)[0]).toMatchObject({ to: PEER, toPort: 123 });
  expect(c.sntp.server).toBe(parseAddress('10.0.0.9'));
});

test('20,000 messages of chance, half of them with the right number: nothing thrown, each counted', () => {
  const { sntp, peer, passes, told } = client();
  const random = new SeededRandom(11);
  let question = passes(0)[0]!;
  for (let n = 0; n < 20_000; n++) {
    const body = noise(random.below(60), n + 1);
    if (random.below(2) === 0 && body.length >= 32) body.set([0x24, random.below(20), ...body.slice(2, 24), ...question.body.slice(40)]);
    const before = { ...sntp.counters };
    peer.sendsPacket({ protocol: 17, payload: udpDatagram([PEER, STACK], 123, question.port, body) });
    const { rejected, unsynchronized, kisses } = sntp.counters;
    const counted = rejected - before.rejected + unsynchronized - before.unsynchronized + kisses - before.kisses + told.splice(0).filter((word) => word !== 'refused').length;
    expect(counted).toBe(1);
    if (sntp.state === SntpState.asking) continue;
    sntp.startSntp('', PEER);
    question = passes(15)[0]!;
  }
  expect(get32(Uint8Array.from(question.body), 0)).toBe(0x23000000);
});
