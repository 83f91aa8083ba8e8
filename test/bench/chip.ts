// npm run bench -- --chip: what the driver costs on the bus, and what comes through the simulated chip.
import { Enc28j60 } from '../../hal/enc28j60/driver';
import { VirtualClock } from '../../hal/mock/clock';
import { Enc28j60Chip } from '../../hal/mock/enc28j60/chip';
import { ChipSpi } from '../../hal/mock/enc28j60/spi-device';
import { withFrameCheckSequence } from '../../hal/mock/fcs';
import { into } from '../hal/into';

const SPI_HZ = 20e6;
/** Microseconds of an octet on the bus and on the wire, and of what surrounds an instruction and a frame. */
const SPI_OCTET = 8e6 / SPI_HZ;
const SELECT = 0.35;
const WIRE_OCTET = 0.8;
const PREAMBLE_AND_CRC = 12;
const GAP = 9.6;
const FRAMES = 400;
const ADDRESS = new Uint8Array([0x02, 0, 0, 0x12, 0x34, 0x56]);

/** Instructions a frame of other drivers, counted in their sources, for a frame that comes, or goes, alone. */
const OTHERS = [
  {
    name: 'EtherCard',
    receive: 12, // ERXRDPT 2, bank 2, EPKTCNT, bank 2, ERDPT 2, header, frame, PKTDEC
    transmit: 12, // TXRST 2, EIR, EWRPT 2, ETXND 2, control octet, frame, TXRTS, EIR 2; more while it waits for the end
  },
  {
    name: 'Linux',
    // INTIE, EIR, bank, EPKTCNT, bank, ERDPT 2, header, ERDPT 2, frame, ERXRDPT 2, PKTDEC, EIR, bank, EPKTCNT, INTIE
    receive: 18,
    // bank, EWRPT 2, ETXND 2, control octet, frame, TXRTS; INTIE, EIR, ESTAT, TXRTS, EIR, bank, EPKTCNT, EIR, EPKTCNT, INTIE
    transmit: 18,
  },
];

/** The driver on a chip at 20 MHz, and a wire whose other end takes everything. */
class Bench {
  readonly clock = new VirtualClock();
  readonly chip = new Enc28j60Chip(this.clock, { strict: true, spiHz: SPI_HZ });
  readonly driver: Enc28j60;
  readonly buffer = new Uint8Array(1518);
  octetsSent = 0;
  lastSent = 0;

  constructor(twoFrames = false) {
    this.driver = new Enc28j60(new ChipSpi(this.chip), { address: ADDRESS, fullDuplex: true, twoFrames });
    this.chip.plug({
      up: true,
      transmit: (frame) => {
        const duration = (frame.length + 8) * WIRE_OCTET;
        this.octetsSent += frame.length - 4;
        this.lastSent = this.clock.now + duration;
        return duration;
      },
    });
    this.clock.advance(1000);
    this.driver.open();
    this.clock.advance(50_000);
  }

  arrives(length: number): void {
    const frame = new Uint8Array(length);
    frame.set(ADDRESS);
    this.chip.frameArrived(withFrameCheckSequence(frame));
  }

  receives(): number {
    return this.driver.mayReceive() ? this.driver.receive(into(this.buffer)) : 0;
  }

  sends(length: number): void {
    while (!this.driver.send(this.buffer, length));
  }

  finish(): void {
    if (this.chip.violations.length > 0) throw new Error(`The driver broke the chip's rules: ${this.chip.violations[0]}`);
  }
}

interface Cost {
  what: string;
  length: number;
  instructions: number;
  most: number;
  octets: number;
}

/** Repeats `frame` and counts what each time costs on the bus. */
function cost(what: string, length: number, prepare: (bench: Bench) => void, frame: (bench: Bench) => void): Cost {
  const bench = new Bench();
  const { counts } = bench.chip;
  let instructions = 0;
  let octets = 0;
  let most = 0;
  for (let count = -4; count < FRAMES; count++) {
    prepare(bench);
    const { spiTransactions, spiOctets } = counts;
    frame(bench);
    if (count < 0) continue;
    instructions += counts.spiTransactions - spiTransactions;
    octets += counts.spiOctets - spiOctets;
    most = Math.max(most, counts.spiTransactions - spiTransactions);
  }
  bench.finish();
  return { what, length, instructions: instructions / FRAMES, most, octets: octets / FRAMES };
}

function costs(): Cost[] {
  const rows: Cost[] = [];
  const apart = (bench: Bench): void => bench.clock.advance(2000);
  for (const length of [60, 590, 1514]) {
    const arrives = (bench: Bench): void => bench.arrives(length);
    rows.push(cost('receive, one by one', length, arrives, (bench) => bench.receives()));
    rows.push(cost('receive, each answered', length, (bench) => {
      bench.sends(60);
      bench.clock.advance(2000);
      bench.arrives(length);
    }, (bench) => bench.receives()));
    rows.push(cost('transmit, one by one', length, apart, (bench) => bench.sends(length)));
  }
  let turn = 0;
  rows.push(cost('transmit, of changing length', 1514, apart, (bench) => bench.sends((turn ^= 1) ? 60 : 1514)));
  rows.push(cost('transmit, loaded while another one goes out', 590, (bench) => bench.clock.advance(300), (bench) => bench.sends(590)));
  rows.push(cost('transmit, back to back, looks at the wire included', 590, () => undefined, (bench) => bench.sends(590)));
  return rows;
}

interface Flow {
  what: string;
  length: number;
  /** Microseconds a frame: on the bus, on the wire, and what the two leave. */
  bus: number;
  wire: number;
  least: number;
  measured: number;
  share: number;
  megabits: number;
}

interface Begun {
  time: number;
  octets: number;
  instructions: number;
}

/** @param overlap a frame is on the bus while another one is on the wire */
function flow(what: string, length: number, begun: Begun, bench: Bench, end: number, overlap: boolean): Flow {
  const { counts } = bench.chip;
  const octets = (counts.spiOctets - begun.octets) / FRAMES;
  const instructions = (counts.spiTransactions - begun.instructions) / FRAMES;
  const bus = octets * SPI_OCTET + instructions * SELECT;
  const wire = (length + PREAMBLE_AND_CRC) * WIRE_OCTET + GAP;
  const least = overlap ? Math.max(bus, wire) : length * SPI_OCTET + wire;
  const measured = (end - begun.time) / FRAMES;
  bench.finish();
  return { what, length, bus, wire, least, measured, share: least / measured, megabits: (length * 8) / measured };
}

function begin(bench: Bench): Begun {
  return { time: bench.clock.now, octets: bench.chip.counts.spiOctets, instructions: bench.chip.counts.spiTransactions };
}

function sending(length: number, twoFrames: boolean): Flow {
  const bench = new Bench(twoFrames);
  bench.sends(length);
  bench.sends(length);
  const begun = begin(bench);
  const { lastSent } = bench;
  for (let count = 0; count < FRAMES; count++) bench.sends(length);
  const overlap = twoFrames || length <= 748;
  const what = overlap ? 'send, loading the next frame meanwhile' : 'send, one place for a long frame';
  return flow(what, length, { ...begun, time: lastSent }, bench, bench.lastSent, overlap);
}

function receiving(length: number): Flow {
  const bench = new Bench();
  const { clock } = bench;
  const wire = (length + PREAMBLE_AND_CRC) * WIRE_OCTET + GAP;
  const begun = begin(bench);
  for (let count = 1; count <= FRAMES; count++) clock.after(count * wire, () => bench.arrives(length));
  let taken = 0;
  let last = begun.time;
  while (taken < FRAMES && clock.nextDue !== undefined) {
    while (bench.receives() > 0) {
      taken++;
      last = clock.now;
    }
    clock.advanceTo(Math.max(clock.nextDue ?? 0, clock.now + 1));
    while (bench.receives() > 0) {
      taken++;
      last = clock.now;
    }
  }
  if (taken < FRAMES) throw new Error(`${FRAMES - taken} of ${FRAMES} frames were lost.`);
  return flow('receive at the wire\'s speed', length, begun, bench, last, true);
}

const round = (value: number, digits: number): string => value.toFixed(digits);

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** What DMA copies for retransmission could save, and what they would cost. */
function dma(): { copy: number; load: number; saved: number } {
  const copy = 1514 * 0.08;
  const load = 1514 * SPI_OCTET;
  return { copy, load, saved: (0.01 * (load - copy)) / load };
}

export interface ChipFigures {
  spiHz: number;
  frames: Cost[];
  others: typeof OTHERS;
  flows: Flow[];
  dma: { copy: number; load: number; saved: number };
}

/** Everything is modelled time and counts: the same on every machine. */
export function measureChip(): ChipFigures {
  const flows = [receiving(60), receiving(1514), sending(60, false), sending(590, false), sending(1514, false), sending(1514, true)];
  return { spiHz: SPI_HZ, frames: costs(), others: OTHERS, flows, dma: dma() };
}

/** The figures for a person, as lines. */
export function chipTable({ frames, others, flows, dma: { copy, load, saved } }: ChipFigures): string[] {
  return [
    'SPI instructions and octets a frame',
    '',
    table(
      ['', 'frame, octets', 'instructions', 'at most', 'octets on the bus'],
      frames.map((row) => [row.what, String(row.length), round(row.instructions, 2), String(row.most), round(row.octets, 1)]),
    ),
    '',
    'Other drivers, by their sources, a frame that comes or goes alone',
    '',
    table(['', 'receive', 'transmit'], others.map(({ name, receive, transmit }) => [name, String(receive), String(transmit)])),
    '',
    `Throughput in modelled time, SPI at ${SPI_HZ / 1e6} MHz, microseconds a frame`,
    '',
    `bus: octets x ${SPI_OCTET} + instructions x ${SELECT}. wire: (octets + ${PREAMBLE_AND_CRC}) x ${WIRE_OCTET} + ${GAP}.`,
    'What they leave is the longer of the two while one frame is loaded or read during the other\'s time on the wire, and',
    'the loading and the wire one after the other where the chip has no second place for a frame of that length.',
    '',
    table(
      ['', 'frame, octets', 'bus', 'wire', 'they leave', 'measured', 'share', 'Mbit/s'],
      flows.map((row) => [
        row.what, String(row.length), round(row.bus, 1), round(row.wire, 1), round(row.least, 1), round(row.measured, 1),
        `${round(row.share * 100, 1)} %`, round(row.megabits, 2),
      ]),
    ),
    '',
    `A copy in the chip's memory takes ${round(copy, 0)} us where loading a frame of full size again takes ${round(load, 0)} us: with one frame of a`,
    `hundred retransmitted that saves ${round(saved * 100, 1)} % of the bus's time for sending, for 1.5 KB of the receive ring for each frame kept.`,
    'The driver does not do it.',
  ];
}
