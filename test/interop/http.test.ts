import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KernelLan, boardIp } from './kernel-lan';
import { titled, whyNotHere } from '../tools';

const reason = whyNotHere('curl', 'ss', 'tshark');

describe.skipIf(reason)(titled('curl asks the board\'s web server', reason), () => {
  let lan: KernelLan;

  beforeAll(async () => {
    lan = await KernelLan.boot();
  });
  afterAll(() => lan?.close());
  afterEach(() => lan.isAtPeace());

  it('for the page, which names the board, its address, its uptime and its open connections', async () => {
    const { status, body } = await lan.curl();
    expect(status).toBe(200);
    expect(body).toContain('Hello from Espruino Pico');
    expect(body).toContain(`<td>${boardIp}</td>`);
    expect(body).toMatch(/Uptime<\/td><td>0 h \d+ min \d+ s</);
    expect(body).toContain('Open connections</td><td>1</td>');
  });

  it('for the number of connections while three others are open', async () => {
    const ids = await Promise.all([1, 2, 3].map(() => lan.peer.open(lan.port(7))));
    for (const id of ids) await lan.peer.say(id, 'here');
    for (const id of ids) expect(await lan.peer.hear(id, 4)).toBe('here');
    expect(await lan.openConnections()).toBe(3);
    for (const id of ids) await lan.peer.leave(id);
  });

  it('for what is not there', async () => {
    expect(await lan.curl('/nothing/here')).toEqual({ status: 404, body: 'There is only / here.\n' });
  });

  it('with a header of two segments', async () => {
    expect((await lan.curl('/', '-H', `X-Long: ${'x'.repeat(700)}`)).status).toBe(200);
  });

  it('fifty times in a row', async () => {
    for (let left = 50; left > 0; left--) expect((await lan.curl()).status).toBe(200);
  });

  it('six times at once, with four slots', async () => {
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => lan.curl()));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    for (const { body } of answers) expect(body).toMatch(/^<!DOCTYPE html>.*<\/html>\n$/s);
  });

  it('and Wireshark finds nothing wrong in what the board sent', async () => {
    expect(await lan.judged()).toBeGreaterThan(300);
  });
});
