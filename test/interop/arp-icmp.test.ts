import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { arpBody, ethernet, get16, get32, ipPacket, readPacket } from '../src/frames';
import { titled, whyNotHere } from '../tools';
import { withModule } from './board-scripts';
import { KernelLan, boardIp, boardMac, patience } from './kernel-lan';
import { Intruder } from './storm';

const reason = whyNotHere('arping', 'ping', 'sysctl');
const board = boardMac.split(':').map((octet) => parseInt(octet, 16));
const intruder = [2, 0, 0, 0, 0, 0x66];
const ALL = [255, 255, 255, 255, 255, 255];
const BOARD = 0x0a4d0002;
const STRANGER = 0x0a4d0063;
const ECHO = [8, 0, 0xf7, 0xfe, 0, 0, 0, 1];

interface Told {
  ip: string;
  conflict: boolean;
  arp: Record<string, number>;
  icmp: Record<string, number>;
}

/** A board that says ten times a second how it is. */
const script = () => withModule('pico', `
  setInterval(function () {
    var stats = eth.stats();
    print(JSON.stringify({ ip: eth.getIP().ip, conflict: eth.getStatus().conflict, arp: stats.arp, icmp: stats.icmp }));
  }, 100);`, 'mss: 1460, receiveBuffer: 2920, sendBuffer: 2920, reassembly: 4096');

describe.skipIf(reason)(titled('the board among its neighbours', reason), () => {
  let lan: KernelLan;
  /** ARP of the board's: request or reply, sender, target. */
  const said: [number, number, number][] = [];

  beforeAll(async () => {
    lan = await KernelLan.boot({ script });
    lan.board.wire.tap((frame) => {
      const isArp = get16(frame, 12) === 0x0806 && board.every((octet, at) => frame[6 + at] === octet);
      if (isArp) said.push([get16(frame, 20), get32(frame, 28), get32(frame, 38)]);
    });
    // It looks at its address again when it finds the cable plugged in: that is over then.
    lan.hurry(5);
    said.length = 0;
  }, 120_000);
  afterAll(async () => {
    const errors = lan?.board.errors.concat(lan.board.violations.map(String));
    await lan?.close();
    expect(errors).toEqual([]);
  });

  /** The answers that the kernel has heard. */
  async function ping(...words: string[]): Promise<string[]> {
    const { output } = await lan.inside.run('ping', '-i', '0.1', '-W', '2', ...words, boardIp);
    return output.split('\n').filter((line) => line.includes(' bytes from '));
  }

  async function arping(...words: string[]): Promise<string[]> {
    const { output } = await lan.inside.run('arping', '-i', lan.tap.name, '-w', '2', '-W', '0.2', ...words);
    return output.split('\n').filter((line) => line.includes(' bytes from '));
  }

  /** What the board says of itself from now on. */
  async function told(): Promise<Told> {
    const from = lan.lines.length;
    await vi.waitFor(() => expect(lan.lines.length).toBeGreaterThan(from + 1), { timeout: patience, interval: 20 });
    return JSON.parse(lan.lines.at(-1)!) as Told;
  }

  /** Puts frames on the wire; what the board answers to their sender by ICMP, type and code. */
  async function strangerSends(...frames: Uint8Array[]): Promise<string[]> {
    const heard: string[] = [];
    const untap = lan.board.wire.tap((frame) => {
      if (frame[5] !== intruder[5] || get16(frame, 12) !== 0x0800 || frame[23] !== 1) return;
      heard.push(Array.from(readPacket(frame).payload.slice(0, 2)).join(' '));
    });
    const station = new Intruder(lan.board.wire, lan.board.realTime);
    await station.send(frames);
    await told();
    station.leave();
    untap();
    return heard;
  }

  const arp = (operation: 'request' | 'reply', senderHardware: number[], sender: number) =>
    ethernet(board, intruder, 0x0806, arpBody({ operation, senderHardware, sender, targetHardware: board, target: BOARD }));
  const echo = (options: number[], to = board, fragment = 0) =>
    ethernet(to, intruder, 0x0800, ipPacket({ source: STRANGER, destination: BOARD, protocol: 1, payload: ECHO, options, fragment }));

  it('answers whoever probes for its address, as a host does before it takes one', async () => {
    const answers = await arping('-0', '-c', '3', boardIp);
    expect(answers.length).toBeGreaterThan(0);
    expect(answers.filter((line) => !line.includes(boardMac))).toEqual([]);
  });

  it('answers a question that is sent to it alone, and none for other addresses', async () => {
    expect((await arping('-c', '2', '-t', boardMac, boardIp)).length).toBeGreaterThan(0);
    expect(await arping('-c', '2', '10.77.0.3')).toEqual([]);
  });

  it('answers a ping of 1,400 octets, whole or in fragments', async () => {
    expect(await ping('-c', '3', '-s', '1400')).toHaveLength(3);
    lan.inside.runs('ip', 'link', 'set', lan.tap.name, 'mtu', '576');
    expect(await ping('-c', '3', '-s', '1400')).toHaveLength(3);
    lan.inside.runs('ip', 'link', 'set', lan.tap.name, 'mtu', '1500');
  });

  it('puts one of 4,000 together, whose answer no frame holds, but none beyond its buffer', async () => {
    const before = (await told()).icmp;
    expect(await ping('-c', '3', '-s', '4000')).toEqual([]);
    const after = (await told()).icmp;
    expect([after['inMsgs']! - before['inMsgs']!, after['inEchos']! - before['inEchos']!]).toEqual([3, 0]);
    expect(await ping('-c', '3', '-s', '4100')).toEqual([]);
    expect((await told()).icmp['inMsgs']).toBe(after['inMsgs']);
    expect(await ping('-c', '1')).toHaveLength(1);
  });

  it('tells the sender of malformed options, of a route that goes on to others, and nobody who may not be told', async () => {
    const known = arp('request', intruder, STRANGER);
    expect(await strangerSends(known, echo([222, 0, 0, 0]))).toEqual(['12 0']);
    expect(await strangerSends(known, echo([131, 7, 4, 10, 77, 0, 9, 0]))).toEqual(['3 5']);
    expect(await strangerSends(known, echo([148, 4, 0, 0]))).toEqual(['0 0']);
    expect(await strangerSends(known, echo([222, 0, 0, 0], ALL), echo([222, 0, 0, 0], board, 0x2000))).toEqual([]);
  });

  it('believes no ARP that makes no sense or that nobody asked for', async () => {
    const before = (await told()).arp;
    await strangerSends(
      arp('reply', intruder, STRANGER + 1), arp('reply', intruder, STRANGER + 2),
      arp('reply', [1, 0, 0, 0, 0, 1], 0x0a4d0001), arp('reply', ALL, 0x0a4d0001), arp('reply', board, 0x0a4d0001),
      arp('request', intruder, 0xe00000fb), arp('request', intruder, STRANGER).fill(3, 21, 22),
    );
    const after = (await told()).arp;
    const counted = ['unsolicited', 'sourceErrors', 'malformed', 'conflicts'].map((name) => after[name]! - before[name]!);
    expect(counted).toEqual([2, 4, 1, 0]);
    expect(await ping('-c', '2')).toHaveLength(2);
  });

  it('asks for hosts that are not there once a second each, however much comes from them', async () => {
    const sources = Array.from({ length: 40 }, (_, number) => STRANGER + 1 + number);
    said.length = 0;
    const from = lan.board.clock.milliseconds;
    const packets = sources.map((source) => ipPacket({ source, destination: BOARD, protocol: 99, payload: ECHO }));
    const frames = packets.map((packet) => ethernet(board, intruder, 0x0800, packet));
    for (let round = 0; round < 10; round++) await strangerSends(...frames);
    const seconds = (lan.board.clock.milliseconds - from) / 1000;
    const questions = said.filter(([operation]) => operation === 1);
    expect(questions.length).toBeGreaterThan(0);
    for (const source of sources) {
      expect(questions.filter(([, , target]) => target === source).length).toBeLessThanOrEqual(Math.ceil(seconds));
    }
    expect(await ping('-c', '2')).toHaveLength(2);
  });

  it('defends its address once in ten seconds when the kernel takes it, then leaves it, and takes it when it is free', async () => {
    const { conflicts } = (await told()).arp;
    const takes = () => lan.inside.run('arping', '-i', lan.tap.name, '-U', '-c', '1', '-S', boardIp, boardIp);
    const conflictsAre = (count: number) =>
      vi.waitFor(async () => expect((await told()).arp['conflicts']! - conflicts!).toBe(count), { timeout: patience });
    lan.inside.runs('ip', 'address', 'add', `${boardIp}/32`, 'dev', lan.tap.name);
    said.length = 0;

    await takes();
    await conflictsAre(1);
    expect(said).toEqual([[1, BOARD, BOARD]]);
    expect(await told()).toMatchObject({ ip: boardIp, conflict: false });
    lan.hurry(10);
    await takes();
    await conflictsAre(2);
    expect(said).toEqual([[1, BOARD, BOARD], [1, BOARD, BOARD]]);

    await takes();
    await vi.waitFor(async () => expect(await told()).toMatchObject({ ip: '0.0.0.0', conflict: true }), { timeout: patience });
    expect(said).toHaveLength(2);
    // The kernel's answer to the probe needs its own time.
    lan.hurry(8);
    await conflictsAre(4);
    expect(said.slice(2)).toEqual([[1, 0, BOARD]]);
    expect(await told()).toMatchObject({ ip: '0.0.0.0', conflict: true });

    lan.inside.runs('ip', 'address', 'delete', `${boardIp}/32`, 'dev', lan.tap.name);
    lan.hurry(8);
    await vi.waitFor(async () => expect(await told()).toMatchObject({ ip: boardIp, conflict: false }), { timeout: patience });
    expect(await ping('-c', '2')).toHaveLength(2);
  }, 120_000);
});
