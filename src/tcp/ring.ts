import type { Platform } from '../../hal/hal';

// A ring is an array of octets whose first follows its last.

/** Copies `length` octets of `bytes` from `offset` into a ring from `at`. */
export function copyIntoRing(
  platform: Platform, bytes: Uint8Array, offset: number, ring: Uint8Array, at: number, length: number,
): void {
  'cold';
  const first = length < ring.length - at ? length : ring.length - at;
  platform.copy(bytes, offset, ring, at, first);
  if (first < length) platform.copy(bytes, offset + first, ring, 0, length - first);
}

/** Copies `length` octets of a ring, from `at`, to `bytes` from `offset`. */
export function copyFromRing(
  platform: Platform, ring: Uint8Array, at: number, bytes: Uint8Array, offset: number, length: number,
): void {
  'cold';
  const first = length < ring.length - at ? length : ring.length - at;
  platform.copy(ring, at, bytes, offset, first);
  if (first < length) platform.copy(ring, 0, bytes, offset + first, length - first);
}
