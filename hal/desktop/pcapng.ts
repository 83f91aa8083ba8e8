import { closeSync, openSync, writeSync } from 'node:fs';
import { FCS_LENGTH } from '../mock/fcs';
import type { Wire } from '../mock/wire';

/** Takes the capture's octets in order. They are the writer's own: copy what is kept. */
export type PcapngSink = (bytes: Uint8Array) => void;

export interface PcapngOptions {
  /** The Unix time, in milliseconds, at which the clock of the captured wire stood at 0. Default 0. */
  startedAt?: number;
}

/** Block types, draft-ietf-opsawg-pcapng sections 4.1 to 4.3. */
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const LINKTYPE_ETHERNET = 1;

/** Option codes, sections 3.5, 4.1 and 4.2. */
const OPT_ENDOFOPT = 0;
const OPT_COMMENT = 1;
const SHB_USERAPPL = 4;
const IF_NAME = 2;
const IF_TSRESOL = 9;

const BUFFER_OCTETS = 64 * 1024;
/** Milliseconds that a frame stays in memory at most while the event loop turns. */
const FLUSH_AFTER = 250;

/**
 * Writes a capture that Wireshark reads. Frames are buffered: they are in the file after `flush`, `close`, a quarter
 * of a second, or the orderly exit of the process.
 */
export class PcapngFile {
  private readonly buffer = Buffer.alloc(BUFFER_OCTETS);
  private used = 0;
  private interfaces = 0;
  private readonly descriptor: number | undefined;
  private readonly sink: PcapngSink;
  /** Microseconds. */
  private readonly startedAt: number;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private readonly untap: (() => void)[] = [];
  private readonly atExit = (): void => this.flush();

  /**
   * @param target a path, whose file is written anew, or what takes the octets
   * @throws Error when the file cannot be written
   */
  constructor(target: string | PcapngSink, options: PcapngOptions = {}) {
    this.startedAt = Math.floor((options.startedAt ?? 0) * 1000);
    if (typeof target === 'string') {
      const descriptor = openFile(target);
      this.descriptor = descriptor;
      this.sink = (bytes) => {
        for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
      };
    } else {
      this.sink = target;
    }
    process.on('exit', this.atExit);
    const body = Buffer.alloc(16);
    body.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
    body.writeUInt16LE(1, 4); // version 1.0
    body.fill(0xff, 8); // length of the section: not told
    this.block(SECTION_HEADER, body, [option(SHB_USERAPPL, Buffer.from('enc28j60-tcp'))]);
  }

  /**
   * Declares an interface that frames were seen on, with times in microseconds.
   * @returns its number for `write`
   */
  addInterface(name: string): number {
    const body = Buffer.alloc(8); // snapshot length 0: no limit
    body.writeUInt16LE(LINKTYPE_ETHERNET, 0);
    this.block(INTERFACE_DESCRIPTION, body, [option(IF_NAME, Buffer.from(name)), option(IF_TSRESOL, Buffer.of(6))]);
    return this.interfaces++;
  }

  /**
   * Adds one frame.
   * @param interfaceNumber from `addInterface`
   * @param frame without frame check sequence
   * @param microseconds on the clock of the captured wire
   * @param comment left out when empty
   */
  write(interfaceNumber: number, frame: Uint8Array, microseconds: number, comment = ''): void {
    if (interfaceNumber >= this.interfaces) throw new RangeError(`The capture has no interface ${interfaceNumber}.`);
    const time = this.startedAt + Math.floor(microseconds);
    const body = Buffer.alloc(20 + rounded(frame.length));
    body.writeUInt32LE(interfaceNumber, 0);
    body.writeUInt32LE(Math.floor(time / 0x100000000), 4);
    body.writeUInt32LE(time % 0x100000000, 8);
    body.writeUInt32LE(frame.length, 12); // captured
    body.writeUInt32LE(frame.length, 16); // original
    body.set(frame, 20);
    this.block(ENHANCED_PACKET, body, comment === '' ? [] : [option(OPT_COMMENT, Buffer.from(comment))]);
  }

  /**
   * Captures everything sent on `wire` from now on. Each frame is written as its station sent it, without check
   * sequence, also when the wire lost or corrupted it: the comment says so, and a checksum that is wrong in the capture
   * was wrong at its sender.
   */
  attachTo(wire: Wire, name = 'wire'): void {
    const interfaceNumber = this.addInterface(name);
    this.untap.push(wire.tap((frame, microseconds, note) => {
      this.write(interfaceNumber, frame.subarray(0, Math.max(0, frame.length - FCS_LENGTH)), microseconds, note);
    }));
  }

  /** Hands over what is buffered. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const used = this.used;
    this.used = 0;
    if (used > 0) this.sink(this.buffer.subarray(0, used));
  }

  /** Stops capturing and closes the file. Further calls do nothing. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const untap of this.untap) untap();
    process.off('exit', this.atExit);
    this.flush();
    if (this.descriptor !== undefined) closeSync(this.descriptor);
  }

  private block(type: number, body: Buffer, options: Buffer[]): void {
    if (this.closed) throw new Error('The capture is closed.');
    if (options.length > 0) options.push(option(OPT_ENDOFOPT, Buffer.alloc(0)));
    const length = Buffer.alloc(4);
    const total = options.reduce((sum, octets) => sum + octets.length, 12 + body.length);
    length.writeUInt32LE(total);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(type);
    for (const part of [head, length, body, ...options, length]) this.append(part);
    if (this.timer === undefined) {
      this.timer = setTimeout(() => this.flush(), FLUSH_AFTER);
      this.timer.unref();
    }
  }

  private append(part: Buffer): void {
    if (this.used + part.length > BUFFER_OCTETS) this.flush();
    if (part.length > BUFFER_OCTETS) {
      this.sink(part);
      return;
    }
    part.copy(this.buffer, this.used);
    this.used += part.length;
  }
}

/** An option: code, length, value, padded to 32 bits (section 3.5). */
function option(code: number, value: Buffer): Buffer {
  const octets = Buffer.alloc(4 + rounded(value.length));
  octets.writeUInt16LE(code, 0);
  octets.writeUInt16LE(value.length, 2);
  value.copy(octets, 4);
  return octets;
}

function rounded(octets: number): number {
  return (octets + 3) & ~3;
}

function openFile(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw new Error(`The capture ${path} cannot be written: ${(error as Error).message}.`, { cause: error });
  }
}
