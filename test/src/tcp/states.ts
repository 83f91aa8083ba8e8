import { expect } from 'vitest';
import type { StackOptions } from '../../../src/options';
import { ConnectionStatus } from '../../../src/tcp/status';
import { mssOption, Peer, PEER } from '../peer';

// A peer in conversation with a connection in the state named, each built from the one before.

export type Options = Partial<StackOptions>;

/** The segment size that the peer of these conversations names, and the stack's own. */
export const MSS = 536;

export function listening(options: Options = {}, start = 0): Peer {
  const peer = new Peer(options, start);
  peer.stack.listen(peer.stackPort, peer.app);
  return peer;
}

export function synReceived(options: Options = {}, start = 0): Peer {
  return listening(options, start).sends({ flags: 'SYN', options: mssOption(1460) }).expects({ seq: 0, ack: 1, flags: 'SYN ACK' });
}

export function established(options: Options = {}, start = 0): Peer {
  return inState(synReceived(options, start).sends({}), 'ESTABLISHED').expectsNothing();
}

/** Whatever can be seen of a stack with one connection. */
export function stateOf(peer: Peer): unknown {
  const status = new ConnectionStatus();
  if (peer.app.connection !== null) peer.app.connection.status(status);
  const { tcp, ip } = peer.stack;
  const { cwnd, since } = tcp.connections[0]!;
  const { received, events } = peer.app;
  return { ...status, cwnd, since, tcp: { ...tcp.counters }, ip: { ...ip.counters }, heard: received.length, events };
}

const word = (value: number) => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255];

/** The timestamps option, after two octets of padding. */
export const timestamps = (value: number, echo: number) => [1, 1, 8, 10, ...word(value), ...word(echo)];

/** Both sides scale windows and stamp their segments. */
export function stamped(options: Options = {}): Peer {
  const peer = listening({ windowScale: true, timestamps: true, receiveBuffer: 100_000, sendBuffer: 100_000, ...options });
  const more = options.sack ? [1, 1, 4, 2] : [];
  peer.sends({ flags: 'SYN', options: [...mssOption(1460), 1, 3, 3, 2, ...more, ...timestamps(peer.now, 0)] }).expects({ flags: 'SYN ACK' });
  peer.sends({ options: timestamps(peer.now, 0) }).expectsNothing();
  return peer;
}

export function synSent(options: Options = {}, start = 0): Peer {
  const peer = new Peer(options, start);
  peer.app.connection = peer.stack.connect(PEER, peer.port, peer.app);
  peer.stackPort = peer.connection.localPort;
  return peer.expects({ seq: 0, flags: 'SYN', options: mssOption(options.mss ?? MSS) });
}

export function opened(options: Options = {}, start = 0): Peer {
  const peer = synSent(options, start).sends({ flags: 'SYN ACK', options: mssOption(1460) });
  return inState(peer.expects({ seq: 1, ack: 1 }), 'ESTABLISHED');
}

export function finWait1(options: Options = {}): Peer {
  const peer = established(options);
  peer.connection.end();
  return inState(peer.expects({ seq: 1, ack: 1, flags: 'FIN ACK' }), 'FIN-WAIT-1');
}

export function finWait2(options: Options = {}): Peer {
  return inState(finWait1(options).sends({}), 'FIN-WAIT-2').expectsNothing();
}

export function closeWait(options: Options = {}): Peer {
  return inState(established(options).sends({ flags: 'FIN ACK' }), 'CLOSE-WAIT').expects({ seq: 1, ack: 2 });
}

export function closing(options: Options = {}): Peer {
  return inState(finWait1(options).sends({ flags: 'FIN ACK', ack: 1 }), 'CLOSING').expects({ seq: 2, ack: 2 });
}

export function lastAck(options: Options = {}): Peer {
  const peer = closeWait(options);
  peer.connection.end();
  return inState(peer.expects({ seq: 1, ack: 2, flags: 'FIN ACK' }), 'LAST-ACK');
}

/** The slot is free again; the table of TIME-WAIT answers. */
export function timeWait(options: Options = {}): Peer {
  const peer = finWait2(options).sends({ flags: 'FIN ACK' }).expects({ seq: 2, ack: 2 });
  expect(peer.app.events.at(-1)).toBe('closed: normal');
  return peer;
}

export function inState(peer: Peer, state: string): Peer {
  peer.poll();
  expect(peer.connection.stateName).toBe(state);
  return peer;
}
