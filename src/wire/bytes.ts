// Big-endian fields of a frame, read and written in place. Lengths are checked once, where a frame enters a layer.

/** The unsigned 16-bit field at `at`. */
export function get16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}

/** The 32-bit field at `at` as a signed integer: sequence numbers and addresses are kept that way. */
export function get32(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

/** Writes the low 16 bits of `value` at `at`. */
export function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}

/** Writes the 32 bits of `value` at `at`. */
export function put32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 24;
  bytes[at + 1] = value >> 16;
  bytes[at + 2] = value >> 8;
  bytes[at + 3] = value;
}
