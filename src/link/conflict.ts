import type { Stack } from '../stack';
import { get32 } from '../wire/bytes';
import { advance, before, distance } from '../wire/sequence';
import { Change } from './alarm';
import type { Service } from './alarm';
import { Arp, Operation } from './arp-packet';

// Constants of RFC 5227 section 1.1, milliseconds.
const PROBE_WAIT = 1000;
const PROBE_NUM = 3;
const PROBE_MIN = 1000;
const PROBE_MAX = 2000;
const ANNOUNCE_WAIT = 2000;
const DEFEND_INTERVAL = 10000;
const MAX_CONFLICTS = 10;
const RATE_LIMIT_INTERVAL = 60000;

/**
 * An address that was given to us, and one that was used already, is asked for in a thirty-second of these times: somebody
 * waits for the board when it is switched on or plugged in, and hosts on one Ethernet answer within milliseconds.
 */
const HASTE = 5;
/** Until the transmitter is asked again, before haste. */
const BUSY_WAIT = 32;

export const enum Claim {
  none = 0,
  /** The address that was given to us is another host's. It is not used, and asked for again after a while. */
  refused = 1,
  probing = 2,
  /** The last probe was sent; silence makes it ours. */
  waiting = 3,
  /** In use: another host that uses it is told off, once in ten seconds. */
  defending = 4,
}

export interface ClaimHandler {
  /** Nobody else uses the address: it may be taken, and is defended from now on. */
  claimed(address: number): void;
  /** Another host uses the address: at once while it was claimed, later when it does so again although it was told. */
  conflicted(address: number): void;
}

/**
 * Address conflict detection (RFC 5227): an address is asked for before others hear of it, and defended afterwards. One
 * that the stack was given, and nobody has claimed, is looked after too; so is every address when the cable was plugged in.
 */
export class AddressClaim implements Service, ClaimHandler {
  state = Claim.none;

  private address = 0;
  /** This claim itself for an address that the stack was given. */
  private handler: ClaimHandler = this;
  private probes = 0;
  private due = 0;
  /** When a conflict was answered last. */
  private defended = 0;
  /** What belongs to an address that was refused. */
  private netmask = 0;
  private gateway = 0;

  /** To be made before the first `poll` of a stack with a fixed address. */
  constructor(private readonly stack: Stack) {
    'cold';
    stack.services.push(this);
    stack.arp.claim = this;
  }

  /** Asks whether another host uses `address`; `handler` is told. What was claimed before is not any more. */
  claimAddress(address: number, handler: ClaimHandler): void {
    'cold';
    this.state = Claim.probing;
    this.address = address;
    this.handler = handler;
    this.probes = 0;
    this.wakeIn(this.upTo(PROBE_WAIT));
  }

  releaseAddress(): void {
    'cold';
    this.state = Claim.none;
  }

  claimed(address: number): void {
    'cold';
    const stack = this.stack;
    if (stack.ip.address === 0) stack.setAddress(address, this.netmask, this.gateway, stack.alarm.now);
  }

  conflicted(_address: number): void {
    'cold';
    this.refuseAddress();
  }

  tick(now: number): void {
    'cold';
    if (this.state === Claim.none || this.state === Claim.defending) return;
    if (before(now, this.due)) this.stack.alarm.wakeAt(this.due);
    else this.proceed(now);
  }

  changed(what: Change): void {
    'cold';
    const first = this.state === Claim.none;
    if ((first || what !== Change.unplugged) && this.stack.ip.address !== 0) this.recheckAddress(what);
  }

  /** Looks at an ARP frame of another host. */
  arpHeard(frame: Uint8Array, sender: number): void {
    'cold';
    const state = this.state;
    if (state < Claim.probing) return;
    const probe = sender === 0 && get32(frame, Arp.target) === this.address && frame[Arp.operation + 1] === Operation.request;
    if (sender === this.address || (probe && state !== Claim.defending)) this.meetConflict();
  }

  private recheckAddress(what: Change): void {
    'cold';
    const stack = this.stack;
    const address = stack.ip.address;
    const known = address === this.address && this.state >= Claim.probing;
    if (known && what === Change.address && this.state === Claim.defending) return;
    stack.arp.announce(0, stack.alarm.now);
    this.claimAddress(address, known ? this.handler : this);
  }

  private proceed(now: number): void {
    'cold';
    const stack = this.stack;
    if (this.state === Claim.refused) {
      this.claimAddress(this.address, this);
    } else if (this.state === Claim.waiting) {
      this.state = Claim.defending;
      this.defended = advance(now, -DEFEND_INTERVAL);
      stack.arp.announce(stack.ip.address, now);
      this.handler.claimed(this.address);
    } else if (!stack.arp.request(this.address, -1)) {
      this.wakeIn(BUSY_WAIT);
    } else if (++this.probes < PROBE_NUM) {
      this.wakeIn(PROBE_MIN + this.upTo(PROBE_MAX - PROBE_MIN));
    } else {
      this.state = Claim.waiting;
      this.wakeIn(ANNOUNCE_WAIT);
    }
  }

  private meetConflict(): void {
    'cold';
    const arp = this.stack.arp;
    const now = this.stack.alarm.now;
    if (this.state !== Claim.defending) {
      arp.counters.conflicts++;
      this.state = Claim.none;
    } else if (distance(this.defended, now) >>> 0 >= DEFEND_INTERVAL) {
      this.defended = now;
      arp.request(this.address, -1);
      return;
    }
    this.handler.conflicted(this.address);
  }

  /** Leaves the address that we were given to the host that has it. */
  private refuseAddress(): void {
    'cold';
    const stack = this.stack;
    const ip = stack.ip;
    this.state = Claim.refused;
    if (ip.address !== 0) {
      this.netmask = ip.netmask;
      this.gateway = ip.gateway;
      stack.setAddress(0, -1, 0, stack.alarm.now);
    }
    const wait = stack.arp.counters.conflicts < MAX_CONFLICTS ? DEFEND_INTERVAL : RATE_LIMIT_INTERVAL;
    this.wakeIn(wait << HASTE);
  }

  private wakeIn(wait: number): void {
    'cold';
    const alarm = this.stack.alarm;
    const hasty = this.handler === this || this.stack.ip.address === this.address;
    this.due = advance(alarm.now, hasty ? wait >> HASTE : wait);
    alarm.wakeAt(this.due);
  }

  private upTo(milliseconds: number): number {
    'cold';
    return (this.stack.platform.random() >>> 0) % (milliseconds + 1);
  }
}
