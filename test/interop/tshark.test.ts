import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PcapngFile } from '../../hal/desktop/pcapng';
import { ethernet, ipPacket, tcpSegment } from '../src/frames';
import { titled, whyNotHere } from '../tools';
import { judge } from './tshark';

const reason = whyNotHere('tshark');
const board = [2, 0, 0, 0, 0, 1];
const host = [2, 0, 0, 0, 0, 2];

/** A frame from the board with one octet of it changed. */
function frame(changed = -1): Uint8Array {
  const segment = tcpSegment(0x0a4d0002, 0x0a4d0001, {
    sourcePort: 80, destinationPort: 5000, seq: 1, ack: 1, flags: 'ACK', wnd: 100, options: [], data: Buffer.from('text'),
  });
  const whole = ethernet(host, board, 0x0800, ipPacket({ source: 0x0a4d0002, destination: 0x0a4d0001, protocol: 6, payload: segment }));
  if (changed >= 0) whole[changed]! ^= 1;
  return whole;
}

describe.skipIf(reason)(titled('the judge of captures', reason), () => {
  it('finds bad checksums and what is cut short, in the frames of the sender alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'enc28j60-judge-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = new PcapngFile(join(folder, 'judged.pcapng'));
    const wire = file.addInterface('wire');
    const badTtl = 22;
    const badText = 54;
    const fromElsewhere = frame(badTtl);
    fromElsewhere.set(host, 6);
    for (const octets of [frame(), frame(badTtl), frame(badText), frame().subarray(0, 40), fromElsewhere]) file.write(wire, octets, 0);
    file.close();
    const { frames, faults } = await judge(join(folder, 'judged.pcapng'), 'eth.src == 02:00:00:00:00:01');
    expect(frames).toBe(4);
    expect(faults.map((fault) => fault.split(':')[0])).toEqual(['frame 2', 'frame 3', 'frame 4']);
  });
});
