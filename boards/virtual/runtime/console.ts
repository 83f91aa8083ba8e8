import type { Realm, RealmObject } from './realm';

/** `print` and `console`: texts as they are, everything else as Espruino shows it, on one line. */
export function makeConsole(realm: Realm, print: (line: string) => void): RealmObject {
  const log = (...values: unknown[]): void => {
    print(values.map((value) => typeof value === 'string' ? value : show(value)).join(' '));
  };
  return realm.namespace({ log, info: log, warn: log, error: log, debug: log, trace: () => undefined });
}

/** A value as Espruino prints it: JSON with spaces. */
export function show(value: unknown, outer: readonly unknown[] = []): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return String(value).replace(/^\(([^)]*)\)\s*=>/, 'function ($1) ');
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '0' : String(value);
  if (outer.includes(value)) return ' ... ';
  const inside = [...outer, value];
  if (ArrayBuffer.isView(value)) {
    const items = Array.from(value as unknown as ArrayLike<number>);
    const kind = Object.prototype.toString.call(value).slice(8, -1);
    return `new ${kind}(${items.some((item) => item !== 0) ? `[${items.join(', ')}]` : items.length})`;
  }
  if (Array.isArray(value)) return value.length === 0 ? '[  ]' : `[ ${value.map((item) => show(item, inside)).join(', ')} ]`;
  if (Object.prototype.toString.call(value) === '[object Error]') return describeError(value);
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${show(member, inside)}`);
  return members.length === 0 ? '{  }' : `{ ${members.join(', ')} }`;
}

/** An error's kind and message, whichever world it comes from. */
export function describeError(error: unknown): string {
  if (typeof error !== 'object' || error === null) return show(error);
  const { name, message } = error as { name?: unknown; message?: unknown };
  return message === undefined ? show(error) : `${String(name ?? 'Error')}: ${String(message)}`;
}
