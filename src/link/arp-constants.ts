/** What an entry of the cache knows. */
export const enum Entry {
  free = 0,
  incomplete = 1, // asked for, no answer yet
  reachable = 2, // answered, and not older than `REACHABLE_TIME`
  /** In use beyond `REACHABLE_TIME`: the old address serves while its owner is asked again. */
  probing = 3,
}

/** Milliseconds for which an answer is believed: RFC 1122 section 2.3.2.1 asks for about a minute. */
export const REACHABLE_TIME = 60000;
/**
 * Milliseconds between two requests for one address: at most one a second, RFC 1122 section 2.3.2.1. As long an answer
 * stands against others, which come from hosts that answer for a neighbour without being it.
 */
export const REQUEST_INTERVAL = 1000;
/** Requests without an answer after which an address counts as not there. */
export const REQUEST_TRIES = 3;
/** Milliseconds between the announcements of our own address, and how many: RFC 5227 section 1.1. */
export const ANNOUNCE_INTERVAL = 2000;
export const ANNOUNCE_COUNT = 2;
