import type { RealTime } from '../../hal/desktop/real-time';
import { FCS_LENGTH, appendFrameCheckSequence } from '../../hal/mock/fcs';
import { SeededRandom } from '../../hal/mock/random';
import type { Station } from '../../hal/mock/station';
import type { Wire } from '../../hal/mock/wire';
import { arpBody, checksum, ethernet, half, ipPacket, tcpSegment } from '../src/frames';

/** Who the frames are made for, as octets and as a 32-bit integer. */
export interface Target {
  hardware: readonly number[];
  address: number;
}

const broadcast = [255, 255, 255, 255, 255, 255];
const stranger = [0x02, 0xbb, 0, 0, 0, 0x66];
const shortest = 60;

/** A neighbour that is none: 10.77.0.100 and above. The host's own address is never used, so that its entry stays right. */
function nobody(random: SeededRandom): number {
  return 0x0a4d0000 + 100 + random.below(150);
}

function icmpEcho(random: SeededRandom, right: boolean): number[] {
  const message = [8, 0, 0, 0, ...half(random.below(65536)), 0, 1, 1, 2, 3, 4];
  const sum = checksum(Uint8Array.from(message));
  message.splice(2, 2, ...half(right ? sum : sum ^ 0x55));
  return message;
}

/** The kinds of frames that a hostile or broken neighbour sends: ARP, ICMP, TCP, UDP and what nobody speaks. */
const kinds: ((random: SeededRandom, to: Target) => Uint8Array)[] = [
  (random, to) => ethernet(broadcast, stranger, 0x0806, arpBody({
    operation: 'request', senderHardware: stranger, sender: nobody(random), targetHardware: [0, 0, 0, 0, 0, 0], target: to.address,
  })),
  (random, to) => ethernet(to.hardware, stranger, 0x0806, arpBody({
    operation: 'reply', senderHardware: stranger, sender: nobody(random), targetHardware: to.hardware, target: to.address,
  })),
  (random, to) => ip(random, to, 1, icmpEcho(random, true)),
  (random, to) => ip(random, to, 1, icmpEcho(random, false)),
  (random, to) => ip(random, to, 17, [...half(5000), ...half(random.below(65536)), 0, 12, 0, 0, 1, 2, 3, 4]),
  (random, to) => tcp(random, to, 'SYN'),
  (random, to) => tcp(random, to, 'ACK'),
  (random, to) => tcp(random, to, ['RST', 'FIN ACK', 'SYN ACK', 'SYN FIN', '', 'URG PSH FIN'][random.below(6)]!),
  (random, to) => ethernet(to.hardware, stranger, random.below(65536), new Uint8Array(46 + random.below(500))),
];

function ip(random: SeededRandom, to: Target, protocol: number, payload: ArrayLike<number>): Uint8Array {
  const packet = ipPacket({ source: nobody(random), destination: to.address, protocol, payload });
  return ethernet(to.hardware, stranger, 0x0800, packet);
}

function tcp(random: SeededRandom, to: Target, flags: string, port = [7, 80, 9, random.below(65536)][random.below(4)]!): Uint8Array {
  const source = nobody(random);
  const payload = tcpSegment(source, to.address, {
    sourcePort: 1024 + random.below(60000), destinationPort: port, seq: random.bits(), ack: random.bits(), flags,
    wnd: random.below(65536), options: [], data: new Uint8Array(random.below(40)),
  });
  return ethernet(to.hardware, stranger, 0x0800, ipPacket({ source, destination: to.address, protocol: 6, payload }));
}

/** So many frames, each right by itself: more than any board is meant to get. */
export function flood(seed: number, count: number, to: Target): Uint8Array[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, (_, number) => kinds[number % kinds.length]!(random, to));
}

/** So many connections that hosts which are not there begin to one port. */
export function syns(seed: number, count: number, to: Target, port: number): Uint8Array[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, () => tcp(random, to, 'SYN', port));
}

/** Frames with octets changed, cut off, drawn out, or made up of nothing but chance. */
export function nonsense(seed: number, count: number, to: Target): Uint8Array[] {
  const random = new SeededRandom(seed);
  const mangled = (frame: Uint8Array): Uint8Array => {
    for (let left = 1 + random.below(4); left > 0; left--) frame[12 + random.below(frame.length - 12)] = random.below(256);
    return frame;
  };
  return flood(seed, count, to).map((frame, number) => {
    if (number % 4 === 0) return frame.subarray(0, 14 + random.below(frame.length - 14));
    if (number % 4 === 1) return mangled(frame);
    if (number % 4 === 2) return Uint8Array.from([...mangled(frame), ...new Uint8Array(random.below(1514 - frame.length))]);
    const chance = Uint8Array.from({ length: 14 + random.below(1500) }, () => random.below(256));
    chance.set(random.chance(0.5) ? to.hardware : broadcast);
    chance.set(stranger, 6);
    return chance;
  });
}

/** A station on the board's wire that says what it likes. */
export class Intruder implements Station {
  private readonly cable;

  constructor(private readonly wire: Wire, private readonly realTime?: RealTime) {
    this.cable = wire.attach(this, 'intruder');
  }

  frameArrived(): void {}
  linkChanged(): void {}

  /** Puts frames on the wire back to back, padded, each with a right check sequence. @returns settles when all have left */
  send(frames: readonly Uint8Array[]): Promise<void> {
    return this.transmit(frames.map((frame) => {
      const length = Math.max(frame.length, shortest);
      const whole = new Uint8Array(length + FCS_LENGTH);
      whole.set(frame);
      appendFrameCheckSequence(whole, length);
      return whole;
    }));
  }

  /** The same with frames as they are: too short, too long, without a check sequence. */
  transmit(frames: readonly Uint8Array[]): Promise<void> {
    return new Promise((resolve) => {
      const put = (): void => {
        let left = 0;
        for (const frame of frames) left = this.cable.transmit(frame);
        this.wire.clock.after(left + 1, resolve);
      };
      if (this.realTime === undefined) put();
      else this.realTime.kick(put);
    });
  }

  leave(): void {
    this.wire.detach(this);
  }
}
