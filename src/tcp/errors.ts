/** Why a connection is over: the last word on it, given to `ConnectionHandler.closed`. */
export const enum CloseReason {
  /** Both sides have closed and every octet was delivered. */
  normal = 0,
  /** The peer reset an open connection. */
  reset = 1,
  /** The peer did not answer in time (R2 of RFC 9293 section 3.8.3). */
  timedOut = 2,
  /** The peer reset the connection while it was being opened: nothing listens there. */
  refused = 3,
  /** There is no way to the peer, or nothing there that speaks TCP on this port. */
  unreachable = 4,
  /** The application called `abort`, or `close` while data was still arriving. */
  aborted = 5,
}

/** The reason in words. */
export function closeReasonName(reason: CloseReason): string {
  'cold';
  switch (reason) {
    case CloseReason.normal:
      return 'normal';
    case CloseReason.reset:
      return 'reset';
    case CloseReason.timedOut:
      return 'timed out';
    case CloseReason.refused:
      return 'refused';
    case CloseReason.unreachable:
      return 'unreachable';
    default:
      return 'aborted';
  }
}

/** What may pass: errors that `ConnectionHandler.report` hears of while the connection stays (RFC 9293 section 3.9.1.8). */
export const enum SoftError {
  /** ICMP: network or host unreachable, or the source route failed. */
  unreachable = 0,
  /** ICMP: the time to live ran out on the way. */
  timeExceeded = 1,
  /** ICMP: a router or the peer did not understand a header. */
  parameterProblem = 2,
  /** R1 retransmissions in a row have gone unanswered. */
  retransmitting = 3,
}
