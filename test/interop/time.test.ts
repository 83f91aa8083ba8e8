import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, vi } from 'vitest';
import { SntpClient } from '../../src/udp/sntp';
import { UdpHost } from '../../src/udp/udp';
import { titled, whyNotHere } from '../tools';
import { address, ServiceLan } from './service-lan';

const reason = whyNotHere('chronyd');
const patience = { timeout: 25_000, interval: 20 };

describe.skipIf(reason).concurrent(titled('chronyd, asked for the time', reason), () => {
  /** A LAN with chronyd on it, which never touches this machine's clock, and a client that has just been started. */
  function boot(net: number, ...lines: string[]) {
    const lan = new ServiceLan(`10.${net}.0.1/24`, { address: address(`10.${net}.0.2`), netmask: -256, pendingPacket: 128 });
    const conf = join(lan.folder, 'chrony.conf');
    writeFileSync(conf, ['allow all', 'cmdport 0', 'bindcmdaddress /', `pidfile ${join(lan.folder, 'pid')}`, ...lines, ''].join('\n'));
    lan.starts('chronyd', '-x', '-d', '-u', 'root', '-f', conf);
    const told: { unix: number; wrong: number }[] = [];
    const client = new SntpClient(new UdpHost(lan.stack, 4), null, {
      timeFound: (seconds, milliseconds) => {
        const unix = (seconds >>> 0) - 2_208_988_800 + milliseconds / 1000;
        told.push({ unix, wrong: Math.abs(unix - Date.now() / 1000) });
      },
      timeRefused: () => undefined,
    });
    client.startSntp('', address(`10.${net}.0.1`));
    return { lan, client, told };
  }

  it('says what time it is, and again 1,024 s later', async ({ expect, onTestFinished }) => {
    const { lan, client, told } = boot(84, 'local stratum 10');
    onTestFinished(() => lan.close());
    await vi.waitFor(() => expect(told.length).toBe(1), patience);
    // What remains are this process's own turns: the client takes no answer that was longer on its way.
    expect(told[0]!.wrong).toBeLessThan(4);
    lan.hurry(1024);
    await vi.waitFor(() => expect(told.length).toBe(2), patience);
    expect(client.counters).toMatchObject({ rejected: 0, unsynchronized: 0, kisses: 0 });
  });

  it('is not believed while it does not know itself', async ({ expect, onTestFinished }) => {
    const { lan, client, told } = boot(85);
    onTestFinished(() => lan.close());
    await vi.waitFor(() => expect(client.counters.unsynchronized).toBe(1), patience);
    expect(told).toEqual([]);
  });
});
