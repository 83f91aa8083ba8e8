// What runs in JerryScript before the board's script: the plain interpreter has neither hardware nor a way to wait for an
// answer from outside in the middle of a call. So the simulated chip runs in there with the script, and only Ethernet
// frames pass between the processes, on the lines that the interpreter reads and prints.
import { VirtualClock } from '../../hal/mock/clock';
import { Enc28j60Chip } from '../../hal/mock/enc28j60/chip';
import type { JerryPin, JerrySpiBus } from '../../hal/jerryscript';
import { Line, type MachineOptions } from './jerry-lines';

declare const print: (text: string) => void;
declare const gc: (all: boolean) => void;
declare const machine: MachineOptions;

interface Timer {
  due: number;
  id: number;
  period: number;
  run: () => void;
}

/** Microseconds that asking for the time takes the script, so that a loop that waits for time to pass ends. */
const TIME_OF_DATE = 20;
/** Microseconds between power-on and the script, in which the chip's oscillator starts. */
const POWER_ON = 10_000;
/** Microseconds of an octet on the wire, and octets of preamble and start delimiter. */
const OCTET_TIME = 0.8;
const PREAMBLE = 8;
/** Octets of the largest and the smallest piece of free heap that is looked for. */
const LARGEST_PIECE = 262_144;
const SMALLEST_PIECE = 512;

const say = print;
const clock = new VirtualClock();
const chip = new Enc28j60Chip(clock, { strict: true, spiHz: machine.spiHz });
const cable = { up: false, transmit };
const timers: Timer[] = [];
let timersMade = 0;
let violations = 0;
let irqPin: JerryPin | undefined;
/** INT has fallen. */
let fell = false;

/** The two hexadecimal digits of each octet. */
const DIGITS: string[] = [];
for (let octet = 0; octet < 256; octet++) DIGITS.push((octet < 16 ? '0' : '') + octet.toString(16));

function transmit(frame: Uint8Array): number {
  const digits: string[] = [];
  for (let at = 0; at < frame.length; at++) digits.push(DIGITS[frame[at]!]!);
  say(Line.frame + digits.join(''));
  return (frame.length + PREAMBLE) * OCTET_TIME;
}

function guarded(run: () => void): void {
  try {
    run();
  } catch (error) {
    say(Line.uncaught + JSON.stringify('' + error));
  }
}

function setTimer(run: () => void, milliseconds: number, repeat: boolean): number {
  const delay = Math.max(1, milliseconds || 0) * 1000;
  const timer: Timer = { due: clock.now + delay, id: ++timersMade, period: repeat ? delay : 0, run };
  timers.push(timer);
  return timer.id;
}

function clearTimer(id: number): void {
  const at = timers.findIndex((timer) => timer.id === id);
  if (at >= 0) timers.splice(at, 1);
}

/** The timer that is due first, or undefined. */
function nextTimer(): Timer | undefined {
  let next: Timer | undefined;
  for (const timer of timers) if (next === undefined || timer.due < next.due) next = timer;
  return next;
}

/** What the script does about an edge of INT, if there was one that it has not heard of. */
function hearInterrupt(): void {
  const edge = fell;
  fell = false;
  if (edge && irqPin?.onChange !== undefined) guarded(irqPin.onChange);
}

/** Brings the clock up to a time; the script does what is due on the way, and never from inside a call of its own. */
function advanceTo(time: number): void {
  let timer = nextTimer();
  while (timer !== undefined && timer.due <= Math.max(time, clock.now)) {
    clock.advanceTo(timer.due);
    hearInterrupt();
    if (timer.period > 0) timer.due += timer.period;
    else clearTimer(timer.id);
    guarded(timer.run);
    timer = nextTimer();
  }
  clock.advanceTo(time);
  hearInterrupt();
}

/** IoT.js takes plain arrays and nothing else. */
function transferSync(octets: number[]): number[] {
  if (!Array.isArray(octets) || octets.length === 0) throw new Error('transferSync: an array of octets is needed');
  chip.select();
  const answer = octets.map((octet) => chip.transfer(octet));
  chip.deselect();
  return answer;
}

/** A bus with nothing on it: MISO floats high. */
function float(octets: number[]): number[] {
  return octets.map(() => 255);
}

const modules: Record<string, unknown> = {
  spi: {
    MODE: [0, 1, 2, 3],
    openSync(setup: { device?: string; bus?: number }): JerrySpiBus {
      const wired = machine.spi === (setup.device ?? String(setup.bus));
      return { transferSync: wired ? transferSync : float };
    },
  },
  gpio: {
    DIRECTION: { IN: 0, OUT: 1 },
    EDGE: { NONE: 0, RISING: 1, FALLING: 2, BOTH: 3 },
    openSync(setup: { pin: number; edge: number }): JerryPin {
      const name = '' + setup.pin;
      const pin: JerryPin = {
        readSync: () => name === machine.irq && chip.int,
        writeSync: (value) => name === machine.rst && chip.resetPin(!value),
      };
      if (name === machine.irq && setup.edge !== 0) irqPin = pin;
      return pin;
    },
  },
};

const world = globalThis as any;
world.require = (name: string): unknown => {
  if (modules[name] === undefined) throw new Error(`There is no module ${name}`);
  return modules[name];
};
world.setTimeout = (run: () => void, milliseconds: number): number => setTimer(run, milliseconds, false);
world.setInterval = (run: () => void, milliseconds: number): number => setTimer(run, milliseconds, true);
world.clearTimeout = world.clearInterval = clearTimer;
world.print = (...values: unknown[]): void => say(Line.printed + JSON.stringify(values.join(' ')));
world.console = { log: world.print };
Date.now = (): number => {
  clock.advance(TIME_OF_DATE);
  return Math.floor((machine.started + clock.now) / 1000);
};

/** Octets of the heap that nobody uses: what arrays can be made of after a collection. */
world.freeHeap = (): number => {
  gc(true);
  let free = 0;
  let held: unknown;
  for (let size = LARGEST_PIECE; size >= SMALLEST_PIECE;) {
    try {
      const piece = new Uint8Array(size);
      piece[0] = 1; // memory is taken at the first write
      held = { held, piece };
      free += size;
    } catch (error) {
      size >>= 1;
    }
  }
  held = undefined;
  gc(true);
  return free;
};

/** The start: what the script's text is run as. */
world.runScript = guarded;

/**
 * One turn: the clock is brought up to a time; what has come from the cable meanwhile is heard, octets of a frame as an
 * array and the cable's state as a boolean; the script does what is due. Printed as a line's result. Numbers only: the
 * interpreter keeps every string and large number that it has ever read in a text.
 */
world.turn = (seconds: number, microseconds: number, heard: readonly (number[] | boolean)[]): string => {
  advanceTo(seconds * 1e6 + microseconds);
  for (const what of heard) {
    if (typeof what === 'boolean') {
      cable.up = what;
      chip.linkChanged(what);
    } else {
      chip.frameArrived(new Uint8Array(what));
    }
    advanceTo(clock.now);
  }
  for (; violations < chip.violations.length; violations++) say(Line.violation + JSON.stringify(chip.violations[violations]));
  const due = Math.min(nextTimer()?.due ?? Infinity, clock.nextDue ?? Infinity);
  return Line.turn + Math.ceil(due);
};

chip.plug(cable);
chip.onInterrupt = (low) => {
  if (low) fell = true;
};
clock.advance(POWER_ON);
