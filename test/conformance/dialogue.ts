import { expect } from 'vitest';
import { word } from '../src/frames';
import { FULL } from '../src/lan';
import { mssOption, Peer, PEER } from '../src/peer';
import type { Heard, Template } from '../src/peer';
import type { SoftError } from '../../src/tcp/errors';
import type { ConnectOptions } from '../../src/tcp/calls';
import type { Connection } from '../../src/tcp/connection';
import { inState, listening } from '../src/tcp/states';
import type { Options } from '../src/tcp/states';
import { lengths, writes } from '../src/tcp/writing';

// What several conformance tests say and do.

export { lengths, writes };

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** An open connection whose peer named this segment size and window; nothing was sent on it yet. */
export function opens(options: Options = {}, mss: number | null = 1460, wnd = 8192): Peer {
  const peer = listening(options);
  peer.wnd = wnd;
  peer.sends({ flags: 'SYN', options: mss === null ? [] : mssOption(mss) });
  expect(peer.hears()).toMatchObject({ flags: 'SYN ACK', ack: 1 });
  return inState(peer.sends({}), 'ESTABLISHED').expectsNothing();
}

/** The timestamps option with the two no-operations in front that RFC 7323 recommends. */
export const timestamps = (value: number, echo: number) => [1, 1, 8, 10, ...word(value), ...word(echo)];

/** The value that the timestamps option of a segment carries; undefined without the option. */
export function timestampOf(heard: { options: number[] }): number | undefined {
  for (let at = 0; at < heard.options.length;) {
    const kind = heard.options[at]!;
    if (kind === 8) return Buffer.from(heard.options).readInt32BE(at + 2);
    at += kind === 1 ? 1 : Math.max(1, heard.options[at + 1]!);
  }
  return undefined;
}

/** An open connection on which every option of the SYN was agreed: the peer scales its window by 2^`shift`. */
export function opensFully(options: Options = {}, shift = 7, mss = 1460): Peer {
  const peer = listening({ ...FULL, ...options });
  peer.sends({ flags: 'SYN', options: [...mssOption(mss), 4, 2, ...timestamps(1, 0).slice(2), 1, 3, 3, shift] });
  const heard = peer.hears();
  expect(heard).toMatchObject({ flags: 'SYN ACK', ack: 1 });
  peer.sends({ options: timestamps(2, timestampOf(heard!)!) });
  return inState(peer, 'ESTABLISHED');
}

/** A connection that the application opens to the peer; its SYN is on the way and nobody has heard it yet. */
export function asks(options: Options = {}, open: ConnectOptions = {}): Peer {
  const peer = new Peer(options);
  peer.app.connection = peer.stack.connect(PEER, peer.port, peer.app, open);
  peer.stackPort = peer.connection.localPort;
  peer.poll();
  return peer;
}

/** An application that reads only when `read` is called for it. */
export function unread(peer: Peer): Peer {
  peer.app.readable = () => undefined;
  return peer;
}

export function read(peer: Peer, count: number): number {
  return peer.connection.read(new Uint8Array(count), 0, count);
}

export const received = (peer: Peer): string => Buffer.from(peer.app.received).toString('latin1');

/** In the order of `SoftError`. */
const ERRORS = ['unreachable', 'time exceeded', 'parameter problem', 'retransmitting'];

/** The application takes reports and urgent data; they stand among its other events. */
export function listens(peer: Peer): Peer {
  return Object.assign(peer, {
    app: Object.assign(peer.app, {
      report: (_c: Connection, error: SoftError) => void peer.app.events.push('report: ' + ERRORS[error]),
      urgent: () => void peer.app.events.push('urgent'),
    }),
  });
}

/** What the application has heard since it was asked last. */
export function hearsOf(peer: Peer): string[] {
  peer.poll();
  return peer.app.events.splice(0);
}

/** When, in milliseconds from now, the stack says something that `counts`, for as long as `during`. */
export function times(peer: Peer, during: number, counts: (heard: Heard) => boolean = () => true, step = 10): number[] {
  const start = peer.now;
  const seen: number[] = [];
  while (peer.now < start + during) {
    peer.passes(step);
    for (const heard of peer.hearsAll()) if (counts(heard)) seen.push(peer.now - start);
  }
  return seen;
}

/** Sends the same template some times over. */
export function repeats(peer: Peer, times: number, template: Template): Peer {
  for (let n = 0; n < times; n++) peer.sends(template);
  return peer;
}
