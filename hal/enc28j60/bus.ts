import type { SpiDevice } from '../hal';
import { Econ1, Field, Instruction, Mii, Opcode, Register } from './registers';
import type { Phy } from './registers';

/** MISTAT.BUSY is asked for so often, `Limit.MII_STEP` apart: a PHY access takes 10.24 us (data sheet, 3.3.1). */
const enum Limit {
  MII_POLLS = 20,
  MII_STEP = 10, // microseconds
}

/** What `bank` holds while the chip's own value is not known. */
export const enum Shadow {
  UNKNOWN = -1,
}

/**
 * The chip's registers over SPI. It remembers the selected bank, and whether the read pointer is where the next frame
 * begins, so that neither is written without need. Paths that every frame takes go to `spi` themselves and keep these two
 * up to date.
 */
export class Bus {
  /** Bank in ECON1.BSEL, or `Shadow.UNKNOWN`. */
  bank: number = Shadow.UNKNOWN;

  /** ERDPT may stand elsewhere than at the header of the next frame. */
  astray = true;

  constructor(readonly spi: SpiDevice) {}

  /** Switches to `bank`, 0 to 3, from another one. BFS and BFC leave the rest of ECON1 to the chip. */
  select(bank: number): void {
    if (this.bank !== 0) this.spi.write(Instruction.BFC_ECON1, Econ1.BSEL);
    if (bank !== 0) this.spi.write(Instruction.BFS_ECON1, bank);
    this.bank = bank;
  }

  /** By itself, without `reach`: once a second some thirty registers are read. */
  read(register: Register): number {
    const address = register & Field.ADDRESS;
    const bank = (register & Field.BANK) >> Field.BANK_SHIFT;
    if (address < Field.COMMON && bank !== this.bank) this.select(bank);
    return register & Field.MAC ? this.spi.readMac(address) : this.spi.read(address); // RCR is 0
  }

  write(register: Register, value: number): void {
    'cold';
    this.reach(register);
    this.spi.write(Opcode.WCR | (register & Field.ADDRESS), value);
  }

  /** Writes a pair of registers: `value`'s low octet to `low`, then its high octet to the register behind. */
  writePair(low: Register, value: number): void {
    'cold';
    this.write(low, value & 0xff);
    this.write((low + 1) as Register, value >> 8);
  }

  /** Sets `bits` of an Ethernet register. Not for MAC and MII registers (data sheet, section 4.2.5). */
  setBits(register: Register, bits: number): void {
    'cold';
    this.reach(register);
    this.spi.write(Opcode.BFS | (register & Field.ADDRESS), bits);
  }

  /** Clears `bits` of an Ethernet register. Not for MAC and MII registers (data sheet, section 4.2.6). */
  clearBits(register: Register, bits: number): void {
    'cold';
    this.reach(register);
    this.spi.write(Opcode.BFC | (register & Field.ADDRESS), bits);
  }

  /** Moves ERDPT to `address`: what RBM reads next. `astray` is the caller's. */
  seek(address: number): void {
    'cold';
    if (this.bank !== 0) this.select(0);
    this.spi.write(Instruction.WCR_ERDPTL, address & 0xff);
    this.spi.write(Instruction.WCR_ERDPTH, address >> 8);
  }

  /** Trusts the chip no more to be where it was left: a disturbed instruction may have moved it. */
  distrust(): void {
    'cold';
    this.bank = Shadow.UNKNOWN;
    this.astray = true;
  }

  /** Reads 16 bits from the PHY (data sheet, section 3.3.1); 0 when the MII stays busy. */
  phyRead(register: Phy): number {
    'cold';
    const spi = this.spi;
    let value = 0;
    if (this.bank !== 2) this.select(2);
    spi.write(Instruction.WCR_MIREGADR, register);
    spi.write(Instruction.WCR_MICMD, Mii.MIIRD);
    const done = this.settle();
    this.select(2);
    spi.write(Instruction.WCR_MICMD, 0);
    if (done) value = spi.readMac(Instruction.RCR_MIRDL) | (spi.readMac(Instruction.RCR_MIRDH) << 8);
    return value;
  }

  /** Writes 16 bits to the PHY (data sheet, section 3.3.2). */
  phyWrite(register: Phy, value: number): void {
    'cold';
    this.write(Register.MIREGADR, register);
    this.writePair(Register.MIWRL, value);
    this.settle();
  }

  /** Selects the bank of `register`. */
  private reach(register: Register): void {
    'cold';
    const bank = (register & Field.BANK) >> Field.BANK_SHIFT;
    if ((register & Field.ADDRESS) < Field.COMMON && bank !== this.bank) this.select(bank);
  }

  /** Waits for the MII, and leaves bank 3 selected. False when it is still busy after 200 us: the chip is not there any more. */
  private settle(): boolean {
    'cold';
    let busy = true;
    this.select(3);
    for (let polls: number = Limit.MII_POLLS; busy && polls > 0; polls--) {
      busy = (this.spi.readMac(Instruction.RCR_MISTAT) & Mii.BUSY) !== 0;
      if (busy) this.spi.wait(Limit.MII_STEP);
    }
    return !busy;
  }
}
