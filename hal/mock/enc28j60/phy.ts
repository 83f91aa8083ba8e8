import type { Core } from './core';
import { hex } from './core';
import { Erratum } from './errata';
import { lit } from './led';

/** Addresses of the PHY registers (data sheet table 3-3). */
export const enum Phy {
  PHCON1 = 0x00,
  PHSTAT1 = 0x01,
  PHID1 = 0x02,
  PHID2 = 0x03,
  PHCON2 = 0x10,
  PHSTAT2 = 0x11,
  PHIE = 0x12,
  PHIR = 0x13,
  PHLCON = 0x14,
}

const enum Phcon1 {
  PRST = 0x8000,
  PLOOPBK = 0x4000,
  PPWRSV = 0x0800,
  PDPXMD = 0x0100,
}

const enum Phstat1 {
  PFDPX_PHDPX = 0x1800,
  LLSTAT = 0x0004,
}

const enum Phcon2 {
  FRCLNK = 0x4000,
  TXDIS = 0x2000,
  HDLDIS = 0x0100,
}

const enum Phstat2 {
  TXSTAT = 0x2000,
  RXSTAT = 0x1000,
  COLSTAT = 0x0800,
  LSTAT = 0x0400,
  DPXSTAT = 0x0200,
}

const enum Phie {
  PLNKIE = 0x0010,
  PGEIE = 0x0002,
}

const enum Phir {
  PLNKIF = 0x0010,
  PGIF = 0x0004,
}

interface PhyRegisterInfo {
  readonly name: string;
  readonly reset: number;
  /** Bits that the host can change; 0: read-only. */
  readonly writable: number;
}

const PHY_REGISTERS = new Map<number, PhyRegisterInfo>([
  [Phy.PHCON1, { name: 'PHCON1', reset: 0x0000, writable: 0x4900 }],
  [Phy.PHSTAT1, { name: 'PHSTAT1', reset: 0x1800, writable: 0 }],
  [Phy.PHID1, { name: 'PHID1', reset: 0x0083, writable: 0 }],
  [Phy.PHID2, { name: 'PHID2', reset: 0x1400, writable: 0 }],
  [Phy.PHCON2, { name: 'PHCON2', reset: 0x0000, writable: 0x6500 }],
  [Phy.PHSTAT2, { name: 'PHSTAT2', reset: 0x0000, writable: 0 }],
  [Phy.PHIE, { name: 'PHIE', reset: 0x0000, writable: 0x0012 }],
  [Phy.PHIR, { name: 'PHIR', reset: 0x0000, writable: 0 }],
  [Phy.PHLCON, { name: 'PHLCON', reset: 0x3422, writable: 0x3ffe }],
]);

/** PHLCON bits 13:12 must be written as ones. */
const PHLCON_ONES = 0x3000;
const REGISTER_COUNT = 0x20;
/** Microseconds that PRST stays set. The data sheet gives no figure. */
const RESET_TIME = 50;
/** Microseconds from the start of the PHY to a link. The data sheet says "many milliseconds". */
const LINK_TIME = 20000;

/** The 10BASE-T PHY: its nine registers, the link and the link interrupt (data sheet sections 3.3, 9 and 12.1.5). */
export class PhyModule {
  /** PHSTAT2.LSTAT: the link as it is. */
  linkUp = false;
  /** Set by the transmitter and the receiver: PHSTAT2.TXSTAT, RXSTAT and COLSTAT. */
  activity: () => { transmitting: boolean; receiving: boolean; colliding: boolean } = () => ({
    transmitting: false,
    receiving: false,
    colliding: false,
  });
  private readonly values = new Uint16Array(REGISTER_COUNT);
  /** PHSTAT1.LLSTAT latches low here until it is read. */
  private linkFailed = true;
  private cableUp = false;
  private resetUntil = 0;
  private settledAt = 0;

  constructor(
    private readonly core: Core,
    private readonly ledBStrap: boolean,
  ) {
    this.reset();
  }

  /** All registers to their reset values; the link has to be found again. */
  reset(): void {
    for (const [address, info] of PHY_REGISTERS) this.values[address] = info.reset;
    const misread = this.core.errata.strikes(Erratum.LED_POLARITY);
    if (this.ledBStrap !== misread) this.values[Phy.PHCON1] = Phcon1.PDPXMD;
    this.linkUp = false;
    this.linkFailed = true;
    this.start();
    this.updateInterrupt();
  }

  /** Power is back: the link needs its time. */
  start(): void {
    this.settledAt = this.core.clock.now + LINK_TIME;
    this.core.clock.after(LINK_TIME, () => this.update());
    this.update();
  }

  cable(up: boolean): void {
    this.cableUp = up;
    this.update();
  }

  /** Works the link out again. Called whenever something that it hangs on has changed. */
  update(): void {
    const forced = this.has(Phy.PHCON2, Phcon2.FRCLNK);
    const { asleep, heldInReset, unpowered } = this.core;
    const running = !asleep && !heldInReset && !unpowered && !this.has(Phy.PHCON1, Phcon1.PPWRSV);
    const found = this.cableUp && this.core.clock.now >= this.settledAt;
    const up = running && (forced || found);
    if (up === this.linkUp) return;
    this.linkUp = up;
    if (!up) this.linkFailed = true;
    this.values[Phy.PHIR]! |= Phir.PLNKIF;
    this.updateInterrupt();
  }

  /** PHCON1.PDPXMD. */
  get fullDuplex(): boolean {
    return this.has(Phy.PHCON1, Phcon1.PDPXMD);
  }

  /** What the MAC sends comes back to it: always with PLOOPBK, in half duplex unless HDLDIS forbids it. */
  get loopsBack(): boolean {
    return this.isolated || (!this.fullDuplex && !this.has(Phy.PHCON2, Phcon2.HDLDIS));
  }

  /** PHCON1.PLOOPBK: nothing goes out to the cable and nothing comes in. */
  get isolated(): boolean {
    return this.has(Phy.PHCON1, Phcon1.PLOOPBK);
  }

  /** Frames reach the cable. */
  get drivesCable(): boolean {
    return this.hearsCable && !this.has(Phy.PHCON2, Phcon2.TXDIS);
  }

  get hearsCable(): boolean {
    return this.cableUp && !this.isolated && !this.has(Phy.PHCON1, Phcon1.PPWRSV);
  }

  /** True while LEDA or LEDB is lit. */
  led(which: 'A' | 'B'): boolean {
    const code = (this.values[Phy.PHLCON]! >> (which === 'A' ? 8 : 4)) & 0xf;
    return lit(code, { ...this.activity(), linked: this.linkUp, fullDuplex: this.fullDuplex }, this.core.errata);
  }

  /** A register as it stands, without what reading it does. */
  peek(address: number): number {
    const resetting = this.core.clock.now < this.resetUntil;
    if (address === Phy.PHCON1) return this.values[Phy.PHCON1]! | (resetting ? Phcon1.PRST : 0);
    if (address === Phy.PHSTAT1) return Phstat1.PFDPX_PHDPX | (this.linkFailed ? 0 : Phstat1.LLSTAT);
    if (address === Phy.PHSTAT2) return this.status2;
    if (address === Phy.PHIR) return this.values[Phy.PHIR]! | (this.requests ? Phir.PGIF : 0);
    return PHY_REGISTERS.has(address) ? this.values[address]! : 0;
  }

  /** A read through the MII: PHSTAT1 lets LLSTAT go, PHIR clears its flags. */
  read(address: number): number {
    const value = this.peek(address);
    if (address === Phy.PHSTAT1) this.linkFailed = !this.linkUp;
    if (address === Phy.PHIR) {
      this.values[Phy.PHIR] = 0;
      this.updateInterrupt();
    }
    return value;
  }

  write(address: number, value: number): void {
    const info = PHY_REGISTERS.get(address);
    if (!info) {
      this.core.violation(
        `PHY register ${hex(address)} was written with ${hex(value, 4)}, but there is none at that address.`,
      );
      return;
    }
    if (info.writable === 0) {
      this.core.violation(`${info.name} was written with ${hex(value, 4)}, but it is read-only.`);
      return;
    }
    if (address === Phy.PHLCON && (value & PHLCON_ONES) !== PHLCON_ONES) {
      this.core.violation(
        `PHLCON was written with ${hex(value, 4)}: bits 13 and 12 must be ones, as in ${hex(value | PHLCON_ONES, 4)}.`,
      );
    }
    const wasOff = this.has(Phy.PHCON1, Phcon1.PPWRSV);
    if (address === Phy.PHCON1 && value & Phcon1.PRST) {
      this.resetUntil = this.core.clock.now + RESET_TIME;
      this.reset();
      return;
    }
    this.values[address] = value & info.writable;
    if (wasOff && !this.has(Phy.PHCON1, Phcon1.PPWRSV)) this.start();
    this.update();
    this.updateInterrupt();
  }

  private get status2(): number {
    const { transmitting, receiving, colliding } = this.activity();
    return (
      (transmitting ? Phstat2.TXSTAT : 0) |
      (receiving ? Phstat2.RXSTAT : 0) |
      (colliding ? Phstat2.COLSTAT : 0) |
      (this.linkUp ? Phstat2.LSTAT : 0) |
      (this.fullDuplex ? Phstat2.DPXSTAT : 0)
    );
  }

  private get requests(): boolean {
    return this.has(Phy.PHIR, Phir.PLNKIF) && this.has(Phy.PHIE, Phie.PLNKIE);
  }

  /** EIR.LINKIF: needs both enables, unlike the other flags. */
  private updateInterrupt(): void {
    this.core.linkInterrupt = this.requests && this.has(Phy.PHIE, Phie.PGEIE);
    this.core.updateInterrupt();
  }

  private has(address: Phy, bits: number): boolean {
    return (this.values[address]! & bits) !== 0;
  }
}
