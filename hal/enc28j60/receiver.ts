import type { Frame, FrameCheck, MacCounters, SpiDevice } from '../hal';
import type { Bus } from './bus';
import { Memory, Rsv, Size } from './memory';
import { Econ2, Estat, Instruction, Interrupt, Register } from './registers';
import type { FrameStatistics } from './repairs';

/** What `Receiver.next` answers when it does not hand over a frame. */
export const enum Next {
  NONE = 0, // EPKTCNT is 0
  SKIPPED = -1, // a frame was dropped; another one may wait behind it
  BROKEN = -2, // what was read makes no sense; read again it may, or the chip has lost its thread
}

const enum Limit {
  /**
   * Octets taken from the ring before ERXRDPT gives them back, which costs up to four bus transactions: while several
   * frames wait, the ring keeps room for four of full size (or for three); while they come one by one, for one less.
   */
  RELEASE = 512,
  RELEASE_IDLE = 1600,

  /** Times that EPKTCNT and ERXWRPT are compared: a frame that comes in between makes them differ. */
  COMPARISONS = 3,
}

/** Takes frames out of the chip's receive ring (data sheet, section 7.2). */
export class Receiver {
  /** Frames that EPKTCNT announced and that have not been taken yet. */
  pending = 0;

  /**
   * Seconds for which the bus is not trusted: counter and pointer are compared before each frame, and each frame is
   * checked behind it. Below 0: always.
   */
  careful = 0;

  /** Octets of the frame that was handed over last, its check sequence among them; 0 when that was left in the chip. */
  whole = 0;

  /** Address of the next frame's header. */
  private packet: number = Memory.ERXST;

  /** ERXRDPT has not been written behind a frame since initialisation. */
  private fresh = true;

  /** Octets taken since ERXRDPT was written, and how many there may be. */
  private taken = 0;
  private releaseAt: number = Limit.RELEASE;

  /**
   * @param end the last address of the ring
   * @param intact checks frames that were read, here while the bus is not trusted; null: they are believed
   */
  constructor(
    private readonly bus: Bus,
    private readonly spi: SpiDevice,
    private readonly counters: MacCounters,
    private readonly end: number,
    readonly intact: FrameCheck | null,
    private readonly statistics: FrameStatistics | null,
  ) {}

  /** After initialisation: the ring is empty. */
  restart(): void {
    'cold';
    this.pending = 0;
    this.packet = Memory.ERXST;
    this.bus.astray = true;
    this.release();
    this.fresh = true;
  }

  /**
   * Takes the next frame into `frame`, whose octets behind the frame may change too.
   * @returns its length without CRC, or one of `Next`
   */
  next(frame: Frame): number {
    let length: number = Next.NONE;
    if (this.pending === 0) this.count();
    if (this.careful !== 0 && this.pending > 0 && !this.agrees()) {
      length = Next.BROKEN;
    } else if (this.pending > 0) {
      // Fields are not copied to short names: where source text is run, a `const` costs more than three reads of one.
      if (this.bus.astray) this.find();
      const header = this.spi.readHeader();
      const next = header[Rsv.NEXT];
      const count = header[Rsv.COUNT];
      const even = count + (count & 1); // an odd frame is followed by an octet of padding
      let end = this.packet + Rsv.LENGTH + even;
      if (end > this.end) end -= this.end + 1;
      length = count - Size.CRC;
      if (
        next !== end ||
        (header[Rsv.STATUS] & Rsv.CHECKED) !== Rsv.OK ||
        count < Size.SHORTEST ||
        count > Size.LONGEST
      ) {
        length = this.refuse(next === end, count, header[Rsv.STATUS]);
      } else if (even > frame.size) {
        length = this.squeeze(frame, length);
      } else {
        // With CRC and padding, so that ERDPT is left at the next header.
        this.spi.readFrame(frame, even);
        if (this.careful === 0 || this.intact === null || this.intact(frame.octets, count)) {
          this.whole = count;
          this.counters.rxFrames++;
        } else {
          // Disturbed on its way, or in the chip's memory: to be read once more.
          this.bus.astray = true;
          length = Next.BROKEN;
        }
      }
      if (length !== Next.BROKEN) {
        this.packet = next;
        this.taken += Rsv.LENGTH + even;
        if (this.taken >= this.releaseAt) this.release();
        this.pending--;
        this.spi.write(Instruction.BFS_ECON2, Econ2.PKTDEC);
      }
    }
    return length;
  }

  /** Not one frame has been taken since initialisation. */
  isFresh(): boolean {
    'cold';
    return this.fresh && this.packet === Memory.ERXST;
  }

  /** Gives what has been taken back to the chip. */
  release(): void {
    // Erratum 14: ERXRDPT must be odd. Headers start at even addresses, so the octet before one is.
    const last = this.packet === Memory.ERXST ? this.end : this.packet - 1;
    if (this.bus.bank !== 0) this.bus.select(0);
    this.spi.write(Instruction.WCR_ERXRDPTL, last & 0xff); // low first: the pair takes effect with the high octet
    this.spi.write(Instruction.WCR_ERXRDPTH, last >> 8);
    if (this.taken > 0) this.fresh = false;
    this.taken = 0;
  }

  /** Lets INT rise again after EIR.RXERIF. */
  clearOverflow(): void {
    'cold';
    this.bus.clearBits(Register.EIR, Interrupt.RXERIF);
    this.bus.clearBits(Register.ESTAT, Estat.BUFER);
  }

  /**
   * Counts what waits. False when the count and the chip's write pointer tell different stories: a PKTDEC too few, and
   * a frame would be handed over twice; one too many, and each frame would wait for the next.
   */
  agrees(): boolean {
    'cold';
    let good = false;
    for (let left: number = Limit.COMPARISONS; !good && left > 0; left--) {
      this.count();
      // After initialisation ERXWRPT does not follow before the first frame is complete (data sheet, section 7.2.1).
      this.bus.select(0);
      const end = this.spi.read(Instruction.RCR_ERXWRPTL) | (this.spi.read(Instruction.RCR_ERXWRPTH) << 8);
      good = (this.pending === 0) === (end === this.packet) || this.isFresh();
    }
    return good;
  }

  /** Asks the chip how many frames wait. Erratum 6: EPKTCNT is reliable, EIR.PKTIF is not. */
  count(): void {
    'inline';
    if (this.bus.bank !== 1) this.bus.select(1);
    this.pending = this.spi.readCount();
    this.releaseAt = this.pending > 1 ? Limit.RELEASE : Limit.RELEASE_IDLE;
  }

  /** Puts ERDPT where the next frame begins. */
  private find(): void {
    'cold';
    this.bus.seek(this.packet);
    this.bus.astray = false;
  }

  /** Decides on a header that is not a good frame's. */
  private refuse(chained: boolean, count: number, status: number): number {
    'cold';
    let result: number = Next.BROKEN;
    this.bus.astray = true;
    if (
      chained &&
      count >= Size.ACCEPTED &&
      count <= Size.LONGEST &&
      (status & Rsv.RESERVED) === 0
    ) {
      // The chip wrote this header. The frame is bad, or shorter than Ethernet allows: 18 to 63 octets get this far.
      this.counters.rxErrors++;
      if (this.statistics !== null) this.statistics.frameDropped(status, count);
      result = Next.SKIPPED;
    }
    return result;
  }

  /** Reads a frame for which `frame` has no room, or room for it but not for its CRC and padding. */
  private squeeze(frame: Frame, length: number): number {
    'cold';
    let result = length;
    this.bus.astray = true;
    this.whole = 0;
    if (length > frame.size) {
      this.counters.rxOversize++;
      result = Next.SKIPPED;
    } else {
      this.spi.readFrame(frame, length);
      this.counters.rxFrames++;
    }
    return result;
  }
}
