import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '../../hal/mock/clock';
import { Enc28j60Chip } from '../../hal/mock/enc28j60/chip';
import { Wire } from '../../hal/mock/wire';
import { BenchPeer } from './bench-peer';
import { Message, type Recording, headerLength } from './espruino-harness';
import type { Scenario } from './scenarios';

/** Microseconds between two instructions on the SPI: whatever the chip was told to do is done by then. */
const BETWEEN = 2000;
/** Microseconds from power-on to the script. */
const POWER_ON = 10_000;

/** A simulated chip at the other end of two pipes, its wire and the peer on it. Writes down what it answers. */
export class Recorder {
  readonly recording: Recording = { exchanges: [], levels: [], times: [] };
  readonly pipes: { toUs: string; fromUs: string };

  private readonly directory = mkdtempSync(join(tmpdir(), 'bench-pipes-'));
  private readonly clock = new VirtualClock();
  private readonly chip: Enc28j60Chip;
  private readonly peer: BenchPeer;
  private readonly steps: Generator<void, void>;
  private readonly input: Socket;
  private readonly output: number;
  private readonly reports: string[] = [];
  private waiting = Buffer.alloc(0);
  private error: Error | undefined;

  constructor(scenario: Scenario) {
    const wire = new Wire(this.clock);
    this.chip = new Enc28j60Chip(this.clock, { strict: true });
    this.chip.plug(wire.attach(this.chip, 'board'));
    this.peer = new BenchPeer(wire, this.clock);
    this.steps = scenario.steps(this.peer);
    this.clock.advance(POWER_ON);
    this.pipes = { toUs: join(this.directory, 'to-us'), fromUs: join(this.directory, 'from-us') };
    execFileSync('mkfifo', ['-m', '600', this.pipes.toUs, this.pipes.fromUs]);
    // Opened for both ways: that never waits for the other end.
    const mode = constants.O_RDWR | constants.O_NONBLOCK;
    this.output = openSync(this.pipes.fromUs, mode);
    this.input = new Socket({ fd: openSync(this.pipes.toUs, mode), readable: true, writable: false });
    this.input.on('data', (piece: Buffer) => this.arrived(piece));
  }

  /** @returns the variables in use that the script has reported @throws Error when it has done something wrong */
  finish(): string {
    if (this.error !== undefined) throw this.error;
    if (this.chip.violations.length > 0) throw new Error(this.chip.violations.join('\n'));
    const line = this.reports.find((text) => text.startsWith('variables '));
    if (line === undefined) throw new Error(`The script has not finished: ${this.reports.join('\n')}`);
    return line.replace('variables ', '');
  }

  close(): void {
    this.input.destroy();
    closeSync(this.output);
    rmSync(this.directory, { recursive: true });
  }

  private arrived(piece: Buffer): void {
    let rest = Buffer.concat([this.waiting, piece]);
    while (rest.length >= headerLength) {
      const end = headerLength + rest.readUInt16LE(1);
      if (rest.length < end) break;
      this.handle(rest[0]!, rest.subarray(headerLength, end));
      rest = rest.subarray(end);
    }
    this.waiting = rest;
  }

  private handle(kind: Message, data: Buffer): void {
    if (kind === Message.Exchange || kind === Message.Write) this.transfer(kind, data);
    else if (kind === Message.Level) this.level();
    else if (kind === Message.Step) this.step();
    else if (kind === Message.Time) this.time(Number(data.toString('latin1')));
    else this.reports.push(data.toString('latin1'));
  }

  /** Until the script has reported: what it does from then on does not count. */
  private get recorded(): boolean {
    return this.reports.length === 0;
  }

  private transfer(kind: Message, data: Buffer): void {
    this.clock.advance(BETWEEN);
    this.chip.select();
    const answer = Buffer.from(data.map((octet) => this.chip.transfer(octet)));
    this.chip.deselect();
    if (kind === Message.Write) return;
    if (this.recorded) this.recording.exchanges.push(answer);
    writeSync(this.output, answer);
  }

  private time(microseconds: number): void {
    if (this.recorded) this.recording.times.push(microseconds);
  }

  private level(): void {
    this.clock.advance(BETWEEN);
    const level = this.chip.int ? 1 : 0;
    if (this.recorded) this.recording.levels.push(level);
    writeSync(this.output, Buffer.of(level));
  }

  private step(): void {
    try {
      this.peer.listens();
      this.steps.next();
    } catch (error) {
      this.error ??= error as Error;
    }
    writeSync(this.output, Buffer.of(0));
  }
}
