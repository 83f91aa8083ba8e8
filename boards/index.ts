import type { Board } from './board';
import esp32 from './esp32';
import esp32c3 from './esp32c3';
import espruinoWifi from './espruino-wifi';
import nucleoF401re from './nucleo-f401re';
import nucleoF411re from './nucleo-f411re';
import pico from './pico';
import stm32f405 from './stm32f405';
import stm32f4discovery from './stm32f4discovery';

/** All boards by the name of their file. */
export const boards: Record<string, Board> = {
  pico,
  'espruino-wifi': espruinoWifi,
  esp32,
  esp32c3,
  stm32f405,
  stm32f4discovery,
  'nucleo-f401re': nucleoF401re,
  'nucleo-f411re': nucleoF411re,
};
