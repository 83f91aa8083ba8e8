// For boards whose firmware has no `net`: `require("net")` and `require("http")` give ours, over the stack's own calls.
import { bytesToString, stringToBytes } from '../../hal/espruino';
import type { Stack } from '../../src/stack';
import { State } from '../../src/tcp/states';
import { createServer as createHttpServer } from '../http';
import { connect, createServer, openSockets, useNet } from '../net';
import type { Pump } from './pump';

/** What `Ethernet` asks of the sockets, as `device.ts` has it. */
export class Sockets {
  /** Name servers, 0 for none: signed 32-bit integers. */
  readonly dns = new Int32Array(2);
  constructor(
    private readonly stack: Stack,
    private readonly pump: Pump,
  ) {}

  /** The number of open sockets. */
  get open(): number {
    return openSockets();
  }

  /** Ends all connections; their peers are told. */
  abortAll(): void {
    'cold';
    const connections = this.stack.tcp.connections;
    for (let slot = 0; slot < connections.length; slot++) {
      if (connections[slot].state !== State.CLOSED) connections[slot].abort();
    }
    this.pump.takeLeave();
  }

  /** Gives `net` its stack, and both names their modules. */
  attachNet(): void {
    'cold';
    useNet({
      stack: this.stack,
      wake: () => this.pump.soon(),
      text: (bytes, length) => bytesToString(bytes, 0, length),
      octets: stringToBytes,
    });
    Modules.addCached('net', '');
    Modules.addCached('http', '');
    const modules = [require('net'), require('http')];
    modules[0].createServer = createServer;
    modules[0].connect = connect;
    modules[1].createServer = createHttpServer;
  }
}

/** Makes ours what `require` finds. */
export function attach(sockets: Sockets): void {
  sockets.attachNet();
}

/** Whoever asks for a socket is told to connect the chip first. */
export function detach(_sockets: Sockets): void {
  'cold';
  useNet(null);
}
