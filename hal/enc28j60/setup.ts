// Reset and initialisation, in the order and under the numbers of the data sheet's chapter 6.

import type { Bus } from './bus';
import { Filter, Pattern } from './choices';
import { Memory, Size } from './memory';
import { Econ1, Econ2, Estat, Interrupt, Macon1, Macon3, Macon4, Opcode, Phy, PhyBit, Register } from './registers';

/** Times in microseconds. */
const enum Wait {
  OSCILLATOR = 300, // start-up timer, 7500 clocks of 25 MHz (data sheet, section 2.2)
  RESET = 1000, // after SRC (erratum 2)
  CLOCK_STEP = 100,
  CLOCK_POLLS = 20,
}

/** Values of the MAC's timing registers (data sheet, section 6.5). */
const enum Timing {
  MABBIPG_FULL = 0x15, // 9.6 us between frames
  MABBIPG_HALF = 0x12,
  MAIPGL = 0x12,
  MAIPGH = 0x0c, // matters in half duplex only
  MACLCON2 = 63, // collision window, octets: the widest, so that erratum 13 reports fewer late collisions
}

/** Places in `Settings.table`. */
export const enum Place {
  RING_END = 8, // the four registers of the receive ring come first: writing them puts the chip's write pointer back
  QUARTER = 18, // what is looked through at a time
}

/** Brings every register back to its reset value, by the RESET pin when there is one and by instruction in any case. */
export function reset(bus: Bus): void {
  'cold';
  const spi = bus.spi;
  spi.hardwareReset();
  spi.wait(Wait.OSCILLATOR);
  bus.clearBits(Register.ECON2, Econ2.PWRSV); // erratum 19: SRC is ignored in power save
  spi.wait(Wait.OSCILLATOR);
  spi.command(Opcode.SRC);
  spi.wait(Wait.RESET); // erratum 2: CLKRDY stays 1, although the PHY's clock has stopped
  bus.distrust();
}

/** 6.4 Waiting for OST: MAC, MII and PHY cannot be used before. False when the clock has not come up after 2 ms. */
export function waitForOst(bus: Bus): boolean {
  'cold';
  let ready = (bus.read(Register.ESTAT) & Estat.CLKRDY) !== 0;
  for (let polls: number = Wait.CLOCK_POLLS; !ready && polls > 0; polls--) {
    bus.spi.wait(Wait.CLOCK_STEP);
    ready = (bus.read(Register.ESTAT) & Estat.CLKRDY) !== 0;
  }
  return ready;
}

/** What the registers hold in a chip that is set up: for setting it up, and for finding out whether it still is. */
export class Settings {
  /** Registers and their values in turn. These take WCR only: BFS and BFC are for Ethernet registers. */
  readonly table = new Uint8Array([
    // 6.1 Receive buffer. Erratum 5: writing it also sets the chip's write pointer, which must become 0000.
    Register.ERXSTL, 0, Register.ERXSTH, 0, Register.ERXNDL, 0, Register.ERXNDH, 0,
    Register.ECON2, Econ2.AUTOINC,
    // 6.2 Transmit buffer. ETXSTH and ETXND follow with each frame.
    Register.ETXSTL, 0,
    // 6.3 Receive filters.
    Register.EHT0, 0, Register.EHT1, 0, Register.EHT2, 0, Register.EHT3, 0,
    Register.EHT4, 0, Register.EHT5, 0, Register.EHT6, 0, Register.EHT7, 0,
    Register.EPMM0, Pattern.EPMM0, Register.EPMM1, Pattern.EPMM1,
    Register.EPMCSL, Pattern.EPMCSL, Register.EPMCSH, Pattern.EPMCSH,
    Register.ERXFCON, Filter.USUAL,
    // 6.5 MAC: receive; padding, CRC and length check; IEEE 802.3 conformance; longest frame; gaps; collision window.
    Register.MACON1, Macon1.MARXEN,
    Register.MACON3, Macon3.HALF_DUPLEX,
    Register.MACON4, Macon4.DEFER,
    Register.MAMXFLL, Size.LONGEST_LOW, Register.MAMXFLH, Size.LONGEST_HIGH,
    Register.MABBIPG, Timing.MABBIPG_HALF,
    Register.MAIPGL, Timing.MAIPGL, Register.MAIPGH, Timing.MAIPGH,
    Register.MACLCON2, Timing.MACLCON2,
    Register.MAADR1, 0, Register.MAADR2, 0, Register.MAADR3, 0, Register.MAADR4, 0, Register.MAADR5, 0, Register.MAADR6, 0,
    Register.EIE, Interrupt.ENABLED,
  ]);

  /** The same for the PHY (6.6). Of these PHLCON alone is never looked at again. */
  readonly phyTable = new Uint16Array([
    Phy.PHCON1, 0, // erratum 16: LEDB's wiring may have set it wrongly
    Phy.PHCON2, PhyBit.HDLDIS, // errata 9 and 10: loopback is unreliable
    Phy.PHLCON, PhyBit.USUAL_LEDS,
  ]);

  /** Where `holds` goes on. */
  private at = 0;

  /**
   * @param address the station address, six octets
   * @param two room for two frames of full size to send
   */
  constructor(
    readonly bus: Bus,
    address: Uint8Array,
    fullDuplex: boolean,
    two: boolean,
  ) {
    const end = two ? Memory.TWO_ERXND : Memory.ERXND;
    this.putSetting(Register.ERXNDL, end & 0xff);
    this.putSetting(Register.ERXNDH, end >> 8);
    this.putSetting(Register.ETXSTL, (end + 1) & 0xff);
    // MAADR1 and 2, 3 and 4, 5 and 6 stand in pairs, the last one first.
    for (let at = 0; at < 6; at++) this.putSetting(Register.MAADR1 - (at & 6) + (at & 1), address[at]);
    if (fullDuplex) {
      this.putSetting(Register.MACON1, Macon1.FULL_DUPLEX);
      this.putSetting(Register.MACON3, Macon3.FULL_DUPLEX);
      this.putSetting(Register.MABBIPG, Timing.MABBIPG_FULL);
      this.phyTable[1] = PhyBit.PDPXMD;
    }
  }

  /** Changes a setting, from the next initialisation on. */
  putSetting(register: Register, value: number): void {
    'cold';
    const table = this.table;
    let at = 0;
    while (table[at] !== register) at += 2;
    table[at + 1] = value;
  }

  /** Changes a setting, now and for good. */
  changeSetting(register: Register, value: number): void {
    'cold';
    this.putSetting(register, value);
    this.bus.write(register, value);
  }

  /** Initialises a chip that has been reset. Reception is left off. */
  setUp(): void {
    'cold';
    const phy = this.phyTable;
    waitForOst(this.bus);
    this.loadSettings(this.table.length);
    for (let at = 0; at < 6; at += 2) this.bus.phyWrite(phy[at], phy[at + 1]);
  }

  /** Writes the registers in the first `end` octets of the table: `Place.RING_END`: those of the receive ring. */
  loadSettings(end: number): void {
    'cold';
    const table = this.table;
    for (let at = 0; at < end; at += 2) this.bus.write(table[at], table[at + 1]);
  }

  /**
   * Looks through the next quarter of the settings, and one of the PHY's.
   * @returns false when the chip does not hold them any more
   */
  holds(): boolean {
    'cold';
    const bus = this.bus;
    const table = this.table;
    const phy = this.phyTable;
    const next = this.at + Place.QUARTER;
    const end = next < table.length ? next : table.length;
    const word = this.at & 2;
    let good =
      (bus.read(Register.ECON1) & ~Econ1.COMES_AND_GOES) === Econ1.RXEN &&
      (bus.phyRead(phy[word]) === phy[word + 1] || bus.phyRead(phy[word]) === phy[word + 1]);
    // What does not agree is read again: the disturbance may have been on the way here.
    for (let at = this.at; good && at < end; at += 2) {
      good = bus.read(table[at]) === table[at + 1] || bus.read(table[at]) === table[at + 1];
    }
    this.at = end < table.length ? end : 0;
    return good;
  }

  /** The same for all settings. */
  allHold(): boolean {
    'cold';
    this.at = 0;
    let good = true;
    do {
      good = this.holds();
    } while (good && this.at > 0);
    return good;
  }
}
