import type { ClockEvent } from '../clock';
import type { BufferPort } from './buffer-port';
import type { Core } from './core';
import { LAST_ADDRESS, hex } from './core';
import { Erratum } from './errata';
import type { TransmitFault } from './faults';
import type { PhyModule } from './phy';
import type { Receiver } from './receive';
import { Econ1, Estat, Interrupt, Macon3, Macon4, Register } from './registers';
import { transmitStatus } from './status-vector';
import { buildJob } from './transmit-job';
import type { Job } from './transmit-job';

const STATUS_LENGTH = 7;
/** Destination, source and type. */
const HEADER_LENGTH = 14;
/** Microseconds of one octet at 10 Mbit/s. */
const OCTET_TIME = 0.8;
/** Preamble and start of frame delimiter. */
const PREAMBLE_LENGTH = 8;
/** Microseconds of four bits, in which the MAC counts its gaps. */
const NIBBLE_TIME = 0.4;
/** What the MAC adds to MABBIPG, in nibbles, so that 15h and 12h both make the 9.6 us of IEEE 802.3 (register 6-4). */
const GAP_FULL_DUPLEX = 3;
const GAP_HALF_DUPLEX = 6;
/** The longest that a frame from an 8 KB buffer can take, if the cable's answer makes no sense. */
const LONGEST_TIME = 100000;
/** Microseconds of a slot of 512 bits, in which collisions happen and backoff is counted (IEEE 802.3 clause 4.2.3.2.5). */
const SLOT_TIME = 51.2;
const MOST_COLLISIONS = 15;
/** Share of the late collisions that link pulses make (erratum 13) in which TXRTS stays set as well. */
const STUCK_SHARE = 4;

/** How the transmission that is under way will have gone. */
interface Fate {
  readonly fault: TransmitFault | undefined;
  readonly collisions: number;
  readonly deferred: boolean;
}

const NONE: Fate = { fault: undefined, collisions: 0, deferred: false };

/** The transmit half: from ETXST and ETXND to the cable, and the status vector behind the frame. Section 7.1. */
export class Transmitter {
  private event: ClockEvent | undefined;
  /** The frame whose bits are on the wire. */
  private job: Job | undefined;
  private fate = NONE;
  private gapOverAt = 0;
  /** Erratum 12: the next transmission would never end. */
  private stalled = false;
  /** As `stalled`, and TXRST does not help. */
  private jammed = false;

  constructor(
    private readonly core: Core,
    private readonly port: BufferPort,
    private readonly phy: PhyModule,
    private readonly receiver: Receiver,
  ) {}

  /** Bits are on the wire: PHSTAT2.TXSTAT. */
  get onWire(): boolean {
    return this.job !== undefined;
  }

  /** PHSTAT2.COLSTAT. */
  get colliding(): boolean {
    return this.onWire && this.fate.collisions > 0;
  }

  /** The chip has been reset: whatever is under way stops, and says nothing. */
  reset(): void {
    this.jammed = false;
    this.resetLogic();
  }

  /** ECON1.TXRST is set. */
  resetLogic(): void {
    if (this.event) this.core.clock.cancel(this.event);
    this.event = undefined;
    this.job = undefined;
    this.fate = NONE;
    this.stalled = false;
    this.port.release('transmitter');
  }

  /** ECON1.TXRST was cleared. */
  released(): void {
    if (this.core.errata.strikes(Erratum.TRANSMIT_STALL)) this.core.raise(Interrupt.TXER);
  }

  /** ECON1.TXRTS was set. */
  start(): void {
    const { clock } = this.core;
    this.check();
    this.fate = this.drawFate();
    const { fault } = this.fate;
    if (fault === 'stuck for good') this.jammed = true;
    if (this.stalled || this.jammed || fault === 'stuck') return;
    const medium = this.halfDuplex ? this.receiver.busyUntil : -1;
    const wait = Math.max(this.gapOverAt, this.receiver.pausedUntil, medium) - clock.now;
    this.event = clock.after(wait, () => {
      this.event = undefined;
      this.port.request('transmitter', () => this.send());
    });
  }

  /** ECON1.TXRTS was cleared by the host: the frame is cut off, its status vector is written and TXIF still comes. */
  cancel(): void {
    this.writeStatus(this.job ?? buildJob(this.core), false);
    const { stalled } = this;
    this.resetLogic();
    this.stalled = stalled;
    this.core.raise(Interrupt.TX);
  }

  /** True when any of `length` octets from `start` belongs to the frame that TXRTS claims, status vector included. */
  owns(start: number, length: number): boolean {
    if (!this.core.has(Register.ECON1, Econ1.TXRTS)) return false;
    const first = this.core.word(Register.ETXSTL);
    const claimed = this.claimedLength;
    return ((start - first) & LAST_ADDRESS) < claimed || ((first - start) & LAST_ADDRESS) < length;
  }

  /** Control octet, frame and status vector. ETXND below ETXST runs over the end of the buffer. */
  private get claimedLength(): number {
    return ((this.core.word(Register.ETXNDL) - this.core.word(Register.ETXSTL)) & LAST_ADDRESS) + 1 + STATUS_LENGTH;
  }

  private get halfDuplex(): boolean {
    return !this.core.has(Register.MACON3, Macon3.FULDPX);
  }

  private drawFate(): Fate {
    const { faults, errata } = this.core;
    const { halfDuplex } = this;
    const deferred = halfDuplex && this.receiver.busy;
    let fault = faults.transmission(halfDuplex);
    if (!fault && halfDuplex && errata.strikes(Erratum.LINK_PULSE)) {
      fault = errata.below(STUCK_SHARE) === 0 ? 'stuck' : 'late collision';
    }
    const collisions = fault === 'collisions' ? 1 + faults.below(MOST_COLLISIONS) : fault === 'excessive collisions' ? MOST_COLLISIONS : 0;
    return { fault, collisions, deferred };
  }

  private get aborts(): boolean {
    return this.fate.fault === 'late collision' || this.fate.fault === 'excessive collisions';
  }

  private send(): void {
    const { core, fate } = this;
    const job = buildJob(core);
    this.job = job;
    let duration = (PREAMBLE_LENGTH + job.frame.length) * OCTET_TIME;
    if (!this.aborts && core.cable && this.phy.drivesCable && job.frame.length > 0) {
      const told = core.cable.transmit(job.frame);
      if (told >= 0 && told < LONGEST_TIME) duration = told;
    }
    if (fate.fault === 'excessive collisions') duration = SLOT_TIME;
    // Each collision costs its slot and a backoff of up to 2^n slots; with NOBKOFF there is none.
    const backoff = core.has(Register.MACON4, Macon4.NOBKOFF) ? 0 : 1;
    for (let n = 1; n <= fate.collisions; n++) duration += SLOT_TIME * (1 + backoff * core.faults.below(2 ** Math.min(n, 10)));
    this.event = core.clock.after(duration, () => this.done(job));
  }

  private done(job: Job): void {
    const { core } = this;
    const gap = core.values[Register.MABBIPG]! + (this.halfDuplex ? GAP_HALF_DUPLEX : GAP_FULL_DUPLEX);
    this.gapOverAt = core.clock.now + gap * NIBBLE_TIME;
    this.event = undefined;
    this.job = undefined;
    const aborted = job.giant || this.aborts;
    this.writeStatus(job, !aborted);
    core.values[Register.ECON1]! &= ~Econ1.TXRTS;
    this.port.release('transmitter');
    if (aborted) {
      this.abort();
      return;
    }
    core.counts.framesTransmitted++;
    if (this.phy.loopsBack && job.frame.length > 0) this.loopBack(job.frame);
    core.raise(Interrupt.TX);
  }

  private abort(): void {
    const { core } = this;
    core.counts.transmissionsAborted++;
    // Erratum 15: the bit does not say whether it was late.
    const late = this.fate.fault === 'late collision';
    if (late !== core.errata.strikes(Erratum.LATECOL)) core.setStatus(Estat.LATECOL);
    core.setStatus(Estat.TXABRT);
    if (this.halfDuplex && core.errata.strikes(Erratum.TRANSMIT_STALL)) this.stalled = true;
    core.raise(Interrupt.TX | Interrupt.TXER);
  }

  /** Errata 9 and 10. */
  private loopBack(frame: Uint8Array): void {
    const { errata } = this.core;
    if (!this.phy.fullDuplex && errata.strikes(Erratum.HALF_LOOPBACK)) return;
    const heard = frame.slice();
    if (this.phy.fullDuplex && errata.strikes(Erratum.FULL_LOOPBACK)) heard[errata.below(heard.length)]! ^= 1 + errata.below(255);
    this.receiver.arrived(heard);
  }

  private writeStatus(job: Job, done: boolean): void {
    const { core, fate } = this;
    const status = transmitStatus(job.frame, {
      done,
      goodCrc: job.goodCrc,
      giant: job.giant,
      lengthChecked: core.has(Register.MACON3, Macon3.FRMLNEN),
      collisions: fate.collisions,
      deferred: fate.deferred,
      excessiveCollisions: fate.fault === 'excessive collisions',
      // Erratum 13: a transmission that link pulses stop shows a late collision, also when TXRTS stays set.
      lateCollision: fate.fault === 'late collision' || (fate.fault === 'stuck' && this.halfDuplex),
    });
    for (let at = 0; at < STATUS_LENGTH; at++) core.memory[(job.statusAt + at) & LAST_ADDRESS] = status[at]!;
  }

  /** Strict mode. */
  private check(): void {
    const { core } = this;
    const first = core.word(Register.ETXSTL);
    const last = core.word(Register.ETXNDL);
    if (last <= first) {
      core.violation(
        `ECON1.TXRTS was set with ETXND at ${hex(last, 4)}, not above ETXST at ${hex(first, 4)}: there is no frame between.`,
      );
    } else if (core.touchesRing(first, this.claimedLength)) {
      core.violation(
        `The frame from ETXST at ${hex(first, 4)} to ETXND at ${hex(last, 4)} and the ${STATUS_LENGTH} octets of its status vector overlap the receive ring.`,
      );
    }
    if (last > first && last - first < HEADER_LENGTH) {
      core.violation(
        `ECON1.TXRTS was set for a frame of ${last - first} octets: the Ethernet header alone has ${HEADER_LENGTH}.`,
      );
    }
  }
}
