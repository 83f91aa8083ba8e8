import type { Core } from './core';
import { LAST_ADDRESS, hex } from './core';
import type { DmaModule } from './dma';
import { Erratum } from './errata';
import type { MacAccess } from './mac-access';
import type { MiiModule } from './mii';
import type { PhyModule } from './phy';
import type { Receiver } from './receive';
import { Econ1, Econ2, Estat, Interrupt, Macon3, REGISTERS, Register, registerAt } from './registers';
import type { SelfTest } from './self-test';
import type { Transmitter } from './transmit';

/** The instructions that change a control register. */
export type WriteInstruction = 'WCR' | 'BFS' | 'BFC';

export interface Modules {
  readonly mac: MacAccess;
  readonly phy: PhyModule;
  readonly mii: MiiModule;
  readonly receiver: Receiver;
  readonly transmitter: Transmitter;
  readonly dma: DmaModule;
  readonly selfTest: SelfTest;
}

/** Section 7.1: not to be changed while TXRTS is set. */
const TRANSMIT_REGISTERS: ReadonlySet<number> = new Set([
  Register.ETXSTL,
  Register.ETXSTH,
  Register.ETXNDL,
  Register.ETXNDH,
  Register.MACON3,
  Register.MACON4,
  Register.MABBIPG,
  Register.MAIPGL,
  Register.MAIPGH,
  Register.MACLCON1,
  Register.MACLCON2,
  Register.MAMXFLL,
  Register.MAMXFLH,
]);

/** EFLOCON's read-only shadow of MACON3.FULDPX (register 10-1). */
const FULDPXS = 0x04;

const DUPLEX_MISMATCH = 'MACON3.FULDPX and PHCON1.PDPXMD differ: both ends of the MII must have the same duplex mode';

/** The host's side of the control registers: what reading and writing each one does. */
export class ControlRegisters {
  constructor(
    private readonly core: Core,
    private readonly modules: Modules,
  ) {}

  /** The register that `address` means in the selected bank. */
  select(address: number): number {
    return registerAt(this.core.values[Register.ECON1]! & Econ1.BSEL, address);
  }

  /** MAC and MII registers answer one octet late (section 4.2.1). */
  needsDummy(register: number): boolean {
    return REGISTERS[register]!.group !== 'ETH';
  }

  /** A register as it stands, without a driver's having asked. */
  peek(register: number): number {
    const { core, modules } = this;
    if (register === Register.EIR) return core.eir;
    if (register === Register.ESTAT) return this.status;
    if (register === Register.MISTAT) return modules.mii.status;
    if (register === Register.EFLOCON) return core.values[register]! | (this.fullDuplex ? FULDPXS : 0);
    return core.values[register]!;
  }

  private get fullDuplex(): boolean {
    return this.core.has(Register.MACON3, Macon3.FULDPX);
  }

  private get status(): number {
    const { core } = this;
    return (
      core.values[Register.ESTAT]! |
      (core.interruptPending ? Estat.INT : 0) |
      (this.modules.receiver.busy ? Estat.RXBUSY : 0) |
      (core.clockReady ? Estat.CLKRDY : 0)
    );
  }

  /** What RCR gets. */
  read(register: number): number {
    const info = REGISTERS[register]!;
    if (!info.exists) this.core.violation(`RCR of ${info.name}, which is reserved or not implemented.`);
    if (info.group !== 'ETH' && !this.modules.mac.works(register, 'read')) return this.modules.mac.noise;
    if (register === Register.EIR && this.core.errata.strikes(Erratum.PKTIF)) return this.core.eir & ~Interrupt.PKT;
    if (register === Register.MIRDL || register === Register.MIRDH) this.modules.mii.checkIdle(info.name, 'read');
    return this.peek(register);
  }

  write(register: number, data: number, instruction: WriteInstruction): void {
    const { core } = this;
    const info = REGISTERS[register]!;
    if (!info.exists) {
      core.violation(`${instruction} of ${info.name} with ${hex(data)}, which is reserved or not implemented.`);
      return;
    }
    if (info.writable === 0) {
      core.violation(`${instruction} of ${info.name} with ${hex(data)}, but it is read-only.`);
      return;
    }
    if (info.group !== 'ETH') {
      if (!this.modules.mac.works(register, 'written')) return;
      if (instruction !== 'WCR') {
        core.violation(
          `${instruction} of ${info.name} with ${hex(data)}: the bit field instructions are for ETH registers only, use WCR.`,
        );
      }
    }
    const before = core.values[register]!;
    const wanted = instruction === 'WCR' ? data : instruction === 'BFS' ? before | data : before & ~data;
    if (instruction === 'BFS') this.checkSet(register, data);
    this.checkPointerRange(register, data, instruction);
    this.checkInUse(register, wanted);
    const kept = before & ~info.writable;
    const settable = wanted & info.writable & ~info.clearOnly;
    const cleared = before & wanted & info.clearOnly;
    this.apply(register, before, kept | settable | cleared);
  }

  private checkSet(register: number, data: number): void {
    const info = REGISTERS[register]!;
    const impossible = data & (info.clearOnly | (info.implemented & ~info.writable));
    if (impossible) {
      this.core.violation(`BFS of ${info.name} with ${hex(data)}: the host cannot set bits ${hex(impossible)}.`);
    }
  }

  /** Strict mode: a buffer address has 13 bits. */
  private checkPointerRange(register: number, data: number, instruction: WriteInstruction): void {
    const info = REGISTERS[register]!;
    if (instruction === 'BFC' || info.implemented !== LAST_ADDRESS >> 8 || !info.name.endsWith('H')) return;
    if (data & ~info.implemented) {
      this.core.violation(
        `${info.name} was written with ${hex(data)}: only bits 4:0 exist, the highest address is ${hex(LAST_ADDRESS, 4)}.`,
      );
    }
  }

  /** Strict mode: registers that something is working from. */
  private checkInUse(register: number, value: number): void {
    const { core, modules } = this;
    const { name } = REGISTERS[register]!;
    if (TRANSMIT_REGISTERS.has(register) && core.has(Register.ECON1, Econ1.TXRTS)) {
      core.violation(`${name} was written with ${hex(value)} while ECON1.TXRTS is set: wait until the frame has gone.`);
    }
    if (register >= Register.EDMASTL && register <= Register.EDMADSTH && core.has(Register.ECON1, Econ1.DMAST)) {
      core.violation(`${name} was written with ${hex(value)} while ECON1.DMAST is set: wait until the DMA is done.`);
    }
    if (register >= Register.ERXSTL && register <= Register.ERXNDH && core.receiving) {
      core.violation(
        `${name} was written with ${hex(value)} while ECON1.RXEN is set: the receive ring may move only while reception is off.`,
      );
    }
    if (register === Register.MACON3 && core.receiving && (core.values[register]! ^ value) & Macon3.FULDPX) {
      core.violation(
        `MACON3.FULDPX was changed while ECON1.RXEN is set: the duplex mode may change only while reception is off.`,
      );
    }
    if (register === Register.MIREGADR || register === Register.MIWRL) modules.mii.checkIdle(name, 'written');
  }

  /** Stores the value and does what follows from it. */
  private apply(register: number, before: number, after: number): void {
    const { core, modules } = this;
    if (register === Register.ERXRDPTL) {
      modules.receiver.latchReadPointer(after);
      return;
    }
    if (register === Register.ERXRDPTH) {
      modules.receiver.moveReadPointer(after);
      return;
    }
    core.values[register] = after;
    if (register === Register.ECON1) this.control1(before, after);
    else if (register === Register.ECON2) this.control2(before, after);
    else if (register === Register.EIE || register === Register.EIR) core.updateInterrupt();
    else if (register >= Register.ERXSTL && register <= Register.ERXNDH) modules.receiver.ringMoved();
    else if (register === Register.MICMD) modules.mii.command(before, after);
    else if (register === Register.MIWRH) modules.mii.write();
    else if (register === Register.EBSTCON) modules.selfTest.control(before, after);
  }

  private control1(before: number, after: number): void {
    this.receiveBits(before, after);
    this.transmitBits(before, after);
    this.dmaBits(before, after);
  }

  private receiveBits(before: number, after: number): void {
    const { core, modules } = this;
    const risen = after & ~before;
    if (after & Econ1.RXRST) {
      if (risen & Econ1.RXEN) core.violation('ECON1.RXEN was set while ECON1.RXRST is set: clear RXRST first.');
      core.values[Register.ECON1]! &= ~Econ1.RXEN;
      modules.receiver.abort();
      return;
    }
    if (!(risen & Econ1.RXEN)) return;
    if (!this.ready('RXEN')) {
      core.values[Register.ECON1]! &= ~Econ1.RXEN;
      return;
    }
    modules.receiver.checkEnable();
    this.checkDuplex('RXEN');
  }

  private transmitBits(before: number, after: number): void {
    const { core, modules } = this;
    const risen = after & ~before;
    if (after & Econ1.TXRST) {
      if (risen & Econ1.TXRTS) core.violation('ECON1.TXRTS was set while ECON1.TXRST is set: clear TXRST first.');
      modules.transmitter.resetLogic();
      core.values[Register.ECON1]! &= ~Econ1.TXRTS;
      if (before & Econ1.TXRTS) core.raise(Interrupt.TX);
      return;
    }
    if (before & Econ1.TXRST) modules.transmitter.released();
    if (risen & Econ1.TXRTS) {
      if (!this.ready('TXRTS')) {
        core.values[Register.ECON1]! &= ~Econ1.TXRTS;
        return;
      }
      this.checkDuplex('TXRTS');
      modules.transmitter.start();
    } else if (before & ~after & Econ1.TXRTS) {
      modules.transmitter.cancel();
    }
  }

  private dmaBits(before: number, after: number): void {
    const { core, modules } = this;
    if (before & after & Econ1.DMAST && (before ^ after) & Econ1.CSUMEN) {
      core.violation('ECON1.CSUMEN was changed while ECON1.DMAST is set: wait until the DMA is done.');
    }
    if (after & ~before & Econ1.DMAST) modules.dma.start();
    else if (before & ~after & Econ1.DMAST) modules.dma.cancel();
  }

  /** Section 2.2 and erratum 2: neither direction may start before the clock runs. */
  private ready(bit: 'RXEN' | 'TXRTS'): boolean {
    const reason = this.core.notReady;
    if (reason) this.core.violation(`ECON1.${bit} was set ${reason}.`);
    return this.core.clockReady;
  }

  private checkDuplex(bit: 'RXEN' | 'TXRTS'): void {
    if (this.fullDuplex === this.modules.phy.fullDuplex) return;
    this.core.violation(`ECON1.${bit} was set while ${DUPLEX_MISMATCH} (section 9).`);
  }

  private control2(before: number, after: number): void {
    const { core, modules } = this;
    if (after & Econ2.PKTDEC) {
      core.values[Register.ECON2]! &= ~Econ2.PKTDEC;
      modules.receiver.packetDone();
    }
    if (after & ~before & Econ2.PWRSV) {
      this.checkSleep();
      modules.mii.reset();
      modules.phy.update();
    } else if (before & ~after & Econ2.PWRSV) {
      core.startOscillator();
      modules.phy.start();
    }
  }

  /** Section 14: the order in which to fall asleep. */
  private checkSleep(): void {
    const { core, modules } = this;
    if (core.receiving) core.violation('ECON2.PWRSV was set while ECON1.RXEN is set: switch reception off first.');
    if (modules.receiver.busy) {
      core.violation('ECON2.PWRSV was set while ESTAT.RXBUSY is set: wait until the frame is in.');
    }
    if (core.has(Register.ECON1, Econ1.TXRTS)) {
      core.violation('ECON2.PWRSV was set while ECON1.TXRTS is set: wait until the frame has gone.');
    }
  }
}
