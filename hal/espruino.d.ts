// What Espruino offers and @types/espruino leaves out or declares too narrowly for a board that is chosen at build time.

declare function setTimeout(callback: () => void, milliseconds: number): number;
declare function clearTimeout(timer: number): void;

/** Espruino's modules are objects of functions; each use says what it expects of one. */
declare function require(name: string): any;

interface Console {
  log(...values: unknown[]): void;
}
declare const console: Console;

/** Pins by name: `new Pin("A5")`. @types/espruino has the type, but neither the constructor nor STM32's names. */
declare const Pin: { new (name: string): Pin };
