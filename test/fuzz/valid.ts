import type { SeededRandom } from '../../hal/mock/random';
import { parseAddress } from '../../src/ip/address';
import { arpBody, checksum, ethernet, get16, get32, half, ipPacket, tcpSegment, udpDatagram, word } from '../src/frames';
import type { IpFields } from '../src/frames';
import { PEER, PEER_HARDWARE, STACK } from './addresses';
import type { FuzzHost } from './host';
import { pick } from './mutate';
import { answerTo, dhcpReply, mdnsMessage, timeAnswer } from './names';

// Frames that are right, of every protocol that the stack speaks, and that fit what it is doing at this moment.

const ALL = [255, 255, 255, 255, 255, 255];
const GROUP = parseAddress('224.0.0.251');
const ALL_HOSTS = parseAddress('224.0.0.1');

/** Options of IPv4 that are right: nothing, record route, router alert, timestamp, loose source route done and not, security. */
const IP_OPTIONS: number[][] = [
  [], [], [], [], [], [], [1, 1, 1, 0], [7, 11, 4, ...new Array<number>(8).fill(0), 0], [148, 4, 0, 0], [68, 8, 5, 0, 0, 0, 0, 0],
  [131, 7, 8, ...word(PEER + 3), 0], [1, 131, 7, 4, ...word(PEER + 3)], [137, 11, 12, ...word(PEER), ...word(PEER + 3), 0],
  [130, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [136, 4, 0, 1],
];

type Valid = (random: SeededRandom, host: FuzzHost) => Uint8Array;

function noise(random: SeededRandom, most: number): Uint8Array {
  return Uint8Array.from({ length: random.below(most + 1) }, () => random.below(256));
}

function stranger(random: SeededRandom): number {
  return random.chance(0.8) ? PEER + random.below(3) : random.chance(0.5) ? PEER + random.below(200) : random.bits();
}

type Fields = Partial<IpFields> & { protocol: number; payload: ArrayLike<number> };

function ip(random: SeededRandom, host: FuzzHost, fields: Fields): Uint8Array {
  const packet = ipPacket({
    source: PEER, destination: host.stack.ip.address, options: pick(random, IP_OPTIONS), ttl: 1 + random.below(255), ...fields,
  });
  return ethernet(random.chance(0.95) ? host.mac.address : ALL, PEER_HARDWARE, 0x0800, packet);
}

function udp(
  random: SeededRandom, host: FuzzHost, from: number, to: number, data: ArrayLike<number>,
  source = PEER, destination = host.stack.ip.address,
): Uint8Array {
  return ip(random, host, { protocol: 17, source, destination, payload: udpDatagram([source, destination], from, to, data) });
}

function summed(message: number[]): Uint8Array {
  const bytes = Uint8Array.from(message);
  bytes.set(half(checksum(bytes)), 2);
  return bytes;
}

/** Segment size, SACK and window scale. */
const OPENING = [2, 4, 2, 24, 4, 2, 3, 3, 3, 0, 0, 0];

/** What comes over a connection: chance, or the answer of a name server behind its length. */
function said(random: SeededRandom, host: FuzzHost, remotePort: number): Uint8Array {
  if (remotePort !== 53 || random.chance(0.2)) return noise(random, random.chance(0.9) ? 60 : 1400);
  const answer = answerTo(random, host.mac.question.subarray(42));
  return Uint8Array.from([...half(answer.length + (random.chance(0.9) ? 0 : random.below(9) - 4)), ...answer]);
}

/** A segment of a connection that is there, near what it expects. */
function onConnection(random: SeededRandom, host: FuzzHost): Uint8Array {
  const open = host.stack.tcp.connections.filter((c) => c.stateName !== 'CLOSED');
  if (open.length === 0) return VALID.tcpOpen!(random, host);
  const c = pick(random, open);
  const near = random.chance(0.7) ? 0 : random.below(5000) - 2500;
  const flags = pick(random, ['ACK', 'ACK', 'ACK PSH', 'ACK PSH', 'ACK FIN', 'RST', 'RST ACK', 'SYN', 'SYN ACK', 'ACK URG', 'ACK FIN URG PSH']);
  const opening = c.stateName === 'SYN-SENT';
  const timestamps = [1, 1, 8, 10, ...word(host.now + random.below(1000)), ...word(host.stack.tcp.timestamp() - random.below(50))];
  const sack = [1, 1, 5, 10, ...word(c.sndUna + random.below(2000)), ...word(c.sndUna + 500 + random.below(3000))];
  const payload = tcpSegment(c.remoteAddress, host.stack.ip.address, {
    sourcePort: c.remotePort, destinationPort: c.localPort, seq: (c.rcvNxt + near) | 0,
    ack: random.chance(0.8) ? c.sndMax : (c.sndUna + random.below(3000) - 500) | 0, flags: opening ? 'SYN ACK' : flags,
    wnd: random.chance(0.9) ? 8192 : random.below(65536),
    options: [...(random.chance(0.7) ? timestamps : []), ...(random.chance(0.1) ? sack : []), ...(opening ? OPENING : [])].slice(0, 40),
    data: flags === 'ACK' || random.chance(0.2) ? new Uint8Array(0) : said(random, host, c.remotePort),
  });
  return ip(random, host, { protocol: 6, source: c.remoteAddress, payload, options: random.chance(0.95) ? [] : pick(random, IP_OPTIONS) });
}

/** What a router or the peer reports about a datagram of the stack's. */
function report(random: SeededRandom, host: FuzzHost): Uint8Array {
  const open = host.stack.tcp.connections.filter((c) => c.stateName !== 'CLOSED');
  const c = open.length > 0 ? pick(random, open) : null;
  const inside = c !== null && random.chance(0.7)
    ? ipPacket({
      source: STACK, destination: c.remoteAddress, protocol: 6,
      payload: [...half(c.localPort), ...half(c.remotePort), ...word(c.sndUna)],
    })
    : ipPacket({
      source: host.stack.ip.address, destination: random.chance(0.5) ? PEER : 0x08080808 + random.below(5),
      protocol: pick(random, [1, 6, 17, 17, 99]),
      payload: random.chance(0.5) && host.mac.question.length > 42 ? host.mac.question.slice(34, 42) : [0, 7, 15, 160, 0, 8, 0, 0],
    });
  const [type, code] = pick(random, [[3, 0], [3, 1], [3, 3], [3, 4], [3, 2], [11, 0], [11, 1], [12, 0], [4, 0], [5, 1], [5, 0]] as const);
  const rest = type === 5 ? word(PEER + 2) : [0, 0, ...half(pick(random, [0, 68, 296, 576, 1492, 65535]))];
  return ip(random, host, { protocol: 1, payload: summed([type, code, 0, 0, ...rest, ...inside]) });
}

export const VALID: Record<string, Valid> = {
  arpRequest: (random, { mac, stack }) => ethernet(ALL, PEER_HARDWARE, 0x0806, arpBody({
    operation: 'request', senderHardware: [2, 0, 0, 0, 0, 9 + random.below(40)], sender: random.chance(0.2) ? 0 : stranger(random),
    targetHardware: mac.address, target: random.chance(0.8) ? stack.ip.address : stranger(random),
  })),
  arpReply: (random, { mac, stack, dhcp, isClient }) => ethernet(mac.address, PEER_HARDWARE, 0x0806, arpBody({
    operation: 'reply', senderHardware: [2, 0, 0, 0, 0, 9 + random.below(3)],
    sender: random.chance(isClient ? 0.3 : 0.01) ? dhcp.address || stack.ip.address : stranger(random),
    targetHardware: mac.address, target: stack.ip.address,
  })),
  echo: (random, host) => ip(random, host, {
    protocol: 1, payload: summed([8, 0, 0, 0, ...half(random.below(65536)), 0, 1, ...noise(random, random.chance(0.8) ? 60 : 1440)]),
  }),
  icmpOther: (random, host) => ip(random, host, {
    protocol: 1,
    payload: summed([pick(random, [0, 9, 10, 13, 14, 15, 16, 17, 18, 30]), 0, 0, 0, ...word(random.bits()), ...noise(random, 20)]),
  }),
  report,
  igmp: (random, host) => ip(random, host, {
    protocol: 2, destination: pick(random, [ALL_HOSTS, GROUP]), ttl: 1, options: [148, 4, 0, 0],
    payload: summed([
      pick(random, [0x11, 0x11, 0x12, 0x16, 0x17, 0x22]), random.below(256), 0, 0, ...word(pick(random, [0, GROUP, ALL_HOSTS, GROUP + 1])),
    ]),
  }),
  datagram: (random, host) => udp(
    random, host, random.below(65536), random.chance(0.7) ? 7 : random.below(65536), noise(random, random.chance(0.9) ? 80 : 1400),
    stranger(random), random.chance(0.8) ? host.stack.ip.address : pick(random, [-1, ALL_HOSTS, STACK | 255]),
  ),
  nameAnswer: (random, host) => {
    const { question } = host.mac;
    if (question.length < 55) return VALID.mdns!(random, host);
    return udp(random, host, 53, get16(question, 34), answerTo(random, question.subarray(42)), get32(question, 30));
  },
  timeAnswer: (random, host) => {
    const { timeQuestion } = host.mac;
    if (timeQuestion.length < 90) return VALID.dhcp!(random, host);
    return udp(random, host, 123, get16(timeQuestion, 34), timeAnswer(random, timeQuestion.subarray(42)), get32(timeQuestion, 30));
  },
  mdns: (random, host) => udp(
    random, host, random.chance(0.8) ? 5353 : 4000, 5353, mdnsMessage(random), PEER, random.chance(0.8) ? GROUP : host.stack.ip.address,
  ),
  dhcp: (random, host) => {
    const client = host.isClient ? host.dhcp.xid : random.bits();
    return udp(random, host, 67, 68, dhcpReply(random, client, host.mac.address), PEER, random.chance(0.8) ? -1 : host.stack.ip.address);
  },
  tcpOpen: (random, host) => {
    const source = stranger(random);
    const payload = tcpSegment(source, host.stack.ip.address, {
      sourcePort: 1024 + random.below(60_000), destinationPort: pick(random, [7, 7, 80, 9]), seq: random.bits(), ack: random.bits(),
      flags: pick(random, ['SYN', 'SYN', 'SYN', 'ACK', 'RST', 'FIN ACK', 'SYN ACK']), wnd: 8192,
      options: [2, 4, 5, 180, 4, 2, 8, 10, ...word(host.now), 0, 0, 0, 0, 1, 3, 3, 3].slice(0, 4 * random.below(6)), data: noise(random, 3),
    });
    return ip(random, host, { protocol: 6, source, payload });
  },
  tcp: onConnection,
  tcpAgain: onConnection,
  unknown: (random, { mac }) =>
    ethernet(mac.address, PEER_HARDWARE, pick(random, [0x86dd, 0x8100, 0x05dc, 46, 0, 0xffff]), noise(random, 1500)),
  otherProtocol: (random, host) => ip(random, host, { protocol: pick(random, [0, 4, 41, 50, 99, 132, 255]), payload: noise(random, 100) }),
};
