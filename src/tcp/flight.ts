/** What is known of a segment in flight: the low bits of its mark. */
export const enum Mark {
  /** The peer has it (RFC 2018). */
  sacked = 1,
  /** It counts as lost and has to be sent again. */
  lost = 2,
  /** It was sent more than once: its round trip says nothing (Karn's algorithm). */
  resent = 4,
  flags = 7,
  /** The rest is the time when it was sent last, milliseconds, by so many bits to the left. */
  time = 3,
}

/**
 * The segments in flight, oldest first: what RFC 9293 calls the retransmission queue. The octets themselves stay in the
 * send ring; a segment is where it ends, when it was sent, and what became of it. It starts where the one before ends.
 */
export class Flight {
  count = 0;
  first = 0;
  readonly mask: number;
  readonly ends: Int32Array;
  readonly marks: Int32Array;

  /** @param segments how many there may be at once at least */
  constructor(segments: number) {
    let size = 4;
    while (size < segments) size <<= 1;
    this.mask = size - 1;
    this.ends = new Int32Array(size);
    this.marks = new Int32Array(size);
  }

  clear(): void {
    'cold';
    this.count = 0;
  }

  /** Adds a segment that was sent at `now`. */
  push(end: number, now: number, flags: number): void {
    'inline';
    const at = (this.first + this.count++) & this.mask;
    this.ends[at] = end;
    this.marks[at] = (now << Mark.time) | flags;
  }

  /** Takes out the segments up to `una`. Returns the mark of the latest that was sent once, or 0 when there is none. */
  acknowledge(una: number): number {
    'inline';
    let mark = 0;
    while (this.count > 0 && ((this.ends[this.first] - una) | 0) <= 0) {
      const next = this.marks[this.first];
      if (!(next & (Mark.resent | Mark.sacked))) mark = next | Mark.flags;
      this.first = (this.first + 1) & this.mask;
      this.count--;
    }
    return mark;
  }

  /** When data was sent last, in the form of a mark. */
  get lastSent(): number {
    return this.marks[(this.first + this.count - 1) & this.mask];
  }
}
