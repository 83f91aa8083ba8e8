import { get32, put32 } from '../wire/bytes';
import { OptionKind } from './ip-options';
import { Ip } from './ipv4';

/** Where the addresses start in a route, after its kind, length and pointer; the pointer to the first of them. */
const ROUTE = 3;
const FIRST = 4;

/**
 * Turns the completed source route in a received header around (RFC 1122 section 3.2.2.6), in place. The last router, to
 * which the answer goes first, becomes the header's source.
 * @param end where the options end; their lengths were checked
 */
export function reverseRoute(frame: Uint8Array, end: number): void {
  'cold';
  let at: number = Ip.payload;
  while (at < end && frame[at] !== OptionKind.end && frame[at] !== OptionKind.looseRoute && frame[at] !== OptionKind.strictRoute) {
    at += frame[at] === OptionKind.noOperation ? 1 : frame[at + 1];
  }
  const count = at + 1 < end && frame[at] !== OptionKind.end ? (frame[at + 1] - ROUTE) >> 2 : 0;
  if (count <= 0) return;
  const first = at + ROUTE;
  const last = first + 4 * (count - 1);
  const source = get32(frame, Ip.source);
  // Some record the sender too (section 3.2.1.8 (c)): its place becomes free, and the route shorter.
  const isRecorded = get32(frame, first) === source;
  const router = get32(frame, last);
  for (let low = first, high = last - 4; low < high; low += 4, high -= 4) {
    const address = get32(frame, low);
    put32(frame, low, get32(frame, high));
    put32(frame, high, address);
  }
  put32(frame, last, isRecorded ? 0x01010101 : source);
  if (isRecorded) frame[at + 1] -= 4;
  frame[at + 2] = FIRST;
  put32(frame, Ip.source, router);
}
