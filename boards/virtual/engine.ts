import type { VirtualClock } from '../../hal/mock/clock';
import type { BoardFacts } from './runtime/e';
import type { SpiChip, Wiring } from './runtime/chip';

/** What an engine needs to run a board's script. */
export interface EngineOptions {
  /** The text to run: the very file that would be flashed. */
  script: string;
  /** Its name in error messages. */
  filename: string;
  board: BoardFacts;
  wiring: Wiring;
  chip: SpiChip;
  clock: VirtualClock;
  /** Files in Storage before the script starts, by name; one octet a character. */
  storage: Readonly<Record<string, string>>;
  /** Takes each line that the script prints. */
  print: (line: string) => void;
  /** Takes each error that the script did not catch, as a text of one or more lines. */
  uncaught: (description: string) => void;
  /** Told, with a sentence, when the engine has ended by itself: nothing runs any more. */
  ended?: ((why: string) => void) | undefined;
  /** Runs `action` with the clock brought up to now, for what reaches the simulated world from outside. Default: as it is. */
  kick?: (action: () => void) => void;
}

/** A JavaScript engine with a board's hardware around it, running one script. */
export interface Engine {
  /** For people: `Node 20.20.0`. */
  readonly name: string;
  /** Settles when the script has been loaded, and it has run to its end once. */
  start(): Promise<void>;
  /** Ends the script and gives back everything. May be called more than once. */
  stop(): Promise<void>;
}
