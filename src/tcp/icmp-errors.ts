import { before } from '../wire/sequence';
import type { Connection } from './connection';
import { CloseReason, SoftError } from './errors';
import { drop, report } from './lifecycle';
import { narrowPath } from './path-mtu';
import type { TcpHost } from './tcp';

/** Types and codes of ICMP errors (RFC 792, RFC 1122 section 3.2.2.1). */
const enum Icmp {
  unreachable = 3,
  protocolUnreachable = 2, // code
  fragmentationNeeded = 4, // code
  timeExceeded = 11,
}

/**
 * An ICMP error about a segment of this connection (RFC 9293 section 3.9.2.2). It is believed only when it names a
 * sequence number in flight, which an outsider would have to guess (RFC 5927 section 4.1).
 */
export function icmpError(tcp: TcpHost, c: Connection, type: number, code: number, seq: number, nextHopMtu: number): void {
  'cold';
  if (before(seq, c.sndUna) || !before(seq, c.sndMax)) {
    tcp.counters.icmpIgnored++;
    return;
  }
  if (type === Icmp.unreachable && code === Icmp.fragmentationNeeded) {
    narrowPath(tcp, c, nextHopMtu);
  } else if (type === Icmp.unreachable && (code === Icmp.protocolUnreachable || code === Icmp.protocolUnreachable + 1)) {
    // Hard errors (SHLD-26). All others are soft: the connection stays (MUST-56), the application hears.
    drop(tcp, c, CloseReason.unreachable);
  } else if (type === Icmp.unreachable) {
    report(tcp, c, SoftError.unreachable);
  } else {
    report(tcp, c, type === Icmp.timeExceeded ? SoftError.timeExceeded : SoftError.parameterProblem);
  }
}
