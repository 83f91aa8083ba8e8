import type { EthernetMac, Frame } from '../../hal/hal';

/** Where a MAC shall put a frame: into these octets. */
export function into(octets: Uint8Array): Frame {
  return { size: octets.length, octets, words: new Int32Array(0), memory: octets.buffer as ArrayBuffer, start: octets.byteOffset };
}

/** Has a MAC look for a frame as the stack does. @returns its length; 0: there is none */
export function taken(mac: EthernetMac, frame: Frame): number {
  return mac.mayReceive() ? mac.receive(frame) : 0;
}
