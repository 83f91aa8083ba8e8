import type { JerryBoard } from './jerryscript/board';
import { small } from './profiles';

// IoT.js on Linux: SPI0 with its first chip select, 250 MHz / 26 gives 9.6 MHz; pins are numbered as the BCM2835's GPIO.
const board: JerryBoard = {
  name: 'Raspberry Pi with IoT.js',
  source: 'docs/build/Build-for-RPi2-Linux.md',
  spi: '/dev/spidev0.0',
  sck: '11',
  miso: '9',
  mosi: '10',
  cs: '8',
  irq: '25',
  rst: '24',
  baud: 10000000,
  variables: 0,
  storage: 0,
  heapSize: 256 * 1024,
  profile: small(),
};

export default board;
