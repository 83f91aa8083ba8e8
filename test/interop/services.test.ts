import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { formatAddress, parseAddress } from '../../src/ip/address';
import { IgmpHost } from '../../src/ip/igmp';
import { AddressClaim } from '../../src/link/conflict';
import { DhcpClient } from '../../src/udp/dhcp';
import { DhcpState } from '../../src/udp/dhcp-message';
import { DnsResolver } from '../../src/udp/dns';
import { Resolution } from '../../src/udp/dns-result';
import { MdnsResponder } from '../../src/udp/mdns';
import { UdpHost } from '../../src/udp/udp';
import { titled, whyNotHere } from '../tools';
import { ServiceLan } from './service-lan';

const reason = whyNotHere('dnsmasq', 'arping', 'ping');
const patience = { timeout: 30_000, interval: 20 };

describe.skipIf(reason)(titled('dnsmasq serves the host', reason), () => {
  let lan: ServiceLan | undefined;
  afterEach(async () => {
    await lan?.close();
    lan = undefined;
  });

  function dnsmasq(on: ServiceLan, ...more: string[]): () => Promise<void> {
    return on.starts(
      'dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--no-hosts', '--no-resolv', '--user=root', `--interface=${on.tap.name}`,
      '--bind-interfaces', '--dhcp-authoritative', `--dhcp-leasefile=${join(on.folder, 'leases')}`, `--pid-file=${join(on.folder, 'pid')}`,
      '--no-ping', ...more,
    );
  }

  const range = '--dhcp-range=10.78.0.50,10.78.0.60,255.255.255.0,2m';

  function client(options: string[] = []) {
    lan = new ServiceLan('10.78.0.1/24');
    const stop = dnsmasq(lan, range, ...options);
    const udp = new UdpHost(lan.stack, 6);
    const changes: boolean[] = [];
    const dhcp = new DhcpClient(udp, new AddressClaim(lan.stack), 'board', { leaseChanged: (has) => void changes.push(has) });
    dhcp.startDhcp();
    return { lan, udp, dhcp, changes, stop };
  }

  const bound = (dhcp: DhcpClient): Promise<void> => vi.waitFor(() => expect(dhcp.state).toBe(DhcpState.bound), patience);

  it('with an address, a mask, a way out and a name server; the kernel pings it, and arping finds it in use', async () => {
    const { lan, dhcp } = client();
    await bound(dhcp);
    const ip = formatAddress(lan.stack.ip.address);
    expect(ip).toMatch(/^10\.78\.0\.5\d$|^10\.78\.0\.60$/);
    expect(lan.stack.ip).toMatchObject({ netmask: -256, gateway: parseAddress('10.78.0.1') });
    expect(dhcp.nameServers[0]).toBe(parseAddress('10.78.0.1'));
    expect((await lan.inside.run('ping', '-c', '3', '-i', '0.1', ip)).output).toContain('3 received');
    expect((await lan.inside.run('arping', '-d', '-c', '2', '-i', lan.tap.name, ip)).output).not.toContain('100% unanswered');
  });

  it('renews the lease with it, keeps it while it is gone, and gives the address up at the end', async () => {
    const { lan, dhcp, changes, stop } = client();
    await bound(dhcp);
    const { received } = dhcp.counters;
    lan.hurry(50);
    await vi.waitFor(() => expect(dhcp.counters.received).toBe(received + 1), patience);
    expect(dhcp.state).toBe(DhcpState.bound);
    await stop();
    lan.hurry(65);
    expect(dhcp.state).toBe(DhcpState.renewing);
    lan.hurry(60);
    expect([lan.stack.ip.address, changes]).toEqual([0, [true, false]]);
    dnsmasq(lan, range);
    await bound(dhcp);
    expect(changes).toEqual([true, false, true]);
  });

  it('declines an address that another host uses, and gets the next one', async () => {
    lan = new ServiceLan('10.78.0.1/24');
    // The kernel has the first one itself, which dnsmasq does not look at.
    lan.inside.runs('ip', 'address', 'add', '10.78.0.50/24', 'dev', lan.tap.name);
    dnsmasq(lan, '--dhcp-range=10.78.0.50,10.78.0.51,255.255.255.0,2m', '--dhcp-host=*:*:*:*:*:*,10.78.0.50');
    const udp = new UdpHost(lan.stack, 6);
    const dhcp = new DhcpClient(udp, new AddressClaim(lan.stack), 'board', { leaseChanged: () => undefined });
    dhcp.startDhcp();
    await vi.waitFor(() => expect(dhcp.counters.declines).toBeGreaterThan(0), patience);
    lan.hurry(10);
    await bound(dhcp);
    expect(formatAddress(lan.stack.ip.address)).toBe('10.78.0.51');
  });

  it('with names: addresses, aliases, those that do not exist, and its own by DHCP', async () => {
    const { udp, dhcp } = client([
      '--local-ttl=60', '--domain=lan', '--expand-hosts', '--address=/big.test/10.78.0.77', '--host-record=one.test,10.78.0.71',
      '--cname=alias.test,middle.test', '--cname=middle.test,one.test', '--address=/nowhere.test/',
    ]);
    await bound(dhcp);
    const dns = new DnsResolver(udp, 4);
    dns.servers.set(dhcp.nameServers);
    const ask = (name: string): Promise<[string, Resolution]> => new Promise((resolve) => {
      const handler = { resolved: (_: number, found: number, resolution: Resolution) => resolve([formatAddress(found), resolution]) };
      expect(dns.lookUp(name, handler)).toBeGreaterThanOrEqual(0);
    });
    expect(await ask('one.test')).toEqual(['10.78.0.71', Resolution.found]);
    expect(await ask('alias.test')).toEqual(['10.78.0.71', Resolution.found]);
    expect(await ask('any.big.test')).toEqual(['10.78.0.77', Resolution.found]);
    expect(await ask('nowhere.test')).toEqual(['0.0.0.0', Resolution.notFound]);
    expect(await ask('board.lan')).toEqual([formatAddress(dhcp.address), Resolution.found]);
    expect(await ask('one.test')).toEqual(['10.78.0.71', Resolution.found]);
    expect(dns.counters.remembered).toBe(1);
  });
});

const noPing = whyNotHere('ping');

describe.skipIf(noPing)(titled('the kernel sends fragments', noPing), () => {
  it('and gets the answer in one frame, or none when it would not fit', async () => {
    const lan = new ServiceLan('10.79.0.1/24', {
      address: parseAddress('10.79.0.2'), netmask: -256, mss: 1460, receiveBuffer: 2920, sendBuffer: 2920, reassembly: 4096,
    });
    try {
      const ping = async (...words: string[]) => (await lan.inside.run('ping', '-c', '3', '-i', '0.1', '-W', '2', ...words, '10.79.0.2')).output;
      expect(await ping('-s', '1400')).toContain('3 received');
      lan.inside.runs('ip', 'link', 'set', lan.tap.name, 'mtu', '576');
      expect(await ping('-s', '1400')).toContain('3 received');
      expect(lan.stack.ip.counters.inFragments).toBe(9);
      lan.inside.runs('ip', 'link', 'set', lan.tap.name, 'mtu', '1500');
      expect(await ping('-s', '4000')).toContain('0 received');
      expect(await ping('-s', '1472')).toContain('3 received');
    } finally {
      await lan.close();
    }
  });
});

const noDig = whyNotHere('dig');

describe.skipIf(noDig)(titled('others on the network find the host by its name', noDig), () => {
  const boot = () => {
    const lan = new ServiceLan('10.80.0.1/24', { address: parseAddress('10.80.0.2'), netmask: -256 });
    const mdns = new MdnsResponder(new UdpHost(lan.stack, 6), new IgmpHost(lan.stack, 4), 'board');
    mdns.advertise(80);
    return lan;
  };

  it('dig, which asks it as it would ask any server', async () => {
    const lan = boot();
    try {
      const dig = async (...words: string[]) =>
        (await lan.inside.run('dig', '-p', '5353', '@10.80.0.2', '+short', '+timeout=2', '+tries=5', ...words)).output.replace(/^;;.*\n/gm, '').trim();
      expect(await dig('board.local', 'A')).toBe('10.80.0.2');
      expect(await dig('_http._tcp.local', 'PTR')).toBe('board._http._tcp.local.');
      expect(await dig('board._http._tcp.local', 'SRV')).toBe('0 0 80 board.local.');
    } finally {
      await lan.close();
    }
  });

  it('a program that asks everybody', async () => {
    const lan = boot();
    try {
      lan.inside.runs('ip', 'route', 'add', '224.0.0.0/4', 'dev', lan.tap.name);
      const program = `
        const socket = require('node:dgram').createSocket('udp4');
        const query = Buffer.from('abcd010000010000000000000562 6f617264056c6f63616c0000010001'.replaceAll(' ', ''), 'hex');
        socket.on('message', (data, from) => { console.log(from.address, from.port, [...data.slice(-4)].join('.')); socket.close(); });
        socket.bind(0, () => socket.send(query, 5353, '224.0.0.251'));
        const again = setInterval(() => socket.send(query, 5353, '224.0.0.251'), 500);
        socket.on('close', () => clearInterval(again));
        setTimeout(() => process.exit(1), 10000).unref();`;
      const { output } = await lan.inside.run(process.execPath, '-e', program);
      expect(output.trim()).toBe('10.80.0.2 5353 10.80.0.2');
    } finally {
      await lan.close();
    }
  });
});
