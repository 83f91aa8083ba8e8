import type { Wire } from '../../hal/mock/wire';
import { formatAddress } from '../../src/ip/address';

/** Offsets in a frame with an ARP packet (RFC 826), from its start. */
const enum Arp { type = 12, sender = 28, target = 38, end = 42 }
const arpType = 0x0806;

/**
 * Tells each new address that a station on the wire says it has: it announces one when it begins to use it (RFC 5227
 * section 2.3).
 * @param station its name on the wire
 */
export function watchAddress(wire: Wire, station: string, tell: (address: string) => void): void {
  let last = 0;
  wire.tap((bytes, _time, _note, sender) => {
    const frame = Buffer.from(bytes);
    if (sender !== station || frame.length < Arp.end || frame.readUInt16BE(Arp.type) !== arpType) return;
    const address = frame.readInt32BE(Arp.sender);
    if (address === 0 || address === last || address !== frame.readInt32BE(Arp.target)) return;
    last = address;
    tell(formatAddress(address));
  });
}
