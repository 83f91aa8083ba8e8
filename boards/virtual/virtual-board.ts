import { PcapngFile } from '../../hal/desktop/pcapng';
import { RealTime } from '../../hal/desktop/real-time';
import { VirtualClock } from '../../hal/mock/clock';
import { Enc28j60Chip } from '../../hal/mock/enc28j60/chip';
import { Wire, type WireOptions } from '../../hal/mock/wire';
import type { Engine, EngineOptions } from './engine';
import { EspruinoEngine } from './engine-espruino';
import { JerryEngine } from './engine-jerry';
import { NodeEngine } from './engine-node';
import type { Lan } from './lan';
import type { BoardFacts } from './runtime/e';
import type { Wiring } from './runtime/chip';

export interface VirtualBoardOptions {
  /** The text to run: the very file that would be flashed. */
  script: string;
  /** Its name in error messages. */
  filename: string;
  board: Omit<BoardFacts, 'serial'> & Wiring & {
    /** SPI clock in hertz. */
    baud: number;
  };
  engine?: 'node' | 'espruino' | 'jerry';
  /** Files in Storage before the script starts, by name; one octet a character. JerryScript has its configuration only. */
  storage?: Readonly<Record<string, string>>;
  /** Makes what the board's cable leads to. Without it the cable is plugged into nothing. */
  lan?: (wire: Wire, realTime: RealTime) => Lan;
  /** Faults and delay of the wire. */
  wire?: WireOptions;
  /** A file for what crosses the wire. */
  pcap?: string | undefined;
  /** Takes each line that the script prints. */
  print?: (line: string) => void;
  /** Takes each error that the script did not catch. */
  uncaught?: (description: string) => void;
  /** Told, with a sentence, when the engine has ended by itself. */
  ended?: (why: string) => void;
}

/** Microseconds between the board's power-on and its script: the chip's oscillator has started long before. */
const powerOn = 10_000;

/** The serial number of the board that is none. */
const serial = '00000000-656e6332-386a3630';

/** Hertz. The real interpreter does not wait for its SPI to be done, so that has to take less than its own work. */
const fastestSpi = 20e6;

/**
 * A board with an ENC28J60 on its SPI, its script running in real time, and its cable in a LAN. Everything simulated
 * stands on one clock.
 */
export class VirtualBoard {
  readonly clock = new VirtualClock();
  readonly realTime = new RealTime(this.clock);
  readonly wire: Wire;
  /** With JerryScript, another one stands in its place: beside the script, in the interpreter's process. */
  readonly chip: Enc28j60Chip;
  readonly engine: Engine;
  readonly lan: Lan | undefined;
  /** Errors that the script did not catch. */
  readonly errors: string[] = [];

  private readonly jerry: JerryEngine | undefined;
  private readonly capture: PcapngFile | undefined;
  private stopping: Promise<void> | undefined;

  /** @throws Error with a sentence when the capture cannot be written or the engine is not there */
  constructor(options: VirtualBoardOptions) {
    const { board } = options;
    this.wire = new Wire(this.clock, options.wire);
    this.chip = new Enc28j60Chip(this.clock, { strict: true, spiHz: options.engine === 'espruino' ? fastestSpi : board.baud });
    const common = {
      script: options.script,
      print: options.print ?? (() => undefined),
      uncaught: (description: string) => {
        this.errors.push(description);
        options.uncaught?.(description);
      },
      ended: options.ended,
      kick: (action: () => void) => this.realTime.kick(action),
    };
    if (options.engine === 'jerry') {
      const configuration = JSON.parse(options.storage?.['ENC28J60.json'] ?? '{}') as object;
      this.jerry = new JerryEngine({ ...common, configuration, wiring: board, spiHz: board.baud, wire: this.wire });
    }
    const engine: EngineOptions = {
      ...common, filename: options.filename, board: { ...board, serial }, wiring: board,
      chip: this.chip, clock: this.clock, storage: options.storage ?? {},
    };
    this.engine = this.jerry ?? (options.engine === 'espruino' ? new EspruinoEngine(engine) : new NodeEngine(engine));
    if (options.pcap !== undefined) {
      this.capture = new PcapngFile(options.pcap, { startedAt: Date.now() });
      this.capture.attachTo(this.wire);
    }
    if (this.jerry === undefined) this.chip.plug(this.wire.attach(this.chip, 'board'));
    this.lan = options.lan?.(this.wire, this.realTime);
    this.clock.advance(powerOn);
  }

  /** What strict mode says that the script's driver has done wrong to the chip. */
  get violations(): readonly string[] {
    return this.jerry?.violations ?? this.chip.violations;
  }

  /**
   * Opens the LAN and starts the script.
   * @returns settles when the script has been loaded
   * @throws Error with a sentence; everything is given back then
   */
  async start(): Promise<void> {
    try {
      this.realTime.start();
      await this.lan?.open();
      await this.engine.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Stops the script and gives back everything: processes, ports, interface, capture. */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  private async shutDown(): Promise<void> {
    await this.engine.stop();
    await this.lan?.close();
    this.realTime.stop();
    this.capture?.close();
  }
}

/** Makes a virtual board and starts it. @throws Error with a sentence; everything is given back then */
export async function bootVirtualBoard(options: VirtualBoardOptions): Promise<VirtualBoard> {
  const board = new VirtualBoard(options);
  await board.start();
  return board;
}
