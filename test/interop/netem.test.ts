import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseAddress } from '../../src/ip/address';
import type { MemoryProfile } from '../../src/options';
import { FULL, noise, SIZES } from '../src/lan';
import { NetworkNamespace } from '../hal/desktop/namespace';
import { titled, whyNotHere } from '../tools';
import { kernelWithoutNetem, netemWords } from './netem';
import type { Faults } from './netem';
import { NetemLan, Speaker, hostIp, stackMac } from './netem-lan';
import { faultsOf, segmentsOf } from './netem-judge';
import type { Seen } from './netem-judge';

const reason = whyNotHere('ss', 'tshark', 'tc');
const byKernel = reason === undefined && kernelWithoutNetem() === undefined;

interface Side {
  profile: MemoryProfile;
  /** Octets that each conversation carries a way. */
  octets: number;
}

/** What the stack can do, and how much it is given to carry. */
const sides: Record<string, Side> = {
  'nothing switched on': { profile: { ...SIZES, mss: 1460, receiveBuffer: 5840, sendBuffer: 5840 }, octets: 50_000 },
  'everything switched on': { profile: { ...FULL, mss: 1460, receiveBuffer: 100_000, sendBuffer: 100_000 }, octets: 250_000 },
};

const ways: Record<string, Faults> = {
  'nothing happens': {},
  'frames are lost': { delay: 5, loss: 0.03 },
  'frames are delayed unevenly': { delay: 20, jitter: 15 },
  'frames overtake each other': { delay: 10, reorder: 0.05 },
  'frames come twice': { delay: 5, duplicate: 0.05 },
  'frames are spoiled': { delay: 5, corrupt: 0.02 },
  'all of it happens': { delay: 10, jitter: 5, loss: 0.01, duplicate: 0.01, reorder: 0.02, corrupt: 0.01 },
};

/** Milliseconds that this machine may leave the stack alone before a retransmission is its fault. */
const PAUSE = 30;

const cases = Object.keys(sides).flatMap((side) => Object.keys(ways).map((way) => [side, way] as const));
const latin1 = (octets: Uint8Array) => Buffer.from(octets).toString('latin1');

/** What the two SYNs of each connection say. */
function agreed(segments: readonly Seen[]): { windowScale: boolean; timestamps: boolean; sack: boolean }[] {
  const syns = segments.filter((s) => s.syn);
  return [...new Set(syns.map((s) => s.connection))].map((connection) => {
    const both = syns.filter((s) => s.connection === connection);
    return {
      windowScale: both.every((s) => s.windowScale !== undefined),
      timestamps: both.every((s) => s.timestamps),
      sack: both.every((s) => s.sackPermitted),
    };
  });
}

const title = `the kernel and a stack with netem between them${byKernel ? '' : ', imitated: the kernel has none'}`;
describe.skipIf(reason)(titled(title, reason), () => {
  it.each(Object.entries(ways))('%s: in words that tc understands', (_way, faults) => {
    const inside = new NetworkNamespace();
    onTestFinished(inside.remove);
    const said = inside.runs('tc', 'qdisc', 'add', 'dev', 'lo', 'root', ...netemWords(faults));
    // A kernel without netem says so after tc has read the words.
    expect(said).toMatch(/^(Error: Specified qdisc kind is unknown\.\s*)?$/);
  });

  it.concurrent.for(cases)('%s, %s: the same octets both ways, closed connections, a clean capture', { timeout: 88_000 }, async ([side, way], { expect, onTestFinished }) => {
    const { profile, octets } = sides[side]!;
    const faults = ways[way]!;
    const lan = new NetemLan(profile, faults, byKernel, 1 + cases.findIndex((one) => one[0] === side && one[1] === way));
    onTestFinished(async () => {
      await lan.stop();
      lan.remove();
    });
    const [ours, theirs] = [noise(octets, 1), noise(octets, 2)];
    const nothing = new Uint8Array(0);

    /** The kernel opens a connection, says its text and hears that of the stack. */
    const conversation = async (port: number, said: Uint8Array, heard: Uint8Array, boardFirst: boolean): Promise<void> => {
      const speaker = new Speaker(said, heard.length, boardFirst);
      lan.stack.listen(port, speaker);
      const id = await lan.peer.open(lan.port(port));
      await lan.peer.say(id, latin1(heard));
      const back = await lan.peer.hear(id, said.length);
      expect(back === latin1(said), `port ${port}: what the stack said`).toBe(true);
      if (!boardFirst) await lan.peer.end(id);
      expect(await lan.peer.over(id)).toBe('ended');
      if (boardFirst) await lan.peer.end(id);
      await vi.waitFor(() => expect(speaker.closed_).toBe('normal'), { timeout: 60_000, interval: 50 });
      expect(speaker.count, `port ${port}: octets that the stack heard`).toBe(heard.length);
      expect(speaker.heard.equals(heard), `port ${port}: what the stack heard`).toBe(true);
    };
    /** The stack opens one to a service that sends everything back. */
    const call = async (): Promise<void> => {
      const speaker = new Speaker(ours, ours.length, true);
      const port = await lan.peer.serve('echo');
      expect(lan.stack.connect(parseAddress(hostIp), port, speaker)).not.toBeNull();
      await vi.waitFor(() => expect(speaker.closed_).not.toBe(''), { timeout: 80_000, interval: 50 });
      expect([speaker.closed_, speaker.count, speaker.heard.equals(ours)]).toEqual(['normal', ours.length, true]);
    };
    await Promise.all([
      conversation(1, ours, nothing, true), conversation(2, nothing, theirs, false), conversation(3, ours, theirs, false), call(),
    ]);
    await vi.waitFor(() => expect([lan.stuck, lan.open]).toEqual([[], []]), { timeout: 60_000, interval: 100 });
    await lan.stop();

    const segments = await segmentsOf(lan.capture, stackMac);
    expect(segments.length).toBeGreaterThan(6 * octets / 1460);
    expect(faultsOf(segments, Object.keys(faults).length === 0 && lan.longestPause < PAUSE)).toEqual([]);
    const { windowScale, timestamps, sack } = profile;
    expect(agreed(segments)).toEqual(Array.from({ length: 4 }, () => ({ windowScale, timestamps, sack })));
    // With the shift that was agreed, as Wireshark applies it, the whole buffer was offered.
    expect(segments.some((s) => s.ours && !s.syn && s.window === profile.receiveBuffer)).toBe(true);
    if (!timestamps) expect(segments.filter((s) => s.ours && s.timestamps)).toEqual([]);
    if (!sack) expect(segments.filter((s) => s.sack.length > 0)).toEqual([]);
    if (sack && faults.loss) {
      expect(segments.some((s) => s.ours && s.sack.length > 0), 'the stack never sent a SACK block').toBe(true);
      expect(segments.some((s) => !s.ours && s.sack.length > 0), 'the kernel never sent a SACK block').toBe(true);
    }
  });
});
