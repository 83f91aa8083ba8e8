import type { MemoryProfile } from '../src/options';

/** A board: where the ENC28J60 is wired to it, and how much of its memory the stack may take. */
export interface Board {
  /** What people call it. */
  name: string;
  /** Its board file in Espruino's repository, where pins, SPI and variables were looked up. */
  source: string;
  /** The hardware SPI bus and its pins. */
  spi: string;
  sck: string;
  miso: string;
  mosi: string;
  /** Chip select, interrupt and reset of the ENC28J60. */
  cs: string;
  irq: string;
  rst: string;
  /** SPI clock asked for, Hz. 8 MHz at least (erratum 1 of revisions B1 and B4), 20 MHz at most. */
  baud: number;
  /** Variables of Espruino's interpreter there. */
  variables: number;
  /** Octets of its Storage (`saved_code` of the board file, or what the build of the firmware makes without it). */
  storage: number;
  /** The firmware has no `net`: ours comes along. */
  ownNet?: true;
  profile: MemoryProfile;
}
