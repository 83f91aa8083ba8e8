import { describe, expect, test } from 'vitest';
import { CloseReason } from '../../../src/tcp/errors';
import type { Connection } from '../../../src/tcp/connection';
import { noise, Recorder } from '../lan';
import { Peer, PEER } from '../peer';
import { closeWait, established, finWait2, inState, listening, synSent } from './states';

const EVENTS = ['opened', 'readable', 'writable', 'ended', 'closed'] as const;

/** A whole life of a connection, in which every event comes up: the peer sends, closes, and takes what it is sent. */
function life(peer: Peer): void {
  for (const template of [{ flags: 'SYN' }, {}, { data: 'hello' }, {}, { flags: 'FIN ACK' }, {}, {}]) {
    peer.sends(template);
    for (const heard of peer.hearsAll()) {
      if (heard.flags.includes('RST')) return;
      if (heard.flags.includes('FIN')) peer.sends({});
    }
  }
}

describe.each(EVENTS)('inside %s', (event) => {
  const calls: [string, (peer: Peer, c: Connection) => void][] = [
    ['write', (_peer, c) => { if (c.room > 0) c.write(noise(2144), 0, c.room); }],
    ['read', (_peer, c) => void c.read(new Uint8Array(9), 0, 9)],
    ['end', (_peer, c) => c.end()],
    ['close', (_peer, c) => c.close()],
    ['abort', (_peer, c) => c.abort()],
    ['end and abort', (_peer, c) => { c.end(); c.abort(); c.close(); }],
    ['connect', (peer) => void peer.stack.connect(PEER, 7, new Recorder())],
    ['listen', (peer) => void peer.stack.listen(81, new Recorder())],
    ['the listener\'s close', (peer) => peer.stack.tcp.listeners[0]!.close()],
    ['poll', (peer) => void peer.stack.poll(peer.now)],
    ['taking the handler away', (_peer, c) => { c.handler = null; }],
  ];

  test.each(calls)('%s may be called', (_name, call) => {
    const peer = listening({ connections: 2 });
    const app = peer.app;
    const heard: string[] = [];
    let called = false;
    for (const name of EVENTS) {
      const usual = app[name].bind(app) as (c: Connection, reason: CloseReason) => void;
      app[name] = (c: Connection, reason?: CloseReason) => {
        heard.push(name);
        usual(c, reason!);
        if (name === 'opened') c.write(noise(2144), 0, 2144);
        if (name === 'ended' && c.stateName === 'CLOSE-WAIT') c.end();
        if (name !== event || called) return;
        called = true;
        call(peer, c);
      };
    }
    life(peer);
    expect(called).toBe(true);
    expect(heard.filter((name) => name === 'opened')).toHaveLength(1);
    expect(heard.filter((name) => name === 'closed').length).toBeLessThanOrEqual(1);
    if (heard.includes('closed')) expect(heard.at(-1)).toBe('closed');
    // And the stack goes on: another peer is served.
    peer.hearsAll();
    peer.stack.tcp.connections.forEach((c) => c.abort());
    peer.poll();
    peer.hearsAll();
    if (peer.stack.tcp.listeners[0]!.port === 0) peer.stack.listen(80, peer.app);
    Object.assign(peer, { port: 4100, seq: 0, ack: 0 });
    peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' });
  });

  test('an exception goes to the caller of poll, and nothing is lost by it', () => {
    const peer = listening();
    peer.app.echo = true;
    const heard: string[] = [];
    let thrown = false;
    for (const name of EVENTS) {
      const usual = peer.app[name].bind(peer.app) as (c: Connection, reason: CloseReason) => void;
      peer.app[name] = (c: Connection, reason?: CloseReason) => {
        heard.push(name);
        if (name === 'opened') c.write(noise(2144), 0, 2144);
        usual(c, reason!);
        if (name !== event || thrown) return;
        thrown = true;
        throw new Error('the application\'s own');
      };
    }
    const poll = peer.poll.bind(peer);
    peer.poll = () => {
      try {
        return poll();
      } catch (error) {
        expect((error as Error).message).toBe('the application\'s own');
        return poll();
      }
    };
    peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({}, { data: 'hello' });
    let said = '';
    for (let round = 0; round < 10 && heard.at(-1) !== 'closed'; round++) {
      for (const { data } of peer.hearsAll()) said += data;
      peer.sends(round === 4 ? { flags: 'FIN ACK' } : {});
    }
    expect(thrown).toBe(true);
    // The second `readable` is the application's own call, from `writable`.
    expect(heard).toEqual(['opened', 'readable', 'writable', 'readable', 'ended', 'closed']);
    expect(said).toBe(Buffer.from(noise(2144)).toString('latin1') + 'hello');
  });
});

test('data that came with the ACK of the open is told although `opened` threw, and acknowledged', () => {
  const peer = listening();
  const opened = peer.app.opened.bind(peer.app);
  peer.app.opened = (c) => {
    opened(c);
    throw new Error('no');
  };
  peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' });
  peer.mac.inbox.push(peer.frameOf({ data: 'hello', flags: 'FIN ACK' }));
  expect(() => peer.poll()).toThrow('no');
  peer.expects({ ack: 7 });
  expect(Buffer.from(peer.app.received).toString()).toBe('hello');
  expect(peer.app.events).toEqual(['opened', 'ended']);
});

test('what is sent at once takes up the turn that a handler broke off', () => {
  const peer = established();
  peer.app.readable = () => { throw new Error('no'); };
  peer.mac.inbox.push(peer.frameOf({ data: 'hello' }));
  expect(() => peer.poll()).toThrow('no');
  expect(peer.stack.tcp.serving).toBe(peer.connection);
  expect(peer.stack.send(peer.connection, Uint8Array.of(1), 1, peer.now)).toBe(1);
  expect(peer.stack.tcp.serving).toBeNull();
});

test('a connection that is reset before the application was told of it is never told of', () => {
  const peer = established();
  peer.app.readable = () => undefined;
  peer.app.ended = () => { throw new Error('in the way'); };
  peer.sends({ data: 'x', flags: 'FIN ACK' }).expects({ ack: 3 });
  const other = new Recorder();
  peer.stack.listen(81, other);
  Object.assign(peer, { stackPort: 81, seq: 0, ack: 0 });
  peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' });
  // The end of the first connection is due when the second one opens, and its handler throws.
  peer.connection.read(new Uint8Array(1), 0, 1);
  peer.mac.inbox.push(peer.frameOf({}), peer.frameOf({ flags: 'RST' }));
  expect(() => peer.poll()).toThrow('in the way');
  peer.poll();
  expect(other.events).toEqual([]);
  expect(peer.stack.tcp.connections.filter((c) => c.stateName === 'CLOSED')).toHaveLength(3);
});

test('poll inside a handler takes the turns of the connections behind it, and the queue stays whole', () => {
  const peer = established();
  const first = peer.connection;
  peer.app.readable = () => undefined;
  peer.sends({ data: 'x', flags: 'FIN ACK' }).expects({ ack: 3 });
  Object.assign(peer, { port: 4001, seq: 0, ack: 0 });
  peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({});
  const second = peer.connection;
  let polls = 0;
  peer.app.ended = () => void (polls++, peer.stack.poll(peer.now));
  first.read(new Uint8Array(1), 0, 1);
  second.write(Buffer.from('one'), 0, 3);
  peer.expects({ data: 'one' }).sends({});
  expect(polls).toBe(1);
  second.write(Buffer.from('two'), 0, 3);
  peer.expects({ data: 'two' });
});

test('`opened` may put another handler in its place, which hears the rest', () => {
  const peer = listening();
  const other = new Recorder();
  peer.app.opened = (c) => { c.handler = other; };
  peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({ data: 'x' }, { flags: 'RST' });
  expect(other.received).toEqual([120]);
  expect(other.events).toEqual(['closed: reset']);
});

test('events come from poll and from nowhere else', () => {
  const peer = established();
  let inside = false;
  const poll = peer.stack.poll.bind(peer.stack);
  peer.stack.poll = (now) => {
    inside = true;
    const wait = poll(now);
    inside = false;
    return wait;
  };
  peer.app.closed = () => expect(inside).toBe(true);
  peer.connection.abort();
  expect(peer.connection.stateName).toBe('CLOSED');
  peer.poll();
});

describe('misuse is answered with a sentence, and changes nothing', () => {
  const bytes = new Uint8Array(10);

  test('ports', () => {
    const { stack, app } = listening();
    for (const port of [0, -1, 65536, 1.5, NaN, '80' as unknown as number]) {
      expect(() => stack.listen(port, app)).toThrow(`listen: port ${port} is not a whole number from 1 to 65535`);
      expect(() => stack.connect(PEER, port, app)).toThrow(`connect: port ${port} is not a whole number from 1 to 65535`);
    }
    expect(() => stack.listen(80, app)).toThrow('listen: port 80 is taken already');
    for (const port of [81, 82, 83]) stack.listen(port, app);
    expect(() => stack.listen(84, app)).toThrow('listen: all 4 listeners are in use; raise the option "listeners"');
    stack.tcp.listeners[0]!.close();
    expect(stack.listen(84, app).port).toBe(84);
  });

  test('a handler that is none', () => {
    const { stack, app } = new Peer();
    expect(() => stack.listen(80, undefined as unknown as Recorder)).toThrow('listen: undefined lacks one of opened, ');
    expect(() => stack.connect(PEER, 80, { opened: () => undefined } as unknown as Recorder)).toThrow('connect: [object Object] lacks one of');
    expect(stack.listen(80, app).port).toBe(80);
    expect(stack.tcp.counters.activeOpens).toBe(0);
  });

  test('bytes that are no Uint8Array', () => {
    const { connection } = established();
    expect(() => connection.write([1, 2] as unknown as Uint8Array, 0, 2)).toThrow('write: 1,2 is not a Uint8Array');
    expect(() => connection.read('abc' as unknown as Uint8Array, 0, 2)).toThrow('read: abc is not a Uint8Array');
    expect(connection.room).toBe(2144);
  });

  test.each([0, -1, 0x0a0000ff, 0x7f000001, 0x0a000001, 0xe0000001 | 0, 0xc0a80101, NaN, '10.0.0.9' as unknown as number])('connect to %s (MUST-46)', (address) => {
    const { stack, app } = new Peer();
    expect(() => stack.connect(address, 80, app)).toThrow(`connect: ${address} is not the address of another host`);
    expect(stack.tcp.counters.activeOpens).toBe(0);
  });

  test.each([[-1, 5], [0, -1], [0, 11], [6, 5], [NaN, 1], [0, 1.5], ['0' as unknown as number, 5]])('ranges: %s, %s', (offset, length) => {
    const c = established().connection;
    expect(() => c.write(bytes, offset, length)).toThrow(/^write: octets .* are not within the 10 given$/);
    expect(() => c.read(bytes, offset, length)).toThrow(/^read: octets .* are not within the 10 given$/);
    expect(c.sendQueued).toBe(0);
  });

  test('write after end(), before and after the connection', () => {
    const peer = closeWait();
    peer.connection.end();
    expect(() => peer.connection.write(bytes, 0, 1)).toThrow('write: the connection is LAST-ACK, after end()');
    const waiting = finWait2().connection;
    expect(() => waiting.write(bytes, 0, 1)).toThrow('write: the connection is FIN-WAIT-2, after end()');
    waiting.abort();
    expect(() => waiting.write(bytes, 0, 1)).toThrow('write: the connection is CLOSED');
  });

  test('end(), close() and abort() again and again', () => {
    const peer = established();
    const c = peer.connection;
    for (let n = 0; n < 3; n++) c.end();
    expect(peer.hearsAll()).toHaveLength(1);
    for (let n = 0; n < 3; n++) c.abort();
    expect(peer.hearsAll()).toHaveLength(1);
    for (let n = 0; n < 3; n++) { c.abort(); c.end(); c.close(); peer.poll(); }
    expect(peer.app.events).toEqual(['opened', 'closed: aborted']);
    inState(synSent(), 'SYN-SENT');
  });
});
