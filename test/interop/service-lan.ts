import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAddress } from '../../src/ip/address';
import { Stack } from '../../src/stack';
import type { StackOptions } from '../../src/options';
import { RealTime } from '../../hal/desktop/real-time';
import { TapBridge } from '../../hal/desktop/tap-bridge';
import { TapDevice } from '../../hal/desktop/tap';
import { VirtualClock } from '../../hal/mock/clock';
import { Wire } from '../../hal/mock/wire';
import { WirePort } from '../../hal/mock/wire-port';
import { NetworkNamespace } from '../hal/desktop/namespace';
import { seededPlatform, SIZES } from '../src/lan';

let made = 0;

/** A stack, and Linux with its servers as its only neighbour: a TAP interface in a namespace made for it. */
export class ServiceLan {
  readonly inside = new NetworkNamespace();
  readonly clock = new VirtualClock();
  readonly wire = new Wire(this.clock);
  readonly stack: Stack;
  readonly folder = mkdtempSync(join(tmpdir(), 'enc28j60-services-'));
  readonly tap = new TapDevice({ name: `sv${process.pid % 1e7}x${++made}` });
  private readonly realTime = new RealTime(this.clock);
  private readonly bridge: TapBridge;
  private readonly port: WirePort;
  private readonly children: { child: ChildProcess; ended: Promise<void> }[] = [];
  private closed = false;

  constructor(hostIp: string, options: Partial<StackOptions> = {}) {
    this.port = new WirePort(this.wire, { name: 'board', address: Uint8Array.of(2, 0x0b, 0x0a, 0x0d, 0, made) });
    this.port.open();
    this.stack = new Stack(this.port, seededPlatform(process.pid + made), { ...SIZES, address: 0, netmask: -1, gateway: 0, ...options });
    this.bridge = new TapBridge(this.tap, this.wire, { realTime: this.realTime });
    this.inside.adopt(this.tap.name, hostIp);
    this.inside.runs('ip', 'link', 'set', 'lo', 'up');
    const poll = (): void => {
      if (this.closed) return;
      const wait = this.stack.poll(this.clock.milliseconds | 0);
      this.clock.after(Math.max(1, Math.min(wait, 5)) * 1000, poll);
    };
    poll();
    this.realTime.start();
  }

  /** Starts a server inside. It ends with the LAN. @returns how to end it before */
  starts(...command: string[]): () => Promise<void> {
    const child = spawn('ip', ['netns', 'exec', this.inside.name, ...command], { stdio: 'ignore' });
    const ended = new Promise<void>((resolve) => void child.on('close', () => resolve()));
    this.children.push({ child, ended });
    return () => {
      child.kill();
      return ended;
    };
  }

  /** Lets so many seconds pass for the stack at once. */
  hurry(seconds: number): void {
    this.realTime.stop();
    this.clock.advance(seconds * 1e6);
    this.realTime.start();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.realTime.stop();
    for (const { child, ended } of this.children) {
      child.kill();
      await ended;
    }
    await this.bridge.close();
    this.inside.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const address = parseAddress;
