import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, vi } from 'vitest';
import { formatAddress } from '../../src/ip/address';
import { AddressClaim } from '../../src/link/conflict';
import { DhcpClient } from '../../src/udp/dhcp';
import { DhcpState } from '../../src/udp/dhcp-message';
import { UdpHost } from '../../src/udp/udp';
import { titled, whyNotHere } from '../tools';
import { ServiceLan } from './service-lan';

const reason = whyNotHere('dhcpd', 'dnsmasq', 'ping');
const patience = { timeout: 60_000, interval: 20 };

/** A LAN of its own, with a client that has been started, and ways to start servers on it. */
function boot(net: number) {
  const lan = new ServiceLan(`10.${net}.0.1/24`);
  const changes: boolean[] = [];
  const dhcp = new DhcpClient(new UdpHost(lan.stack, 6), new AddressClaim(lan.stack), 'board', { leaseChanged: (has) => void changes.push(has) });
  let files = 0;
  /** ISC dhcpd with leases of so many seconds. @returns how to end it */
  const dhcpd = (seconds: number, range = `10.${net}.0.50 10.${net}.0.60`) => {
    const conf = join(lan.folder, `dhcpd${++files}.conf`);
    const leases = join(lan.folder, 'dhcpd.leases');
    const time = `default-lease-time ${seconds}; max-lease-time ${seconds}; min-lease-time ${seconds}; dhcp-cache-threshold 0;`;
    writeFileSync(conf, `authoritative; ping-check false; ${time} subnet 10.${net}.0.0 netmask 255.255.255.0 {
      range ${range}; option routers 10.${net}.0.1; option domain-name-servers 10.${net}.0.1; option ntp-servers 10.${net}.0.3; }\n`);
    writeFileSync(leases, '', { flag: 'a' });
    return lan.starts('dhcpd', '-4', '-f', '-q', '-cf', conf, '-lf', leases, '-pf', join(lan.folder, `pid${files}`), lan.tap.name);
  };
  const dnsmasq = () => lan.starts(
    'dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--no-hosts', '--no-resolv', '--user=root', `--interface=${lan.tap.name}`, '--bind-interfaces',
    '--dhcp-authoritative', `--dhcp-leasefile=${join(lan.folder, 'leases')}`, `--pid-file=${join(lan.folder, 'pid')}`, '--no-ping',
    `--dhcp-range=10.${net}.0.90,10.${net}.0.95,255.255.255.0,2m`,
  );
  // Some states last a millisecond only: they are written down.
  let now = dhcp.state;
  const been: DhcpState[] = [];
  Object.defineProperty(dhcp, 'state', {
    get: () => now,
    set: (state: DhcpState) => {
      if (state !== now) been.push(state);
      now = state;
    },
  });
  /** Waits for a state of the client's that comes after those that were waited for. */
  const reaches = (state: DhcpState) => vi.waitFor(() => {
    const at = been.indexOf(state);
    if (at < 0) throw new Error(`the client is in state ${now}, not ${state}`);
    been.splice(0, at + 1);
  }, patience);
  const ip = () => formatAddress(lan.stack.ip.address);
  const pings = async () => (await lan.inside.run('ping', '-c', '1', '-W', '5', ip())).status === 0;
  return { lan, dhcp, changes, dhcpd, dnsmasq, reaches, ip, pings };
}

describe.skipIf(reason).concurrent(titled('leases of ten seconds', reason), () => {
  it('are renewed, and end when the server is gone; when it is back there is a new one', async ({ expect, onTestFinished }) => {
    const { lan, dhcp, changes, dhcpd, reaches, ip, pings } = boot(90);
    onTestFinished(() => lan.close());
    const stop = dhcpd(10);
    dhcp.startDhcp();
    await reaches(DhcpState.bound);
    expect(dhcp.timeServer).toBe((10 << 24) | (90 << 16) | 3);
    const first = ip();
    await reaches(DhcpState.renewing);
    await reaches(DhcpState.bound);
    expect(await pings()).toBe(true);
    await stop();
    await reaches(DhcpState.renewing);
    await reaches(DhcpState.rebinding);
    expect(ip()).toBe(first);
    await reaches(DhcpState.selecting);
    expect([ip(), changes]).toEqual(['0.0.0.0', [true, false]]);
    dhcpd(10);
    await reaches(DhcpState.bound);
    expect([ip(), changes]).toEqual([first, [true, false, true]]);
    expect(dhcp.counters).toMatchObject({ naks: 0, declines: 0 });
  }, 100_000);

  it('outlive a server that is restarted before they end', async ({ expect, onTestFinished }) => {
    const { lan, dhcp, changes, dhcpd, reaches, ip } = boot(91);
    onTestFinished(() => lan.close());
    const stop = dhcpd(16);
    dhcp.startDhcp();
    await reaches(DhcpState.bound);
    const first = ip();
    await stop();
    await reaches(DhcpState.renewing);
    // Its question to the server itself has to be lost.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    dhcpd(16);
    await reaches(DhcpState.rebinding);
    await reaches(DhcpState.bound);
    expect([ip(), changes]).toEqual([first, [true]]);
  }, 100_000);

  it('are refused by another server that took the place of the first, which gives an address of its own', async ({ expect, onTestFinished }) => {
    const { lan, dhcp, changes, dhcpd, dnsmasq, reaches, ip, pings } = boot(92);
    onTestFinished(() => lan.close());
    const stop = dhcpd(10);
    dhcp.startDhcp();
    await reaches(DhcpState.bound);
    expect(ip()).toMatch(/\.(5\d|60)$/);
    await stop();
    dnsmasq();
    await reaches(DhcpState.selecting);
    await reaches(DhcpState.bound);
    expect(ip()).toMatch(/^10\.92\.0\.9[0-5]$/);
    expect([dhcp.counters.naks, changes]).toEqual([1, [true, false, true]]);
    expect(await pings()).toBe(true);
  }, 100_000);

  it('of an address that another host has are declined, and the server gives the next', async ({ expect, onTestFinished }) => {
    const { lan, dhcp, dhcpd, reaches, ip, pings } = boot(93);
    onTestFinished(() => lan.close());
    for (const last of [50, 51]) lan.inside.runs('ip', 'address', 'add', `10.93.0.${last}/24`, 'dev', lan.tap.name);
    dhcpd(20, '10.93.0.50 10.93.0.52');
    dhcp.startDhcp();
    await reaches(DhcpState.bound);
    expect([ip(), dhcp.counters.declines]).toEqual(['10.93.0.52', 2]);
    expect(await pings()).toBe(true);
  }, 100_000);
});
