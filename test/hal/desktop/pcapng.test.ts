import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PcapngFile } from '../../../hal/desktop/pcapng';
import { VirtualClock } from '../../../hal/mock/clock';
import { Wire } from '../../../hal/mock/wire';
import { WirePort } from '../../../hal/mock/wire-port';
import { titled, whyNotInstalled } from '../../tools';

const NO_JUDGE = whyNotInstalled('tshark');

/** An echo request with right checksums, its sequence number given. */
function ping(sequence: number): Uint8Array {
  const frame = new Uint8Array(98);
  frame.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 84, 0, 0, 0x40, 0, 64, 1, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
  frame.set([8, 0, 0, 0, 0, 1, sequence >> 8, sequence & 0xff], 34);
  const sum = (offset: number, end: number) => {
    let total = 0;
    for (let at = offset; at < end; at += 2) total += frame[at]! * 256 + frame[at + 1]!;
    while (total > 0xffff) total = (total & 0xffff) + (total >> 16);
    return ~total & 0xffff;
  };
  const header = sum(14, 34);
  frame.set([header >> 8, header & 0xff], 24);
  const message = sum(34, 98);
  frame.set([message >> 8, message & 0xff], 36);
  return frame;
}

describe('a capture', () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'pcapng-'));
    path = join(directory, 'capture.pcapng');
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  const fields = (...names: string[]) => {
    const run = spawnSync('tshark', ['-r', path, '-o', 'ip.check_checksum:TRUE', '-T', 'fields',
      ...names.flatMap((name) => ['-e', name])], { encoding: 'utf8' });
    expect(run.status, run.stderr).toBe(0);
    return run.stdout.trimEnd().split('\n').map((line) => line.split('\t'));
  };

  it.skipIf(NO_JUDGE)(titled('reads in tshark as what the stations sent, with what happened to it', NO_JUDGE), () => {
    const clock = new VirtualClock();
    const wire = new Wire(clock, { loss: 0.1, corruption: 0.1, duplication: 0.1, reordering: 0.1, seed: 4 });
    const notes: string[] = [];
    wire.tap((_frame, _microseconds, note) => notes.push(note));
    const capture = new PcapngFile(path);
    capture.attachTo(wire, 'the wire');
    const port = new WirePort(wire);
    port.open();
    new WirePort(wire, { name: 'other' }).open();
    for (let sequence = 0; sequence < 300; sequence++) {
      expect(port.send(ping(sequence), 98)).toBe(true);
      clock.advance(1000);
    }
    capture.close();
    const rows = fields('frame.comment', 'frame.len', 'ip.checksum.status', 'icmp.checksum.status', 'icmp.seq',
      'frame.interface_name');
    expect(rows).toEqual(notes.map((note, sequence) => [note, '98', '1', '1', String(sequence), 'the wire']));
    expect(new Set(notes)).toEqual(new Set(['', 'lost', 'corrupted', 'duplicated', 'reordered']));
  });

  it.skipIf(NO_JUDGE)(titled('keeps microseconds, the time it started at, and several interfaces', NO_JUDGE), () => {
    const capture = new PcapngFile(path, { startedAt: 1_800_000_000_000 });
    const first = capture.addInterface('first');
    const second = capture.addInterface('second');
    capture.write(second, ping(1), 1_234_567.9, 'a comment: süß');
    capture.write(first, ping(2).subarray(0, 61), 5e9);
    capture.close();
    expect(fields('frame.time_epoch', 'frame.interface_name', 'frame.comment', 'frame.len')).toEqual([
      ['1800000001.234567000', 'second', 'a comment: süß', '98'],
      ['1800005000.000000000', 'first', '', '61'],
    ]);
  });

  it.skipIf(NO_JUDGE)(titled('holds more than its buffer, in order', NO_JUDGE), () => {
    const capture = new PcapngFile(path);
    const only = capture.addInterface('wire');
    for (let sequence = 0; sequence < 5000; sequence++) capture.write(only, ping(sequence), sequence);
    capture.close();
    const rows = fields('icmp.seq', 'icmp.checksum.status');
    expect(rows).toEqual(Array.from({ length: 5000 }, (_, sequence) => [String(sequence), '1']));
  });

  it('is in the file a moment later, and at once after flush', async () => {
    const capture = new PcapngFile(path);
    expect(readFileSync(path)).toHaveLength(0);
    capture.flush();
    const header = readFileSync(path).length;
    expect(header).toBeGreaterThan(28);
    capture.addInterface('wire');
    await vi.waitFor(() => expect(readFileSync(path).length).toBeGreaterThan(header), 2000);
    capture.close();
  });

  it('goes to a sink as well, in whole blocks of 32-bit words', () => {
    const parts: Buffer[] = [];
    const capture = new PcapngFile((bytes) => parts.push(Buffer.from(bytes)));
    const only = capture.addInterface('wire');
    capture.write(only, new Uint8Array(61), 0, 'lost');
    capture.close();
    const whole = Buffer.concat(parts);
    const types: number[] = [];
    for (let at = 0; at < whole.length; at += whole.readUInt32LE(at + 4)) {
      const length = whole.readUInt32LE(at + 4);
      expect(length % 4).toBe(0);
      expect(whole.readUInt32LE(at + length - 4)).toBe(length);
      types.push(whole.readUInt32LE(at));
    }
    expect(types).toEqual([0x0a0d0d0a, 1, 6]);
  });

  it('ends with close, leaves no listener behind, and says what is wrong', () => {
    const listeners = process.listenerCount('exit');
    const wire = new Wire(new VirtualClock());
    const capture = new PcapngFile(path);
    capture.attachTo(wire);
    expect(() => capture.write(1, ping(1), 0)).toThrow('The capture has no interface 1.');
    capture.close();
    capture.close();
    expect(process.listenerCount('exit')).toBe(listeners);
    expect(() => capture.write(0, ping(1), 0)).toThrow('The capture is closed.');
    expect(() => new PcapngFile(join(directory, 'no', 'such'))).toThrow(/cannot be written: ENOENT/);
  });
});
