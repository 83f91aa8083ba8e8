// The 119 requirements of RFC 9293 that its appendix B numbers, each in our own words, and what of it we decline; then the
// rows of RFC 1122 for link, IP, ICMP and UDP.
import { ICMP_AND_UDP } from './rfc1122-icmp-udp';
import { LINK_AND_IP } from './rfc1122-ip';
import { rfc1122 } from './row';
import type { Level, Requirement } from './row';

const MUST = 'MUST';
const NOT = 'MUST NOT';
const SHOULD = 'SHOULD';
const SHOULD_NOT = 'SHOULD NOT';
const MAY = 'MAY';

type Row9293 = [id: string, level: Level, section: string, asks: string, declined?: string];

const ROWS: Row9293[] = [
  // Header and options
  ['MUST-1', MUST, '3.1', 'The window field is an unsigned number: 65535 is a large window, not a negative one.'],
  ['MUST-2', MUST, '3.1', 'Every segment that is sent carries the right checksum.'],
  ['MUST-3', MUST, '3.1', 'A segment whose checksum is wrong is not taken in.'],
  ['MUST-4', MUST, '3.1', 'End of list, no-operation and maximum segment size are understood.'],
  ['MUST-5', MUST, '3.1', 'Options may stand in any segment, not only in a SYN.'],
  ['MUST-6', MUST, '3.1', 'An option of unknown kind is passed over by its length.'],
  ['MUST-7', MUST, '3.1', 'An option whose length cannot be does no harm and is noted.'],
  ['MUST-8', MUST, '3.4.1', 'Initial sequence numbers move on with a clock that ticks every 4 microseconds.'],
  ['MUST-9', NOT, '3.4.1', 'An outsider cannot compute the part of the initial sequence number that a connection\'s ends decide.'],
  ['MUST-10', MUST, '3.5', 'Two sides that open to each other at once get one connection.'],
  ['MUST-11', MUST, '3.5', 'SYN-RECEIVED knows whether a passive or an active open led to it.'],
  ['MUST-12', MUST, '3.6', 'The application learns whether the peer closed in order or reset the connection.'],
  ['MUST-13', MUST, '3.6.1', 'The side that closes first stays in TIME-WAIT for two segment lifetimes.'],
  ['MUST-14', MUST, '3.1, 3.7.1', 'The maximum segment size is both sent and heeded.'],
  ['MUST-15', MUST, '3.7.1', 'A peer that names no segment size gets segments of at most 536 octets.'],
  ['MUST-16', MUST, '3.7.1', 'No segment is larger than the peer takes, or than a datagram of ours can carry with all its options.'],
  ['MUST-17', MUST, '3.7.4', 'An application can switch the Nagle algorithm off for its connection.'],
  ['MUST-18', MUST, '3.8.1', 'The timeout follows RFC 6298, and nothing that was sent twice is measured (Karn).'],
  ['MUST-19', MUST, '3.8.2', 'Slow start, congestion avoidance, and a timeout that doubles.'],
  ['MUST-20', MUST, '3.8.3', 'After R1 retransmissions IP is told that the way looks bad; after R2 the connection is over.'],
  ['MUST-21', MUST, '3.8.3', 'An application can set R2 for its connection.'],
  ['MUST-22', MUST, '3.8.3', 'Retransmissions of a SYN are counted and reported like those of data.'],
  ['MUST-23', MUST, '3.8.3', 'A SYN is sent again for three minutes at least.'],
  ['MUST-24', MUST, '3.8.4', 'An application can switch keep-alive on and off for its connection.'],
  ['MUST-25', MUST, '3.8.4', 'Keep-alive is off until it is asked for.'],
  ['MUST-26', MUST, '3.8.4', 'A keep-alive goes out only when nothing of ours is unacknowledged and nothing was heard for the interval.'],
  ['MUST-27', MUST, '3.8.4', 'The idle time before a keep-alive can be set.'],
  ['MUST-28', MUST, '3.8.4', 'Unless it is set, that time is two hours or more.'],
  ['MUST-29', MUST, '3.8.4', 'One keep-alive without an answer does not mean that the peer is gone.'],
  ['MUST-30', MUST, '3.8.5', 'The urgent mechanism is there, both ways.'],
  ['MUST-31', MUST, '3.8.5', 'Urgent data may be of any length.'],
  ['MUST-32', MUST, '3.8.5', 'The application is told when urgent data is announced, and when its end moves on.'],
  ['MUST-33', MUST, '3.8.5', 'The application can learn how much urgent data is still to be read.'],
  ['MUST-34', MUST, '3.8.6', 'A peer that takes window back does no harm.'],
  ['MUST-35', MUST, '3.8.6', 'A window that was taken back to nothing is probed like any closed window.'],
  ['MUST-36', MUST, '3.8.6.1', 'A closed window is probed.'],
  ['MUST-37', MUST, '3.8.6.1', 'However long a window stays closed, the connection lives while the probes are answered.'],
  ['MUST-38', MUST, '3.8.6.2.1', 'The sender does not fill small windows with small segments.'],
  ['MUST-39', MUST, '3.8.6.2.2', 'The receiver does not offer its window in small pieces.'],
  ['MUST-40', MUST, '3.8.6.3', 'An acknowledgment waits less than half a second.'],
  ['MUST-41', NOT, '3.9.1.1', 'A passive open leaves connections alone that exist already.'],
  ['MUST-42', MUST, '3.9.1.1', 'A port can be listened to while a connection of the same local port is being opened.'],
  ['MUST-43', MUST, '3.9.1.1', 'An open can name the local address.'],
  ['MUST-44', MUST, '3.9.1.1', 'An active open that names none gets the address that IP uses now.'],
  ['MUST-45', MUST, '3.9.1.1', 'From then on a connection keeps its local address.'],
  ['MUST-46', MUST, '3.9.1.1', 'An active open to something that is not one host\'s address is refused with an error.'],
  ['MUST-47', MUST, '3.9.1.8', 'Conditions that do not end a connection can be reported to its application.'],
  ['MUST-48', MUST, '3.9.1.9', 'An application can set the Differentiated Services field of its connection.'],
  ['MUST-49', MUST, '3.9.2', 'The time to live of segments can be set.'],
  ['MUST-50', MUST, '3.9.2', 'IP options that TCP does not know are passed over.'],
  ['MUST-51', MUST, '3.9.2.1', 'An active open can name a source route.'],
  ['MUST-52', MUST, '3.9.2.1', 'That route goes before one that a datagram of the peer\'s brings along.'],
  ['MUST-53', MUST, '3.9.2.1', 'What came over a source route to a passive open is answered over the same route backwards.'],
  ['MUST-54', MUST, '3.9.2.2', 'An ICMP error reaches the connection whose segment caused it.'],
  ['MUST-55', MUST, '3.9.2.2', 'Source quench is dropped without a word.'],
  ['MUST-56', NOT, '3.9.2.2', 'Unreachable net, host or route, time exceeded and parameter problem do not end a connection.'],
  ['MUST-57', MUST, '3.9.2.3', 'A SYN to a broadcast or multicast address is dropped without a word.'],
  ['MUST-58', MUST, '3.10.7.4', 'Acknowledgments are put together where that is possible.'],
  ['MUST-59', MUST, '3.10.7.4', 'Segments that wait in a row are all processed before any acknowledgment is sent.'],
  ['MUST-60', NOT, '3.9.1.2', 'Without a PUSH in the call: what was written does not wait for ever.'],
  ['MUST-61', MUST, '3.9.1.2', 'Without a PUSH in the call: PSH is set where nothing more is queued.'],
  ['MUST-62', MUST, '3.8.5', 'The urgent pointer points at the octet behind the urgent data.'],
  ['MUST-63', MUST, '3.9.2.3', 'A SYN from an address that no single host can have is passed over.'],
  ['MUST-64', MUST, '3.2', 'Options are read wherever they begin, aligned or not.'],
  ['MUST-65', NOT, '3.2', 'A segment without SYN carries no maximum segment size.'],
  ['MUST-66', MUST, '3.4', 'RST and URG count even while the receive window is closed.'],
  ['MUST-67', MUST, '3.7.1', 'The segment size that we name is no more than IP can take in for us.'],
  ['MUST-68', MUST, '3.1', 'Every option we send but end of list and no-operation has a length.'],
  ['MUST-69', MUST, '3.1', 'What stands behind the end of the option list is zeros.'],

  ['SHLD-1', SHOULD, '3.4.1', 'Initial sequence numbers are that clock plus a keyed hash of both ends.'],
  ['SHLD-2', SHOULD, '3.5.3', 'A RST may carry data.'],
  ['SHLD-3', SHOULD, '3.6.1', 'Closing for good with data unread, or getting data afterwards, is answered with a RST.'],
  ['SHLD-4', SHOULD, '3.6.1', 'Timestamps let a new connection take the place of one in TIME-WAIT.'],
  ['SHLD-5', SHOULD, '3.7.1', 'Every SYN names our segment size when it is not 536.'],
  ['SHLD-6', SHOULD, '3.7.3', 'The segment size that we name is that of the smallest datagrams our link takes.'],
  ['SHLD-7', SHOULD, '3.7.4', 'Short segments wait for the acknowledgment of the last (Nagle).'],
  ['SHLD-8', SHOULD, '3.8.2', 'Explicit congestion notification.',
    'The gain is small on one Ethernet with windows of a few segments, and its code would cost every board flash.'],
  ['SHLD-9', SHOULD, '3.8.3', 'The application is told when R1 is reached and R2 is not.'],
  ['SHLD-10', SHOULD, '3.8.3', 'R1 is three retransmissions or more.'],
  ['SHLD-11', SHOULD, '3.8.3', 'R2 is a hundred seconds or more.'],
  ['SHLD-12', SHOULD, '3.8.4', 'A keep-alive carries no data.'],
  ['SHLD-13', SHOULD_NOT, '3.8.5, 3.9.1.2', 'New applications do not use urgent data.'],
  ['SHLD-14', SHOULD_NOT, '3.8.6', 'The right edge of our window is not moved to the left.'],
  ['SHLD-15', SHOULD_NOT, '3.8.6', 'When the peer takes window back, nothing new is sent.'],
  ['SHLD-16', SHOULD, '3.8.6', 'When the peer takes window back, what is left inside is sent again as usual.'],
  ['SHLD-17', SHOULD_NOT, '3.8.6', 'A connection does not end over data that the peer\'s window no longer covers.'],
  ['SHLD-18', SHOULD, '3.8.6.3', 'Acknowledgments are delayed a little.'],
  ['SHLD-19', SHOULD, '3.8.6.3', 'At least every second full segment is acknowledged at once.'],
  ['SHLD-20', SHOULD, '3.9.1.8', 'An application that does not want reports does not get them.'],
  ['SHLD-21', SHOULD, '3.9.1.9', 'The Differentiated Services field can be changed while the connection is open.'],
  ['SHLD-22', SHOULD, '3.9.1.9', 'That field reaches IP as it was set.'],
  ['SHLD-23', SHOULD_NOT, '3.9.2', 'The Differentiated Services field stays the same unless the application means to change it.'],
  ['SHLD-24', SHOULD, '3.9.2.1', 'A later source route of the peer\'s takes the place of an earlier one.'],
  ['SHLD-25', SHOULD, '3.9.2.2', 'The application is told of unreachable net, host and route.'],
  ['SHLD-26', SHOULD, '3.9.2.2', 'Unreachable protocol or port ends the connection; a datagram that is too large is made smaller instead (RFC 1191).'],
  ['SHLD-27', SHOULD, '3.9.1.2', 'Many small writes become one large segment.'],
  ['SHLD-28', SHOULD, '3.9.1.2', 'A full segment is sent whenever there is enough for one.'],
  ['SHLD-29', SHOULD, '3.8.6.1', 'The first probe of a closed window comes after the retransmission timeout.'],
  ['SHLD-30', SHOULD, '3.8.6.1', 'The pauses between probes grow exponentially.'],
  ['SHLD-31', SHOULD, '3.10.7.4', 'What arrives behind a gap is kept until the gap is filled.'],

  ['MAY-1', MAY, '3.6.1', 'An application may close both directions at once and read no more.'],
  ['MAY-2', MAY, '3.6.1', 'A new SYN may open the connection again out of TIME-WAIT.'],
  ['MAY-3', MAY, '3.7.1', 'The segment size may be named in every SYN.'],
  ['MAY-4', MAY, '3.8.1', 'An identical retransmission may keep its IP identification.',
    'Every datagram has a number of its own: it takes no memory of what was sent, and reassembly can mix nothing up.'],
  ['MAY-5', MAY, '3.8.4', 'There may be keep-alives.'],
  ['MAY-6', MAY, '3.8.4', 'Keep-alives may be set to carry one octet of garbage.',
    'It served peers of the 1980s that did not answer an empty segment; none that is alive needs it.'],
  ['MAY-7', MAY, '3.8.6', 'Old data beyond a window that was taken back may be sent again.'],
  ['MAY-8', MAY, '3.8.6.1', 'Our own window may stay closed for as long as the application does not read.'],
  ['MAY-9', MAY, '3.9.1.9', 'The Differentiated Services field that arrives may be passed to the application.',
    'No application has asked for it, and each field of a connection costs every board memory.'],
  ['MAY-10', MAY, '3.9.2', 'The Timestamp option of IP may be supported.',
    'Routers drop datagrams with it; round trips are measured by TCP\'s own timestamps.'],
  ['MAY-11', MAY, '3.9.2', 'The Record Route option of IP may be supported.',
    'Routers drop datagrams with it; it is passed over like any option of IP that TCP does not know.'],
  ['MAY-12', MAY, '3.10.7.4', 'An acknowledgment far below what is expected may be rejected, against injected data.'],
  ['MAY-13', MAY, '3.10.7.4', 'A segment behind a gap may be acknowledged at once.'],
  ['MAY-14', MAY, '3.9.1.7', 'There may be a call that flushes what is queued.',
    'abort() throws away what is queued, and the connection with it; octets once numbered cannot be taken back.'],
  ['MAY-15', MAY, '3.9.1.2', 'SEND may take a PUSH flag.',
    'Every write is pushed: what the windows allow goes out in the same poll.'],
  ['MAY-16', MAY, '3.9.1.2', 'Small writes may be gathered before they are sent.'],
  ['MAY-17', MAY, '3.9.1.3', 'The PSH of a segment may be passed to the receiving application.',
    'Whatever arrives is handed over at once, so PSH would tell an application nothing.'],
  ['MAY-18', MAY, '3.8.2', 'Another congestion control of the standards track may be used.'],

  ['REC-1', SHOULD, '3.1', 'Windows are kept and compared as 32-bit numbers.'],
];

const RFC_9293: Requirement[] = ROWS.map(([id, level, section, asks, declined]) => ({
  id, level, rfc: 9293, section, asks, ...(declined === undefined ? {} : { declined }),
}));

export const REQUIREMENTS: Requirement[] = [...RFC_9293, ...[...LINK_AND_IP, ...ICMP_AND_UDP].map(rfc1122)];

export function isMust(requirement: Requirement): boolean {
  return requirement.level === MUST || requirement.level === NOT;
}

/** The requirements that a test's title names: "[MUST-2, MUST-3] ..." or "[1122-3.2.1.1-1] ...". */
export function idsOf(title: string): string[] {
  return Array.from(title.matchAll(/\[((?:(?:[A-Z]+|1122-[\d.]+)-\d+(?:, )?)+)\]/g)).flatMap(([, ids]) => ids!.split(', '));
}
