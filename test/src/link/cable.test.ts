import { expect, test } from 'vitest';
import type { WirePort } from '../../../hal/mock/wire-port';
import { echoing, noise } from '../lan';

test('a cable that was pulled and is plugged in again: the host announces itself, and its connections go on', () => {
  const { lan, server, app } = echoing();
  lan.run(3000, () => app.events.includes('opened'));
  lan.run(3000);
  const { cable } = server.mac as WirePort;
  const announcements = server.stack.arp.counters.requestsOut;

  cable!.pull();
  app.writeAll(noise(1000));
  lan.run(20_000);
  expect(app.received).toEqual([]);
  expect(server.stack.arp.counters.requestsOut).toBe(announcements);

  cable!.plug();
  lan.run(1500);
  expect(server.stack.arp.counters.requestsOut).toBe(announcements + 1);
  lan.run(60_000, () => app.received.length === 1000);
  expect(Buffer.from(app.received).equals(Buffer.from(noise(1000)))).toBe(true);
});
