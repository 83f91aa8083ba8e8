import { randomBytes } from 'node:crypto';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LocalhostLan } from '../../../boards/virtual/lan-localhost';
import { nodePlatform } from '../../../boards/virtual/node-platform';
import { RealTime } from '../../../hal/desktop/real-time';
import { VirtualClock } from '../../../hal/mock/clock';
import { Wire } from '../../../hal/mock/wire';
import { WirePort } from '../../../hal/mock/wire-port';
import { type Connection, type ConnectionHandler, Stack, parseAddress } from '../../../src/index';
import { State } from '../../../src/tcp/states';
import { SIZES } from '../../src/lan';

const boardAddress = parseAddress('10.77.0.2');
const netmask = parseAddress('255.255.255.0');

/** A board that echoes, with what it was told; `onOpened` may do something else first. */
class EchoBoard implements ConnectionHandler {
  heard: string[] = [];
  /** Reads without an answer. */
  deaf = false;
  onOpened?: (connection: Connection) => void;
  onEnded: (connection: Connection) => void = (connection) => connection.end();
  private readonly buffer = new Uint8Array(1000);
  opened(connection: Connection): void {
    this.heard.push('opened');
    this.onOpened?.(connection);
  }
  readable(connection: Connection): void {
    if (this.deaf) connection.read(this.buffer, 0, this.buffer.length);
    while (connection.available > 0 && connection.room > 0) {
      const length = connection.read(this.buffer, 0, Math.min(connection.room, this.buffer.length));
      connection.write(this.buffer, 0, length);
    }
  }
  // Asks for `writable` by filling the buffer.
  writable(connection: Connection): void { this.readable(connection); }
  ended(connection: Connection): void {
    this.heard.push('ended');
    this.onEnded(connection);
  }
  closed(_: Connection, reason: number): void { this.heard.push(`closed ${reason}`); }
}

describe('ports of this machine', () => {
  let realTime: RealTime;
  let lan: LocalhostLan;
  let board: EchoBoard;
  let stack: Stack;
  let boardStopped = false;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    const clock = new VirtualClock();
    const wire = new Wire(clock, { bitsPerSecond: 100e6 });
    realTime = new RealTime(clock);
    const port = new WirePort(wire, { name: 'board', address: Uint8Array.of(2, 0, 0, 0, 0, 9) });
    port.open();
    stack = new Stack(port, nodePlatform, {
      ...SIZES, address: boardAddress, netmask, gateway: 0, connections: 40, receiveBuffer: 4000, sendBuffer: 4000, mss: 1460, msl: 10,
    });
    board = new EchoBoard();
    stack.listen(7, board);
    boardStopped = false;
    const poll = (): void => {
      if (boardStopped) return;
      stack.poll(clock.milliseconds);
      clock.after(200, poll);
    };
    poll();
    lan = new LocalhostLan({
      wire, realTime, address: parseAddress('10.77.0.1'), boardAddress, netmask, forwards: [{ host: 0, board: 7 }, { host: 0, board: 99 }],
    });
    await lan.open();
    realTime.start();
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    boardStopped = true;
    await lan.close();
    realTime.stop();
  });

  function dial(forward = 0): Socket {
    const socket = connect({ port: lan.forwards[forward]!.host, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined);
    sockets.push(socket);
    return socket;
  }

  /** Everything that the socket says until it ends. */
  function all(socket: Socket): Promise<Buffer> {
    const pieces: Buffer[] = [];
    return new Promise((resolve, reject) => {
      socket.on('data', (piece) => pieces.push(piece));
      socket.on('end', () => resolve(Buffer.concat(pieces)));
      socket.on('error', reject);
    });
  }

  async function until(condition: () => boolean): Promise<void> {
    for (let left = 400; left > 0 && !condition(); left--) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(condition()).toBe(true);
  }

  test('wait for the acknowledgment of their end when both sides have closed', async () => {
    board.onOpened = (connection) => connection.end();
    const socket = dial();
    await all(socket);
    boardStopped = true;
    socket.end();
    await new Promise((resolve) => socket.once('close', resolve));
    await until(() => lan.stack.tcp.connections.some(({ state }) => state === State.LAST_ACK));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(lan.stack.tcp.connections.filter(({ state }) => state !== State.CLOSED).map(({ state }) => state)).toEqual([State.LAST_ACK]);
  });

  test('carry octets both ways, and the end from the host', async () => {
    const socket = dial();
    const answer = all(socket);
    socket.end('hello');
    expect((await answer).toString()).toBe('hello');
    await until(() => board.heard.length === 3);
    expect(board.heard).toEqual(['opened', 'ended', 'closed 0']);
  });

  test('carry the end from the board first, and data after it', async () => {
    board.onOpened = (connection) => {
      connection.write(Buffer.from('bye'), 0, 3);
      connection.end();
    };
    board.onEnded = () => undefined;
    board.deaf = true;
    const socket = dial();
    expect((await all(socket)).toString()).toBe('bye');
    socket.end('still talking');
    await until(() => board.heard.includes('closed 0'));
  });

  test('carry more than any buffer holds', async () => {
    const data = randomBytes(300_000);
    const socket = dial();
    const answer = all(socket);
    socket.end(data);
    expect((await answer).equals(data)).toBe(true);
  }, 20000);

  test('hold the board back while the host does not read', async () => {
    const data = randomBytes(500_000);
    const socket = dial();
    socket.pause();
    socket.end(data);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const answer = all(socket);
    socket.resume();
    expect((await answer).equals(data)).toBe(true);
  }, 20000);

  test('are reset when the board refuses or resets', async () => {
    await expect(all(dial(1))).rejects.toMatchObject({ code: 'ECONNRESET' });
    board.onOpened = (connection) => connection.abort();
    await expect(all(dial())).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('reset the board when the host resets', async () => {
    const socket = dial();
    socket.write('x');
    await until(() => board.heard.includes('opened'));
    socket.resetAndDestroy();
    await until(() => board.heard.includes('closed 1'));
  });

  test('serve forty connections at once, some of which wait', async () => {
    const answers = Array.from({ length: 40 }, (_, number) => {
      const socket = dial();
      const answer = all(socket);
      socket.end(`number ${number}`);
      return answer;
    });
    const texts = (await Promise.all(answers)).map(String);
    expect(texts).toEqual(texts.map((_, number) => `number ${number}`));
  }, 30000);

  test('say what is wrong when one is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const clock = new VirtualClock();
    const second = new LocalhostLan({
      wire: new Wire(clock), realTime: new RealTime(clock), address: (boardAddress & netmask) | 1, boardAddress, netmask,
      forwards: [{ host: port, board: 80 }],
    });
    await expect(second.open()).rejects.toThrow(
      `Port ${port} of this machine is in use: close what listens there, or choose another port in \`--forward ${port}:80\`.`,
    );
    await second.close();
    server.close();
  });
});
