import { expect, test } from 'vitest';
import { Brought } from '../../../hal/hal';
import { FrameBuffer } from '../../../src/link/frame';

test('a received frame\'s arrays lie where it says', () => {
  const frame = new FrameBuffer(600);
  frame.octets.set([1, 2, 3, 4, 5, 6]);
  expect([...new Uint8Array(frame.memory, frame.start, 6)]).toEqual([1, 2, 3, 4, 5, 6]);
  expect(frame.words[0]).toBe(0x06050403);
  expect(frame.octets).toHaveLength(600);
});

test('one that is brought keeps no memory for it, and begins where a frame does in what comes', () => {
  const frame = new FrameBuffer(600, true);
  expect(frame.memory.byteLength).toBeLessThan(16);
  expect(frame.start).toBe(Brought.start);
});
