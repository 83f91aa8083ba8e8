import type { Realm, RealmObject } from './realm';

/** A piece of a body that is ready to be handed on. */
export interface BodyPart {
  /** May be empty. */
  readonly data: string;
  /** What of the received text is left behind it; of a chunk that is not whole, a head for what is missing. */
  readonly rest: string;
  /** False when `data` is the beginning of a chunk, and more must come. */
  readonly whole: boolean;
  /** True for the chunk of length 0. */
  readonly last?: boolean;
}

/** Where a message's body stands: by its Content-Length, or in chunks. */
export class HttpBody {
  /**
   * @param expected octets still to come; for a chunked body 1 until the last chunk, then 0
   * @param chunked whether the body comes in chunks
   */
  constructor(public expected = 0, private readonly chunked = false) {}

  /** The next piece in `received`, or undefined when more must come first. */
  next(received: string): BodyPart | undefined {
    if (!this.chunked) return { data: received, rest: '', whole: true };
    const line = received.indexOf('\r\n');
    if (line < 0 || received.length < shortestChunk) return undefined;
    const length = parseInt(received.slice(0, line), 16) || 0;
    if (length === 0) return { data: '', rest: '', whole: true, last: true };
    const start = line + 2;
    const end = start + length;
    if (received.length >= end + 2) return { data: received.slice(start, end), rest: received.slice(end + 2), whole: true };
    if (received.length >= end) return undefined;
    return { data: received.slice(start), rest: `${(end - received.length).toString(16)}\r\n`, whole: false };
  }

  /** The piece is about to be handed on. */
  taken(part: BodyPart): void {
    if (this.chunked) this.expected = part.last === true ? 0 : 1;
    else this.expected -= part.data.length;
  }
}

/** Octets of the last chunk. */
const shortestChunk = 5;

/** The head of the message at the start of `received`, its empty line included, or undefined while it is incomplete. */
export function takeHead(received: string): string | undefined {
  const end = received.indexOf('\r\n\r\n');
  return end < 0 ? undefined : received.slice(0, end + 4);
}

/**
 * Reads a head into the object that the script gets: `method` and `url` of a request, `httpVersion`, `statusCode` and
 * `statusMessage` (texts all) of a response, and `headers` with the names spelt as they came.
 */
export function parseHead(realm: Realm, head: string, into: RealmObject, isRequest: boolean): HttpBody {
  const [first = '', ...lines] = head.slice(0, -4).split('\r\n');
  const headers = realm.object();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const value = line.slice(colon + 1).trimStart();
    if (colon > 0 && value.length > 0) headers[line.slice(0, colon)] = value;
  }
  into['headers'] = headers;
  const words = first.split(' ');
  if (isRequest) {
    into['method'] = words[0] ?? '';
    into['url'] = words[1] ?? '';
  } else {
    into['httpVersion'] = (words[0] ?? '').slice('HTTP/'.length);
    into['statusCode'] = words[1] ?? '';
    into['statusMessage'] = words.slice(2).join(' ');
  }
  if (isChunked(headers)) return new HttpBody(1, true);
  return new HttpBody(Number(headerValue(headers, 'content-length')) | 0);
}

/** The value of a header whatever the spelling of its name. @param name in small letters */
export function headerValue(headers: RealmObject, name: string): unknown {
  const key = Object.keys(headers).find((candidate) => candidate.toLowerCase() === name);
  return key === undefined ? undefined : headers[key];
}

/** Whether the headers announce a body in chunks. */
export function isChunked(headers: RealmObject): boolean {
  return String(headerValue(headers, 'transfer-encoding')).toLowerCase() === 'chunked';
}

/** The lines for the headers given. */
export function headerLines(headers: RealmObject): string {
  return Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}\r\n`).join('');
}

/** One chunk of a body. The empty one ends it. */
export function chunk(data: string): string {
  return `${data.length.toString(16)}\r\n${data}\r\n`;
}
