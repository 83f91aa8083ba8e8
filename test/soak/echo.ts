import { SeededRandom } from '../../hal/mock/random';
import type { Stack } from '../../src/stack';
import type { Connection, ConnectionHandler } from '../../src/tcp/connection';
import { closeReasonName } from '../../src/tcp/errors';

const LONGEST_MESSAGE = 3000;
const LONGEST_PAUSE = 6000;

/** Sends back what it receives. */
export class EchoService implements ConnectionHandler {
  private readonly scratch = new Uint8Array(1024);

  opened(): void {}

  readable(c: Connection): void {
    while (c.available > 0 && c.room > 0) {
      const count = c.read(this.scratch, 0, Math.min(this.scratch.length, c.room));
      c.write(this.scratch, 0, count);
    }
  }

  writable(c: Connection): void {
    this.readable(c);
  }

  ended(c: Connection): void {
    c.end();
  }

  closed(): void {}
}

/** Sends one message after the other over one connection, and compares each octet that comes back. */
export class EchoClient implements ConnectionHandler {
  messages = 0;
  octets = 0;
  /** What must not happen. */
  readonly failures: string[] = [];
  /** Milliseconds at which something last moved, while a message is out. */
  movedAt = 0;
  private connection: Connection | null = null;
  private message: Uint8Array = new Uint8Array(0);
  private written = 0;
  private echoed = 0;
  private nextAt = 0;
  private readonly scratch = new Uint8Array(1024);

  constructor(
    private readonly stack: Stack,
    private readonly server: number,
    private readonly random: SeededRandom,
    private readonly now: () => number,
  ) {
    this.stack.connect(server, 7, this);
  }

  /** A message is out, or the connection is being opened: the other side has something to do. */
  get waiting(): boolean {
    return this.connection === null || this.echoed < this.message.length;
  }

  /** Milliseconds at which the next message is due, when none is out. */
  get due(): number {
    return this.nextAt;
  }

  /** Sends the next message when its time has come. */
  tick(): void {
    if (this.waiting || this.now() < this.nextAt) return;
    this.message = new Uint8Array(1 + this.random.below(LONGEST_MESSAGE));
    for (let at = 0; at < this.message.length; at++) this.message[at] = this.random.below(256);
    this.written = 0;
    this.echoed = 0;
    this.movedAt = this.now();
    this.write();
  }

  opened(c: Connection): void {
    this.connection = c;
    this.movedAt = this.now();
  }

  readable(c: Connection): void {
    for (let count = this.take(c); count > 0; count = this.take(c)) {
      for (let at = 0; at < count; at++) {
        if (this.scratch[at] !== this.message[this.echoed + at]) this.fail(`octet ${this.octets + at} came back wrong`);
      }
      this.echoed += count;
      this.octets += count;
      this.movedAt = this.now();
      if (this.echoed !== this.message.length) continue;
      this.messages++;
      this.nextAt = this.now() + this.random.below(LONGEST_PAUSE);
    }
  }

  writable(): void {
    this.write();
  }

  ended(): void {
    this.fail('the server ended the connection');
  }

  closed(_c: Connection, reason: number): void {
    this.fail(`the connection was closed: ${closeReasonName(reason)}`);
    this.connection = null;
    this.message = new Uint8Array(0);
    this.stack.connect(this.server, 7, this);
  }

  fail(what: string): void {
    if (this.failures.length < 20) this.failures.push(`${what}, at ${(this.now() / 1000).toFixed(1)} s`);
  }

  private take(c: Connection): number {
    return c.read(this.scratch, 0, this.scratch.length);
  }

  private write(): void {
    const { connection, message } = this;
    if (connection) this.written += connection.write(message, this.written, message.length - this.written);
  }
}
