import { Enc28j60 } from '../../../hal/enc28j60/driver';
import type { Enc28j60Options } from '../../../hal/enc28j60/options';
import { VirtualClock } from '../../../hal/mock/clock';
import { Enc28j60Chip } from '../../../hal/mock/enc28j60/chip';
import { ChipSpi } from '../../../hal/mock/enc28j60/spi-device';
import { FCS_LENGTH, appendFrameCheckSequence } from '../../../hal/mock/fcs';
import type { SeededRandom } from '../../../hal/mock/random';
import { into, taken } from '../into';

export const ADDRESS = new Uint8Array([0x02, 0x00, 0x00, 0x12, 0x34, 0x56]);
export const BROADCAST = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);

export interface RigOptions extends Partial<Enc28j60Options> {
  revision?: 'B1' | 'B4' | 'B5' | 'B7';
  interruptPin?: boolean;
  resetPin?: boolean;
  /** The cable is not plugged in. */
  unplugged?: boolean;
}

/** The driver on a simulated chip in strict mode, and a cable whose other end the test holds. */
export class Rig {
  readonly clock = new VirtualClock();
  readonly chip: Enc28j60Chip;
  readonly driver: Enc28j60;

  /** Frames that have come out of the chip, check sequence included. */
  readonly sent: Uint8Array[] = [];

  /** Microseconds that a frame takes on the wire; the time of its bits when 0. */
  wireTime = 0;

  constructor(options: RigOptions = {}) {
    this.chip = new Enc28j60Chip(this.clock, { revision: options.revision ?? 'B7', strict: true });
    const spi = new ChipSpi(this.chip, {
      interruptPin: options.interruptPin ?? true,
      resetPin: options.resetPin ?? true,
    });
    this.driver = new Enc28j60(spi, { address: ADDRESS, ...options });
    if (!options.unplugged) {
      this.chip.plug({
        up: true,
        transmit: (frame) => {
          this.sent.push(frame.slice());
          return this.wireTime || (8 + frame.length) * 0.8;
        },
      });
    }
    this.clock.advance(1000);
  }

  /** Opened, with a link. */
  static opened(options: RigOptions = {}): Rig {
    const rig = new Rig(options);
    rig.driver.open();
    rig.clock.advance(50000);
    return rig;
  }

  /** `frame`, without check sequence, arrives with a good one. */
  arrives(frame: Uint8Array): void {
    const whole = new Uint8Array(frame.length + FCS_LENGTH);
    whole.set(frame);
    appendFrameCheckSequence(whole, frame.length);
    this.chip.frameArrived(whole);
  }

  /** The next frame that the driver hands over, or undefined. The buffer has `room` octets. */
  received(room = 1514): Uint8Array | undefined {
    const buffer = new Uint8Array(room);
    const length = taken(this.driver, into(buffer));
    return length === 0 ? undefined : buffer.slice(0, length);
  }

  /** SPI instructions that `action` costs. */
  cost(action: () => void): number {
    const before = this.chip.counts.spiTransactions;
    action();
    return this.chip.counts.spiTransactions - before;
  }
}

/** A frame of `length` octets without check sequence, with random contents, to `destination`. */
export function frameOf(random: SeededRandom, length: number, destination = ADDRESS): Uint8Array {
  const frame = new Uint8Array(length);
  for (let at = 0; at < length; at++) frame[at] = random.below(256);
  frame.set(destination);
  frame[12] = 0x08;
  frame[13] = 0x00;
  return frame;
}
