import type { Realm, RealmObject } from './realm';
import { octetsOf, textOf } from './bytes';

/** Octets of flash that the boards with an STM32F4 give to Storage. */
const capacity = 65536;

/** Octets of flash that a file takes beside its own. */
const fileHeader = 32;

/** The `Storage` module: named files in flash. Here they live in memory. */
export class Storage {
  private readonly files = new Map<string, string>();

  /** @param files what was written to flash before: names, and texts of one octet a character */
  constructor(private readonly realm: Realm, files: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(files)) this.files.set(name, text);
  }

  /** The text of a file, or undefined. */
  read(name: string): string | undefined {
    return this.files.get(name);
  }

  get free(): number {
    let used = 0;
    for (const text of this.files.values()) used += fileHeader + text.length;
    return Math.max(0, capacity - used);
  }

  /** The object that `require('Storage')` gives. */
  module(): RealmObject {
    const { realm, files } = this;
    const write = (name: unknown, data: unknown, offset = 0, size = 0): boolean => {
      const key = this.name(name);
      const plain = typeof data === 'object' && data !== null && !Array.isArray(data) && !ArrayBuffer.isView(data);
      const text = plain ? JSON.stringify(data) : textOf(octetsOf(realm, data));
      const old = offset > 0 ? files.get(key) : undefined;
      const length = old !== undefined ? old.length : Math.max(size, offset + text.length);
      const before = (old ?? '\xff'.repeat(length)).slice(0, offset);
      const after = (old ?? '\xff'.repeat(length)).slice(offset + text.length);
      if (offset + text.length > length || length - (files.get(key)?.length ?? 0) > this.free) return false;
      files.set(key, before + text + after);
      return true;
    };
    return realm.namespace({
      read: (name: unknown, offset = 0, length = 0) => {
        const text = files.get(this.name(name));
        return length > 0 ? text?.substr(offset, length) : text?.slice(offset);
      },
      readArrayBuffer: (name: unknown) => {
        const text = files.get(this.name(name));
        if (text === undefined) return undefined;
        const bytes = realm.bytes(text.length);
        for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
        return bytes.buffer;
      },
      readJSON: (name: unknown, noExceptions?: unknown) => {
        const text = files.get(this.name(name));
        if (text === undefined) return undefined;
        try {
          return realm.global['JSON'].parse(text) as unknown;
        } catch (error) {
          if (noExceptions) return undefined;
          throw error;
        }
      },
      write,
      writeJSON: (name: unknown, data: unknown) => write(name, JSON.stringify(data)),
      erase: (name: unknown) => void files.delete(this.name(name)),
      eraseAll: () => files.clear(),
      list: (filter?: RegExp) => {
        return realm.array([...files.keys()].filter((name) => filter === undefined || name.match(filter) !== null));
      },
      getFree: () => this.free,
      compact: () => undefined,
      optimise: () => undefined,
    });
  }

  private name(value: unknown): string {
    const name = String(value);
    if (name.length > 28) throw this.realm.error('File name is longer than 28 characters');
    return name;
  }
}
