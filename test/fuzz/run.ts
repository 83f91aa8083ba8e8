import type { Frame } from '../../hal/hal';
import { SeededRandom } from '../../hal/mock/random';
import { fragments, mended, mutated, pick } from './mutate';
import { watched } from './guard';
import { FuzzHost } from './host';
import type { Counts } from './host';
import { VALID } from './valid';

/** How many accesses a frame may cost: so many for each of its octets, and some for every frame. */
export const mostAccesses = (octets: number): number => 2000 + 30 * octets;
const KINDS = Object.keys(VALID);

export interface FuzzResult {
  frames: number;
  seed: number;
  /** The counters that frames have ended in. */
  ends: Counts;
  /** The most accesses to one frame, for each of its octets. */
  mostAccesses: number;
  /** Events of the services, to see that they were reached. */
  reached: Counts;
  failures: string[];
}

/** The same octets, with every access to them counted; more than `most` end in an error. */
export function counting(bytes: Uint8Array, most: number): { bytes: Uint8Array; count: () => number } {
  let count = 0;
  const counted = (): void => {
    if (++count > most) throw new Error(`more than ${most} accesses`);
  };
  return { bytes: watched(bytes, counted), count: () => count };
}

/** Feeds frames to a stack. */
class Fuzzer {
  readonly random: SeededRandom;
  readonly host: FuzzHost;
  frames = 0;
  mostAccesses = 0;
  /** Pieces of a datagram that are still to come. */
  private readonly waiting: Uint8Array[] = [];

  constructor(isClient: boolean, private readonly seed: number) {
    this.random = new SeededRandom(seed);
    this.host = new FuzzHost(isClient, seed);
  }

  /** One more frame. @throws Error with seed, number and octets of the frame, when anything is not as it must be */
  step(): void {
    const { random, host } = this;
    const frame = this.next();
    this.frames++;
    try {
      this.countAccesses(frame);
      if (this.frames % 16 === 0) host.lives(random.below(1 << 20));
      const faults = host.faults(this.frames);
      if (faults.length > 0) throw new Error(faults.join('; '));
    } catch (error) {
      const octets = Buffer.from(frame).toString('hex');
      throw new Error(`seed ${this.seed}, ${host.isClient ? 'client' : 'host'}, frame ${this.frames} at ${host.now} ms: ${(error as Error).stack}\n${octets}`);
    }
    host.now += random.chance(0.9) ? random.below(4) : random.chance(0.9) ? random.below(300) : random.below(90_000);
  }

  private next(): Uint8Array {
    const { random } = this;
    // A client without an address hears little else than servers.
    const kind = () => (this.host.isClient && random.chance(0.3) ? 'dhcp' : pick(random, KINDS));
    const valid = () => VALID[kind()]!(random, this.host);
    let frame = this.waiting.pop() ?? valid();
    if (this.waiting.length === 0 && frame.length > 60 && random.chance(0.06) && frame[12] === 8 && frame[13] === 0) {
      this.waiting.push(...fragments(random, frame));
      frame = this.waiting.pop()!;
    }
    if (random.chance(0.3)) return frame;
    const changed = mutated(random, frame, valid);
    return random.chance(0.5) ? mended(random, changed) : changed;
  }

  /** Counts how often the stack reads and writes what it has received: loops are bounded by the frame's length. */
  private countAccesses(frame: Uint8Array): void {
    const { stack } = this.host;
    const received: Frame = Reflect.get(stack, 'received');
    const buffer = received.octets;
    const reassembly: Uint8Array = Reflect.get(stack.ip.fragments!, 'buffer');
    const whole = frame.length + reassembly.length;
    const [one, other] = [counting(buffer, mostAccesses(whole)), counting(reassembly, mostAccesses(whole))];
    received.octets = one.bytes;
    Reflect.set(stack.ip.fragments!, 'buffer', other.bytes);
    try {
      this.host.takes(frame);
    } finally {
      received.octets = buffer;
      Reflect.set(stack.ip.fragments!, 'buffer', reassembly);
    }
    const octets = frame.length + (other.count() > 0 ? reassembly.length : 0);
    const accesses = one.count() + other.count();
    this.mostAccesses = Math.max(this.mostAccesses, accesses / octets);
    if (accesses > mostAccesses(octets)) throw new Error(`${accesses} accesses to ${octets} octets`);
  }
}

/** Feeds so many frames to two stacks: three quarters to a host, the rest to one that looks for an address. */
export function fuzz(frames: number, seed: number, tell: (done: number) => void = () => undefined): FuzzResult {
  const [host, client] = [new Fuzzer(false, seed), new Fuzzer(true, seed + 1)];
  const failures: string[] = [];
  try {
    for (let done = 0; done < frames; done++) {
      (done % 4 === 3 ? client : host).step();
      if (done % 100_000 === 99_999) tell(done + 1);
    }
  } catch (error) {
    failures.push((error as Error).message);
  }
  const ends: Counts = {};
  for (const one of [host.host.ends(), client.host.ends()]) {
    for (const [name, count] of Object.entries(one)) ends[name] = (ends[name] ?? 0) + count;
  }
  const { stack, dns, mdns, igmp, sntp, dequeued, resolved, times } = host.host;
  return {
    frames: host.frames + client.frames,
    seed,
    ends,
    mostAccesses: Math.max(host.mostAccesses, client.mostAccesses),
    reached: {
      'datagrams put together': stack.ip.fragments!.counters.oks, 'datagrams read': dequeued, 'names resolved': resolved,
      'times found': times, 'time answers': sntp.counters.received, 'names asked over TCP': dns.counters.streams,
      'name answers': dns.counters.received - dns.counters.rejected, 'name conflicts': mdns.conflicts, 'group reports': igmp.sent,
      'connections accepted': stack.tcp.counters.passiveOpens, 'cookies': stack.tcp.counters.cookiesSent,
      'leases refused': client.host.dhcp.counters.naks, 'messages of servers': client.host.dhcp.counters.received,
      'address conflicts': client.host.stack.arp.counters.conflicts, 'errors reported': stack.icmp.counters.outReports, 'frames sent': host.host.mac.sent,
    },
    failures,
  };
}
