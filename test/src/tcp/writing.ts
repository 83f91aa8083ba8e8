import { expect } from 'vitest';
import { noise } from '../lan';
import type { Peer } from '../peer';

/** The application writes; all of it has to be taken. */
export function writes(peer: Peer, what: string | number | Uint8Array): Peer {
  const bytes = typeof what === 'string' ? Buffer.from(what) : typeof what === 'number' ? noise(what) : what;
  expect(peer.connection.write(bytes, 0, bytes.length)).toBe(bytes.length);
  return peer;
}

/** How many octets of data each segment holds that the stack has sent. */
export const lengths = (peer: Peer): number[] => peer.hearsAll().map((heard) => heard.data.length);
