import { Enc28j60 } from '../../../hal/enc28j60/driver';
import type { Enc28j60Options } from '../../../hal/enc28j60/options';
import { VirtualClock } from '../../../hal/mock/clock';
import { Enc28j60Chip } from '../../../hal/mock/enc28j60/chip';
import type { ChipOptions } from '../../../hal/mock/enc28j60/chip';
import { ChipSpi } from '../../../hal/mock/enc28j60/spi-device';
import { frameCheckSequenceGood, withFrameCheckSequence } from '../../../hal/mock/fcs';
import { SeededRandom } from '../../../hal/mock/random';
import type { Patient } from './illnesses';
import { ADDRESS, BROADCAST } from './rig';
import { into, taken } from '../into';

const SECOND = 1_000_000;
/** Microseconds between two frames in each direction, on average. */
const PACE = 50_000;
/** Where frames carry their number. */
const NUMBER = 14;

/** A frame that was sent, by its number. */
interface Sent {
  at: number;
  bytes: Uint8Array;
  arrived: number;
}

export interface WardOptions extends ChipOptions, Partial<Enc28j60Options> {
  seed: number;
}

/** Frames in one direction. */
class Traffic {
  readonly frames = new Map<number, Sent>();
  next = 0;

  constructor(private readonly random: SeededRandom) {}

  /** A frame of its own length and contents. Most are short. */
  make(destination: Uint8Array, at: number): Uint8Array {
    const { random } = this;
    const length = 60 + random.below(random.chance(0.15) ? 1455 : 140);
    const bytes = new Uint8Array(length);
    let state = random.bits();
    for (let index = 0; index < length; index++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      bytes[index] = state >>> 24;
    }
    bytes.set(destination);
    bytes[12] = 0x08;
    new DataView(bytes.buffer).setUint32(NUMBER, this.next);
    this.frames.set(this.next++, { at, bytes, arrived: 0 });
    return bytes;
  }

  find(bytes: Uint8Array): Sent | undefined {
    const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(NUMBER);
    const sent = this.frames.get(number);
    return sent && Buffer.compare(sent.bytes, bytes) === 0 ? sent : undefined;
  }

  /** True when a frame that was sent after `time` has arrived. */
  since(time: number): boolean {
    for (const { at, arrived } of this.frames.values()) if (at >= time && arrived > 0) return true;
    return false;
  }

  /** Numbers of the frames sent from `from` to `to` that never arrived. */
  lost(from: number, to: number): number[] {
    return [...this.frames].filter(([, { at, arrived }]) => at >= from && at < to && arrived === 0).map(([number]) => number);
  }
}

/**
 * The driver on a chip that is about to fall ill. A peer and the driver send each other frames all the time; the
 * driver is polled as a stack on a board polls it: at falling edges of INT, and once a second.
 */
export class Ward implements Patient {
  readonly clock = new VirtualClock();
  readonly chip: Enc28j60Chip;
  readonly driver: Enc28j60;
  readonly random: SeededRandom;
  readonly incoming: Traffic;
  readonly outgoing: Traffic;
  /** What must not happen. */
  readonly faults: string[] = [];
  /** The host is busy elsewhere: it does not poll. */
  asleep = false;
  linkChanges = 0;
  /** The peer, and the driver, have nothing to say. */
  silent = false;
  mute = false;
  private edge = false;
  private polledAt = 0;
  private nextIn = 0;
  private nextOut = 0;
  private waiting: Uint8Array | undefined;
  private linkWas = false;
  private readonly buffer = new Uint8Array(1518);

  constructor(options: WardOptions) {
    const { address = ADDRESS, fullDuplex, twoFrames, careful, statistics, intact = frameCheckSequenceGood, ...chip } = options;
    this.random = new SeededRandom(options.seed);
    this.incoming = new Traffic(this.random);
    this.outgoing = new Traffic(this.random);
    this.chip = new Enc28j60Chip(this.clock, chip);
    const driver: Enc28j60Options = { address, intact };
    if (fullDuplex !== undefined) driver.fullDuplex = fullDuplex;
    if (twoFrames !== undefined) driver.twoFrames = twoFrames;
    if (careful !== undefined) driver.careful = careful;
    if (statistics !== undefined) driver.statistics = statistics;
    this.driver = new Enc28j60(new ChipSpi(this.chip, { resetPin: this.random.chance(0.5) }), driver);
    this.chip.plug({ up: true, transmit: (frame) => this.carried(frame) });
    this.chip.onInterrupt = (low) => {
      if (low) this.edge = true;
    };
    this.clock.advance(1000);
    this.driver.open();
    this.run(50);
  }

  /** Lets `milliseconds` pass, with traffic. */
  run(milliseconds: number): void {
    const end = this.clock.now + milliseconds * 1000;
    while (this.clock.now < end) {
      this.traffic();
      if (!this.asleep && (this.edge || this.clock.now - this.polledAt >= SECOND)) this.poll();
      this.clock.advanceTo(Math.min(end, this.nextMoment()));
    }
  }

  /** Microseconds on the clock at which there is something to do: soon after an edge or a refused frame. */
  private nextMoment(): number {
    const { now, nextDue = Infinity } = this.clock;
    if (this.edge && !this.asleep) return now + 20;
    const out = this.waiting ? now + 1000 : this.nextOut;
    const poll = this.asleep ? Infinity : this.polledAt + SECOND;
    return Math.max(now + 1, Math.min(nextDue, this.nextIn, out, poll));
  }

  /** Runs until frames that were sent from now on have come through both ways. Returns the milliseconds, at most `most`. */
  untilWell(most: number): number {
    const begin = this.clock.now;
    while (!(this.incoming.since(begin) && this.outgoing.since(begin)) && this.clock.now - begin < most * 1000) this.run(5);
    return (this.clock.now - begin) / 1000;
  }

  /** Runs for `milliseconds` and returns the numbers of frames that did not come through meanwhile. */
  losses(milliseconds: number): { incoming: number[]; outgoing: number[] } {
    const begin = this.clock.now;
    this.run(milliseconds);
    const end = this.clock.now;
    this.run(100);
    return { incoming: this.incoming.lost(begin, end), outgoing: this.outgoing.lost(begin, end) };
  }

  /** The peer sends `count` frames of `length` octets back to back. */
  flood(count: number, length: number): void {
    for (let frame = 0; frame < count; frame++) {
      const bytes = new Uint8Array(length);
      bytes.set(BROADCAST);
      this.chip.frameArrived(withFrameCheckSequence(bytes));
      this.clock.advance((length + 4 + 8) * 0.8 + 9.6);
    }
  }

  private traffic(): void {
    const { clock, random } = this;
    if (clock.now >= this.nextIn) this.fromPeer();
    if (clock.now >= this.nextOut && !this.waiting) {
      this.nextOut = clock.now + random.below(2 * PACE);
      if (!this.mute) this.waiting = this.outgoing.make(BROADCAST, clock.now);
    }
    if (this.waiting && !this.asleep && this.driver.send(this.waiting, this.waiting.length)) this.waiting = undefined;
  }

  private fromPeer(): void {
    const { clock, random } = this;
    this.nextIn = clock.now + random.below(2 * PACE);
    if (this.silent) return;
    const destination = random.chance(0.2) ? BROADCAST : ADDRESS;
    const frame = withFrameCheckSequence(this.incoming.make(destination, clock.now));
    clock.after((frame.length + 8) * 0.8, () => this.chip.frameArrived(frame));
  }

  /** As `Stack.poll` does. */
  private poll(): void {
    this.edge = false;
    if (this.clock.now - this.polledAt >= SECOND) {
      const up = this.driver.linkUp();
      if (up !== this.linkWas) this.linkChanges++;
      this.linkWas = up;
      this.polledAt = this.clock.now;
    }
    let frames = 0;
    for (; frames < 8; frames++) {
      const length = taken(this.driver, into(this.buffer));
      if (length === 0) break;
      this.received(this.buffer.slice(0, length));
    }
    if (frames === 8) this.edge = true;
  }

  private received(bytes: Uint8Array): void {
    if (bytes[NUMBER - 2] === 0) return; // of a flood
    const sent = this.incoming.find(bytes);
    if (!sent) this.faults.push(`a corrupt frame was handed over at ${this.clock.now.toFixed(0)} us`);
    else if (sent.arrived > 0) this.faults.push(`a frame was handed over twice at ${this.clock.now.toFixed(0)} us`);
    else sent.arrived = this.clock.now;
  }

  private carried(frame: Uint8Array): number {
    if (frame.length > NUMBER + 8 && frameCheckSequenceGood(frame)) {
      const sent = this.outgoing.find(frame.subarray(0, -4));
      if (sent) sent.arrived = this.clock.now;
    }
    return (frame.length + 8) * 0.8;
  }
}
