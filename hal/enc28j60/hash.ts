/** Bits 28:23 of the CRC-32 of `group`, six octets: which bit of the hash table (data sheet, section 8.4). */
export function hashBit(group: Uint8Array): number {
  'cold';
  let crc = -1;
  for (let index = 0; index < 6; index++) {
    let octet = group[index];
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc ^ (octet << 31)) < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
      octet >>= 1;
    }
  }
  return (crc >> 23) & 63;
}
