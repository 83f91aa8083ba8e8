import type { Realm } from './realm';

/** Text of Espruino: one character is one octet. */
export function textOf(bytes: ArrayLike<number>, from = 0, to = bytes.length): string {
  let text = '';
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at]! & 0xff);
  return text;
}

/**
 * Calls `take` with each octet of what Espruino accepts as data: a number, a string, a typed array or buffer, an array
 * of any of these, `{data, count}`, `{callback}`.
 * @throws TypeError of the script's world for anything else
 */
export function eachOctet(realm: Realm, data: unknown, take: (octet: number) => void): void {
  if (typeof data === 'number') take(data & 0xff);
  else if (typeof data === 'boolean') take(data ? 1 : 0);
  else if (typeof data === 'string') {
    for (let at = 0; at < data.length; at++) take(data.charCodeAt(at) & 0xff);
  } else if (Array.isArray(data)) {
    for (const item of data) eachOctet(realm, item, take);
  } else if (ArrayBuffer.isView(data)) {
    const items = data as unknown as ArrayLike<number>;
    if (items.length === undefined) eachOctet(realm, new Uint8Array(data.buffer, data.byteOffset, data.byteLength), take);
    for (let at = 0; at < items.length; at++) take(items[at]! & 0xff);
  } else if (isArrayBuffer(data)) {
    for (const octet of new Uint8Array(data)) take(octet);
  } else if (typeof data === 'object' && data !== null) {
    const { callback, data: inner, count } = data as { callback?: unknown; data?: unknown; count?: unknown };
    if (typeof callback === 'function') {
      const result: unknown = callback();
      if (result !== undefined) eachOctet(realm, result, take);
    } else if (typeof count === 'number' && inner !== undefined) {
      for (let left = count | 0; left > 0; left--) eachOctet(realm, inner, take);
    } else {
      throw realm.error('An object of data must be {data, count} or {callback}', 'TypeError');
    }
  } else {
    throw realm.error(`Data must be numbers, text or arrays of them, not ${typeof data}`, 'TypeError');
  }
}

/** The octets of `data`, as `eachOctet` sees them. */
export function octetsOf(realm: Realm, data: unknown): number[] {
  const octets: number[] = [];
  eachOctet(realm, data, (octet) => octets.push(octet));
  return octets;
}

function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}
