import type { Frame } from '../../hal/hal';

/** Where a MAC shall put a frame: into these octets. */
export function into(octets: Uint8Array): Frame {
  return { size: octets.length, octets, words: new Int32Array(0) };
}
