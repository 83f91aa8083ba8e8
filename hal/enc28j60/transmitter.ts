import type { MacCounters, SpiDevice } from '../hal';
import type { Bus } from './bus';
import { Econ1, Estat, Instruction, Interrupt, Memory, Opcode, Register, Tsv } from './registers';

const enum Limit {
  POLLS = 20, // looks at a transmission that goes on, in one call of `send`
  STEP = 100, // microseconds between them: a frame of full size takes 1230 on the wire
  BUSY = 8, // calls in a row that find the transmitter busy, before it is taken to be stuck
  STUCK = 3, // frames in a row that had to be abandoned, before a reset of the transmit logic is held not to help
  RETRIES = 16, // repetitions of a frame after late collisions (erratum 13), as many as IEEE 802.3 gives others
}

/** Puts frames into the chip's transmit buffer and sends them (data sheet, section 7.1). */
export class Transmitter {
  /** A frame was given to the chip, and how that ended has not been seen yet. */
  private sending = false;

  /** What ETXND holds, the address of the frame's last octet. Starts as no frame's. */
  private last = 0;

  /** How often the frame has been sent again. */
  private retries = 0;

  /** Calls of `send` in a row that found the transmitter busy. */
  private busy = 0;

  /** Frames abandoned in a row, and how many had been accepted when the last of them was. */
  private abandoned = 0;
  private accepted = 0;

  /**
   * @param vector at least seven octets to work in
   */
  constructor(
    private readonly bus: Bus,
    private readonly spi: SpiDevice,
    private readonly vector: Uint8Array,
    private readonly counters: MacCounters,
  ) {}

  /** After initialisation: nothing is being sent, the registers hold their reset values. */
  restart(): void {
    if (this.sending) this.counters.txErrors++;
    this.sending = false;
    this.last = 0;
    this.busy = 0;
    this.abandoned = 0;
  }

  /** True when only a new initialisation of the chip can still help. */
  stuck(): boolean {
    return this.abandoned >= Limit.STUCK;
  }

  /**
   * Starts to send `length` octets of `frame`.
   * @returns false when the frame before is still being sent
   */
  send(frame: Uint8Array, length: number): boolean {
    const spi = this.spi;
    let free = true;
    if (this.sending) {
      // TXIF follows TXRTS from 1 to 0 and comes without TXERIF when all went well.
      free = (spi.read(Instruction.RCR_EIR, 0) & Interrupt.SENT) === Interrupt.TXIF || this.settle();
    }
    if (free) {
      const last = Memory.ETXST + length; // the control octet comes first
      // Erratum 12: the transmit logic is reset before each frame. TXRTS is 0 here, and bank 0 comes along.
      spi.write(Instruction.WCR_ECON1, Econ1.RESETTING);
      spi.write(Instruction.WCR_ECON1, Econ1.RXEN);
      spi.write(Instruction.BFC_EIR, Interrupt.SENT); // erratum 12: only now, leaving reset may set TXERIF
      spi.write(Instruction.WCR_EWRPTL, Memory.ETXSTL);
      spi.write(Instruction.WCR_EWRPTH, Memory.ETXSTH);
      spi.writeBytes(Opcode.WBM, 0, frame, 0, length); // control octet 0: MACON3 decides on padding and CRC
      if (this.last !== last) {
        spi.write(Instruction.WCR_ETXNDL, last & 0xff);
        spi.write(Instruction.WCR_ETXNDH, last >> 8);
        this.last = last;
      }
      spi.write(Instruction.BFS_ECON1, Econ1.START);
      this.bus.bank = 1;
      this.sending = true;
      this.retries = 0;
      this.busy = 0;
      this.counters.txFrames++;
    }
    return free;
  }

  /**
   * Deals with EIR.TXERIF: sends the frame again after a late collision, else counts it as lost. Lets INT rise again.
   * @returns true when the frame has been sent again
   */
  failed(): boolean {
    'cold';
    const again = this.sending && this.retries < Limit.RETRIES && this.lateCollision();
    if (again) {
      this.retries++;
    } else if (this.sending) {
      this.sending = false;
      this.counters.txErrors++;
    }
    this.resetLogic();
    if (again) this.bus.setBits(Register.ECON1, Econ1.TXRTS);
    return again;
  }

  /** Waits for the frame before, 2 ms at most. True when the transmitter is free. */
  private settle(): boolean {
    const bus = this.bus;
    let free = false;
    for (let polls: number = Limit.POLLS; !free && polls > 0; polls--) {
      const flags = bus.read(Register.EIR);
      if ((flags & Interrupt.TXERIF) !== 0) free = !this.failed();
      else free = (flags & Interrupt.TXIF) !== 0 || (bus.read(Register.ECON1) & Econ1.TXRTS) === 0;
      if (!free) bus.spi.wait(Limit.STEP);
    }
    if (!free) {
      this.busy++;
      if (this.busy >= Limit.BUSY) {
        free = true;
        this.abandon();
      }
    }
    return free;
  }

  /** Errata 12 and 13: TXRTS may stay 1 for ever and neither flag come. The frame is given up. */
  private abandon(): void {
    'cold';
    const counters = this.counters;
    // Between two abandoned frames in a row exactly one is accepted: the second of them.
    if (((counters.txFrames - this.accepted) | 0) !== 1) this.abandoned = 0;
    this.abandoned++;
    this.accepted = counters.txFrames;
    this.sending = false;
    counters.txErrors++;
    this.bus.clearBits(Register.ECON1, Econ1.TXRTS);
    this.resetLogic();
  }

  /** Resets the transmit logic, then clears what the last transmission left behind (erratum 12: in this order). */
  private resetLogic(): void {
    'cold';
    const bus = this.bus;
    bus.setBits(Register.ECON1, Econ1.TXRST);
    bus.clearBits(Register.ECON1, Econ1.TXRST);
    bus.clearBits(Register.EIR, Interrupt.SENT);
    bus.clearBits(Register.ESTAT, Estat.TXABRT | Estat.LATECOL);
  }

  /** Erratum 15: the transmit status vector tells a late collision, ESTAT.LATECOL does not. */
  private lateCollision(): boolean {
    'cold';
    const bus = this.bus;
    const address = this.last + 1;
    bus.seek(address);
    bus.spi.readBytes(Opcode.RBM, this.vector, 0, Tsv.LENGTH);
    bus.readPointer = address + Tsv.LENGTH;
    return (this.vector[Tsv.ERRORS] & Tsv.LATE_COLLISION) !== 0;
  }
}
