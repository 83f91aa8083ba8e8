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

  constructor(
    private readonly chip: Enc28j60Chip,
    options: ChipSpiOptions = {},
  ) {
    const { interruptPin = true, resetPin = true } = options;
    this.interruptPin = interruptPin;
    this.resetPin = resetPin;
  }

  read(opcode: number, skip: number): number {
    const { chip } = this;
    chip.select();
    chip.transfer(opcode);
    for (let octet = 0; octet < skip; octet++) chip.transfer(0);
    const value = chip.transfer(0);
    chip.deselect();
    return value;
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

  readBytes(opcode: number, bytes: Uint8Array, offset: number, length: number): void {
    const { chip } = this;
    chip.select();
    chip.transfer(opcode);
    for (let octet = 0; octet < length; octet++) bytes[offset + octet] = chip.transfer(0);
    chip.deselect();
  }

  readFrame(opcode: number, frame: Frame, length: number): void {
    this.readBytes(opcode, frame.octets, 0, length);
  }

  writeBytes(opcode: number, prefix: number, bytes: Uint8Array, offset: number, length: number): void {
    const { chip } = this;
    chip.select();
    chip.transfer(opcode);
    chip.transfer(prefix);
    for (let octet = 0; octet < length; octet++) chip.transfer(bytes[offset + octet]!);
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
}
