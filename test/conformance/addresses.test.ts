import { describe, expect, test } from 'vitest';
import { formatAddress, parseAddress } from '../../src/ip/address';
import { Peer, PEER, STACK } from '../src/peer';
import { established } from '../src/tcp/states';
import { datagramOf, takes } from './raw';

const TO_MANY = ['255.255.255.255', '10.0.0.255', '224.0.0.1', '239.1.2.3'].map(parseAddress);
const NOBODY = ['0.0.0.0', '255.255.255.255', '10.0.0.255', '224.0.0.1', '127.0.0.1', '10.0.0.1'].map(parseAddress);

/** A listener with a way to every address, so that an answer to any of them would be seen. */
function listener(): Peer {
  const peer = new Peer({ gateway: PEER });
  peer.stack.listen(80, peer.app);
  return peer;
}

function idle(peer: Peer): void {
  expect(takes(peer.passes(5000))).toEqual([]);
  expect(peer.stack.tcp.connections.every((c) => c.stateName === 'CLOSED')).toBe(true);
  expect(peer.app.events).toEqual([]);
  // The listener is as it was.
  peer.port = 4999;
  peer.sends({ flags: 'SYN', seq: 0 }).expects({ flags: 'SYN ACK' });
}

describe('addresses (RFC 9293 section 3.9.2.3)', () => {
  test.each(TO_MANY.map((address) => [formatAddress(address), address] as const))(
    '[MUST-57] a SYN to %s is dropped without a word', (_text, destination) => {
      const peer = listener();
      peer.arrives(datagramOf(peer, { seq: 0, flags: 'SYN' }, { destination }));
      // Nor does it help to take our own address for the checksum.
      idle(peer.arrives(datagramOf(peer, { seq: 0, flags: 'SYN' }, { destination, summed: STACK })));
    });

  test.each(TO_MANY.map((address) => [formatAddress(address), address] as const))(
    '[MUST-57] so is any other segment to %s, whether a connection is there or not', (_text, destination) => {
      const peer = listener();
      for (const flags of ['ACK', 'FIN ACK', 'RST', '', 'SYN ACK']) {
        peer.stackPort = 81;
        peer.arrives(datagramOf(peer, { seq: 0, flags, data: 'x' }, { destination }));
        peer.stackPort = 80;
      }
      idle(peer);
      const open = established();
      open.arrives(datagramOf(open, { seq: 1, data: 'to all' }, { destination }));
      open.arrives(datagramOf(open, { seq: 1, data: 'to all' }, { destination, summed: STACK }));
      expect(takes(open.passes(1000))).toEqual([]);
      expect(open.app.received).toEqual([]);
    });

  test.each(NOBODY.map((address) => [formatAddress(address), address] as const))(
    '[MUST-63] a SYN from %s is passed over', (_text, source) => {
      const peer = listener();
      idle(peer.arrives(datagramOf(peer, { seq: 0, flags: 'SYN' }, { source })));
    });

  test('[MUST-63] a SYN from any host but those is answered', () => {
    for (const text of ['10.0.0.2', '192.168.1.1', '1.1.1.1', '223.255.255.254', '126.0.0.1', '128.0.0.1']) {
      const peer = listener();
      const source = parseAddress(text);
      peer.arrives(datagramOf(peer, { seq: 0, flags: 'SYN' }, { source }));
      // A host on our own network would be asked for its address first.
      if (text.startsWith('10.')) expect(peer.stack.tcp.connections[0]!.stateName).toBe('SYN-RECEIVED');
      else expect(takes(peer)).toMatchObject([{ flags: 'SYN ACK', destination: source }]);
    }
  });
});
