// A small `net` of our own, for engines and boards that have none: the part of Espruino's `net` that apps use, over the
// stack's own calls. Octets are strings of one character each, as there. The build puts it in the place of
// `require("net")`.
import { parseAddress } from '../src/ip/address';
import type { Stack } from '../src/stack';
import type { Connection, ConnectionHandler } from '../src/tcp/connection';
import { CloseReason, closeReasonName } from '../src/tcp/errors';
import type { Listener } from '../src/tcp/listener';
import { errorOf } from './espruino/socket-errors';
import { KeepAlive } from './keep-alive';

/** What a board gives it. */
export interface NetHost {
  stack: Stack;
  /** Has the stack polled soon. Called also from inside a poll. */
  wake: () => void;
  /** The first `length` octets as a string, and the octets of one. */
  text: (bytes: Uint8Array, length: number) => string;
  octets: (text: string) => Uint8Array;
}

type Callback = (value?: any) => void;

/** Octets that are moved at a time. */
const PIECE = 536;

let host: NetHost | null = null;
let open = 0;
const buffer = new Uint8Array(PIECE);

/** Gives the sockets their stack; null: there is none any more. */
export function useNet(newHost: NetHost | null): void {
  'cold';
  host = newHost;
}

/** How many sockets are open. */
export function openSockets(): number {
  return open;
}

function connectedHost(): NetHost {
  'cold';
  if (host === null) throw new Error('net: connect the chip first');
  return host;
}

/** Calls listeners at once, in the order in which they came. */
export class Emitter {
  private readonly heard: { name: string; act: Callback }[] = [];

  on(name: string, act: Callback): this {
    this.heard.push({ name, act });
    return this;
  }

  removeAllListeners(name?: string): void {
    for (let at = this.heard.length - 1; at >= 0; at--) {
      if (name === undefined || this.heard[at].name === name) this.heard.splice(at, 1);
    }
  }

  emit(name: string, value?: any): void {
    const heard = this.heard.slice();
    for (let at = 0; at < heard.length; at++) if (heard[at].name === name) heard[at].act(value);
  }
}

/**
 * A connection. Events: `connect`, `data` (a string), `drain`, `end` (the peer has closed its side; ours follows when
 * all is sent), `error` ({code, message}, numbers as Espruino's), `close` (true after an error).
 */
export class Socket extends Emitter implements ConnectionHandler {
  private connection: Connection | null = null;
  /** What found no room in the send buffer yet. While there is some, nothing is read: the peer has to wait too. */
  private waiting = '';
  private ending = false;
  /** The peer has answered. To end a connection before that drops what is queued (RFC 9293 section 3.10.4). */
  private answered = false;
  /** The application has heard of the peer's end. */
  private endTold = false;

  /** @param server whose socket it is that listens: it has no connection, and hears of those that peers open */
  constructor(private readonly server: Server | null) {
    super();
  }

  /** Queues a string. @returns false when some of it waits for room: `drain` tells when that is over */
  write(data: string): boolean {
    if (this.ending) throw new Error('write: the socket was ended');
    if (this.connection === null) return false;
    this.waiting += data;
    this.flush();
    return this.waiting === '';
  }

  /** Closes our side after `data` and what was queued before. */
  end(data?: string): void {
    if (this.ending) return;
    if (data !== undefined) this.write(data);
    this.ending = true;
    this.flush();
  }

  /** Ends the connection at once: the peer gets a reset. */
  destroy(): void {
    if (this.connection !== null) this.connection.abort();
    if (host !== null) host.wake();
  }

  /** For servers and `connect`. */
  attach(c: Connection, answered: boolean): void {
    'cold';
    this.connection = c;
    this.answered = answered;
    c.handler = this;
    c.keepAlive(true, KeepAlive.idle, KeepAlive.interval, KeepAlive.probes);
    open++;
  }

  opened(c: Connection): void {
    'cold';
    if (this.server !== null) {
      const socket = new Socket(null);
      socket.attach(c, true);
      this.server.emit('connection', socket);
      return;
    }
    this.answered = true;
    this.emit('connect');
    this.flush();
  }

  readable(c: Connection): void {
    while (host !== null && this.connection === c && this.waiting === '' && c.available > 0) {
      this.emit('data', host.text(buffer, c.read(buffer, 0, PIECE)));
    }
  }

  writable(c: Connection): void {
    this.flush();
    if (this.waiting !== '') return;
    this.emit('drain');
    this.readable(c);
    if (c.finReceived && c.available === 0) this.ended();
  }

  ended(): void {
    'cold';
    if (this.waiting !== '' || this.endTold) return;
    this.endTold = true;
    this.emit('end');
    this.end();
  }

  closed(_c: Connection, reason: CloseReason): void {
    'cold';
    const failed = reason !== CloseReason.normal && reason !== CloseReason.aborted;
    this.connection = null;
    this.waiting = '';
    open--;
    if (failed) this.emit('error', { code: errorOf(reason), message: closeReasonName(reason) });
    this.emit('close', failed);
  }

  private flush(): void {
    const c = this.connection;
    const board = host;
    if (c === null || board === null) return;
    let room = c.room;
    while (this.waiting !== '' && room > 0) {
      // All the room there is, unless it is more than a piece: `writable` follows a buffer that was filled.
      const bytes = board.octets(this.waiting.substr(0, room < PIECE ? room : PIECE));
      this.waiting = this.waiting.substr(c.write(bytes, 0, bytes.length));
      room = c.room;
    }
    if (this.waiting === '' && this.ending && this.answered) c.end();
    board.wake();
  }
}

/** Listens to a port. Event: `connection`, with a socket. */
export class Server extends Emitter {
  private listener: Listener | null = null;

  constructor() {
    super();
  }

  /** @throws Error when the port is taken or is none, or all listeners are in use */
  listen(port: number): this {
    this.listener = connectedHost().stack.listen(port, new Socket(this));
    return this;
  }

  /** Takes no more connections; those that are open go on. */
  close(): void {
    if (this.listener !== null) this.listener.close();
    this.listener = null;
  }
}

/** As Espruino's: `connection` is called with a socket for each peer. */
export function createServer(connection: (socket: Socket) => void): Server {
  return new Server().on('connection', connection);
}

/**
 * Opens a connection to `{host, port}`, the host an address as text; `connected` is called when it is there.
 * @throws Error when the address or the port is none, or no slot is free
 */
export function connect(to: { host: string; port: number }, connected?: () => void): Socket {
  const board = connectedHost();
  const stack = board.stack;
  const socket = new Socket(null);
  if (connected !== undefined) socket.on('connect', connected);
  const c = stack.connect(parseAddress(to.host), to.port, socket);
  if (c === null) throw new Error('connect: all ' + stack.tcp.connections.length + ' connections are in use');
  socket.attach(c, false);
  board.wake();
  return socket;
}
