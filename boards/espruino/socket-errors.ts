import { CloseReason } from '../../src/tcp/errors';

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

/** What Espruino is told when a connection has ended. */
export function errorOf(reason: CloseReason): SocketError {
  'cold';
  switch (reason) {
    case CloseReason.reset:
    case CloseReason.refused:
      return SocketError.reset;
    case CloseReason.timedOut:
      return SocketError.timeout;
    case CloseReason.unreachable:
      return SocketError.noRoute;
    default:
      return SocketError.closed;
  }
}
