/** The type that Espruino gives with each call: HTTP or not in the lowest two bits. */
export const enum SocketType {
  http = 1,
  udp = 2,
  mask = 3,
}

/** No socket. */
export const NONE = -1;

/** Milliseconds that a peer which has closed its side waits for an answer at most. */
export const ANSWER_TIME = 30000;

/** Milliseconds in which Espruino's idle loop comes round to reading what has arrived. */
export const READING_TIME = 20;

/** How far a connection's socket has got. */
export const enum Phase {
  free = 0,
  /** Opened by a peer, not accepted by Espruino yet. */
  waiting = 1,
  open = 2,
  /** Over; `reason` says why. Espruino has not closed the socket yet. */
  over = 3,
}

/** How many sockets are open. */
export function countOpen(phases: Uint8Array): number {
  'cold';
  let count = 0;
  for (let slot = 0; slot < phases.length; slot++) if (phases[slot] === Phase.open) count++;
  return count;
}

/**
 * Native functions that answer as `accept` and `recv` do while there is nothing to tell. Espruino's idle loop asks for
 * every socket in every turn; a function of ours costs it ten times as much.
 */
export const NOBODY = ''.indexOf.bind('', 'x'); // -1
export const NOTHING = ''.toString.bind('');

/** The largest number that a socket of a device before may have. */
let last = 0;

/** A slot's number before it is used: larger than all that Espruino may still hold. */
export function unusedNumber(slot: number, slots: number): number {
  'cold';
  return (((last / slots) | 0) + 1) * slots + slot;
}

/** The sockets of a device that was let go have no numbers any more. */
export function takeNumbers(numbers: Int32Array): void {
  'cold';
  for (let slot = 0; slot < numbers.length; slot++) if (numbers[slot] > last) last = numbers[slot];
  numbers.fill(-1);
}
