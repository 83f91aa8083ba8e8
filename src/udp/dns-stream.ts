import type { Stack } from '../stack';
import type { Connection, ConnectionHandler } from '../tcp/connection';
import { get16, put16 } from '../wire/bytes';

const SERVER_PORT = 53;
/** In front of each message stands its length, in two octets: RFC 1035 section 4.2.2. */
export const STREAM_MESSAGE = 2;
/** Octets of an answer that are looked at: aliases and the first addresses stand at its beginning. */
const LONGEST_ANSWER = 1024;

export interface StreamUser {
  /** The beginning of the answer stands in `bytes` from `at` to `end`: nothing when none has come. */
  streamed(bytes: Uint8Array, at: number, end: number): void;
}

/** Asks a name server one question over TCP (RFC 7766), with one connection at most and a buffer of fixed size. */
export class DnsStream implements ConnectionHandler {
  /** The question, then the answer, each behind its length. */
  readonly buffer = new Uint8Array(STREAM_MESSAGE + LONGEST_ANSWER);
  private connection: Connection | null = null;
  /** Octets of the question, and of them, or of the answer, those that have been sent, or have come. */
  private length = 0;
  private done = 0;

  constructor(
    private readonly stack: Stack,
    private readonly user: StreamUser,
  ) {
    'cold';
  }

  /**
   * Sends the question of `length` octets that stands in the buffer from `STREAM_MESSAGE`; `streamed` follows.
   * @returns false when there is no connection to be had
   */
  askServer(server: number, length: number): boolean {
    'cold';
    put16(this.buffer, 0, length);
    this.length = STREAM_MESSAGE + length;
    this.done = 0;
    this.connection = this.stack.connect(server, SERVER_PORT, this);
    return this.connection !== null;
  }

  /** `streamed` is not called any more. */
  giveUp(): void {
    'cold';
    const c = this.connection;
    this.connection = null;
    if (c !== null) c.abort();
  }

  opened(c: Connection): void {
    this.sendQuestion(c);
  }

  writable(c: Connection): void {
    if (this.length > 0) this.sendQuestion(c);
  }

  readable(c: Connection): void {
    this.takeOctets(c);
  }

  ended(c: Connection): void {
    if (c === this.connection) this.finishStream(0);
  }

  closed(c: Connection): void {
    if (c === this.connection) this.finishStream(0);
  }

  private sendQuestion(c: Connection): void {
    'cold';
    this.done += c.write(this.buffer, this.done, this.length - this.done);
    if (this.done < this.length) return;
    this.length = 0;
    this.done = 0;
  }

  private takeOctets(c: Connection): void {
    'cold';
    const buffer = this.buffer;
    // What comes before the question has gone out is no answer to it.
    if (c !== this.connection || this.length > 0) return;
    this.done += c.read(buffer, this.done, buffer.length - this.done);
    const end = STREAM_MESSAGE + get16(buffer, 0);
    if (this.done >= STREAM_MESSAGE && this.done >= end) this.finishStream(end);
    else if (this.done === buffer.length) this.finishStream(this.done);
  }

  private finishStream(end: number): void {
    'cold';
    const c = this.connection!;
    this.connection = null;
    c.drain();
    this.user.streamed(this.buffer, STREAM_MESSAGE, end);
  }
}
