import { describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/tcp/connection';
import type { Listener } from '../../../src/tcp/listener';
import { mssOption, Peer } from '../../src/peer';
import type { Heard, Template } from '../../src/peer';
import {
  closeWait, closing, established, finWait1, finWait2, lastAck, listening, synReceived, synSent, timeWait,
} from '../../src/tcp/states';
import type { Options } from '../../src/tcp/states';

// The machine that reads the tables beside this file: every state of RFC 9293 section 3.3.2 x every event of section
// 3.10. A row of a table: the states that it is about, in the RFC's order ("A ... B" for all from A to B), then the next
// state ("same"), what is sent, as the RFC writes segments, and what the application is told.

/** The variables of section 3.3.1 when the event comes; both initial sequence numbers are 0. */
export interface Variables {
  'SND.UNA': number;
  'SND.NXT': number;
  'RCV.NXT': number;
}

export interface Scene {
  peer: Peer;
  /** The connection; in CLOSED, LISTEN and TIME-WAIT a connection object that is over. */
  c: Connection;
  /** While somebody listens. */
  listener: Listener | undefined;
  state: string;
  v: Variables;
}

type Row = [start: (options: Options) => Peer, sndUna: number, sndNxt: number, rcvNxt: number];

/** A peer to which we open while it opens to us. */
function bothOpen(options: Options): Peer {
  return synSent(options).sends({ flags: 'SYN', options: mssOption(1460) }).expects({ flags: 'SYN ACK', ack: 1 });
}

const STATES: Record<string, Row> = {
  'CLOSED': [(options) => new Peer(options), 0, 0, 0],
  'LISTEN': [listening, 0, 0, 0],
  'SYN-SENT': [synSent, 0, 1, 0],
  'SYN-RECEIVED/passive': [synReceived, 0, 1, 1],
  'SYN-RECEIVED/active': [bothOpen, 0, 1, 1],
  'ESTABLISHED': [established, 1, 1, 1],
  'FIN-WAIT-1': [finWait1, 1, 2, 1],
  'FIN-WAIT-2': [finWait2, 2, 2, 1],
  'CLOSE-WAIT': [closeWait, 1, 1, 2],
  'CLOSING': [closing, 1, 2, 2],
  'LAST-ACK': [lastAck, 1, 2, 2],
  'TIME-WAIT': [timeWait, 2, 2, 2],
};

const NAMES = Object.keys(STATES);

/** A connection in a state, nobody listening any more where that is not what the state is about. */
export function sceneIn(state: string, options: Options = {}): Scene {
  const [start, sndUna, sndNxt, rcvNxt] = STATES[state]!;
  const peer = start(options);
  const listener = peer.stack.tcp.listeners.find(({ port }) => port !== 0);
  const { connections } = peer.stack.tcp;
  const c = connections.find(({ stateName }) => stateName !== 'CLOSED') ?? connections[0]!;
  if (listener && !/LISTEN|passive/.test(state)) listener.close();
  Object.assign(peer.app, {
    readable: (open: Connection) => {
      const bytes = new Uint8Array(4096);
      if (open.read(bytes, 0, bytes.length) > 0) peer.app.events.push('text');
    },
    urgent: () => void peer.app.events.push('urgent'),
  });
  peer.hearsAll();
  peer.app.events.length = 0;
  return { peer, c, listener, state, v: { 'SND.UNA': sndUna, 'SND.NXT': sndNxt, 'RCV.NXT': rcvNxt } };
}

/** The state that a peer's connection is in, or else the port that it called. */
function stateOf(peer: Peer): string {
  const { connections, timeWait, listeners } = peer.stack.tcp;
  const open = connections.find(({ stateName }) => stateName !== 'CLOSED');
  if (open) return open.stateName;
  if (timeWait.waiting.first >= 0) return 'TIME-WAIT';
  return listeners.some(({ port }) => port === peer.stackPort) ? 'LISTEN' : 'CLOSED';
}

/** The octets, SYN and FIN of a template: SEG.LEN. */
function lengthOf(template: Template): number {
  return (template.data?.length ?? 0) + (/SYN/.test(template.flags ?? '') ? 1 : 0) + (/FIN/.test(template.flags ?? '') ? 1 : 0);
}

/** The value of a sum such as "SND.NXT-1" or "SEG.SEQ+SEG.LEN". */
function valueOf(sum: string, known: Record<string, number>): number {
  return Array.from(sum.matchAll(/([+-]?)([A-Z.]+|\d+)/g)).reduce((total, [, sign, word]) => {
    const value = /\d/.test(word!) ? Number(word) : known[word!];
    expect(value, `${word} in ${sum}`).toBeDefined();
    return total + (sign === '-' ? -value! : value!);
  }, 0);
}

/** A segment as the RFC writes it, "<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>", in numbers; PSH is left out. */
function segmentOf(text: string, known: Record<string, number>): object {
  const fields = new Map(Array.from(text.matchAll(/<([A-Z]+)=([^>]*)>/g)).map(([, name, value]) => [name!, value!]));
  return {
    seq: valueOf(fields.get('SEQ')!, known),
    ack: fields.has('ACK') ? valueOf(fields.get('ACK')!, known) : 0,
    ctl: fields.get('CTL')!.split(',').sort().join(','),
    data: fields.get('DATA') ?? '',
  };
}

function seen({ seq, ack, flags, data }: Heard): object {
  return { seq, ack, ctl: flags.split(' ').filter((flag) => flag !== 'PSH').sort().join(','), data };
}

/** The states that a row names. */
function statesOf(text: string): string[] {
  return text.split(',').flatMap((part) => {
    const [first, last] = part.trim().split(/\s*\.\.\.\s*/).map((name) => NAMES.findIndex((known) => known.startsWith(name)));
    expect(Math.min(first!, last ?? 0), part).toBeGreaterThanOrEqual(0);
    if (last !== undefined) return NAMES.slice(first, last + 1);
    return NAMES.filter((known) => known === part.trim() || known.split('/')[0] === part.trim());
  });
}

function rowsOf(table: string): string[][] {
  return table.trim().split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
}

/** What happens in a scene; it returns what the table's fourth column says of a call, if it is one. */
export type Happening = (scene: Scene, segment: Record<string, number>) => unknown;

/** Tests every cell of a table. Each state, or each of those that the event can meet, has to be in it exactly once. */
export function table(title: string, happens: Happening, text: string, options: Options = {}, states = NAMES): void {
  describe(title, () => {
    const cells = rowsOf(text).flatMap(([states, ...rest]) => statesOf(states!).map((state) => [state, ...rest] as string[]));

    test('has every state once', () => {
      expect(cells.map(([state]) => state!).sort()).toEqual([...states].sort());
    });

    test.each(cells)('%s -> %s, sends %s, hears %s', (...cell) => {
      const [state, next, sent, heard, answer] = cell as [string, string, string, string, string?];
      const scene = sceneIn(state, options);
      const { peer, v } = scene;
      const segment: Record<string, number> = { 'ISS': 0, 'IRS': 0, ...v };
      const result = attempt(() => happens(scene, segment));
      peer.poll();
      if (answer !== undefined) expect(String(result)).toMatch(answer === 'error' ? /^Error: / : new RegExp(`^${answer}$`));
      else if (result instanceof Error) throw result;
      const said = peer.hearsAll().map(seen);
      if (sent !== '*') expect(said).toEqual(sent === '-' ? [] : sent.split(/\s+(?=<SEQ)/).map((one) => segmentOf(one, segment)));
      expect(peer.app.events).toEqual(heard === '-' ? [] : heard.split(', '));
      expect(stateOf(peer)).toBe(next === 'same' ? state.split('/')[0] : next);
    });
  });
}

function attempt(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

/** The table of a segment's arrival, section 3.10.7. */
export function segmentArrives(title: string, template: (v: Variables, acked: number) => Template & { seq: number }, text: string): void {
  table(title, ({ peer, v, state }, segment) => {
    // What a peer acknowledges that has everything but a FIN of ours.
    const acked = state === 'FIN-WAIT-2' || state === 'TIME-WAIT' ? 2 : state === 'CLOSED' || state === 'LISTEN' ? 700 : 1;
    const sent = template(v, acked);
    Object.assign(segment, { 'SEG.SEQ': sent.seq, 'SEG.ACK': sent.ack ?? 0, 'SEG.LEN': lengthOf(sent) });
    peer.sends(sent);
  }, text);
}

