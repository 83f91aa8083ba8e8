import type { Platform } from '../../hal/hal';
import { put32 } from '../wire/bytes';
import type { DatagramHandler } from './udp';

/** In front of each datagram in a queue, as Espruino's sockets have it: the sender's address and port, and the length. */
export const enum Head {
  address = 0, // 4 octets
  port = 4, // 2 octets, low one first
  length = 6, // 2 octets, low one first
  end = 8,
}

/** Keeps datagrams for an application that asks for them, in one ring of fixed size; what finds no room is dropped. */
export class DatagramQueue implements DatagramHandler {
  /** Datagrams that found no room, or are longer than the application takes. */
  dropped = 0;

  /** Octets of all that waits, with the heads. */
  used = 0;

  private readonly ring: Uint8Array;
  private readonly head = new Uint8Array(Head.end);
  private start = 0;

  /**
   * @param size octets of all datagrams that wait, 8 more for each
   * @param longest octets of the longest datagram that the application takes
   */
  constructor(
    private readonly platform: Platform,
    size: number,
    private readonly longest: number,
  ) {
    'cold';
    this.ring = new Uint8Array(size);
  }

  datagram(frame: Uint8Array, at: number, length: number, address: number, port: number): void {
    if (length > this.longest || this.used + Head.end + length > this.ring.length) {
      this.dropped++;
      return;
    }
    const head = this.head;
    put32(head, Head.address, address);
    head[Head.port] = port;
    head[Head.port + 1] = port >> 8;
    head[Head.length] = length;
    head[Head.length + 1] = length >> 8;
    this.keepPart(head, 0, Head.end);
    this.keepPart(frame, at, length);
  }

  /**
   * Takes out the next datagram.
   * @param into gets its head and its data; has room for the longest
   * @returns octets of both, 0 when none waits
   */
  takeNext(into: Uint8Array): number {
    'cold';
    if (this.used === 0) return 0;
    this.takePart(into, 0, Head.end);
    const length = into[Head.length] | (into[Head.length + 1] << 8);
    this.takePart(into, Head.end, length);
    return Head.end + length;
  }

  private keepPart(from: Uint8Array, at: number, length: number): void {
    'cold';
    const size = this.ring.length;
    const to = (this.start + this.used) % size;
    const first = length < size - to ? length : size - to;
    this.platform.copy(from, at, this.ring, to, first);
    if (first < length) this.platform.copy(from, at + first, this.ring, 0, length - first);
    this.used += length;
  }

  private takePart(into: Uint8Array, at: number, length: number): void {
    'cold';
    const size = this.ring.length;
    const first = length < size - this.start ? length : size - this.start;
    this.platform.copy(this.ring, this.start, into, at, first);
    if (first < length) this.platform.copy(this.ring, 0, into, at + first, length - first);
    this.start = (this.start + length) % size;
    this.used -= length;
  }
}
