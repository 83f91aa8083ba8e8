import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';

/**
 * Gives a network interface of this machine an IPv4 address, switches IPv6 off on it, and brings it up.
 * @param hostIp address and prefix length: `192.168.7.1/24`
 * @throws Error with a sentence: the address is none, `ip` is missing, or what it refused
 */
export function configureInterface(name: string, hostIp: string): void {
  const [address, prefix, more] = hostIp.split('/');
  if (!isIPv4(address!) || !/^\d{1,2}$/.test(prefix ?? '') || Number(prefix) > 32 || more !== undefined) {
    throw new RangeError(`The host's address must look like 192.168.7.1/24, not ${hostIp}.`);
  }
  const ipv6 = `/proc/sys/net/ipv6/conf/${name}/disable_ipv6`;
  if (existsSync(ipv6)) {
    try {
      writeFileSync(ipv6, '1');
    } catch (error) {
      throw new Error(
        `IPv6 cannot be switched off on ${name}: ${(error as Error).message}. That needs root.`, { cause: error },
      );
    }
  }
  ip('address', 'replace', hostIp, 'dev', name);
  ip('link', 'set', 'dev', name, 'up');
}

function ip(...words: string[]): void {
  const run = spawnSync('ip', words, { encoding: 'utf8' });
  if (run.error) {
    const missing = (run.error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Error(
      missing
        ? 'The program ip, which sets the interface\'s address, is missing; it comes in the package iproute2.'
        : `The program ip cannot be run: ${run.error.message}.`,
      { cause: run.error },
    );
  }
  if (run.status !== 0) throw new Error(`"ip ${words.join(' ')}" failed: ${run.stderr.trim()}`);
}
