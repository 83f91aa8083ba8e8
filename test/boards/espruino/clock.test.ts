import { afterEach, describe, expect, it, vi } from 'vitest';
import { type LocalhostLan } from '../../../boards/virtual/lan-localhost';
import { DEFAULT_SERVICE } from '../../../src/ip/ipv4';
import { UdpHost } from '../../../src/udp/udp';
import { withModule } from '../../interop/board-scripts';
import { type LocalhostBoard, bootOnLocalhost } from '../../interop/localhost-board';
import { noEngine, titled } from '../../tools';

const patience = { timeout: 20_000, interval: 20 };
/** 2031-02-03 04:05:06 UTC. */
const THEN = Date.UTC(2031, 1, 3, 4, 5, 6) / 1000;

let booted: LocalhostBoard | undefined;
afterEach(async () => {
  await booted?.board.stop();
  booted = undefined;
});

/** A board whose neighbour says on port 123 what time it is, or `kiss`, and knows the names that begin with "ntp" as itself. */
async function run(engine: 'node' | 'espruino', count: number, rest: string, kiss = '', board = 'esp32'): Promise<string[]> {
  booted = await bootOnLocalhost(board, { script: withModule(board, rest, `dns: '10.77.0.1'`), engine }, false);
  const { lines, board: virtual } = booted;
  const udp = new UdpHost((virtual.lan as LocalhostLan).stack, 2);
  const serve = (port: number, answer: (question: Buffer) => number[]) => udp.openPort(port, {
    datagram(frame, at, length, from, to) {
      const bytes = Uint8Array.from(answer(Buffer.from(frame.slice(at, at + length))));
      udp.sendBytes(port, from, to, bytes, 0, bytes.length, DEFAULT_SERVICE);
    },
  });
  serve(123, (question) => {
    const answer = Buffer.alloc(48);
    answer.set([0x24, kiss === '' ? 2 : 0, 6, 0xec], 0);
    answer.write(kiss, 12, 'latin1');
    answer.set(question.subarray(40), 24);
    for (const at of [32, 40]) answer.writeUInt32BE(THEN + 2_208_988_800, at);
    return [...answer];
  });
  serve(53, (question) => {
    const good = question.subarray(13, 16).toString() === 'ntp';
    const record = good ? [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 77, 0, 1] : [];
    return [...question.subarray(0, 2), 0x81, good ? 0x80 : 0x83, 0, 1, 0, good ? 1 : 0, 0, 0, 0, 0, ...question.subarray(12), ...record];
  });
  await virtual.start();
  await vi.waitFor(() => expect([...lines, ...virtual.errors].length).toBeGreaterThanOrEqual(count), patience);
  return [...lines, ...virtual.errors];
}

const told = `function (error) { print(error, Math.floor(getTime()), new Date().toString().substr(0, 24)); }`;

describe('setSNTP, on the engine node', () => {
  it.each(['10.77.0.1', 'ntp.example'])('sets the clock by %s', async (server) => {
    expect((await run('node', 1, `eth.setSNTP('${server}', 0, ${told});`))[0]).toMatch(new RegExp(`^null ${THEN} `));
  });

  it('and names are counted with the datagrams they took', async () => {
    const lines = await run('node', 1, `eth.setSNTP('ntp.example', 0, function () {
      var all = eth.stats();
      print(JSON.stringify(all.sntp), JSON.stringify(all.dns), all.dhcp);
      print(JSON.stringify(all.udp), JSON.stringify(Object.keys(all)));
    });`);
    expect(lines).toEqual([
      '{"sent":1,"received":1,"rejected":0,"unsynchronized":0,"kisses":0} {"queries":1,"received":1,"rejected":0,"remembered":0,"streams":0} undefined',
      '{"inDatagrams":2,"noPorts":0,"inErrors":0,"outDatagrams":2} ["mac","arp","ip","icmp","tcp","connections","udp","dns","sntp"]',
    ]);
  });

  it('leaves the connections and timers as they are', async () => {
    const lines = await run('node', 2, `
      setTimeout(function () { print('timer'); }, 5000);
      eth.setSNTP('10.77.0.1', 0, function () { print('set'); });`);
    expect(lines).toEqual(['set', 'timer']);
    expect(booted!.board.errors).toEqual([]);
  });

  it('is what sets it: without it nothing does', async () => {
    const lines = await run('node', 1, `setTimeout(function () { print(getTime() < ${THEN}); }, 500);`);
    expect(lines).toEqual(['true']);
  });

  it.each([
    ['DENY', 'setSNTP: the server refuses to tell the time'],
    ['RSTR', 'setSNTP: the server refuses to tell the time'],
  ])('tells of the kiss %s', async (kiss, sentence) => {
    expect(await run('node', 1, `eth.setSNTP('10.77.0.1', 0, function (error) { print(error); });`, kiss)).toEqual([sentence]);
  });

  it.each([
    ['', 'setSNTP: without DHCP it needs a server, by its address or name'],
    [`''`, 'setSNTP: without DHCP it needs a server, by its address or name'],
    [`'a b'`, '"a b" is not a host name such as example.com'],
    [`'ntp.example', 'CET'`, 'zone: "CET" is not a number of hours'],
  ])('refuses (%s) with a sentence', async (words, sentence) => {
    expect((await run('node', 1, `try { eth.setSNTP(${words}); } catch (error) { print(error.message); }`))[0]).toContain(sentence);
  });

  it('is not there in a file that was built without it', async () => {
    const lines = await run('node', 1, `try { eth.setSNTP('10.77.0.1'); } catch (error) { print(error.message); }`, '', 'pico');
    expect(lines).toEqual(['This file was built without SNTP']);
  });
});

describe.skipIf(noEngine)(titled('setSNTP, in real Espruino', noEngine), () => {
  // Its Linux build has no clock to set.
  const noted = `var set; global.setTime = function (time) { set = time; };`;

  it.each(['10.77.0.1', 'ntp.example'])('sets the clock by %s', async (server) => {
    const lines = await run('espruino', 1, `${noted} eth.setSNTP('${server}', 0, function (error) { print(error, Math.floor(set)); });`);
    expect(lines).toEqual([`null ${THEN}`]);
  });
});
