import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { Lan } from '../../boards/virtual/lan';
import { type Product, build } from '../../boards/virtual/product';
import { VirtualBoard } from '../../boards/virtual/virtual-board';
import type { RealTime } from '../../hal/desktop/real-time';
import { TapDevice } from '../../hal/desktop/tap';
import { TapBridge } from '../../hal/desktop/tap-bridge';
import type { Wire, WireOptions } from '../../hal/mock/wire';
import { NetworkNamespace } from '../hal/desktop/namespace';
import { Peer, type Way } from './peer';
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
  engine?: 'node' | 'espruino';
  /** What runs instead of the script that is flashed. */
  script?: string;
  board?: string;
  wire?: WireOptions;
}

/**
 * The virtual board in this process, and the Linux kernel as its neighbour: on a TAP interface in a network namespace
 * that is made for it, with a peer program inside. `close` takes all of it away.
 */
export class KernelLan {
  readonly board: VirtualBoard;
  readonly product: Product;
  readonly peer: Peer;
  /** What the script has printed. */
  readonly lines: string[] = [];
  private stopped = false;
  private readonly folder = mkdtempSync(join(tmpdir(), 'enc28j60-interop-'));
  private readonly capture = join(this.folder, 'wire.pcapng');

  private constructor(readonly inside: NetworkNamespace, options: KernelLanOptions) {
    this.product = build(options.board ?? 'pico', 'hello');
    this.peer = new Peer(inside);
    this.board = new VirtualBoard({
      script: options.script ?? this.product.script,
      filename: this.product.filename,
      board: this.product.board,
      engine: options.engine ?? 'node',
      storage: {
        ENC28J60: this.product.module,
        'ENC28J60.json': JSON.stringify({ ip: boardIp, subnet: '255.255.255.0', gateway: hostIp, mac: boardMac }),
      },
      lan: (wire, realTime) => new NamespaceLan(inside, wire, realTime),
      wire: options.wire ?? {},
      pcap: this.capture,
      print: (line) => this.lines.push(line),
    });
  }

  static async boot(options: KernelLanOptions = {}): Promise<KernelLan> {
    const inside = new NetworkNamespace();
    let lan: KernelLan | undefined;
    try {
      lan = new KernelLan(inside, options);
      await lan.board.start();
      return lan;
    } catch (error) {
      await lan?.close();
      inside.remove();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.peer.close();
    await this.board.stop();
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

  async ping(...words: string[]): Promise<{ sent: number; received: number; output: string }> {
    const { output } = await this.inside.run('ping', '-W', '10', ...words, boardIp);
    const [, sent = NaN, received = NaN] = /(\d+) packets transmitted, (\d+) received/.exec(output) ?? [];
    return { sent: Number(sent), received: Number(received), output };
  }

  /** The states of the kernel's TCP connections, the two harmless ones left out. */
  get stuck(): string[] {
    const lines = this.inside.runs('ss', '-Htan').split('\n').filter((line) => line !== '');
    return lines.filter((line) => !/^(TIME-WAIT|LISTEN)\s/.test(line));
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
    const { frames, faults } = await judge(this.capture, boardMac);
    expect(faults).toEqual([]);
    return frames;
  }
}
