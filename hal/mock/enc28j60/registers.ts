/** The control registers as the silicon has them: data sheet section 3.1. Written apart from the driver's own table. */

/** A register's place: bank in bits 6:5, address in bits 4:0. The five common registers count as bank 0. */
export const enum Register {
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
  ERXRDPTL = 0x0c,
  ERXRDPTH = 0x0d,
  ERXWRPTL = 0x0e,
  ERXWRPTH = 0x0f,
  EDMASTL = 0x10,
  EDMASTH = 0x11,
  EDMANDL = 0x12,
  EDMANDH = 0x13,
  EDMADSTL = 0x14,
  EDMADSTH = 0x15,
  EDMACSL = 0x16,
  EDMACSH = 0x17,
  EIE = 0x1b,
  EIR = 0x1c,
  ESTAT = 0x1d,
  ECON2 = 0x1e,
  ECON1 = 0x1f,
  EHT0 = 0x20,
  EPMM0 = 0x28,
  EPMCSL = 0x30,
  EPMCSH = 0x31,
  EPMOL = 0x34,
  EPMOH = 0x35,
  ERXFCON = 0x38,
  EPKTCNT = 0x39,
  MACON1 = 0x40,
  MACON3 = 0x42,
  MACON4 = 0x43,
  MABBIPG = 0x44,
  MAIPGL = 0x46,
  MAIPGH = 0x47,
  MACLCON1 = 0x48,
  MACLCON2 = 0x49,
  MAMXFLL = 0x4a,
  MAMXFLH = 0x4b,
  MICMD = 0x52,
  MIREGADR = 0x54,
  MIWRL = 0x56,
  MIWRH = 0x57,
  MIRDL = 0x58,
  MIRDH = 0x59,
  MAADR5 = 0x60,
  MAADR6 = 0x61,
  MAADR3 = 0x62,
  MAADR4 = 0x63,
  MAADR1 = 0x64,
  MAADR2 = 0x65,
  EBSTSD = 0x66,
  EBSTCON = 0x67,
  EBSTCSL = 0x68,
  EBSTCSH = 0x69,
  MISTAT = 0x6a,
  EREVID = 0x72,
  ECOCON = 0x75,
  EFLOCON = 0x77,
  EPAUSL = 0x78,
  EPAUSH = 0x79,
}

/** EIE and EIR: register 12-2 and 12-3. */
export const enum Interrupt {
  INTIE = 0x80,
  PKT = 0x40,
  DMA = 0x20,
  LINK = 0x10,
  TX = 0x08,
  TXER = 0x02,
  RXER = 0x01,
  ANY = 0x7b,
}

/** ESTAT: register 12-1. */
export const enum Estat {
  INT = 0x80,
  BUFER = 0x40,
  LATECOL = 0x10,
  RXBUSY = 0x04,
  TXABRT = 0x02,
  CLKRDY = 0x01,
}

/** ECON1: register 3-1. */
export const enum Econ1 {
  TXRST = 0x80,
  RXRST = 0x40,
  DMAST = 0x20,
  CSUMEN = 0x10,
  TXRTS = 0x08,
  RXEN = 0x04,
  BSEL = 0x03,
}

/** ECON2: register 3-2. */
export const enum Econ2 {
  AUTOINC = 0x80,
  PKTDEC = 0x40,
  PWRSV = 0x20,
  VRPS = 0x08,
}

/** ERXFCON: register 8-1. */
export const enum Erxfcon {
  UCEN = 0x80,
  ANDOR = 0x40,
  CRCEN = 0x20,
  PMEN = 0x10,
  MPEN = 0x08,
  HTEN = 0x04,
  MCEN = 0x02,
  BCEN = 0x01,
}

/** MACON1: register 6-1. */
export const enum Macon1 {
  TXPAUS = 0x08,
  RXPAUS = 0x04,
  PASSALL = 0x02,
  MARXEN = 0x01,
}

/** MACON3: register 6-2. */
export const enum Macon3 {
  PADCFG = 0xe0,
  TXCRCEN = 0x10,
  PHDREN = 0x08,
  HFRMEN = 0x04,
  FRMLNEN = 0x02,
  FULDPX = 0x01,
}

/** MACON4: register 6-3. */
export const enum Macon4 {
  DEFER = 0x40,
  BPEN = 0x20,
  NOBKOFF = 0x10,
}

/** MICMD and MISTAT: registers 3-3 and 3-4. */
export const enum Mii {
  MIISCAN = 0x02,
  MIIRD = 0x01,
  NVALID = 0x04,
  SCAN = 0x02,
  BUSY = 0x01,
}

/** EBSTCON: register 15-1. */
export const enum Ebstcon {
  PSV = 0xe0,
  PSEL = 0x10,
  TMSEL = 0x0c,
  TME = 0x02,
  BISTST = 0x01,
}

/** Who answers for a register: MAC and MII registers are read behind a dummy octet and know no BFS and BFC. */
export type Group = 'ETH' | 'MAC' | 'MII';

export interface RegisterInfo {
  readonly name: string;
  readonly group: Group;
  /** Value after a reset. */
  readonly reset: number;
  /** Bits that exist. All others read 0. */
  readonly implemented: number;
  /** Bits that the host can change. None at all: the register is read-only. */
  readonly writable: number;
  /** Writable bits that the host can clear but not set. */
  readonly clearOnly: number;
  /** False where the data sheet's map says Reserved or nothing. */
  readonly exists: boolean;
}

const COUNT = 0x80;
const ADDRESS = 0x1f;
const FIRST_COMMON = 0x1b;
const BANK_SHIFT = 5;

/** The register that `address` means while ECON1.BSEL is `bank`. */
export function registerAt(bank: number, address: number): number {
  return (address & ADDRESS) >= FIRST_COMMON ? address & ADDRESS : ((bank & 3) << BANK_SHIFT) | (address & ADDRESS);
}

/** Registers 00h to 19h of bank 2, and MAADR and MISTAT in bank 3, lie behind the MAC's own bus (section 4.2.1). */
function groupOf(register: number): Group {
  if (register === Register.MISTAT) return 'MII';
  if (register >= Register.MAADR5 && register <= Register.MAADR2) return 'MAC';
  if (register >= Register.MICMD && register <= Register.MIRDH) return 'MII';
  return register >= Register.MACON1 && register < Register.MICMD ? 'MAC' : 'ETH';
}

function unimplemented(register: number): RegisterInfo {
  const address = (register & ADDRESS).toString(16).padStart(2, '0').toUpperCase();
  const name = `address 0x${address} of bank ${register >> BANK_SHIFT}`;
  return { name, group: groupOf(register), reset: 0, implemented: 0, writable: 0, clearOnly: 0, exists: false };
}

/** Every place of the map, by `Register`. */
export const REGISTERS: RegisterInfo[] = Array.from({ length: COUNT }, (_, register) => unimplemented(register));

function define(
  register: Register,
  name: string,
  reset = 0,
  implemented = 0xff,
  writable = implemented,
  clearOnly = 0,
): void {
  REGISTERS[register] = { name, group: groupOf(register), reset, implemented, writable, clearOnly, exists: true };
}

/** A buffer pointer: 13 bits in two registers, so the high one has five. */
function pointer(low: Register, name: string, reset = 0, writable = true): void {
  define(low, `${name}L`, reset & 0xff, 0xff, writable ? 0xff : 0);
  define(low + 1, `${name}H`, reset >> 8, 0x1f, writable ? 0x1f : 0);
}

function word(low: Register, name: string, reset = 0, writable = true): void {
  define(low, `${name}L`, reset & 0xff, 0xff, writable ? 0xff : 0);
  define(low + 1, `${name}H`, reset >> 8, 0xff, writable ? 0xff : 0);
}

define(Register.EIE, 'EIE', 0, 0xfb);
define(Register.EIR, 'EIR', 0, 0x7b, 0x2b, 0x2b);
define(Register.ESTAT, 'ESTAT', 0, 0xd7, 0x52, 0x52);
define(Register.ECON2, 'ECON2', 0x80, 0xe8);
define(Register.ECON1, 'ECON1');

pointer(Register.ERDPTL, 'ERDPT', 0x05fa);
pointer(Register.EWRPTL, 'EWRPT');
pointer(Register.ETXSTL, 'ETXST');
pointer(Register.ETXNDL, 'ETXND');
pointer(Register.ERXSTL, 'ERXST', 0x05fa);
pointer(Register.ERXNDL, 'ERXND', 0x1fff);
pointer(Register.ERXRDPTL, 'ERXRDPT', 0x05fa);
pointer(Register.ERXWRPTL, 'ERXWRPT', 0, false);
pointer(Register.EDMASTL, 'EDMAST');
pointer(Register.EDMANDL, 'EDMAND');
pointer(Register.EDMADSTL, 'EDMADST');
word(Register.EDMACSL, 'EDMACS');

for (let octet = 0; octet < 8; octet++) {
  define(Register.EHT0 + octet, `EHT${octet}`);
  define(Register.EPMM0 + octet, `EPMM${octet}`);
}
word(Register.EPMCSL, 'EPMCS');
pointer(Register.EPMOL, 'EPMO');
define(Register.ERXFCON, 'ERXFCON', 0xa1);
define(Register.EPKTCNT, 'EPKTCNT', 0, 0xff, 0);

define(Register.MACON1, 'MACON1', 0, 0x0f);
define(Register.MACON3, 'MACON3');
define(Register.MACON4, 'MACON4', 0, 0x70);
define(Register.MABBIPG, 'MABBIPG', 0, 0x7f);
define(Register.MAIPGL, 'MAIPGL', 0, 0x7f);
define(Register.MAIPGH, 'MAIPGH', 0, 0x7f);
define(Register.MACLCON1, 'MACLCON1', 0x0f, 0x0f);
define(Register.MACLCON2, 'MACLCON2', 0x37, 0x3f);
word(Register.MAMXFLL, 'MAMXFL', 0x0600);
define(Register.MICMD, 'MICMD', 0, 0x03);
define(Register.MIREGADR, 'MIREGADR', 0, 0x1f);
word(Register.MIWRL, 'MIWR');
word(Register.MIRDL, 'MIRD', 0, false);

define(Register.MAADR1, 'MAADR1');
define(Register.MAADR2, 'MAADR2');
define(Register.MAADR3, 'MAADR3');
define(Register.MAADR4, 'MAADR4');
define(Register.MAADR5, 'MAADR5');
define(Register.MAADR6, 'MAADR6');
define(Register.EBSTSD, 'EBSTSD');
define(Register.EBSTCON, 'EBSTCON');
word(Register.EBSTCSL, 'EBSTCS', 0, false);
define(Register.MISTAT, 'MISTAT', 0, 0x07, 0);
define(Register.EREVID, 'EREVID', 0, 0x1f, 0);
define(Register.ECOCON, 'ECOCON', 0x04, 0x07);
define(Register.EFLOCON, 'EFLOCON', 0, 0x07, 0x03);
word(Register.EPAUSL, 'EPAUS', 0x1000);
