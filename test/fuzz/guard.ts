// What JavaScript lets pass and Espruino throws at: an element in front of its array, read or written.

/** The key is an element's, or that of something with a name. */
function exists(key: PropertyKey): boolean {
  return typeof key === 'symbol' || Number(key) >= 0 || /^[a-z]+$/i.test(String(key).replace(/^(NaN|undefined)$/, '-'));
}

function complain(key: PropertyKey, array: ArrayLike<number>): never {
  throw new Error(`[${String(key)}] of an array of ${array.length}`);
}

/** The same array, whose every access is told to `accessed`. @throws Error at what is no element, and writes behind the last */
export function watched<T extends object & ArrayLike<number>>(array: T, accessed: () => void): T {
  const items = array as unknown as Record<PropertyKey, unknown>;
  return new Proxy(array, {
    get(_, key) {
      if (!exists(key)) complain(key, array);
      const value = items[key];
      if (typeof value === 'function') return value.bind(array) as unknown;
      accessed();
      return value;
    },
    set(_, key, value) {
      if (!exists(key) || Number(key) >= array.length) complain(key, array);
      accessed();
      items[key] = value;
      return true;
    },
  });
}

/** Has all typed arrays that an object and what belongs to it hold watched from now on; `spared` ones are left alone. */
export function guard(object: object, spared: readonly unknown[], seen = new Set<object>()): void {
  if (seen.has(object)) return;
  seen.add(object);
  for (const key of Object.keys(object)) {
    const value: unknown = Reflect.get(object, key);
    if (value === null || typeof value !== 'object' || spared.includes(value)) continue;
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) Reflect.set(object, key, watched(value as Uint8Array, () => undefined));
    else guard(value, spared, seen);
  }
}
