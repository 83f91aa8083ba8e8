import { SACK, TIMESTAMPS, WINDOW_SCALE } from '../features';
import { advance, distance } from '../wire/sequence';
import { answer } from './answer';
import { offeredOptions } from './calls';
import type { Connection } from './connection';
import { DEFAULT_SEND_MSS } from './constants';
import { Bit } from './control-block';
import { withTheSyn } from './input';
import { accepted, openConnection, takeSlot } from './lifecycle';
import type { Listener } from './listener';
import { established, takePeerSyn } from './opening';
import { Option, TIMESTAMPS_LENGTH, writeSynOptions, writeTimestamps } from './options';
import { DATA } from './output';
import { Flag } from './segment';
import type { Segment } from './segment';
import type { TcpHost } from './tcp';

// SYN cookies (RFC 4987 section 3.6): when slots or a backlog run out, the answer to a SYN is all that is left of it. Its
// sequence number is a keyed hash of the two ends, the peer's number and the time; its lowest bits choose one of eight
// segment sizes. What else a SYN may say, the window scale and SACK, comes back in the timestamps, if there are any.

/** Segment sizes that a cookie can hold: an index, rounded down. */
const enum Sizes {
  count = 8,
  mask = 7,
}
/** A cookie is good for one to two of these: 2^16 ms. */
const PERIOD = 16;
/** In the lowest bits of the timestamp: the peer's shift, 15 for none, and whether it takes SACK. */
const enum Stamp {
  shift = 15,
  sack = 16,
  mask = 31,
}

/** The segment size of an index: 64 to 1460. */
function sizeOf(index: number): number {
  'cold';
  if (index < 2) return index === 0 ? 64 : 256;
  if (index < 4) return index === 2 ? DEFAULT_SEND_MSS : 1220;
  return index < 6 ? (index === 4 ? 1360 : 1400) : index === 6 ? 1440 : 1460;
}

function cookie(tcp: TcpHost, s: Segment, irs: number, period: number): number {
  'cold';
  return tcp.generator.cookieHash(s.source, s.ports, advance(irs, period)) & ~Sizes.mask;
}

/** Answers a SYN that there is no room for. */
export function sendCookie(tcp: TcpHost, s: Segment): void {
  'cold';
  const options = s.options;
  const offered = options.found & Option.maximumSegmentSize ? options.mss : DEFAULT_SEND_MSS;
  let index = Sizes.count - 1;
  while (index > 0 && sizeOf(index) > offered) index--;
  const iss = cookie(tcp, s, s.seq, tcp.alarm.now >>> PERIOD) | index;
  const stamped = TIMESTAMPS && (options.found & offeredOptions(tcp) & Option.timestamps) !== 0;
  if (!tcp.link.ready()) return;
  const frame = tcp.link.frame;
  const bits = stamped ? options.found & offeredOptions(tcp) : 0;
  let end = writeSynOptions(frame, DATA, tcp.mss, bits, tcp.shift);
  if (TIMESTAMPS && stamped) {
    const shift = bits & Option.windowScale ? options.shift : Stamp.shift;
    const stamp = (tcp.timestamp() & ~Stamp.mask) | shift | (bits & Option.sackPermitted ? Stamp.sack : 0);
    writeTimestamps(frame, end, stamp, options.tsVal);
    end += TIMESTAMPS_LENGTH;
  }
  const window = tcp.receiveSize;
  if (!answer(tcp, s, iss, advance(s.seq, 1), Flag.SYN | Flag.ACK, end, window < 0xffff ? window : 0xffff)) return;
  tcp.counters.cookiesSent++;
  tcp.cookieSentAt = tcp.alarm.now;
  tcp.cookiesOut = true;
}

/** True for an acknowledgment of a cookie that may still be out. */
export function isCookie(tcp: TcpHost, s: Segment): boolean {
  'cold';
  if (!tcp.cookiesOut || s.flags & Flag.SYN) return false;
  if (distance(tcp.cookieSentAt, tcp.alarm.now) >>> 0 > 2 << PERIOD) {
    tcp.cookiesOut = false;
    return false;
  }
  const irs = advance(s.seq, -1);
  const sent = advance(s.ack, -1) & ~Sizes.mask;
  const period = tcp.alarm.now >>> PERIOD;
  return cookie(tcp, s, irs, period) === sent || cookie(tcp, s, irs, period - 1) === sent;
}

/**
 * Makes the connection from what an acknowledged cookie says.
 * @returns null when there is still no slot: the peer's data will come again
 */
export function acceptCookie(tcp: TcpHost, listener: Listener, s: Segment, frame: Uint8Array): Connection | null {
  'cold';
  const c = takeSlot(tcp);
  if (c === null) {
    tcp.counters.listenOverflows++;
    return null;
  }
  const iss = advance(s.ack, -1);
  c.listener = listener;
  openConnection(tcp, c, s.source, s.sourcePort, s.destinationPort);
  c.startSequence(iss);
  c.sndMax = s.ack;
  restoreOptions(tcp, s, iss);
  s.seq = advance(s.seq, -1);
  takePeerSyn(tcp, c, s);
  if (WINDOW_SCALE && c.bits & Bit.windowScale) s.wnd <<= c.service >> 16;
  established(tcp, c, s);
  tcp.counters.passiveOpens++;
  tcp.counters.cookiesAccepted++;
  if (!accepted(tcp, c)) return null;
  withTheSyn(tcp, c, s, frame);
  return c;
}

/** Makes the segment's options those of the SYN, as far as cookie and timestamp know them. */
function restoreOptions(tcp: TcpHost, s: Segment, iss: number): void {
  'cold';
  const options = s.options;
  const stamped = TIMESTAMPS && (options.found & Option.timestamps) !== 0 && tcp.timestamps;
  options.mss = sizeOf(iss & Sizes.mask);
  options.found = Option.maximumSegmentSize;
  if (!stamped) return;
  options.found |= Option.timestamps;
  const shift = options.tsEcr & Stamp.shift;
  if (WINDOW_SCALE && shift !== Stamp.shift) {
    options.found |= Option.windowScale;
    options.shift = shift;
  }
  if (SACK && options.tsEcr & Stamp.sack) options.found |= Option.sackPermitted;
}
