import { expect, test } from 'vitest';
import { Stack } from '../../../src/stack';
import { FULL, seededPlatform } from '../lan';
import { MemoryMac, STACK } from '../peer';

/** RAM a connection takes beside its rings, counted as 4 octets a field. */
const MOST = 224;
const TIME_WAIT_MOST = 32;

const stack = new Stack(new MemoryMac(), seededPlatform(1), { ...FULL, address: STACK, netmask: -256, gateway: 0 });

test('a connection takes at most 224 octets beside its rings, everything switched on', () => {
  const fields = Object.keys(stack.tcp.connections[0]!).filter((name) => !name.endsWith('Ring'));
  expect(fields.length * 4).toBeLessThanOrEqual(MOST);
});

test('and an entry of TIME-WAIT at most 32', () => {
  const arrays = [stack.tcp.timeWait, stack.tcp.timeWait.waiting].flatMap((object) =>
    Object.values(object as object).filter((value): value is Int32Array => ArrayBuffer.isView(value)),
  );
  const octets = arrays.reduce((sum, array) => sum + array.BYTES_PER_ELEMENT, 0);
  // In the table of ends: an address, two ports, a place in a chain.
  expect(octets + 4 + 4 + 2).toBeLessThanOrEqual(TIME_WAIT_MOST);
});
