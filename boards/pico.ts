import type { Board } from './board';
import { short } from './profiles';

// SPI1 lies on the short edge and the pins beside it (boards/pins/stm32f401.csv); 84 MHz / 8 gives 10.5 MHz.
const board: Board = {
  name: 'Espruino Pico',
  source: 'boards/PICO_R1_3.py',
  spi: 'SPI1',
  sck: 'A5',
  miso: 'A6',
  mosi: 'A7',
  cs: 'A4',
  irq: 'A3',
  rst: 'A2',
  baud: 10000000,
  variables: 5100,
  storage: 49152,
  profile: short(),
};

export default board;
