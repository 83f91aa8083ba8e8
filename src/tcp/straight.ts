import { SACK } from '../features';
import { advance, distance } from '../wire/sequence';
import type { Connection } from './connection';
import { Bit } from './control-block';
import { startFlight, startRetransmission, windowToOffer } from './output';
import { startProbeTimer } from './rack';
import { Flag } from './segment';
import type { TcpHost } from './tcp';
import { Timer } from './timers';

/** Any of these, and `output` has to look at the connection. */
const SPECIAL = Bit.special | Bit.resetDue | Bit.sendingUrgent | Bit.duplicate;

/**
 * The counterpart of header prediction: most of what applications send fits a segment that may go at once, behind nothing
 * but what is in flight, by the headers of the segment before. Such a one is sent here, in the steps of `output` down to
 * `Template.send`, but all checks are for what is expected.
 * @param c may be written to: it is ESTABLISHED, or shows by its bits or by having no headers that it is not
 * @param length octets that were put into its send ring just now: at least 1
 * @returns false when there is anything else to it, or the transmitter is busy: nothing has changed, and `output` is to do it
 */
export function sendStraight(tcp: TcpHost, c: Connection, length: number): boolean {
  'inline';
  let sent = false;
  const seq = c.sndNxt;
  const behind = c.sendQueued - length;
  const at = (c.sendStart + behind) % tcp.sendSize;
  if (
    tcp.link.owner === c.slot &&
    distance(c.sndUna, seq) === behind &&
    // The Nagle algorithm, and windows (RFC 9293 sections 3.7.4 and 3.8.6).
    (behind === 0 || length === c.mss) &&
    length <= c.mss &&
    c.sendQueued <= c.sndWnd &&
    c.sendQueued <= c.cwnd &&
    at + length <= tcp.sendSize &&
    c.flight.count <= c.flight.mask &&
    !(c.bits & SPECIAL) &&
    tcp.link.held === null
  ) {
    const window = windowToOffer(tcp, c);
    const gone = tcp.template.send(tcp, c, seq, Flag.ACK | Flag.PSH, window, c.sendRing, at, length);
    if (gone) {
      sent = true;
      c.rcvWnd = window;
      c.ackDue = 0;
      if (c.flight.count === 0) startFlight(tcp, c);
      c.sndNxt = c.sndMax = advance(seq, length);
      c.flight.push(c.sndNxt, tcp.alarm.now, 0);
      if (!tcp.isRunning(c, Timer.retransmit)) startRetransmission(tcp, c);
      else if (SACK && c.bits & Bit.sack) startProbeTimer(tcp, c);
    }
  }
  return sent;
}
