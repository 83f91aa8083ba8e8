import type { Board } from './board';
import { small } from './profiles';

// SPI1 is taken by the board's motion sensor, so this is SPI2 (boards/pins/stm32f40x.csv); 42 MHz / 4 gives 10.5 MHz.
const board: Board = {
  name: 'STM32F4DISCOVERY',
  source: 'boards/STM32F4DISCOVERY.py',
  spi: 'SPI2',
  sck: 'B13',
  miso: 'B14',
  mosi: 'B15',
  cs: 'B12',
  irq: 'B11',
  rst: 'D9',
  baud: 10000000,
  variables: 5450,
  storage: 262144,
  profile: small(),
};

export default board;
