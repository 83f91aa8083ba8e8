import type { Board } from './board';
import { small } from './profiles';

// SPI1's clock drives the board's LED, so this is SPI2 on the Morpho header (boards/pins/stm32f401.csv); 42 MHz / 4 gives 10.5 MHz.
const board: Board = {
  name: 'NUCLEO-F401RE',
  source: 'boards/NUCLEOF401RE.py',
  spi: 'SPI2',
  sck: 'B13',
  miso: 'B14',
  mosi: 'B15',
  cs: 'B12',
  irq: 'B1',
  rst: 'C4',
  baud: 10000000,
  variables: 5376,
  storage: 131072,
  profile: small(),
};

export default board;
