import type { Board } from './board';
import { large } from './profiles';

// SPI2 is the ESP32's VSPI (targets/esp32/jshardwareSpi.c) on its own pins; 80 MHz / 8 gives 10 MHz.
const board: Board = {
  name: 'ESP32',
  source: 'boards/ESP32.py',
  spi: 'SPI2',
  sck: 'D18',
  miso: 'D19',
  mosi: 'D23',
  cs: 'D5',
  irq: 'D21',
  rst: 'D22',
  baud: 10000000,
  variables: 16383,
  storage: 917504,
  profile: large(),
};

export default board;
