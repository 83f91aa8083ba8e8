import type { Stack } from '../stack';
import { get32 } from '../wire/bytes';
import { advance, before, distance } from '../wire/sequence';
import type { Change, Service } from './alarm';
import { Arp, Operation } from './arp-packet';

// Constants of RFC 5227 section 1.1, milliseconds.
const PROBE_WAIT = 1000;
const PROBE_NUM = 3;
const PROBE_MIN = 1000;
const PROBE_MAX = 2000;
const ANNOUNCE_WAIT = 2000;
const DEFEND_INTERVAL = 10000;

const enum Claim {
  none = 0,
  probing = 1,
  /** The last probe was sent; silence makes it ours. */
  waiting = 2,
  /** In use: another host that uses it is told off, once in ten seconds. */
  defending = 3,
}

export interface ClaimHandler {
  /** Nobody else uses the address: it may be taken, and is defended from now on. */
  claimed(address: number): void;
  /** Another host uses the address: at once while it was claimed, later when it does so again although it was told. */
  conflicted(address: number): void;
}

/** Address conflict detection (RFC 5227): an address is asked for before it is used, and defended afterwards. */
export class AddressClaim implements Service {
  /** Conflicts seen, those that were told off among them. */
  conflicts = 0;

  private state = Claim.none;
  private address = 0;
  private handler: ClaimHandler | null = null;
  private probes = 0;
  private due = 0;
  /** When a conflict was answered last. */
  private defended = 0;

  constructor(private readonly stack: Stack) {
    'cold';
    stack.services.push(this);
    stack.arp.watcher = this;
  }

  /** Asks whether another host uses `address`; `handler` is told. What was claimed before is not any more. */
  claimAddress(address: number, handler: ClaimHandler): void {
    'cold';
    const now = this.stack.alarm.now;
    this.state = Claim.probing;
    this.address = address;
    this.handler = handler;
    this.probes = 0;
    this.wakeAt(advance(now, this.upTo(PROBE_WAIT)));
  }

  /** Defends an address that is in use already. */
  defendAddress(address: number, handler: ClaimHandler): void {
    'cold';
    this.state = Claim.defending;
    this.address = address;
    this.handler = handler;
    this.defended = advance(this.stack.alarm.now, -DEFEND_INTERVAL);
  }

  releaseAddress(): void {
    'cold';
    this.state = Claim.none;
  }

  tick(now: number): void {
    if (this.state !== Claim.probing && this.state !== Claim.waiting) return;
    if (before(now, this.due)) this.stack.alarm.wake(this.due);
    else this.proceed(now);
  }

  changed(_what: Change): void {}

  /** Looks at an ARP frame that another host has sent. */
  arpHeard(frame: Uint8Array): void {
    if (this.state === Claim.none) return;
    const sender = get32(frame, Arp.sender);
    const probe = sender === 0 && get32(frame, Arp.target) === this.address && frame[Arp.operation + 1] === Operation.request;
    if (sender === this.address || (probe && this.state !== Claim.defending)) this.meetConflict(frame);
  }

  private proceed(now: number): void {
    'cold';
    if (this.state === Claim.waiting) {
      this.defendAddress(this.address, this.handler!);
      this.handler!.claimed(this.address);
      return;
    }
    // While the transmitter is busy, or another address is in use, this waits.
    if (!this.stack.arp.sendProbe(this.address)) {
      this.wakeAt(advance(now, 1));
      return;
    }
    this.probes++;
    if (this.probes < PROBE_NUM) {
      this.wakeAt(advance(now, PROBE_MIN + this.upTo(PROBE_MAX - PROBE_MIN)));
    } else {
      this.state = Claim.waiting;
      this.wakeAt(advance(now, ANNOUNCE_WAIT));
    }
  }

  private meetConflict(frame: Uint8Array): void {
    'cold';
    const own = this.stack.link.mac.address;
    let octet = 0;
    while (octet < 6 && frame[Arp.senderHardware + octet] === own[octet]) octet++;
    // Our own frame, reflected by the network.
    if (octet === 6) return;
    this.conflicts++;
    const now = this.stack.alarm.now;
    if (this.state === Claim.defending && distance(this.defended, now) >>> 0 >= DEFEND_INTERVAL) {
      this.defended = now;
      this.stack.arp.sendProbe(this.address);
      return;
    }
    if (this.state !== Claim.defending) this.state = Claim.none;
    this.handler!.conflicted(this.address);
  }

  private wakeAt(at: number): void {
    'cold';
    this.due = at;
    this.stack.alarm.wake(at);
  }

  private upTo(milliseconds: number): number {
    'cold';
    return (this.stack.platform.random() >>> 0) % (milliseconds + 1);
  }
}
