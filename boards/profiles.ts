import type { MemoryProfile } from '../src/options';

// Functions: an object would stay in the board's memory once it has been made use of.

/** For boards of about 5,000 variables: four connections, segments that every network carries whole. */
export function small(): MemoryProfile {
  'cold';
  return {
    connections: 4,
    listeners: 4,
    receiveBuffer: 1072,
    sendBuffer: 1072,
    mss: 536,
    timeWait: 8,
    msl: 120000,
    neighbours: 4,
    pendingPacket: 96,
    reassembly: 576,
    windowScale: false,
    timestamps: false,
    sack: true,
    cubic: false,
    synCookies: true,
    sourceRoute: false,
    redirects: false,
    datagrams: false,
    dhcp: true,
    mdns: false,
    sntp: false,
  };
}

/** The same for a Storage that holds no more: without SACK and DHCP. */
export function short(): MemoryProfile {
  'cold';
  const profile = small();
  profile.sack = profile.dhcp = false;
  return profile;
}

/** For boards of about 4,000 variables: two connections, a segment at a time, which leaves SACK nothing to say; no DHCP. */
export function tiny(): MemoryProfile {
  'cold';
  const profile = small();
  profile.connections = profile.listeners = 2;
  profile.receiveBuffer = profile.sendBuffer = 536;
  profile.timeWait = 4;
  profile.neighbours = 3;
  profile.sack = profile.synCookies = profile.dhcp = false;
  return profile;
}

/** For boards of about 7,000 variables: small, with a connection more. */
export function roomy(): MemoryProfile {
  'cold';
  const profile = small();
  profile.connections = profile.listeners = 5;
  return profile;
}

/**
 * For boards of about 8,000 variables. Two segments on their way are all that the interpreter keeps up with: the peer
 * acknowledges the second at once (RFC 9293 section 3.8.6.3), and sooner than the next one is made.
 */
export function medium(): MemoryProfile {
  'cold';
  const profile = small();
  profile.connections = profile.listeners = 6;
  profile.receiveBuffer = 1608;
  profile.timeWait = 12;
  profile.neighbours = 8;
  profile.pendingPacket = 128;
  return profile;
}

/** For boards of 16,000 variables: full Ethernet frames. */
export function large(): MemoryProfile {
  'cold';
  const profile = small();
  profile.connections = profile.listeners = profile.neighbours = 8;
  profile.receiveBuffer = profile.sendBuffer = 2920;
  profile.mss = 1460;
  profile.timeWait = 16;
  profile.pendingPacket = 256;
  profile.reassembly = 4096;
  profile.windowScale = profile.timestamps = profile.cubic = true;
  profile.redirects = profile.datagrams = profile.mdns = profile.sntp = true;
  return profile;
}
