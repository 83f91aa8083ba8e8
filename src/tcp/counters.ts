/** TCP's counters, named after RFC 4022 where it has the count: plain counts that wrap at 2^32. */
export class TcpCounters {
  activeOpens = 0;
  passiveOpens = 0;
  /** Connections that ended before they were established. */
  attemptFails = 0;
  /** Established connections that ended without a close from both sides. */
  estabResets = 0;
  inSegs = 0;
  outSegs = 0;
  retransSegs = 0;
  /** Header length or checksum wrong, or sent to a broadcast address. */
  inErrs = 0;
  outRsts = 0;
  /** Segments with an option of impossible length; the option was not read. */
  malformedOptions = 0;
  /** Segments outside the receive window. */
  outOfWindow = 0;
  /** Segments behind a gap. */
  outOfOrder = 0;
  /** Of those, dropped because there were too many gaps. */
  outOfOrderDropped = 0;
  /** SYNs dropped because no slot was free. */
  listenOverflows = 0;
  /** Half-open connections that had to make room. */
  halfOpenRecycled = 0;
  /** SYNs that were answered with a cookie, and cookies that came back and were good. */
  cookiesSent = 0;
  cookiesAccepted = 0;
  challengeAcks = 0;
  /** Segments dropped for their timestamp, or for the lack of one (RFC 7323). */
  pawsRejected = 0;
  /** ICMP errors about no connection, or no segment in flight. */
  icmpIgnored = 0;
  tailLossProbes = 0;
  windowProbes = 0;
  keepAliveProbes = 0;
  /** Connections that the application had closed and the peer had not, given up. */
  orphansDropped = 0;
}
