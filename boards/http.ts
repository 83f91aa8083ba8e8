// A small HTTP server of our own over `net.ts`, for engines and boards that have none: the part of Espruino's `http`
// that apps use. One request a connection. The build puts it in the place of `require("http")`.
import { Emitter, Server, createServer as createNetServer } from './net';
import type { Socket } from './net';

/** Characters of a request's head at most. */
const LONGEST_HEAD = 2048;

/** What a status means, where it is one of those that servers of boards send (RFC 9110 section 15). */
function reasonOf(status: number): string {
  'cold';
  // What an app gives may be a text.
  switch (+status) {
    case 200:
      return 'OK';
    case 204:
      return 'No Content';
    case 301:
      return 'Moved Permanently';
    case 302:
      return 'Found';
    case 304:
      return 'Not Modified';
    case 400:
      return 'Bad Request';
    case 404:
      return 'Not Found';
    case 500:
      return 'Internal Server Error';
    default:
      return '';
  }
}

/** A request. Events: `data` (a piece of its body), `end`, `close`. */
export class Request extends Emitter {
  readonly method: string;
  readonly url: string;
  /** By their names in small letters. */
  readonly headers: Record<string, string> = {};

  /** @param head up to the empty line */
  constructor(head: string) {
    super();
    const lines = head.split('\r\n');
    const words = lines[0].split(' ');
    this.method = words[0];
    this.url = words.length > 1 ? words[1] : '';
    for (let at = 1; at < lines.length; at++) {
      const colon = lines[at].indexOf(':');
      if (colon > 0) this.headers[lines[at].substr(0, colon).toLowerCase()] = lines[at].substr(colon + 1).trim();
    }
  }
}

/** The answer to a request. Event: `drain`. */
export class Response extends Emitter {
  private status = 200;
  private headers: Record<string, string> = {};
  private headSent = false;

  constructor(private readonly socket: Socket) {
    super();
    socket.on('drain', () => this.emit('drain'));
  }

  setHeader(name: string, value: string): void {
    this.headers[name] = value;
  }

  /** @throws Error when the head was sent already */
  writeHead(status: number, headers?: Record<string, string>): void {
    if (this.headSent) throw new Error('writeHead: the head was sent already');
    this.status = status;
    for (const name in headers) this.headers[name] = headers[name];
  }

  /** Sends a piece of the body. @returns false when it waits for room: `drain` tells when that is over */
  write(data: string): boolean {
    return this.socket.write(this.head() + data);
  }

  end(data?: string): void {
    this.socket.end(this.head() + (data === undefined ? '' : data));
  }

  /** The head, the first time. */
  private head(): string {
    'cold';
    if (this.headSent) return '';
    this.headSent = true;
    let text = 'HTTP/1.1 ' + this.status + ' ' + reasonOf(this.status) + '\r\nConnection: close\r\n';
    for (const name in this.headers) text += name + ': ' + this.headers[name] + '\r\n';
    return text + '\r\n';
  }
}

/** What a connection has brought so far. */
class Exchange {
  private head = '';
  private request: Request | null = null;
  /** Octets of the body that are still to come. */
  private left = 0;

  constructor(
    private readonly socket: Socket,
    private readonly answer: (request: Request, response: Response) => void,
  ) {
    socket.on('data', (data) => this.take(data));
    socket.on('close', () => this.request !== null && this.request.emit('close'));
  }

  private take(data: string): void {
    'cold';
    if (this.request !== null) {
      this.takeBody(data);
      return;
    }
    this.head += data;
    const end = this.head.indexOf('\r\n\r\n');
    if (end < 0) {
      if (this.head.length > LONGEST_HEAD) this.refuse();
      return;
    }
    this.request = new Request(this.head.substr(0, end));
    const body = this.head.substr(end + 4);
    this.head = '';
    const length = this.request.headers['content-length'];
    this.left = length === undefined ? 0 : parseInt(length, 10);
    if (this.request.url === '' || !(this.left >= 0)) {
      this.refuse();
      return;
    }
    this.answer(this.request, new Response(this.socket));
    this.takeBody(body);
  }

  private takeBody(data: string): void {
    'cold';
    const request = this.request!;
    const piece = data.length > this.left ? data.substr(0, this.left) : data;
    this.left -= piece.length;
    if (piece !== '') request.emit('data', piece);
    if (this.left === 0) {
      this.left = -1;
      request.emit('end');
    }
  }

  private refuse(): void {
    'cold';
    const response = new Response(this.socket);
    this.socket.removeAllListeners('data');
    response.writeHead(400);
    response.end();
  }
}

/** As Espruino's: `answer` is called with each request and its response. */
export function createServer(answer: (request: Request, response: Response) => void): Server {
  return createNetServer((socket) => {
    new Exchange(socket, answer);
  });
}
