import { formatAddress } from './ip/address';

/** What a stack is made with. Sizes are fixed from then on; see `PROFILE` for what is left out. */
export interface StackOptions extends MemoryProfile {
  /**
   * Our IPv4 address, the mask of our network and the way out of it (0: none), as signed 32-bit integers; 0, -1 and 0
   * for a host that has no address yet.
   */
  address: number;
  netmask: number;
  gateway: number;
}

/** How much memory the stack takes, for a board to choose. */
export interface MemoryProfile {
  /** Connections at once, 1 to 4096. Each takes both buffers. */
  connections: number;
  /** Ports that can be listened to at once, 1 to 64. */
  listeners: number;
  /**
   * Octets of received data that a connection holds for the application: its window, `mss` to 65535, with `windowScale`
   * to 1,048,576.
   */
  receiveBuffer: number;
  /** Octets of sent data that a connection holds until they are acknowledged; as many as of `receiveBuffer`. */
  sendBuffer: number;
  /** Octets of data in a segment, 88 to 1460. Frames are sized by it. */
  mss: number;
  /** Connections in TIME-WAIT that are remembered, 0 to 4096. */
  timeWait: number;
  /** Maximum segment lifetime in milliseconds; a connection stays twice as long in TIME-WAIT. 0 to 3,600,000. */
  msl: number;
  /** Neighbours whose hardware address is remembered, 1 to 256. */
  neighbours: number;
  /** Octets kept of a packet that waits for its neighbour's address, 64 to 1500. Longer packets are dropped. */
  pendingPacket: number;
  /** Octets of the longest datagram that is put together from fragments, 576 to 65535; 0: fragments are dropped. */
  reassembly: number;
  /** TCP windows of more than 65,535 octets (RFC 7323 section 2). */
  windowScale: boolean;
  /** TCP timestamps (RFC 7323 sections 3 to 5). */
  timestamps: boolean;
  /** Selective acknowledgment (RFC 2018), and loss recovery by it (RFC 8985). */
  sack: boolean;
  /** Congestion control by CUBIC (RFC 9438) instead of NewReno (RFC 5681, RFC 6582). */
  cubic: boolean;
  /** Answers to opens that find no free connection are cookies (RFC 4987). */
  synCookies: boolean;
  /** Connections may be opened along a source route, and answer along that of their peer (RFC 9293 section 3.9.2.1). */
  sourceRoute: boolean;
  /** Redirects of gateways are heeded, and a second default gateway is tried when the first is silent. */
  redirects: boolean;
  /** What a board's `connect` can start besides: sockets of UDP and names of hosts, DHCP, multicast DNS, the time of day. */
  datagrams: boolean;
  dhcp: boolean;
  mdns: boolean;
  sntp: boolean;
}

// The values are unknown: the build shortens comparisons of what it takes for numbers.

function check(name: string, value: unknown, least: number, most: number): void {
  'cold';
  const number = value as number;
  if (!(number >= least && number <= most) || value !== (number | 0)) {
    throw new Error(name + ': ' + value + ' is not a whole number from ' + least + ' to ' + most);
  }
}

/** The names of what can be switched. Espruino's `indexOf` finds what begins with a text's last letters: here a space. */
const SWITCHES = 'windowScale timestamps sack cubic synCookies sourceRoute redirects datagrams dhcp mdns sntp ';

function checkSwitch(name: string, value: boolean): void {
  'cold';
  if (value !== true && value !== false) throw new Error(name + ': ' + value + ' is neither true nor false');
}

function checkAddress(name: string, value: unknown): void {
  'cold';
  if (value !== ((value as number) | 0)) {
    throw new Error(name + ': ' + value + ' is not an address as a signed 32-bit integer; parseAddress makes one');
  }
}

/** @throws Error that names the address that is not one, or cannot be a host's, a mask or a neighbour */
export function checkAddresses(address: number, netmask: number, gateway: number): void {
  'cold';
  checkAddress('address', address);
  checkAddress('netmask', netmask);
  checkAddress('gateway', gateway);
  // No address yet: one is to be found.
  if (address === 0 && netmask === -1 && gateway === 0) return;
  const first = address >>> 24;
  if (first === 0 || first === 127 || first >= 224) {
    throw new Error('address: ' + formatAddress(address) + ' cannot be the address of a host');
  }
  // The complement of a mask without holes is one less than a power of two.
  if ((~netmask & (~netmask + 1)) !== 0 || netmask === 0) {
    throw new Error('netmask: ' + formatAddress(netmask) + ' is not a mask such as 255.255.255.0');
  }
  if (gateway !== 0 && ((gateway ^ address) & netmask) !== 0) {
    throw new Error('gateway: ' + formatAddress(gateway) + ' is not on the network of ' + formatAddress(address));
  }
}

/** @throws Error that names the option, its value and what would be right */
export function checkOptions(options: StackOptions): void {
  'cold';
  checkAddresses(options.address, options.netmask, options.gateway);
  check('connections', options.connections, 1, 4096);
  check('listeners', options.listeners, 1, 64);
  check('mss', options.mss, 88, 1460);
  const largest = options.windowScale ? 1048576 : 65535;
  check('receiveBuffer', options.receiveBuffer, options.mss, largest);
  check('sendBuffer', options.sendBuffer, options.mss, largest);
  check('timeWait', options.timeWait, 0, 4096);
  check('msl', options.msl, 0, 3600000);
  check('neighbours', options.neighbours, 1, 256);
  check('pendingPacket', options.pendingPacket, 64, 1500);
  if (options.reassembly !== 0) check('reassembly', options.reassembly, 576, 65535);
  for (const name in options) if (SWITCHES.indexOf(name) >= 0) checkSwitch(name, (options as any)[name]);
}
