import { parseAddress } from '../../src/ip/address';

// Who speaks in these tests: they run without vitest too, which `test/src/peer.ts` needs.

export const STACK = parseAddress('10.0.0.1');
export const PEER = parseAddress('10.0.0.9');
export const PEER_HARDWARE = Uint8Array.of(2, 0, 0, 0, 0, 9);
