// What the virtual board and the machine that it runs in JerryScript have to agree on.

/** How the machine is made: put in front of its text. */
export interface MachineOptions {
  spiHz: number;
  /** The bus and the pins that the chip is wired to, as a board file names them. */
  spi: string;
  irq: string | undefined;
  rst: string | undefined;
  /** Microseconds since 1970 at which the clock starts. */
  started: number;
}

/** The first character of a line says what it is; others are the interpreter's own. */
export const enum Line {
  /** A frame that leaves the chip, in hexadecimal digits. */
  frame = '~',
  /** What the script prints, and an error that it did not catch: as JSON. */
  printed = '!',
  uncaught = '?',
  /** What the driver has done wrong to the chip, as JSON. */
  violation = '%',
  /** The end of a turn: microseconds on the clock at which the next one is due. */
  turn = '=',
}
