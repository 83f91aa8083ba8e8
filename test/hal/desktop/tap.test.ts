import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { RealTime } from '../../../hal/desktop/real-time';
import { TapDevice } from '../../../hal/desktop/tap';
import { TapBridge } from '../../../hal/desktop/tap-bridge';
import { VirtualClock } from '../../../hal/mock/clock';
import { Wire } from '../../../hal/mock/wire';
import { WirePort } from '../../../hal/mock/wire-port';
import { titled, whyNotHere } from '../../tools';
import { NetworkNamespace } from './namespace';
import { Responder } from './responder';
import { into } from '../into';

const REASON = whyNotHere('ping');
const BOARD = [10, 77, 0, 2];
const PROCESS = join(__dirname, 'tap-process.ts');
const TS_NODE = join(__dirname, '../../../node_modules/ts-node/dist/bin.js');

let names = 0;
const freshName = () => `tp${process.pid % 1e7}x${++names}`;

describe('a TAP device', () => {
  it('refuses a name that Linux does not take', () => {
    expect(() => new TapDevice({ name: 'a-name-of-17-char' }))
      .toThrow('The interface name a-name-of-17-char has 17 characters; Linux takes 15 at most.');
    expect(() => new TapDevice({ name: 'tap/0' })).toThrow(/made of letters, digits/);
    expect(() => new TapDevice({ name: '' })).toThrow(/made of letters, digits/);
  });

  it('is configured only when open', () => {
    expect(() => new TapDevice({ name: 'tap0' }).configure('10.0.0.1/24')).toThrow(/must be opened before/);
  });
});

describe.skipIf(REASON)(titled('a TAP device in a network namespace', REASON), () => {
  let inside: NetworkNamespace;
  let tap: TapDevice;

  beforeEach(() => {
    inside = new NetworkNamespace();
    onTestFinished(inside.remove);
    tap = new TapDevice({ name: freshName() });
    onTestFinished(() => tap.close());
  });

  it('lets the kernel find and ping a station', async () => {
    tap.open();
    const responder = new Responder(tap, BOARD);
    tap.onReadable = responder.poll;
    inside.adopt(tap.name, '10.77.0.1/24');
    const { output } = await inside.run('ping', '-c', '5', '-i', '0.05', '-W', '2', '10.77.0.2');
    expect(output).toContain('5 packets transmitted, 5 received');
    expect(responder.answered).toBeGreaterThanOrEqual(6);
    expect(tap.counters).toMatchObject({ rxErrors: 0, txErrors: 0 });
  });

  it('receives by being asked alone, without the event loop', async () => {
    tap.open();
    inside.adopt(tap.name, '10.77.0.1/24');
    expect(tap.receive(into(new Uint8Array(1514)))).toBe(0);
    const ping = inside.run('ping', '-c', '1', '-W', '0.2', '10.77.0.2');
    const frame = new Uint8Array(1514);
    await vi.waitFor(() => expect(tap.receive(into(frame))).toBe(42), 5000);
    expect([...frame.subarray(0, 6), ...frame.subarray(12, 14)]).toEqual([255, 255, 255, 255, 255, 255, 8, 6]);
    await ping;
  });

  it('drops and counts frames longer than the buffer given', async () => {
    tap.open();
    inside.adopt(tap.name, '10.77.0.1/24');
    const ping = inside.run('ping', '-c', '1', '-W', '0.2', '10.77.0.2');
    await vi.waitFor(() => {
      expect(tap.receive(into(new Uint8Array(40)))).toBe(0);
      expect(tap.counters.rxOversize).toBeGreaterThan(0);
    }, 5000);
    await ping;
  });

  it('sees whether the host has the interface up, also in another namespace', () => {
    tap.open();
    expect(tap.linkUp()).toBe(false);
    inside.adopt(tap.name, '10.77.0.1/24');
    expect(tap.linkUp()).toBe(true);
    inside.runs('ip', 'link', 'set', tap.name, 'down');
    expect(tap.linkUp()).toBe(false);
    expect(tap.send(new Uint8Array(60), 60)).toBe(true);
    expect(tap.counters.txErrors).toBe(1);
  });

  it('shows the host a pulled cable', () => {
    tap.open();
    inside.adopt(tap.name, '10.77.0.1/24');
    tap.setCarrier(false);
    expect(inside.runs('ip', 'link', 'show', tap.name)).toContain('NO-CARRIER');
    tap.setCarrier(true);
    expect(inside.runs('ip', 'link', 'show', tap.name)).not.toContain('NO-CARRIER');
  });

  it('goes with its interface when it is closed, and can be made again', async () => {
    tap.open();
    tap.onReadable = () => {};
    inside.adopt(tap.name, '10.77.0.1/24');
    expect(inside.interfaces).toEqual([tap.name]);
    await tap.close();
    await tap.close();
    expect(inside.interfaces).toEqual([]);
    expect([tap.isOpen, tap.linkUp(), tap.receive(into(new Uint8Array(1514)))]).toEqual([false, false, 0]);
    tap.open();
    expect(tap.isOpen).toBe(true);
  });

  it('tells when the interface has been removed from under it', async () => {
    const lost = vi.fn();
    tap.onLost = lost;
    tap.onReadable = () => tap.receive(into(new Uint8Array(1514)));
    tap.open();
    inside.adopt(tap.name, '10.77.0.1/24');
    inside.runs('ip', 'link', 'delete', tap.name);
    await vi.waitFor(() => expect(lost).toHaveBeenCalledTimes(1), 2000);
    expect(lost.mock.calls[0]![0].message).toBe(`The network interface ${tap.name} has been removed.`);
    expect(tap.isOpen).toBe(false);
  });

  it('says that a name is in use', async () => {
    tap.open();
    const second = new TapDevice({ name: tap.name });
    expect(() => second.open()).toThrow(`The network interface ${tap.name} is in use by another program`);
    expect(() => new TapDevice({ name: 'lo' }).open()).toThrow('There is a network interface lo already that is not a TAP');
  });

  it('says which right is missing', ({ skip }) => {
    const run = spawnSync('setpriv', ['--bounding-set', '-net_admin', '--inh-caps', '-net_admin',
      process.execPath, TS_NODE, '--cwdMode', PROCESS, freshName()], { encoding: 'utf8' });
    skip(run.error !== undefined, 'the program setpriv is missing');
    expect(run.stderr).toContain('needs root or CAP_NET_ADMIN. `--lan localhost` needs no rights and no device.');
  });

  /** Starts a process that opens a TAP device inside, and waits until it says that it is ready. */
  async function processInside(...words: string[]) {
    const child = spawn('ip', ['netns', 'exec', inside.name, process.execPath, TS_NODE, '--cwdMode', PROCESS, ...words],
      { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (text) => { output += text; });
    child.stderr.on('data', (text) => { output += text; });
    const ended = new Promise<number | null>((done) => child.on('close', done));
    await Promise.race([
      vi.waitFor(() => expect(output).toContain('ready'), 20_000),
      ended.then(() => { throw new Error(`The process ended early: ${output}`); }),
    ]);
    return { child, ended, output: () => output };
  }

  it('is configured with an address, up, and without IPv6', async () => {
    const { child, ended } = await processInside('cfg0', '10.77.0.1/24');
    const shown = inside.runs('ip', 'address', 'show', 'cfg0');
    expect(shown).toContain('inet 10.77.0.1/24');
    expect(shown).toContain('UP');
    expect(shown).not.toContain('inet6');
    child.stdin.write('close\n');
    expect(await ended).toBe(0);
    expect(inside.interfaces).toEqual([]);
  }, 30_000);

  it.each(['interrupt', 'throw', 'kill'])('goes with its process: %s', async (how) => {
    const { child, ended } = await processInside('end0', '10.77.0.1/24');
    expect(inside.interfaces).toEqual(['end0']);
    if (how === 'throw') child.stdin.write('throw\n');
    else child.kill(how === 'kill' ? 'SIGKILL' : 'SIGINT');
    await ended;
    await vi.waitFor(() => expect(inside.interfaces).toEqual([]), 2000);
  }, 30_000);

  it('refuses a host address that is none, and says so when ip is missing', () => {
    tap.open();
    expect(() => tap.configure('10.77.0.1')).toThrow('must look like 192.168.7.1/24, not 10.77.0.1.');
    expect(() => tap.configure('10.77.0.1/33')).toThrow(/not 10.77.0.1\/33/);
    const { PATH } = process.env;
    process.env.PATH = '/nowhere';
    try {
      expect(() => tap.configure('10.77.0.1/24')).toThrow('The program ip, which sets the interface\'s address, is missing');
    } finally {
      process.env.PATH = PATH;
    }
  });

  describe('bridged to a wire', () => {
    let clock: VirtualClock;
    let wire: Wire;
    let realTime: RealTime;
    let port: WirePort;
    let responder: Responder;
    let bridge: TapBridge;

    beforeEach(() => {
      clock = new VirtualClock();
      wire = new Wire(clock);
      realTime = new RealTime(clock);
      port = new WirePort(wire);
      port.open();
      responder = new Responder(port, BOARD);
      port.onReadable = responder.poll;
      realTime.start();
      onTestFinished(() => realTime.stop());
      bridge = new TapBridge(tap, wire, { realTime });
      onTestFinished(() => bridge.close());
      inside.adopt(tap.name, '10.77.0.1/24');
    });

    it('lets the kernel ping a station on the wire, full frames too', async () => {
      const small = await inside.run('ping', '-c', '5', '-i', '0.05', '-W', '2', '10.77.0.2');
      expect(small.output).toContain('5 packets transmitted, 5 received');
      const full = await inside.run('ping', '-c', '3', '-i', '0.05', '-W', '2', '-s', '1472', '10.77.0.2');
      expect(full.output).toContain('3 packets transmitted, 3 received');
      const fastest = Number(/min\/avg\/max\/mdev = ([\d.]+)/.exec(full.output)![1]);
      expect(fastest).toBeGreaterThan(2.44); // two full frames at 10 Mbit/s
      expect([bridge.dropped, port.counters.rxErrors]).toEqual([0, 0]);
    });

    it('shows the kernel what the wire loses', async () => {
      wire.faults.loss = 1;
      const { output } = await inside.run('ping', '-c', '2', '-i', '0.1', '-W', '0.2', '10.77.0.2');
      expect(output).toContain('0 received');
      expect(wire.counts.lost).toBeGreaterThan(0);
    });

    it('does not pass on what was corrupted', async () => {
      wire.faults.corruption = 1;
      const { output } = await inside.run('ping', '-c', '2', '-i', '0.1', '-W', '0.2', '10.77.0.2');
      expect(output).toContain('0 received');
      expect(port.counters.rxErrors).toBeGreaterThan(0);
      port.send(new Uint8Array(60), 60);
      await vi.waitFor(() => expect(bridge.dropped).toBe(1), 2000);
    });

    it('shows the kernel that the other end was pulled', () => {
      port.cable!.pull();
      expect(inside.runs('ip', 'link', 'show', tap.name)).toContain('NO-CARRIER');
      port.cable!.plug();
      expect(inside.runs('ip', 'link', 'show', tap.name)).not.toContain('NO-CARRIER');
    });

    it('keeps a flood in the kernel instead of on the wire', async () => {
      const { output } = await inside.run('ping', '-f', '-c', '300', '-s', '1000', '-W', '2', '10.77.0.2');
      const received = Number(/(\d+) received/.exec(output)![1]);
      expect(received).toBeGreaterThan(150);
      expect(bridge.dropped).toBe(0);
    });
  });
});
