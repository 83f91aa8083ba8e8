import type { MacCounters, SpiDevice } from '../hal';
import { Shadow } from './bus';
import type { Bus } from './bus';
import { Memory, Tsv } from './memory';
import { Econ1, Estat, Instruction, Interrupt, Register } from './registers';
import { Repair } from './repairs';
import type { FrameStatistics } from './repairs';

const enum Limit {
  POLLS = 74, // looks at a transmission that goes on, in one call of `send`: a frame of full size takes 1230 us
  FINE_STEP = 10, // microseconds between them, until
  COARSE_POLLS = 14, // are left
  STEP = 100,
  BUSY = 8, // calls in a row that find the transmitter busy, before it is taken to be stuck
  RETRIES = 16, // repetitions of a frame after late collisions (erratum 13), as many as IEEE 802.3 gives others
}

/** Puts frames into the chip's transmit buffer and sends them (data sheet, section 7.1). */
export class Transmitter {
  /** A frame was given to the chip, and how that ended has not been seen yet. */
  private sending = false;

  /** Address of that frame's control octet, and of its last octet. */
  private base = 0;
  private last = 0;

  /** Where a control octet stands; what leads from there to the other place and back; the longest frame at both. */
  private readonly first: number;
  private readonly other: number;
  private readonly half: number;

  /** What ETXST holds, or `Shadow.UNKNOWN`; then ETXND is unknown, too, else it is `last`. */
  start: number = Shadow.UNKNOWN;

  /** How often the frame has been sent again. */
  private retries = 0;

  /** Calls of `send` in a row that found the transmitter busy. */
  private busy = 0;

  /** 1 when it was stuck and not a frame has been sent well since, 2 when a look has found it so before. */
  private stalled = 0;

  /**
   * @param vector at least seven octets to work in
   * @param two room for two frames of full size
   */
  constructor(
    private readonly bus: Bus,
    private readonly spi: SpiDevice,
    private readonly vector: Uint8Array,
    private readonly counters: MacCounters,
    private readonly repairs: Uint16Array,
    private readonly statistics: FrameStatistics | null,
    two: boolean,
  ) {
    this.first = two ? Memory.TWO_ETXST : Memory.ETXST;
    this.other = two ? Memory.TWO_OTHER : Memory.OTHER;
    this.half = two ? Memory.WHOLE : Memory.HALF;
  }

  /** After initialisation: nothing is being sent, the registers hold their reset values. */
  restart(): void {
    'cold';
    if (this.sending) this.counters.txErrors++;
    this.sending = false;
    this.busy = 0;
    this.stalled = 0;
    this.start = Shadow.UNKNOWN;
  }

  /** A look, once a second: resets a transmit logic that is stuck. True when that was done before, and did not help. */
  hopeless(): boolean {
    'cold';
    if (this.sending) {
      if (!this.settle()) this.abandon();
      else if (this.sending) this.stalled = 0;
    }
    const hopeless = this.stalled > 1;
    if (this.stalled > 0) this.stalled = 2;
    return hopeless;
  }

  /**
   * Starts to send `length` octets of `frame` and `count` of `data` from `offset`, which are loaded while the frame before
   * is on the wire if there is room.
   * @returns false when the frame before is still being sent
   */
  send(frame: Uint8Array, length: number, data: Uint8Array, offset: number, count: number): boolean {
    'inline';
    const spi = this.spi;
    let free = true;
    let base = this.first;
    let meanwhile = false;
    // TXIF follows TXRTS from 1 to 0, and comes without TXERIF when all went well. So each abort is seen in time, and
    // the transmit logic is reset behind it (erratum 12).
    if (this.sending && (spi.read(Instruction.RCR_EIR) & Interrupt.SENT) !== Interrupt.TXIF) {
      meanwhile = length + count <= this.half && this.last - this.base <= this.half;
      if (meanwhile) base = this.base ^ this.other;
      else free = this.settle();
    }
    if (free) {
      const last = base + length + count; // the control octet comes first
      if (this.bus.bank !== 0) this.bus.select(0);
      spi.write(Instruction.WCR_EWRPTL, base & 0xff);
      spi.write(Instruction.WCR_EWRPTH, base >> 8);
      spi.writeBytes(0, frame, 0, length); // control octet 0: MACON3 decides on padding and CRC
      if (count > 0) spi.writeBytes(data[offset], data, offset + 1, offset + count);
      if (meanwhile) free = (spi.read(Instruction.RCR_EIR) & Interrupt.SENT) === Interrupt.TXIF || this.settle();
      if (free) {
        if (this.sending) {
          this.stalled = 0;
          if (this.statistics !== null) this.readVector();
        }
        if (this.bus.bank !== 0) this.bus.select(0);
        spi.write(Instruction.BFC_EIR, Interrupt.TXIF);
        const unknown = this.start === Shadow.UNKNOWN;
        if (unknown || ((this.last ^ last) & 0xff) !== 0) spi.write(Instruction.WCR_ETXNDL, last & 0xff);
        if (unknown || ((this.last ^ last) & 0xff00) !== 0) spi.write(Instruction.WCR_ETXNDH, last >> 8);
        if (this.start !== base) spi.write(Instruction.WCR_ETXSTH, base >> 8);
        spi.write(Instruction.BFS_ECON1, Econ1.START);
        this.bus.bank = 1;
        this.start = base;
        this.base = base;
        this.last = last;
        this.sending = true;
        this.retries = 0;
        this.busy = 0;
        this.counters.txFrames++;
      }
    }
    return free;
  }

  /**
   * Deals with EIR.TXERIF: sends the frame again after a late collision, else counts it as lost. Lets INT rise again.
   * @param stuck there is no TXERIF: the frame never ended, and is sent again
   * @returns true when the frame has been sent again
   */
  failed(stuck: boolean): boolean {
    'cold';
    const again = this.sending && (this.lateCollision() || stuck) && this.retries < Limit.RETRIES;
    // Erratum 12: an abort stalls the transmit logic. Leaving its reset may set TXERIF, so that is cleared behind it.
    const bus = this.bus;
    bus.setBits(Register.ECON1, Econ1.TXRST);
    bus.clearBits(Register.ECON1, Econ1.TXRST);
    bus.clearBits(Register.EIR, Interrupt.SENT);
    bus.clearBits(Register.ESTAT, Estat.TXABRT | Estat.LATECOL);
    if (again) {
      this.retries++;
      this.repairs[stuck ? Repair.TRANSMITTER : Repair.LATE_COLLISION]++;
      bus.setBits(Register.ECON1, Econ1.TXRTS);
    } else if (this.sending) {
      this.sending = false;
      this.counters.txErrors++;
    }
    return again;
  }

  /** Waits for the frame before, 2 ms at most. True when the transmitter is free. */
  private settle(): boolean {
    'cold';
    const bus = this.bus;
    let free = false;
    for (let polls: number = Limit.POLLS; !free && polls > 0; polls--) {
      free = (bus.read(Register.ECON1) & Econ1.TXRTS) === 0;
      if (free && (bus.read(Register.EIR) & Interrupt.TXERIF) !== 0) free = !this.failed(false);
      if (!free) bus.spi.wait(polls > Limit.COARSE_POLLS ? Limit.FINE_STEP : Limit.STEP);
    }
    if (!free) {
      this.busy++;
      if (this.busy >= Limit.BUSY) free = this.abandon();
    }
    return free;
  }

  /**
   * Errata 12 and 13: TXRTS may stay 1 for ever and neither flag come. The frame is sent again.
   * @returns true when it is given up instead, and the transmitter is free
   */
  private abandon(): boolean {
    'cold';
    if (this.stalled === 0) this.stalled = 1;
    this.busy = 0;
    this.bus.clearBits(Register.ECON1, Econ1.TXRTS); // also has the status vector written
    return !this.failed(true);
  }

  /** Erratum 15: the transmit status vector tells a late collision, ESTAT.LATECOL does not. */
  private lateCollision(): boolean {
    'cold';
    this.readVector();
    return (this.vector[Tsv.ERRORS] & Tsv.LATE_COLLISION) !== 0;
  }

  /** Reads the transmit status vector, and passes it on. */
  private readVector(): void {
    'cold';
    const bus = this.bus;
    bus.astray = true;
    bus.seek(this.last + 1);
    bus.spi.readBytes(this.vector, 0, Tsv.LENGTH);
    if (this.statistics !== null) this.statistics.frameSent(this.vector);
  }
}
