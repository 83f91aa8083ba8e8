import { expect, test } from 'vitest';
import { JerryEthernet } from '../../boards/jerryscript/enc28j60';
import { get16, readPacket, udpDatagram, word } from '../src/frames';
import { Peer, PEER, STACK } from '../src/peer';

const THEN = Date.UTC(2031, 1, 3, 4, 5, 6);

/** A board with JerryScript whose neighbour is a time server. */
function board() {
  const peer = new Peer();
  const ethernet = new JerryEthernet(peer.stack, {} as never, { run: () => peer.poll() } as never);
  const told: number[] = [];
  /** The server answers the question that it was asked. */
  const answers = (stratum: number, code = '\0\0\0\0') => {
    peer.poll();
    const packets = peer.mac.outbox.splice(0).filter((frame) => get16(frame, 12) === 0x0800).map(readPacket);
    const question = packets.filter(({ protocol }) => protocol === 17).at(-1)!;
    const head = [0x24, stratum, 6, 0, ...word(0), ...word(0), ...Buffer.from(code), ...word(0), ...word(0)];
    const body = [...head, ...question.payload.slice(48, 56)];
    const time = [...word(THEN / 1000 + 2_208_988_800), ...word(0x80000000)];
    peer.sendsPacket({ protocol: 17, payload: udpDatagram([PEER, STACK], 123, get16(question.payload, 0), [...body, ...time, ...time]) });
    return told.splice(0);
  };
  return { peer, ethernet, told, answers };
}

test('askTime tells the time as Date counts it, now and later', () => {
  const { peer, ethernet, told, answers } = board();
  ethernet.askTime('10.0.0.9', (milliseconds) => void told.push(milliseconds));
  expect(answers(2)).toEqual([THEN + 500]);
  peer.passes(1_024_000);
  expect(answers(2)).toEqual([THEN + 500]);
});

test('askTime called again tells only who asked last, and tells of a refusal', () => {
  const { peer, ethernet, told, answers } = board();
  ethernet.askTime('10.0.0.9', () => void told.push(1));
  ethernet.askTime('10.0.0.9', (milliseconds) => void told.push(milliseconds));
  peer.passes(15_000);
  expect(answers(0, 'DENY')).toEqual([NaN]);
  expect(() => ethernet.askTime('ntp.example', () => undefined)).toThrow('"ntp.example" is not an IPv4 address');
});
