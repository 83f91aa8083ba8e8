import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkApp } from '../../boards/app-files.mjs';
import { bundle } from '../../boards/bundle.mjs';
import { boards } from '../../boards/index';
import type { Connection, ConnectionHandler } from '../../src/index';
import { checkDialect } from '../dialect.mjs';
import { httpGet, netEcho, netRefused, withModule } from '../interop/board-scripts';
import { type LocalhostBoard, bootOnLocalhost, echoThrough } from '../interop/localhost-board';

const root = join(__dirname, '..', '..');
const names = Object.keys(boards);
const patience = { timeout: 20_000, interval: 20 };

function runBuild(...words: string[]): { status: number | null; output: string } {
  const run = spawnSync(process.execPath, ['build.config.mjs', ...words], { cwd: root, encoding: 'utf8' });
  return { status: run.status, output: run.stdout + run.stderr };
}

describe('the build', () => {
  it.each(names)('makes both products for %s, which hold nothing that Espruino does not take', (name) => {
    const { status, output } = runBuild('--board', name, '--app', 'hello', '--json');
    expect(status).toBe(0);
    const { script, module } = JSON.parse(output);
    expect(script.name).toBe(`${name}-hello.js`);
    expect(module.name).toBe('ENC28J60.js');
    expect(script.text).toBe(readFileSync(join(root, 'dist', script.name), 'latin1'));
    for (const { text, bytes, inputs } of [script, module]) {
      expect(bytes).toBe(text.length);
      expect(checkDialect(text)).toEqual([]);
      expect(inputs).toContainEqual({ file: 'src/tcp/input.ts', bytes: expect.any(Number) });
    }
  });

  it('prints how large they are, by source file', () => {
    const { status, output } = runBuild('--board', 'pico', '--app', 'hello');
    expect(status).toBe(0);
    expect(output).toMatch(/^dist\/pico-hello\.js: \d+ bytes\n\n[^]*\| src\/tcp\/input\.ts \| \d+ \|\n[^]*\ndist\/ENC28J60\.js: \d+ bytes\n\ndist\/pico-hello\.js, as "npm run flash" writes it: \d+ bytes of a Storage of 49152\n$/);
  });

  it.each([
    ['--board', 'none', names.join(', ')],
    ['--app', 'none', 'hello'],
  ])('answers %s %s with those that exist', (option, value, list) => {
    const { status, output } = runBuild(option, value);
    expect(status).toBe(2);
    expect(output).toContain(list);
    expect(output.trim()).toMatch(/^--\w+ none: there is no such \w+\. [^\n]*\.$/);
  });
});

describe('an app', () => {
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'apps-')); });
  afterEach(() => rmSync(folder, { recursive: true }));
  const check = (text: string) => {
    writeFileSync(join(folder, 'mine.ts'), text);
    return checkApp('mine', folder);
  };

  it.each(['export default (board: object) => {};', 'const app = () => {};\nexport { app as default };'])('may be %j', async (text) => {
    await expect(check(text)).resolves.toBeUndefined();
  });

  it.each(['print("hello");', 'export const app = () => {};', ''])('is not %j, which is refused', async (text) => {
    await expect(check(text)).rejects.toThrow(/^--app mine: \S+mine\.ts exports no app\. It is to have an "export default"/);
  });

  it('is refused where it is no TypeScript', async () => {
    await expect(check('export default = 1')).rejects.toThrow('mine.ts:1:15: ERROR');
  });

  it('keeps the memory of its arrays, and its nulls, to itself', async () => {
    const app = 'const a = new Uint8Array(4), n = new Int32Array(1); const o: any = { x: null }; o.y = null; print(a.buffer.byteLength, n.length, JSON.stringify(o));';
    const { text } = await bundle("import app from './boards/apps/hello'; app();", boards['pico']!.profile, { 'boards/apps/hello.ts': `export default () => { ${app} };` });
    const printed: unknown[] = [];
    runInNewContext(text, { print: (...words: unknown[]) => printed.push(...words) });
    expect(printed).toEqual([4, 1, '{"x":null,"y":null}']);
  });

  it('asks the firmware for its modules when it asks', async () => {
    const modules = ['net', 'http', 'dgram', 'tls', 'fs', 'Wifi'];
    const app = modules.map((name) => `print(require('${name}'));`).join('');
    const entry = "import app from './boards/apps/hello'; app();";
    const { text } = await bundle(entry, boards['pico']!.profile, { 'boards/apps/hello.ts': `export default () => { ${app} };` });
    expect([...text.matchAll(/print\(\w+\("(\w+)"\)\)/g)].map(([, name]) => name)).toEqual(modules);
    expect(text).toMatch(/require/);
  });
});

describe('the dialect check', () => {
  it.each([
    'var o = { [k]: 1 };', 'class C { [k]() {} }', 'f(...a);', 'var a = [...b];', 'function f(...rest) {}',
    'function f(a = 1) {}', 'var { a } = o;', 'var [a] = o;', 'a: for (;;) break a;', 'a?.b;', 'a ** b;', 'a **= b;',
    'a ||= b;', 'a &&= b;', 'a ??= b;', 'async function f() {}', 'async function f() { await a; }', 'function* f() { yield 1; }',
    'class C { #a = 1; }', 'class C { static { f(); } }', 'f`a`;', 'import("a");', 'function F() { new.target; }', '1n;',
    'Symbol();', 'new Map();', 'new Set();', 'new WeakMap();', 'new Proxy(a, b);', 'Reflect.get(a, b);',
    'a.copyWithin(0, 1);', 'Object.freeze(a);', 'Math.imul(a, b);', 'Math.clz32(a);', 'Array.from(a);', 'var s = "\u00e9";',
  ])('refuses %s', (text) => {
    expect(checkDialect(text)).not.toEqual([]);
  });

  it.each([
    'var a = 1; let b = 2; const c = 3;', 'var f = () => a;', 'class C extends D { static m() { return super.m; } get x() { return 1; } }',
    'var t = `a${b}c`;', 'for (const a of b) f(a);', 'a ?? b;', 'try { f(); } catch { g(); } finally { h(); }',
    'switch (a) { case 1: break; default: f(); }', 'do { a++; } while (a < 5);', 'var o = { a, b() {}, c: 1 };',
  ])('takes %s', (text) => {
    expect(checkDialect(text)).toEqual([]);
  });
});

let booted: LocalhostBoard | undefined;
afterEach(async () => {
  await booted?.board.stop();
  booted = undefined;
});

async function boot(...words: Parameters<typeof bootOnLocalhost>): Promise<LocalhostBoard> {
  booted = await bootOnLocalhost(...words);
  return booted;
}

describe('the flashed script on the virtual board', () => {
  it.each(names)('of %s serves its page and its echo, also to eight at once', async (name) => {
    const { board, portOf } = await boot(name);
    const page = `http://127.0.0.1:${portOf(80)}/`;
    const body = await (await fetch(page, { headers: { connection: 'close' } })).text();
    expect(body).toContain(`Hello from ${boards[name]!.name}`);
    expect(body).toContain('10.77.0.2');
    const octets = randomBytes(20_000);
    expect(octets.equals(await echoThrough(portOf(7), octets))).toBe(true);
    const answers = await Promise.all(Array.from({ length: 8 }, () => fetch(page, { headers: { connection: 'close' } })));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    const echoes = await Promise.all(Array.from({ length: 8 }, (_, number) => echoThrough(portOf(7), Buffer.alloc(3000, number))));
    expect(echoes.map((echo, number) => echo.equals(Buffer.alloc(3000, number)))).not.toContain(false);
    expect(board.errors).toEqual([]);
    expect(board.violations).toEqual([]);
  }, 60_000);
});

/** A server on the LAN: answers a GET as a web server does, and echoes everything else. */
class Server implements ConnectionHandler {
  private readonly buffer = new Uint8Array(2000);
  opened(): void {}
  readable(connection: Connection): void {
    const length = connection.read(this.buffer, 0, Math.min(this.buffer.length, connection.room));
    const text = Buffer.from(this.buffer.subarray(0, length)).toString('latin1');
    const [, path] = /^GET (\S+) /.exec(text) ?? [];
    const answer = Buffer.from(path === undefined ? text : `HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nThis is ${path}`, 'latin1');
    connection.write(answer, 0, answer.length);
    if (path !== undefined) connection.end();
  }
  writable(): void {}
  ended(connection: Connection): void { connection.end(); }
  closed(): void {}
}

describe('the module ENC28J60', () => {
  /** Runs what a user might write, until it has printed so many lines. */
  async function run(count: number, rest: string, more = ''): Promise<string[]> {
    const { board, lan, lines } = await boot('pico', { script: withModule('pico', rest, more) }, false);
    lan.stack.listen(5000, new Server());
    await board.start();
    await vi.waitFor(() => expect([...lines, ...board.errors].length).toBeGreaterThanOrEqual(count), patience);
    expect(board.errors).toEqual([]);
    expect(board.violations).toEqual([]);
    return lines;
  }

  it('carries require("http").get', async () => {
    expect(await run(1, httpGet(5000))).toEqual(['http 200 This is /board?a=1']);
  });

  it('carries a client of require("net"), 100,000 octets there and back', async () => {
    expect(await run(1, netEcho(5000, 3125))).toEqual(['net 100000 0']);
  });

  it('tells a client that nobody listens', async () => {
    expect(await run(1, netRefused(9))).toEqual(['refused -9']);
  });

  it('gives its addresses at once and to a callback, as WIZnet does', async () => {
    const lines = await run(3, `
      var now = eth.getIP(function (error, info) { print(error, info === now, info.mac); });
      print(JSON.stringify(now));
      eth.getIP(); print(typeof eth.getIP().ip);`);
    expect(lines).toEqual([
      '{"ip":"10.77.0.2","subnet":"255.255.255.0","gateway":"10.77.0.1","dns":"0.0.0.0","mac":"02:0b:0a:0d:00:01"}',
      'string', 'null true 02:0b:0a:0d:00:01',
    ]);
  });

  it('takes some addresses, and leaves the others', async () => {
    const lines = await run(3, `
      print(eth.setIP({ ip: '10.77.0.7', dns: '9.9.9.9' }, function (error) { print(error); }));
      print(JSON.stringify(eth.getIP()));`);
    expect(lines).toEqual([
      'true', '{"ip":"10.77.0.7","subnet":"255.255.255.0","gateway":"10.77.0.1","dns":"9.9.9.9","mac":"02:0b:0a:0d:00:01"}', 'null',
    ]);
  });

  it.each([
    ['"10.77.0.9"', 'setIP: "10.77.0.9" is not {ip, subnet, gateway, dns}, nor nothing for DHCP'],
    [`{ mac: '02:00:00:00:00:99' }`, 'mac: it is chosen by connect()'],
    [`{ ip: '10.77.0' }`, '"10.77.0" is not an IPv4 address'],
  ])('refuses setIP(%s) with false, and with a sentence to the callback', async (options, sentence) => {
    const lines = await run(2, `print(eth.setIP(${options}, function (error) { print(error); })); eth.getIP();`);
    expect(lines[0]).toBe('false');
    expect(lines[1]).toContain(sentence);
  });

  it('tells the state of the link', async () => {
    const lines = await run(2, `
      eth.getStatus(function (error, status) { print(error, JSON.stringify(status)); });
      setTimeout(function () { print('link', eth.getStatus().phylink); }, 1500);`);
    expect(lines[0]).toMatch(/^null {"state":"online","id":"ENC28J60","phylink":"(up|down)","phypowmode":"normal","speed":10,"duplex":0,"conflict":false}$/);
    expect(lines[1]).toBe('link up');
  });

  it('counts what it has done, and tells of its connections', async () => {
    const lines = await run(1, `
      require('net').connect({ host: '10.77.0.1', port: 5000 }, function () {
        var stats = eth.stats(), tcp = stats.tcp, c = stats.connections[0];
        print(tcp.activeOpens, tcp.inErrs, stats.mac.rxFrames >= 2, stats.mac.txFrames >= 2, stats.ip.inReceives > 0, stats.arp.repliesIn,
          stats.connections.length, c.state, c.remote, c.rto);
      });`);
    expect(lines).toEqual(['1 0 true true true 1 1 ESTABLISHED 10.77.0.1:5000 1000']);
  });

  it('lets go of the chip, and may then be connected again', async () => {
    const lines = await run(4, `
      var socket = require('net').connect({ host: '10.77.0.1', port: 5000 }, function () {
        eth.disconnect(function (error) {
          print('disconnected', error, eth.getStatus().state);
          eth = require('ENC28J60').connect(SPI1, { cs: new Pin('A4'), irq: new Pin('A3'), rst: new Pin('A2'), ip: '10.77.0.2' });
          print('again', eth.getStatus().state);
          require('net').connect({ host: '10.77.0.1', port: 5000 }, function () { print('open', eth.connections); });
        });
      });
      socket.on('close', function (hadError) { print('close', hadError); });`);
    expect(lines.slice().sort()).toEqual(['again online', 'close false', 'disconnected null disconnect', 'open 1']);
  });

  it.each([
    [`ip: ''`, '"" is not an IPv4 address such as 192.168.1.20'],
    [`cs: undefined`, 'connect(spi, {cs, ip, ...}): an SPI bus and the pin cs are needed'],
    [`ip: '10.77.0.256'`, '10.77.0.256'],
    [`subnet: 'none'`, 'none'],
    [`mac: '02:00:00:12:34'`, 'mac: "02:00:00:12:34" is not six octets such as 02:00:00:12:34:56'],
    [`mac: '02:00:00:12:34:5x'`, 'mac: "02:00:00:12:34:5x" is not six octets such as 02:00:00:12:34:56'],
    [`connections: 0`, 'connections: 0 is not a whole number from 1 to 4096'],
    [`mss: 1500`, 'mss: 1500 is not a whole number from 88 to 1460'],
    [`receiveBuffer: 100`, 'receiveBuffer: 100 is not a whole number from 536 to 65535'],
  ])('refuses {%s} with a sentence', async (option, sentence) => {
    const { board } = await boot('pico', { script: withModule('pico', '', option) });
    await vi.waitFor(() => expect(board.errors.length).toBe(1), patience);
    expect(board.errors[0]).toContain(sentence);
  });

  it('says so when no chip answers, because MISO floats', async () => {
    const { board } = await boot('pico', { script: withModule('pico', ''), board: { ...boards['pico']!, spi: 'SPI2' } });
    await vi.waitFor(() => expect(board.errors.length).toBe(1), patience);
    expect(board.errors[0]).toContain('Uncaught Error: ENC28J60: no chip answers, MISO reads 0xFF everywhere');
  });
});
