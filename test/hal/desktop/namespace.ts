import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

let made = 0;

/**
 * A network namespace for one test: what happens in it stays in it, and it goes with everything inside. Hand `remove` to
 * vitest's `onTestFinished` at once, so that it runs after a failure too.
 */
export class NetworkNamespace {
  readonly name = `enc28j60-${process.pid}-${++made}`;

  /** Why none can be made here, or undefined when one can. */
  static unavailable(): string | undefined {
    if (process.platform !== 'linux') return 'network namespaces are a thing of Linux';
    if (process.getuid!() !== 0) return 'a network namespace needs root';
    if (spawnSync('ip', ['-V']).error) return 'the program ip is missing';
    try {
      accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
    } catch {
      return '/dev/net/tun is missing';
    }
    const name = `enc28j60-${process.pid}-try`;
    const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
    spawnSync('ip', ['netns', 'delete', name]);
    return made.status === 0 ? undefined : `no network namespace can be made: ${made.stderr.trim()}`;
  }

  constructor() {
    must('netns', 'add', this.name);
    process.once('exit', this.remove);
  }

  /** Moves an interface of this machine in and brings it up with an address; its owner's descriptor goes on working. */
  adopt(interfaceName: string, hostIp: string): void {
    must('link', 'set', interfaceName, 'netns', this.name);
    this.runs('sysctl', '-qw', `net.ipv6.conf.${interfaceName.replaceAll('.', '/')}.disable_ipv6=1`);
    must('-n', this.name, 'address', 'add', hostIp, 'dev', interfaceName);
    must('-n', this.name, 'link', 'set', interfaceName, 'up');
  }

  /** Runs a program inside while this process's event loop turns. */
  run(...command: string[]): Promise<{ status: number | null; output: string }> {
    return new Promise((done, failed) => {
      const child = spawn('ip', ['netns', 'exec', this.name, ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      child.stdout.on('data', (text) => { output += text; });
      child.stderr.on('data', (text) => { output += text; });
      child.on('error', failed);
      child.on('close', (status) => done({ status, output }));
    });
  }

  /** Runs a program inside and waits for it. @returns what it printed */
  runs(...command: string[]): string {
    const run = spawnSync('ip', ['netns', 'exec', this.name, ...command], { encoding: 'utf8' });
    return `${run.stdout}${run.stderr}`;
  }

  /** The interfaces inside, `lo` left out. */
  get interfaces(): string[] {
    const list = JSON.parse(must('-n', this.name, '-json', 'link', 'show')) as { ifname: string }[];
    return list.map(({ ifname }) => ifname).filter((name) => name !== 'lo');
  }

  readonly remove = (): void => {
    process.off('exit', this.remove);
    spawnSync('ip', ['netns', 'delete', this.name]);
  };
}

function must(...words: string[]): string {
  const run = spawnSync('ip', words, { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`"ip ${words.join(' ')}" failed: ${run.stderr}`);
  return run.stdout;
}
