import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { NetworkNamespace } from '../hal/desktop/namespace';
import { titled, whyNotHere } from '../tools';

const reason = whyNotHere('dnsmasq', 'curl');
const root = join(__dirname, '..', '..');
const patience = { timeout: 60_000, interval: 100 };

describe.skipIf(reason)(titled('the command of the virtual board with --ip dhcp', reason), () => {
  it('gets an address from dnsmasq, says which, and serves its page there, under the name that it was given', async () => {
    const inside = new NetworkNamespace();
    onTestFinished(inside.remove);
    const folder = mkdtempSync(join(tmpdir(), 'enc28j60-dhcp-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const starts = (...command: string[]) => {
      const child = spawn('ip', ['netns', 'exec', inside.name, ...command], { cwd: root });
      const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
      onTestFinished(async () => {
        child.kill('SIGKILL');
        await ended;
      });
      let output = '';
      child.stdout.on('data', (piece) => { output += String(piece); });
      child.stderr.on('data', (piece) => { output += String(piece); });
      return { child, ended, output: () => output };
    };
    const board = starts(
      process.execPath, join('node_modules', 'ts-node', 'dist', 'bin.js'), '--cwdMode', 'boards/virtual/main.ts',
      '--board', 'espruino-wifi', '--lan', 'tap:enc0', '--ip', 'dhcp', '--hostname', 'kitchen', '--host-ip', '10.81.0.1/24',
    );
    await vi.waitFor(() => expect(board.output()).toContain('Ctrl-C stops it.'), { ...patience, timeout: 120_000 });
    expect(board.output()).toContain('address by DHCP, LAN tap:enc0');
    const leases = join(folder, 'leases');
    starts(
      'dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--no-hosts', '--no-resolv', '--user=root', '--interface=enc0', '--bind-interfaces',
      '--dhcp-authoritative', `--dhcp-leasefile=${leases}`, `--pid-file=${join(folder, 'pid')}`, '--no-ping', '--dhcp-range=10.81.0.50,10.81.0.60,255.255.255.0,2m',
    );
    await vi.waitFor(() => expect(board.output()).toContain('The board is at 10.81.0.'), patience);
    const [, address] = /The board is at (10\.81\.0\.\d+): curl/.exec(board.output())!;
    expect(readFileSync(leases, 'utf8')).toMatch(new RegExp(` ${address!.replaceAll('.', '\\.')} kitchen `));
    const page = await inside.run('curl', '-sS', '--max-time', '10', `http://${address}/`);
    expect(page.output).toContain('Hello from Espruino WiFi');
    expect(page.output).toContain(`<td>${address}</td>`);
    board.child.kill('SIGINT');
    expect(await board.ended).toBe(0);
    expect(inside.interfaces).toEqual([]);
  }, 240_000);
});
