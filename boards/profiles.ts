import type { MemoryProfile } from '../src/options';

/** For boards of about 5,000 variables: four connections, segments that every network carries whole. */
export const small: MemoryProfile = {
  connections: 4,
  listeners: 4,
  receiveBuffer: 1072,
  sendBuffer: 1072,
  mss: 536,
  timeWait: 8,
  msl: 120000,
  neighbours: 4,
  pendingPacket: 64,
};

/** For boards of about 8,000 variables. */
export const medium: MemoryProfile = {
  connections: 6,
  listeners: 6,
  receiveBuffer: 1608,
  sendBuffer: 1608,
  mss: 536,
  timeWait: 12,
  msl: 120000,
  neighbours: 8,
  pendingPacket: 128,
};

/** For boards of 16,000 variables: full Ethernet frames. */
export const large: MemoryProfile = {
  connections: 8,
  listeners: 8,
  receiveBuffer: 2920,
  sendBuffer: 2920,
  mss: 1460,
  timeWait: 16,
  msl: 120000,
  neighbours: 8,
  pendingPacket: 256,
};
