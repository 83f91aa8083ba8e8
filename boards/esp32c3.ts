import type { Board } from './board';
import { tiny } from './profiles';

// The pins of SPI1 in the board file; D8 and D9 are the LED and the button of many boards, D18 and D19 USB. 80 MHz / 8
// gives 10 MHz.
const board: Board = {
  name: 'ESP32-C3',
  source: 'boards/ESP32C3_IDF4.py',
  spi: 'SPI1',
  sck: 'D6',
  miso: 'D2',
  mosi: 'D7',
  cs: 'D10',
  irq: 'D5',
  rst: 'D4',
  baud: 10000000,
  variables: 4095,
  storage: 917504,
  profile: tiny(),
};

export default board;
