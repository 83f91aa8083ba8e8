import { REDIRECTS } from '../features';
import { Change } from '../link/alarm';
import type { Service } from '../link/alarm';
import type { AddressClaim, ClaimHandler } from '../link/conflict';
import type { LinkLocal } from '../link/link-local';
import { get32 } from '../wire/bytes';
import { advance, before, distance } from '../wire/sequence';
import { canBeOurs, COOKIE, Dhcp, DhcpCounters, DhcpState, findOption, maskFor, MessageType, Option, option32, routerIn } from './dhcp-message';
import type { LeaseHandler } from './dhcp-message';
import { CLIENT_PORT, sendDhcp } from './dhcp-output';
import type { DatagramHandler, UdpHost } from './udp';

/** Milliseconds to the first repetition, doubled up to the sixteenfold, each one second longer or shorter (section 4.1). */
const FIRST_WAIT = 4000;
const DOUBLINGS = 4;
const SPREAD = 1000;
const REQUESTS = 4;
const REBOOT_REQUESTS = 2;
/** Questions without an answer before a host gives itself an address; it goes on asking. */
const PATIENCE = 2;
/** Milliseconds of rest after an address turned out to be in use (section 3.1.5), and after a refusal. */
const DECLINE_WAIT = 10000;
const NAK_WAIT = 1000;
const RESOLVE_WAIT = 100;
/** Milliseconds between two requests for a longer lease at least (section 4.4.5). */
const LEAST_RENEWAL_WAIT = 60000;
/** Seconds: longer leases, endless ones too, are renewed as if they were this long; and what a lease is that says nothing. */
const LONGEST_LEASE = 2000000;
const DEFAULT_LEASE = 3600;

/** A DHCP client (RFC 2131, RFC 2132). What a lease holds is in its fields, addresses as signed 32-bit integers. */
export class DhcpClient implements Service, DatagramHandler, ClaimHandler {
  readonly counters = new DhcpCounters();
  state = DhcpState.stopped;
  /** The address that was leased last; asked for again after a restart if it is set before `startDhcp`. */
  address = 0;
  netmask = 0;
  router = 0;
  server = 0;
  timeServer = 0;
  readonly nameServers = new Int32Array(2);
  /** Gives the host an address while no server answers; null: it has none. */
  fallback: LinkLocal | null = null;

  xid = 0;
  /** When the present search or request began. */
  started = 0;
  private tries = 0;
  private asked = 0;
  private due = 0;
  /** When the lease was asked for, and milliseconds from then to its renewal, rebinding and end. */
  private since = 0;
  private renewal = 0;
  private rebinding = 0;
  private lease = 0;

  /** @param hostName told to the server, "" for none. ASCII, 63 letters at most */
  constructor(
    readonly udp: UdpHost,
    private readonly claim: AddressClaim,
    readonly hostName: string,
    private readonly handler: LeaseHandler,
  ) {
    'cold';
    udp.stack.services.push(this);
  }

  /** Looks for a lease. The address that the host has is given up. */
  startDhcp(): void {
    'cold';
    if (this.state === DhcpState.stopped) this.udp.openPort(CLIENT_PORT, this);
    this.dropAddress();
    this.begin(this.address === 0 ? DhcpState.init : DhcpState.rebooting, 0);
  }

  /** Ends the lease; a server that can be reached is told. The host has no address afterwards. */
  stopDhcp(): void {
    'cold';
    if (this.state === DhcpState.stopped) return;
    if (this.state >= DhcpState.bound && this.state <= DhcpState.rebinding) sendDhcp(this, MessageType.release);
    this.dropAddress();
    this.udp.closePort(CLIENT_PORT);
    this.state = DhcpState.stopped;
  }

  tick(now: number): void {
    'cold';
    if (this.state === DhcpState.stopped || this.state === DhcpState.checking) return;
    if (before(now, this.due)) this.udp.stack.alarm.wakeAt(this.due);
    else this.proceedLease(now);
  }

  changed(what: Change): void {
    'cold';
    if (what === Change.plugged && this.state !== DhcpState.stopped) this.recheckLease();
  }

  datagram(frame: Uint8Array, at: number, length: number): void {
    this.takeMessage(frame, at, at + length);
  }

  claimed(address: number): void {
    'cold';
    if (this.state === DhcpState.checking && address === this.address) this.bindLease();
  }

  conflicted(address: number): void {
    'cold';
    if (address === this.address && this.state >= DhcpState.checking) this.declineLease();
  }

  /** Another network may be at the other end of the cable: the address is used on, but asked for again. */
  private recheckLease(): void {
    'cold';
    this.begin(this.state >= DhcpState.bound || this.address !== 0 ? DhcpState.rebooting : DhcpState.init, 0);
  }

  private begin(state: DhcpState, wait: number): void {
    'cold';
    const alarm = this.udp.stack.alarm;
    this.state = state;
    this.tries = 0;
    this.started = alarm.now;
    this.xid = this.udp.stack.platform.random();
    this.wakeLease(advance(alarm.now, wait));
  }

  private wakeLease(at: number): void {
    'cold';
    this.due = at;
    this.udp.stack.alarm.wakeAt(at);
  }

  private hasAddress(): boolean {
    'cold';
    return this.address !== 0 && this.udp.stack.ip.address === this.address;
  }

  private dropAddress(): void {
    'cold';
    const stack = this.udp.stack;
    const had = stack.ip.address !== 0;
    this.claim.releaseAddress();
    if (this.fallback !== null) this.fallback.stopLocal();
    if (!had) return;
    stack.setAddress(0, -1, 0, stack.alarm.now);
    this.handler.leaseChanged(false);
  }

  /** What is due in the present state: a question, the next state, or the end of a lease. */
  private proceedLease(now: number): void {
    'cold';
    const state = this.state;
    const age = distance(this.since, now);
    if (state >= DhcpState.bound && state <= DhcpState.rebinding) {
      if (age >= this.lease) {
        this.dropAddress();
        this.begin(DhcpState.init, 0);
        return;
      }
      this.state = age >= this.rebinding ? DhcpState.rebinding : DhcpState.renewing;
      if (state !== this.state) this.started = now;
      const until = (this.state === DhcpState.renewing ? this.rebinding : this.lease) - age;
      const wait = until >> 1 > LEAST_RENEWAL_WAIT ? until >> 1 : until < LEAST_RENEWAL_WAIT ? until : LEAST_RENEWAL_WAIT;
      this.askServers(MessageType.request, wait, now);
      return;
    }
    if (state === DhcpState.requesting && this.tries === REQUESTS) this.begin(DhcpState.init, 0);
    if (state === DhcpState.rebooting && this.tries === REBOOT_REQUESTS) {
      // Nobody says no: a lease that has not ended is used on.
      if (this.hasAddress() && age < this.lease) this.resumeLease();
      else this.begin(DhcpState.init, 0);
      return;
    }
    if (this.state === DhcpState.init) this.state = DhcpState.selecting;
    if (this.state === DhcpState.selecting && this.tries === PATIENCE && this.fallback !== null) this.fallback.startLocal();
    const doublings = this.tries < DOUBLINGS ? this.tries : DOUBLINGS;
    const spread = ((this.udp.stack.platform.random() >>> 0) % (2 * SPREAD + 1)) - SPREAD;
    const type = this.state === DhcpState.selecting ? MessageType.discover : MessageType.request;
    this.askServers(type, (FIRST_WAIT << doublings) + spread, now);
  }

  private askServers(type: MessageType, wait: number, now: number): void {
    'cold';
    const arp = this.udp.stack.arp.counters;
    const dropped = arp.pendingDropped;
    if (!sendDhcp(this, type)) {
      this.wakeLease(advance(now, 1));
    } else if (dropped !== arp.pendingDropped) {
      // The server's hardware address is being asked for, and a message is too long to wait for it.
      this.wakeLease(advance(now, RESOLVE_WAIT));
    } else {
      this.tries++;
      this.asked = now;
      this.wakeLease(advance(now, wait));
    }
  }

  private resumeLease(): void {
    'cold';
    this.state = DhcpState.bound;
    this.wakeLease(advance(this.since, this.renewal));
  }

  private takeMessage(frame: Uint8Array, at: number, end: number): void {
    'cold';
    const mac = this.udp.stack.link.mac.address;
    let same = 0;
    while (same < 6 && frame[at + Dhcp.clientHardware + same] === mac[same]) same++;
    const isReply = end - at > Dhcp.options && frame[at] === 2 && get32(frame, at + Dhcp.cookie) === COOKIE;
    const value = isReply && same === 6 && get32(frame, at + Dhcp.xid) === this.xid ? findOption(frame, at, end, Option.messageType, 1) : 0;
    const type = value === 0 ? 0 : frame[value];
    const asked = this.state === DhcpState.requesting || (this.state >= DhcpState.renewing && this.state <= DhcpState.rebooting);
    this.counters.received++;
    if (type === MessageType.offer && this.state === DhcpState.selecting) this.takeOffer(frame, at, end);
    else if (type === MessageType.ack && asked) this.takeAck(frame, at, end);
    else if (type === MessageType.nak && asked) this.takeNak();
    else this.counters.ignored++;
  }

  private takeOffer(frame: Uint8Array, at: number, end: number): void {
    'cold';
    const address = get32(frame, at + Dhcp.yourAddress);
    const server = option32(frame, at, end, Option.server, 0);
    if (server === 0 || !canBeOurs(address)) {
      this.counters.ignored++;
      return;
    }
    this.address = address;
    this.server = server;
    this.state = DhcpState.requesting;
    this.tries = 0;
    this.wakeLease(this.udp.stack.alarm.now);
  }

  private takeAck(frame: Uint8Array, at: number, end: number): void {
    'cold';
    const ip = this.udp.stack.ip;
    const address = get32(frame, at + Dhcp.yourAddress);
    if (!canBeOurs(address)) {
      this.counters.ignored++;
      return;
    }
    this.address = address;
    this.server = option32(frame, at, end, Option.server, this.server);
    this.netmask = maskFor(address, option32(frame, at, end, Option.netmask, 0));
    const routers = findOption(frame, at, end, Option.router, 4);
    this.router = routerIn(frame, routers, 0, address, this.netmask);
    if (REDIRECTS && ip.routes !== null) ip.routes.spare = routerIn(frame, routers, 4, address, this.netmask);
    this.timeServer = option32(frame, at, end, Option.timeServer, 0);
    const servers = findOption(frame, at, end, Option.nameServer, 4);
    const count = servers === 0 ? 0 : frame[servers - 1] >> 2;
    for (let at = 0; at < 2; at++) this.nameServers[at] = at < count ? get32(frame, servers + at * 4) : 0;
    this.since = this.asked;
    const lease = this.within(option32(frame, at, end, Option.leaseTime, DEFAULT_LEASE), LONGEST_LEASE);
    const rebinding = this.within(option32(frame, at, end, Option.rebindingTime, (lease * 7) >>> 3), lease);
    this.renewal = 1000 * this.within(option32(frame, at, end, Option.renewalTime, lease >>> 1), rebinding);
    this.rebinding = 1000 * rebinding;
    this.lease = 1000 * lease;
    if (address === ip.address) return this.bindLease();
    this.state = DhcpState.checking;
    this.claim.claimAddress(address, this);
  }

  /** A time in seconds, unsigned, of `most` at most. */
  private within(seconds: number, most: number): number {
    'cold';
    return seconds < 0 || seconds > most ? most : seconds;
  }

  private bindLease(): void {
    'cold';
    const stack = this.udp.stack;
    const ip = stack.ip;
    if (this.fallback !== null) this.fallback.stopLocal();
    this.resumeLease();
    if (ip.address === this.address && ip.netmask === this.netmask && ip.gateway === this.router) return;
    stack.setAddress(this.address, this.netmask, this.router, stack.alarm.now);
    this.handler.leaseChanged(true);
  }

  private takeNak(): void {
    'cold';
    this.counters.naks++;
    this.address = 0;
    this.dropAddress();
    this.begin(DhcpState.init, NAK_WAIT);
  }

  private declineLease(): void {
    'cold';
    this.counters.declines++;
    sendDhcp(this, MessageType.decline);
    this.address = 0;
    this.dropAddress();
    this.begin(DhcpState.init, DECLINE_WAIT);
  }
}
