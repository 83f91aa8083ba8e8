import { describe, expect, test } from 'vitest';
import { FULL, noise } from '../src/lan';
import { mssOption } from '../src/peer';
import { established, listening } from '../src/tcp/states';
import { asks, lengths, opensFully, received, timestamps, writes } from './dialogue';
import { overhears, takes } from './raw';

/** The largest segment that a peer gets whose SYN carried these options: ours could be 1460. */
function segmentFor(options: number[], profile = {}): number {
  const peer = listening({ ...profile, mss: 1460, receiveBuffer: 1460, sendBuffer: 8000 });
  peer.sends({ flags: 'SYN', options }).expects({ flags: 'SYN ACK' }).sends({});
  writes(peer, 3000);
  return lengths(peer)[0]!;
}

/** Every option of a segment of ours. @throws Error when they are not as section 3.1 has them */
function strictly(options: number[]): [kind: number, body: number[]][] {
  const seen: [number, number[]][] = [];
  for (let at = 0; at < options.length;) {
    const kind = options[at]!;
    if (kind === 0) {
      expect(options.slice(at), 'behind the end of the list').toEqual(options.slice(at).map(() => 0));
      return seen;
    }
    if (kind === 1) {
      at++;
      continue;
    }
    const length = options[at + 1]!;
    expect(length, `the length of option ${kind}`).toBeGreaterThanOrEqual(2);
    expect(at + length, `the end of option ${kind}`).toBeLessThanOrEqual(options.length);
    seen.push([kind, options.slice(at + 2, at + length)]);
    at += length;
  }
  return seen;
}

const MANDATORY = mssOption(100);

describe('options that arrive (RFC 9293 section 3.1)', () => {
  test('[MUST-4] no-operation is stepped over, the segment size heeded, the end of the list is its end', () => {
    expect(segmentFor([1, 1, 1, 1, ...MANDATORY])).toBe(100);
    expect(segmentFor([...MANDATORY, 0, ...mssOption(700).slice(1)])).toBe(100);
    expect(segmentFor([0, 0, 0, 0, ...MANDATORY])).toBe(536);
  });

  test('[MUST-5] they may stand in any segment', () => {
    const options = [1, 254, 6, 1, 2, 3, 4, 1];
    const peer = listening().sends({ flags: 'SYN', options }).expects({ flags: 'SYN ACK' }).sends({ options });
    peer.sends({ data: 'one', options: [1, 1, 1, 0] }, { data: 'two', options }).expects({ ack: 7 });
    expect(received(peer)).toBe('onetwo');
    writes(peer, 'abc').expects({ data: 'abc' }).sends({ options }).passes(5000).expectsNothing();
    peer.sends({ data: '!', flags: 'FIN ACK', options: noOperations(40) }).expects({ ack: 9 });
    expect(peer.sends({ flags: 'RST', options }).app.events).toEqual(['opened', 'ended', 'closed: reset']);
  });

  test('[MUST-6] those of unknown kinds are passed over by their length, without a word', () => {
    for (let kind = 0; kind < 256; kind++) {
      if (kind < 6 || kind === 8) continue;
      for (const length of [2, 4, 10]) {
        const unknown = [kind, length, ...noise(length - 2)];
        expect(segmentFor([...noOperations(12 - length), ...unknown, ...MANDATORY], FULL), `kind ${kind}`).toBe(100);
      }
    }
  });

  test.each([
    ['0', [254, 0, 0, 0]],
    ['1', [254, 1, 0, 0]],
    ['more than there is', [254, 5, 0, 0]],
    ['255', [1, 1, 254, 255]],
    ['missing', [1, 1, 1, 254]],
    ['of a segment size: 0', [2, 0, 2, 24]],
    ['of a segment size: cut off', [1, 1, 2, 4]],
    ['of timestamps: 1', [8, 1, 0, 0]],
  ])('[MUST-7] a length that is %s: noted, and the segment is taken all the same', (_name, options) => {
    const peer = listening().sends({ flags: 'SYN', options }).expects({ flags: 'SYN ACK' }).sends({ data: 'hello', options });
    expect(peer.stack.tcp.counters.malformedOptions).toBe(2);
    expect(received(peer)).toBe('hello');
  });

  test.each([
    ['segment size', 2, [3, 3, 100, 1]],
    ['window scale', 3, [3, 4, 1, 1]],
    ['SACK permitted', 4, [4, 4, 1, 1]],
    ['timestamps', 8, [8, 4, 1, 1]],
  ])('[MUST-7] a %s of a length that is not its own counts for nothing', (_name, kind, wrong) => {
    const peer = listening(FULL).sends({ flags: 'SYN', options: kind === 2 ? [2, 3, 100, 1] : wrong });
    const heard = peer.hears()!;
    expect(heard.flags).toBe('SYN ACK');
    // Nothing was agreed that had not been offered.
    expect(strictly(heard.options).map(([agreed]) => agreed)).toEqual([2]);
  });

  test('[MUST-64] they need not be aligned', () => {
    for (const front of [0, 1, 2, 3]) {
      expect(segmentFor([...noOperations(front), ...MANDATORY, ...noOperations(4 - front)])).toBe(100);
    }
    const peer = listening(FULL).sends({ flags: 'SYN', options: [1, ...mssOption(100), 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 3, 3, 2] });
    const agreed = strictly(peer.hears()!.options);
    expect(agreed.map(([kind]) => kind).sort()).toEqual([2, 3, 4, 8]);
    expect(agreed.find(([kind]) => kind === 8)![1].slice(4)).toEqual([0, 0, 0, 9]);
  });
});

describe('options that we send', () => {
  /** Everything that a connection with all options says in its life: open, data, gaps, retransmission, close. */
  function everything(): { flags: string; options: number[] }[] {
    const segments = overhears(asks(FULL));
    const peer = opensFully();
    peer.sends({ data: noise(100), seq: 200, options: timestamps(5, 0) }, { data: noise(100), seq: 500, options: timestamps(6, 0) });
    segments.push(...takes(peer));
    writes(peer, 1200).passes(1000);
    segments.push(...takes(peer));
    peer.connection.end();
    segments.push(...takes(peer.sends({ ack: 1201, options: timestamps(7, 0) })));
    const simple = established();
    simple.connection.setKeepAlive(true, 1000, 1000, 1);
    writes(simple, 10);
    segments.push(...takes(simple.sends({ ack: 11 }).passes(1000)));
    simple.connection.abort();
    segments.push(...takes(simple));
    expect(segments.length).toBeGreaterThan(8);
    return segments;
  }

  test('[MUST-65] no segment size without SYN', () => {
    for (const { flags, options } of everything()) {
      const kinds = strictly(options).map(([kind]) => kind);
      if (flags.includes('SYN')) expect(kinds).toContain(2);
      else expect(kinds).not.toContain(2);
    }
  });

  test('[MUST-68] each has a length, and ends where the header does at the latest', () => {
    const kinds = new Set(everything().flatMap(({ options }) => strictly(options).map(([kind]) => kind)));
    // Segment size, window scale, SACK permitted, SACK blocks, timestamps: all were seen.
    expect([...kinds].sort()).toEqual([2, 3, 4, 5, 8]);
  });

  test('[MUST-69] behind the end of the list there is nothing but zeros, and the header is whole words', () => {
    for (const { options } of everything()) {
      strictly(options);
      expect(options.length % 4).toBe(0);
    }
  });
});

function noOperations(count: number): number[] {
  return Array.from({ length: count }, () => 1);
}
