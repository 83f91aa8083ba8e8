import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../hal/mock/clock';
import { appendFrameCheckSequence } from '../../../hal/mock/fcs';
import { Wire, type WireOptions } from '../../../hal/mock/wire';
import { WirePort, type WirePortOptions } from '../../../hal/mock/wire-port';
import { into as place } from '../into';

const ALICE = Uint8Array.of(2, 0, 0, 0, 0, 0xa);
const BOB = Uint8Array.of(2, 0, 0, 0, 0, 0xb);
const BROADCAST = new Uint8Array(6).fill(0xff);
const GROUP = Uint8Array.of(0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb);

function frameTo(destination: Uint8Array, octets = 60, mark = 0): Uint8Array {
  const frame = new Uint8Array(octets).fill(mark, 14);
  frame.set(destination);
  frame.set(ALICE, 6);
  return frame;
}

function ports(bobs: WirePortOptions = {}, options: WireOptions = {}) {
  const clock = new VirtualClock();
  const wire = new Wire(clock, options);
  const alice = new WirePort(wire, { address: ALICE, name: 'alice' });
  const bob = new WirePort(wire, { address: BOB, name: 'bob', ...bobs });
  alice.open();
  bob.open();
  /** Sends from alice and waits until the frame has arrived. */
  const say = (frame: Uint8Array) => {
    expect(alice.send(frame, frame.length)).toBe(true);
    clock.advance(1300);
  };
  return { clock, wire, alice, bob, say, into: new Uint8Array(1514) };
}

describe('a wire port', () => {
  it('hands over a frame without its check sequence, padded to 60 octets', () => {
    const { bob, say, into } = ports();
    say(frameTo(BOB, 42, 7));
    expect(bob.receive(place(into))).toBe(60);
    expect(into[41]).toBe(7);
    expect([...into.subarray(42, 60)]).toEqual(new Array(18).fill(0));
    expect(bob.receive(place(into))).toBe(0);
  });

  it('leaves nothing of an earlier, longer frame in the padding', () => {
    const { bob, say, into } = ports();
    say(frameTo(BOB, 1514, 0xee));
    say(frameTo(BOB, 14));
    expect(bob.receive(place(into))).toBe(1514);
    expect(bob.receive(place(into))).toBe(60);
    expect(into.subarray(14, 60).every((octet) => octet === 0)).toBe(true);
  });

  it('is busy until its frame has left, and then free', () => {
    const { clock, wire, alice, bob } = ports();
    expect(alice.send(frameTo(BOB), 60)).toBe(true);
    expect(alice.send(frameTo(BOB), 60)).toBe(false);
    clock.advance(57.5);
    expect(alice.send(frameTo(BOB), 60)).toBe(false);
    clock.advance(0.2);
    expect(alice.send(frameTo(BOB), 60)).toBe(true);
    clock.advance(100);
    expect([alice.counters.txFrames, wire.counts.sent, bob.receive(place(new Uint8Array(64)))]).toEqual([2, 2, 60]);
  });

  it('refuses a length that is no frame, and to send before it is open', () => {
    const { wire, alice } = ports();
    expect(() => alice.send(new Uint8Array(2000), 1515)).toThrow('A frame to send has 14 to 1514 octets, not 1515.');
    expect(() => alice.send(new Uint8Array(20), 13)).toThrow(/not 13/);
    expect(() => new WirePort(wire, { name: 'new' }).send(new Uint8Array(60), 60)).toThrow(/new must be opened/);
  });

  it('takes its own address, broadcast and joined groups, and nothing else', () => {
    const { bob, say, into } = ports();
    const taken = (destination: Uint8Array) => {
      say(frameTo(destination));
      return bob.receive(place(into)) > 0;
    };
    expect([taken(BOB), taken(BROADCAST), taken(GROUP), taken(ALICE)]).toEqual([true, true, false, false]);
    bob.multicast(GROUP, true);
    expect([taken(GROUP), taken(Uint8Array.of(1, 0, 0x5e, 0, 0, 0xfc))]).toEqual([true, false]);
    bob.multicast(GROUP, false);
    expect(taken(GROUP)).toBe(false);
    expect(bob.counters).toMatchObject({ rxFrames: 3, rxErrors: 0 });
  });

  it('takes everything when it is promiscuous', () => {
    const { bob, say, into } = ports({ promiscuous: true });
    say(frameTo(Uint8Array.of(2, 9, 9, 9, 9, 9)));
    say(frameTo(GROUP));
    expect([bob.receive(place(into)), bob.receive(place(into))]).toEqual([60, 60]);
  });

  it('refuses addresses that are none', () => {
    const { wire, bob } = ports();
    expect(() => new WirePort(wire, { address: BROADCAST })).toThrow(/first of them even, not ff:ff:ff:ff:ff:ff/);
    expect(() => bob.multicast(ALICE, true)).toThrow(/first of them odd, not 02:00:00:00:00:0a/);
  });

  it('drops and counts frames beyond its queue, and keeps the order of those in it', () => {
    const { bob, say, into } = ports({ queue: 3 });
    for (let mark = 1; mark <= 5; mark++) say(frameTo(BOB, 60, mark));
    expect(bob.counters.rxOverflows).toBe(2);
    const marks: number[] = [];
    while (bob.receive(place(into)) > 0) marks.push(into[20]!);
    expect(marks).toEqual([1, 2, 3]);
    say(frameTo(BOB, 60, 6));
    expect([bob.receive(place(into)), into[20]]).toEqual([60, 6]);
    expect(() => ports({ queue: 0 })).toThrow(/whole number of frames from 1 up, not 0/);
  });

  it('drops and counts a frame longer than the buffer given, and hands over the next', () => {
    const { bob, say } = ports();
    say(frameTo(BOB, 200));
    say(frameTo(BOB, 100));
    expect(bob.receive(place(new Uint8Array(128)))).toBe(100);
    expect(bob.counters).toMatchObject({ rxOversize: 1, rxFrames: 1 });
  });

  it('drops and counts what was corrupted, and what is too short or too long', () => {
    const { clock, wire, bob, say, into } = ports();
    wire.faults.corruption = 1;
    for (let count = 0; count < 50; count++) say(frameTo(BOB, 60 + count));
    wire.faults.corruption = 0;
    const raw = wire.attach({ frameArrived() {}, linkChanged() {} }, 'raw');
    for (const octets of [20, 1519]) {
      const frame = new Uint8Array(octets + 4);
      frame.set(BOB);
      appendFrameCheckSequence(frame, octets);
      raw.transmit(frame);
    }
    clock.advance(5000);
    expect(bob.receive(place(into))).toBe(0);
    expect(bob.counters.rxErrors).toBe(52);
  });

  it('tells that a frame waits', () => {
    const { bob, say, into } = ports();
    const lengths: number[] = [];
    bob.onReadable = () => lengths.push(bob.receive(place(into)));
    say(frameTo(BOB, 77));
    say(frameTo(ALICE));
    expect(lengths).toEqual([77]);
  });

  it('sees its link go with its own cable and with its partner', () => {
    const { alice, bob } = ports();
    expect([alice.linkUp(), bob.linkUp()]).toEqual([true, true]);
    bob.cable!.pull();
    expect([alice.linkUp(), bob.linkUp()]).toEqual([false, false]);
    bob.cable!.plug();
    expect(alice.linkUp()).toBe(true);
    bob.close();
    expect([alice.linkUp(), bob.linkUp()]).toEqual([false, false]);
    bob.open();
    expect([alice.linkUp(), bob.linkUp()]).toEqual([true, true]);
  });

  it('loses what it holds when it recovers, and goes on', () => {
    const { bob, say, into } = ports();
    say(frameTo(BOB));
    bob.recover();
    expect([bob.receive(place(into)), bob.counters.recoveries]).toEqual([0, 1]);
    say(frameTo(BOB));
    expect(bob.receive(place(into))).toBe(60);
  });
});
