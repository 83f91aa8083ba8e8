import type { Events } from './events';
import { Idle, type IdleLoop } from './loop';
import type { Callable, Realm, RealmObject } from './realm';

/** Octets that a stream keeps while nobody listens for its `data`. */
const bufferLimit = 512;

/** What `pipe` takes beside its destination. */
interface PipeOptions {
  chunkSize?: number;
  end?: boolean;
  complete?: Callable;
}

interface Pipe {
  readonly object: RealmObject;
  readonly source: RealmObject;
  readonly destination: RealmObject;
  readonly chunk: number;
  readonly end: boolean;
  waiting: boolean;
  closed: boolean;
}

/**
 * What Espruino's readable objects share: data goes to the `data` listeners at once, or into a small buffer that
 * `read` empties, and `pipe` moves it from the idle loop.
 */
export class Streams {
  /** The methods of a readable object: `available`, `read`, `pipe`. */
  readonly methods: Record<string, (...args: any[]) => unknown>;

  private readonly buffers = new WeakMap<object, string>();
  private pipes: Pipe[] = [];

  constructor(private readonly realm: Realm, private readonly loop: IdleLoop, private readonly events: Events) {
    const streams = this;
    this.methods = {
      available: function (this: object): number { return streams.buffers.get(this)?.length ?? 0; },
      read: function (this: object, count?: unknown): string { return streams.read(this, Number(count) | 0); },
      pipe: function (this: RealmObject, destination: unknown, options?: unknown): void {
        streams.pipe(this, destination as RealmObject, options);
      },
    };
    events.onListener = (target, event) => {
      const kept = this.buffers.get(target);
      if (event !== 'data' || kept === undefined) return;
      this.buffers.delete(target);
      events.queue(target, 'data', [kept]);
    };
    loop.addCheck(() => this.check());
  }

  /**
   * Hands received data to a readable object.
   * @param force keeps what the buffer can take even if that is not all
   * @returns false when the data was not taken because the buffer is full
   */
  push(target: object, data: string, force: boolean): boolean {
    if (this.events.has(target, 'data')) {
      this.events.now(target, 'data', [data]);
      return true;
    }
    const kept = this.buffers.get(target);
    if (kept === undefined) {
      this.buffers.set(target, data);
      return true;
    }
    const fits = kept.length + data.length <= bufferLimit;
    if ((fits || force) && kept.length < bufferLimit) this.buffers.set(target, (kept + data).slice(0, bufferLimit));
    return fits;
  }

  private read(target: object, count: number): string {
    const kept = this.buffers.get(target) ?? '';
    if (count <= 0 || count >= kept.length) {
      this.buffers.delete(target);
      return kept;
    }
    this.buffers.set(target, kept.slice(count));
    return kept.slice(0, count);
  }

  private pipe(source: RealmObject, destination: RealmObject, options: unknown): void {
    const { realm, events } = this;
    if (typeof destination?.['write'] !== 'function') {
      throw realm.error('What a pipe leads to must have a method write');
    }
    const { chunkSize = 64, end = true, complete } = (options ?? {}) as PipeOptions;
    if (!(chunkSize > 0)) throw realm.error('chunkSize must be a number above 0', 'TypeError');
    const object = realm.object();
    const pipe: Pipe = { object, source, destination, chunk: chunkSize, end, waiting: false, closed: false };
    if (complete !== undefined) events.add(object, 'complete', complete, false);
    const close = realm.adopt(() => this.close(pipe));
    events.add(source, 'close', close, false);
    events.add(destination, 'drain', realm.adopt(() => { pipe.waiting = false; }), false);
    events.add(destination, 'close', close, false);
    this.pipes.push(pipe);
  }

  private check(): Idle {
    let found = Idle.Absent;
    for (const pipe of this.pipes.slice()) {
      if (found === Idle.Absent) found = Idle.Waiting;
      if (!pipe.waiting && !pipe.closed && this.move(pipe)) found = Idle.Moved;
    }
    return found;
  }

  private move(pipe: Pipe): boolean {
    const data = this.loop.call(pipe.source['read'] as Callable, pipe.source, [pipe.chunk]) as string | undefined;
    if (data === undefined || data === null) {
      this.close(pipe);
      return true;
    }
    if (data.length === 0) return false;
    if (this.loop.call(pipe.destination['write'] as Callable, pipe.destination, [data]) === false) pipe.waiting = true;
    return true;
  }

  private close(pipe: Pipe): void {
    if (pipe.closed) return;
    pipe.closed = true;
    this.pipes = this.pipes.filter((other) => other !== pipe);
    const { source, destination } = pipe;
    this.events.queue(pipe.object, 'complete', [pipe.object]);
    const rest = this.buffers.get(source);
    if (rest !== undefined && rest.length > 0) {
      this.buffers.delete(source);
      this.loop.call(destination['write'] as Callable, destination, [rest]);
    }
    if (!pipe.end) return;
    this.events.removeAll(destination, 'drain');
    this.events.removeAll(destination, 'close');
    for (const name of ['end', 'close']) {
      if (typeof destination[name] === 'function') this.loop.call(destination[name] as Callable, destination, []);
    }
    this.events.removeAll(source, 'close');
    if (typeof source['close'] === 'function') this.loop.call(source['close'] as Callable, source, []);
  }
}
