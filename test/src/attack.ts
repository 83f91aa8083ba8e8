import { expect } from 'vitest';
import { ethernet, get16, get32, readPacket, readSegment, tcpSegment, ipPacket, word } from './frames';
import type { TcpFields } from './frames';
import { FULL, Recorder } from './lan';
import { mssOption, Peer, PEER, PEER_HARDWARE, STACK } from './peer';
import type { Options } from './tcp/states';

/** What a stack is attacked with: nothing switched on, and all of it. */
export const PROFILES: [string, Options][] = [['nothing switched on', {}], ['everything switched on', FULL]];

/** The port whose service sends everything back. */
export const ECHO = 7;

export const timestamps = (value: number, echo: number) => [1, 1, 8, 10, ...word(value), ...word(echo)];

/** A SYN's options that agree to everything. */
export const everything = (value = 1) => [...mssOption(1460), 4, 2, 8, 10, ...word(value), ...word(0), 1, 3, 3, 2];

/** A stack with an echo service, everything said to it and by it counted, and nobody but its attackers on the LAN. */
export class Target {
  readonly peer: Peer;
  readonly echo = new Recorder();
  /** Segments put on the wire for the stack, and by it; those of the latter with RST. */
  sent = 0;
  heard = 0;
  resets = 0;
  private readonly inbox: TcpFields[] = [];
  private nextPort = 20_000;
  /** Somebody was asked who does not exist: what was meant for them is not seen here. */
  private strangers = false;

  constructor(options: Options = {}) {
    this.peer = new Peer(options);
    this.echo.echo = true;
    this.peer.stack.listen(ECHO, this.echo);
  }

  get counters() {
    return this.peer.stack.tcp.counters;
  }

  get slotsInUse(): number {
    return this.peer.stack.tcp.connections.filter((c) => c.stateName !== 'CLOSED').length;
  }

  /** Puts a segment on the wire, from `source` or from our peer. */
  takes(segment: TcpFields, source = PEER): void {
    this.sent++;
    if (source !== PEER) this.strangers = true;
    const payload = tcpSegment(source, STACK, segment);
    const datagram = ipPacket({ source, destination: STACK, protocol: 6, payload });
    this.peer.arrives(ethernet(this.peer.mac.address, PEER_HARDWARE, 0x0800, datagram));
  }

  /** The segments that the stack has sent to a port and that were not asked for before. */
  said(port: number): TcpFields[] {
    this.collect();
    const mine = this.inbox.filter((segment) => segment.destinationPort === port);
    for (const segment of mine) this.inbox.splice(this.inbox.indexOf(segment), 1);
    return mine;
  }

  passes(milliseconds: number): void {
    this.peer.passes(milliseconds);
    this.collect();
  }

  /** Opens a connection and leaves it to the caller. */
  opens(options: number[] = mssOption(1460)): Talker {
    const talker = new Talker(this, this.nextPort++);
    return talker.opens(options);
  }

  /**
   * What must hold after every attack: when all peers are silent, every slot comes back and every one of them can be
   * used, and the counters add up.
   */
  isUnharmed(): void {
    // A SYN lasts three minutes and more, data shorter, an orphan a minute, TIME-WAIT four minutes.
    this.passes(900_000);
    expect(this.slotsInUse).toBe(0);
    const talkers = this.peer.stack.tcp.connections.map(() => this.opens());
    for (const talker of talkers) talker.echoes(`number ${talker.port}`);
    for (const talker of talkers) talker.closes();
    expect(this.slotsInUse).toBe(0);
    this.collect();
    expect(this.counters.inSegs).toBe(this.sent);
    expect(this.counters.outRsts).toBe(this.resets);
    if (!this.strangers) expect(this.heard).toBeGreaterThanOrEqual(this.counters.outSegs);
    expect(this.heard).toBeLessThanOrEqual(this.counters.outSegs + this.counters.retransSegs);
  }

  private collect(): void {
    this.peer.poll();
    for (const frame of this.peer.mac.outbox.splice(0)) {
      if (get16(frame, 12) !== 0x0800 || get32(frame, 30) !== PEER) continue;
      const packet = readPacket(frame);
      if (packet.protocol !== 6) continue;
      const segment = readSegment(packet);
      this.heard++;
      if (segment.flags.includes('RST')) this.resets++;
      this.inbox.push(segment);
    }
  }
}

/** One honest TCP at the target's LAN, as small as it gets: it sends when it is told to and acknowledges what it hears. */
export class Talker {
  /** Its next sequence number and the one it expects; the last window that the stack offered, unscaled. */
  seq = 0x7ffffff0;
  ack = 0;
  offered = 0;
  wnd = 8192;
  /** Everything that the stack has said, in order. */
  text = '';
  /** The options of every segment but the SYN. */
  options: (() => number[]) = () => [];
  private open = false;

  constructor(readonly target: Target, readonly port: number, readonly to = ECHO) {}

  /** A segment; sequence and acknowledgment numbers are this conversation's own unless said otherwise. */
  says(flags: string, fields: Partial<TcpFields> = {}): void {
    this.target.takes({
      sourcePort: this.port, destinationPort: this.to, seq: this.seq | 0, ack: flags.includes('ACK') ? this.ack | 0 : 0,
      flags, wnd: this.wnd, options: this.options(), data: new Uint8Array(0), ...fields,
    });
  }

  /** Asks for a connection until it has one, as a kernel does: after 1, 2, 4 ... seconds. */
  opens(options: number[] = mssOption(1460)): this {
    for (let wait = 1000; wait <= 32_000 && !this.open; wait *= 2) {
      this.says('SYN', { options });
      for (let left = wait; left > 0 && !this.open; left -= 500) {
        this.answers();
        if (!this.open) this.target.passes(500);
      }
    }
    expect(this.open, `port ${this.port}: no connection`).toBe(true);
    return this;
  }

  /** Takes in what the stack has said, and acknowledges it. */
  answers(): this {
    for (const { flags, seq, wnd, data } of this.target.said(this.port)) {
      expect(flags, `port ${this.port}`).not.toContain('RST');
      this.offered = wnd;
      if (flags.includes('SYN')) {
        if (!this.open) this.seq++;
        this.open = true;
        this.ack = seq + 1;
        this.says('ACK');
      } else if ((seq | 0) === (this.ack | 0)) {
        this.text += Buffer.from(data).toString('latin1');
        const extent = data.length + (flags.includes('FIN') ? 1 : 0);
        this.ack += extent;
        if (extent > 0) this.says('ACK');
      } else if (data.length > 0 || flags.includes('FIN')) {
        this.says('ACK');
      }
    }
    return this;
  }

  sends(text: string): this {
    this.says('ACK PSH', { data: Buffer.from(text) });
    this.seq += text.length;
    return this;
  }

  /** Says something to the echo service and hears it come back, saying it again when it has to. */
  echoes(text: string): this {
    this.answers();
    const whole = this.text + text;
    const seq = this.seq;
    this.seq += text.length;
    for (let tries = 0; tries < 10 && this.text !== whole; tries++) {
      this.says('ACK PSH', { seq, data: Buffer.from(text) });
      for (let wait = 0; wait < 5 && this.text !== whole; wait++) {
        this.target.passes(50);
        this.answers();
      }
    }
    expect(this.text, `port ${this.port}`).toBe(whole);
    return this;
  }

  /** Closes from this side; the echo service closes as well. */
  closes(): void {
    this.answers();
    this.says('ACK FIN');
    this.seq++;
    this.target.passes(50);
    this.answers();
    this.target.passes(50);
  }
}
