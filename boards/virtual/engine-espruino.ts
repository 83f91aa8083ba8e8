import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EspruinoPipes } from './espruino-pipes';
import type { Engine, EngineOptions } from './engine';
import { prelude, startMark } from './espruino-prelude';
import { interpreterOf } from './interpreters';

/** Milliseconds that the interpreter gets to load the script. */
const loadLimit = 15000;

/**
 * Runs a board's script in the real interpreter, a process of its own in a directory of its own. Its SPI and the pins
 * that are wired to the chip come to us over two named pipes; timers, `net`, `http` and Storage are the interpreter's.
 */
export class EspruinoEngine implements Engine {
  readonly name: string;

  private directory: string | undefined;
  private pipes: EspruinoPipes | undefined;
  private child: ChildProcess | undefined;
  private stopping = false;
  /** The last lines of output, for when the interpreter ends by itself. */
  private readonly last: string[] = [];
  private readonly cleanUp = (): void => this.release();

  constructor(private readonly options: EngineOptions, private readonly binary = interpreterOf('ESPRUINO')) {
    this.name = `Espruino (${binary})`;
  }

  async start(): Promise<void> {
    const { options } = this;
    const directory = mkdtempSync(join(tmpdir(), 'virtual-board-'));
    this.directory = directory;
    process.once('exit', this.cleanUp);
    const toUs = join(directory, 'to-us');
    const fromUs = join(directory, 'from-us');
    const storage: Record<string, string> = {};
    Object.entries(options.storage).forEach(([name, text], number) => {
      storage[name] = join(directory, `storage-${number}`);
      writeFileSync(storage[name], text, 'latin1');
    });
    const script = join(directory, 'script.js');
    writeFileSync(script, options.script, 'latin1');
    const first = join(directory, 'prelude.js');
    writeFileSync(first, prelude({ wiring: options.wiring, toUs, fromUs, script, storage }), 'latin1');
    await new Promise<void>((resolve, reject) => {
      const late = `Espruino did not load the script within ${loadLimit / 1000} s.`;
      const limit = setTimeout(() => reject(new Error(late)), loadLimit);
      const settle = (end: () => void) => (): void => {
        clearTimeout(limit);
        end();
      };
      this.pipes = new EspruinoPipes({
        toUs, fromUs, chip: options.chip, clock: options.clock,
        kick: options.kick ?? ((action) => action()),
        loaded: settle(resolve),
        uncaught: options.uncaught,
      });
      const child = spawn(this.binary, [first], {
        cwd: directory, stdio: ['pipe', 'pipe', 'inherit'],
        // A group of its own: Ctrl-C is for us. Should we be killed, it quits when its pipe says so.
        detached: true,
      });
      this.child = child;
      this.forward(child);
      child.once('error', (error) => settle(() => reject(new Error(`${this.binary} cannot be run: ${error.message}.`)))());
      child.once('exit', (code, signal) => {
        const how = signal === null ? `with code ${code}` : `by ${signal}`;
        if (!this.stopping) options.ended?.(`The interpreter has ended ${how}.`);
        settle(() => reject(new Error(`The interpreter ended ${how} before the script was loaded:\n${this.last.join('\n')}`)))();
      });
    });
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const { child } = this;
    if (child !== undefined && child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGKILL');
      await gone;
    }
    this.release();
  }

  /** Passes on what the interpreter prints, line by line, without its banner and prompt. */
  private forward(child: ChildProcess): void {
    let text = '';
    let started = false;
    child.stdout!.setEncoding('latin1');
    child.stdout!.on('data', (piece: string) => {
      const lines = (text + piece).split(/\r?\n/);
      text = lines.pop()!;
      for (const line of lines) {
        this.last.push(line);
        if (this.last.length > 8) this.last.shift();
        if (started) this.options.print(line);
        else if (line.includes(startMark)) started = true;
      }
    });
  }

  /** Gives back everything, at once: also the last thing to run when the process ends. */
  private release(): void {
    process.removeListener('exit', this.cleanUp);
    this.stopping = true;
    this.pipes?.close();
    this.pipes = undefined;
    if (this.child?.exitCode === null) this.child.kill('SIGKILL');
    this.child = undefined;
    if (this.directory !== undefined) rmSync(this.directory, { recursive: true, force: true });
    this.directory = undefined;
  }
}
