// Power save (data sheet, chapter 14). Costs a board nothing unless it calls these.

import type { Bus } from './bus';
import { State } from './driver';
import type { Enc28j60 } from './driver';
import { Econ1, Econ2, Estat, Register } from './registers';
import { waitForOst } from './setup';

const enum Idle {
  POLLS = 20,
  STEP = 100, // microseconds between them: a frame of full size takes 1230
}

/** True while a frame comes in or goes out. */
function onWire(bus: Bus): boolean {
  'cold';
  return (bus.read(Register.ESTAT) & Estat.RXBUSY) !== 0 || (bus.read(Register.ECON1) & Econ1.TXRTS) !== 0;
}

/**
 * Puts the chip to sleep (14.1): no link, nothing received, frames to send are lost. Frames not yet taken stay. Waits
 * 2 ms at most for what is on the wire.
 */
export function fallAsleep(driver: Enc28j60): void {
  'cold';
  const bus = driver.bus;
  driver.state = State.ASLEEP;
  driver.link = false;
  bus.clearBits(Register.ECON1, Econ1.RXEN);
  for (let polls: number = Idle.POLLS; polls > 0 && onWire(bus); polls--) bus.spi.wait(Idle.STEP);
  bus.setBits(Register.ECON2, Econ2.VRPS);
  bus.setBits(Register.ECON2, Econ2.PWRSV);
}

/** Ends that (14.2). The link takes some more milliseconds. */
export function wakeUp(driver: Enc28j60): void {
  'cold';
  if (driver.state !== State.ASLEEP) return;
  const bus = driver.bus;
  driver.state = State.RUNNING;
  bus.clearBits(Register.ECON2, Econ2.PWRSV | Econ2.VRPS);
  waitForOst(bus);
  bus.setBits(Register.ECON1, Econ1.RXEN);
}
