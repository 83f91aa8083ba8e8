import { afterEach, expect, it, vi } from 'vitest';
import { appendFrameCheckSequence } from '../../../hal/mock/fcs';
import { parseAddress } from '../../../src/ip/address';
import { checksum, ethernet, get16, half, ipPacket } from '../../src/frames';
import { withModule } from '../../interop/board-scripts';
import { type LocalhostBoard, bootOnLocalhost } from '../../interop/localhost-board';

let booted: LocalhostBoard | undefined;
afterEach(() => booted?.board.stop());

it('an ICMP error about a datagram to a name server is no error of the board\'s', async () => {
  const script = `
    var socket = require('net').connect({ host: 'nobody.example', port: 9 });
    socket.on('error', function (error) { print('error', error.code); });`;
  booted = await bootOnLocalhost('esp32', { script: withModule('esp32', script, `dns: '10.77.0.1'`) }, false);
  const { board, lines } = booted;
  await board.start();
  let refused = 0;
  const cable = board.wire.attach({
    linkChanged: () => undefined,
    frameArrived(frame: Uint8Array) {
      if (get16(frame, 12) !== 0x0800 || frame[23] !== 17 || get16(frame, 36) !== 53) return;
      refused++;
      const message = Uint8Array.from([3, 3, 0, 0, 0, 0, 0, 0, ...frame.slice(14, 42)]);
      message.set(half(checksum(message)), 2);
      const packet = ipPacket({ source: parseAddress('10.77.0.1'), destination: parseAddress('10.77.0.2'), protocol: 1, payload: message });
      const whole = Uint8Array.from([...ethernet([...frame.slice(6, 12)], [2, 0, 0, 0, 0, 1], 0x0800, packet), 0, 0, 0, 0]);
      appendFrameCheckSequence(whole, whole.length - 4);
      cable.transmit(whole);
    },
  }, 'server');
  await vi.waitFor(() => expect(refused + board.errors.length).toBeGreaterThan(1), { timeout: 20_000, interval: 20 });
  expect([...lines, ...board.errors].filter((line) => !line.startsWith('error'))).toEqual([]);
}, 120_000);
