import { BufferMemory, PacketCount } from '../../hal';
import type { Frame, SpiDevice } from '../../hal';
import type { Enc28j60Chip } from './chip';

export interface ChipSpiOptions {
  /** The chip's INT pin is connected. */
  interruptPin?: boolean;
  /** The chip's RESET pin is connected. */
  resetPin?: boolean;
}

/** Microseconds of the pulse on RESET: the data sheet wants 0.4. */
const RESET_PULSE = 1;

/** The driver's bus, soldered straight to a simulated chip. */
export class ChipSpi implements SpiDevice {
  private readonly interruptPin: boolean;
  private readonly resetPin: boolean;
  private readonly header = new Uint8Array(BufferMemory.HEADER);
  private readonly headerWords = new Uint16Array(this.header.buffer);

  constructor(
    private readonly chip: Enc28j60Chip,
    options: ChipSpiOptions = {},
  ) {
    const { interruptPin = true, resetPin = true } = options;
    this.interruptPin = interruptPin;
    this.resetPin = resetPin;
  }

  read(opcode: number): number {
    return this.readBehind(opcode, 0);
  }

  readMac(opcode: number): number {
    return this.readBehind(opcode, 1);
  }

  write(opcode: number, value: number): void {
    const { chip } = this;
    chip.select();
    chip.transfer(opcode);
    chip.transfer(value);
    chip.deselect();
  }

  command(opcode: number): void {
    const { chip } = this;
    chip.select();
    chip.transfer(opcode);
    chip.deselect();
  }

  readBytes(bytes: Uint8Array, offset: number, length: number): void {
    const { chip } = this;
    chip.select();
    chip.transfer(BufferMemory.READ);
    for (let octet = 0; octet < length; octet++) bytes[offset + octet] = chip.transfer(0);
    chip.deselect();
  }

  readCount(): number {
    return this.read(PacketCount.READ);
  }

  readHeader(): Uint16Array {
    this.readBytes(this.header, 0, BufferMemory.HEADER);
    return this.headerWords;
  }

  readFrame(frame: Frame, length: number): void {
    this.readBytes(frame.octets, 0, length);
  }

  writeBytes(prefix: number, bytes: Uint8Array, start: number, end: number): void {
    const { chip } = this;
    chip.select();
    chip.transfer(BufferMemory.WRITE);
    chip.transfer(prefix);
    for (let at = start; at < end; at++) chip.transfer(bytes[at]!);
    chip.deselect();
  }

  interrupted(): boolean {
    return this.interruptPin ? !this.chip.int : true;
  }

  hardwareReset(): void {
    if (!this.resetPin) return;
    this.chip.resetPin(true);
    this.chip.clock.advance(RESET_PULSE);
    this.chip.resetPin(false);
  }

  wait(microseconds: number): void {
    this.chip.clock.advance(microseconds);
  }

  /** Clocks `opcode` in, then `skip` octets and one more out. Returns the last one. */
  private readBehind(opcode: number, skip: number): number {
    const { chip } = this;
    chip.select();
    chip.transfer(opcode);
    for (let octet = 0; octet < skip; octet++) chip.transfer(0);
    const value = chip.transfer(0);
    chip.deselect();
    return value;
  }
}
