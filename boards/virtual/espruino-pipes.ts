import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { VirtualClock } from '../../hal/mock/clock';
import { Message, headerLength, interruptCount, interruptLevel } from './espruino-prelude';
import type { SpiChip } from './runtime/chip';

export interface PipesOptions {
  /** Paths for the two named pipes, which are made here. */
  toUs: string;
  fromUs: string;
  chip: SpiChip;
  clock: VirtualClock;
  /** Runs `action` with the clock brought up to now. */
  kick: (action: () => void) => void;
  loaded: () => void;
  uncaught: (description: string) => void;
}

/**
 * Our end of the two named pipes that stand for the SPI wires of an interpreter in another process. Requests come in
 * any number of pieces; each answer is written at once, while the interpreter waits for it.
 */
export class EspruinoPipes {
  private readonly input: Socket;
  private readonly output: number;
  private waiting: Buffer = Buffer.alloc(0);
  private falls = 0;
  private closed = false;
  /** Microseconds on the clock at which the message before was done. */
  private doneAt = 0;

  /** @throws Error when the pipes cannot be made */
  constructor(private readonly options: PipesOptions) {
    execFileSync('mkfifo', ['-m', '600', options.toUs, options.fromUs]);
    // Opened for both ways: that never waits for the other end, nor does it see the end of file.
    const mode = constants.O_RDWR | constants.O_NONBLOCK;
    this.output = openSync(options.fromUs, mode);
    this.input = new Socket({ fd: openSync(options.toUs, mode), readable: true, writable: false });
    this.input.on('data', (piece: Buffer) => options.kick(() => this.arrived(piece)));
    options.chip.onInterrupt = (low) => {
      if (low) this.falls = (this.falls + 1) & interruptCount;
    };
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.options.chip.onInterrupt = undefined;
    this.input.destroy();
    closeSync(this.output);
  }

  private arrived(piece: Buffer): void {
    const { clock } = this.options;
    let rest = this.waiting.length > 0 ? Buffer.concat([this.waiting, piece]) : piece;
    while (!this.closed && rest.length >= headerLength) {
      const end = headerLength + rest.readUInt16LE(1);
      if (rest.length < end) break;
      clock.advanceTo(this.doneAt + rest.readUIntLE(3, 3));
      this.handle(rest[0]!, rest.subarray(headerLength, end));
      this.doneAt = clock.now;
      rest = rest.subarray(end);
    }
    this.waiting = rest;
  }

  private handle(kind: Message, data: Buffer): void {
    const { chip } = this.options;
    const selects = kind === Message.Exchange || kind === Message.Write;
    switch (kind) {
      case Message.Exchange:
      case Message.Write:
      case Message.BareExchange:
      case Message.BareWrite: {
        if (selects) chip.select();
        const answer = data.map((octet) => chip.transfer(octet));
        if (selects) chip.deselect();
        if (kind === Message.Exchange || kind === Message.BareExchange) this.answer(answer);
        break;
      }
      case Message.Select:
        if (data[0] === 0) chip.select();
        else chip.deselect();
        break;
      case Message.Reset: chip.resetPin(data[0] === 0); break;
      case Message.Interrupt: this.answer(data); break;
      case Message.Loaded: this.options.loaded(); break;
      case Message.Uncaught: this.options.uncaught(data.toString('latin1')); break;
    }
  }

  private answer(data: Uint8Array): void {
    const whole = Buffer.alloc(data.length + 1);
    whole[0] = (this.options.chip.int ? interruptLevel : 0) | this.falls;
    whole.set(data, 1);
    // One answer at a time is under way, and a pipe holds 64 KB.
    writeSync(this.output, whole);
  }
}
