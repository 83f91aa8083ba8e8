import type { SeededRandom } from '../../hal/mock/random';
import { half, word } from '../src/frames';
import { PEER } from './addresses';
import { pick } from './mutate';

// Messages of DNS, multicast DNS and DHCP: right ones, and such as an attacker would make.

const label = (text: string) => [text.length, ...Buffer.from(text)];
const name = (text: string) => [...text.split('.').flatMap(label), 0];
const record = (owner: number[], type: number, data: number[], ttl = 120, kind = 1) =>
  [...owner, ...half(type), ...half(kind), ...word(ttl), ...half(data.length), ...data];

const HOST = 'espruino.local';
const NAMES = [HOST, 'Espruino.Local', '_http._tcp.local', 'espruino._http._tcp.local', '_services._dns-sd._udp.local', 'other.local', 'local'];

/** Pointers, each to the one before it: the longest way that a message's octets can lead. */
function pointers(at: number, count: number): number[] {
  const octets = [0];
  for (let n = 0; n < count; n++) octets.push(...half(0xc000 | (n === 0 ? at : at + 1 + 2 * (n - 1))));
  return octets;
}

/** An answer to the question of a message of the resolver's. */
export function answerTo(random: SeededRandom, question: Uint8Array): number[] {
  const asked = Array.from(question.slice(12));
  const target = 12 + asked.length + 12;
  const answers = pick(random, [
    () => [record([0xc0, 12], 1, word(random.bits()), random.below(500))],
    () => [record([0xc0, 12], 5, name('alias.example.com')), record([0xc0, target], 1, word(random.bits()))],
    () => [record([0xc0, 12], 5, [0xc0, 12])],
    () => [record([0xc0, target], 1, word(1))],
    () => Array.from({ length: 1 + random.below(60) }, () => record([0xc0, 12], pick(random, [1, 5, 28, 16]), word(random.bits()))),
    () => [record([0xc0, target + 300], 5, pointers(target + 20, random.below(400)).slice(0, 600))],
    () => [],
  ])();
  const flags = pick(random, [0x8180, 0x8180, 0x8180, 0x8183, 0x8182, 0x8380, 0x8380, 0x0100]);
  const counts = [0, 1, ...half(answers.length), 0, 0, 0, 0];
  return [...Array.from(question.slice(0, 2)), ...half(flags), ...counts, ...asked, ...answers.flat()];
}

/** An answer of a time server; now and then it asks for fewer questions, or none. */
export function timeAnswer(random: SeededRandom, question: Uint8Array): number[] {
  const time = () => [...word(0xee000000 + random.below(100_000)), ...word(random.bits())];
  const stratum = random.chance(0.8) ? 2 : 0;
  const reference = pick(random, [[68, 69, 78, 89], [82, 65, 84, 69], [10, 0, 0, 9]]);
  return [
    pick(random, [0x24, 0x24, 0xe4, 0x23]), stratum, random.below(20), 0xec, ...word(random.below(70_000)), ...word(random.below(70_000)),
    ...reference, ...time(), ...question.slice(40, 48), ...time(), ...time(),
  ];
}

/** A question for what the responder has, an answer in its name, a rival, or a heap of questions. */
export function mdnsMessage(random: SeededRandom): number[] {
  const anyName = () => name(pick(random, NAMES));
  const question = (owner = anyName()) =>
    [...owner, ...half(pick(random, [1, 12, 33, 16, 255, 28])), ...half(pick(random, [1, 0x8001, 255]))];
  const some = (make: () => number[], most = 3) => Array.from({ length: random.below(most + 1) }, make);
  const anyRecord = () => pick(random, [
    () => record(name(HOST), 1, word(random.chance(0.3) ? PEER - 8 : random.bits()), random.below(200), pick(random, [1, 0x8001])),
    () => record(name('espruino._http._tcp.local'), 33, [0, 0, 0, 0, 0, 80, ...anyName()]),
    () => record(name('_http._tcp.local'), 12, anyName()),
    () => record(anyName(), random.below(300), word(random.bits())),
  ])();
  const build = (flags: number, questions: number[][], answers: number[][], authorities: number[][]) => [
    ...half(random.below(65536)), ...half(flags), ...half(questions.length), ...half(answers.length), ...half(authorities.length), 0, 0,
    ...questions.flat(), ...answers.flat(), ...authorities.flat(),
  ];
  return pick(random, [
    () => build(0, [question(), ...some(question)], some(anyRecord), []),
    () => build(0x8400, [], [anyRecord(), ...some(anyRecord)], some(anyRecord)),
    () => build(0, [question()], [], [anyRecord()]),
    // As many questions as there is room for, all by pointers to one name, or at the end of a long way of pointers.
    () => build(0, [question(name(HOST)), ...Array.from({ length: random.below(200) }, () => [0xc0, 12, 0, 255, 0, 1])], [], []),
    () => {
      const way = pointers(12, random.below(500));
      const last = 12 + way.length - 2;
      return build(0, [way, ...Array.from({ length: random.below(100) }, () => [...half(0xc000 | last), 0, 1, 0, 1])], [], []);
    },
  ])();
}

const OPTIONS: [number, (random: SeededRandom) => number[]][] = [
  [1, () => [255, 255, 255, 0]], [3, () => word(PEER)], [6, () => [...word(PEER), ...word(PEER + 1)]],
  [51, (random) => word(pick(random, [0, 1, 60, 3600, 0x7fffffff, -1]))],
  [58, (random) => word(random.below(100))],
  [59, (random) => word(random.below(200))], [52, (random) => [random.below(5)]],
  [42, () => word(PEER)], [0, () => []], [12, () => [65, 66]],
];

/** An OFFER, ACK or NAK of a server. */
export function dhcpReply(random: SeededRandom, xid: number, hardware: Uint8Array): number[] {
  const options = [[53, 1, pick(random, [2, 2, 5, 5, 5, 6])], [54, 4, ...word(PEER)]];
  for (const [code, value] of OPTIONS) {
    if (random.chance(0.4)) options.push([code, value(random).length, ...value(random)]);
  }
  return [
    2, 1, 6, 0, ...word(xid), 0, 0, 0, 0, 0, 0, 0, 0, ...word(random.chance(0.9) ? PEER + 41 : random.bits()), 0, 0, 0, 0, 0, 0, 0, 0,
    ...hardware, ...new Array<number>(10 + 64).fill(0), ...Array.from({ length: 128 }, () => pick(random, [0, 3, 4, 10, 255])),
    99, 130, 83, 99, ...options.flat(), ...(random.chance(0.9) ? [255] : []), ...new Array<number>(random.below(60)).fill(0),
  ];
}
