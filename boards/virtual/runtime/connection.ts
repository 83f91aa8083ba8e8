import type { HttpBody } from './http-message';
import type { SocketType } from './network-device';
import type { RealmObject } from './realm';

/** One end of a connection. Plain sockets are one object for both ways; HTTP has one for each. */
export interface Connection {
  readonly type: SocketType;
  /** What writes: a plain socket, an HTTP client's request, an HTTP server's response. */
  readonly writer: RealmObject;
  /** What reads: a plain socket, an HTTP client's response, an HTTP server's request. */
  readonly reader: RealmObject;
  readonly options: RealmObject | undefined;
  /** The HTTP server that this belongs to. */
  readonly server: RealmObject | undefined;
  /** The device's number, undefined before it was made and after it was closed. */
  socket: number | undefined;
  connected: boolean;
  /** The script has said `end`: close when all is sent. */
  closing: boolean;
  closeNow: boolean;
  hadHead: boolean;
  ended: boolean;
  /** What came and could not be handed on yet. */
  received: string;
  body: HttpBody;
  /** What is to be sent; undefined before the first write. */
  toSend: string | undefined;
  chunked: boolean;
}
