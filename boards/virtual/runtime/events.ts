import type { IdleLoop } from './loop';
import type { Callable, Realm, RealmObject } from './realm';

/**
 * Espruino's event emitters: every object has `on`, `emit` and their kin, listeners are called from the idle loop and
 * not from inside `emit`, and the list of listeners is that of the moment at which the event was queued.
 */
export class Events {
  private readonly listeners = new WeakMap<object, Map<string, readonly Callable[]>>();

  /** Told of each new listener; streams hand over what they have kept for a first `data` listener. */
  onListener?: (target: object, event: string) => void;

  constructor(private readonly realm: Realm, private readonly loop: IdleLoop) {
    const events = this;
    const adder = (first: boolean) => function (this: object, event: unknown, listener: unknown): void {
      events.add(this, event, listener, first);
    };
    realm.extendObjects({
      on: adder(false),
      addListener: adder(false),
      prependListener: adder(true),
      emit: function (this: object, event: unknown, ...args: unknown[]): void {
        if (args.length > 4) throw realm.error('emit passes four values at most', 'TypeError');
        events.queue(this, events.name(event), args);
      },
      removeListener: function (this: object, event: unknown, listener: unknown): void {
        const name = events.name(event);
        const map = events.listeners.get(this);
        const list = map?.get(name);
        if (list !== undefined) map!.set(name, list.filter((candidate) => candidate !== listener));
      },
      removeAllListeners: function (this: object, event?: unknown): void {
        if (event === undefined) events.listeners.delete(this);
        else events.listeners.get(this)?.delete(events.name(event));
      },
    });
  }

  add(target: object, event: unknown, listener: unknown, first: boolean): void {
    const name = this.name(event);
    if (typeof listener !== 'function') {
      throw this.realm.error('A listener must be a function', 'TypeError');
    }
    let map = this.listeners.get(target);
    if (map === undefined) this.listeners.set(target, map = new Map());
    const list = map.get(name) ?? [];
    map.set(name, first ? [listener as Callable, ...list] : [...list, listener as Callable]);
    this.onListener?.(target, name);
  }

  has(target: object, event: string): boolean {
    return this.of(target, event).length > 0;
  }

  /** Queues the listeners of an event for the end of the idle loop's turn. */
  queue(target: object, event: string, args: unknown[]): void {
    const list = this.of(target, event);
    if (list.length > 0) this.loop.queue(list, target, args);
  }

  /** Calls the listeners of an event at once. */
  now(target: object, event: string, args: unknown[]): void {
    for (const listener of this.of(target, event)) this.loop.call(listener, target, args);
  }

  removeAll(target: object, event: string): void {
    this.listeners.get(target)?.delete(event);
  }

  private of(target: object, event: string): readonly Callable[] {
    return this.listeners.get(target)?.get(event) ?? [];
  }

  private name(event: unknown): string {
    if (typeof event !== 'string') throw this.realm.error("An event's name must be a string", 'TypeError');
    return event;
  }
}

/** An error as the script sees it in an `error` event. */
export function errorDetails(realm: Realm, code: number, message: string): RealmObject {
  return realm.object({ code, message });
}
