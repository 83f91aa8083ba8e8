import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { Lan } from '../../boards/virtual/lan';
import type { Product } from '../../boards/virtual/product';
import { VirtualBoard } from '../../boards/virtual/virtual-board';
import type { RealTime } from '../../hal/desktop/real-time';
import { TapDevice } from '../../hal/desktop/tap';
import { TapBridge } from '../../hal/desktop/tap-bridge';
import type { Wire, WireOptions } from '../../hal/mock/wire';
import { NetworkNamespace } from '../hal/desktop/namespace';
import { Peer, type Way } from './peer';
import { helloFor } from './products';
import { judge } from './tshark';

export const boardIp = '10.77.0.2';
export const hostIp = '10.77.0.1';
/** The board's Ethernet address, given to it so that a capture tells who sent what. */
export const boardMac = '02:0b:0a:0d:00:01';

/** Milliseconds for what happens at once on a machine that has nothing else to do. */
export const patience = 20_000;

let made = 0;

/** A TAP interface inside a namespace as the board's LAN. */
class NamespaceLan implements Lan {
  readonly tap = new TapDevice({ name: `io${process.pid % 1e7}x${++made}` });
  readonly name = `tap:${this.tap.name}`;
  private bridge: TapBridge | undefined;

  constructor(private readonly inside: NetworkNamespace, private readonly wire: Wire, private readonly realTime: RealTime) {}

  async open(): Promise<void> {
    this.bridge = new TapBridge(this.tap, this.wire, { realTime: this.realTime });
    this.inside.adopt(this.tap.name, `${hostIp}/24`);
  }

  async close(): Promise<void> {
    await this.bridge?.close();
  }

  lines(): string[] {
    return [];
  }
}

export interface KernelLanOptions {
  engine?: 'node' | 'espruino' | 'jerry';
  /** Makes what runs instead of the script that is flashed. */
  script?: (flashed: string, peer: Peer) => string | Promise<string>;
  board?: string;
  wire?: WireOptions;
}

/**
 * The virtual board in this process, and the Linux kernel as its neighbour: on a TAP interface in a network namespace
 * that is made for it, with a peer program inside. `close` takes all of it away.
 */
export class KernelLan {
  readonly peer: Peer;
  private virtual: VirtualBoard | undefined;
  /** What the script has printed. */
  readonly lines: string[] = [];
  private stopped = false;
  private readonly folder = mkdtempSync(join(tmpdir(), 'enc28j60-interop-'));
  private readonly capture = join(this.folder, 'wire.pcapng');

  private constructor(readonly inside: NetworkNamespace, readonly product: Product) {
    this.peer = new Peer(inside);
  }

  static async boot(options: KernelLanOptions = {}): Promise<KernelLan> {
    const lan = new KernelLan(new NetworkNamespace(), helloFor(options.board ?? 'pico'));
    try {
      await lan.start(options);
      return lan;
    } catch (error) {
      await lan.close();
      throw error;
    }
  }

  private async start(options: KernelLanOptions): Promise<void> {
    const { product } = this;
    const script = await options.script?.(product.script, this.peer);
    this.virtual = new VirtualBoard({
      script: script ?? product.script,
      filename: product.filename,
      board: product.board,
      engine: options.engine ?? 'node',
      storage: {
        ENC28J60: product.module,
        'ENC28J60.json': JSON.stringify({ ip: boardIp, subnet: '255.255.255.0', gateway: hostIp, mac: boardMac }),
      },
      lan: (wire, realTime) => new NamespaceLan(this.inside, wire, realTime),
      wire: options.wire ?? {},
      pcap: this.capture,
      print: (line) => this.lines.push(line),
    });
    await this.virtual.start();
  }

  get board(): VirtualBoard {
    return this.virtual!;
  }

  async close(): Promise<void> {
    await this.peer.close();
    await this.virtual?.stop();
    this.inside.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get tap(): TapDevice {
    return (this.board.lan as NamespaceLan).tap;
  }

  /** A port of the board, for the peer. */
  port(port: number): Way {
    return { host: boardIp, port };
  }

  /** Fetches a page of the board. @returns status and body, or curl's own error */
  async curl(path = '/', ...words: string[]): Promise<{ status: number; body: string }> {
    const run = await this.inside.run(
      'curl', '-sS', '--max-time', '60', '-w', '\n%{http_code}', ...words, `http://${boardIp}${path}`,
    );
    const cut = run.output.lastIndexOf('\n');
    return { status: Number(run.output.slice(cut + 1)), body: run.output.slice(0, cut) };
  }

  /**
   * Lets the kernel ping the board. The wire tells what was answered: for the answer to its last one `ping` itself does
   * not wait longer than for the next one's turn, or two round trips.
   */
  async ping(...words: string[]): Promise<{ sent: number; answered: number; heard: number }> {
    let [sent, answered] = [0, 0];
    const untap = this.board.wire.tap((frame) => {
      const isIcmp = frame[12] === 8 && frame[13] === 0 && frame[23] === 1;
      if (isIcmp && frame[34] === 8) sent++;
      if (isIcmp && frame[34] === 0) answered++;
    });
    const { output } = await this.inside.run('ping', '-W', '10', ...words, boardIp);
    for (let left = 20; left > 0 && answered < sent; left--) await new Promise((resolve) => setTimeout(resolve, 100));
    untap();
    return { sent, answered, heard: Number(/(\d+) received/.exec(output)?.[1]) };
  }

  /** The states of the kernel's TCP connections, the two harmless ones left out. */
  get stuck(): string[] {
    const lines = this.inside.runs('ss', '-Htan').split('\n').filter((line) => line !== '');
    return lines.filter((line) => !/^(TIME-WAIT|LISTEN)\s/.test(line));
  }

  /** Lets so many seconds pass on the board and its chip at once. */
  hurry(seconds: number): void {
    const { realTime, clock } = this.board;
    realTime.stop();
    clock.advance(seconds * 1e6);
    realTime.start();
  }

  /** Open connections as the page shows them, its own one left out. */
  async openConnections(): Promise<number> {
    const { body } = await this.curl();
    return Number(/Open connections<\/td><td>(\d+)/.exec(body)?.[1]) - 1;
  }

  /**
   * What must hold after every test: no rule of the chip broken, nothing thrown, no connection left over on either side,
   * and every slot of the board takes a new one. Once the capture was judged, there is no board to ask any more.
   */
  async isAtPeace(): Promise<void> {
    if (this.stopped) return;
    expect(this.board.violations).toEqual([]);
    expect(this.board.errors).toEqual([]);
    await vi.waitFor(() => expect(this.stuck).toEqual([]), { timeout: patience, interval: 100 });
    await vi.waitFor(async () => expect(await this.openConnections()).toBe(0), { timeout: patience, interval: 100 });
    const slots = this.product.board.profile.connections;
    const ids = await Promise.all(Array.from({ length: slots }, () => this.peer.open(this.port(7))));
    for (const id of ids) {
      await this.peer.say(id, `number ${id}`);
      expect(await this.peer.hear(id, `number ${id}`.length)).toBe(`number ${id}`);
      await this.peer.end(id);
      expect(await this.peer.over(id)).toBe('ended');
      await this.peer.leave(id);
    }
    await vi.waitFor(() => expect(this.stuck).toEqual([]), { timeout: patience, interval: 100 });
  }

  /** Stops the board and lets Wireshark judge what it sent. @returns the number of its frames */
  async judged(): Promise<number> {
    this.stopped = true;
    await this.board.stop();
    // An ICMP error repeats the datagram that it is about, however malformed that was.
    const { frames, faults } = await judge(this.capture, `eth.src == ${boardMac} && !(icmp.type == 3 || icmp.type == 12)`);
    expect(faults).toEqual([]);
    return frames;
  }
}
