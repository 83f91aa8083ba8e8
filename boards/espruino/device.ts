import { Sockets } from './sockets';

// What the firmware's `net` and `http` stand on. The build puts `own-net.ts` in the place of this file for boards whose
// firmware has no network.

export { Sockets };

/** Makes the sockets the network device under Espruino's own `net`, `http`, `dgram` and `tls`. */
export function attach(sockets: Sockets): void {
  require('NetworkJS').create(sockets);
}
