import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WirePort } from '../../hal/mock/wire-port';
import { formatAddress } from '../../src/ip/address';
import { DnsResolver } from '../../src/udp/dns';
import { Resolution } from '../../src/udp/dns-result';
import { UdpHost } from '../../src/udp/udp';
import { ethernet, get16, ipPacket, udpDatagram } from '../src/frames';
import { titled, whyNotHere } from '../tools';
import { address, ServiceLan } from './service-lan';

const reason = whyNotHere('named', 'dig');
const patience = { timeout: 30_000, interval: 100 };
const HOST = '10.82.0.1';
const many = Array.from({ length: 60 }, (_, n) => `many A 10.82.1.${n + 1}`);
const text = Array.from({ length: 5 }, (_, n) => `long TXT "${String(n).repeat(200)}"`);

const zone = [
  '$TTL 60', '@ SOA ns.test. admin.test. 1 3600 600 86400 5', '@ NS ns.test.', `ns A ${HOST}`, 'one A 10.82.0.71',
  'c1 CNAME c2', 'c2 CNAME c3', 'c3 CNAME c4', 'c4 CNAME c5', 'c5 CNAME one', 'loop CNAME pool', 'pool CNAME loop',
  'alias CNAME many', 'mailonly MX 10 one', 'brief 0 A 10.82.0.72', ...many, ...text, '',
];

describe.skipIf(reason)(titled('BIND tells the addresses of names', reason), () => {
  let lan: ServiceLan;
  let dns: DnsResolver;

  beforeAll(async () => {
    lan = new ServiceLan(`${HOST}/24`, { address: address('10.82.0.2'), netmask: -256, pendingPacket: 256 });
    const file = (name: string, lines: string[]): string => {
      const path = join(lan.folder, name);
      writeFileSync(path, lines.join('\n'));
      return path;
    };
    const conf = file('named.conf', [
      `options { directory "${lan.folder}"; pid-file "${join(lan.folder, 'pid')}"; session-keyfile "${join(lan.folder, 'key')}";`,
      ` managed-keys-directory "${lan.folder}"; listen-on { ${HOST}; }; listen-on-v6 { none; }; recursion no; minimal-responses yes; notify no; };`,
      'controls { };', `zone "test" { type primary; file "${file('zone', zone)}"; };`, '',
    ]);
    lan.starts('named', '-f', '-4', '-c', conf);
    dns = new DnsResolver(new UdpHost(lan.stack, 6), 4);
    dns.servers[0] = address(HOST);
    await vi.waitFor(async () => expect((await lan.inside.run('dig', `@${HOST}`, '+short', '+time=1', '+tries=1', 'one.test')).output).toContain('10.82.0.71'), patience);
  });
  afterAll(() => lan?.close());

  const ask = (name: string): Promise<[string, Resolution]> => new Promise((resolve) => {
    const handler = { resolved: (_: number, found: number, resolution: Resolution) => resolve([formatAddress(found), resolution]) };
    expect(dns.lookUp(name, handler)).toBeGreaterThanOrEqual(0);
  });

  it('of an address, and of five aliases in a row', async () => {
    expect(await ask('one.test')).toEqual(['10.82.0.71', Resolution.found]);
    expect(await ask('c1.test')).toEqual(['10.82.0.71', Resolution.found]);
  });

  it.each(['nobody.test', 'mailonly.test'])('none of %s, and is asked once', async (name) => {
    const before = dns.counters.queries;
    expect(await ask(name)).toEqual(['0.0.0.0', Resolution.notFound]);
    expect(dns.counters.queries).toBe(before + 1);
  });

  it('none of aliases that lead in a circle, which is its own fault: it is asked three times', async () => {
    const before = dns.counters.queries;
    expect(await ask('loop.test')).toEqual(['0.0.0.0', Resolution.timedOut]);
    expect(dns.counters.queries).toBe(before + 3);
  });

  it.each(['many.test', 'alias.test'])('of %s over TCP, for sixty addresses fit no datagram', async (name) => {
    const before = dns.counters.streams;
    const [found, resolution] = await ask(name);
    expect(found).toMatch(/^10\.82\.1\.\d+$/);
    expect(resolution).toBe(Resolution.found);
    expect(dns.counters.streams).toBe(before + 1);
    await vi.waitFor(() => expect(lan.inside.runs('ss', '-Htan', 'state', 'established')).toBe(''), patience);
  });

  it('through a hail of forged answers with other numbers', async () => {
    const forger = new WirePort(lan.wire, { name: 'forger', address: Uint8Array.of(2, 0, 0, 0, 0, 0x66) });
    forger.open();
    const [HERE, THERE] = [address('10.82.0.2'), address(HOST)];
    const untap = lan.wire.tap((frame, _time, _note, sender) => {
      if (sender !== 'board' || frame[23] !== 17 || get16(frame, 36) !== 53) return;
      const question = Array.from(frame.slice(42 + 12));
      for (let n = 1; n <= 40; n++) {
        const id = (get16(frame, 42) + n * 3) & 0xffff;
        const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 6, 6, 6, 6];
        const body = [id >> 8, id & 255, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, ...question, ...record];
        const payload = udpDatagram([THERE, HERE], 53, get16(frame, 34), body);
        const packet = ipPacket({ source: THERE, destination: HERE, protocol: 17, payload });
        const forged = ethernet(frame.slice(6, 12), forger.address, 0x0800, packet);
        forger.send(forged, forged.length);
      }
    });
    const before = dns.counters.rejected;
    expect(await ask('brief.test')).toEqual(['10.82.0.72', Resolution.found]);
    untap();
    expect(dns.counters.rejected - before).toBeGreaterThan(0);
    forger.close();
  });

  it('and is heard again after it was away', async () => {
    dns.changed(0);
    lan.inside.runs('ip', 'link', 'set', lan.tap.name, 'down');
    const answer = ask('one.test');
    await new Promise((resolve) => setTimeout(resolve, 500));
    lan.inside.runs('ip', 'link', 'set', lan.tap.name, 'up');
    expect(await answer).toEqual(['10.82.0.71', Resolution.found]);
  });
});
