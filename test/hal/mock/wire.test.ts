import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../hal/mock/clock';
import { LONGEST_HOLD } from '../../../hal/mock/faults';
import { appendFrameCheckSequence, frameCheckSequence, frameCheckSequenceGood } from '../../../hal/mock/fcs';
import type { Station } from '../../../hal/mock/station';
import { Wire, type WireOptions } from '../../../hal/mock/wire';

/** Remembers what it hears and when. */
class Listener implements Station {
  readonly heard: { at: number; frame: Uint8Array }[] = [];
  readonly links: boolean[] = [];

  constructor(private readonly clock: VirtualClock) {}

  frameArrived(frame: Uint8Array): void {
    this.heard.push({ at: this.clock.now, frame: frame.slice() });
  }

  linkChanged(up: boolean): void {
    this.links.push(up);
  }

  get numbers(): number[] {
    return this.heard.map(({ frame }) => frame[14]! * 256 + frame[15]!);
  }
}

/** A frame whose number stands in its first two payload octets. */
function frameOf(number: number, octets = 64): Uint8Array {
  const frame = new Uint8Array(octets);
  frame[14] = number >> 8;
  frame[15] = number & 0xff;
  appendFrameCheckSequence(frame, octets - 4);
  return frame;
}

function segment(options: WireOptions = {}) {
  const clock = new VirtualClock();
  const wire = new Wire(clock, options);
  const alice = new Listener(clock);
  const bob = new Listener(clock);
  const cable = wire.attach(alice, 'alice');
  return { clock, wire, alice, bob, cable, bobsCable: wire.attach(bob, 'bob') };
}

describe('the frame check sequence', () => {
  it('is the CRC-32 whose check value is CBF43926', () => {
    const digits = Uint8Array.from('123456789', (digit) => digit.charCodeAt(0));
    expect(frameCheckSequence(digits, 9) >>> 0).toBe(0xcbf43926);
  });

  it('is good where it was appended and bad after any bit has flipped', () => {
    const frame = frameOf(7, 70);
    expect(frameCheckSequenceGood(frame)).toBe(true);
    for (let bit = 0; bit < frame.length * 8; bit++) {
      frame[bit >> 3]! ^= 1 << (bit & 7);
      expect(frameCheckSequenceGood(frame)).toBe(false);
      frame[bit >> 3]! ^= 1 << (bit & 7);
    }
  });

  it('refuses a buffer without room for it', () => {
    expect(() => appendFrameCheckSequence(new Uint8Array(63), 60)).toThrow(/need 64 octets, the buffer has 63/);
    expect(frameCheckSequenceGood(new Uint8Array(4))).toBe(false);
  });
});

describe('time on the wire', () => {
  it('lets a frame arrive when its preamble and octets have passed at 10 Mbit/s', () => {
    const { clock, bob, cable } = segment();
    expect(cable.transmit(frameOf(1, 64))).toBeCloseTo(57.6, 6);
    clock.advance(57.5);
    expect(bob.heard).toHaveLength(0);
    clock.advance(0.2);
    expect(bob.heard[0]!.at).toBeCloseTo(57.6, 6);
  });

  it('keeps 9.6 us between the frames of one sender', () => {
    const { clock, bob, cable } = segment();
    cable.transmit(frameOf(1, 1518));
    expect(cable.transmit(frameOf(2, 64))).toBeCloseTo(1220.8 + 9.6 + 57.6, 6);
    clock.advance(5000);
    expect(bob.heard.map(({ at }) => at)).toEqual([expect.closeTo(1220.8, 6), expect.closeTo(1288, 6)]);
  });

  it('adds the delay without holding up the sender', () => {
    const { clock, bob, cable } = segment({ delay: 20_000, bitsPerSecond: 100e6 });
    expect(cable.transmit(frameOf(1))).toBeCloseTo(5.76, 6);
    cable.transmit(frameOf(2));
    clock.advance(50_000);
    expect(bob.heard.map(({ at }) => at)).toEqual([expect.closeTo(20_005.76, 6), expect.closeTo(20_012.48, 6)]);
  });

  it('lets both directions flow at once', () => {
    const { clock, alice, bob, cable, bobsCable } = segment();
    cable.transmit(frameOf(1));
    bobsCable.transmit(frameOf(2));
    clock.advance(60);
    expect([alice.numbers, bob.numbers]).toEqual([[2], [1]]);
  });

  it('copies a frame before transmit returns', () => {
    const { clock, bob, cable } = segment();
    const frame = Buffer.from(frameOf(3));
    cable.transmit(frame);
    frame.fill(0xff);
    clock.advance(100);
    expect(bob.numbers).toEqual([3]);
  });
});

describe('stations', () => {
  it('hear every frame but their own', () => {
    const { clock, wire, alice, bob, bobsCable } = segment();
    const carol = new Listener(clock);
    wire.attach(carol);
    bobsCable.transmit(frameOf(5));
    clock.advance(100);
    expect([alice.numbers, bob.numbers, carol.numbers]).toEqual([[5], [], [5]]);
    expect(wire.counts).toMatchObject({ sent: 1, octets: 64, delivered: 2 });
  });

  it('learn that the link is up from the second one on, and down when they are alone again', () => {
    const { wire, alice, bob, cable } = segment();
    expect([alice.links, bob.links, cable.up]).toEqual([[true], [true], true]);
    wire.detach(bob);
    expect([alice.links, bob.links, cable.up]).toEqual([[true, false], [true, false], false]);
    wire.attach(bob);
    expect(alice.links).toEqual([true, false, true]);
  });

  it('cannot be attached twice', () => {
    const { wire, alice } = segment();
    expect(() => wire.attach(alice)).toThrow('This station is on the wire already, as alice.');
  });

  it('hear and say nothing while their cable is pulled', () => {
    const { clock, wire, alice, bob, cable, bobsCable } = segment();
    cable.pull();
    expect([alice.links.at(-1), bob.links.at(-1), bobsCable.up]).toEqual([false, false, false]);
    cable.transmit(frameOf(1));
    bobsCable.transmit(frameOf(2));
    clock.advance(100);
    expect([alice.heard, bob.heard, wire.counts.lost]).toEqual([[], [], 2]);
    cable.plug();
    cable.transmit(frameOf(3));
    clock.advance(100);
    expect([bob.numbers, alice.links.at(-1)]).toEqual([[3], true]);
  });

  it('lose the frame during which the cable is pulled', () => {
    const { clock, bob, cable } = segment();
    cable.transmit(frameOf(1));
    clock.advance(30);
    cable.pull();
    clock.advance(100);
    expect(bob.heard).toEqual([]);
  });
});

describe('faults', () => {
  /** Sends frames back to back and returns what the wire noted and what arrived. */
  function run(options: WireOptions, frames = 2000, octets = 64) {
    const parts = segment(options);
    const notes: string[] = [];
    parts.wire.tap((_frame, _microseconds, note) => notes.push(note));
    for (let number = 0; number < frames; number++) parts.cable.transmit(frameOf(number, octets));
    parts.clock.advance(60e6);
    return { ...parts, notes };
  }

  it('lose the same frames for the same seed, and others for another', () => {
    const first = run({ loss: 0.2, seed: 11 });
    expect(run({ loss: 0.2, seed: 11 }).bob.numbers).toEqual(first.bob.numbers);
    expect(run({ loss: 0.2, seed: 12 }).bob.numbers).not.toEqual(first.bob.numbers);
    expect(first.wire.counts.lost).toBeGreaterThan(340);
    expect(first.wire.counts.lost).toBeLessThan(460);
    expect(first.bob.heard).toHaveLength(2000 - first.wire.counts.lost);
  });

  it('of one kind strike the same frames whether or not the others happen', () => {
    const lostOf = (notes: string[]) => notes.flatMap((note, number) => (note === 'lost' ? [number] : []));
    const alone = run({ loss: 0.1, seed: 5 });
    const among = run({ loss: 0.1, seed: 5, corruption: 0.3, duplication: 0.3, reordering: 0.3 });
    expect(lostOf(among.notes)).toEqual(lostOf(alone.notes));
  });

  it('corrupt one to three bits, which the check sequence always catches', () => {
    const { bob, wire } = run({ corruption: 1, seed: 3 }, 3000, 300);
    const flips = new Set<number>();
    bob.heard.forEach(({ frame }, number) => {
      expect(frameCheckSequenceGood(frame)).toBe(false);
      const sent = frameOf(number, 300);
      let bits = 0;
      frame.forEach((octet, at) => {
        for (let rest = octet ^ sent[at]!; rest !== 0; rest &= rest - 1) bits++;
      });
      flips.add(bits);
    });
    expect([...flips].sort()).toEqual([1, 2, 3]);
    expect(wire.counts.corrupted).toBe(3000);
  });

  it('show the listener the frame as it was sent, even when it is corrupted', () => {
    const { clock, wire, cable } = segment({ corruption: 1 });
    const seen: unknown[] = [];
    wire.tap((frame, microseconds, note, sender) => {
      seen.push(frameCheckSequenceGood(frame), microseconds, note, sender);
    });
    cable.transmit(frameOf(1));
    clock.advance(100);
    expect(seen).toEqual([true, expect.closeTo(57.6, 6), 'corrupted', 'alice']);
  });

  it('deliver a duplicated frame twice, the second copy within the bound', () => {
    const { clock, bob, wire, cable } = segment({ duplication: 1 });
    cable.transmit(frameOf(1));
    clock.advance(58 + LONGEST_HOLD);
    expect(bob.numbers).toEqual([1, 1]);
    expect(wire.counts).toMatchObject({ sent: 1, duplicated: 1, delivered: 2 });
  });

  it('let later frames overtake a reordered one, and lose none', () => {
    const { bob, notes, wire } = run({ reordering: 0.1, seed: 9 }, 500, 1518);
    const sorted = [...bob.numbers].sort((one, other) => one - other);
    expect(sorted).toEqual(Array.from({ length: 500 }, (_, number) => number));
    expect(bob.numbers).not.toEqual(sorted);
    const held = notes.indexOf('reordered');
    expect(bob.numbers.indexOf(held)).toBeGreaterThan(held);
    expect(wire.counts.reordered).toBe(notes.filter((note) => note === 'reordered').length);
  });

  it('keep the order when there are none', () => {
    const { bob, notes } = run({ delay: 300 });
    expect(bob.numbers).toEqual(Array.from({ length: 2000 }, (_, number) => number));
    expect(new Set(notes)).toEqual(new Set(['']));
  });

  it('can be changed while the wire is in use', () => {
    const { clock, bob, wire, cable } = segment();
    wire.faults.loss = 1;
    cable.transmit(frameOf(1));
    clock.advance(100);
    wire.faults.loss = 0;
    cable.transmit(frameOf(2));
    clock.advance(100);
    expect(bob.numbers).toEqual([2]);
  });

  it('refuse a value out of its range and name it', () => {
    const clock = new VirtualClock();
    expect(() => new Wire(clock, { loss: 5 })).toThrow('The probability of loss must be a number from 0 to 1, not 5.');
    expect(() => new Wire(clock, { corruption: -0.1 })).toThrow(/corruption must be a number from 0 to 1, not -0.1/);
    expect(() => new Wire(clock, { reordering: NaN })).toThrow(/reordering .* not NaN/);
    expect(() => new Wire(clock, { seed: 1.5 })).toThrow('The seed of the faults must be a whole number, not 1.5.');
    expect(() => new Wire(clock, { bitsPerSecond: 0 })).toThrow('bitsPerSecond must be a number above 0, not 0.');
    expect(() => new Wire(clock, { delay: -1 })).toThrow(/delay of the wire must be 0 or more microseconds, not -1/);
    const { wire } = segment();
    expect(() => { wire.faults.duplication = 2; }).toThrow(/duplication .* not 2/);
    expect(wire.faults.duplication).toBe(0);
  });
});

it('a listener that has ended hears nothing more', () => {
  const { clock, wire, cable } = segment();
  let heard = 0;
  const end = wire.tap(() => heard++);
  cable.transmit(frameOf(1));
  clock.advance(100);
  end();
  cable.transmit(frameOf(2));
  clock.advance(100);
  expect(heard).toBe(1);
});
