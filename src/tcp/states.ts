/** The states of a connection, in the order and spelling of RFC 9293 section 3.3.2. */
export const enum State {
  LISTEN = 0,
  SYN_SENT = 1,
  SYN_RECEIVED = 2,
  ESTABLISHED = 3,
  FIN_WAIT_1 = 4,
  FIN_WAIT_2 = 5,
  CLOSE_WAIT = 6,
  CLOSING = 7,
  LAST_ACK = 8,
  TIME_WAIT = 9,
  CLOSED = 10,
}

/** The RFC's name of a state, for people to read. A table of these texts would stay in memory. */
export function stateName(state: State): string {
  'cold';
  switch (state) {
    case State.LISTEN:
      return 'LISTEN';
    case State.SYN_SENT:
      return 'SYN-SENT';
    case State.SYN_RECEIVED:
      return 'SYN-RECEIVED';
    case State.ESTABLISHED:
      return 'ESTABLISHED';
    case State.FIN_WAIT_1:
      return 'FIN-WAIT-1';
    case State.FIN_WAIT_2:
      return 'FIN-WAIT-2';
    case State.CLOSE_WAIT:
      return 'CLOSE-WAIT';
    case State.CLOSING:
      return 'CLOSING';
    case State.LAST_ACK:
      return 'LAST-ACK';
    case State.TIME_WAIT:
      return 'TIME-WAIT';
    default:
      return 'CLOSED';
  }
}
