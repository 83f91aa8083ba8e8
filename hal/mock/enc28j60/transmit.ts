import type { ClockEvent } from '../clock';
import type { BufferPort } from './buffer-port';
import type { Core } from './core';
import { LAST_ADDRESS, hex } from './core';
import { frameCheckSequenceGood, withFrameCheckSequence } from '../fcs';
import type { PhyModule } from './phy';
import type { Receiver } from './receive';
import { Econ1, Estat, Interrupt, Macon3, Register } from './registers';
import { isVlan, transmitStatus } from './status-vector';

/** The octet in front of the frame (data sheet figure 7-1). */
const enum Control {
  POVERRIDE = 0x01,
  PCRCEN = 0x02,
  PPADEN = 0x04,
  PHUGEEN = 0x08,
}

/** MACON3.PADCFG in place: the values that pad (register 6-2). */
const enum Padding {
  TO_60 = 0x20,
  TO_64 = 0x60,
  BY_VLAN = 0xa0,
  ALSO_TO_64 = 0xe0,
}

const STATUS_LENGTH = 7;
/** Destination, source and type. */
const HEADER_LENGTH = 14;
const MINIMUM_LENGTH = 60;
const MINIMUM_VLAN_LENGTH = 64;
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

/** A frame on its way out. */
interface Job {
  readonly frame: Uint8Array;
  readonly giant: boolean;
  readonly goodCrc: boolean;
  /** Where the status vector goes. */
  readonly statusAt: number;
}

/** The transmit half: from ETXST and ETXND to the cable, and the status vector behind the frame. Section 7.1. */
export class Transmitter {
  private event: ClockEvent | undefined;
  /** The frame whose bits are on the wire. */
  private job: Job | undefined;
  private gapOverAt = 0;

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

  /** The chip or ECON1.TXRST stops whatever is under way, and says nothing. */
  reset(): void {
    if (this.event) this.core.clock.cancel(this.event);
    this.event = undefined;
    this.job = undefined;
    this.port.release('transmitter');
  }

  /** ECON1.TXRTS was set. */
  start(): void {
    const { clock } = this.core;
    this.check();
    const wait = Math.max(this.gapOverAt, this.receiver.pausedUntil) - clock.now;
    this.event = clock.after(wait, () => {
      this.event = undefined;
      this.port.request('transmitter', () => this.send());
    });
  }

  /** ECON1.TXRTS was cleared by the host: the frame is cut off, its status vector is written and TXIF still comes. */
  cancel(): void {
    this.writeStatus(this.job ?? this.build(), false);
    this.reset();
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

  private send(): void {
    const { core } = this;
    const job = this.build();
    this.job = job;
    const length = PREAMBLE_LENGTH + job.frame.length;
    let duration = length * OCTET_TIME;
    if (core.cable && this.phy.drivesCable && job.frame.length > 0) {
      const told = core.cable.transmit(job.frame);
      if (told >= 0 && told < LONGEST_TIME) duration = told;
    }
    this.event = core.clock.after(duration, () => this.done(job));
  }

  private done(job: Job): void {
    const { core } = this;
    const fullDuplex = core.has(Register.MACON3, Macon3.FULDPX);
    const gap = core.values[Register.MABBIPG]! + (fullDuplex ? GAP_FULL_DUPLEX : GAP_HALF_DUPLEX);
    this.gapOverAt = core.clock.now + gap * NIBBLE_TIME;
    this.event = undefined;
    this.job = undefined;
    this.writeStatus(job, !job.giant);
    core.values[Register.ECON1]! &= ~Econ1.TXRTS;
    this.port.release('transmitter');
    if (job.giant) {
      core.counts.transmissionsAborted++;
      core.setStatus(Estat.TXABRT);
      core.raise(Interrupt.TX | Interrupt.TXER);
      return;
    }
    core.counts.framesTransmitted++;
    if (this.phy.loopsBack && job.frame.length > 0) this.receiver.arrived(job.frame);
    core.raise(Interrupt.TX);
  }

  private writeStatus(job: Job, done: boolean): void {
    const { core } = this;
    const lengthChecked = core.has(Register.MACON3, Macon3.FRMLNEN);
    const status = transmitStatus(job.frame, { done, goodCrc: job.goodCrc, giant: job.giant, lengthChecked });
    for (let at = 0; at < STATUS_LENGTH; at++) core.memory[(job.statusAt + at) & LAST_ADDRESS] = status[at]!;
  }

  /** The frame as the MAC makes it: padding, check sequence, and the cut at MAMXFL. */
  private build(): Job {
    const { core } = this;
    const first = core.word(Register.ETXSTL);
    const length = (core.word(Register.ETXNDL) - first) & LAST_ADDRESS;
    const control = core.memory[first]!;
    const data = new Uint8Array(length);
    for (let at = 0; at < length; at++) data[at] = core.memory[(first + 1 + at) & LAST_ADDRESS]!;

    const override = (control & Control.POVERRIDE) !== 0;
    const appends = override ? (control & Control.PCRCEN) !== 0 : core.has(Register.MACON3, Macon3.TXCRCEN);
    const huge = override ? (control & Control.PHUGEEN) !== 0 : core.has(Register.MACON3, Macon3.HFRMEN);
    const minimum = override ? (control & Control.PPADEN ? MINIMUM_LENGTH : 0) : this.configuredMinimum(data);
    if (minimum > 0 && !appends) this.reportUnchecked(override ? 'PCRCEN in the control octet' : 'MACON3.TXCRCEN');

    let frame: Uint8Array = data;
    if (length < minimum) {
      frame = new Uint8Array(minimum);
      frame.set(data);
    }
    if (appends) frame = withFrameCheckSequence(frame);
    const limit = core.word(Register.MAMXFLL);
    const giant = !huge && frame.length > limit;
    if (giant) frame = frame.slice(0, limit);
    return { frame, giant, goodCrc: frameCheckSequenceGood(frame) || giant, statusAt: first + 1 + length };
  }

  private configuredMinimum(data: Uint8Array): number {
    const padding = this.core.values[Register.MACON3]! & Macon3.PADCFG;
    if (padding === Padding.TO_60) return MINIMUM_LENGTH;
    if (padding === Padding.TO_64 || padding === Padding.ALSO_TO_64) return MINIMUM_VLAN_LENGTH;
    if (padding === Padding.BY_VLAN) return isVlan(data) ? MINIMUM_VLAN_LENGTH : MINIMUM_LENGTH;
    return 0;
  }

  private reportUnchecked(which: string): void {
    this.core.violation(`A frame is to be padded without a frame check sequence: set ${which} as well.`);
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
