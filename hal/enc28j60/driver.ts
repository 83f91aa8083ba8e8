import type { EthernetMac, Frame, MacCounters, SpiDevice } from '../hal';
import { Bus, Shadow } from './bus';
import { hashBit } from './hash';
import { identify } from './identity';
import { Memory } from './memory';
import { checkAddress } from './options';
import type { Enc28j60Options } from './options';
import { Next, Receiver } from './receiver';
import { Econ1, Econ2, Instruction, Interrupt, Phy, PhyBit, Register } from './registers';
import { Repair } from './repairs';
import { Place, Settings, reset } from './setup';
import { Transmitter } from './transmitter';
import { Step, Watchdog } from './watchdog';

const enum Limit {
  LOOKS = 8, // looks in one call of `receive`, at frames that have to be dropped or make no sense
  SHORTEST = 14, // octets: an Ethernet header
  LONGEST = 1514,
  GROUPS = 255, // groups that share a bit of the hash table and can still be told apart from none
  CAREFUL = 600, // seconds for which the bus is not trusted after it has shown errors
}

/** For `power`. */
export const enum State {
  RUNNING,
  GONE, // the chip did not take its last initialisation: `linkUp` tries again
  ASLEEP,
}

/**
 * Microchip's ENC28J60, revisions B1 to B7. After construction it allocates nothing but the sentence of an error that
 * it throws. Section numbers are those of the data sheet DS39662, erratum numbers those of DS80349.
 */
export class Enc28j60 implements EthernetMac {
  readonly address = new Uint8Array(6);

  readonly counters: MacCounters = {
    rxFrames: 0,
    rxErrors: 0,
    rxOversize: 0,
    rxOverflows: 0,
    txFrames: 0,
    txErrors: 0,
    recoveries: 0,
  };

  readonly bringsFrames: boolean;

  /** What has been put right since construction, by `Repair`. Counts that wrap at 2^16. */
  readonly repairs = new Uint16Array(Repair.COUNT);

  /** What `linkUp` has last answered, for those who only want to know. */
  link = false;

  /** How many groups are joined, for each of the 64 bits of the hash table (section 8.4). */
  private readonly members = new Uint8Array(64);

  /** Shared by those that read a few octets and use them up before they return. */
  private readonly scratch = new Uint8Array(8);

  /** For the modules that offer choices. */
  state = State.GONE;
  readonly bus: Bus;
  readonly settings: Settings;

  private readonly receiver: Receiver;
  private readonly transmitter: Transmitter;
  private readonly watchdog: Watchdog;

  /** @throws Error when `options.address` cannot be a station's */
  constructor(
    private readonly spi: SpiDevice,
    options: Enc28j60Options,
  ) {
    const address = options.address;
    checkAddress(address);
    this.address.set(address);
    this.bringsFrames = spi.bringsFrames === true;
    const two = options.twoFrames === true;
    const statistics = options.statistics || null;
    const scratch = this.scratch;
    const counters = this.counters;
    const bus = new Bus(spi);
    this.bus = bus;
    this.settings = new Settings(bus, address, options.fullDuplex === true, two);
    const end = two ? Memory.TWO_ERXND : Memory.ERXND;
    this.receiver = new Receiver(bus, spi, counters, end, options.intact || null, statistics);
    if (options.careful === true) this.receiver.careful = -1;
    this.transmitter = new Transmitter(bus, spi, scratch, counters, this.repairs, statistics, two);
    this.watchdog = new Watchdog(counters);
  }

  /** Takes about 2 ms. Groups joined before stay joined. */
  open(): void {
    'cold';
    const counters = this.counters;
    reset(this.bus);
    identify(this.bus, this.scratch);
    this.start();
    for (const name in counters) counters[name as keyof MacCounters] = 0;
  }

  mayReceive(): boolean {
    'inline';
    return this.state === State.RUNNING && (this.spi.interrupted() || this.receiver.pending > 0);
  }

  receive(frame: Frame): number {
    'inline';
    const length = this.receiver.next(frame);
    return length > 0 ? length : this.attend(frame, length);
  }

  sound(frame: Frame): boolean {
    const receiver = this.receiver;
    const good = receiver.intact === null || receiver.whole === 0 || receiver.intact(frame.octets, receiver.whole);
    if (!good) this.frameDisturbed();
    return good;
  }

  send(frame: Uint8Array, length: number): boolean {
    'cold';
    if (length > frame.length) this.rejectLength();
    return this.sendParts(frame, length, frame, 0, 0);
  }

  /** While the chip sleeps or is gone, frames are lost as they are without a cable. */
  sendParts(frame: Uint8Array, length: number, data: Uint8Array, offset: number, count: number): boolean {
    if (!(length >= Limit.SHORTEST && length + count <= Limit.LONGEST)) this.rejectLength();
    if (this.state !== State.RUNNING) return this.dropUnsent();
    return this.transmitter.send(frame, length, data, offset, count);
  }

  /**
   * False once also for a link that has been down since the last call and is up again. Finds out whether the chip has lost
   * its setup, its thread or its hearing, and puts that right.
   */
  linkUp(): boolean {
    'cold';
    let up = false;
    if (this.state !== State.ASLEEP) {
      this.bus.distrust();
      this.transmitter.start = Shadow.UNKNOWN;
      if (this.receiver.careful > 0) this.receiver.careful--;
      if (this.transmitter.hopeless()) this.revive(Repair.TRANSMITTER);
      else if (!this.settings.holds()) this.revive(Repair.REGISTERS);
      else if (this.state === State.GONE) {
        this.state = State.RUNNING;
        this.noteRepair(Repair.REGISTERS);
      }
      if (this.state === State.RUNNING) {
        up = this.linkHeld() || (!this.link && this.linkHeld());
        this.watchOver(up);
      }
    }
    this.link = up;
    return up;
  }

  /**
   * Counts joins: a group that was joined twice has to be left twice. Other groups with the same hash may be received
   * too (section 8.4).
   * @throws Error when `group` is not a multicast address
   */
  multicast(group: Uint8Array, join: boolean): void {
    'cold';
    if (group.length !== 6 || (group[0] & 1) === 0) {
      throw new Error('ENC28J60: a group must have six octets and bit 0 of the first one set.');
    }
    const hash = hashBit(group);
    const members = this.members;
    if (join && members[hash] < Limit.GROUPS) members[hash]++;
    if (!join && members[hash] > 0) members[hash]--;
    let octet = 0;
    for (let bit = 0; bit < 8; bit++) if (members[(hash & 56) | bit] !== 0) octet |= 1 << bit;
    this.settings.changeSetting((Register.EHT0 + (hash >> 3)) as Register, octet);
  }

  /** Takes about 2 ms, also when the chip does not answer any more. */
  recover(): void {
    this.revive(Repair.REQUEST);
  }

  /** A frame was disturbed on its way over the bus, and is lost; from now on such a one is noticed in time to read it again. */
  private frameDisturbed(): void {
    'cold';
    this.counters.rxFrames--;
    this.counters.rxErrors++;
    if (this.receiver.careful >= 0) this.receiver.careful = Limit.CAREFUL;
  }

  private start(): void {
    'cold';
    this.settings.setUp();
    this.receiver.restart();
    this.transmitter.restart();
    this.bus.setBits(Register.ECON1, Econ1.RXEN);
    // A chip that does not hold its settings now is left alone until `linkUp`.
    this.state = this.settings.allHold() ? State.RUNNING : State.GONE;
  }

  /** Resets the chip and initialises it again. Counted once the chip has taken it. */
  private revive(cause: Repair): void {
    'cold';
    reset(this.bus);
    this.start();
    if (this.state === State.RUNNING) this.noteRepair(cause);
  }

  /** Resets the receive logic and empties the ring; the link and what is being sent are left alone. */
  private resetReception(cause: Repair): void {
    'cold';
    const bus = this.bus;
    const inVain = cause === Repair.CHAIN && this.receiver.isFresh(); // this was done before, and not one frame was good
    bus.setBits(Register.ECON1, Econ1.RXRST);
    for (let left = bus.read(Register.EPKTCNT); left > 0; left--) bus.setBits(Register.ECON2, Econ2.PKTDEC);
    bus.clearBits(Register.ECON1, Econ1.RXRST);
    this.settings.loadSettings(Place.RING_END);
    this.receiver.restart();
    this.receiver.clearOverflow();
    if (inVain || bus.read(Register.EPKTCNT) !== 0) {
      this.revive(cause);
    } else {
      bus.setBits(Register.ECON1, Econ1.RXEN);
      this.noteRepair(cause);
    }
  }

  private noteRepair(cause: Repair): void {
    'cold';
    this.counters.recoveries++;
    this.repairs[cause]++;
    if (cause <= Repair.POINTERS && this.receiver.careful >= 0) this.receiver.careful = Limit.CAREFUL;
  }

  /** LLSTAT: the link is up, and has been since the last look. */
  private linkHeld(): boolean {
    'inline';
    return (this.bus.phyRead(Phy.PHSTAT1) & PhyBit.LLSTAT) !== 0;
  }

  /** Looks for a chip that has lost count, or hears nothing any more. */
  private watchOver(linked: boolean): void {
    const receiver = this.receiver;
    receiver.release();
    if (!receiver.agrees()) this.resetReception(Repair.POINTERS);
    else if (receiver.pending > 0 && !this.spi.interrupted()) this.repairs[Repair.INTERRUPT]++; // taken all the same
    const step = this.watchdog.lookAround(linked);
    if (step === Step.RECEPTION) this.resetReception(this.watchdog.cause);
    else if (step === Step.EVERYTHING) this.revive(this.watchdog.cause);
  }

  /** What `receive` does when the next frame was not a good one. */
  private attend(frame: Frame, result: number): number {
    'cold';
    for (let looks = Limit.LOOKS - 1; result < 0 && looks > 0; looks--) result = this.receiver.next(frame);
    if (result === Next.BROKEN) {
      this.counters.rxErrors++;
      this.resetReception(Repair.CHAIN);
    } else if (result === Next.NONE) {
      // INT is low and EPKTCNT is 0: one of these flags, a late PKTIF, or there is no INT pin.
      const flags = this.spi.read(Instruction.RCR_EIR) & Interrupt.ERRORS;
      if (flags !== 0) this.treat(flags);
    } else if (result === Next.SKIPPED) {
      this.treat(0); // more wait
    }
    return result > 0 ? result : 0;
  }

  /** Deals with errors, if any. INTIE goes off meanwhile: what happens now makes INT fall again, for those who wait for edges. */
  private treat(flags: number): void {
    'cold';
    this.bus.clearBits(Register.EIE, Interrupt.INTIE);
    if ((flags & Interrupt.TXERIF) !== 0) this.transmitter.failed(false);
    if ((flags & Interrupt.RXERIF) !== 0) {
      this.counters.rxOverflows++;
      this.receiver.release();
      this.receiver.clearOverflow();
      this.watchdog.sawOverflow();
    }
    this.bus.setBits(Register.EIE, Interrupt.INTIE);
  }

  private dropUnsent(): boolean {
    'cold';
    this.counters.txErrors++;
    return true;
  }

  private rejectLength(): never {
    'cold';
    throw new Error('ENC28J60: a frame to send must have 14 to 1514 octets, and not more than its buffer.');
  }
}
