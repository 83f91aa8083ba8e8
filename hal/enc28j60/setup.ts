// Reset and initialisation, in the order and under the numbers of the data sheet's chapter 6.

import { Shadow } from './bus';
import type { Bus } from './bus';
import {
  Econ1,
  Econ2,
  Estat,
  Filter,
  Interrupt,
  Macon1,
  Macon3,
  Macon4,
  Memory,
  Opcode,
  Phy,
  PhyBit,
  Register,
  Size,
} from './registers';

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
  MAIPGH_HALF = 0x0c,
  MACLCON2 = 63, // collision window, octets: the widest, so that erratum 13 reports fewer late collisions
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
  bus.bank = 0;
  bus.readPointer = Shadow.UNKNOWN;
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

/**
 * Initialises a chip that has been reset and starts reception.
 * @param address the station address, six octets
 * @param members how many groups are joined, for each of the 64 bits of the hash table
 */
export function setUp(bus: Bus, address: Uint8Array, fullDuplex: boolean, members: Uint8Array): void {
  'cold';
  receiveBuffer(bus);
  transmitBuffer(bus);
  receiveFilters(bus, members);
  waitForOst(bus);
  mac(bus, address, fullDuplex);
  phy(bus, fullDuplex);
  bus.write(Register.EIE, Interrupt.ENABLED);
  bus.setBits(Register.ECON1, Econ1.RXEN);
}

/** Octet `index`, 0 to 7, of the hash table. */
export function hashOctet(members: Uint8Array, index: number): number {
  'cold';
  let octet = 0;
  for (let bit = 0; bit < 8; bit++) if (members[(index << 3) | bit] !== 0) octet |= 1 << bit;
  return octet;
}

/** 6.1 Receive buffer. */
function receiveBuffer(bus: Bus): void {
  'cold';
  bus.writePair(Register.ERXSTL, Memory.ERXST); // erratum 5: also sets the chip's write pointer, which must become 0000
  bus.writePair(Register.ERXNDL, Memory.ERXND);
  bus.writePair(Register.ERXRDPTL, Memory.ERXND); // erratum 14: odd
  bus.setBits(Register.ECON2, Econ2.AUTOINC);
  bus.seek(Memory.ERXST);
}

/** 6.2 Transmit buffer. ETXND follows with each frame. */
function transmitBuffer(bus: Bus): void {
  'cold';
  bus.writePair(Register.ETXSTL, Memory.ETXST);
}

/** 6.3 Receive filters. */
function receiveFilters(bus: Bus, members: Uint8Array): void {
  'cold';
  for (let index = 0; index < 8; index++) bus.write((Register.EHT0 + index) as Register, hashOctet(members, index));
  bus.write(Register.ERXFCON, Filter.UCEN | Filter.CRCEN | Filter.HTEN | Filter.BCEN);
}

/** 6.5 MAC initialization settings. These registers take WCR only: BFS and BFC are for Ethernet registers. */
function mac(bus: Bus, address: Uint8Array, fullDuplex: boolean): void {
  'cold';
  // 1. Let the MAC receive; pause frames exist in full duplex only.
  bus.write(Register.MACON1, fullDuplex ? Macon1.MARXEN | Macon1.RXPAUS | Macon1.TXPAUS : Macon1.MARXEN);
  // 2. Padding, CRC, length check, duplex.
  const padded = Macon3.PADCFG_60 | Macon3.TXCRCEN | Macon3.FRMLNEN;
  bus.write(Register.MACON3, fullDuplex ? padded | Macon3.FULDPX : padded);
  // 3. For conformance to IEEE 802.3.
  bus.write(Register.MACON4, Macon4.DEFER);
  // 4. The longest frame that is received, CRC included.
  bus.writePair(Register.MAMXFLL, Size.LONGEST);
  // 5. and 6. Gaps between frames.
  bus.write(Register.MABBIPG, fullDuplex ? Timing.MABBIPG_FULL : Timing.MABBIPG_HALF);
  bus.write(Register.MAIPGL, Timing.MAIPGL);
  // 7. In half duplex, the first part of the gap too.
  if (!fullDuplex) bus.write(Register.MAIPGH, Timing.MAIPGH_HALF);
  // 8. Collision window (erratum 13).
  bus.write(Register.MACLCON2, Timing.MACLCON2);
  // 9. Station address.
  bus.write(Register.MAADR1, address[0]);
  bus.write(Register.MAADR2, address[1]);
  bus.write(Register.MAADR3, address[2]);
  bus.write(Register.MAADR4, address[3]);
  bus.write(Register.MAADR5, address[4]);
  bus.write(Register.MAADR6, address[5]);
}

/** 6.6 PHY initialization settings. */
function phy(bus: Bus, fullDuplex: boolean): void {
  'cold';
  bus.phyWrite(Phy.PHCON1, fullDuplex ? PhyBit.PDPXMD : 0); // erratum 16: LEDB's wiring may have set it wrongly
  bus.phyWrite(Phy.PHCON2, PhyBit.HDLDIS); // errata 9 and 10: loopback is unreliable
  bus.phyWrite(
    Phy.PHLCON,
    PhyBit.RESERVED_ONES | PhyBit.LACFG_LINK | PhyBit.LBCFG_RXTX | PhyBit.LFRQ_73MS | PhyBit.STRCH,
  );
}
