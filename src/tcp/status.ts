import type { Connection } from './connection';
import { State } from './states';
import type { TcpHost } from './tcp';

/** What STATUS (RFC 9293 section 3.10.6) tells about a connection. Made by the application, filled by `Connection.status`. */
export class ConnectionStatus {
  /** The state's name as the RFC spells it. */
  state = '';
  /** Addresses as signed 32-bit integers. */
  localAddress = 0;
  localPort = 0;
  remoteAddress = 0;
  remotePort = 0;
  sndUna = 0;
  sndNxt = 0;
  sndWnd = 0;
  rcvNxt = 0;
  rcvWnd = 0;
  /** Octets of data in a full segment. */
  mss = 0;
  /** Congestion window and slow start threshold, octets. */
  cwnd = 0;
  ssthresh = 0;
  /** Smoothed round-trip time and its variation, retransmission timeout: milliseconds. */
  srtt = 0;
  rttvar = 0;
  rto = 0;
  /** Timeouts, or unanswered probes, in a row. */
  retransmissions = 0;
  /** Octets to send that are not acknowledged, and octets to read. */
  sendQueued = 0;
  available = 0;
  /** Octets to read up to the end of urgent data. */
  urgentAvailable = 0;
}

export function fillStatus(tcp: TcpHost, c: Connection, into: ConnectionStatus): void {
  'cold';
  into.state = c.stateName;
  into.localAddress = tcp.ip.address;
  into.localPort = c.ports >>> 16;
  into.remoteAddress = c.remoteAddress;
  into.remotePort = c.ports & 0xffff;
  into.sndUna = c.sndUna;
  into.sndNxt = c.sndMax;
  into.sndWnd = c.sndWnd;
  into.rcvNxt = c.rcvNxt;
  into.rcvWnd = c.rcvWnd;
  into.mss = c.mss;
  into.cwnd = c.cwnd;
  into.ssthresh = c.ssthresh;
  into.srtt = c.srtt >> 3;
  into.rttvar = c.rttvar >> 2;
  into.rto = c.rto;
  into.retransmissions = c.retransmits;
  into.sendQueued = c.sendQueued;
  into.available = c.available;
  into.urgentAvailable = c.state === State.CLOSED ? 0 : c.urgentAvailable;
}

/** RFC 4022's tcpCurrEstab: connections in ESTABLISHED or CLOSE-WAIT. */
export function currEstab(tcp: TcpHost): number {
  'cold';
  let count = 0;
  for (let slot = 0; slot < tcp.connections.length; slot++) {
    const state = tcp.connections[slot].state;
    if (state === State.ESTABLISHED || state === State.CLOSE_WAIT) count++;
  }
  return count;
}
