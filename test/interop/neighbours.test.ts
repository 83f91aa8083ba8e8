import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, vi } from 'vitest';
import { formatAddress } from '../../src/ip/address';
import { IgmpHost } from '../../src/ip/igmp';
import { DnsResolver } from '../../src/udp/dns';
import { Resolution } from '../../src/udp/dns-result';
import { MdnsResponder } from '../../src/udp/mdns';
import { UdpHost } from '../../src/udp/udp';
import { titled, whyNotHere } from '../tools';
import { address, ServiceLan } from './service-lan';

const reason = whyNotHere('avahi-daemon', 'dig');
const patience = { timeout: 40_000, interval: 200 };

describe.skipIf(reason).concurrent(titled('Avahi, and names without a server', reason), () => {
  /** A LAN with Avahi on it, under a name, and a web server that it advertises. */
  function boot(net: number, name: string) {
    const lan = new ServiceLan(`10.${net}.0.1/24`, { address: address(`10.${net}.0.2`), netmask: -256, pendingPacket: 256 });
    lan.inside.runs('ip', 'route', 'add', '224.0.0.0/4', 'dev', lan.tap.name);
    const conf = join(lan.folder, 'avahi.conf');
    writeFileSync(conf, [
      '[server]', `host-name=${name}`, 'domain-name=local', 'use-ipv4=yes', 'use-ipv6=no', 'enable-dbus=no', `allow-interfaces=${lan.tap.name}`,
      'disallow-other-stacks=no', '[publish]', 'publish-addresses=yes', 'publish-hinfo=no', 'publish-workstation=no', '',
    ].join('\n'));
    // Its files of this name are this machine's: it gets a /run of its own.
    lan.starts('sh', '-c', 'mount -t tmpfs none /run && mkdir /run/avahi-daemon && exec avahi-daemon --no-drop-root --no-rlimits --no-chroot -f "$0"', conf);
    const udp = new UdpHost(lan.stack, 6);
    const resolver = new DnsResolver(udp, 4);
    const look = (text: string) => new Promise<string>((resolve) => {
      resolver.lookUp(text, { resolved: (_, found, how) => resolve(how === Resolution.found ? formatAddress(found) : 'none') });
    });
    const dig = async (server: string, ...words: string[]) =>
      (await lan.inside.run('dig', '-p', '5353', `@${server}`, '+short', '+timeout=2', '+tries=2', ...words)).output.replace(/^;;.*\n/gm, '').trim();
    return { lan, udp, look, dig };
  }

  it('is found by its name, and a name that nobody has is not', async ({ expect, onTestFinished }) => {
    const { lan, look } = boot(86, 'desktop');
    onTestFinished(() => lan.close());
    await vi.waitFor(async () => expect(await look('Desktop.local')).toBe('10.86.0.1'), patience);
    expect(await look('nobody.local')).toBe('none');
  }, 90_000);

  it('keeps the name that it has: the host takes another one, and both are found, with the host\'s web server', async ({ expect, onTestFinished }) => {
    const { lan, udp, dig } = boot(87, 'board');
    onTestFinished(() => lan.close());
    await vi.waitFor(async () => expect(await dig('10.87.0.1', 'board.local', 'A')).toBe('10.87.0.1'), patience);
    const mdns = new MdnsResponder(udp, new IgmpHost(lan.stack, 4), 'board');
    mdns.advertise(80);
    await vi.waitFor(async () => expect(await dig('10.87.0.2', 'board-2.local', 'A')).toBe('10.87.0.2'), patience);
    expect(await dig('10.87.0.1', 'board.local', 'A')).toBe('10.87.0.1');
    expect(await dig('10.87.0.2', '_http._tcp.local', 'PTR')).toBe('board-2._http._tcp.local.');
    expect(await dig('10.87.0.2', 'board-2._http._tcp.local', 'SRV')).toBe('0 0 80 board-2.local.');
  }, 90_000);
});
