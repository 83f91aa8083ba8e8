import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { noise } from './lan';
import { mssOption, Peer } from './peer';

const ROOMY = 8192;

/** Two streams as plain arrays, and a connection that has to carry them through its rings. */
class Reference {
  readonly peer: Peer;
  /** What the application wants to write, and how much was taken. */
  private readonly toSay = noise(20_000, 1);
  private said = 0;
  /** What the peer has to say, which of it was sent at least once, what was acknowledged, what was there to be read, and read. */
  private readonly toHear = noise(20_000, 2);
  private readonly sent = new Set<number>();
  private acknowledged = 0;
  private arrived = 0;
  private readUpTo = 0;
  /** What the peer has heard: how far without a gap, and the octets beyond it; what it has acknowledged; the edge it allowed. */
  private heardUpTo = 0;
  private readonly heardBeyond = new Set<number>();
  private freed = 0;
  private edge = ROOMY;

  constructor(mss: number, private readonly sendBuffer: number, receiveBuffer: number) {
    this.peer = new Peer({ mss, sendBuffer, receiveBuffer });
    this.peer.stack.listen(this.peer.stackPort, this.peer.app);
    this.peer.app.readable = () => undefined;
    this.peer.sends({ flags: 'SYN', options: mssOption(mss) }).expects({ flags: 'SYN ACK' }).sends({ wnd: ROOMY });
    this.peer.connection.noDelay = true;
  }

  writes(length: number): void {
    const c = this.peer.connection;
    const room = this.sendBuffer - (this.said - this.freed);
    expect(c.room).toBe(room);
    const taken = c.write(this.toSay, this.said, length);
    expect(taken).toBe(Math.min(length, room));
    this.said += taken;
    this.listens();
  }

  reads(length: number): void {
    const c = this.peer.connection;
    const into = new Uint8Array(length + 2);
    const waiting = this.arrived - this.readUpTo;
    expect(c.available).toBe(waiting);
    const count = c.read(into, 1, length);
    expect(count).toBe(Math.min(length, waiting));
    expect(into.slice(1, 1 + count)).toEqual(this.toHear.slice(this.readUpTo, this.readUpTo + count));
    expect([into[0], into[1 + count]]).toEqual([0, 0]);
    this.readUpTo += count;
    this.listens();
  }

  /** The peer sends a piece that begins so far before or behind what was acknowledged. */
  arrives(ahead: number, length: number): void {
    const from = Math.max(0, this.acknowledged + ahead);
    for (let at = from; at < from + length; at++) this.sent.add(at);
    this.says({ seq: 1 + from, data: this.toHear.slice(from, from + length) });
  }

  /** The peer acknowledges a part of what it has heard, and opens its window so far from there. */
  acknowledges(share: number, wnd: number): void {
    this.freed += Math.floor((this.heardUpTo - this.freed) * share);
    this.edge = Math.max(this.edge, this.freed + wnd);
    this.says({ seq: 1 + this.arrived });
  }

  waits(milliseconds: number): void {
    this.peer.passes(milliseconds);
    this.listens();
  }

  /** Everything that was begun comes to its end on both sides. */
  completes(): void {
    for (let turn = 0; turn < 400 && (this.freed < this.said || this.acknowledged < this.furthestSent()); turn++) {
      this.reads(1000);
      if (this.acknowledged < this.furthestSent()) this.arrives(0, Math.min(60, this.furthestSent() - this.acknowledged));
      this.acknowledges(1, ROOMY);
      this.waits(100);
    }
    this.reads(20_000);
    expect([this.freed, this.readUpTo]).toEqual([this.said, this.furthestSent()]);
    expect(this.peer.connection.room).toBe(this.sendBuffer);
  }

  private furthestSent(): number {
    let furthest = 0;
    for (const at of this.sent) furthest = Math.max(furthest, at + 1);
    return furthest;
  }

  private says(template: { seq: number; data?: Uint8Array }): void {
    this.peer.sends({ ack: 1 + this.freed, wnd: Math.max(0, this.edge - this.freed), ...template });
    this.listens();
  }

  /** Everything that the stack says is a part of what was written, at its place, and acknowledges only what was sent. */
  private listens(): void {
    const heard = this.peer.hearsAll();
    const arrived = this.readUpTo + this.peer.connection.available;
    expect(arrived).toBeGreaterThanOrEqual(this.arrived);
    for (; this.arrived < arrived; this.arrived++) expect(this.sent.has(this.arrived)).toBe(true);
    for (const { seq, ack, data } of heard) {
      expect(ack - 1).toBeGreaterThanOrEqual(this.acknowledged);
      expect(ack - 1).toBeLessThanOrEqual(this.arrived);
      this.acknowledged = ack - 1;
      expect(Buffer.from(data, 'latin1').equals(this.toSay.slice(seq - 1, seq - 1 + data.length))).toBe(true);
      expect(seq - 1 + data.length).toBeLessThanOrEqual(this.said);
      // One octet may go beyond the window: the probe of a closed one.
      expect(seq - 1 + data.length).toBeLessThanOrEqual(this.edge + 1);
      for (let at = seq - 1; at < seq - 1 + data.length; at++) this.heardBeyond.add(at);
      while (this.heardBeyond.delete(this.heardUpTo)) this.heardUpTo++;
    }
  }
}

const step = fc.oneof(
  fc.nat(300).map((length) => ({ does: `writes ${length}`, run: (r: Reference) => r.writes(length) })),
  fc.nat(300).map((length) => ({ does: `reads ${length}`, run: (r: Reference) => r.reads(length) })),
  fc.tuple(fc.integer({ min: -60, max: 200 }), fc.integer({ min: 1, max: 150 })).map(([ahead, length]) => ({
    does: `hears ${length} from ${ahead}`, run: (r: Reference) => r.arrives(ahead, length),
  })),
  fc.integer({ min: 1, max: 150 }).map((length) => ({ does: `hears the next ${length}`, run: (r: Reference) => r.arrives(0, length) })),
  fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, 40, ROOMY)).map(([share, wnd]) => ({
    does: `is told of ${share} and a window of ${wnd}`, run: (r: Reference) => r.acknowledges(share, wnd),
  })),
  fc.integer({ min: 1, max: 300 }).map((ms) => ({ does: `waits ${ms} ms`, run: (r: Reference) => r.waits(ms) })),
);

test('a connection hands on what an array would, whatever the order of writing, reading, hearing and acknowledging', () => {
  const sizes = fc.record({ mss: fc.integer({ min: 88, max: 200 }), send: fc.nat(300), receive: fc.nat(300) });
  fc.assert(fc.property(sizes, fc.array(step, { minLength: 10, maxLength: 60 }), ({ mss, send, receive }, steps) => {
    const reference = new Reference(mss, mss + send, mss + receive);
    for (const { run } of steps) run(reference);
    reference.completes();
  }), { numRuns: 300 });
});
