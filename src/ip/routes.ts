import { Change } from '../link/alarm';
import type { Service } from '../link/alarm';
import { Ethernet, NOBODY } from '../link/ethernet';
import type { Stack } from '../stack';
import { get32 } from '../wire/bytes';
import { Ip } from './ipv4';

/** Offsets in a redirect (RFC 792), from the start of the message. */
const enum Redirect {
  gateway = 4, // 4 octets
  about = 8, // the header of the datagram that went the longer way
}

/** Who knows better ways out of our network than the default gateway. */
export interface NextHops {
  /** The other default gateway, a signed 32-bit integer; 0: none. */
  spare: number;
  /** The gateway for a destination on another network. */
  nextHop(destination: number): number;
  /** Takes in the redirect at `at` in `frame`. @returns false when it cannot be right */
  redirected(frame: Uint8Array, at: number): boolean;
}

/**
 * The gateways for single destinations, as redirects have named them, and a second default gateway, which takes the place
 * of the first when that is silent (RFC 1122 section 3.3.1). A gateway is only asked whether it lives, by ARP, when
 * something is sent there.
 */
export class RouteCache implements NextHops, Service {
  private readonly destinations: Int32Array;
  private readonly gateways: Int32Array;
  private next = 0;

  /**
   * @param count destinations that are remembered
   * @param spare the other default gateway, a signed 32-bit integer; 0: none
   */
  constructor(
    private readonly stack: Stack,
    count: number,
    public spare: number,
  ) {
    'cold';
    this.destinations = new Int32Array(count);
    this.gateways = new Int32Array(count);
    stack.ip.routes = this;
    stack.services.push(this);
  }

  nextHop(destination: number): number {
    for (let at = 0; at < this.gateways.length; at++) {
      if (this.destinations[at] === destination && this.gateways[at] !== 0) return this.gateways[at];
    }
    return this.stack.ip.gateway;
  }

  /** One for a network is taken for the host whose datagram it repeats (section 3.3.1.2). */
  redirected(frame: Uint8Array, at: number): boolean {
    'cold';
    const ip = this.stack.ip;
    const gateway = get32(frame, at + Redirect.gateway);
    const about = at + Redirect.about - Ethernet.header;
    const destination = get32(frame, about + Ip.destination);
    // From the gateway that we use, to another neighbour, about a datagram of ours (section 3.2.2.2).
    if (
      get32(frame, about + Ip.source) !== ip.address ||
      get32(frame, Ip.source) !== this.nextHop(destination) ||
      !ip.isHost(gateway) ||
      ((gateway ^ ip.address) & ip.netmask) !== 0
    ) {
      return false;
    }
    let entry = 0;
    while (entry < this.gateways.length && this.destinations[entry] !== destination) entry++;
    if (entry === this.gateways.length) {
      entry = this.next;
      this.next = (entry + 1) % this.gateways.length;
    }
    this.destinations[entry] = destination;
    this.gateways[entry] = gateway;
    this.stack.link.owner = NOBODY;
    return true;
  }

  /** Looks whether ARP has given up a gateway. */
  tick(_now: number): void {
    'cold';
    if (this.stack.arp.lost !== 0) this.neighbourLost(this.stack.arp.lost);
  }

  /** What was said on one network is not true on another. */
  changed(what: Change): void {
    'cold';
    if (what !== Change.unplugged) this.gateways.fill(0);
  }

  private neighbourLost(neighbour: number): void {
    'cold';
    const ip = this.stack.ip;
    for (let at = 0; at < this.gateways.length; at++) if (this.gateways[at] === neighbour) this.gateways[at] = 0;
    // The other one may have been named on another network.
    if (neighbour !== ip.gateway || this.spare === 0 || ((this.spare ^ ip.address) & ip.netmask) !== 0) return;
    ip.gateway = this.spare;
    this.spare = neighbour;
  }
}
