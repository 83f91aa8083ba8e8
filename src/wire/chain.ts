const NONE = -1;

/** Indices in the order in which they were appended, each at most once. Any of them can be taken out at the same cost. */
export class Chain {
  /** The oldest, or -1. */
  first = NONE;
  private last = NONE;
  private readonly next: Int16Array;
  private readonly previous: Int16Array;

  /** @param size how many indices there are, 0 to `size` - 1 */
  constructor(size: number) {
    this.next = new Int16Array(size);
    this.previous = new Int16Array(size);
  }

  append(index: number): void {
    'cold';
    const last = this.last;
    this.previous[index] = last;
    this.next[index] = NONE;
    if (last === NONE) this.first = index;
    else this.next[last] = index;
    this.last = index;
  }

  /** Takes out an index that was appended. */
  remove(index: number): void {
    'cold';
    const previous = this.previous[index];
    const next = this.next[index];
    if (previous === NONE) this.first = next;
    else this.next[previous] = next;
    if (next === NONE) this.last = previous;
    else this.previous[next] = previous;
  }
}
