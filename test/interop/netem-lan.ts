import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodePlatform } from '../../boards/virtual/node-platform';
import { PcapngFile } from '../../hal/desktop/pcapng';
import { TapDevice } from '../../hal/desktop/tap';
import { parseAddress } from '../../src/ip/address';
import type { MemoryProfile } from '../../src/options';
import { Stack } from '../../src/stack';
import type { Connection, ConnectionHandler } from '../../src/tcp/connection';
import { closeReasonName } from '../../src/tcp/errors';
import { NetworkNamespace } from '../hal/desktop/namespace';
import { bridged, FaultyMac } from './netem';
import type { Faults } from './netem';
import { Peer, type Way } from './peer';

export const stackIp = '10.78.0.2';
export const hostIp = '10.78.0.1';
export const stackMac = '02:00:00:00:00:02';

let made = 0;

/** What a connection of the stack's is to say, and what it has heard. It closes when both have come to their end. */
export class Speaker implements ConnectionHandler {
  readonly heard: Buffer;
  count = 0;
  /** The last word: why the connection is over. */
  closed_ = '';
  private said = 0;
  private readonly scratch = new Uint8Array(8192);

  constructor(private readonly text: Uint8Array, expected: number, private readonly endsFirst: boolean) {
    this.heard = Buffer.alloc(expected);
  }

  opened(c: Connection): void {
    this.writable(c);
  }

  readable(c: Connection): void {
    for (let count = c.read(this.scratch, 0, 8192); count > 0; count = c.read(this.scratch, 0, 8192)) {
      this.heard.set(this.scratch.subarray(0, Math.max(0, Math.min(count, this.heard.length - this.count))), this.count);
      this.count += count;
    }
    this.endsWhenDone(c);
  }

  writable(c: Connection): void {
    if (this.said < this.text.length) this.said += c.write(this.text, this.said, this.text.length - this.said);
    this.endsWhenDone(c);
  }

  ended(c: Connection): void {
    c.end();
  }

  closed(_c: Connection, reason: number): void {
    this.closed_ = closeReasonName(reason);
  }

  private endsWhenDone(c: Connection): void {
    if (this.endsFirst && this.said === this.text.length && this.count === this.heard.length) c.end();
  }
}

/** A stack on a TAP interface in real time, the kernel as its neighbour, and faults on the way both ways. */
export class NetemLan {
  readonly stack: Stack;
  readonly peer: Peer;
  private readonly inside = new NetworkNamespace();
  private readonly folder = mkdtempSync(join(tmpdir(), 'enc28j60-netem-'));
  readonly capture = join(this.folder, 'netem.pcapng');
  private readonly file = new PcapngFile(this.capture);
  private readonly tap = new TapDevice({ name: `ne${process.pid % 1e7}x${++made}` });
  private readonly timer: NodeJS.Timeout;
  private lastPoll = performance.now();
  /** The longest time in milliseconds that this machine left the stack alone: what the kernel then thinks is no fault of either. */
  longestPause = 0;

  /** @param byKernel the kernel's own `netem` does it, else this process */
  constructor(profile: MemoryProfile, faults: Faults, byKernel: boolean, seed: number) {
    const interfaceNumber = this.file.addInterface('stack');
    const started = performance.now();
    const ear = (frame: Uint8Array) => this.file.write(interfaceNumber, frame, (performance.now() - started) * 1000);
    const mac = new FaultyMac(this.tap, byKernel ? {} : faults, seed, ear);
    this.stack = new Stack(mac, nodePlatform, {
      ...profile, address: parseAddress(stackIp), netmask: parseAddress('255.255.255.0'), gateway: 0,
    });
    mac.open();
    bridged(this.inside, this.tap.name, `${hostIp}/24`, byKernel ? faults : undefined);
    this.peer = new Peer(this.inside);
    this.timer = setInterval(() => this.poll(), 1);
  }

  /** The way to a port of the stack. */
  port(port: number): Way {
    return { host: stackIp, port };
  }

  /** Connections of the kernel's that still wait for something. */
  get stuck(): string[] {
    const lines = this.inside.runs('ss', '-Htan').split('\n').filter((line) => line !== '');
    return lines.filter((line) => !/^(TIME-WAIT|LISTEN)\s/.test(line));
  }

  /** Connections of the stack's that are not over. */
  get open(): string[] {
    return this.stack.tcp.connections.map((c) => c.stateName).filter((name) => name !== 'CLOSED');
  }

  /** Stops everything but leaves the capture. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.peer.close();
    await this.tap.close();
    this.file.close();
    this.inside.remove();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private poll(): void {
    const now = performance.now();
    this.longestPause = Math.max(this.longestPause, now - this.lastPoll);
    this.lastPoll = now;
    for (let rounds = 0; rounds < 20 && this.stack.poll(performance.now() | 0) === 0; rounds++);
  }
}
