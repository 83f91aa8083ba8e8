import { Ip } from '../ip/ipv4';
import { get32, put32 } from '../wire/bytes';
import { after, before } from '../wire/sequence';
import type { Connection } from './connection';
import { Bit } from './control-block';
import { Mark } from './flight';
import { LONGEST_OPTIONS, Option, writeSackHead } from './options';
import { delivered } from './rack';
import { Tcp } from './segment';
import type { Segment } from './segment';
import type { TcpHost } from './tcp';

/**
 * Takes in what a segment's SACK blocks say (RFC 2018): a segment in flight that lies within a block has arrived. Blocks
 * that make no sense are passed over.
 * @returns true when the first block reports a segment that had arrived before (D-SACK, RFC 2883)
 */
export function takeSack(tcp: TcpHost, c: Connection, s: Segment): boolean {
  'cold';
  if (!(s.options.found & Option.sack)) return false;
  let duplicate = false;
  const frame = tcp.frame!;
  const highest = highestSacked(c);
  for (let at = s.options.sackStart; at < s.options.sackEnd; at += 8) {
    const left = get32(frame, at);
    const right = get32(frame, at + 4);
    if (!after(right, left) || after(right, c.sndMax)) continue;
    if (after(right, c.sndUna)) markSacked(tcp, c, left, right, highest);
    else if (at === s.options.sackStart) duplicate = true;
  }
  return duplicate;
}

/** Where the last segment ends that was SACKed so far; SND.UNA when there is none. */
export function highestSacked(c: Connection): number {
  'cold';
  const flight = c.flight;
  for (let index = flight.count - 1; index >= 0; index--) {
    const at = (flight.first + index) & flight.mask;
    if (flight.marks[at] & Mark.sacked) return flight.ends[at];
  }
  return c.sndUna;
}

function markSacked(tcp: TcpHost, c: Connection, left: number, right: number, highest: number): void {
  'cold';
  const flight = c.flight;
  let start = c.sndUna;
  for (let index = 0; index < flight.count; index++) {
    const at = (flight.first + index) & flight.mask;
    const end = flight.ends[at];
    const mark = flight.marks[at];
    if (!(mark & Mark.sacked) && !before(start, left) && !after(end, right)) {
      if (before(end, highest) && !(mark & Mark.resent)) c.bits |= Bit.reordering;
      delivered(tcp, c, end, mark);
      flight.marks[at] = (mark & ~Mark.lost) | Mark.sacked;
    }
    start = end;
  }
}

/**
 * Writes a SACK option, as long as the header and the segment size allow beside `length` octets of data: first the
 * segment that was here already (RFC 2883), then the range that grew last (RFC 2018 section 4), then the others.
 * @returns where it ends, aligned to 4 octets; `at` when nothing fits
 */
export function writeSack(tcp: TcpHost, c: Connection, frame: Uint8Array, at: number, length: number): number {
  'cold';
  if (!(c.bits & Bit.sack)) return at;
  const gaps = tcp.slots.gaps;
  const held = gaps.counts[c.slot];
  const repeated = c.bits & Bit.duplicate && tcp.duplicateSlot === c.slot ? 1 : 0;
  c.bits &= ~Bit.duplicate;
  const inHeader = Ip.payload + Tcp.header + LONGEST_OPTIONS - at;
  const inSegment = c.mss - length;
  let blocks = ((inHeader < inSegment ? inHeader : inSegment) - 4) >> 3;
  if (blocks > held + repeated) blocks = held + repeated;
  if (blocks < 1) return at;
  at = writeSackHead(frame, at, blocks);
  if (repeated) {
    put32(frame, at, tcp.duplicateStart);
    put32(frame, at + 4, tcp.duplicateEnd);
    at += 8;
  }
  const latest = gaps.stretchOf(c.slot, c.lastOutOfOrder);
  for (let block = 0; block < blocks - repeated; block++) {
    const place = c.slot * gaps.most + block;
    const index = block === 0 ? latest : place - 1 < latest ? place - 1 : place;
    put32(frame, at, gaps.starts[index]);
    put32(frame, at + 4, gaps.ends[index]);
    at += 8;
  }
  return at;
}

/** A segment of this connection came again: its next acknowledgment says so (RFC 2883). */
export function noteDuplicate(tcp: TcpHost, c: Connection, start: number, end: number): void {
  'cold';
  c.bits |= Bit.duplicate;
  tcp.duplicateSlot = c.slot;
  tcp.duplicateStart = start;
  tcp.duplicateEnd = end;
}
