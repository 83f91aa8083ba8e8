import type { Stack } from '../stack';
import type { AddressClaim, ClaimHandler } from './conflict';
import { advance, before } from '../wire/sequence';
import type { Change, Service } from './alarm';

/** 169.254.1.0 and the count of addresses from there that may be chosen (RFC 3927 section 2.1). */
const FIRST = 0xa9fe0100 | 0;
const COUNT = 0xfe00;
const NETMASK = 0xffff0000 | 0;
/** After so many conflicts an address is tried once a minute (RFC 3927 section 9). */
const MAX_CONFLICTS = 10;
const RATE_LIMIT_INTERVAL = 60000;

/** An address that a host gives itself when nobody else does (RFC 3927): 169.254.x.y, the same at each start. */
export class LinkLocal implements Service, ClaimHandler {
  private active = false;
  private conflicts = 0;
  private seed = 0;
  private due = 0;
  private waiting = false;

  constructor(
    private readonly stack: Stack,
    private readonly claim: AddressClaim,
  ) {
    'cold';
    stack.services.push(this);
    const mac = stack.link.mac.address;
    for (let at = 0; at < 6; at++) this.seed = (this.seed * 31 + mac[at]) & 0x7fffff;
  }

  /** Looks for an address and takes it. Does nothing while it does so, or has. */
  startLocal(): void {
    'cold';
    if (this.active) return;
    this.active = true;
    this.conflicts = 0;
    this.tryNext();
  }

  /** Leaves the address to whoever takes another one. */
  stopLocal(): void {
    'cold';
    this.active = false;
    this.waiting = false;
  }

  claimed(address: number): void {
    'cold';
    if (this.active) this.stack.setAddress(address, NETMASK, 0, this.stack.alarm.now);
  }

  conflicted(_address: number): void {
    'cold';
    if (this.active) this.meetAnother();
  }

  tick(now: number): void {
    'cold';
    if (!this.waiting) return;
    if (before(now, this.due)) {
      this.stack.alarm.wakeAt(this.due);
    } else {
      this.waiting = false;
      this.tryNext();
    }
  }

  changed(_what: Change): void {
    'cold';
  }

  private meetAnother(): void {
    'cold';
    this.conflicts++;
    if (this.stack.ip.address !== 0) this.stack.setAddress(0, -1, 0, this.stack.alarm.now);
    if (this.conflicts < MAX_CONFLICTS) {
      this.tryNext();
    } else {
      this.waiting = true;
      this.due = advance(this.stack.alarm.now, RATE_LIMIT_INTERVAL);
      this.stack.alarm.wakeAt(this.due);
    }
  }

  private tryNext(): void {
    'cold';
    // Small steps of a generator: none of its products leaves the 31 bits that every engine computes exactly.
    this.seed = (this.seed * 171 + 11213) & 0x7fffff;
    this.claim.claimAddress(FIRST + (this.seed % COUNT), this);
  }
}
