import { isIPv4 } from 'node:net';
import { type Events } from './events';
import { Idle, type IdleLoop } from './loop';
import { type NetworkDevice, SocketType } from './network-device';
import type { Realm, RealmObject } from './realm';

/** Octets in front of each datagram: address, port and length, the latter two with their low octet first. */
const headLength = 8;

interface Socket {
  readonly object: RealmObject;
  readonly options: unknown;
  /** The device's number, undefined before the first `send` or `bind` and after `close`. */
  socket: number | undefined;
  toSend: string;
  closing: boolean;
}

/** `require('dgram')`: sockets that have no `data`, but `message` events. */
export class Dgram {
  private sockets: Socket[] = [];
  private readonly prototype: RealmObject;

  constructor(
    private readonly realm: Realm, loop: IdleLoop, private readonly events: Events, private readonly device: NetworkDevice,
  ) {
    const of = (object: RealmObject): Socket => {
      const socket = this.sockets.find((candidate) => candidate.object === object);
      if (socket === undefined || socket.closing) throw realm.error('This socket is closed');
      return socket;
    };
    const open = (socket: Socket, host: string | undefined, port: number): void => this.open(socket, host, port);
    this.prototype = realm.namespace({
      send: function (this: RealmObject, buffer: unknown, ...words: unknown[]): void {
        const socket = of(this);
        const whole = typeof words[2] !== 'number';
        const [port, host] = (whole ? words : words.slice(2)) as [unknown, unknown];
        const from = Number(words[0]);
        const text = whole ? String(buffer) : String(buffer).slice(from, from + Number(words[1]));
        socket.toSend += head(String(host), Number(port), text.length) + text;
        open(socket, '127.0.0.1', 0);
      },
      bind: function (this: RealmObject, port: unknown, callback?: unknown): RealmObject {
        open(of(this), undefined, Number(port) & 0xffff);
        if (typeof callback === 'function') {
          events.add(this, 'bind', callback, false);
          events.queue(this, 'bind', [this]);
        }
        return this;
      },
      close: function (this: RealmObject): void { of(this).closing = true; },
      addMembership: function (this: RealmObject, group: unknown, ip: unknown): void {
        Object.assign(of(this).options as object, { multicastGroup: group, multicastIp: ip });
      },
    });
    loop.addCheck(() => this.check());
  }

  module(): RealmObject {
    return this.realm.namespace({
      createSocket: (type: unknown, callback?: unknown) => {
        const object = this.realm.object(undefined, this.prototype);
        const options = typeof type === 'object' && type !== null ? type : this.realm.object();
        if (typeof callback === 'function') this.events.add(object, 'connect', callback, false);
        this.sockets.push({ object, options, socket: undefined, toSend: '', closing: false });
        return object;
      },
    });
  }

  /** @throws InternalError of the script's world when the device has no socket left */
  private open(socket: Socket, host: string | undefined, port: number): void {
    if (socket.socket !== undefined || !this.device.online) return;
    const number = this.device.create(host, port, SocketType.Udp, socket.options);
    if (number < 0) throw this.realm.error('Unable to create socket', 'InternalError');
    socket.socket = number;
  }

  private check(): Idle {
    if (this.sockets.length === 0) return Idle.Absent;
    let moved = false;
    for (const socket of this.sockets.slice()) moved = this.exchange(socket) || moved;
    this.sockets = this.sockets.filter((socket) => !socket.closing || socket.toSend.length > 0 || socket.socket !== undefined);
    return moved ? Idle.Moved : Idle.Waiting;
  }

  /** One turn of a socket. @returns whether anything happened */
  private exchange(socket: Socket): boolean {
    if (socket.socket === undefined) return false;
    if (socket.toSend.length > 0) {
      const count = this.device.send(socket.socket, socket.toSend, SocketType.Udp);
      if (count < 0) return this.end(socket, true);
      socket.toSend = socket.toSend.slice(count);
      if (count > 0) return true;
    } else if (socket.closing) {
      return this.end(socket, false);
    }
    const arrived = this.device.receive(socket.socket, SocketType.Udp);
    if (typeof arrived === 'number') return this.end(socket, true);
    if (arrived.length < headLength) return false;
    const octet = (at: number): number => arrived.charCodeAt(at);
    const size = octet(6) + 256 * octet(7);
    const info = this.realm.object({
      address: [0, 1, 2, 3].map(octet).join('.'), port: octet(4) + 256 * octet(5), size,
    });
    this.events.queue(socket.object, 'message', [arrived.slice(headLength, headLength + size), info]);
    return true;
  }

  private end(socket: Socket, failed: boolean): boolean {
    this.device.close(socket.socket!);
    Object.assign(socket, { socket: undefined, toSend: '', closing: true });
    this.events.queue(socket.object, 'close', [failed]);
    return true;
  }
}

/** Espruino cannot look up a name here: its network device in JavaScript is told 255.255.255.255 in its stead. */
function head(host: string, port: number, length: number): string {
  const octets = (isIPv4(host) ? host : '255.255.255.255').split('.').map(Number);
  return String.fromCharCode(...octets, port & 255, (port >> 8) & 255, length & 255, length >> 8);
}
