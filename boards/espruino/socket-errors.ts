/** Espruino's socket errors, by the names and numbers of its libs/network/socketerrors.h. */
export const enum SocketError {
  closed = -1,
  timeout = -3,
  noRoute = -4,
  busy = -5,
  notFound = -6,
  maxSock = -7,
  reset = -9,
  noConnection = -11,
  badArgument = -12,
}

/** What Espruino is told when a connection has ended, by `CloseReason`. */
export const ERRORS = [
  SocketError.closed,
  SocketError.reset,
  SocketError.timeout,
  SocketError.reset,
  SocketError.noRoute,
  SocketError.closed,
];
