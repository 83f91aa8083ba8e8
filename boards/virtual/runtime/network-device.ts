import type { IdleLoop } from './loop';
import type { Callable, Realm, RealmObject } from './realm';

/** Kinds of sockets, as `create`, `recv` and `send` of a network device are told them. */
export const enum SocketType { Tcp = 0, Http = 1, Udp = 2 }

/** Octets that the sockets read and send at a time over a network device in JavaScript. */
export const chunkSize = 536;

/** Results below zero of a network device. */
export const enum SocketError { Closed = -1, UnsentData = -8, NoConnection = -11, NoResponse = -15 }

/** The messages of `error` events, from -1 down. */
const messages: readonly string[] = [
  'connection closed', 'out of memory', 'timeout', 'no route', 'busy', 'not found', 'max sockets', 'unsent data',
  'connection reset', 'unknown error', 'no connection', 'bad argument', 'SSL handshake failed', 'invalid SSL data', 'no response',
];

/** The sentence for an error number; numbers that are not known are unknown errors. */
export function socketErrorMessage(error: number): string {
  return messages[-1 - error] ?? messages[9]!;
}

/**
 * The object that a script has handed to `require('NetworkJS').create`: the device under `net` and `http`. What its
 * functions throw is reported as the script's own error and counts as no answer.
 */
export class NetworkDevice {
  private device: RealmObject | undefined;

  constructor(private readonly realm: Realm, private readonly loop: IdleLoop) {}

  get online(): boolean {
    return this.device !== undefined;
  }

  /** What `require('NetworkJS')` gives. */
  module(): RealmObject {
    return this.realm.namespace({
      create: (device: RealmObject) => {
        this.device = device;
        return device;
      },
    });
  }

  /** @param host undefined for a socket that listens. @returns a socket's number, or an error */
  create(host: string | undefined, port: number, type: SocketType, options: unknown): number {
    return integer(this.ask('create', [host, port, type, options]));
  }

  close(socket: number): void {
    this.ask('close', [socket]);
  }

  /** @returns the number of a connection that has come, or less than 0 */
  accept(socket: number): number {
    return integer(this.ask('accept', [socket]));
  }

  /** @returns what has arrived, '' when nothing has, or an error */
  receive(socket: number, type: SocketType): string | number {
    const result = this.ask('recv', [socket, chunkSize, type]);
    if (typeof result === 'string') return result.slice(0, chunkSize);
    if (typeof result === 'number' && Number.isInteger(result) && result < 0) return result;
    return SocketError.Closed;
  }

  /** @returns the count of octets taken, or an error */
  send(socket: number, data: string, type: SocketType): number {
    return integer(this.ask('send', [socket, data, type]));
  }

  private ask(name: string, args: unknown[]): unknown {
    const method = this.device?.[name] as unknown;
    if (typeof method !== 'function') return undefined;
    return this.loop.call(method as Callable, this.device, args);
  }
}

function integer(value: unknown): number {
  return Number(value) | 0;
}
