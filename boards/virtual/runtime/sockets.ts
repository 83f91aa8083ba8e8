import type { Connection } from './connection';
import { type Events, errorDetails } from './events';
import { HttpBody, parseHead, takeHead } from './http-message';
import { Idle, type IdleLoop } from './loop';
import { type NetworkDevice, SocketError, SocketType, chunkSize, socketErrorMessage } from './network-device';
import type { Realm, RealmObject } from './realm';
import type { Streams } from './streams';

interface Listener {
  readonly object: RealmObject;
  readonly type: SocketType;
  readonly socket: number;
}

/**
 * The sockets under Espruino's `net` and `http`. Each idle turn looks at every listener, then at every HTTP server's
 * connection, then at all others: one read and one write of at most a chunk each.
 */
export class Sockets {
  private listeners: Listener[] = [];
  private served: Connection[] = [];
  private others: Connection[] = [];
  private readonly owners = new WeakMap<object, Connection>();
  private moved = false;

  /** Makes the objects of a connection that a listener has accepted. */
  accepted?: (listener: RealmObject, type: SocketType) => Connection;

  constructor(
    private readonly realm: Realm, loop: IdleLoop, private readonly events: Events, private readonly streams: Streams,
    readonly device: NetworkDevice,
  ) {
    loop.addCheck(() => this.check());
  }

  /** Makes the record of a connection whose objects are given; `options` are a client's, `server` an HTTP server's. */
  connection(
    type: SocketType, writer: RealmObject, reader: RealmObject, options?: RealmObject, server?: RealmObject,
  ): Connection {
    const connection: Connection = {
      type, writer, reader, options, server, socket: undefined, connected: false, closing: false, closeNow: false,
      hadHead: type !== SocketType.Http, ended: false, received: '', body: new HttpBody(), toSend: undefined, chunked: false,
    };
    this.owners.set(writer, connection);
    this.owners.set(reader, connection);
    return connection;
  }

  /** @throws Error of the script's world when `object` is not one end of a connection */
  of(object: object): Connection {
    const connection = this.owners.get(object);
    if (connection === undefined) throw this.realm.error('Not a socket');
    return connection;
  }

  /** @throws InternalError of the script's world when the device has no socket left */
  listen(object: RealmObject, port: number, type: SocketType): void {
    if (!this.device.online) return;
    const socket = this.device.create(undefined, port & 0xffff, type, undefined);
    if (socket < 0) throw this.realm.error('Unable to create socket', 'InternalError');
    this.listeners.push({ object, type, socket });
  }

  unlisten(object: RealmObject): void {
    const listener = this.listeners.find((candidate) => candidate.object === object);
    if (listener === undefined) return;
    this.listeners = this.listeners.filter((candidate) => candidate !== listener);
    this.device.close(listener.socket);
  }

  /** Watches a connection that was made here, whose device socket follows with `connect`. */
  add(connection: Connection): void {
    this.others.push(connection);
  }

  /** @throws InternalError of the script's world when the device has no socket left */
  connect(connection: Connection): void {
    if (connection.socket !== undefined || !this.device.online) return;
    const options = connection.options ?? {};
    const host = options['host'] === undefined ? '127.0.0.1' : String(options['host']);
    const port = Number(options['port']) & 0xffff || (connection.type === SocketType.Http ? 80 : 0);
    const socket = this.device.create(host, port, connection.type, connection.options);
    if (socket < 0) {
      connection.closeNow = true;
      throw this.realm.error('Unable to create socket', 'InternalError');
    }
    connection.socket = socket;
  }

  /** @throws Error of the script's world after `end` */
  assertOpen(connection: Connection): void {
    if (connection.closeNow || connection.closing) throw this.realm.error('This socket is closed');
  }

  private check(): Idle {
    if (this.listeners.length + this.served.length + this.others.length === 0) return Idle.Absent;
    this.moved = false;
    for (const listener of this.listeners.slice()) {
      const socket = this.device.accept(listener.socket);
      if (socket >= 0) this.arrived(listener, socket);
    }
    this.served = this.served.filter((connection) => this.serve(connection));
    const others = this.others.slice();
    const gone = new Set(others.filter((connection) => !this.exchange(connection)));
    this.others = this.others.filter((connection) => !gone.has(connection));
    return this.moved ? Idle.Moved : Idle.Waiting;
  }

  private arrived(listener: Listener, socket: number): void {
    this.moved = true;
    const connection = this.accepted!(listener.object, listener.type);
    connection.socket = socket;
    if (listener.type === SocketType.Http) {
      this.served.push(connection);
    } else {
      this.others.push(connection);
      this.events.queue(listener.object, 'connect', [connection.writer]);
    }
  }

  /** One turn of an HTTP server's connection. @returns false when it is over */
  private serve(connection: Connection): boolean {
    const { reader, writer } = connection;
    let close = connection.closeNow;
    let error = 0;
    if (!close) {
      const arrived = this.device.receive(connection.socket!, connection.type);
      const silent = typeof arrived === 'number' || arrived.length === 0;
      if (typeof arrived === 'number') {
        close = true;
        error = arrived;
      } else if (!silent) {
        connection.received = this.take(connection, connection.received + arrived);
      }
      const failed = this.sendSome(connection);
      if (failed < 0) {
        close = true;
        error = failed;
      }
      if (!connection.toSend && silent) {
        close = connection.closing;
        if (connection.body.expected > 0 || !connection.hadHead) close = false;
        else this.end(connection);
      } else if (!silent) {
        close = false;
      }
    }
    if (!close) return true;
    this.moved = true;
    if (connection.hadHead) this.hand(connection, connection.received, true);
    const failed = this.fail(error, [reader, writer]);
    this.events.queue(writer, 'end', []);
    this.events.queue(reader, 'close', [failed]);
    this.events.queue(writer, 'close', [failed]);
    this.kill(connection);
    return false;
  }

  /**
   * One turn of any other connection. What could not be handed on before is tried first, and here the firmware forgets
   * to note that it went: without a `data` listener, what did not fit the stream's buffer is handed on turn after turn
   * until more arrives. That is kept as it is, for a script that trips over it on a board has to trip here too.
   * @returns false when it is over
   */
  private exchange(connection: Connection): boolean {
    const { reader, writer } = connection;
    let received = connection.received;
    const http = connection.type === SocketType.Http;
    let close = connection.closeNow;
    let error = 0;
    if (connection.socket !== undefined) {
      if (connection.hadHead) received = this.hand(connection, received, false);
      if (!close) {
        if (connection.toSend) {
          const failed = this.sendSome(connection);
          if (failed < 0) {
            close = true;
            error = failed;
          }
        } else {
          if (connection.closing) close = true;
          if (http) {
            if (connection.body.expected > 0 || !connection.hadHead) close = false;
            else this.end(connection);
          }
        }
        const arrived = this.device.receive(connection.socket, connection.type);
        if (typeof arrived === 'number') {
          if (arrived !== SocketError.NoConnection || connection.connected) {
            close = true;
            if (arrived !== SocketError.Closed) error = arrived;
            else if (!connection.hadHead) error = SocketError.NoResponse;
            else if (!http || connection.body.expected > 0) error = arrived;
          }
        } else {
          if (!connection.connected && !http) {
            connection.connected = true;
            this.moved = true;
            this.events.queue(writer, 'connect', [writer]);
            if (!connection.toSend) this.events.queue(writer, 'drain', [writer]);
          }
          if (arrived.length > 0) connection.received = received = this.take(connection, received + arrived);
        }
      }
    }
    if (!close) return true;
    if (this.hand(connection, received, true).length > 0) return true;
    this.moved = true;
    if (connection.toSend && error === SocketError.Closed) error = SocketError.UnsentData;
    this.kill(connection);
    const failed = this.fail(error, [writer]);
    this.end(connection);
    this.events.queue(reader, 'close', [failed]);
    return false;
  }

  /** @returns less than 0 when the device has failed */
  private sendSome(connection: Connection): number {
    const waiting = connection.toSend;
    if (!waiting) return 0;
    const count = this.device.send(connection.socket!, waiting.slice(0, chunkSize), connection.type);
    if (count <= 0) return count;
    this.moved = true;
    connection.toSend = waiting.slice(count);
    if (connection.toSend.length === 0 && !connection.closing) this.events.queue(connection.writer, 'drain', [connection.writer]);
    return count;
  }

  /** Takes in all that was received and not handed on yet. @returns what is left of it */
  private take(connection: Connection, received: string): string {
    this.moved = true;
    if (!connection.hadHead) {
      const head = takeHead(received);
      if (head === undefined) return received;
      received = received.slice(head.length);
      connection.hadHead = true;
      const isServer = connection.server !== undefined;
      connection.body = parseHead(this.realm, head, connection.reader, isServer);
      if (isServer) this.events.queue(connection.server!, 'connect', [connection.reader, connection.writer]);
      else this.events.queue(connection.writer, 'connect', [connection.reader]);
    }
    return this.hand(connection, received, false);
  }

  /** Hands on what was received. @returns what the stream had no room for, or what is incomplete */
  private hand(connection: Connection, received: string, force: boolean): string {
    const http = connection.type === SocketType.Http;
    while (received.length > 0) {
      const part = http ? connection.body.next(received) : { data: received, rest: '', whole: true };
      if (part === undefined) break;
      if (http) connection.body.taken(part);
      if (part.data.length > 0 && !this.streams.push(connection.reader, part.data, force)) return received;
      this.moved = true;
      received = part.rest;
      if (!part.whole) break;
    }
    return received;
  }

  private end(connection: Connection): void {
    if (connection.ended) return;
    connection.ended = true;
    this.moved = true;
    this.events.queue(connection.reader, 'end', []);
  }

  /** Fires `error` unless there is none. @returns whether there is one */
  private fail(error: number, objects: readonly RealmObject[]): boolean {
    if (error >= 0 || error === SocketError.Closed) return false;
    for (const object of objects) {
      this.events.queue(object, 'error', [errorDetails(this.realm, error, socketErrorMessage(error))]);
    }
    return true;
  }

  private kill(connection: Connection): void {
    if (connection.socket !== undefined) this.device.close(connection.socket);
    connection.socket = undefined;
    connection.connected = false;
    connection.closing = true;
  }
}
