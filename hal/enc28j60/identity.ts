// What `open` finds out before it trusts the chip. Each finding is an Error whose sentence says what to look at.

import type { Bus } from './bus';
import { Phy, Register } from './registers';
import { waitForOst } from './setup';

/** What an ENC28J60 answers (data sheet, section 3.3.5; errata DS80349 for the revisions). */
const enum Known {
  B1 = 0x02,
  B4 = 0x04,
  B5 = 0x05,
  B7 = 0x06,
  PHID1 = 0x0083,
  PHID2 = 0x1400,
  PHID2_MASK = 0xfff0, // without the PHY's revision
}

/** Where the memory test writes: the ends of the 8 KB and two places between them whose address lines alternate. */
const enum Place {
  FIRST = 0x0000,
  APART = 0x0aa8,
  LAST = 0x1ff8,
  OCTETS = 8, // at each
}

/**
 * Checks a chip that has just been reset. Leaves registers and memory changed: `setUp` comes after it.
 * @param scratch at least eight octets to work in
 * @throws Error when nothing answers, when what is written does not come back, or when it is another chip
 */
export function identify(bus: Bus, scratch: Uint8Array): void {
  'cold';
  checkAnswer(bus);
  checkPatterns(bus, Register.EDMASTL, 'EDMASTL', 0xff);
  checkPatterns(bus, Register.EDMASTH, 'EDMASTH', 0x1f);
  checkRevision(bus);
  if (!waitForOst(bus)) fail('the clock does not start, ESTAT.CLKRDY stays 0. Check the 25 MHz crystal and the supply');
  checkPatterns(bus, Register.MAMXFLL, 'MAMXFLL', 0xff);
  checkPhy(bus);
  checkMemory(bus, scratch);
}

function fail(sentence: string): never {
  'cold';
  throw new Error('ENC28J60: ' + sentence + '.');
}

function hex(value: number): string {
  'cold';
  return '0x' + value.toString(16).toUpperCase();
}

/** A line that nobody drives reads the same everywhere; a chip's registers differ after reset. */
function checkAnswer(bus: Bus): void {
  'cold';
  const econ2 = bus.read(Register.ECON2);
  const erxst = bus.read(Register.ERXSTL);
  const erevid = bus.read(Register.EREVID);
  if ((econ2 & erxst & erevid) === 0xff) {
    fail(
      'no chip answers, MISO reads 0xFF everywhere: the line floats or is tied high. ' +
        'Check chip select, MISO and the 3.3 V supply',
    );
  }
  if ((econ2 | erxst | erevid) === 0) {
    fail(
      'no chip answers, MISO reads 0x00 everywhere: no power, held in reset, or the line is tied low. ' +
        'Check the 3.3 V supply, RESET, chip select and MISO',
    );
  }
}

/** What is written must come back, from an Ethernet register and from a MAC register. @param mask bits that exist */
function checkPatterns(bus: Bus, register: Register, name: string, mask: number): void {
  'cold';
  for (let bits = 0x55; bits <= 0xaa; bits += 0x55) {
    const pattern = bits & mask;
    bus.write(register, pattern);
    const value = bus.read(register);
    if (value !== pattern) {
      fail(
        'SPI is dead or corrupt: ' + name + ' was written ' + hex(pattern) + ' and reads ' + hex(value) +
          (register === Register.MAMXFLL
            ? '. Chip select must stay low for 210 ns after a MAC register, and revisions B1 and B4 need 8 MHz or more'
            : '. Check the MOSI and SCK wires and their length, SPI mode 0, and try a slower clock'),
      );
    }
  }
}

function checkRevision(bus: Bus): void {
  'cold';
  const revision = bus.read(Register.EREVID);
  if (revision !== Known.B1 && revision !== Known.B4 && revision !== Known.B5 && revision !== Known.B7) {
    fail(
      'this is another chip: EREVID reads ' + hex(revision) +
        ', an ENC28J60 has 0x2 (B1), 0x4 (B4), 0x5 (B5) or 0x6 (B7)',
    );
  }
}

function checkPhy(bus: Bus): void {
  'cold';
  const first = bus.phyRead(Phy.PHID1);
  const second = bus.phyRead(Phy.PHID2);
  if (first !== Known.PHID1 || (second & Known.PHID2_MASK) !== Known.PHID2) {
    fail(
      'this is another chip: PHID1 and PHID2 read ' + hex(first) + ' and ' + hex(second) +
        ', an ENC28J60 has 0x83 and 0x1400',
    );
  }
}

/** Writes all places before any is read back, so that an address line that is stuck shows. */
function checkMemory(bus: Bus, scratch: Uint8Array): void {
  'cold';
  for (let at: number = Place.FIRST; at <= Place.LAST; at += Place.APART) fillPlace(bus, scratch, at);
  for (let at: number = Place.FIRST; at <= Place.LAST; at += Place.APART) checkPlace(bus, scratch, at);
}

/** The octet that the memory test keeps at `address`. */
function patternAt(address: number): number {
  'cold';
  return ((address * 37) ^ (address >> 5) ^ 0xa5) & 0xff;
}

function fillPlace(bus: Bus, scratch: Uint8Array, address: number): void {
  'cold';
  for (let index = 0; index < Place.OCTETS; index++) scratch[index] = patternAt(address + index);
  bus.writePair(Register.EWRPTL, address);
  bus.spi.writeBytes(scratch[0], scratch, 1, Place.OCTETS);
}

function checkPlace(bus: Bus, scratch: Uint8Array, address: number): void {
  'cold';
  bus.seek(address);
  bus.spi.readBytes(scratch, 0, Place.OCTETS);
  for (let index = 0; index < Place.OCTETS; index++) {
    const pattern = patternAt(address + index);
    if (scratch[index] !== pattern) {
      fail(
        'SPI is dead or corrupt: buffer memory at ' + hex(address + index) + ' was written ' + hex(pattern) +
          ' and reads ' + hex(scratch[index]) + '. Check the wires, their length and the supply, or try a slower clock',
      );
    }
  }
}
