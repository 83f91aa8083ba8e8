const NONE = -1;

/** Both ports in one word: ours in the upper half. */
export function portPair(localPort: number, remotePort: number): number {
  return (localPort << 16) | remotePort;
}

/**
 * Finds what a segment belongs to by its remote address and its two ports, in a time that does not depend on how many
 * there are: chains of indices over a table of buckets, all made once.
 */
export class Demux {
  private readonly heads: Int16Array;
  private readonly next: Int16Array;
  private readonly address: Int32Array;
  private readonly ports: Int32Array;
  private readonly mask: number;

  /** @param count how many indices there are, 0 to `count` - 1, at most 16,384 */
  constructor(count: number) {
    let buckets = 1;
    while (buckets < count) buckets <<= 1;
    this.mask = buckets - 1;
    this.heads = new Int16Array(buckets);
    for (let bucket = 0; bucket < buckets; bucket++) this.heads[bucket] = NONE;
    this.next = new Int16Array(count);
    this.address = new Int32Array(count);
    this.ports = new Int32Array(count);
  }

  insert(index: number, remoteAddress: number, ports: number): void {
    'cold';
    const bucket = this.bucket(remoteAddress, ports);
    this.address[index] = remoteAddress;
    this.ports[index] = ports;
    this.next[index] = this.heads[bucket];
    this.heads[bucket] = index;
  }

  /** Takes out an index that was inserted. */
  remove(index: number): void {
    'cold';
    const bucket = this.bucket(this.address[index], this.ports[index]);
    let at = this.heads[bucket];
    if (at === index) {
      this.heads[bucket] = this.next[index];
      return;
    }
    while (at !== NONE && this.next[at] !== index) at = this.next[at];
    if (at !== NONE) this.next[at] = this.next[index];
  }

  /** The index of a pair of ends, or -1. */
  find(remoteAddress: number, ports: number): number {
    'cold';
    let at = this.heads[this.bucket(remoteAddress, ports)];
    while (at !== NONE && (this.address[at] !== remoteAddress || this.ports[at] !== ports)) at = this.next[at];
    return at;
  }

  private bucket(remoteAddress: number, ports: number): number {
    'cold';
    const mixed = remoteAddress ^ ports ^ (ports >>> 16);
    return (mixed ^ (mixed >>> 8) ^ (mixed >>> 16)) & this.mask;
  }
}
