import { NOBODY, takeNumbers } from './socket-phases';
import { Sockets } from './sockets';

// What the firmware's `net` and `http` stand on. The build puts `own-net.ts` in the place of this file for boards whose
// firmware has no network.

export { Sockets };

/** Makes the sockets the network device under Espruino's own `net`, `http`, `dgram` and `tls`. */
export function attach(sockets: Sockets): void {
  // The build makes one object of all devices.
  delete (sockets as any).create;
  require('NetworkJS').create(sockets);
}

/** Espruino hears of each of their sockets that it is closed, and is given no others. */
export function detach(sockets: Sockets): void {
  'cold';
  takeNumbers(sockets.number);
  sockets.others = null;
  (sockets as any).create = NOBODY;
  delete (sockets as any).recv;
}
