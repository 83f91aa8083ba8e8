import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { ClockEvent, VirtualClock } from '../../hal/mock/clock';
import type { Station } from '../../hal/mock/station';
import type { Wire, WireCable } from '../../hal/mock/wire';
import type { Engine } from './engine';
import { interpreterOf } from './interpreters';
import { Line, type MachineOptions } from './jerry-lines';
import type { Wiring } from './runtime/chip';

/** Frames that the interpreter is told of in one turn: each of their octets takes several of its heap meanwhile. */
const framesInTurn = 4;

/** Milliseconds that the interpreter gets to load the script. */
const loadLimit = 15000;

export interface JerryEngineOptions {
  /** The text to run: the very file that would be started on the board. */
  script: string;
  /** What this very board is configured with. */
  configuration: object;
  wiring: Wiring;
  /** The clock of the SPI. */
  spiHz: number;
  wire: Wire;
  print: (line: string) => void;
  uncaught: (description: string) => void;
  ended?: ((why: string) => void) | undefined;
  /** Runs `action` with the clock brought up to now, for what reaches the simulated world from outside. */
  kick: (action: () => void) => void;
}

/** The text of the machine around the script: the simulated chip and the board's hardware, for JerryScript. */
async function machineText(options: MachineOptions): Promise<string> {
  const result = await build({
    entryPoints: [join(__dirname, 'jerry-machine.ts')], bundle: true, write: false, format: 'iife', platform: 'neutral',
    target: 'es2017', charset: 'ascii', minify: true, logLevel: 'silent',
    banner: { js: `var machine=${JSON.stringify(options)};` },
  });
  return result.outputFiles[0]!.text;
}

/** As one line of the interpreter's prompt. A carriage return ends a line of JavaScript, too. */
function asLine(text: string): string {
  return text.replace(/\r?\n/g, '\r') + '\n';
}

/**
 * Runs a board's script in the real interpreter, with the simulated chip beside it in the same process. The interpreter
 * reads lines of JavaScript as from a prompt: each turn is one, with the time and the frames that have come since, and
 * what the script sends is printed. Its station on the wire is this object.
 */
export class JerryEngine implements Engine, Station {
  readonly name: string;
  /** What strict mode says that the script's driver has done wrong to the chip. */
  readonly violations: string[] = [];

  private readonly clock: VirtualClock;
  private readonly cable: WireCable;
  private child: ChildProcess | undefined;
  private stopping = false;
  /** What the board's cable has brought and the interpreter has not been told. */
  private readonly heard: string[] = [];
  /** The interpreter is at work on a turn. */
  private busy = true;
  private next: ClockEvent | undefined;
  private loaded: () => void = () => undefined;
  private readonly cleanUp = (): void => this.release();

  constructor(private readonly options: JerryEngineOptions, private readonly binary = interpreterOf('JERRY')) {
    this.name = `JerryScript (${binary})`;
    this.clock = options.wire.clock;
    this.cable = options.wire.attach(this, 'board');
  }

  async start(): Promise<void> {
    const { script, configuration, wiring, spiHz } = this.options;
    const started = Date.now() * 1000 - this.clock.now;
    const machine = await machineText({ spi: wiring.spi, irq: wiring.irq, rst: wiring.rst, spiHz, started });
    process.once('exit', this.cleanUp);
    await new Promise<void>((resolve, reject) => {
      const late = `JerryScript did not load the script within ${loadLimit / 1000} s.`;
      const limit = setTimeout(() => reject(new Error(late)), loadLimit);
      const settle = (end: () => void) => (): void => {
        clearTimeout(limit);
        end();
      };
      this.loaded = settle(resolve);
      const child = spawn(this.binary, ['--no-prompt'], {
        stdio: ['pipe', 'pipe', 'pipe'],
        // A group of its own: Ctrl-C is for us. Should we be killed, its input ends, and so does it.
        detached: true,
      });
      this.child = child;
      this.listen(child);
      child.once('error', (error) => settle(() => reject(new Error(`${this.binary} cannot be run: ${error.message}.`)))());
      child.once('exit', (code, signal) => {
        const how = signal === null ? `with code ${code}${code === 10 ? ', out of memory' : ''}` : `by ${signal}`;
        if (!this.stopping) this.options.ended?.(`The interpreter has ended ${how}.`);
        settle(() => reject(new Error(`The interpreter ended ${how} before the script was loaded.`)))();
      });
      child.stdin!.on('error', () => undefined);
      child.stdin!.write(asLine(machine));
      child.stdin!.write(asLine(`var ENC28J60=${JSON.stringify(configuration)};`));
      child.stdin!.write(asLine(`runScript(function(){${script}\n});`));
      this.say();
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

  frameArrived(frame: Uint8Array): void {
    this.heard.push(`[${frame.join(',')}]`);
    this.turn();
  }

  linkChanged(up: boolean): void {
    this.heard.push(String(up));
    this.turn();
  }

  /** Gives the interpreter a turn, unless it has one: then the next follows at its end. */
  private turn(): void {
    if (this.busy || this.stopping) return;
    this.busy = true;
    this.say();
  }

  private say(): void {
    if (this.next !== undefined) this.clock.cancel(this.next);
    this.next = undefined;
    const { now } = this.clock;
    this.child!.stdin!.write(`turn(${Math.floor(now / 1e6)},${Math.floor(now % 1e6)},[${this.heard.splice(0, framesInTurn).join(',')}])\n`);
  }

  private listen(child: ChildProcess): void {
    let text = '';
    child.stdout!.setEncoding('utf8');
    child.stdout!.on('data', (piece: string) => {
      const lines = (text + piece).split('\n');
      text = lines.pop()!;
      this.options.kick(() => {
        for (const line of lines) if (!this.stopping) this.take(line[0], line.slice(1));
      });
    });
    child.stderr!.setEncoding('utf8');
    child.stderr!.on('data', (piece: string) => this.options.uncaught(piece.trim()));
  }

  private take(kind: string | undefined, rest: string): void {
    const { options } = this;
    if (kind === Line.frame) this.cable.transmit(Buffer.from(rest, 'hex'));
    else if (kind === Line.printed) options.print(JSON.parse(rest) as string);
    else if (kind === Line.uncaught) options.uncaught(`Uncaught ${JSON.parse(rest) as string}`);
    else if (kind === Line.violation) this.violations.push(JSON.parse(rest) as string);
    else if (kind === Line.turn) this.endTurn(Number(rest));
  }

  /** @param due microseconds on the clock at which the interpreter wants its next turn */
  private endTurn(due: number): void {
    this.busy = false;
    this.loaded();
    if (this.heard.length > 0) this.turn();
    else if (due < Infinity) this.next = this.clock.after(due - this.clock.now, () => this.turn());
  }

  /** Gives back everything, at once: also the last thing to run when the process ends. */
  private release(): void {
    process.removeListener('exit', this.cleanUp);
    this.stopping = true;
    if (this.next !== undefined) this.clock.cancel(this.next);
    this.next = undefined;
    if (this.child?.exitCode === null) this.child.kill('SIGKILL');
    this.child = undefined;
  }
}
