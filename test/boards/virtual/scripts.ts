import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeEngine } from '../../../boards/virtual/engine-node';
import type { SpiChip } from '../../../boards/virtual/runtime/chip';
import { VirtualClock } from '../../../hal/mock/clock';

const folder = join(__dirname, 'scripts');

/** Names of the scripts that run in both engines. */
export const scriptNames = readdirSync(folder)
  .filter((name) => name.endsWith('.js') && name !== 'loopback.js')
  .map((name) => name.slice(0, -3));

/** A script's text, with the network device in memory in front. */
export function scriptText(name: string): string {
  return readFileSync(join(folder, 'loopback.js'), 'utf8') + readFileSync(join(folder, `${name}.js`), 'utf8');
}

/** What the script printed in real Espruino. */
export function expectedLines(name: string): string[] {
  return readFileSync(join(folder, `${name}.txt`), 'utf8').trimEnd().split('\n');
}

/** A chip that answers every octet with its complement, and remembers what happened to it. */
export class EchoChip implements SpiChip {
  int = true;
  onInterrupt?: ((low: boolean) => void) | undefined;
  log: (string | number)[] = [];
  select(): void { this.log.push('select'); }
  transfer(octet: number): number {
    this.log.push(octet);
    return ~octet & 0xff;
  }
  deselect(): void { this.log.push('deselect'); }
  resetPin(low: boolean): void { this.log.push(low ? 'reset' : 'run'); }
  interrupt(low: boolean): void {
    this.int = !low;
    this.onInterrupt?.(low);
  }
}

/** The Node engine under a clock that the test moves, with all that it prints. */
export function bootNode(script: string, chip: SpiChip = new EchoChip()) {
  const clock = new VirtualClock();
  const lines: string[] = [];
  let ended = false;
  const engine = new NodeEngine({
    script, filename: 'script', clock, chip,
    board: { name: 'TEST', serial: '0123', variables: 5000 },
    wiring: { spi: 'SPI1', cs: 'B1', irq: 'B2', rst: 'B3' },
    storage: {},
    print: (line) => lines.push(line),
    uncaught: (description) => lines.push(description.split('\n')[0]!),
  });
  engine.global['quit'] = () => { ended = true; };
  void engine.start();
  return {
    clock, engine, lines, chip,
    /** Moves time on until the script quits, a simulated second at most. */
    finish(milliseconds = 1000): string[] {
      for (let left = milliseconds; left > 0 && !ended; left--) clock.advance(1000);
      void engine.stop();
      return lines;
    },
  };
}

/** Runs a text in real Espruino. @returns the lines that it printed */
export async function runEspruino(binary: string, text: string): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'espruino-test-'));
  try {
    writeFileSync(join(directory, 'script.js'), `echo(0);print("===");${text}`);
    const output = await new Promise<string>((resolve) => {
      const child = execFile(binary, ['script.js'], { cwd: directory, timeout: 20000 }, (_, stdout) => resolve(stdout));
      child.stdin?.end();
    });
    const lines = output.split(/\r?\n/);
    // A callback's error is followed by where it happened.
    return lines.slice(lines.indexOf('===') + 1).filter((line) => line !== '' && !/^(\s+at |\s*\^)/.test(line) && line !== '>' && !line.startsWith('New interpreter error'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
