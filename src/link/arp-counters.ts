/** ARP's counters: plain counts that wrap at 2^32. */
export class ArpCounters {
  requestsIn = 0;
  repliesIn = 0;
  requestsOut = 0;
  repliesOut = 0;
  /** Frames that are not ARP for IPv4 over Ethernet, or make no sense. */
  malformed = 0;
  /** Packets given up because their destination did not answer, or because another took their place. */
  pendingDropped = 0;
  /** Entries thrown out to make room for another. */
  evicted = 0;
}
