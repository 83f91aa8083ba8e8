import type { Board } from './board';
import { medium } from './profiles';

// A2 and A3, free on the Pico, lead to the WiFi chip here; 100 MHz / 8 gives 12.5 MHz.
const board: Board = {
  name: 'Espruino WiFi',
  source: 'boards/ESPRUINOWIFI.py',
  spi: 'SPI1',
  sck: 'A5',
  miso: 'A6',
  mosi: 'A7',
  cs: 'A4',
  irq: 'B1',
  rst: 'A1',
  baud: 10000000,
  variables: 8190,
  storage: 65536,
  profile: medium(),
};

export default board;
