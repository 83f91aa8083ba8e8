import type { EthernetMac } from '../../hal/hal';

/** Offsets in an Ethernet II frame (RFC 894). */
export const enum Ethernet {
  destination = 0, // 6 octets
  source = 6, // 6 octets
  type = 12, // 2 octets
  header = 14, // length of the header
}

/** Values of the type field. */
export const enum EtherType {
  ipv4 = 0x0800,
  arp = 0x0806,
}

/** Copies six octets. */
export function copyAddress(from: Uint8Array, fromOffset: number, to: Uint8Array, toOffset: number): void {
  to[toOffset] = from[fromOffset];
  to[toOffset + 1] = from[fromOffset + 1];
  to[toOffset + 2] = from[fromOffset + 2];
  to[toOffset + 3] = from[fromOffset + 3];
  to[toOffset + 4] = from[fromOffset + 4];
  to[toOffset + 5] = from[fromOffset + 5];
}

/** Writes the address that every station listens to. */
export function broadcastAddress(frame: Uint8Array, offset: number): void {
  'cold';
  for (let octet = 0; octet < 6; octet++) frame[offset + octet] = 0xff;
}

/** `Link.owner` while there are no headers ready. */
export const NOBODY = -1;

/** The stack's way out to the MAC: the transmit frame, and the one frame that waits while the transmitter is busy. */
export class Link {
  /** Where every frame that is not a reply in place is built. Free for use while `ready()`. Its source is filled in. */
  readonly frame: Uint8Array;

  /** The frame that waits for the transmitter. */
  held: Uint8Array | null = null;
  private heldLength = 0;
  /** The slot whose headers, ready made, are still right. Who changes an address that may be in them makes it `NOBODY`'s. */
  owner = NOBODY;

  constructor(
    readonly mac: EthernetMac,
    frameSize: number,
  ) {
    this.frame = new Uint8Array(frameSize);
    copyAddress(mac.address, 0, this.frame, Ethernet.source);
  }

  /** True when a frame can be built and sent: none waits for the transmitter. */
  ready(): boolean {
    return this.held === null;
  }

  /** Offers the waiting frame to the MAC again. Returns `ready()`. */
  flush(): boolean {
    'cold';
    if (this.held !== null && this.mac.send(this.held, this.heldLength)) this.held = null;
    return this.held === null;
  }

  /**
   * Sends a frame whose header is complete. While the transmitter is busy the frame stays in its buffer, which must
   * not be touched until `ready()`.
   * @returns false when another frame is waiting: nothing was sent
   */
  transmit(frame: Uint8Array, length: number): boolean {
    'cold';
    if (this.held !== null) return false;
    if (!this.mac.send(frame, length)) {
      this.held = frame;
      this.heldLength = length;
    }
    return true;
  }

  /** Sends a received frame back to where it came from, changed in place. Returns as `transmit`. */
  reply(frame: Uint8Array, length: number): boolean {
    'cold';
    copyAddress(frame, Ethernet.source, frame, Ethernet.destination);
    copyAddress(this.mac.address, 0, frame, Ethernet.source);
    return this.transmit(frame, length);
  }
}
