import raspberryPi from '../jerryscript-raspberry-pi';
import type { JerryBoard } from './board';

/** All boards with JerryScript by the name of their file. */
export const jerryBoards: Record<string, JerryBoard> = {
  'jerryscript-raspberry-pi': raspberryPi,
};
