import { bytesToString, stringToBytes } from '../../hal/espruino';
import { parseAddress } from '../../src/ip/address';
import { IgmpHost } from '../../src/ip/igmp';
import { DEFAULT_SERVICE, Sent } from '../../src/ip/ipv4';
import type { Stack } from '../../src/stack';
import { DnsResolver } from '../../src/udp/dns';
import { Resolution } from '../../src/udp/dns-result';
import type { NameHandler } from '../../src/udp/dns-result';
import { DatagramQueue, Head } from '../../src/udp/queue';
import { UDP_DATA, UdpHost } from '../../src/udp/udp';
import { get32 } from '../../src/wire/bytes';
import type { Pump } from './pump';
import { SocketError } from './socket-errors';

/** The first number of a socket that is listed here: those of connections stay far below. */
export const FIRST_OTHER = 1 << 28;

/** Octets of a datagram and its head that Espruino's sockets take at once. */
const CHUNK = 536;

/** UDP ports of a board, those of its own services among them. */
const PORTS = 8;

/** Multicast groups that a board can be in. */
const GROUPS = 4;

/** Names that are asked for or remembered at once. */
const NAMES = 4;

/** The stack's UDP; it is made when somebody needs it. */
export function udpOf(stack: Stack): UdpHost {
  'cold';
  return stack.udp === null ? new UdpHost(stack, PORTS) : (stack.udp as UdpHost);
}

/** The stack's groups; they are made when somebody needs them. */
export function igmpOf(stack: Stack): IgmpHost {
  'cold';
  return stack.igmp === null ? new IgmpHost(stack, GROUPS) : (stack.igmp as IgmpHost);
}

let resolver: DnsResolver | null = null;

/**
 * The stack's resolver of names; it is made when somebody needs it.
 * @param servers two name servers, 0 for none, that may change
 */
export function resolverOf(stack: Stack, servers: Int32Array): DnsResolver {
  'cold';
  if (resolver === null || resolver.udp.stack !== stack) resolver = new DnsResolver(udpOf(stack), NAMES);
  resolver.servers = servers;
  return resolver;
}

/** The same if somebody has needed it, else null. */
export function resolverUsed(stack: Stack): DnsResolver | null {
  'cold';
  return resolver !== null && resolver.udp.stack === stack ? resolver : null;
}

/** What opens a connection once the address is known: returns its socket, or a `SocketError`. */
export interface Connector {
  connectTo(address: number, port: number): number;
  recv(s: number, length: number): string | number;
  send(s: number, data: string): number;
  close(s: number): void;
}

/** A socket of Espruino's `dgram`, or one of a connection to a host by its name. */
interface OtherSocket {
  number: number;
  port: number;
  /** Of `dgram`: what has arrived, and the group that it has joined, 0: none. */
  queue: DatagramQueue | null;
  group: number;
  /** Of a name: the resolver's request, and then the connection's socket or a `SocketError`; 0 until it is known. */
  request: number;
  socket: number;
}

/** How many there have been, those of devices before among them. */
let made = 0;

/** Sockets that are more than a connection: those of `dgram`, and connections whose host's name is looked up first. */
export class OtherSockets implements NameHandler {
  private readonly open: OtherSocket[] = [];
  private readonly buffer = new Uint8Array(CHUNK);

  /** @param size octets of datagrams that wait for the application, for each socket */
  constructor(
    private readonly stack: Stack,
    private readonly connector: Connector,
    private readonly pump: Pump,
    private readonly size: number,
  ) {
    'cold';
  }

  /**
   * A socket of `dgram` on `port`, 0 for any. `options` name the group to join, as Espruino's `addMembership` leaves it.
   * Returns its number, or a `SocketError`.
   */
  createDatagram(port: number, options: { multicastGroup?: string } | undefined): number {
    'cold';
    const group = options && options.multicastGroup ? parseAddress(options.multicastGroup) : 0;
    const queue = new DatagramQueue(this.stack.platform, this.size, CHUNK - Head.end);
    try {
      const number = this.addOther(udpOf(this.stack).openPort(port, queue), queue);
      if (group !== 0) {
        if (!igmpOf(this.stack).joinGroup(group)) {
          this.closeOther(number);
          return group >>> 28 === 14 ? SocketError.maxSock : SocketError.badArgument;
        }
        this.open[this.open.length - 1].group = group;
      }
      this.pump.run();
      return number;
    } catch (error) {
      return ('' + error).indexOf('taken') < 0 ? SocketError.maxSock : SocketError.busy;
    }
  }

  /** A connection to `port` of a host by its name. Returns its number, or a `SocketError`. */
  createNamed(name: string, port: number, servers: Int32Array): number {
    'cold';
    try {
      const request = resolverOf(this.stack, servers).lookUp(name, this);
      if (request < 0) return SocketError.maxSock;
      const number = this.addOther(port, null);
      this.open[this.open.length - 1].request = request;
      this.pump.run();
      return number;
    } catch (error) {
      return SocketError.notFound;
    }
  }

  resolved(request: number, address: number, resolution: Resolution): void {
    for (let at = 0; at < this.open.length; at++) {
      const other = this.open[at];
      if (other.request === request) {
        other.request = -1;
        other.socket = resolution === Resolution.found ? this.connector.connectTo(address, other.port) : SocketError.notFound;
      }
    }
  }

  closeOther(s: number): void {
    'cold';
    const at = this.findOther(s);
    if (at < 0) return;
    const other = this.open[at];
    if (other.group !== 0) igmpOf(this.stack).leaveGroup(other.group);
    if (other.queue !== null) udpOf(this.stack).closePort(other.port);
    else if (other.request >= 0) resolver!.cancel(other.request);
    else if (other.socket > 0) this.connector.close(other.socket);
    this.open.splice(at, 1);
    this.pump.serve();
  }

  /** The next datagram with its head, or data, "" when there is none. */
  receiveOther(s: number, length: number): string | number {
    const at = this.findOther(s);
    if (at < 0) return SocketError.closed;
    const socket = this.open[at].socket;
    const queue = this.open[at].queue;
    if (queue !== null) return queue.used === 0 ? '' : bytesToString(this.buffer, 0, queue.takeNext(this.buffer));
    if (socket > 0) return this.connector.recv(socket, length);
    return socket === 0 ? SocketError.noConnection : socket;
  }

  /** Sends the first datagram of `data`, which has a head, or data. Returns the octets taken, or a `SocketError`. */
  sendOther(s: number, data: string): number {
    const at = this.findOther(s);
    if (at < 0) return SocketError.closed;
    if (this.open[at].queue !== null) return this.sendDatagram(this.open[at].port, stringToBytes(data));
    const socket = this.open[at].socket;
    return socket > 0 ? this.connector.send(socket, data) : socket;
  }

  private sendDatagram(port: number, bytes: Uint8Array): number {
    'cold';
    const length = bytes[Head.length] | (bytes[Head.length + 1] << 8);
    const remotePort = bytes[Head.port] | (bytes[Head.port + 1] << 8);
    if (bytes.length < Head.end + length || length > this.stack.link.frame.length - UDP_DATA) return SocketError.badArgument;
    const sent = udpOf(this.stack).sendBytes(port, get32(bytes, Head.address), remotePort, bytes, Head.end, length, DEFAULT_SERVICE);
    this.pump.serve();
    if (sent === Sent.busy) return 0;
    return sent === Sent.yes ? Head.end + length : SocketError.noRoute;
  }

  private addOther(port: number, queue: DatagramQueue | null): number {
    'cold';
    const number = FIRST_OTHER + made++;
    this.open.push({ number, port, queue, group: 0, request: -1, socket: 0 });
    return number;
  }

  private findOther(s: number): number {
    for (let at = 0; at < this.open.length; at++) if (this.open[at].number === s) return at;
    return -1;
  }
}
