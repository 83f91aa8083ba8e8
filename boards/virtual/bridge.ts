import type { Socket } from 'node:net';
import { CloseReason } from '../../src/tcp/errors';
import type { Connection, ConnectionHandler } from '../../src/tcp/connection';

/** Octets that are moved at a time. */
const pieceLength = 16384;

/** Octets on their way, shared: they are copied before a call returns. */
const piece = new Uint8Array(pieceLength);

/**
 * Joins a connection of this machine to one of the simulated network: what one side says the other hears, at the pace
 * of the slower one, and either side may close first.
 */
export class Bridge implements ConnectionHandler {
  private connection: Connection | undefined;
  private open = false;
  private waiting: Buffer | undefined;
  private hostEnded = false;
  private boardEnded = false;
  private hostFull = false;
  private done = false;

  /**
   * @param enter runs what touches the simulated network, with its clock brought up to now and its stack polled after
   * @param whenOver told once, when both sides are done
   */
  constructor(private readonly host: Socket, enter: (action: () => void) => void, private readonly whenOver: () => void) {
    host.setNoDelay(true);
    host.pause();
    host.on('data', (data) => enter(() => {
      this.waiting = data;
      this.toBoard();
    }));
    host.on('end', () => enter(() => {
      this.hostEnded = true;
      this.toBoard();
    }));
    host.on('drain', () => enter(() => {
      this.hostFull = false;
      this.toHost();
    }));
    host.on('error', () => host.destroy());
    host.on('close', () => enter(() => {
      if (this.connection === undefined) this.over();
      // When both have said all, the connection closes by itself: its last acknowledgment would find nobody.
      else if (!this.boardEnded || !this.hostEnded || this.waiting !== undefined) this.connection.abort();
    }));
  }

  /** Opens the board's side. @returns false when no slot is free: to be tried again */
  connect(open: (handler: ConnectionHandler) => Connection | null): boolean {
    const connection = open(this);
    if (connection === null) return false;
    this.connection = connection;
    return true;
  }

  opened(): void {
    this.open = true;
    this.host.resume();
    this.toBoard();
  }

  readable(): void {
    this.toHost();
  }

  writable(): void {
    this.toBoard();
  }

  ended(): void {
    this.boardEnded = true;
    this.host.end();
  }

  closed(_: Connection, reason: CloseReason): void {
    this.connection = undefined;
    if (reason === CloseReason.normal) this.host.end();
    else this.host.resetAndDestroy();
    // A host that still talks to a board that has gone is not listened to any more.
    if (this.host.destroyed || this.host.closed) this.over();
    else this.host.resume();
  }

  private over(): void {
    if (this.done) return;
    this.done = true;
    this.whenOver();
  }

  private toBoard(): void {
    const { connection } = this;
    if (connection === undefined) {
      this.waiting = undefined;
      return;
    }
    if (!this.open) return;
    if (this.waiting !== undefined) {
      const taken = connection.write(this.waiting, 0, this.waiting.length);
      this.waiting = taken < this.waiting.length ? this.waiting.subarray(taken) : undefined;
    }
    if (this.waiting !== undefined) this.host.pause();
    else if (this.hostEnded) connection.end();
    else this.host.resume();
  }

  private toHost(): void {
    const { connection } = this;
    while (connection !== undefined && !this.hostFull && connection.available > 0) {
      const length = connection.read(piece, 0, pieceLength);
      this.hostFull = !this.host.write(Buffer.from(piece.subarray(0, length)));
    }
  }
}
