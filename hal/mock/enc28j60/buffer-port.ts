type User = 'transmitter' | 'DMA';

/** The buffer's second port: transmission and DMA wait for each other (data sheet section 13.0). */
export class BufferPort {
  private owner: User | undefined;
  private waiting: { user: User; run: () => void } | undefined;

  /** Runs `run` now, or when the other user has released the port. */
  request(user: User, run: () => void): void {
    if (this.owner === undefined || this.owner === user) {
      this.owner = user;
      run();
    } else {
      this.waiting = { user, run };
    }
  }

  /** Gives the port up, or takes a request back. Does nothing for a user that has neither. */
  release(user: User): void {
    if (this.waiting?.user === user) this.waiting = undefined;
    if (this.owner !== user) return;
    const next = this.waiting;
    this.owner = next?.user;
    this.waiting = undefined;
    next?.run();
  }
}
