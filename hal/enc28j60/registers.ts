// The ENC28J60's instructions, registers and bits, named as in Microchip's data sheet DS39662.

/**
 * SPI instructions (data sheet, table 4-1), but those for buffer memory: opcode in bits 7:5, the register's address or a
 * constant in bits 4:0.
 */
export const enum Opcode {
  RCR = 0x00, // read control register
  WCR = 0x40, // write control register
  BFS = 0x80, // set bits; Ethernet registers only
  BFC = 0xa0, // clear bits; Ethernet registers only
  SRC = 0xff, // system reset command: this one octet is the whole instruction
}

/** How a `Register` value is put together. */
export const enum Field {
  ADDRESS = 0x1f, // bits 4:0, the address that goes into the opcode
  BANK = 0x60, // bits 6:5, the bank (data sheet, figure 3-1)
  BANK_SHIFT = 5,
  MAC = 0x80, // a MAC or MII register: it reads with a dummy octet in front and takes neither BFS nor BFC
  COMMON = 0x1b, // addresses from here on are the same register in every bank
}

/** Control registers (data sheet, table 3-1). The value holds address, bank and the MAC/MII mark: see `Field`. */
export const enum Register {
  // In every bank
  EIE = 0x1b,
  EIR = 0x1c,
  ESTAT = 0x1d,
  ECON2 = 0x1e,
  ECON1 = 0x1f,

  // Bank 0: buffer pointers, low octet first, 13 bits each
  ERDPTL = 0x00,
  ERDPTH = 0x01,
  EWRPTL = 0x02,
  EWRPTH = 0x03,
  ETXSTL = 0x04,
  ETXSTH = 0x05,
  ETXNDL = 0x06,
  ETXNDH = 0x07,
  ERXSTL = 0x08,
  ERXSTH = 0x09,
  ERXNDL = 0x0a,
  ERXNDH = 0x0b,
  ERXRDPTL = 0x0c, // takes effect when ERXRDPTH is written
  ERXRDPTH = 0x0d,
  ERXWRPTL = 0x0e, // read-only: where the next frame's header will stand
  ERXWRPTH = 0x0f,
  EDMASTL = 0x10,
  EDMASTH = 0x11,

  // Bank 1: receive filters
  EHT0 = 0x20, // hash table, 64 bits
  EHT1 = 0x21,
  EHT2 = 0x22,
  EHT3 = 0x23,
  EHT4 = 0x24,
  EHT5 = 0x25,
  EHT6 = 0x26,
  EHT7 = 0x27,
  EPMM0 = 0x28, // octets 7:0 of the pattern's window; EPMM1 to EPMM7 follow
  EPMM1 = 0x29,
  EPMCSL = 0x30, // the pattern's checksum
  EPMCSH = 0x31,
  ERXFCON = 0x38,
  EPKTCNT = 0x39, // frames received and not yet taken, 0 to 255

  // Bank 2: MAC and MII
  MACON1 = 0xc0,
  MACON3 = 0xc2,
  MACON4 = 0xc3,
  MABBIPG = 0xc4,
  MAIPGL = 0xc6,
  MAIPGH = 0xc7,
  MACLCON2 = 0xc9,
  MAMXFLL = 0xca,
  MAMXFLH = 0xcb,
  MICMD = 0xd2,
  MIREGADR = 0xd4,
  MIWRL = 0xd6,
  MIWRH = 0xd7, // writing it starts the write to the PHY
  MIRDL = 0xd8,
  MIRDH = 0xd9,

  // Bank 3: station address and identity
  MAADR5 = 0xe0,
  MAADR6 = 0xe1,
  MAADR3 = 0xe2,
  MAADR4 = 0xe3,
  MAADR1 = 0xe4, // the first octet on the wire
  MAADR2 = 0xe5,
  MISTAT = 0xea,
  EREVID = 0x72,
}

/** Instructions of the paths that are taken often, put together here so that nothing is computed there. */
export const enum Instruction {
  WCR_ERDPTL = Opcode.WCR | (Register.ERDPTL & Field.ADDRESS),
  WCR_ERDPTH = Opcode.WCR | (Register.ERDPTH & Field.ADDRESS),
  WCR_EWRPTL = Opcode.WCR | (Register.EWRPTL & Field.ADDRESS),
  WCR_EWRPTH = Opcode.WCR | (Register.EWRPTH & Field.ADDRESS),
  WCR_ETXSTH = Opcode.WCR | (Register.ETXSTH & Field.ADDRESS),
  WCR_ETXNDL = Opcode.WCR | (Register.ETXNDL & Field.ADDRESS),
  WCR_ETXNDH = Opcode.WCR | (Register.ETXNDH & Field.ADDRESS),
  WCR_ERXRDPTL = Opcode.WCR | (Register.ERXRDPTL & Field.ADDRESS),
  WCR_ERXRDPTH = Opcode.WCR | (Register.ERXRDPTH & Field.ADDRESS),
  RCR_EIR = Opcode.RCR | (Register.EIR & Field.ADDRESS),
  RCR_ERXWRPTL = Opcode.RCR | (Register.ERXWRPTL & Field.ADDRESS),
  RCR_ERXWRPTH = Opcode.RCR | (Register.ERXWRPTH & Field.ADDRESS),
  RCR_MIRDL = Opcode.RCR | (Register.MIRDL & Field.ADDRESS),
  RCR_MIRDH = Opcode.RCR | (Register.MIRDH & Field.ADDRESS),
  RCR_MISTAT = Opcode.RCR | (Register.MISTAT & Field.ADDRESS),
  WCR_MIREGADR = Opcode.WCR | (Register.MIREGADR & Field.ADDRESS),
  WCR_MICMD = Opcode.WCR | (Register.MICMD & Field.ADDRESS),
  BFC_EIR = Opcode.BFC | (Register.EIR & Field.ADDRESS),
  BFS_ECON2 = Opcode.BFS | (Register.ECON2 & Field.ADDRESS),
  BFC_ECON1 = Opcode.BFC | (Register.ECON1 & Field.ADDRESS),
  BFS_ECON1 = Opcode.BFS | (Register.ECON1 & Field.ADDRESS),
}

/** EIE, which events pull INT low, and EIR, which have happened (data sheet, section 12.1). */
export const enum Interrupt {
  INTIE = 0x80, // EIE only: the INT pin works at all
  PKTIE = 0x40, // the pin follows EPKTCNT; the flag PKTIF itself is unreliable (erratum 6)
  TXIF = 0x08, // TXRTS has gone from 1 to 0, whatever the reason
  TXERIF = 0x02, // a transmission was given up
  RXERIF = 0x01, // a frame was lost: receive buffer full, or EPKTCNT at 255
  SENT = TXIF | TXERIF, // a transmission has ended, well or badly
  ERRORS = TXERIF | RXERIF,

  /**
   * What EIE holds in a chip that is set up. The three keep INT low until `receive` has dealt with them; the end of a
   * good transmission is not among them, for `send` looks at EIR itself.
   */
  ENABLED = INTIE | PKTIE | TXERIF | RXERIF,
}

/** ESTAT (data sheet, register 12-1). */
export const enum Estat {
  BUFER = 0x40, // buffer over- or underrun
  LATECOL = 0x10, // unreliable: the transmit status vector's bit is read instead (erratum 15)
  RXBUSY = 0x04, // a frame is coming in
  TXABRT = 0x02, // the transmission was aborted
  CLKRDY = 0x01, // the oscillator start-up timer has expired
}

/** ECON1 (data sheet, register 3-1). */
export const enum Econ1 {
  TXRST = 0x80, // holds the transmit logic in reset
  RXRST = 0x40, // holds the receive logic in reset
  TXRTS = 0x08, // starts a transmission; the chip clears it at the end
  RXEN = 0x04, // frames that pass the filters go to the receive buffer
  BSEL = 0x03, // the bank
  START = TXRTS | 0x01, // set from bank 0: starts and selects bank 1, where `receive` looks next
  COMES_AND_GOES = TXRTS | BSEL, // the rest of ECON1 holds RXEN and nothing else while the chip is at work
}

/** ECON2 (data sheet, register 3-2). */
export const enum Econ2 {
  AUTOINC = 0x80, // ERDPT and EWRPT move on with RBM and WBM
  PKTDEC = 0x40, // takes one from EPKTCNT, clears itself
  PWRSV = 0x20, // power save
  VRPS = 0x08, // the regulator saves power too while PWRSV is set
}

/** MACON1 (data sheet, register 6-1). */
export const enum Macon1 {
  TXPAUS = 0x08, // pause frames may be sent (full duplex)
  RXPAUS = 0x04, // pause frames are obeyed (full duplex)
  PASSALL = 0x02, // MAC control frames are received
  MARXEN = 0x01, // the MAC receives
  FULL_DUPLEX = MARXEN | RXPAUS | TXPAUS,
}

/** MACON3 (data sheet, register 6-2). */
export const enum Macon3 {
  PADCFG_60 = 0x20, // pad to 60 octets, then append the CRC
  TXCRCEN = 0x10, // append the CRC; must be set when padding is on
  FRMLNEN = 0x02, // check length fields and report in the status vectors
  FULDPX = 0x01, // full duplex; PHCON1.PDPXMD must say the same
  HALF_DUPLEX = PADCFG_60 | TXCRCEN | FRMLNEN,
  FULL_DUPLEX = HALF_DUPLEX | FULDPX,
}

/** MACON4 (data sheet, register 6-3). */
export const enum Macon4 {
  DEFER = 0x40, // wait for a busy medium for as long as it takes (IEEE 802.3)
}

/** MICMD and MISTAT (data sheet, registers 3-3 and 3-4). */
export const enum Mii {
  MIIRD = 0x01, // MICMD: read the PHY register MIREGADR
  BUSY = 0x01, // MISTAT: a read or write goes on, 10.24 us
}

/** PHY registers, 16 bits each, reached through MII only (data sheet, section 3.3). */
export const enum Phy {
  PHCON1 = 0x00,
  PHSTAT1 = 0x01,
  PHID1 = 0x02,
  PHID2 = 0x03,
  PHCON2 = 0x10,
  PHLCON = 0x14,
}

/** Bits of PHCON1, PHSTAT1, PHCON2 and PHLCON (data sheet, table 3-3, and register 2-2 for PHLCON). */
export const enum PhyBit {
  PDPXMD = 0x0100, // PHCON1: full duplex
  HDLDIS = 0x0100, // PHCON2: no half duplex loopback
  LLSTAT = 0x0004, // PHSTAT1: the link is up, and has been since PHSTAT1 was read before
  RESERVED_ONES = 0x3000, // PHLCON bits 13:12 must be written as 1
  LACFG = 0x0100, // PHLCON: times the code of what LEDA shows
  LBCFG = 0x0010, // PHLCON: times the code of what LEDB shows
  LFRQ_73MS = 0x0004, // PHLCON: a flash is stretched to 73 ms
  STRCH = 0x0002, // PHLCON: flashes are stretched
  USUAL_LEDS = RESERVED_ONES | (4 * LACFG) | (7 * LBCFG) | LFRQ_73MS | STRCH, // link; transmission and reception
}
