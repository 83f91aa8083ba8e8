import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, type Server, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { flash } from '../../boards/flash/flash';
import { noEngine, titled } from '../tools';

const patience = { timeout: 20_000, interval: 20 };

/** Real Espruino in a directory of its own, where its flash is a file, with its console on a port of this machine. */
class Machine {
  printed = '';
  private child: ChildProcess | undefined;
  private server: Server | undefined;

  constructor(readonly directory: string) {}

  async start(): Promise<string> {
    this.printed = '';
    const child = spawn(process.env['ESPRUINO']!, [], { cwd: this.directory, stdio: ['pipe', 'pipe', 'ignore'] });
    this.child = child;
    child.stdin!.on('error', () => undefined);
    child.stdout!.on('data', (data: Buffer) => this.printed += data.toString('latin1'));
    this.server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => void child.stdin!.write(data));
      child.stdout!.on('data', (data: Buffer) => void (socket.destroyed || socket.write(data)));
    });
    await new Promise<void>((resolve) => this.server!.listen(0, '127.0.0.1', resolve));
    return `tcp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child?.exitCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }
    this.server?.close();
  }
}

describe.skipIf(noEngine)(titled('a script that is flashed to real Espruino over its console', noEngine), () => {
  let machine: Machine;
  let port: string;
  let lines: string[];
  const options = () => ({ port, boardName: 'LINUX', force: false, progress: (line: string) => void lines.push(line) });

  beforeEach(async () => {
    lines = [];
    machine = new Machine(mkdtempSync(join(tmpdir(), 'flash-')));
    port = await machine.start();
  });
  afterEach(async () => {
    await machine.stop();
    rmSync(machine.directory, { recursive: true });
  });

  it('runs at once and after every start, and every octet of it was read back', async () => {
    const filler = Array.from({ length: 3000 }, (_, number) => String.fromCharCode(32 + (number * 7) % 90)).join('').replace(/[`\\]/g, '.');
    const text = `var text=\`${filler}\`;print("booted",text.length,text[2999]);`;
    await flash({ ...options(), text: () => text, to: 'boot' });
    await vi.waitFor(() => expect(machine.printed).toContain(`booted 3000 ${filler[2999]}`), patience);
    expect(lines[0]).toMatch(/^LINUX, Espruino 2v\d+/);
    expect(lines).toContain('.bootcde: 100 %');
    expect(lines.at(-1)).toBe(`.bootcde: ${text.length} octets written and read back`);
    await machine.stop();
    await machine.start();
    await vi.waitFor(() => expect(machine.printed).toContain('booted 3000'), patience);
  });

  it('runs once when it goes to RAM', async () => {
    await flash({ ...options(), text: () => 'print("once","more");', to: 'ram' });
    await vi.waitFor(() => expect(machine.printed).toContain('once more'), patience);
    await machine.stop();
    await machine.start();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(machine.printed).not.toContain('once more');
  });

  it('is a module when it goes there', async () => {
    await flash({ ...options(), text: () => 'exports.answer=42;', to: 'module' });
    await flash({ ...options(), text: () => 'print("the answer is",require("ENC28J60").answer);', to: 'ram' });
    await vi.waitFor(() => expect(machine.printed).toContain('the answer is 42'), patience);
  });

  it('interrupts a board that works on something', async () => {
    await flash({ ...options(), text: () => 'setTimeout(function(){print("working");for(;;);},10);', to: 'ram' });
    await vi.waitFor(() => expect(machine.printed).toContain('working'), patience);
    await flash({ ...options(), text: () => 'print("interrupted");', to: 'ram' });
    await vi.waitFor(() => expect(machine.printed).toContain('interrupted'), patience);
  });

  it('replaces the one before', async () => {
    for (const version of [1, 2]) await flash({ ...options(), text: () => `print("version",${version});`, to: 'boot' });
    await vi.waitFor(() => expect(machine.printed).toContain('version 2'), patience);
  });

  it('stays away from another board than it is for, unless that is insisted on', async () => {
    const other = { ...options(), text: () => 'print("here");', to: 'ram' as const, boardName: 'PICO_R1_3' };
    await expect(flash(other)).rejects.toThrow('is a LINUX, and the script is for a PICO_R1_3. Choose the board with --board, or insist with --force.');
    expect(machine.printed).not.toContain('here');
    await flash({ ...other, force: true });
    await vi.waitFor(() => expect(machine.printed).toContain('here'), patience);
  });

  it('is refused when Storage has no room for it, and the room is named', async () => {
    await expect(flash({ ...options(), text: () => ' '.repeat(300_000), to: 'boot' })).rejects.toThrow(/^The script takes 300000 octets of Storage, and \d+ are free\./);
  });
});

describe('the port that is flashed through', () => {
  const options = { boardName: 'LINUX', force: false, text: () => '1', to: 'ram' as const, progress: () => undefined };

  it('is named, with what to do, when nobody listens there', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await expect(flash({ ...options, port: `tcp://127.0.0.1:${port}` })).rejects.toThrow(`tcp://127.0.0.1:${port}: nobody listens there.`);
  });

  it('is named when it does not exist', async () => {
    await expect(flash({ ...options, port: '/dev/tty-none' })).rejects.toThrow(/^\/dev\/tty-none: there is no such port/);
    await expect(flash({ ...options, port: '/dev/null' })).rejects.toThrow('/dev/null: this is no serial port.');
    await expect(flash({ ...options, port: 'http://board' })).rejects.toThrow('--port http://board: give a serial port such as /dev/ttyACM0, or tcp://host:port.');
  });

  it('is named when whoever is there does not answer as Espruino does', async () => {
    const server = createServer((socket) => socket.on('data', () => void socket.write('What?\r\n')).on('error', () => undefined));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(flash({ ...options, port })).rejects.toThrow(`${port}: nobody answers as Espruino does.`);
    server.close();
  }, 20_000);
});
