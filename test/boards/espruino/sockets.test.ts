import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nodePlatform } from '../../../boards/virtual/node-platform';
import type { Platform } from '../../../hal/hal';
import { VirtualClock } from '../../../hal/mock/clock';
import { Wire } from '../../../hal/mock/wire';
import { WirePort } from '../../../hal/mock/wire-port';
import { type Connection, type ConnectionHandler, Stack, parseAddress } from '../../../src/index';
import { SIZES } from '../../src/lan';
import { State } from '../../../src/tcp/states';

/** The class under test, which is written for Espruino's globals and checked with its types. */
interface Sockets {
  readonly open: number;
  create(host: string | undefined, port: number, type: number): number;
  accept(socket: number): number;
  recv(socket: number, length: number): string | number;
  send(socket: number, data: string): number;
  close(socket: number): void;
}
type MakeSockets = new (stack: Stack, pump: object) => Sockets;

const boardAddress = parseAddress('10.77.0.2');
const slots = 4;
const http = 1;
const closed = -1;

/** As Espruino's: copies from strings too. */
const platform: Platform = {
  ...nodePlatform,
  copy(from, ...rest) {
    nodePlatform.copy(typeof from === 'string' ? Buffer.from(from, 'latin1') : from, ...rest);
  },
};

/** A peer's connection and what it was told. */
class Peer implements ConnectionHandler {
  heard: string[] = [];
  private readonly buffer = new Uint8Array(1000);
  constructor(private readonly says = '') {}
  opened(c: Connection): void {
    this.heard.push('opened');
    c.write(Buffer.from(this.says), 0, this.says.length);
  }
  readable(c: Connection): void {
    this.heard.push(Buffer.from(this.buffer.subarray(0, c.read(this.buffer, 0, this.buffer.length))).toString());
  }
  writable(): void {}
  ended(c: Connection): void {
    this.heard.push('ended');
    c.end();
  }
  closed(_: Connection, reason: number): void { this.heard.push(`closed ${reason}`); }
}

describe('the network device under Espruino\'s HTTP server', () => {
  let clock: VirtualClock;
  let board: Stack;
  let peers: Stack;
  let sockets: Sockets;
  let server: number;
  /** What Espruino does in each turn of its idle loop. */
  let idle: () => void;

  beforeEach(async () => {
    const module = (await import('../../../boards/espruino/sockets' as string)) as { Sockets: MakeSockets };
    vi.stubGlobal('E', { toString: (octets: Uint8Array) => Buffer.from(octets).toString('latin1'), toUint8Array: (text: string) => Buffer.from(text) });
    clock = new VirtualClock();
    const wire = new Wire(clock);
    const stackAt = (address: number, last: number, connections: number): Stack => {
      const port = new WirePort(wire, { address: Uint8Array.of(2, 0, 0, 0, 0, last) });
      port.open();
      return new Stack(port, platform, {
        ...SIZES, address, netmask: -256, gateway: 0, connections, listeners: 2, receiveBuffer: 1072, sendBuffer: 1072, msl: 1000,
      });
    };
    board = stackAt(boardAddress, 2, slots);
    peers = stackAt(parseAddress('10.77.0.1'), 1, 16);
    const pump = {
      run: () => void board.poll(clock.milliseconds),
      serve: () => void board.serve(clock.milliseconds),
      send: (c: Connection, text: string) => board.send(c, text as unknown as Uint8Array, text.length, clock.milliseconds),
    };
    sockets = new module.Sockets(board, pump);
    server = sockets.create(undefined, 80, http);
    idle = () => undefined;
  });
  afterEach(() => vi.unstubAllGlobals());

  function pass(milliseconds: number): void {
    for (let left = milliseconds; left > 0; left--) {
      clock.advance(1000);
      board.poll(clock.milliseconds);
      peers.poll(clock.milliseconds);
      idle();
    }
  }

  function dial(says = ''): { peer: Peer; connection: Connection } {
    const peer = new Peer(says);
    return { peer, connection: peers.connect(boardAddress, 80, peer)! };
  }

  const used = (): number => board.tcp.connections.filter((c) => c.state !== State.CLOSED).length;

  it.each(['', 'GET / HTTP/1.1\r\n'])('lets the oldest of those that have said "%s" make way for one that finds no slot', (said) => {
    idle = () => void sockets.accept(server);
    const silent = Array.from({ length: slots }, () => {
      const { peer } = dial(said);
      pass(10);
      return peer;
    });
    const { peer } = dial();
    pass(900);
    expect(silent.map(({ heard }) => heard)).toEqual(Array.from({ length: slots }, () => ['opened']));
    expect(peer.heard).toEqual([]);
    pass(1000);
    expect(silent.map(({ heard }) => heard)).toEqual([['opened', 'closed 1'], ...Array.from({ length: slots - 1 }, () => ['opened'])]);
    expect(peer.heard).toEqual(['opened']);
  });

  it('keeps silent connections while there are slots', () => {
    idle = () => void sockets.accept(server);
    const { peer } = dial();
    pass(100_000);
    expect(peer.heard).toEqual(['opened']);
  });

  it('gives back the slots of peers that have vanished, and keeps those of peers that are merely idle', () => {
    idle = () => void sockets.accept(server);
    const { peer } = dial('GET / HTTP/1.1\r\n\r\n');
    pass(200_000);
    expect(peer.heard).toEqual(['opened']);
    expect(used()).toBe(1);
    for (let left = 200; left > 0; left--) {
      clock.advance(1_000_000);
      board.poll(clock.milliseconds);
    }
    expect(used()).toBe(0);
  });

  it('is given a connection when the head of the request is there', () => {
    const { connection } = dial('GET / HTTP/1.1\r\nHost: a\r\n');
    pass(10);
    expect(sockets.accept(server)).toBe(-1);
    connection.write(Buffer.from('\r\n'), 0, 2);
    pass(300);
    const socket = sockets.accept(server);
    expect(sockets.recv(socket, 536)).toBe('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(sockets.accept(server)).toBe(-1);
  });

  it('is given a connection whose head is longer than our buffer', () => {
    const head = `GET /${'x'.repeat(1000)} HTTP/1.1\r\n`;
    dial(head);
    pass(300);
    expect(sockets.recv(sockets.accept(server), 536)).toBe(head.slice(0, 536));
  });

  it('keeps text that is on its way to one socket while the others are asked, however often', () => {
    const { connection } = dial('GET / HTTP/1.1\r\n\r\n');
    const { peer: other } = dial('GET / HTTP/1.1\r\n\r\n');
    pass(10);
    const [one, two] = [sockets.accept(server), sockets.accept(server)];
    for (const socket of [one, two]) expect(sockets.recv(socket, 536)).not.toBe('');
    for (let count = 0; count < 4; count++) {
      connection.write(Buffer.from(`text ${count}`), 0, 6);
      pass(300);
      // The second of them at the latest has passed the ring by.
      for (let asked = 0; asked < 3 * slots; asked++) expect(sockets.recv(two, 536)).toBe('');
      expect(sockets.recv(one, 536)).toBe(`text ${count}`);
    }
    connection.write(Buffer.from('lost'), 0, 4);
    pass(300);
    for (let asked = 0; asked < 3 * slots; asked++) sockets.recv(two, 536);
    sockets.close(one);
    expect(other.heard).toEqual(['opened']);
  });

  it('is not asked in vain for ever about a socket that Espruino never closes', () => {
    const native = (): boolean => Object.prototype.hasOwnProperty.call(sockets, 'recv');
    const echo = sockets.create(undefined, 7, 0);
    peers.connect(boardAddress, 7, new Peer());
    pass(20);
    const idleOne = sockets.accept(echo);
    const { connection } = dial('POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab');
    pass(20);
    const cut = sockets.accept(server);
    const ask = (): void => [cut, idleOne, cut, idleOne].forEach((s) => void sockets.recv(s, 536));
    ask();
    expect(native()).toBe(true);
    connection.abort();
    pass(20);
    expect(native()).toBe(false);
    expect(sockets.recv(cut, 536)).toBe(-9);
    ask();
    expect(native()).toBe(true);
    // Its slot's next user opens, says nothing and goes.
    const spare = dial().connection;
    pass(20);
    expect(sockets.accept(server)).toBe(-1);
    spare.abort();
    pass(20);
    ask();
    expect(native()).toBe(true);
  });

  it.each(['', 'GET / HTTP/1.1\r\nHos'])('is not given a connection that says "%s" and closes', (said) => {
    const { peer, connection } = dial(said);
    pass(10);
    connection.end();
    idle = () => expect(sockets.accept(server)).toBe(-1);
    pass(100);
    expect(peer.heard).toEqual(['opened', 'ended', 'closed 0']);
    expect(used()).toBe(0);
  });

  describe('when a peer has closed its side', () => {
    const request = 'POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab';
    let socket: number;
    let peer: Peer;

    beforeEach(() => {
      const dialled = dial(request);
      peer = dialled.peer;
      pass(10);
      socket = sockets.accept(server);
      expect(sockets.recv(socket, 536)).toBe(request);
      dialled.connection.end();
      pass(10);
      expect(sockets.recv(socket, 536)).toBe(closed);
      idle = () => void sockets.recv(socket, 536);
    });

    it('gives back the slot of a request that was cut short, which Espruino never closes', () => {
      pass(29_000);
      expect([sockets.open, used()]).toEqual([1, 1]);
      pass(2000);
      expect([sockets.open, used()]).toEqual([0, 0]);
      expect(peer.heard).toEqual(['opened', 'ended', 'closed 0']);
      // It was told, more than once.
      expect(sockets.recv(socket, 536)).toBe('');
      sockets.close(socket);
    });

    it('carries an answer that takes a while, and takes longer to send', () => {
      pass(20_000);
      for (let left = 20; left > 0; left--) {
        expect(sockets.send(socket, 'x')).toBe(1);
        pass(1000);
      }
      sockets.close(socket);
      pass(1000);
      expect(peer.heard.filter((text) => text === 'x').length).toBe(20);
      expect(peer.heard.slice(-2)).toEqual(['ended', 'closed 0']);
    });
  });
});
