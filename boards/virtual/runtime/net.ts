import type { Connection } from './connection';
import { SocketType } from './network-device';
import type { Callable, Realm, RealmObject } from './realm';
import type { Events } from './events';
import type { Sockets } from './sockets';
import type { Streams } from './streams';
import { parseUrl } from './url';

/** Methods of the objects that listen, for plain sockets and HTTP alike. */
export function serverMethods(sockets: Sockets, type: SocketType): Record<string, (...args: any[]) => unknown> {
  return {
    listen: function (this: RealmObject, port: unknown): RealmObject {
      sockets.listen(this, Number(port) | 0, type);
      return this;
    },
    close: function (this: RealmObject): void { sockets.unlisten(this); },
  };
}

/** What the script passed as callback of a server; anything but a function is reported, not thrown, as Espruino does. */
export function isCallback(callback: unknown, report: (line: string) => void): callback is Callable {
  if (typeof callback === 'function') return true;
  report(`ERROR: a callback must be a function, not ${typeof callback}`);
  return false;
}

/** `require('net')`. */
export class Net {
  private readonly serverPrototype: RealmObject;
  private readonly socketPrototype: RealmObject;

  constructor(
    private readonly realm: Realm, private readonly events: Events, streams: Streams, private readonly sockets: Sockets,
    private readonly report: (line: string) => void,
  ) {
    this.serverPrototype = realm.namespace(serverMethods(sockets, SocketType.Tcp));
    this.socketPrototype = realm.namespace({
      ...streams.methods,
      write: function (this: RealmObject, data: unknown): boolean {
        writeTo(sockets, sockets.of(this), data);
        return false;
      },
      end: function (this: RealmObject, data?: unknown): void {
        const connection = sockets.of(this);
        if (data !== undefined) writeTo(sockets, connection, data);
        if (!connection.toSend) connection.closeNow = true;
        connection.closing = true;
      },
    });
  }

  module(): RealmObject {
    const { realm } = this;
    return realm.namespace({
      createServer: (callback: unknown) => {
        if (!isCallback(callback, this.report)) return undefined;
        const server = realm.object(undefined, this.serverPrototype);
        this.events.add(server, 'connect', callback, false);
        return server;
      },
      connect: (options: unknown, callback?: unknown) => {
        const address = typeof options === 'string' ? parseUrl(realm, options, false) : options;
        if (typeof address !== 'object' || address === null) {
          this.report(`ERROR: the options of connect must be an object or a URL, not ${typeof options}`);
          return undefined;
        }
        if (callback !== undefined && !isCallback(callback, this.report)) return undefined;
        const connection = this.socket(address);
        if (callback !== undefined) this.events.add(connection.writer, 'connect', callback, false);
        this.sockets.add(connection);
        this.sockets.connect(connection);
        return connection.writer;
      },
    });
  }

  /** A new plain socket. */
  socket(options?: RealmObject): Connection {
    const object = this.realm.object(undefined, this.socketPrototype);
    return this.sockets.connection(SocketType.Tcp, object, object, options);
  }
}

function writeTo(sockets: Sockets, connection: Connection, data: unknown): void {
  if (!sockets.device.online) return;
  sockets.assertOpen(connection);
  connection.toSend = (connection.toSend ?? '') + (data === undefined ? '' : String(data));
}
