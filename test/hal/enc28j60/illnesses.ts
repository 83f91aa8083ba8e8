import { Repair } from '../../../hal/enc28j60/repairs';
import type { VirtualClock } from '../../../hal/mock/clock';
import type { Enc28j60Chip } from '../../../hal/mock/enc28j60/chip';
import type { SeededRandom } from '../../../hal/mock/random';
import type { WardOptions } from './ward';

/** A chip with a driver and traffic. */
export interface Patient {
  readonly chip: Enc28j60Chip;
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  /** The host is busy elsewhere: it does not poll. */
  asleep: boolean;
  /** Lets `milliseconds` pass. */
  run(milliseconds: number): void;
  /** A peer sends `count` frames of `length` octets back to back. */
  flood(count: number, length: number): void;
}

/** Something that goes wrong with a chip for a time. */
export interface Illness {
  name: string;
  /** Lets it happen and end. */
  strike(ward: Patient): void;
  /** Under which of `Repair` it may be counted, once at least; empty: there is nothing to repair. */
  causes: Repair[];
  options?: Partial<WardOptions>;
  /** The bus itself is disturbed, so that the chip hears what the driver never said. */
  breaksRules?: boolean;
}

function disturbed(line: 'miso' | 'mosi'): (ward: Patient) => void {
  return (ward) => {
    ward.chip.faults.rates[line] = 1 / (100 + ward.random.below(1000));
    ward.run(500 + ward.random.below(2000));
    ward.chip.faults.end();
  };
}

function overflow(deafness: 'none' | 'until RXRST' | 'until reset'): (ward: Patient) => void {
  return (ward) => {
    ward.chip.faults.afterOverflow = deafness;
    ward.asleep = true;
    ward.flood(8 + ward.random.below(300), 60 + ward.random.below(1455));
    while (ward.chip.counts.framesOverflowed === 0) ward.flood(1, 1000);
    ward.chip.faults.end();
    ward.asleep = false;
  };
}

function collisions(rate: 'collisions' | 'lateCollisions' | 'excessiveCollisions' | 'stuck', most: number): (ward: Patient) => void {
  return (ward) => {
    ward.chip.faults.rates[rate] = most * (0.2 + 0.8 * ward.random.unit());
    ward.run(1000 + ward.random.below(2000));
    ward.chip.faults.end();
  };
}

export const ILLNESSES: Illness[] = [
  { name: 'bits flipped on MISO', strike: disturbed('miso'), causes: [], options: { careful: true }, breaksRules: true },
  { name: 'bits flipped on MOSI', strike: disturbed('mosi'), causes: [], options: { careful: true }, breaksRules: true },
  {
    name: 'chip select held too short',
    strike(ward) {
      ward.chip.faults.chipSelectHold = ward.random.below(200);
      ward.run(1000 + ward.random.below(2000));
      ward.chip.faults.end();
    },
    causes: [Repair.REGISTERS],
    breaksRules: true,
  },
  {
    name: 'a brown-out in mid-flight',
    strike(ward) {
      for (let times = 1 + ward.random.below(3); times > 0; times--) {
        ward.clock.after(ward.random.below(500_000), () => ward.chip.brownOut());
        ward.run(500);
      }
    },
    causes: [Repair.REGISTERS],
    breaksRules: true,
  },
  {
    name: 'a chip that is gone and comes back',
    strike(ward) {
      const { random } = ward;
      ward.clock.after(random.below(100_000), () => ward.chip.disappear(random.chance(0.5) ? 0xff : 0x00, random.chance(0.5)));
      ward.run(100 + random.below(3000));
      ward.chip.reappear();
    },
    causes: [Repair.REGISTERS],
    breaksRules: true,
  },
  { name: 'TXRTS stuck until TXRST', strike: collisions('stuck', 0.5), causes: [Repair.TRANSMITTER] },
  {
    name: 'TXRTS stuck until a reset',
    strike(ward) {
      ward.chip.faults.transmissions.push('stuck for good');
      ward.run(200);
    },
    causes: [Repair.TRANSMITTER],
  },
  { name: 'an overflow after which reception resumes', strike: overflow('none'), causes: [] },
  { name: 'an overflow that leaves the chip deaf until RXRST', strike: overflow('until RXRST'), causes: [Repair.OVERFLOW] },
  { name: 'an overflow that leaves the chip deaf until a reset', strike: overflow('until reset'), causes: [Repair.OVERFLOW] },
  {
    name: 'a next-packet pointer that leads astray',
    strike(ward) {
      for (let times = 1 + ward.random.below(4); times > 0; times--) {
        ward.chip.mislead();
        ward.run(ward.random.below(400));
      }
      ward.run(100);
    },
    causes: [Repair.CHAIN],
  },
  {
    name: 'a link that goes down and comes back',
    strike(ward) {
      ward.chip.linkChanged(false);
      ward.run(ward.random.below(4000));
      ward.chip.linkChanged(true);
    },
    causes: [],
  },
  {
    name: 'a link that flaps',
    strike(ward) {
      for (let times = 2 + ward.random.below(20); times > 0; times--) {
        ward.chip.linkChanged(times % 2 !== 0);
        ward.run(ward.random.below(300));
      }
      ward.chip.linkChanged(true);
    },
    causes: [],
  },
  { name: 'collisions', strike: collisions('collisions', 1), causes: [] },
  { name: 'excessive collisions', strike: collisions('excessiveCollisions', 0.6), causes: [] },
  { name: 'late collisions', strike: collisions('lateCollisions', 0.7), causes: [Repair.LATE_COLLISION] },
  {
    name: 'lost edges of INT',
    strike(ward) {
      ward.chip.faults.rates.lostEdges = 0.2 + 0.8 * ward.random.unit();
      ward.run(1000 + ward.random.below(3000));
      ward.chip.faults.end();
    },
    causes: [],
  },
];
