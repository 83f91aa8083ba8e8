import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noEngine, titled } from '../../tools';

const root = join(__dirname, '..', '..', '..');

/** Runs the virtual board's command. @param during is told what it has printed so far */
function run(
  words: string[], during?: (output: string, stop: () => void, pid: number) => void,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const command = [join('node_modules', 'ts-node', 'dist', 'bin.js'), '--cwdMode', 'boards/virtual/main.ts'];
    const child = spawn(process.execPath, [...command, ...words], { cwd: root });
    let output = '';
    const take = (piece: Buffer) => {
      output += String(piece);
      during?.(output, () => child.kill('SIGINT'), child.pid!);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('close', (code) => resolve({ code, output }));
  });
}

test('runs for the time that it is given, and says what to try', async () => {
  const { code, output } = await run(['--duration', '0.5', '--forward', '0:80', '--loss', '1', '--seed', '7']);
  expect(output).toMatch(/^Espruino Pico on Node .*\n {2}dist.pico-hello\.js, \d+ bytes\n {2}address 10\.77\.0\.2\/24, LAN localhost\n/m);
  expect(output).toMatch(/1 % of the frames are lost \(seed 7\)/);
  expect(output).toMatch(/Try:\n {2}curl http:\/\/localhost:\d+\/\n/);
  expect(code).toBe(0);
}, 60000);

test('answers until Ctrl-C, which ends it well', async () => {
  let asked = false;
  let status = 0;
  const { code } = await run(['--forward', '0:80'], (output, stop) => {
    const [, port] = /localhost:(\d+)\//.exec(output) ?? [];
    if (port === undefined || asked || !output.includes('Ctrl-C')) return;
    asked = true;
    get({ host: '127.0.0.1', port, path: '/' }, (response) => {
      status = response.statusCode!;
      response.resume().on('end', stop);
    }).on('error', stop);
  });
  expect([status, code]).toEqual([200, 0]);
}, 60000);

test('a wrong word is told in one sentence', async () => {
  expect(await run(['--engine', 'v8'])).toEqual({ code: 2, output: expect.stringMatching(/^--engine v8 is not known: it is node, .*\.\n$/) });
}, 60000);

test('a board that does not exist gets the list of those that do', async () => {
  const { code, output } = await run(['--board', 'none']);
  expect(code).toBe(2);
  expect(output).toMatch(/^--board none: there is no such board\. There are: pico, espruino-wifi, .*\.\n$/);
}, 60000);

test.skipIf(noEngine)(titled('ends with a sentence when the interpreter does', noEngine), async () => {
  let asked = false;
  const { code, output } = await run(['--engine', 'espruino', '--forward', '0:80'], (output, _, pid) => {
    if (asked || !output.includes('Ctrl-C')) return;
    asked = true;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ');
    for (const child of children) process.kill(Number(child), 'SIGKILL');
  });
  expect(output).toContain('The interpreter has ended by SIGKILL.\n');
  expect(code).toBe(1);
}, 60000);

test('a port in use is told in one sentence', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { code, output } = await run(['--forward', `${port}:80`]);
  expect(output).toBe(`Port ${port} of this machine is in use: close what listens there, or choose another port in \`--forward ${port}:80\`.\n`);
  expect(code).toBe(1);
  server.close();
}, 60000);
