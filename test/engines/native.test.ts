import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { withModule } from '../interop/board-scripts';
import { KernelLan, boardIp, hostIp, patience } from '../interop/kernel-lan';
import { noEngine, titled, whyNotHere } from '../tools';

const noNetwork = noEngine ?? whyNotHere('curl', 'ss', 'openssl');

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: board\r\n\r\n`;

/** Says pieces to a server, and prints what it answers until it closes. */
const client = `
  const [host, port, pieces] = process.argv.slice(1);
  const socket = require('net').connect(Number(port), host);
  let text = '';
  socket.setNoDelay(true);
  socket.on('data', (piece) => { text += piece; });
  socket.on('error', (error) => { text += ' ' + error.code; });
  socket.on('close', () => console.log(text + ' closed'));
  JSON.parse(pieces).forEach((piece, at) => setTimeout(() => socket.write(piece), at * 5));`;

/** Code as Espruino's users write it, in the real interpreter, over the module. */
describe.skipIf(noNetwork)(titled('unchanged Espruino code in the real interpreter', noNetwork), () => {
  let lan: KernelLan | undefined;
  afterEach(async () => {
    await lan?.close();
    lan = undefined;
  });

  async function boot(script: string): Promise<KernelLan> {
    lan = await KernelLan.boot({ engine: 'espruino', script: () => withModule('pico', script) });
    return lan;
  }

  async function hears(count: number): Promise<string[]> {
    const { lines, board } = lan!;
    await vi.waitFor(() => expect([...lines, ...board.errors].length).toBeGreaterThanOrEqual(count), { timeout: patience, interval: 50 });
    expect(board.errors).toEqual([]);
    expect(board.violations).toEqual([]);
    return lines;
  }

  it('tls talks to openssl\'s server', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tls-'));
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    execFileSync('openssl', [
      'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-days', '2', '-subj', `/CN=${hostIp}`,
    ], { stdio: 'ignore' });
    const { inside } = await boot(`
      function go() {
        var socket = require('tls').connect({ host: '${hostIp}', port: 4433 }, function () {
          print('connected');
          socket.write('over the wire\\n');
        });
        socket.on('data', function (data) { print(data.trim()); socket.end(); });
      }
      // Espruino throws when a server that is not there yet refuses TLS.
      function wait() {
        var up = false, socket = require('net').connect({ host: '${hostIp}', port: 4433 }, function () { up = true; socket.end(); });
        socket.on('error', function () {});
        socket.on('close', function () { setTimeout(up ? go : wait, 200); });
      }
      wait();`);
    const words = ['-accept', '4433', '-cert', certificate, '-key', key, '-rev', '-quiet', '-tls1_2', '-cipher', 'ALL:@SECLEVEL=0'];
    const server = spawn('ip', ['netns', 'exec', inside.name, 'openssl', 's_server', ...words], { stdio: 'ignore' });
    try {
      expect(await hears(2)).toEqual(['connected', 'eriw eht revo']);
    } finally {
      server.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  }, 120_000);

  it('a bus will do whose methods are bound to another one', async () => {
    const script = withModule('pico', `
      require('http').createServer(function (request, response) { response.end('by way of ' + request.url); }).listen(80);
      print(eth.getStatus().id);`);
    const other = `var other = {
      bus: SPI1,
      send: function (data, cs) { return this.bus.send(data, cs); },
      write: function () { return this.bus.write.apply(this.bus, arguments); }
    };`;
    const bound = 'connect({ send: other.send.bind(other), write: other.write.bind(other) },';
    lan = await KernelLan.boot({ engine: 'espruino', script: () => other + script.replace('connect(SPI1,', bound) });
    expect(await hears(1)).toEqual(['ENC28J60']);
    expect(await lan.curl('/another')).toMatchObject({ status: 200, body: 'by way of /another' });
  }, 120_000);

  it('http serves six connections of a browser at once from four slots, and none is reset', async () => {
    const { inside } = await boot(`
      var body = '';
      while (body.length < 3000) body += 'abcdefghijklmnopqrstuvwxyz';
      require('http').createServer(function (request, response) {
        response.writeHead(200, { 'Content-Type': 'text/plain' });
        response.end(request.url + body);
      }).listen(80);`);
    const paths = [1, 2, 3, 4, 5, 6].map((number) => `/${number}`);
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(paths.map((path) => lan!.curl(path)));
      expect(answers.map(({ status, body }) => `${status} ${body.slice(0, 2)} ${body.length}`)).toEqual(paths.map((path) => `200 ${path} ${2 + 26 * 116}`));
    }
    expect(inside.runs('nstat', '-asz', 'TcpExtTCPAbortOnData', 'TcpEstabResets')).toMatch(/TcpEstabResets\s+0/);
  }, 120_000);

  it('http keeps a connection that its handler keeps, for requests one after the other', async () => {
    await boot(`
      require('http').createServer(function (request, response) {
        response.writeHead(200, { 'Content-Type': 'text/plain', 'Connection': 'keep-alive', 'Content-Length': request.url.length });
        response.end(request.url);
      }).listen(80);`);
    const run = await lan!.inside.run('curl', '-sS', '--max-time', '30', `http://${boardIp}/one`, `http://${boardIp}/two`, `http://${boardIp}/three`);
    expect(run.output).toBe('/one/two/three');
  }, 120_000);

  it.each([
    ['in one segment', [get('/one') + get('/two')]],
    ['one after the other, before the answer is read', [get('/one'), get('/two')]],
    ['behind a body, in one segment', ['POST /one HTTP/1.1\r\nHost: board\r\nContent-Length: 4\r\n\r\nbody' + get('/two')]],
  ])('http answers two requests %s as it does over the interpreter\'s own sockets', async (_, pieces) => {
    const server = (port: number): string => `
      require('http').createServer(function (request, response) {
        print('request', request.method, request.url);
        request.on('close', function () { print('closed'); });
        response.writeHead(200, { 'Connection': 'keep-alive', 'Content-Length': request.url.length });
        response.end(request.url);
      }).listen(${port});`;
    const { inside, lines } = await boot(server(80));
    inside.runs('ip', 'link', 'set', 'lo', 'up');
    const folder = mkdtempSync(join(tmpdir(), 'native-'));
    writeFileSync(join(folder, 'server.js'), server(8080));
    const native = spawn('ip', ['netns', 'exec', inside.name, process.env['ESPRUINO']!, 'server.js'], { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] });
    let printed = '';
    native.stdout.on('data', (piece: Buffer) => { printed += piece.toString('latin1'); });
    try {
      await vi.waitFor(() => expect(inside.runs('ss', '-Htln')).toContain(':8080'), { timeout: patience, interval: 50 });
      const say = (host: string, port: number): Promise<{ output: string }> => inside.run(process.execPath, '-e', client, host, String(port), JSON.stringify(pieces));
      const yardstick = (await say('127.0.0.1', 8080)).output;
      expect(yardstick).toMatch(/^HTTP\/1\.1 200 OK[^]*\/one closed\n$/);
      expect((await say(boardIp, 80)).output).toBe(yardstick);
      const told = await hears(2);
      await vi.waitFor(() => expect(printed).toContain('closed'), { timeout: patience, interval: 50 });
      expect(told).toEqual([...printed.matchAll(/request \w+ \S+|closed/g)].map(([line]) => line));
      expect(lines.length).toBe(2);
    } finally {
      native.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  }, 120_000);

  it('net tells of drain, end and close, and what errors there were, by Espruino\'s numbers', async () => {
    await boot(`
      var drains = 0;
      require('net').createServer(function (socket) {
        var text = '';
        socket.on('drain', function () { if (++drains < 4) socket.write(new Array(500).join('x')); else if (drains === 4) socket.end('over'); });
        socket.on('data', function (data) { text += data; });
        socket.on('end', function () { print('end', text); });
        socket.on('close', function (hadError) { print('close', hadError); });
        socket.on('error', function (error) { print('error', error.code); });
        socket.write('hello');
      }).listen(7);`);
    const id = await lan!.peer.open(lan!.port(7));
    await lan!.peer.say(id, 'from the peer');
    const whole = 'hello'.length + 3 * 499 + 'over'.length;
    expect((await lan!.peer.hear(id, whole)).slice(-4)).toBe('over');
    await lan!.peer.end(id);
    await lan!.peer.leave(id);
    expect(await hears(2)).toEqual(['end from the peer', 'close false']);
    const cut = await lan!.peer.open(lan!.port(7));
    await lan!.peer.hear(cut, 5);
    await lan!.peer.reset(cut);
    expect((await hears(5)).slice(2).sort()).toEqual(['close true', 'end ', 'error -9']);
  }, 120_000);
});
