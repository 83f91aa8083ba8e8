import type { IdleLoop } from './loop';
import type { Callable, Realm, RealmObject } from './realm';
import type { SpiChip, Wiring } from './chip';

/** The pins of the boards: ports A to E of an STM32, D0 to D39 of an ESP32. */
const names: readonly string[] = [
  ...'ABCE'.split('').flatMap((port) => Array.from({ length: 16 }, (_, pin) => `${port}${pin}`)),
  ...Array.from({ length: 40 }, (_, pin) => `D${pin}`),
];

interface Watch {
  readonly callback: Callable;
  readonly pin: string;
  readonly repeat: boolean;
  /** 1 rising, -1 falling, 0 both. */
  readonly edge: number;
  lastTime: number | undefined;
}

/**
 * A board's pins: `Pin`, `digitalRead`, `digitalWrite`, `digitalPulse`, `pinMode`, `setWatch`. The chip's INT drives
 * one, RESET and chip select listen to two others, the rest remember what was written to them.
 */
export class Pins {
  private readonly levels = new Map<string, boolean>();
  private readonly modes = new Map<string, string>();
  private readonly objects = new Map<string, RealmObject>();
  private readonly namesOf = new WeakMap<object, string>();
  private readonly watches = new Map<number, Watch>();
  private readonly prototype: RealmObject;
  private nextWatch = 1;

  constructor(
    private readonly realm: Realm, private readonly loop: IdleLoop,
    private readonly chip: SpiChip, private readonly wiring: Wiring,
  ) {
    const pins = this;
    this.prototype = realm.namespace({
      read: function (this: object): boolean { return pins.read(pins.nameOf(this)); },
      write: function (this: object, level: unknown): void { pins.write(pins.nameOf(this), !!level); },
      set: function (this: object): void { pins.write(pins.nameOf(this), true); },
      reset: function (this: object): void { pins.write(pins.nameOf(this), false); },
      toggle: function (this: object): boolean {
        const name = pins.nameOf(this);
        pins.write(name, !pins.read(name));
        return pins.read(name);
      },
      mode: function (this: object, mode: string): void { pins.modes.set(pins.nameOf(this), mode); },
      getMode: function (this: object): string { return pins.modes.get(pins.nameOf(this)) ?? 'analog'; },
      toString: function (this: object): string { return pins.nameOf(this); },
      toJSON: function (this: object): string { return pins.nameOf(this); },
    });
    for (const name of names) this.objects.set(name, this.make(name));
    if (wiring.cs !== undefined) this.levels.set(wiring.cs, true);
    if (wiring.rst !== undefined) this.levels.set(wiring.rst, true);
    chip.onInterrupt = (low) => {
      if (wiring.irq !== undefined) this.edge(wiring.irq, !low);
    };
  }

  /** Puts the pins and the functions for them into the global scope. */
  install(global: RealmObject): void {
    const { realm } = this;
    for (const [name, object] of this.objects) global[name] = object;
    const pins = this;
    const Pin = realm.adopt(function (value: unknown): unknown { return pins.find(value); });
    Pin.prototype = this.prototype;
    Object.defineProperty(this.prototype, 'constructor', { value: Pin, enumerable: false });
    global['Pin'] = Pin;
    global['HIGH'] = 1;
    global['LOW'] = 0;
    global['digitalRead'] = realm.adopt((pin: unknown): number => {
      if (!Array.isArray(pin)) return this.read(this.nameOf(pin)) ? 1 : 0;
      return pin.reduce((value: number, one: unknown) => (value << 1) | (this.read(this.nameOf(one)) ? 1 : 0), 0) as number;
    });
    global['digitalWrite'] = realm.adopt((pin: unknown, value: unknown): void => {
      let bits = Number(value);
      if (!Array.isArray(pin)) this.write(this.nameOf(pin), bits !== 0);
      else for (let at = pin.length - 1; at >= 0; at--, bits >>= 1) this.write(this.nameOf(pin[at]), (bits & 1) !== 0);
    });
    global['digitalPulse'] = realm.adopt((pin: unknown, level: unknown, times: unknown): void => {
      this.pulse(this.nameOf(pin), !!level, times);
    });
    global['pinMode'] = realm.adopt((pin: unknown, mode: unknown): void => void this.modes.set(this.nameOf(pin), String(mode)));
    global['getPinMode'] = realm.adopt((pin: unknown): string => this.modes.get(this.nameOf(pin)) ?? 'analog');
    global['setWatch'] = realm.adopt((callback: Callable, pin: unknown, options: unknown): number => {
      return this.watch(callback, pin, options);
    });
    global['clearWatch'] = realm.adopt((...ids: number[]): void => this.clearWatch(ids));
  }

  /** The pin's object, or undefined when `value` names none. */
  find(value: unknown): RealmObject | undefined {
    if (typeof value === 'string') return this.objects.get(value);
    if (typeof value === 'object' && value !== null && this.namesOf.has(value)) return value as RealmObject;
    return undefined;
  }

  isPin(value: unknown): boolean {
    return typeof value === 'object' && value !== null && this.namesOf.has(value);
  }

  /** @throws Error of the script's world when `value` is no pin */
  nameOf(value: unknown): string {
    const pin = this.find(value);
    if (pin === undefined) throw this.realm.error('Invalid pin');
    return this.namesOf.get(pin)!;
  }

  write(name: string, level: boolean): void {
    const before = this.levels.get(name);
    this.levels.set(name, level);
    if (name === this.wiring.cs && level !== before) {
      if (level) this.chip.deselect();
      else this.chip.select();
    }
    if (name === this.wiring.rst && level !== before) this.chip.resetPin(!level);
    if (level !== (before ?? false)) this.edge(name, level);
  }

  read(name: string): boolean {
    return name === this.wiring.irq ? this.chip.int : this.levels.get(name) ?? false;
  }

  private make(name: string): RealmObject {
    const pin = this.realm.object(undefined, this.prototype);
    this.namesOf.set(pin, name);
    return pin;
  }

  /** A level has changed: the watches that wait for this edge run in the idle loop's next turn. */
  private edge(name: string, level: boolean): void {
    const time = this.loop.clock.now / 1e6;
    for (const [id, watch] of this.watches) {
      if (watch.pin !== name) continue;
      const before = watch.lastTime;
      watch.lastTime = time;
      if (watch.edge !== 0 && (watch.edge > 0) !== level) continue;
      this.loop.input(() => {
        if (this.watches.get(id) !== watch) return;
        if (!watch.repeat) this.watches.delete(id);
        const details = this.realm.object({ state: level, lastTime: before, time, pin: this.objects.get(name) });
        this.loop.call(watch.callback, undefined, [details]);
      });
    }
  }

  private watch(callback: Callable, pin: unknown, options: unknown): number {
    const name = this.nameOf(pin);
    if (typeof callback !== 'function') throw this.realm.error('setWatch needs a function');
    let repeat = false;
    let edge: unknown = 0;
    if (typeof options === 'object' && options !== null) {
      repeat = !!(options as { repeat?: unknown }).repeat;
      edge = (options as { edge?: unknown }).edge ?? 0;
    } else {
      repeat = !!options;
    }
    const known = ({ rising: 1, falling: -1, both: 0 } as Record<string, number>)[String(edge)];
    const wanted = typeof edge === 'number' ? Math.sign(edge) : known;
    if (wanted === undefined) {
      throw this.realm.error('edge must be rising, falling or both', 'TypeError');
    }
    this.watches.set(this.nextWatch, { callback, pin: name, repeat, edge: wanted, lastTime: undefined });
    return this.nextWatch++;
  }

  private clearWatch(ids: readonly unknown[]): void {
    if (ids.length === 0) this.watches.clear();
    for (const id of ids) this.watches.delete(id as number);
  }

  /** Milliseconds, one or a list; 0 waits until the pulses that run have ended. */
  private pulse(name: string, level: boolean, times: unknown): void {
    const { clock } = this.loop;
    const list = Array.isArray(times) ? (times as unknown[]).map(Number) : [Number(times)];
    if (list.some((time) => !(time >= 0))) throw this.realm.error('A pulse lasts 0 milliseconds or more');
    let end = Math.max(this.pulseEnd.get(name) ?? 0, clock.now);
    if (!Array.isArray(times) && list[0] === 0) {
      clock.advanceTo(Math.max(clock.now, ...this.pulseEnd.values()));
      return;
    }
    if (end <= clock.now) this.write(name, level);
    for (const time of list) {
      end += time * 1000;
      const next = !level;
      clock.after(end - clock.now, () => this.write(name, next));
      level = next;
    }
    this.pulseEnd.set(name, end);
  }

  /** Microseconds on the clock at which the pulses of a pin end. */
  private readonly pulseEnd = new Map<string, number>();
}
