import type { Core } from './core';
import { LAST_ADDRESS, hex } from './core';
import { frameCheckSequenceGood } from '../fcs';
import { Erratum } from './errata';
import type { Deafness } from './faults';
import { filtersAccept } from './filters';
import { Econ1, Erxfcon, Estat, Interrupt, Macon1, Macon3, Register } from './registers';
import { isControl, isPause, pauseQuanta, receiveStatus } from './status-vector';

/** Next packet pointer and receive status vector, in front of each frame in the ring (figure 7-3). */
const HEADER_LENGTH = 6;
/** Section 7.2: what is shorter never reaches the filters. */
const SHORTEST_FRAME = 18;
const MOST_PACKETS = 255;
/** Microseconds of the 512 bit times that a pause is counted in. */
const PAUSE_QUANTUM = 51.2;
/** Microseconds of one octet at 10 Mbit/s. */
const OCTET_TIME = 0.8;

/** The receive half: MAC checks, filters, the ring in the Ethernet buffer. Data sheet sections 7.2 and 8. */
export class Receiver {
  /** A pause frame wants the transmitter silent until then, in microseconds of the clock. */
  pausedUntil = 0;
  /** Where the next packet goes. ERXWRPT follows it only when a packet is complete. */
  private writePointer = 0;
  /** The low half of ERXRDPT waits here until the high half is written. */
  private latchedReadPointer = 0;
  /** Microseconds on the clock until which a frame comes in. */
  busyUntil = -1;
  private dropped = false;
  private deafness: Deafness = 'none';
  private misled = false;

  constructor(private readonly core: Core) {
    this.reset();
  }

  /** The whole chip has been reset. */
  reset(): void {
    this.writePointer = this.core.word(Register.ERXSTL);
    this.latchedReadPointer = this.core.values[Register.ERXRDPTL]!;
    this.busyUntil = -1;
    this.pausedUntil = 0;
    this.dropped = false;
    this.deafness = 'none';
  }

  /** ECON1.RXRST: what is on its way in is lost; EPKTCNT and the pointers stay (section 11). */
  abort(): void {
    this.busyUntil = -1;
    if (this.deafness === 'until RXRST') this.deafness = 'none';
  }

  /** The fault that the next packet's header leads astray. */
  mislead(): void {
    this.misled = true;
  }

  /** The fault that reception dies, and what brings it back. */
  deafen(until: Deafness): void {
    this.deafness = until;
  }

  /** ESTAT.RXBUSY. */
  get busy(): boolean {
    return this.core.clock.now < this.busyUntil;
  }

  /** A frame has begun on the wire and will have arrived after `microseconds`. Without this notice RXBUSY stays 0. */
  carrierSensed(microseconds: number): void {
    if (this.core.receiving && this.core.clockReady) this.busyUntil = this.core.clock.now + microseconds;
  }

  /** Section 3.2.1: a write to ERXST or ERXND takes the hidden write pointer to ERXST. */
  ringMoved(): void {
    const { core } = this;
    this.writePointer = core.errata.strikes(Erratum.RING_START) ? 0 : core.word(Register.ERXSTL);
  }

  latchReadPointer(low: number): void {
    this.latchedReadPointer = low;
  }

  /** Section 7.2.4: the write of the high half moves both. */
  moveReadPointer(high: number): void {
    const address = this.latchedReadPointer | ((high << 8) & LAST_ADDRESS);
    this.core.setWord(Register.ERXRDPTL, address);
    this.checkReadPointer();
  }

  /** Strict mode: what must be right whenever ERXRDPT counts. */
  private checkReadPointer(): void {
    const address = this.core.word(Register.ERXRDPTL);
    if ((address & 1) === 0) {
      this.core.violation(
        `ERXRDPT is even (${hex(address, 4)}), which can corrupt the receive ring: write the odd address in front of the next packet (erratum 14).`,
      );
    }
    if (this.core.receiving && !this.core.inRing(address)) this.reportReadPointerOutside(address);
  }

  private reportReadPointerOutside(address: number): void {
    const start = hex(this.core.word(Register.ERXSTL), 4);
    const end = hex(this.core.word(Register.ERXNDL), 4);
    this.core.violation(
      `ERXRDPT is ${hex(address, 4)}, outside the receive ring ${start} to ${end}, so nothing stops an overrun.`,
    );
  }

  /** Strict mode: what must be right when ECON1.RXEN is set. */
  checkEnable(): void {
    const start = this.core.word(Register.ERXSTL);
    if (start !== 0) {
      this.core.violation(
        `ECON1.RXEN was set with ERXST at ${hex(start, 4)}: the receive ring must start at 0x0000 (erratum 5).`,
      );
    }
    if (this.core.word(Register.ERXNDL) <= start) {
      this.core.violation(
        `ECON1.RXEN was set with ERXND at ${hex(this.core.word(Register.ERXNDL), 4)}, not above ERXST at ${hex(start, 4)}.`,
      );
    }
    if (!this.core.has(Register.MACON1, Macon1.MARXEN)) {
      this.core.violation('ECON1.RXEN was set with MACON1.MARXEN clear: the MAC drops every frame.');
    }
    this.checkReadPointer();
  }

  /** Octets that the ring can still take (section 7.2.4). ERXRDPT outside the ring never stops the writer. */
  get freeSpace(): number {
    const { core } = this;
    const start = core.word(Register.ERXSTL);
    const readPointer = core.word(Register.ERXRDPTL);
    if (!core.inRing(readPointer)) return core.ringSize - 1;
    const write = (this.writePointer - start) & LAST_ADDRESS;
    const read = (readPointer - start) & LAST_ADDRESS;
    if (write >= read) return core.ringSize - 1 - (write - read);
    return read - write - 1;
  }

  /** A whole frame, frame check sequence included, comes out of the PHY. */
  arrived(frame: Uint8Array): void {
    const { core } = this;
    if (!this.hears) {
      core.counts.framesUnheard++;
      return;
    }
    const huge = core.has(Register.MACON3, Macon3.HFRMEN);
    if (frame.length < SHORTEST_FRAME || (!huge && frame.length > core.word(Register.MAMXFLL))) {
      core.counts.framesBadLength++;
      return;
    }
    const goodCrc = frameCheckSequenceGood(frame);
    if (isPause(frame) && goodCrc) this.pause(frame);
    if (core.has(Register.ERXFCON, Erxfcon.CRCEN) && !goodCrc) {
      core.counts.framesBadCrc++;
      return;
    }
    const control = isControl(frame) && !core.has(Register.MACON1, Macon1.PASSALL);
    if (control || !filtersAccept(core, frame)) {
      core.counts.framesFiltered++;
      return;
    }
    if (this.checksumInterferes(frame)) return;
    if (this.hasRoom(frame.length)) this.store(frame, goodCrc);
  }

  /** Erratum 17: the frame came in, in part at least, while the DMA made a checksum. */
  private checksumInterferes(frame: Uint8Array): boolean {
    const { core } = this;
    const began = core.clock.now - frame.length * OCTET_TIME;
    if (core.checksumUntil <= began || !core.errata.strikes(Erratum.DMA_CHECKSUM)) return false;
    this.lose();
    core.setStatus(Estat.BUFER);
    return true;
  }

  private lose(): void {
    this.core.counts.framesOverflowed++;
    this.dropped = true;
    this.core.raise(Interrupt.RXER);
  }

  /** RXEN cleared while a frame comes in: that one is still taken. */
  private get hears(): boolean {
    const { core } = this;
    if (!core.clockReady || core.has(Register.ECON1, Econ1.RXRST) || this.deafness !== 'none') return false;
    if (!core.has(Register.MACON1, Macon1.MARXEN)) return false;
    return core.receiving || core.clock.now <= this.busyUntil;
  }

  /** Section 10: only a full-duplex MAC with RXPAUS obeys. */
  private pause(frame: Uint8Array): void {
    const { core } = this;
    if (!core.has(Register.MACON1, Macon1.RXPAUS) || !core.has(Register.MACON3, Macon3.FULDPX)) return;
    this.pausedUntil = core.clock.now + pauseQuanta(frame) * PAUSE_QUANTUM;
  }

  /** The whole packet fits, or none of it stays and the write pointer is where it was. */
  private hasRoom(length: number): boolean {
    const { core } = this;
    const full = core.values[Register.EPKTCNT] === MOST_PACKETS;
    const space = HEADER_LENGTH + length + (length & 1) <= this.freeSpace;
    if (!full && space) return true;
    if (!space) core.setStatus(Estat.BUFER);
    this.deafness = core.faults.afterOverflow;
    this.lose();
    return false;
  }

  private store(frame: Uint8Array, goodCrc: boolean): void {
    const { core } = this;
    const status = receiveStatus(frame, goodCrc, this.dropped);
    const first = this.writePointer;
    let at = first;
    for (let octet = 0; octet < HEADER_LENGTH + frame.length; octet++) {
      if (octet >= HEADER_LENGTH) core.memory[at] = frame[octet - HEADER_LENGTH]!;
      else if (octet >= 2) core.memory[at] = status[octet - 2]!;
      at = core.afterInRing(at);
    }
    if (at & 1) at = core.afterInRing(at);
    const astray = core.faults.happens('nextPointers') || this.misled;
    this.misled = false;
    core.memory[first] = astray ? core.faults.octet() : at & 0xff;
    core.memory[core.afterInRing(first)] = astray ? core.faults.octet() : at >> 8;
    if ((core.word(Register.ERXRDPTL) & 1) === 0 && core.errata.strikes(Erratum.EVEN_POINTER)) {
      core.memory[(first + core.errata.below(HEADER_LENGTH + frame.length)) & LAST_ADDRESS] = core.errata.octet();
    }
    this.writePointer = at;
    this.dropped = false;
    core.setWord(Register.ERXWRPTL, at);
    core.values[Register.EPKTCNT]!++;
    core.counts.framesAccepted++;
    core.updateInterrupt();
  }

  /** ECON2.PKTDEC. */
  packetDone(): void {
    const { core } = this;
    if (core.values[Register.EPKTCNT] === 0) {
      core.violation('ECON2.PKTDEC was set while EPKTCNT is 0: there is no packet to take off the count.');
      return;
    }
    core.values[Register.EPKTCNT]!--;
    core.updateInterrupt();
  }
}
