import { expect } from 'vitest';
import type { EthernetMac, Frame } from '../../hal/hal';
import { macCounters } from '../../hal/mock/wire-port';
import { parseAddress } from '../../src/ip/address';
import type { StackOptions } from '../../src/options';
import { Stack } from '../../src/stack';
import type { Connection } from '../../src/tcp/connection';
import { arpBody, ethernet, get16, get32, ipPacket, readPacket, readSegment, tcpSegment } from './frames';
import type { IpFields } from './frames';
import { Recorder, seededPlatform, SIZES } from './lan';

/** A MAC without a wire: tests put frames in and take frames out. */
export class MemoryMac implements EthernetMac {
  readonly address = Uint8Array.of(2, 0, 0, 0, 0, 1);
  readonly counters = macCounters();
  readonly inbox: Uint8Array[] = [];
  readonly outbox: Uint8Array[] = [];
  /** Asked before each frame that is to be sent. */
  busy: () => boolean = () => false;
  /** Asked of each frame that nothing else has been found sound in. */
  checks: (frame: Frame) => boolean = () => true;

  open(): void {}

  mayReceive(): boolean {
    return this.inbox.length > 0;
  }

  receive(frame: Frame): number {
    for (;;) {
      const next = this.inbox.shift();
      if (next === undefined) return 0;
      if (next.length <= frame.size) {
        frame.octets.set(next);
        return next.length;
      }
      this.counters.rxOversize++;
    }
  }

  sound(frame: Frame): boolean {
    return this.checks(frame);
  }

  send(frame: Uint8Array, length: number): boolean {
    return this.sendParts(frame, length, frame, 0, 0);
  }

  sendParts(frame: Uint8Array, length: number, data: Uint8Array, offset: number, count: number): boolean {
    expect(length).toBeGreaterThanOrEqual(14);
    expect(length + count).toBeLessThanOrEqual(1514);
    expect(length).toBeLessThanOrEqual(frame.length);
    for (let octet = 0; octet < 6; octet++) if (frame[6 + octet] !== this.address[octet]) throw new Error('not our hardware address');
    if (this.busy()) return false;
    this.outbox.push(Uint8Array.of(...frame.subarray(0, length), ...data.subarray(offset, offset + count)));
    return true;
  }

  linkUp(): boolean {
    return true;
  }

  multicast(): void {}
  recover(): void {}
}

/** A segment in a conversation. Sequence numbers count from the sender's initial one, so a SYN is 0. */
export interface Template {
  seq?: number;
  ack?: number;
  flags?: string;
  wnd?: number;
  data?: string | Uint8Array;
  options?: number[];
}

export interface Heard {
  seq: number;
  ack: number;
  flags: string;
  wnd: number;
  data: string;
  options: number[];
}

export const STACK = parseAddress('10.0.0.1');
export const PEER = parseAddress('10.0.0.9');
export const PEER_HARDWARE = Uint8Array.of(2, 0, 0, 0, 0, 9);
export const mssOption = (mss: number) => [2, 4, mss >> 8, mss & 255];

/** A station that says what the test says, to a stack alone with it. Time is the test's. */
export class Peer {
  readonly mac = new MemoryMac();
  readonly stack: Stack;
  readonly app = new Recorder();
  now: number;
  port = 4000;
  stackPort = 80;
  /** Initial sequence numbers: ours, and the stack's once it was heard. */
  iss = 5000;
  irs = 0;
  /** What a template that does not say otherwise is sent with. */
  seq = 0;
  ack = 0;
  wnd = 8192;
  /** Answers requests for our hardware address without being told to. */
  answersArp = true;

  constructor(options: Partial<StackOptions> = {}, start = 0) {
    this.now = start;
    this.stack = new Stack(this.mac, seededPlatform(1), {
      ...SIZES, address: STACK, netmask: parseAddress('255.255.255.0'), gateway: 0, ...options,
    });
    this.poll();
    this.arrives(this.arpRequest(STACK));
    this.mac.outbox.length = 0;
  }

  get connection(): Connection {
    expect(this.app.connection).not.toBeNull();
    return this.app.connection!;
  }

  arpRequest(target: number, sender = PEER): Uint8Array {
    const all = [255, 255, 255, 255, 255, 255];
    const fields = { operation: 'request' as const, senderHardware: PEER_HARDWARE, sender, targetHardware: [0, 0, 0, 0, 0, 0] };
    return ethernet(all, PEER_HARDWARE, 0x0806, arpBody({ ...fields, target }));
  }

  /** Lets the stack work at the present time until it wants to wait. */
  poll(): number {
    for (;;) {
      const waiting = this.mac.inbox.length;
      const wait = this.stack.poll(this.now | 0);
      const answered = this.answersArp && this.answerArp();
      if (wait > 0 && !answered && this.mac.inbox.length === waiting) return wait;
    }
  }

  /** Lets milliseconds pass, polling whenever the stack asked for it. */
  passes(milliseconds: number): this {
    const end = this.now + milliseconds;
    for (;;) {
      const wait = this.poll();
      if (this.now >= end) return this;
      this.now = Math.min(end, this.now + Math.max(1, wait));
    }
  }

  arrives(...frames: Uint8Array[]): this {
    this.mac.inbox.push(...frames);
    this.poll();
    return this;
  }

  sendsPacket(ip: Partial<IpFields> & { protocol: number; payload: ArrayLike<number> }): this {
    return this.arrives(ethernet(this.mac.address, PEER_HARDWARE, 0x0800, ipPacket({ source: PEER, destination: STACK, ...ip })));
  }

  frameOf(template: Template): Uint8Array {
    const data = typeof template.data === 'string' ? Buffer.from(template.data) : (template.data ?? new Uint8Array(0));
    const flags = template.flags ?? 'ACK';
    const seq = template.seq ?? this.seq;
    const extent = data.length + (flags.includes('SYN') ? 1 : 0) + (flags.includes('FIN') ? 1 : 0);
    if (seq === this.seq) this.seq += extent;
    const payload = tcpSegment(PEER, STACK, {
      sourcePort: this.port,
      destinationPort: this.stackPort,
      seq: (this.iss + seq) | 0,
      ack: flags.includes('ACK') ? (this.irs + (template.ack ?? this.ack)) | 0 : 0,
      flags,
      wnd: template.wnd ?? this.wnd,
      options: template.options ?? [],
      data,
    });
    return ethernet(this.mac.address, PEER_HARDWARE, 0x0800, ipPacket({ source: PEER, destination: STACK, protocol: 6, payload }));
  }

  sends(...templates: Template[]): this {
    for (const template of templates) this.arrives(this.frameOf(template));
    return this;
  }

  /** The next segment from the stack, if there is one. */
  hears(): Heard | undefined {
    this.poll();
    for (;;) {
      const frame = this.mac.outbox.shift();
      if (frame === undefined) return undefined;
      if (get16(frame, 12) !== 0x0800) continue;
      const packet = readPacket(frame);
      if (packet.protocol !== 6) continue;
      const segment = readSegment(packet);
      if (segment.flags.includes('SYN')) this.irs = segment.seq;
      const heard = {
        seq: (segment.seq - this.irs) | 0,
        ack: segment.flags.includes('ACK') ? (segment.ack - this.iss) | 0 : 0,
        flags: segment.flags,
        wnd: segment.wnd,
        data: Buffer.from(segment.data).toString('latin1'),
        options: segment.options,
      };
      const next = heard.seq + segment.data.length + (/SYN|FIN/.test(heard.flags) ? 1 : 0);
      if (next > this.ack && !heard.flags.includes('RST')) this.ack = next;
      return heard;
    }
  }

  /** Everything the stack has sent. */
  hearsAll(): Heard[] {
    const all: Heard[] = [];
    for (let next = this.hears(); next !== undefined; next = this.hears()) all.push(next);
    return all;
  }

  /** The next segment from the stack must look like this; PSH is looked at only where it is asked for. */
  expects(...templates: Template[]): this {
    for (const template of templates) {
      const heard = this.hears();
      expect(heard, 'the stack says nothing').toBeDefined();
      const flags = template.flags ?? 'ACK';
      const seen: Template = { ...heard, flags: flags.includes('PSH') ? heard!.flags : heard!.flags.replace('PSH ', '') };
      expect(seen).toMatchObject({ data: '', ...template, flags });
    }
    return this;
  }

  expectsNothing(): this {
    expect(this.hearsAll()).toEqual([]);
    return this;
  }

  /** Answers one request for our hardware address. True when there was one. */
  private answerArp(): boolean {
    const at = this.mac.outbox.findIndex((frame) => get16(frame, 12) === 0x0806 && get16(frame, 20) === 1 && get32(frame, 38) === PEER);
    if (at < 0) return false;
    this.mac.outbox.splice(at, 1);
    this.mac.inbox.push(ethernet(this.mac.address, PEER_HARDWARE, 0x0806, arpBody({
      operation: 'reply', senderHardware: PEER_HARDWARE, sender: PEER, targetHardware: this.mac.address, target: STACK,
    })));
    return true;
  }
}
