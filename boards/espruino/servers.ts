import type { Stack } from '../../src/stack';
import type { ConnectionHandler } from '../../src/tcp/connection';
import type { Listener } from '../../src/tcp/listener';
import { SocketError } from './socket-errors';

/** The first number of a server: those of connections stay below. */
export const FIRST_SERVER = 1 << 27;

/** The first number that no server has had: Espruino goes on asking for those of a device that was let go. */
let unused = FIRST_SERVER;

/** The servers that Espruino has opened: a listener each, and the type of its sockets. */
export class Servers {
  readonly listeners: (Listener | null)[] = [];
  private readonly types: Uint8Array;
  /** The number of the first listener's server. */
  readonly base = unused;

  constructor(private readonly stack: Stack) {
    const count = stack.tcp.listeners.length;
    for (let at = 0; at < count; at++) this.listeners.push(null);
    this.types = new Uint8Array(count);
    unused += count;
  }

  /** Returns the socket of a server that listens on `port`, or a `SocketError`. */
  openServer(port: number, type: number, handler: ConnectionHandler): number {
    'cold';
    let at = 0;
    while (at < this.listeners.length && this.listeners[at] !== null) at++;
    if (at === this.listeners.length) return SocketError.maxSock;
    try {
      this.listeners[at] = this.stack.listen(port, handler);
    } catch (error) {
      return SocketError.busy;
    }
    this.types[at] = type;
    return this.base + at;
  }

  /** The type of the sockets that a listener's connections become. */
  typeOf(listener: Listener | null): number {
    return this.types[this.listeners.indexOf(listener)];
  }
}
