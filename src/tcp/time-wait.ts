/**
 * Connections in TIME-WAIT (RFC 9293 section 3.3.2): what is needed to answer a late segment, and nothing else. They
 * hold neither slot nor buffers. When the table is full, the oldest one makes room.
 */
export class TimeWaitTable {
  /** Connections thrown out before their time, for want of room. */
  recycled = 0;

  private readonly remoteAddresses: Int32Array;
  private readonly remotePorts: Uint16Array;
  private readonly localPorts: Uint16Array;
  private readonly sndNxts: Int32Array;
  private readonly rcvNxts: Int32Array;
  private readonly since: Int32Array;
  private readonly used: Uint8Array;

  constructor(readonly entries: number) {
    this.remoteAddresses = new Int32Array(entries);
    this.remotePorts = new Uint16Array(entries);
    this.localPorts = new Uint16Array(entries);
    this.sndNxts = new Int32Array(entries);
    this.rcvNxts = new Int32Array(entries);
    this.since = new Int32Array(entries);
    this.used = new Uint8Array(entries);
  }

  remoteAddress(entry: number): number {
    return this.remoteAddresses[entry];
  }

  remotePort(entry: number): number {
    return this.remotePorts[entry];
  }

  localPort(entry: number): number {
    return this.localPorts[entry];
  }

  sndNxt(entry: number): number {
    return this.sndNxts[entry];
  }

  rcvNxt(entry: number): number {
    return this.rcvNxts[entry];
  }

  isUsed(entry: number): boolean {
    return this.used[entry] === 1;
  }

  /** The entry that `fill` should take: a free one, or else the oldest, which the caller must `free` first. */
  choose(): number {
    let oldest = 0;
    for (let entry = 0; entry < this.entries; entry++) {
      if (this.used[entry] === 0) return entry;
      if (((this.since[entry] - this.since[oldest]) | 0) < 0) oldest = entry;
    }
    this.recycled++;
    return oldest;
  }

  fill(
    entry: number,
    remoteAddress: number,
    remotePort: number,
    localPort: number,
    sndNxt: number,
    rcvNxt: number,
    now: number,
  ): void {
    this.remoteAddresses[entry] = remoteAddress;
    this.remotePorts[entry] = remotePort;
    this.localPorts[entry] = localPort;
    this.sndNxts[entry] = sndNxt;
    this.rcvNxts[entry] = rcvNxt;
    this.since[entry] = now;
    this.used[entry] = 1;
  }

  /** The wait begins anew. */
  restart(entry: number, now: number): void {
    this.since[entry] = now;
  }

  free(entry: number): void {
    this.used[entry] = 0;
  }
}
