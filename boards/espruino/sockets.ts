import { bytesToString, stringToBytes } from '../../hal/espruino';
import { parseAddress } from '../../src/ip/address';
import type { Stack } from '../../src/stack';
import type { Connection, ConnectionHandler } from '../../src/tcp/connection';
import { CloseReason } from '../../src/tcp/errors';
import type { Listener } from '../../src/tcp/listener';
import { State } from '../../src/tcp/states';
import { distance } from '../../src/wire/sequence';
import { Backlog } from './backlog';
import type { Pump } from './pump';
import { ERRORS, SocketError } from './socket-errors';

/** The type that Espruino gives with each call: HTTP or not in the lowest two bits. */
const enum SocketType {
  http = 1,
  udp = 2,
  mask = 3,
}

/** Milliseconds that a peer which has closed its side waits for an answer at most. */
const ANSWER_TIME = 30000;

/**
 * Keep-alive of every socket: an idle peer is asked after two minutes, every 15 seconds, four times. Espruino's sockets
 * have no such switch, and without it a peer that has vanished would hold one of a few slots for ever.
 */
const enum KeepAlive {
  idle = 120000, // milliseconds
  interval = 15000, // milliseconds
  probes = 4,
}

/** How far a connection's socket has got. */
const enum Phase {
  free = 0,
  /** Opened by a peer, not accepted by Espruino yet. */
  waiting = 1,
  open = 2,
  /** Over; `reason` says why. Espruino has not closed the socket yet. */
  over = 3,
}

/** `listener.handler` of every server, and the handler of every connection: tables by slot, nothing made on the way. */
class SocketHandler implements ConnectionHandler {
  constructor(private readonly sockets: Sockets) {}

  opened(c: Connection): void {
    if (c.listener !== null) this.sockets.arrived(c);
  }

  readable(): void {}

  writable(): void {}

  ended(): void {}

  closed(c: Connection, reason: CloseReason): void {
    this.sockets.over(c, reason);
  }
}

/**
 * The five functions that Espruino's `NetworkJS` asks of a network device, over a stack. Socket numbers below the count
 * of listeners are servers; the others name a slot and, in steps of the count of slots, how often it was used: a
 * number is not used again for as long as Espruino may still hold it.
 */
export class Sockets {
  private readonly handler = new SocketHandler(this);
  private readonly servers: (Listener | null)[] = [];
  private readonly serverTypes: Uint8Array;
  private readonly phase: Uint8Array;
  private readonly number: Int32Array;
  private readonly reason: Uint8Array;
  /** Espruino has sent since it received last: it may have more for a peer that has closed its side. */
  private readonly sent: Uint8Array;
  /** Espruino has been told that the peer has closed, and when. */
  private readonly told: Uint8Array;
  private readonly toldAt: Int32Array;
  /** Espruino holds data that there was no room for. */
  private readonly blocked: Uint8Array;
  private readonly backlog: Backlog;
  private readonly slots: number;
  private readonly buffer: Uint8Array;

  constructor(
    private readonly stack: Stack,
    private readonly pump: Pump,
  ) {
    const tcp = stack.tcp;
    this.slots = tcp.connections.length;
    this.backlog = new Backlog(tcp);
    for (let at = 0; at < tcp.listeners.length; at++) this.servers.push(null);
    this.serverTypes = new Uint8Array(this.servers.length);
    this.phase = new Uint8Array(this.slots);
    this.number = new Int32Array(this.slots);
    this.reason = new Uint8Array(this.slots);
    this.sent = new Uint8Array(this.slots);
    this.told = new Uint8Array(this.slots);
    this.toldAt = new Int32Array(this.slots);
    this.blocked = new Uint8Array(this.slots);
    for (let slot = 0; slot < this.slots; slot++) this.number[slot] = this.servers.length + slot;
    this.buffer = new Uint8Array(tcp.connections[0].receiveRing.length);
  }

  /** Without a host, a server that listens on `port`; with one, a connection to it. Negative: a `SocketError`. */
  create(host: string | undefined, port: number, type: number): number {
    if ((type & SocketType.mask) === SocketType.udp) return SocketError.badArgument;
    return host === undefined ? this.createServer(port, type) : this.createClient(host, port);
  }

  private createServer(port: number, type: number): number {
    let at = 0;
    while (at < this.servers.length && this.servers[at] !== null) at++;
    if (at === this.servers.length) return SocketError.maxSock;
    try {
      this.servers[at] = this.stack.listen(port, this.handler);
    } catch (error) {
      return SocketError.busy;
    }
    this.serverTypes[at] = type;
    return at;
  }

  private createClient(host: string, port: number): number {
    'cold';
    let address = 0;
    try {
      address = parseAddress(host);
    } catch (error) {
      return SocketError.notFound;
    }
    // There is no way to ourselves: loopback never reaches the wire.
    if (address >>> 24 === 127) return SocketError.noRoute;
    let c = null;
    try {
      c = this.stack.connect(address, port, this.handler);
    } catch (error) {
      return SocketError.badArgument;
    }
    if (c === null) return SocketError.maxSock;
    this.use(c, Phase.open);
    this.pump.run();
    return this.number[c.slot];
  }

  close(s: number): void {
    if (s < this.servers.length) {
      this.closeServer(s);
      return;
    }
    const slot = this.slot(s);
    if (slot < 0) return;
    // A dead connection's slot may serve another one by now; an open one's only after its `closed`.
    if (this.phase[slot] === Phase.open) this.stack.tcp.connections[slot].close();
    this.phase[slot] = Phase.free;
    this.pump.run();
  }

  private closeServer(s: number): void {
    'cold';
    const server = this.servers[s];
    if (server === null) return;
    this.backlog.abort(server);
    server.close();
    this.servers[s] = null;
    this.pump.run();
  }

  /** The socket of the next connection to a server, or -1. */
  accept(s: number): number {
    const c = this.backlog.next(this.servers[s]);
    if (this.stack.tcp.busy) this.pump.run();
    if (c === null) return -1;
    this.phase[c.slot] = Phase.open;
    return this.number[c.slot];
  }

  /**
   * What has arrived, at most `length` octets: "" for nothing yet, a `SocketError` when nothing more will. While a
   * socket's own data finds no room, it is given none: Espruino would queue the answers to it without a limit.
   */
  recv(s: number, length: number): string | number {
    const slot = this.slot(s);
    if (slot < 0) return SocketError.closed;
    if (this.phase[slot] !== Phase.open) return ERRORS[this.reason[slot]];
    const c = this.stack.tcp.connections[slot];
    if (this.blocked[slot] === 1) return '';
    if (c.available > 0) return this.take(c, length);
    if (c.state === State.SYN_SENT) return SocketError.noConnection;
    if (!c.finReceived) return '';
    // The peer has closed its side. Espruino takes -1 for the end of both, so it waits until ours has said all.
    if (this.sent[slot] === 0 && c.sendQueued === 0) return this.tell(c);
    this.sent[slot] = 0;
    this.told[slot] = 0;
    return '';
  }

  /**
   * Espruino is told that the peer has closed, and closes the socket. Only its HTTP server does not: it waits for its
   * own answer, or, when the request was cut short, for ever.
   */
  private tell(c: Connection): number {
    'cold';
    const slot = c.slot;
    const now = this.stack.tcp.now;
    if (this.told[slot] === 0) {
      this.told[slot] = 1;
      this.toldAt[slot] = now;
    } else if (distance(this.toldAt[slot], now) >= ANSWER_TIME) {
      this.phase[slot] = Phase.over;
      this.reason[slot] = CloseReason.normal;
      c.close();
      this.pump.run();
    }
    return SocketError.closed;
  }

  private take(c: Connection, length: number): string {
    const count = c.read(this.buffer, 0, length < this.buffer.length ? length : this.buffer.length);
    if (this.stack.tcp.busy) this.pump.run();
    return bytesToString(this.buffer, count);
  }

  /** Takes octets to send. Returns how many: 0 when there is no room yet, a `SocketError` when there is no peer. */
  send(s: number, data: string): number {
    const slot = this.slot(s);
    if (slot < 0) return SocketError.closed;
    if (this.phase[slot] !== Phase.open) return ERRORS[this.reason[slot]];
    this.sent[slot] = 1;
    const c = this.stack.tcp.connections[slot];
    if (c.state === State.SYN_SENT) return 0;
    const taken = c.room === 0 ? 0 : c.write(stringToBytes(data), 0, data.length);
    this.blocked[slot] = taken < data.length ? 1 : 0;
    if (taken > 0) this.pump.run();
    return taken;
  }

  /** A peer has opened a connection. */
  arrived(c: Connection): void {
    const type = this.serverTypes[this.servers.indexOf(c.listener)];
    this.use(c, Phase.waiting);
    this.backlog.add(c, (type & SocketType.mask) === SocketType.http);
  }

  /** A connection has ended, and all it had received was read. */
  over(c: Connection, reason: CloseReason): void {
    const slot = c.slot;
    if (this.phase[slot] === Phase.waiting) {
      this.backlog.remove(c);
      this.phase[slot] = Phase.free;
    } else if (this.phase[slot] === Phase.open) {
      this.phase[slot] = Phase.over;
      this.reason[slot] = reason;
    }
  }

  /** Ends all connections; their peers are told. */
  abortAll(): void {
    for (let slot = 0; slot < this.slots; slot++) {
      const c = this.stack.tcp.connections[slot];
      if (c.state !== State.CLOSED) c.abort();
    }
    this.pump.run();
  }

  /** The number of open connections: what a status page shows. */
  get open(): number {
    let count = 0;
    for (let slot = 0; slot < this.slots; slot++) if (this.phase[slot] === Phase.open) count++;
    return count;
  }

  private use(c: Connection, phase: Phase): void {
    const slot = c.slot;
    c.setKeepAlive(true, KeepAlive.idle, KeepAlive.interval, KeepAlive.probes);
    this.phase[slot] = phase;
    this.sent[slot] = 0;
    this.told[slot] = 0;
    this.blocked[slot] = 0;
    this.number[slot] += this.slots;
  }

  /** The slot that a number names now, or -1. */
  private slot(s: number): number {
    const slot = (s - this.servers.length) % this.slots;
    return s >= this.servers.length && this.number[slot] === s ? slot : -1;
  }
}
