import { randomBytes } from 'node:crypto';
import { frameCheckSequence } from '../../../hal/mock/fcs';
import { octetsOf, textOf } from './bytes';
import type { Realm, RealmObject } from './realm';

/** What `process` and `E` tell about the board. */
export interface BoardFacts {
  /** Espruino's name of the board: `PICO_R1_3`. */
  name: string;
  /** The serial number of its processor, as text. */
  serial: string;
  /** JsVars that the board has. */
  variables: number;
}

/** The firmware whose behaviour this is. */
export const firmware = '2v29';

/** Octets of Node's heap that are taken for one JsVar: only the trend of `usage` means something. */
const heapPerVariable = 64;

/** `E`, as far as network code uses it. */
export function makeE(realm: Realm): RealmObject {
  const toBytes = (data: unknown[]): Uint8Array => {
    const octets = octetsOf(realm, data);
    const bytes = realm.bytes(octets.length);
    bytes.set(octets);
    return bytes;
  };
  return realm.namespace({
    sum: (items: ArrayLike<number> | string) => {
      if (typeof items !== 'string' && !Array.isArray(items) && !ArrayBuffer.isView(items)) {
        throw realm.error(`E.sum takes an array, not ${typeof items}`);
      }
      let sum = 0;
      if (typeof items === 'string') for (let at = 0; at < items.length; at++) sum += items.charCodeAt(at);
      else for (let at = 0; at < items.length; at++) sum += items[at]!;
      return sum;
    },
    CRC32: (...data: unknown[]) => {
      const octets = octetsOf(realm, data);
      return frameCheckSequence(Uint8Array.from(octets), octets.length) >>> 0;
    },
    hwRand: () => randomBytes(4).readInt32LE(),
    srand: () => undefined,
    toString: (...data: unknown[]) => textOf(octetsOf(realm, data)),
    toUint8Array: (...data: unknown[]) => toBytes(data),
    toArrayBuffer: (text: string) => toBytes([text]).buffer,
    toFlatString: (...data: unknown[]) => textOf(octetsOf(realm, data)),
    getSizeOf: (value: unknown) => sizeOf(value),
    getFlags: () => realm.object(),
    setFlags: () => undefined,
    setTimeZone: () => undefined,
    enableWatchdog: () => undefined,
    kickWatchdog: () => undefined,
    getErrorFlags: () => realm.array([]),
    mapInPlace: (from: number[], to: number[], map?: ((value: number, index: number) => number) | ArrayLike<number>) => {
      for (let at = 0; at < from.length && at < to.length; at++) {
        const value = from[at]!;
        to[at] = map === undefined ? value : typeof map === 'function' ? map(value, at) : map[value]!;
      }
    },
    clip: (value: number, low: number, high: number) => Math.min(Math.max(value, low), high),
  });
}

/** `process`: version, environment and memory of a board. */
export function makeProcess(realm: Realm, board: BoardFacts): RealmObject {
  const process = realm.namespace({
    memory: () => {
      const usage = Math.max(1, Math.min(board.variables, Math.round(board.variables / 2 + heapGrowth() / heapPerVariable)));
      return realm.object({
        free: board.variables - usage, usage, total: board.variables, history: 0, gc: 0, gctime: 0, blocksize: 13,
      });
    },
  });
  process['version'] = firmware;
  process['env'] = realm.object({
    VERSION: firmware, BOARD: board.name, SERIAL: board.serial, CONSOLE: 'USB',
    MODULES: 'Storage,net,http,NetworkJS,url',
  });
  return process;
}

/** Octets of Node's heap on top of what was there when this was loaded: that is taken for half of the board's. */
const heapAtStart = process.memoryUsage().heapUsed;
function heapGrowth(): number {
  return process.memoryUsage().heapUsed - heapAtStart;
}

/** A guess at a value's size in JsVars: 12 octets of text or array data a variable, one for each member. */
function sizeOf(value: unknown, seen = new Set<unknown>()): number {
  if (typeof value === 'string') return 1 + Math.ceil(Math.max(0, value.length - 4) / 12);
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return 1;
  seen.add(value);
  if (ArrayBuffer.isView(value)) return 2 + Math.ceil(value.byteLength / 12);
  let size = 1;
  if (typeof value === 'function') size += Math.ceil(String(value).length / 12);
  for (const member of Object.values(value)) size += 1 + sizeOf(member, seen);
  return size;
}
