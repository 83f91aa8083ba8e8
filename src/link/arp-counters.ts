/** ARP's counters: plain counts that wrap at 2^32. */
export class ArpCounters {
  requestsIn = 0;
  repliesIn = 0;
  requestsOut = 0;
  repliesOut = 0;
  /** Frames that are not ARP for IPv4 over Ethernet, or neither ask nor answer. */
  malformed = 0;
  /** Senders that cannot be: a group as hardware or IPv4 address, or our own hardware address. */
  sourceErrors = 0;
  /** Frames in which another host uses our address, or the one that we are about to take. */
  conflicts = 0;
  /** Replies that were not believed: of hosts unknown to us, or behind the first answer to a question. */
  unsolicited = 0;
  /** Packets given up: no answer, another one took their place, too long to wait, or too many neighbours asked for. */
  pendingDropped = 0;
  /** Entries thrown out to make room for another. */
  evicted = 0;
}
