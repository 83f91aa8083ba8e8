import type { Callable, Realm, RealmObject } from './realm';
import type { Storage } from './storage';

/** `require` and `Modules`: the cache first, then what is built in, then a file in Storage. */
export class Modules {
  private readonly cache = new Map<string, unknown>();

  constructor(
    private readonly realm: Realm, private readonly storage: Storage,
    private readonly builtIn: Readonly<Record<string, () => RealmObject>>,
  ) {}

  install(global: RealmObject): void {
    const { realm } = this;
    global['require'] = realm.adopt((name: unknown): unknown => this.require(name));
    global['Modules'] = realm.namespace({
      addCached: (name: unknown, source: unknown) => {
        if (typeof name !== 'string' || (typeof source !== 'string' && typeof source !== 'function')) {
          throw realm.error('addCached takes a name and a text or a function');
        }
        this.cache.set(name, this.evaluate(name, source as string | Callable));
      },
      getCached: () => realm.array([...this.cache.keys()]),
      removeCached: (name: unknown) => {
        if (!this.cache.delete(String(name))) throw realm.error(`Module ${JSON.stringify(name)} not found`);
      },
      removeAllCached: () => this.cache.clear(),
    });
  }

  require(name: unknown): unknown {
    if (typeof name !== 'string') throw this.realm.error(`The name of a module must be a string, not ${typeof name}`, 'TypeError');
    if (this.cache.has(name)) return this.cache.get(name);
    const native = Object.hasOwn(this.builtIn, name) ? this.builtIn[name]!() : undefined;
    const stored = native === undefined ? this.storage.read(name) : undefined;
    const found = native ?? (stored === undefined ? undefined : this.evaluate(name, stored));
    if (found === undefined) throw this.realm.error(`Module ${JSON.stringify(name)} not found`);
    this.cache.set(name, found);
    return found;
  }

  private evaluate(name: string, source: string | Callable): unknown {
    const exports = this.realm.object();
    const module = this.realm.object({ exports });
    const run = typeof source === 'string' ? this.realm.moduleFunction(source, name) : source;
    run.call(module, exports, module);
    return module['exports'];
  }
}
