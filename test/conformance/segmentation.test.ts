import { describe, expect, test } from 'vitest';
import { FULL, noise } from '../src/lan';
import { mssOption } from '../src/peer';
import { established, listening } from '../src/tcp/states';
import { asks, lengths, opens, opensFully, received, times, writes } from './dialogue';

const BIG = { mss: 1460, sendBuffer: 8000, receiveBuffer: 4000 };

describe('maximum segment size (RFC 9293 section 3.7.1)', () => {
  test('[MUST-14] ours is named in a SYN and in a SYN ACK, the peer\'s is heeded', () => {
    asks(BIG).expects({ flags: 'SYN', options: mssOption(1460) });
    const peer = listening(BIG).sends({ flags: 'SYN', options: mssOption(700) });
    peer.expects({ flags: 'SYN ACK', options: mssOption(1460) }).sends({});
    expect(lengths(writes(peer, 1400))).toEqual([700, 700]);
  });

  test('[MUST-14] also that of a SYN ACK', () => {
    const peer = asks(BIG).expects({ flags: 'SYN' }).sends({ flags: 'SYN ACK', options: mssOption(300) }).expects({ ack: 1 });
    expect(lengths(writes(peer, 600))).toEqual([300, 300]);
  });

  test('[MUST-15] a peer that names none gets 536 octets', () => {
    expect(lengths(writes(opens(BIG, null), 1072))).toEqual([536, 536]);
    const peer = asks(BIG).expects({ flags: 'SYN' }).sends({ flags: 'SYN ACK' }).expects({ ack: 1 });
    expect(lengths(writes(peer, 1072))).toEqual([536, 536]);
  });

  test.each([[1460, 1460, 1460], [536, 1460, 536], [1460, 536, 536], [1460, 9000, 1460], [300, 100, 100]])(
    '[MUST-16] ours %i, the peer\'s %i: segments of %i', (mss, offered, size) => {
      expect(lengths(writes(opens({ ...BIG, mss }, offered), size * 2))).toEqual([size, size]);
    });

  test('[MUST-16] the options in a segment take their room from its data', () => {
    const peer = opensFully({ ...BIG, ...FULL, mss: 1460, sendBuffer: 8000 });
    writes(peer, 3000);
    for (const heard of peer.hearsAll().filter(({ data }) => data.length > 0)) {
      expect(heard.options.length).toBeGreaterThan(0);
      expect(heard.data.length + heard.options.length).toBeLessThanOrEqual(1460);
    }
  });

  test.each([88, 536, 1000, 1460])('[MUST-67] a segment of the size that we name, %i, arrives whole', (mss) => {
    const peer = listening({ mss, receiveBuffer: 4000, sendBuffer: 4000 }).sends({ flags: 'SYN' });
    const [kind, length, high, low] = peer.hears()!.options;
    expect([kind, length]).toEqual([2, 4]);
    const named = high! * 256 + low!;
    expect(named).toBeGreaterThanOrEqual(mss);
    expect(named).toBeLessThanOrEqual(1460);
    peer.sends({}).sends({ data: noise(named) });
    expect(received(peer)).toHaveLength(named);
    // The largest datagram may spend some of it on options.
    peer.sends({ data: noise(named - 40), options: Array.from({ length: 40 }, () => 1) });
    expect(received(peer)).toHaveLength(named * 2 - 40);
  });

  test('[SHLD-5, MAY-3] every SYN names it, 536 or not, the first time and again', () => {
    for (const mss of [536, 1000]) {
      const peer = asks({ ...BIG, mss }).expects({ flags: 'SYN', options: mssOption(mss) });
      peer.passes(1000).expects({ flags: 'SYN', options: mssOption(mss) });
      peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK', options: mssOption(mss) });
      listening({ ...BIG, mss }).sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK', options: mssOption(mss) });
    }
  });

  test('[SHLD-6] it does not depend on the way that datagrams take', () => {
    const named = [{}, { gateway: 0x0a000009 }].map((way) => {
      const peer = asks({ ...BIG, ...way });
      return peer.hears()!.options.slice(0, 4);
    });
    // One link, one size: that of the frames the stack was made with.
    expect(named).toEqual([mssOption(1460), mssOption(1460)]);
  });
});

describe('Nagle (RFC 9293 section 3.7.4)', () => {
  test('[SHLD-7] a short segment waits for the acknowledgment of the last one', () => {
    const peer = writes(established(), 'a').expects({ seq: 1, data: 'a' });
    for (const letter of 'bcdef') writes(peer, letter).passes(100).expectsNothing();
    peer.sends({}).expects({ seq: 2, data: 'bcdef' });
  });

  test('[SHLD-7] a full one does not', () => {
    const peer = writes(established(), 'a').expects({ data: 'a' });
    writes(peer, 300).expectsNothing();
    writes(peer, 300);
    expect(lengths(peer)).toEqual([536]);
  });

  test('[MUST-17] noDelay lets each write go at once, on that connection only', () => {
    const peer = established();
    const other = peer.connection;
    Object.assign(peer, { port: 4001, seq: 0, ack: 0 });
    peer.sends({ flags: 'SYN', options: mssOption(536) }).expects({ flags: 'SYN ACK' }).sends({});
    expect(peer.connection.noDelay).toBe(false);
    peer.connection.noDelay = true;
    for (const letter of 'abc') writes(peer, letter).expects({ data: letter });
    other.write(Buffer.from('x'), 0, 1);
    expect(lengths(peer)).toEqual([1]);
    other.write(Buffer.from('y'), 0, 1);
    peer.expectsNothing();
  });

  test('[MUST-17] switched in the middle, it lets go what waits', () => {
    const peer = writes(established(), 'a').expects({ data: 'a' });
    writes(peer, 'bc').expectsNothing();
    peer.connection.noDelay = true;
    peer.expects({ seq: 2, data: 'bc' });
  });
});

describe('PUSH (RFC 9293 section 3.9.1.2)', () => {
  test('[MUST-60] whatever was written goes out, with nothing more written and nothing to push it', () => {
    for (const length of [1, 100, 536, 537, 1000, 2144]) {
      const peer = writes(established(), length);
      let sent = 0;
      for (const heard of peer.hearsAll()) sent += heard.data.length;
      peer.sends({}).passes(10);
      for (const heard of peer.hearsAll()) sent += heard.data.length;
      expect(sent, `of ${length}`).toBe(length);
    }
  });

  test('[MUST-60] also into a window that is smaller than a segment, in bounded time', () => {
    const peer = writes(established().sends({ wnd: 10 }), 200);
    expect(times(peer, 5000)[0]).toBeLessThanOrEqual(1000);
  });

  test('[MUST-61] the last segment of what is queued has PSH, those before it have not', () => {
    const peer = writes(established(), 1200);
    const pushed = (flags: string) => flags.includes('PSH');
    const first = peer.hearsAll();
    expect(first.map(({ data, flags }) => [data.length, pushed(flags)])).toEqual([[536, false], [536, false]]);
    const rest = peer.sends({}).hearsAll();
    expect(rest.map(({ data, flags }) => [data.length, pushed(flags)])).toEqual([[128, true]]);
    const exact = writes(established(), 1072).hearsAll();
    expect(exact.map(({ flags }) => pushed(flags))).toEqual([false, true]);
  });

  test('[MUST-61] so has what is sent again, if nothing follows it', () => {
    const peer = writes(established(), 5).expects({ flags: 'PSH ACK', data: expect.any(String) as string });
    peer.passes(1000);
    expect(peer.hears()!.flags).toBe('PSH ACK');
  });

  test('[SHLD-27, MAY-16] many small writes become one large segment', () => {
    const peer = writes(established(), 'x').expects({ data: 'x' });
    let text = '';
    for (let n = 0; n < 60; n++) {
      writes(peer, `<${n}>`);
      text += `<${n}>`;
    }
    expect(text.length).toBeLessThan(536);
    peer.expectsNothing().sends({}).expects({ seq: 2, data: text, flags: 'PSH ACK' });
  });

  test('[MAY-16] writes between two polls share a segment, the first one too', () => {
    const peer = established();
    for (const word of ['many ', 'words ', 'one ', 'segment']) writes(peer, word);
    peer.expects({ data: 'many words one segment' }).expectsNothing();
  });

  test('[SHLD-27] data that is sent again is put together anew', () => {
    const peer = established();
    peer.connection.noDelay = true;
    for (const word of ['a', 'b', 'c']) writes(peer, word).expects({ data: word });
    peer.passes(1000).expects({ seq: 1, data: 'abc' });
  });

  test('[SHLD-28] segments are full wherever there is enough to fill them', () => {
    const peer = established({ sendBuffer: 20_000 }).sends({ wnd: 20_000 });
    const sizes: number[] = [];
    for (let n = 0; n < 40; n++) {
      writes(peer, 267);
      sizes.push(...lengths(peer));
      if (n % 5 === 4) sizes.push(...lengths(peer.sends({ wnd: 20_000 })));
    }
    sizes.push(...lengths(peer.sends({ wnd: 20_000 })), ...lengths(peer.sends({ wnd: 20_000 })));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(40 * 267);
    // The first write found nothing on its way, and the last one has no more behind it.
    expect(sizes.filter((size) => size !== 536).length).toBeLessThanOrEqual(9);
    expect(Math.max(...sizes)).toBe(536);
  });
});
