/** Of the CRC-32 of IEEE 802.3, in the form in which the chip's shift register holds it. */
const POLYNOMIAL = 0x04c11db7;

/**
 * The hash table filter's bit for the destination address of `frame`: bits 28:23 of the CRC as the shift register
 * holds it, neither reflected nor inverted (data sheet section 8.4). EHT octet is index / 8, bit is index % 8.
 */
export function hashIndex(frame: Uint8Array): number {
  let remainder = -1;
  for (let at = 0; at < 6; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const feedback = (remainder >>> 31) ^ ((frame[at]! >> bit) & 1);
      remainder = feedback ? (remainder << 1) ^ POLYNOMIAL : remainder << 1;
    }
  }
  return (remainder >>> 23) & 0x3f;
}
