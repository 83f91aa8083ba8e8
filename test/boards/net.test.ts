import { beforeEach, describe, expect, test, vi } from 'vitest';
import type * as Http from '../../boards/http';
import type * as Net from '../../boards/net';
import { State } from '../../src/tcp/states';
import { type Host, Lan, Recorder, SIZES } from '../src/lan';

const text = (bytes: Uint8Array, length: number): string => Buffer.from(bytes.subarray(0, length)).toString('latin1');
const octets = (data: string): Uint8Array => Uint8Array.from(Buffer.from(data, 'latin1'));

let net: typeof Net;
let http: typeof Http;
let lan: Lan;
/** The board with the small `net`, and a peer with an application of the stack's own. */
let board: Host;
let peer: Host;
let app: Recorder;

beforeEach(async () => {
  vi.resetModules();
  net = await import('../../boards/net');
  http = await import('../../boards/http');
  lan = new Lan();
  board = lan.join(2);
  peer = lan.join(1);
  app = new Recorder();
  net.useNet({ stack: board.stack, wake: () => undefined, text, octets });
});

const heard = (): string => Buffer.from(app.received).toString('latin1');
const says = (data: string, end = false): void => app.writeAll(octets(data), end);

/** What a socket tells, in order. */
function log(socket: Net.Socket): unknown[] {
  const told: unknown[] = [];
  for (const name of ['connect', 'data', 'drain', 'end', 'error', 'close']) {
    socket.on(name, (value) => told.push(value === undefined ? name : [name, value]));
  }
  return told;
}

/** A server on port 7, a peer that has connected to it, and the server's socket. */
function accepted(port = 7): Net.Socket {
  let socket: Net.Socket | undefined;
  net.createServer((made) => { socket = made; }).listen(port);
  peer.stack.connect(board.address, port, app);
  lan.run(50);
  return socket!;
}

test('net says that there is no chip yet', async () => {
  vi.resetModules();
  const fresh = await import('../../boards/net');
  expect(() => fresh.createServer(() => undefined).listen(80)).toThrow('net: connect the chip first');
});

describe('a server\'s socket', () => {
  test('hears and answers, and closes after its peer', () => {
    const socket = accepted();
    const told = log(socket);
    expect(net.openSockets()).toBe(1);
    says('caf\xe9\0', true);
    lan.run(50);
    expect(told).toEqual([['data', 'caf\xe9\0'], 'end', ['close', false]]);
    expect(app.events).toEqual(['opened', 'ended', 'closed: normal']);
    expect(net.openSockets()).toBe(0);
  });

  test('sends more than the buffers hold, and tells when there is room again', () => {
    const socket = accepted();
    const told = log(socket);
    const data = 'abcdefgh'.repeat(2000);
    expect(socket.write('first')).toBe(true);
    expect(socket.write(data)).toBe(false);
    socket.end('last');
    lan.run(2000);
    expect(heard()).toBe('first' + data + 'last');
    expect(told).toContain('drain');
    expect(app.events).toContain('ended');
  });

  test('reads nothing while its own answers find no room: the peer has to wait', () => {
    const socket = accepted();
    let most = 0;
    let answered = 0;
    socket.on('data', (data: string) => {
      socket.write(data + data + data + data);
      answered += data.length;
      most = Math.max(most, answered);
    });
    // The peer reads nothing for a while.
    const reads = app.readable.bind(app);
    app.readable = () => undefined;
    says('x'.repeat(20_000));
    lan.run(3000);
    // Four octets for each: what the two buffers hold, and what was read at once when there was room last.
    expect(most * 4).toBeLessThan(SIZES.sendBuffer + SIZES.receiveBuffer + 5 * 536 * 4);
    app.readable = reads;
    app.readable(app.connection!);
    lan.run(10_000);
    expect(app.received.length).toBe(80_000);
  });

  test('answers what came together with the end', () => {
    const socket = accepted();
    const told = log(socket);
    socket.on('data', (data: string) => socket.write(data));
    says('y'.repeat(9000), true);
    lan.run(5000);
    expect(app.received.length).toBe(9000);
    expect(told.slice(-2)).toEqual(['end', ['close', false]]);
    expect(net.openSockets()).toBe(0);
  });

  test('hears of the end once, also where there is room again in the same turn', () => {
    const socket = accepted();
    const told = log(socket);
    socket.write('z'.repeat(SIZES.sendBuffer + 300));
    board.stack.poll(lan.clock.milliseconds);
    // The acknowledgments and the end wait for the board's next turn.
    lan.hosts.shift();
    lan.run(20);
    says('', true);
    lan.run(20);
    lan.hosts.unshift(board);
    lan.run(500);
    expect(told).toEqual(['drain', 'end', ['close', false]]);
    expect(app.received.length).toBe(SIZES.sendBuffer + 300);
  });

  test('hears of a reset, and takes no harm from writing after it', () => {
    const socket = accepted();
    const told = log(socket);
    app.connection!.abort();
    lan.run(50);
    expect(told).toEqual([['error', { code: -9, message: 'reset' }], ['close', true]]);
    expect(socket.write('late')).toBe(false);
    socket.end();
    expect(() => socket.write('later')).toThrow('write: the socket was ended');
  });

  test('destroys its connection', () => {
    const told = log(accepted());
    accepted(8).destroy();
    lan.run(50);
    expect(told).toEqual([]);
    expect(app.events).toContain('closed: reset');
    expect(net.openSockets()).toBe(1);
  });

  test('is looked after by keep-alive: a peer that has vanished does not hold its slot for ever', () => {
    const told = log(accepted());
    peer.mac.receive = () => 0;
    peer.mac.send = () => true;
    lan.run(400_000);
    expect(told).toEqual([['error', { code: -3, message: 'timed out' }], ['close', true]]);
  });

  test('forgets listeners', () => {
    const socket = accepted();
    const told = log(socket);
    socket.removeAllListeners('data');
    says('one');
    lan.run(50);
    socket.removeAllListeners();
    app.connection!.abort();
    lan.run(50);
    expect(told).toEqual([]);
  });
});

describe('a server', () => {
  test('that is closed takes no more, and its port is free', () => {
    const server = net.createServer(() => undefined).listen(7);
    expect(() => net.createServer(() => undefined).listen(7)).toThrow('7');
    server.close();
    peer.stack.connect(board.address, 7, app);
    lan.run(50);
    expect(app.events).toEqual(['closed: refused']);
    net.createServer(() => undefined).listen(7);
  });
});

describe('a client\'s socket', () => {
  test('connects, and hears that nobody listens', () => {
    peer.stack.listen(9, app);
    const connected: string[] = [];
    const told = log(net.connect({ host: '10.0.0.1', port: 9 }, () => connected.push('connected')));
    const refused = log(net.connect({ host: '10.0.0.1', port: 10 }));
    lan.run(100);
    expect(connected).toEqual(['connected']);
    expect(told).toEqual(['connect']);
    expect(refused).toEqual([['error', { code: -9, message: 'refused' }], ['close', true]]);
  });

  test('may write before it is connected', () => {
    peer.stack.listen(9, app);
    net.connect({ host: '10.0.0.1', port: 9 }).end('early');
    lan.run(100);
    expect(heard()).toBe('early');
    expect(app.events).toEqual(['opened', 'ended']);
  });

  test('says what is wrong with its destination, and that all slots are taken', () => {
    expect(() => net.connect({ host: 'nowhere', port: 9 })).toThrow('"nowhere" is not an IPv4 address');
    for (let slot = 0; slot < SIZES.connections; slot++) net.connect({ host: '10.0.0.1', port: 9 });
    expect(() => net.connect({ host: '10.0.0.1', port: 9 })).toThrow('connect: all 4 connections are in use');
  });
});

describe('the HTTP server', () => {
  /** What a request's handler was told, and the answer that the peer got. */
  function asks(pieces: string[], answer: (request: Http.Request, response: Http.Response) => void): void {
    http.createServer(answer).listen(80);
    peer.stack.connect(board.address, 80, app);
    lan.run(50);
    for (const piece of pieces) {
      says(piece);
      lan.run(300);
    }
  }

  test('answers a request that comes in pieces', () => {
    const requests: unknown[] = [];
    asks(['GET /page?a=1 HT', 'TP/1.1\r\nHost:  board\r\nX-', 'Y: 1\r\n\r', '\n'], (request, response) => {
      requests.push([request.method, request.url, request.headers]);
      response.setHeader('Content-Type', 'text/plain');
      response.writeHead(201, { 'X-Z': '2' });
      response.write('one ');
      response.end('two');
    });
    expect(requests).toEqual([['GET', '/page?a=1', { host: 'board', 'x-y': '1' }]]);
    expect(heard()).toBe('HTTP/1.1 201 \r\nConnection: close\r\nContent-Type: text/plain\r\nX-Z: 2\r\n\r\none two');
    expect(app.events).toEqual(['opened', 'ended']);
  });

  test('hands over the body, and nothing behind it', () => {
    const told: unknown[] = [];
    asks(['POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc', 'defGET / HTTP/1.1\r\n\r\n'], (request, response) => {
      request.on('data', (data) => told.push(data));
      request.on('end', () => {
        told.push('end');
        response.end();
      });
      request.on('close', () => told.push('close'));
    });
    app.connection!.end();
    lan.run(100);
    expect(told).toEqual(['abc', 'def', 'end', 'close']);
    expect(heard()).toBe('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n');
  });

  test.each([
    ['without a path', 'nonsense\r\n\r\n'],
    ['with a length that is none', 'GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n'],
    ['whose head does not end', 'GET / HTTP/1.1\r\nA: ' + 'a'.repeat(2100)],
  ])('refuses a request %s', (_, request) => {
    asks([request, 'more of it\r\n\r\n'], () => { throw new Error('not to be called'); });
    expect(heard()).toBe('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    expect(app.events).toEqual(['opened', 'ended']);
    expect(board.stack.tcp.connections.filter((c) => c.state === State.ESTABLISHED)).toEqual([]);
  });

  test('sends a page that is larger than the buffers', () => {
    asks(['GET / HTTP/1.0\r\n\r\n'], (_, response) => {
      for (let line = 0; line < 500; line++) response.write(`line ${line} of the page\n`);
      response.end();
      expect(() => response.writeHead(200)).toThrow('writeHead: the head was sent already');
    });
    lan.run(3000);
    expect(heard().split('\n').length).toBe(3 + 501);
    expect(app.events).toEqual(['opened', 'ended']);
  });
});
