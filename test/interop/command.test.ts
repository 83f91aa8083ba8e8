import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NetworkNamespace } from '../hal/desktop/namespace';
import { Peer } from './peer';
import { isInstalled, titled, whyNotHere } from '../tools';
import { judge } from './tshark';

const reason = whyNotHere('ping', 'curl', 'tshark');
const root = join(__dirname, '..', '..');

/** Starts the virtual board's own command inside a namespace. @returns settles when it says that it runs */
async function start(inside: NetworkNamespace, ...words: string[]) {
  const child = spawn('ip', [
    'netns', 'exec', inside.name, process.execPath, join('node_modules', 'ts-node', 'dist', 'bin.js'), '--cwdMode',
    'boards/virtual/main.ts', ...words,
  ], { cwd: root });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  await new Promise<void>((resolve) => {
    const take = (piece: Buffer): void => {
      output += String(piece);
      if (output.includes('Ctrl-C')) resolve();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    void ended.then(() => resolve());
  });
  return { output: () => output, ended, interrupt: () => child.kill('SIGINT') };
}

describe.skipIf(reason)(titled('the command of the virtual board on a TAP interface', reason), () => {
  const words = ['--lan', 'tap:enc0', '--ip', '10.77.0.2/24', '--host-ip', '10.77.0.1/24'];

  function makeNamespace(): NetworkNamespace {
    const inside = new NetworkNamespace();
    onTestFinished(inside.remove);
    return inside;
  }

  it('makes the interface, answers ping, curl and echo, writes a capture, and leaves nothing after Ctrl-C', async () => {
    const inside = makeNamespace();
    const folder = mkdtempSync(join(tmpdir(), 'enc28j60-command-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const capture = join(folder, 'wire.pcapng');
    const board = await start(inside, ...words, '--pcap', capture);
    expect(board.output()).toContain('address 10.77.0.2/24, LAN tap:enc0');
    expect(board.output()).toContain('curl http://10.77.0.2/');
    expect(inside.interfaces).toEqual(['enc0']);
    const ping = await inside.run('ping', '-c', '100', '-i', '0.01', '10.77.0.2');
    expect(ping.output).toMatch(/100 packets transmitted, (99|100) received/);
    expect((await inside.run('curl', '-sS', 'http://10.77.0.2/')).output).toContain('Hello from Espruino Pico');
    const peer = new Peer(inside);
    onTestFinished(() => peer.close());
    expect(await peer.echo({ host: '10.77.0.2', port: 7 }, 100_000, 1)).toBe('identical');
    board.interrupt();
    expect(await board.ended).toBe(0);
    expect(inside.interfaces).toEqual([]);
    // For the answer to the last one `ping` does not wait long: the wire tells.
    expect((await judge(capture, 'icmp.type == 0')).frames).toBe(100);
    const { frames, faults } = await judge(capture, 'ip.src == 10.77.0.2 || arp.src.proto_ipv4 == 10.77.0.2');
    expect(faults).toEqual([]);
    expect(frames).toBeGreaterThan(300);
  }, 120_000);

  it('stops by itself after --duration', async () => {
    const inside = makeNamespace();
    const board = await start(inside, ...words, '--duration', '1', '--loss', '5');
    expect(await board.ended).toBe(0);
    expect(inside.interfaces).toEqual([]);
  }, 60_000);

  it('says so, and ends with code 1, when the interface is taken away', async () => {
    const inside = makeNamespace();
    const board = await start(inside, ...words);
    inside.runs('ip', 'link', 'delete', 'enc0');
    expect(await board.ended).toBe(1);
    expect(board.output()).toContain('The network interface enc0 has been removed.');
  }, 60_000);

  it('without rights says what is needed, and names the default', async ({ skip }) => {
    skip(!isInstalled('setpriv'), 'the program setpriv is missing');
    const inside = makeNamespace();
    const { status, output } = await inside.run(
      'setpriv', '--bounding-set', '-net_admin', '--inh-caps', '-net_admin', process.execPath,
      join(root, 'node_modules', 'ts-node', 'dist', 'bin.js'), '--cwdMode', join(root, 'boards/virtual/main.ts'), ...words,
    );
    expect(output).toContain('`--lan localhost` needs no rights and no device.');
    expect(status).toBe(1);
  }, 60_000);
});
