import { describe, expect, test } from 'vitest';
import { Lan, Recorder } from '../src/lan';
import { mssOption, Peer, PEER } from '../src/peer';
import { established, inState, listening, synReceived, synSent } from '../src/tcp/states';
import { asks, hearsOf, received, writes } from './dialogue';

describe('opening (RFC 9293 section 3.5)', () => {
  test('[MUST-10] both sides at once: figure 8, line by line', () => {
    const peer = synSent().sends({ flags: 'SYN', options: mssOption(1460) });
    inState(peer, 'SYN-RECEIVED');
    peer.expects({ seq: 0, ack: 1, flags: 'SYN ACK' }).sends({ seq: 0, ack: 1, flags: 'SYN ACK', options: mssOption(1460) });
    // The peer's second SYN says nothing new; both sides then have the ACK that establishes them.
    peer.hearsAll();
    inState(peer.sends({ seq: 1, ack: 1 }), 'ESTABLISHED');
    expect(hearsOf(peer)).toEqual(['opened']);
    writes(peer, 'one connection').expects({ seq: 1, ack: 1, data: 'one connection' });
  });

  test('[MUST-10] two stacks that open to each other get one connection between them', () => {
    const lan = new Lan();
    const hosts = [lan.join(1), lan.join(2)];
    const apps = [new Recorder(), new Recorder()];
    hosts.forEach(({ stack }, n) => {
      apps[n]!.writeAll(Buffer.from('from ' + n), true);
      stack.connect(hosts[1 - n]!.address, 5000, apps[n]!, { localPort: 5000 });
    });
    const done = lan.run(20_000, () => apps.every(({ events }) => events.some((event) => event.startsWith('closed'))));
    expect(done).toBe(true);
    for (const app of apps) expect(app.events).toEqual(['opened', 'ended', 'closed: normal']);
    expect(apps.map((app) => Buffer.from(app.received).toString())).toEqual(['from 1', 'from 0']);
    for (const { stack } of hosts) expect(stack.tcp.counters).toMatchObject({ activeOpens: 1, passiveOpens: 0, outRsts: 0 });
  });

  test('[MUST-11] SYN-RECEIVED out of a passive open goes back to LISTEN on a RST, and the application hears nothing', () => {
    const peer = synReceived().sends({ flags: 'RST', seq: 1 }).expectsNothing();
    expect(hearsOf(peer)).toEqual([]);
    peer.sends({ flags: 'SYN', seq: 0 }).expects({ flags: 'SYN ACK' });
  });

  test('[MUST-11] SYN-RECEIVED out of an active open ends on a RST, and the application hears that it was refused', () => {
    const peer = synSent().sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({ flags: 'RST', seq: 1 }).expectsNothing();
    expect(hearsOf(peer)).toEqual(['closed: refused']);
    peer.sends({ flags: 'SYN', seq: 0 }).expects({ flags: 'RST ACK' });
  });

  test('[MUST-11] another SYN in the window takes the first back to LISTEN, and is challenged by the second', () => {
    const passive = synReceived().sends({ flags: 'SYN', seq: 1 }).expectsNothing();
    passive.sends({ flags: 'SYN', seq: 1 }).expects({ seq: 0, ack: 2, flags: 'SYN ACK' });
    const active = synSent().sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({ flags: 'SYN', seq: 1 });
    inState(active.expects({ seq: 1, ack: 1, flags: 'ACK' }), 'SYN-RECEIVED');
  });
});

describe('OPEN (RFC 9293 section 3.9.1.1)', () => {
  test('[MUST-41] listening to the port of a connection leaves the connection alone', () => {
    const peer = listening();
    const first = peer.stack.tcp.listeners.find(({ port }) => port === 80)!;
    inState(peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({}), 'ESTABLISHED');
    first.close();
    const other = new Recorder();
    peer.stack.listen(80, other);
    peer.sends({ data: 'still here' }).passes(500).expects({ seq: 1, ack: 11 });
    expect(received(peer)).toBe('still here');
    writes(peer, 'me too').expects({ data: 'me too' });
    expect(hearsOf(peer)).toEqual(['opened']);
    Object.assign(peer, { port: 4001, seq: 0, ack: 0 });
    peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({});
    expect(other.events).toEqual(['opened']);
  });

  test('[MUST-41] nor does a second call that is refused change the first', () => {
    const peer = established();
    expect(() => peer.stack.listen(80, new Recorder())).toThrow(/listen: port 80/);
    peer.sends({ data: 'x' });
    expect(received(peer)).toBe('x');
    Object.assign(peer, { port: 4001, seq: 0, ack: 0 });
    peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({});
    expect(hearsOf(peer)).toEqual(['opened', 'opened']);
  });

  test('[MUST-42] a port can be listened to while a connection from it is in SYN-SENT', () => {
    const peer = asks({}, { localPort: 5000 }).expects({ flags: 'SYN' });
    const server = new Recorder();
    peer.stack.listen(5000, server);
    peer.port = 4001;
    const own = peer.irs;
    peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({});
    expect(server.events).toEqual(['opened']);
    // And the connection that was being opened opens.
    Object.assign(peer, { port: 4000, irs: own, seq: 0, ack: 1 });
    peer.sends({ flags: 'SYN ACK' });
    expect(hearsOf(peer)).toEqual(['opened']);
  });

  test('[MUST-42] and while one is in SYN-RECEIVED', () => {
    const peer = asks({}, { localPort: 5000 }).expects({ flags: 'SYN' }).sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' });
    const server = new Recorder();
    peer.stack.listen(5000, server);
    inState(peer.sends({}), 'ESTABLISHED');
    expect(hearsOf(peer)).toEqual(['opened']);
    Object.assign(peer, { port: 4001, seq: 0, ack: 0 });
    peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' }).sends({});
    expect(server.events).toEqual(['opened']);
  });

  test('[MUST-42] several connections wait in SYN-RECEIVED on one port beside those that are open', () => {
    const peer = listening();
    const ports = [4000, 4001, 4002];
    const heard = ports.map((port) => {
      Object.assign(peer, { port, seq: 0, ack: 0 });
      peer.sends({ flags: 'SYN' }).expects({ flags: 'SYN ACK' });
      return peer.irs;
    });
    for (const n of [2, 0, 1]) {
      Object.assign(peer, { port: ports[n], irs: heard[n], seq: 1, ack: 1 });
      peer.sends({ data: `from ${ports[n]} ` });
    }
    expect(hearsOf(peer)).toEqual(['opened', 'opened', 'opened']);
    expect(received(peer)).toBe('from 4002 from 4000 from 4001 ');
  });

  test('[MUST-46] what is not the address of one host is refused with an error, and nothing is sent', () => {
    const peer = new Peer();
    const subnetBroadcast = (PEER & -256) | 255;
    // Any, all, all of this network, a group, the loopback, a number that is no address.
    for (const address of [0, -1, subnetBroadcast, 0xe0000001 | 0, 0x7f000001, 1.5, NaN]) {
      expect(() => peer.stack.connect(address, 80, peer.app), String(address)).toThrow(/^connect: /);
    }
    peer.passes(2000).expectsNothing();
    expect(peer.stack.tcp.counters.activeOpens).toBe(0);
    expect(hearsOf(peer)).toEqual([]);
  });
});
