import { Ip } from '../ip/ipv4';
import { get16, get32, put16 } from '../wire/bytes';
import { advance, after, distance } from '../wire/sequence';
import type { Connection } from './connection';
import { Bit, Event } from './control-block';
import { Flag, Tcp } from './segment';
import type { Segment } from './segment';
import { State } from './states';

// The urgent mechanism (RFC 9293 section 3.8.5): data stays in line; a pointer says where the urgent part ends.

/** What has been queued up to here is urgent: SND.UP. */
export function markUrgent(c: Connection): void {
  'cold';
  c.sndUp = advance(c.sndUna, c.sendQueued + (c.state <= State.SYN_RECEIVED ? 1 : 0));
  c.bits |= Bit.sendingUrgent;
}

/** Writes the urgent pointer of a segment that starts at `seq`. Returns the flag that goes with it, or 0. */
export function urgentPointer(c: Connection, frame: Uint8Array, seq: number): number {
  'cold';
  const ahead = distance(seq, c.sndUp);
  if (ahead <= 0) {
    if (!after(c.sndUp, c.sndUna)) c.bits &= ~Bit.sendingUrgent;
    return 0;
  }
  // The pointer names the octet that follows the urgent data (MUST-62); what lies further than 65,535 comes closer yet.
  put16(frame, Ip.payload + Tcp.urgent, ahead < 0xffff ? ahead : 0xffff);
  return Flag.URG;
}

/** Sixth of RFC 9293 section 3.10.7.4: the application hears when the end of the urgent data moves on (MUST-32). */
export function takeUrgent(c: Connection, s: Segment, frame: Uint8Array): void {
  'cold';
  if (c.bits & Bit.finReceived) return;
  const end = advance(get32(frame, s.header + Tcp.sequence), get16(frame, s.header + Tcp.urgent));
  const pending = (c.bits & Bit.receivingUrgent) !== 0 && urgentOctets(c) > 0;
  if (!after(end, advance(c.rcvNxt, -c.available)) || (pending && !after(end, c.rcvUp))) return;
  c.rcvUp = end;
  c.bits |= Bit.receivingUrgent;
  c.events |= Event.urgent;
}

/** Octets that are still to be read up to the end of the urgent data, those that have not arrived included. */
export function urgentOctets(c: Connection): number {
  'cold';
  if (!(c.bits & Bit.receivingUrgent)) return 0;
  const read = advance(c.rcvNxt, -c.available - (c.bits & Bit.finReceived ? 1 : 0));
  const ahead = distance(read, c.rcvUp);
  if (ahead > 0) return ahead;
  c.bits &= ~Bit.receivingUrgent;
  return 0;
}
