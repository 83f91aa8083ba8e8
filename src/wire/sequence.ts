// Arithmetic modulo 2^32 (RFC 9293 section 3.4), on signed 32-bit integers. It serves sequence numbers, and also
// millisecond times, which wrap the same way. Comparisons hold while the two lie less than 2^31 apart. The build puts
// the bodies in place of the calls (boards/inline.mjs): a call would cost Espruino twice what it does.

/** `a` comes before `b`. */
export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** `a` comes after `b`. */
export function after(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

/** `count` further on. */
export function advance(a: number, count: number): number {
  return (a + count) | 0;
}

/** How far `to` lies ahead of `from`: negative when it lies behind. */
export function distance(from: number, to: number): number {
  return (to - from) | 0;
}
