import { spawnSync } from 'node:child_process';
import type { EthernetMac, Frame } from '../../hal/hal';
import { SeededRandom } from '../../hal/mock/random';
import { FrameBuffer } from '../../src/link/frame';
import { NetworkNamespace } from '../hal/desktop/namespace';

/** What a way does to the frames on it, as `tc netem` does: probabilities, and milliseconds. */
export interface Faults {
  delay?: number;
  /** The delay differs from frame to frame by up to this much, so that they overtake each other. */
  jitter?: number;
  loss?: number;
  duplicate?: number;
  /** A frame is not delayed, and so overtakes those before it. */
  reorder?: number;
  /** A bit is flipped that no check sequence covers any more: checksums have to find it. */
  corrupt?: number;
}

/** The same in the words of `tc`. */
export function netemWords({ delay = 0, jitter = 0, loss = 0, duplicate = 0, reorder = 0, corrupt = 0 }: Faults): string[] {
  const percent = (word: string, rate: number) => (rate > 0 ? [word, `${rate * 100}%`] : []);
  return [
    'netem', 'limit', '1000', ...(delay > 0 ? ['delay', `${delay}ms`, ...(jitter > 0 ? [`${jitter}ms`] : [])] : []),
    ...percent('loss', loss), ...percent('duplicate', duplicate), ...percent('corrupt', corrupt), ...percent('reorder', reorder),
  ];
}

/** Why the kernel cannot do it by itself, or undefined when it can. */
export function kernelWithoutNetem(): string | undefined {
  const inside = new NetworkNamespace();
  try {
    const said = inside.runs('tc', 'qdisc', 'add', 'dev', 'lo', 'root', ...netemWords({ loss: 0.01 }));
    return said === '' ? undefined : said.trim();
  } finally {
    inside.remove();
  }
}

interface Waiting {
  due: number;
  frame: Uint8Array;
}

/** One direction with faults, where the kernel has no `netem`. */
class Way {
  readonly waiting: Waiting[] = [];

  constructor(private readonly faults: Faults, private readonly random: SeededRandom) {}

  enters(frame: Uint8Array, now: number): void {
    const { delay = 0, jitter = 0, loss = 0, duplicate = 0, reorder = 0, corrupt = 0 } = this.faults;
    const { random } = this;
    if (random.chance(loss)) return;
    for (let copies = random.chance(duplicate) ? 2 : 1; copies > 0; copies--) {
      const copy = Uint8Array.from(frame);
      // ARP has no checksum; a neighbour's address that was forged this way is not what is tried here.
      if (copy[12] === 8 && copy[13] === 0 && random.chance(corrupt)) copy[14 + random.below(copy.length - 14)]! ^= 1 << random.below(8);
      const held = random.chance(reorder) ? 0 : delay + (random.unit() * 2 - 1) * jitter;
      const due = now + Math.max(0, held);
      let at = this.waiting.length;
      while (at > 0 && this.waiting[at - 1]!.due > due) at--;
      this.waiting.splice(at, 0, { due, frame: copy });
    }
  }

  /** The next frame whose time has come. */
  leaves(now: number): Uint8Array | undefined {
    return this.waiting.length > 0 && this.waiting[0]!.due <= now ? this.waiting.shift()!.frame : undefined;
  }
}

/** Hears what the stack sends, before anything happens to it, and what reaches it, after everything has. */
export type Ear = (frame: Uint8Array) => void;

/** A MAC behind two ways with faults; without any it only listens. */
export class FaultyMac implements EthernetMac {
  private readonly inwards: Way;
  private readonly outwards: Way;
  private readonly buffer = new FrameBuffer(1518);

  constructor(private readonly mac: EthernetMac, faults: Faults, seed: number, private readonly ear: Ear) {
    this.inwards = new Way(faults, new SeededRandom(seed));
    this.outwards = new Way(faults, new SeededRandom(~seed));
  }

  get address(): Uint8Array {
    return this.mac.address;
  }

  get counters() {
    return this.mac.counters;
  }

  open(): void {
    this.mac.open();
  }

  mayReceive(): boolean {
    return true;
  }

  receive(frame: Frame): number {
    this.pump();
    for (;;) {
      const next = this.inwards.leaves(performance.now());
      if (next === undefined) return 0;
      this.ear(next);
      if (next.length > frame.size) continue;
      frame.octets.set(next);
      return next.length;
    }
  }

  sound(): boolean {
    return true;
  }

  send(frame: Uint8Array, length: number): boolean {
    this.ear(frame.subarray(0, length));
    this.outwards.enters(frame.subarray(0, length), performance.now());
    this.pump();
    return true;
  }

  sendParts(frame: Uint8Array, length: number, data: Uint8Array, offset: number, count: number): boolean {
    const whole = new Uint8Array(length + count);
    whole.set(frame.subarray(0, length));
    whole.set(data.subarray(offset, offset + count), length);
    return this.send(whole, whole.length);
  }

  linkUp(): boolean {
    return this.mac.linkUp();
  }

  multicast(group: Uint8Array, join: boolean): void {
    this.mac.multicast(group, join);
  }

  recover(): void {}

  private pump(): void {
    const now = performance.now();
    for (let length = this.mac.receive(this.buffer); length > 0; length = this.mac.receive(this.buffer)) {
      this.inwards.enters(this.buffer.octets.subarray(0, length), now);
    }
    for (let next = this.outwards.leaves(now); next !== undefined; next = this.outwards.leaves(now)) this.mac.send(next, next.length);
  }
}

/**
 * Moves a TAP interface into a namespace and joins it by a bridge to a pair of interfaces, of which the host has one: so
 * that there is an egress to put `netem` on in both directions.
 */
export function bridged(inside: NetworkNamespace, tap: string, hostIp: string, faults: Faults | undefined): void {
  const must = (...words: string[]) => {
    const said = inside.runs(...words);
    if (said !== '') throw new Error(`"${words.join(' ')}" failed: ${said}`);
  };
  const moved = spawnSync('ip', ['link', 'set', tap, 'netns', inside.name], { encoding: 'utf8' });
  if (moved.status !== 0) throw new Error(`The interface ${tap} cannot be moved: ${moved.stderr}`);
  must('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1');
  must('ip', 'link', 'add', 'name', 'bridge', 'mtu', '1500', 'type', 'bridge', 'forward_delay', '0', 'mcast_snooping', '0');
  // One frame a packet: what netem loses is then a frame, as on a wire, and not 64 kilobytes.
  must('ip', 'link', 'add', 'name', 'near', 'gso_max_segs', '1', 'type', 'veth', 'peer', 'name', 'far');
  for (const port of [tap, 'far']) must('ip', 'link', 'set', port, 'master', 'bridge', 'up');
  must('ip', 'address', 'add', hostIp, 'dev', 'near');
  for (const name of ['bridge', 'near']) must('ip', 'link', 'set', name, 'up');
  if (faults === undefined) return;
  for (const egress of ['near', 'far']) must('tc', 'qdisc', 'add', 'dev', egress, 'root', ...netemWords(faults));
}
