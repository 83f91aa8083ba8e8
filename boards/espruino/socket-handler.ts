import type { Connection, ConnectionHandler } from '../../src/tcp/connection';
import type { CloseReason } from '../../src/tcp/errors';

/** What sockets hear of connections. */
export interface SocketEvents {
  /** A peer has opened one. */
  arrived(c: Connection): void;
  /** It has ended, and all it had received was read. */
  over(c: Connection, reason: CloseReason): void;
  /** Something has happened to the connection of a slot that `recv` has to look at. */
  wake(slot: number): void;
  /** Text may be taken at once. True when it was. */
  accepts(c: Connection, bytes: Uint8Array, offset: number, length: number): boolean;
}

/** `listener.handler` of every server, and the handler of every connection: tables by slot, nothing made on the way. */
export class SocketHandler implements ConnectionHandler {
  constructor(private readonly sockets: SocketEvents) {}

  opened(c: Connection): void {
    'cold';
    if (c.listener === null) this.sockets.wake(c.slot);
    else this.sockets.arrived(c);
  }

  readable(c: Connection): void {
    'cold';
    this.sockets.wake(c.slot);
  }

  accepts(c: Connection, bytes: Uint8Array, offset: number, length: number): boolean {
    return this.sockets.accepts(c, bytes, offset, length);
  }

  writable(): void {
    'cold';
  }

  ended(c: Connection): void {
    'cold';
    this.sockets.wake(c.slot);
  }

  closed(c: Connection, reason: CloseReason): void {
    'cold';
    this.sockets.over(c, reason);
  }
}
