import { firmware } from './e';
import type { Connection } from './connection';
import type { Events } from './events';
import { chunk, headerLines, headerValue, isChunked } from './http-message';
import { isCallback, serverMethods } from './net';
import { SocketType } from './network-device';
import type { Realm, RealmObject } from './realm';
import type { Sockets } from './sockets';
import type { Streams } from './streams';
import { parseUrl } from './url';

/** `require('http')`. */
export class Http {
  private readonly serverPrototype: RealmObject;
  private readonly readerPrototype: RealmObject;
  private readonly requestPrototype: RealmObject;
  private readonly responsePrototype: RealmObject;

  constructor(
    private readonly realm: Realm, private readonly events: Events, streams: Streams, private readonly sockets: Sockets,
    private readonly report: (line: string) => void,
  ) {
    const http = this;
    this.serverPrototype = realm.namespace(serverMethods(sockets, SocketType.Http));
    this.readerPrototype = realm.namespace(streams.methods);
    this.responsePrototype = realm.namespace({
      writeHead: function (this: RealmObject, status: unknown, headers?: unknown): void {
        http.writeHead(this, Number(status) | 0, headers);
      },
      setHeader: function (this: RealmObject, name: unknown, value: unknown): void {
        this['headers'][String(name)] = String(value);
      },
      write: function (this: RealmObject, data?: unknown): boolean {
        http.respond(this, data);
        return false;
      },
      end: function (this: RealmObject, data?: unknown): void {
        if (data !== undefined) http.respond(this, data);
        const connection = sockets.of(this);
        http.respond(this, connection.chunked ? '' : undefined);
        connection.closing = true;
      },
    });
    this.requestPrototype = realm.namespace({
      write: function (this: RealmObject, data?: unknown): boolean {
        if (sockets.device.online) http.ask(sockets.of(this), data);
        return false;
      },
      end: function (this: RealmObject, data?: unknown): void {
        if (!sockets.device.online) return;
        const connection = sockets.of(this);
        if (data !== undefined) http.ask(connection, data);
        http.endRequest(connection);
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
      request: (options: unknown, callback?: unknown) => this.request(options, callback)?.writer,
      get: (options: unknown, callback?: unknown) => {
        if (!this.sockets.device.online) return undefined;
        if (typeof options === 'object' && options !== null) (options as RealmObject)['method'] = 'GET';
        const connection = this.request(options, callback);
        if (connection !== undefined) this.endRequest(connection);
        return connection?.writer;
      },
    });
  }

  /** The two objects of a connection that a server has accepted. */
  served(server: RealmObject): Connection {
    const request = this.realm.object(undefined, this.readerPrototype);
    const response = this.realm.object(undefined, this.responsePrototype);
    response['headers'] = this.realm.object({ Connection: 'close' });
    return this.sockets.connection(SocketType.Http, response, request, undefined, server);
  }

  private request(options: unknown, callback: unknown): Connection | undefined {
    const address = typeof options === 'string' ? parseUrl(this.realm, options, false) : options;
    if (typeof address !== 'object' || address === null) {
      this.report(`ERROR: the options of a request must be an object or a URL, not ${typeof options}`);
      return undefined;
    }
    if (callback !== undefined && !isCallback(callback, this.report)) return undefined;
    const request = this.realm.object(undefined, this.requestPrototype);
    const response = this.realm.object(undefined, this.readerPrototype);
    const connection = this.sockets.connection(SocketType.Http, request, response, address);
    if (callback !== undefined) this.events.add(request, 'connect', callback, false);
    this.sockets.add(connection);
    return connection;
  }

  private writeHead(response: RealmObject, status: number, headers: unknown): void {
    const connection = this.sockets.of(response);
    if (headers !== undefined && (typeof headers !== 'object' || headers === null)) {
      this.report('ERROR: writeHead takes its headers as an object');
      return;
    }
    if (connection.toSend !== undefined) {
      this.report('ERROR: the head was written already');
      return;
    }
    const all = { ...(response['headers'] as RealmObject), ...(headers as RealmObject | undefined) };
    if (isChunked(all)) connection.chunked = true;
    connection.toSend = `HTTP/1.1 ${status} OK\r\nServer: Espruino ${firmware}\r\n${headerLines(all)}\r\n`;
  }

  private respond(response: RealmObject, data: unknown): void {
    const connection = this.sockets.of(response);
    this.sockets.assertOpen(connection);
    if (connection.toSend === undefined) this.writeHead(response, 200, undefined);
    this.append(connection, data);
  }

  /** Writes to a request; its head goes first, and the connection is made. */
  private ask(connection: Connection, data: unknown): void {
    this.sockets.assertOpen(connection);
    if (connection.toSend === undefined) {
      connection.toSend = connection.socket === undefined ? this.requestHead(connection) : '';
    }
    this.append(connection, data);
    this.sockets.connect(connection);
  }

  private endRequest(connection: Connection): void {
    this.ask(connection, connection.chunked ? '' : undefined);
    connection.closing = true;
  }

  private append(connection: Connection, data: unknown): void {
    if (data === undefined) return;
    connection.toSend += connection.chunked ? chunk(String(data)) : String(data);
  }

  private requestHead(connection: Connection): string {
    const { method, path, host, port, headers } = connection.options as {
      method?: unknown; path?: unknown; host?: unknown; port?: unknown; headers?: RealmObject;
    };
    let head = `${String(method)} ${String(path)} HTTP/1.1\r\nUser-Agent: Espruino ${firmware}\r\nConnection: close\r\n`;
    if (typeof headers === 'object' && headers !== null) {
      head += headerLines(headers);
      if (isChunked(headers)) connection.chunked = true;
    }
    if (typeof headers !== 'object' || headers === null || headerValue(headers, 'host') === undefined) {
      const number = Number(port) | 0;
      head += `Host: ${String(host)}${number > 0 && number !== 80 ? `:${number}` : ''}\r\n`;
    }
    return head + '\r\n';
  }
}
