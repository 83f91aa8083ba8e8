import { bytesToString } from '../../hal/espruino';
import { DATAGRAMS } from '../../src/features';
import { parseAddress } from '../../src/ip/address';
import type { Stack } from '../../src/stack';
import type { Connection } from '../../src/tcp/connection';
import { CloseReason } from '../../src/tcp/errors';
import { State } from '../../src/tcp/states';
import { KeepAlive } from '../keep-alive';
import { Backlog } from './backlog';
import { FIRST_OTHER, OtherSockets } from './other-sockets';
import type { Pump } from './pump';
import { HalfClosed } from './half-closed';
import { FIRST_SERVER, Servers } from './servers';
import { SocketError, errorOf } from './socket-errors';
import { type SocketEvents, SocketHandler } from './socket-handler';
import { NOBODY, NONE, NOTHING, Phase, READING_TIME, SocketType, countOpen, unusedNumber } from './socket-phases';

/**
 * The five functions that Espruino's `NetworkJS` asks of a network device, over a stack. A connection's socket number
 * names a slot, modulo the count of slots, and how often it was used; servers have numbers above, and all others above
 * those: a number is not used again for as long as Espruino may still hold it.
 */
export class Sockets implements SocketEvents {
  private readonly handler = new SocketHandler(this);
  private readonly servers: Servers;
  private readonly phase: Uint8Array;
  readonly number: Int32Array;
  private readonly reason: Uint8Array;
  private readonly half: HalfClosed;
  /** Espruino holds data that there was no room for. */
  private readonly blocked: Uint8Array;
  private readonly backlog: Backlog;
  /** Made when the first of them is. */
  others: OtherSockets | null = null;
  /** Name servers, 0 for none: signed 32-bit integers. */
  readonly dns = new Int32Array(2);
  private readonly slots: number;
  private readonly connections: readonly Connection[];
  /** Octets of a receive ring. */
  private readonly size: number;
  /** Text that was taken as it came, and the socket that it is for. */
  private held = '';
  private holder: number = NONE;
  /** Octets that Espruino reads at a time. */
  private piece = 0;
  /** By slot: something has happened that Espruino has not asked about to the end. How many there are. */
  private readonly untold: Uint8Array;
  private pending = 0;

  constructor(private readonly stack: Stack, private readonly pump: Pump) {
    const tcp = stack.tcp;
    this.slots = tcp.connections.length;
    tcp.readingTime = READING_TIME;
    this.backlog = new Backlog(tcp);
    this.servers = new Servers(stack);
    this.phase = new Uint8Array(this.slots);
    this.number = new Int32Array(this.slots);
    this.reason = new Uint8Array(this.slots);
    this.half = new HalfClosed(this.slots);
    this.blocked = new Uint8Array(this.slots);
    this.untold = new Uint8Array(this.slots);
    this.connections = tcp.connections;
    this.size = this.connections[0].receiveRing.length;
    for (let slot = 0; slot < this.slots; slot++) this.number[slot] = unusedNumber(slot, this.slots);
  }

  /** Without a host, a server that listens on `port`; with one, a connection to it. Negative: a `SocketError`. */
  create(host: string | undefined, port: number, type: number, options?: { multicastGroup?: string }): number {
    const udp = (type & SocketType.mask) === SocketType.udp;
    if (DATAGRAMS && udp) return this.otherSockets().createDatagram(host === undefined ? port : 0, options);
    if (udp) return SocketError.badArgument;
    return host === undefined ? this.servers.openServer(port, type, this.handler) : this.createClient(host, port);
  }

  private otherSockets(): OtherSockets {
    'cold';
    if (this.pending === 0) delete (this as any).recv;
    if (this.others === null) this.others = new OtherSockets(this.stack, this, this.pump, this.size);
    return this.others;
  }

  private createClient(host: string, port: number): number {
    'cold';
    let address = 0;
    try {
      address = parseAddress(host);
    } catch (error) {
      return DATAGRAMS ? this.otherSockets().createNamed(host, port, this.dns) : SocketError.notFound;
    }
    const s = this.connectTo(address, port);
    this.pump.run();
    return s;
  }

  /** A connection to an address. Returns its socket, or a `SocketError`. */
  connectTo(address: number, port: number): number {
    'cold';
    // There is no way to ourselves: loopback never reaches the wire.
    if (address >>> 24 === 127) return SocketError.noRoute;
    try {
      const c = this.stack.connect(address, port, this.handler);
      if (c === null) return SocketError.maxSock;
      this.use(c, Phase.open);
      return this.number[c.slot];
    } catch (error) {
      return SocketError.badArgument;
    }
  }

  close(s: number): void {
    if (DATAGRAMS && s >= FIRST_OTHER && this.others !== null) this.others.closeOther(s);
    if (s >= FIRST_SERVER) return this.closeServer(s - this.servers.base);
    const slot = s % this.slots;
    if (this.holder === s) this.takeHeld();
    if (this.number[slot] !== s) return;
    // A dead connection's slot may serve another one by now; an open one's only after its `closed`.
    if (this.phase[slot] === Phase.open) this.connections[slot].drain();
    this.phase[slot] = Phase.free;
    this.told(slot);
    this.pump.serve();
  }

  private closeServer(at: number): void {
    'cold';
    const server = this.servers.listeners[at];
    // It may be a server of a device before, or something other than a server.
    if (!server) return;
    this.backlog.abort(server);
    server.close();
    this.servers.listeners[at] = null;
    this.pump.serve();
  }

  /** The socket of the next connection to a server, or -1. */
  accept(s: number): number {
    const c = this.backlog.next(this.servers.listeners[s - this.servers.base]);
    if (this.stack.tcp.waiting >= 0) this.pump.serve();
    if (c === null && this.backlog.isEmpty()) (this as any).accept = NOBODY;
    if (c === null) return -1;
    this.phase[c.slot] = Phase.open;
    this.wake(c.slot);
    return this.number[c.slot];
  }

  /**
   * What has arrived, at most `length` octets: "" for nothing yet, a `SocketError` when nothing more will. While a socket's
   * own data finds no room, it is given none: Espruino would queue the answers to it without a limit.
   */
  recv(s: number, length: number): string | number {
    return s === this.holder ? this.takeHeld() : this.look(s, length);
  }

  private takeHeld(): string {
    const text = this.held;
    this.held = '';
    this.holder = NONE;
    return text;
  }

  /** Text becomes a string as it arrives, for `recv` to return, and passes the ring by. One socket's only, to save memory. */
  accepts(c: Connection, bytes: Uint8Array, offset: number, length: number): boolean {
    const slot = c.slot;
    if (this.holder >= 0 || this.phase[slot] !== Phase.open || this.blocked[slot] === 1 || length > this.piece) return false;
    this.held = bytesToString(bytes, offset, offset + length);
    this.holder = this.number[slot];
    this.wake(slot);
    return true;
  }

  private look(s: number, length: number): string | number {
    'cold';
    this.piece = length;
    if (DATAGRAMS && s >= FIRST_OTHER && this.others !== null) return this.others.receiveOther(s, length);
    const slot = s % this.slots;
    if (this.number[slot] !== s) return SocketError.closed;
    if (this.phase[slot] !== Phase.open) {
      // Once is enough: Espruino closes the socket then, but for some of its HTTP server's, which it never closes.
      this.told(slot);
      return errorOf(this.reason[slot]);
    }
    const c = this.connections[slot];
    if (c.available > 0 && this.blocked[slot] === 0) return this.take(c, length);
    if (c.state !== State.ESTABLISHED && this.blocked[slot] === 0) return this.receiveNothing(c);
    this.told(slot);
    return '';
  }

  /** Espruino knows all there is to know of a connection. When it knows that of all of them, `recv` need not look. */
  private told(slot: number): void {
    'cold';
    if (this.untold[slot] === 0) return;
    this.untold[slot] = 0;
    if (--this.pending === 0 && this.others === null) (this as any).recv = NOTHING;
  }

  /** What `recv` tells of a connection that is not, or not any more, one for both ways. */
  private receiveNothing(c: Connection): string | number {
    'cold';
    const slot = c.slot;
    if (c.state === State.SYN_SENT) return SocketError.noConnection;
    if (!c.finReceived) return '';
    // The peer has closed its side. Espruino takes -1 for the end of both, so it waits until ours has said all.
    const half = this.half;
    if (half.sent[slot] !== 0 || c.sendQueued !== 0) {
      half.sent[slot] = 0;
      half.told[slot] = 0;
      return '';
    }
    if (half.tells(slot, this.stack.tcp.alarm.now)) {
      this.phase[slot] = Phase.over;
      this.reason[slot] = CloseReason.normal;
      c.drain();
      this.pump.serve();
    }
    return SocketError.closed;
  }

  /** What stands together in the receive ring, without another copy of it. */
  private take(c: Connection, length: number): string {
    'cold';
    const start = c.receiveStart;
    let end = start + (c.available < length ? c.available : length);
    if (end > this.size) end = this.size;
    const text = bytesToString(c.receiveRing, start, end);
    c.skip(end - start);
    if (this.stack.tcp.waiting >= 0) this.pump.serve();
    return text;
  }

  /** Takes octets to send. Returns how many: 0 when there is no room yet, a `SocketError` when there is no peer. */
  send(s: number, data: string): number {
    if (DATAGRAMS && s >= FIRST_OTHER && this.others !== null) return this.others.sendOther(s, data);
    const slot = s % this.slots;
    if (this.number[slot] !== s) return SocketError.closed;
    if (this.phase[slot] !== Phase.open) return errorOf(this.reason[slot]);
    this.half.sent[slot] = 1;
    const c = this.connections[slot];
    if (c.state === State.SYN_SENT) return 0;
    const length = data.length;
    const taken = this.pump.send(c, data, length);
    if (this.blocked[slot] === 1) this.wake(slot);
    this.blocked[slot] = taken < length ? 1 : 0;
    return taken;
  }

  /** Something has happened that `recv` has to look at, if Espruino knows the connection. */
  wake(slot: number): void {
    if (this.untold[slot] === 1 || this.phase[slot] < Phase.open) return;
    if (this.pending++ === 0) delete (this as any).recv;
    this.untold[slot] = 1;
  }

  /** A peer has opened a connection. */
  arrived(c: Connection): void {
    'cold';
    const type = this.servers.typeOf(c.listener);
    delete (this as any).accept;
    this.use(c, Phase.waiting);
    this.backlog.add(c, (type & SocketType.mask) === SocketType.http);
  }

  /** A connection has ended, and all it had received was read. */
  over(c: Connection, reason: CloseReason): void {
    'cold';
    const slot = c.slot;
    if (this.phase[slot] === Phase.waiting) {
      this.backlog.remove(c);
      this.phase[slot] = Phase.free;
      this.told(slot);
    } else if (this.phase[slot] === Phase.open) {
      this.phase[slot] = Phase.over;
      this.reason[slot] = reason;
      this.wake(slot);
    }
  }

  /** Ends all connections; their peers are told. */
  abortAll(): void {
    'cold';
    for (let slot = 0; slot < this.slots; slot++) if (this.connections[slot].state !== State.CLOSED) this.connections[slot].abort();
    this.pump.takeLeave();
  }

  /** The number of open connections: what a status page shows. */
  get open(): number {
    return countOpen(this.phase);
  }

  private use(c: Connection, phase: Phase): void {
    'cold';
    const slot = c.slot;
    c.keepAlive(true, KeepAlive.idle, KeepAlive.interval, KeepAlive.probes);
    this.phase[slot] = phase;
    this.half.sent[slot] = 0;
    this.half.told[slot] = 0;
    this.blocked[slot] = 0;
    this.number[slot] += this.slots;
    this.wake(slot);
  }
}
