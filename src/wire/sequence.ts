// Arithmetic modulo 2^32 (RFC 9293 section 3.4), on signed 32-bit integers. It serves sequence numbers, and also
// millisecond times, which wrap the same way. Comparisons hold while the two lie less than 2^31 apart.

/** `a` comes before `b`. */
export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** `a` comes after `b`. */
export function after(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

/** `value` lies in the window that starts at `start` and is `size` long: RFC 9293's start =< value < start + size. */
export function between(value: number, start: number, size: number): boolean {
  const distance = (value - start) | 0;
  return distance >= 0 && distance < size;
}

/** `count` further on. */
export function advance(a: number, count: number): number {
  return (a + count) | 0;
}

/** How far `a` lies behind `b`: negative when `a` is the later one. */
export function distance(a: number, b: number): number {
  return (b - a) | 0;
}
