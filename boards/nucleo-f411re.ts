import type { Board } from './board';
import { roomy } from './profiles';

// SPI1's clock drives the board's LED, so this is SPI2 on the Morpho header (boards/pins/stm32f401.csv); 50 MHz / 4 gives 12.5 MHz.
const board: Board = {
  name: 'NUCLEO-F411RE',
  source: 'boards/NUCLEOF411RE.py',
  spi: 'SPI2',
  sck: 'B13',
  miso: 'B14',
  mosi: 'B15',
  cs: 'B12',
  irq: 'B1',
  rst: 'C4',
  baud: 10000000,
  variables: 7423,
  storage: 131072,
  profile: roomy(),
};

export default board;
