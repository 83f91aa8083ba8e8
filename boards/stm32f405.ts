import type { Board } from './board';
import { small } from './profiles';

// A bare chip, as on many small boards: SPI1 beside each other (boards/pins/stm32f40x.csv); 84 MHz / 8 gives 10.5 MHz.
const board: Board = {
  name: 'STM32F405RG',
  source: 'boards/STM32F405RG.py',
  spi: 'SPI1',
  sck: 'A5',
  miso: 'A6',
  mosi: 'A7',
  cs: 'A4',
  irq: 'A3',
  rst: 'A2',
  baud: 10000000,
  variables: 5450,
  storage: 262144,
  ownNet: true,
  profile: small(),
};

export default board;
