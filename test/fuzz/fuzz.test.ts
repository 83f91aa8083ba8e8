import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/ip/address';
import type { Frame } from '../../hal/hal';
import { wholeNumber } from '../tools';
import { ethernet, half, ipPacket, udpDatagram } from '../src/frames';
import { PEER, PEER_HARDWARE } from './addresses';
import { FuzzHost } from './host';
import { counting, fuzz, mostAccesses } from './run';

const FRAMES = 30_000;
/** Another seed for a longer look; what `npm run soak -- --fuzz` takes too. */
const SEED = wholeNumber('FUZZ_SEED', 1);

describe(`${FRAMES} frames, right and changed (seed ${SEED})`, () => {
  const result = fuzz(FRAMES, SEED);

  test('throw nothing, loop nowhere, and each is in one counter', () => {
    expect(result.failures.join('\n')).toBe('');
    expect(result.frames).toBe(FRAMES);
    expect(Object.values(result.ends).reduce((a, b) => a + b, 0)).toBe(FRAMES);
    expect(result.mostAccesses).toBeGreaterThan(1);
  });

  test('end in every counter that there is, and come through to every service', () => {
    for (const [name, count] of Object.entries({ ...result.ends, ...result.reached })) expect(count, name).toBeGreaterThan(0);
  });
});

describe('a message that is made to keep its reader busy', () => {
  const GROUP = parseAddress('224.0.0.251');
  const name = (text: string) => [...text.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]), 0];

  test.each([
    ['as many questions as fit, each for our name', 0, 235],
    ['questions whose names are pointers, each to the one before', 230, 1],
    ['many such questions behind a long way of pointers', 110, 120],
  ])('%s', (_what, pointers, questions) => {
    const host = new FuzzHost(false, SEED);
    for (; host.now < 10_000; host.now += 50) host.stack.poll(host.now);
    const body = [...name('espruino._http._tcp.local'), 0, 255, 0, 1];
    let last = 12;
    for (let count = 0; count < pointers + questions; count++) {
      const at = 12 + body.length;
      body.push(...half(0xc000 | last), 0, 255, 0, 1);
      if (count < pointers) last = at;
    }
    const message = [0, 0, 0, 0, ...half(1 + pointers + questions), 0, 0, 0, 0, 0, 0, ...body];
    const payload = udpDatagram([PEER, GROUP], 5353, 5353, message);
    const packet = ipPacket({ source: PEER, destination: GROUP, protocol: 17, payload });
    const frame = ethernet(host.mac.address, PEER_HARDWARE, 0x0800, packet);
    const received: Frame = Reflect.get(host.stack, 'received');
    const { bytes, count } = counting(received.octets, mostAccesses(frame.length));
    received.octets = bytes;
    host.takes(frame);
    expect([host.mdns.received, host.mdns.rejected]).toEqual([1, 0]);
    expect(count() / frame.length).toBeGreaterThan(5);
  });
});
