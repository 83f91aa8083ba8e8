/** What a board needs of the chip on its bus; `Enc28j60Chip` is one. */
export interface SpiChip {
  /** Chip select goes low. */
  select(): void;
  /** One octet in and, at the same time, one out. */
  transfer(octet: number): number;
  /** Chip select goes high: the instruction is over. */
  deselect(): void;
  /** The level of the chip's INT output: true while high, which is idle. */
  readonly int: boolean;
  /** Called on each edge of INT. */
  onInterrupt?: ((low: boolean) => void) | undefined;
  /** The level of the chip's RESET input. */
  resetPin(low: boolean): void;
}

/** How the chip is wired to the board: names of pins and of the bus, as a board file gives them. */
export interface Wiring {
  /** Espruino's name of the hardware SPI: `SPI1`. */
  spi: string;
  cs: string;
  irq?: string | undefined;
  rst?: string | undefined;
}
