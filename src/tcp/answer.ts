import { DEFAULT_SERVICE, Sent } from '../ip/ipv4';
import { put16, put32 } from '../wire/bytes';
import { advance } from '../wire/sequence';
import { DATA, HEADER, send, writeHeader } from './output';
import { Flag, Tcp } from './segment';
import type { Segment } from './segment';
import type { TcpHost } from './tcp';

// Segments that belong to no connection.

/** Answers a segment that belongs to no connection with a reset (RFC 9293 section 3.10.7.1). */
export function refuse(tcp: TcpHost, s: Segment): void {
  'cold';
  if (s.flags & Flag.RST) return;
  const length = s.length + (s.flags & Flag.SYN ? 1 : 0) + (s.flags & Flag.FIN ? 1 : 0);
  let sent: boolean;
  if (s.flags & Flag.ACK) sent = answer(tcp, s, s.ack, 0, Flag.RST, DATA, 0);
  else sent = answer(tcp, s, 0, advance(s.seq, length), Flag.RST | Flag.ACK, DATA, 0);
  if (sent) tcp.counters.outRsts++;
}

/**
 * Sends a segment without data and without a connection to where `s` came from. Lost when the transmitter is busy.
 * @param end where its options end, which stand in the frame already; `DATA` without any
 */
export function answer(tcp: TcpHost, s: Segment, seq: number, ack: number, flags: number, end: number, window: number): boolean {
  'cold';
  if (!tcp.link.ready()) return false;
  const frame = tcp.link.frame;
  writeHeader(frame, (s.destinationPort << 16) | s.sourcePort, seq, ack, ((end - HEADER) << 10) | flags);
  put16(frame, HEADER + Tcp.window, window);
  put32(frame, HEADER + Tcp.checksum, 0);
  return send(tcp, null, s.source, end - HEADER, DEFAULT_SERVICE) === Sent.yes;
}
