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
  /** There is no way to the peer. */
  unreachable = 4,
  /** The application called `abort`. */
  aborted = 5,
}

const NAMES = ['normal', 'reset', 'timed out', 'refused', 'unreachable', 'aborted'];

/** The reason in words. */
export function closeReasonName(reason: CloseReason): string {
  return NAMES[reason];
}
