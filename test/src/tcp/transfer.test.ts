import { describe, expect, test } from 'vitest';
import { echoing, noise } from '../lan';

function transfer(options: Parameters<typeof echoing>[0], octets: number, limit = 600_000) {
  const { lan, server, client, echo, app } = echoing(options);
  const sent = noise(octets);
  app.writeAll(sent, true);
  lan.run(limit, () => app.events.includes('closed: normal'));
  return { lan, server, client, app, echo, sent };
}

describe('a transfer both ways', () => {
  test('arrives whole on a clean wire, and closes with four segments', () => {
    const { app, echo, sent, server, client } = transfer({}, 100_000);
    expect(app.received.length).toBe(sent.length);
    expect(Buffer.from(app.received).equals(Buffer.from(sent))).toBe(true);
    expect(app.events).toEqual(['opened', 'ended', 'closed: normal']);
    expect(echo.events.slice(0, 2)).toEqual(['opened', 'ended']);
    expect(server.stack.tcp.counters.retransSegs).toBe(0);
    expect(client.stack.tcp.counters.retransSegs).toBe(0);
  });

  test.each([
    ['5 % loss', { loss: 0.05 }],
    ['20 % loss', { loss: 0.2 }],
    ['duplication', { duplication: 0.2 }],
    ['reordering', { reordering: 0.1 }],
    ['corruption', { corruption: 0.05 }],
    ['delay', { delay: 50_000 }],
    ['everything', { loss: 0.05, duplication: 0.05, reordering: 0.05, corruption: 0.05, delay: 10_000 }],
  ])('arrives whole with %s', (_name, faults) => {
    for (let seed = 1; seed <= 3; seed++) {
      const { app, sent } = transfer({ ...faults, seed }, 30_000, 3_600_000);
      expect(Buffer.from(app.received).equals(Buffer.from(sent)), `seed ${seed}`).toBe(true);
      expect(app.events, `seed ${seed}`).toEqual(['opened', 'ended', 'closed: normal']);
    }
  });
});
