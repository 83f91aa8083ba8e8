import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import type { RealTime } from '../../hal/desktop/real-time';
import type { ClockEvent } from '../../hal/mock/clock';
import type { Wire } from '../../hal/mock/wire';
import { WirePort } from '../../hal/mock/wire-port';
import { Stack } from '../../src/stack';
import { Bridge } from './bridge';
import type { Lan } from './lan';
import { nodePlatform } from './node-platform';
import { commandFor } from './served';

/** A port of this machine that leads to one of the board. Host port 0 takes any free one. */
export interface Forward {
  host: number;
  board: number;
}

export interface LocalhostOptions {
  wire: Wire;
  realTime: RealTime;
  /** Our IPv4 address and the board's, and the mask of their network, as signed 32-bit integers. */
  address: number;
  boardAddress: number;
  netmask: number;
  forwards: readonly Forward[];
}

/** Connections to the board at once; more of them wait. */
const connections = 32;

/** Microseconds until a stack that wants to be polled at once is polled again: a busy wire takes that long. */
const shortestPause = 50;

/**
 * The LAN that needs no rights: a second stack on the board's wire, and ports of 127.0.0.1 that lead through it to the
 * board.
 */
export class LocalhostLan implements Lan {
  readonly name = 'localhost';
  /** The forwards with the ports that they got. */
  readonly forwards: Forward[] = [];
  readonly stack: Stack;

  private readonly port: WirePort;
  private readonly servers: Server[] = [];
  private readonly bridges = new Map<Bridge, Socket>();
  private readonly queue: { bridge: Bridge; port: number }[] = [];
  private event: ClockEvent | undefined;
  private closed = false;

  constructor(private readonly options: LocalhostOptions) {
    const { wire, address, netmask } = options;
    this.port = new WirePort(wire, { name: 'desktop', address: Uint8Array.of(0x02, 0, 0, 0, 0, 0x01) });
    this.port.open();
    this.stack = new Stack(this.port, nodePlatform, {
      address, netmask, gateway: 0,
      connections, listeners: 1, receiveBuffer: 32768, sendBuffer: 32768, mss: 1460,
      timeWait: 256, msl: 2000, neighbours: 4, pendingPacket: 1500, reassembly: 0,
      windowScale: false, timestamps: false, sack: true, cubic: false, synCookies: false, sourceRoute: false, redirects: false,
      datagrams: false, dhcp: false, mdns: false, sntp: false,
    });
    this.port.onReadable = () => this.pollIn(0);
    this.pollIn(0);
  }

  /** @throws Error with a sentence when a port cannot be had */
  async open(): Promise<void> {
    for (const forward of this.options.forwards) {
      const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => this.accept(socket, forward.board));
      this.servers.push(server);
      await new Promise<void>((resolve, reject) => {
        server.once('error', (error: NodeJS.ErrnoException) => reject(new Error(whyNotListening(forward, error))));
        server.listen(forward.host, '127.0.0.1', resolve);
      });
      this.forwards.push({ host: (server.address() as AddressInfo).port, board: forward.board });
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const socket of this.bridges.values()) socket.destroy();
    await Promise.all(this.servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
    if (this.event !== undefined) this.options.wire.clock.cancel(this.event);
    this.port.close();
  }

  lines(): string[] {
    return this.forwards.map(({ host, board }) => commandFor('localhost', host, board));
  }

  private accept(socket: Socket, port: number): void {
    const bridge: Bridge = new Bridge(socket, (action) => this.enter(action), () => {
      this.bridges.delete(bridge);
      this.connectWaiting();
    });
    this.bridges.set(bridge, socket);
    this.queue.push({ bridge, port });
    this.enter(() => this.connectWaiting());
  }

  /** Opens connections for the sockets that wait, in the order in which they came, while there are slots. */
  private connectWaiting(): void {
    const { boardAddress } = this.options;
    while (this.queue.length > 0) {
      const { bridge, port } = this.queue[0]!;
      const gone = !this.bridges.has(bridge);
      if (!gone && !bridge.connect((handler) => this.stack.connect(boardAddress, port, handler))) return;
      this.queue.shift();
    }
  }

  /** Runs what comes from outside, and has the stack polled after it. */
  private enter(action: () => void): void {
    if (this.closed) return;
    this.options.realTime.kick(() => {
      action();
      this.pollIn(0);
    });
  }

  /** Has the stack polled within `delay` microseconds. */
  private pollIn(delay: number): void {
    const { clock } = this.options.wire;
    if (this.closed || (this.event !== undefined && this.event.due <= clock.now + delay)) return;
    if (this.event !== undefined) clock.cancel(this.event);
    this.event = clock.after(delay, () => {
      this.event = undefined;
      const wait = this.stack.poll(clock.milliseconds);
      this.connectWaiting();
      this.pollIn(Math.max(wait * 1000, shortestPause));
    });
  }
}

function whyNotListening(forward: Forward, error: NodeJS.ErrnoException): string {
  const option = `--forward ${forward.host}:${forward.board}`;
  if (error.code === 'EADDRINUSE') {
    return `Port ${forward.host} of this machine is in use: close what listens there, or choose another port in \`${option}\`.`;
  }
  if (error.code === 'EACCES') {
    return `Port ${forward.host} of this machine needs rights that we do not have: choose one above 1023 in \`${option}\`.`;
  }
  return `Port ${forward.host} of this machine cannot be opened for \`${option}\`: ${error.message}.`;
}
