/** The segment size of a peer that names none (RFC 9293 section 3.7.1). */
export const DEFAULT_SEND_MSS = 536;
/** A peer that names less than this gets segments of this size: headers would outweigh the data many times. */
export const MINIMUM_MSS = 64;
/** Milliseconds that an acknowledgment may wait for data to go with; the limit is 500 (RFC 9293 section 3.8.6.3). */
export const DELAYED_ACK_TIME = 200;
/** Retransmissions in a row after which the path is doubted, and the application told (SHLD-10). */
export const R1 = 3;
/** Timeouts in a row after which the peer counts as gone: 1 + 2 + ... + 32 + 60 s, at least 100 s (SHLD-11). */
export const R2 = 7;
/** The same for a SYN: one more, at least 3 minutes (MUST-23). */
export const SYN_R2 = 8;
/** Milliseconds without progress after which a connection that the application has closed for good is given up. */
export const ORPHAN_TIME = 60000;
/** Where `ControlBlock.service` counts the probes of a closed window, and up to how many: each doubles the pause. */
export const PROBES = 24;
export const ONE_PROBE = 1 << PROBES;
export const MOST_DOUBLINGS = 7;
/** The longest pause between two probes of a closed window, milliseconds. */
export const MAXIMUM_PROBE_INTERVAL = 60000;
/** Probes of a closed window that may go unanswered in a row before the peer counts as gone. */
export const UNANSWERED_PROBES = 8;
/** Challenge acknowledgments a second: RFC 5961 section 7; up to 7 more, so that they cannot be counted from outside. */
export const CHALLENGE_LIMIT = 10;
/** Stretches behind a gap that a connection keeps; with a window of a few segments there cannot be many. */
export const GAPS = 4;
/** Idle time before the first probe, milliseconds: no less than two hours by default (MUST-28). */
export const KEEP_ALIVE_IDLE = 7200000;
/** Milliseconds between two probes, and how many may go unanswered (MUST-29: never only one). */
export const KEEP_ALIVE_INTERVAL = 75000;
export const KEEP_ALIVE_PROBES = 10;
