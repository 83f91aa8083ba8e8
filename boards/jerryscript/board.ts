import type { Board } from '../board';

/**
 * A board that runs JerryScript with IoT.js's modules. `spi` is a bus's number or a device's path, as
 * `require("spi").openSync` takes them; chip select is the bus's own; the other pins are numbers; there are no `variables` and
 * no Storage.
 */
export interface JerryBoard extends Board {
  variables: 0;
  storage: 0;
  /** Octets of JerryScript's heap there. */
  heapSize: number;
}
