import * as vm from 'node:vm';
import { absentGlobals, absentMembers } from './dialect';
import { textsOfFunctions, withGivenTexts } from './texts';

/** Espruino's typed arrays take the octets of a string, one a character, where others take what it says in digits. */
const octetsOfStrings = `{
  const prototype = Object.getPrototypeOf(Uint8Array.prototype), set = prototype.set;
  prototype.set = function (source, offset) {
    if (typeof source !== 'string') return set.call(this, source, offset);
    for (let at = 0; at < source.length; at++) this[(offset | 0) + at] = source.charCodeAt(at);
  };
}`;

/**
 * Espruino's typed arrays may begin anywhere in a buffer, and leave over what makes no whole element. Here those that begin
 * where others cannot are copies: they read the same, but what is written to them stays there.
 */
const viewsAnywhere = `{
  const { construct } = Reflect;
  for (const Kind of [Uint16Array, Int16Array, Int32Array, Uint32Array, Float32Array]) {
    const size = Kind.BYTES_PER_ELEMENT;
    globalThis[Kind.name] = new Proxy(Kind, {
      construct(target, args, made) {
        if (Object.prototype.toString.call(args[0]) !== '[object ArrayBuffer]') return construct(target, args, made);
        const [buffer, offset = 0, length = (buffer.byteLength - offset) / size | 0] = args;
        if (offset % size === 0) return construct(target, [buffer, offset, length], made);
        return new Kind(buffer.slice(offset, offset + length * size));
      },
    });
  }
}`;

/** A function of the board's script, or one that it is given. */
export type Callable = (this: unknown, ...args: any[]) => unknown;

/** An object of the board's script. */
export type RealmObject = Record<string, any>;

/**
 * The JavaScript world that the board's script lives in: a context of its own with the language's built-in objects,
 * less those that Espruino does not have, and nothing of Node. It keeps a script honest; it is no defence against one
 * that wants out.
 */
export class Realm {
  readonly context: vm.Context;
  readonly global: RealmObject;

  private readonly make: {
    object(prototype?: object): RealmObject;
    array(items: ArrayLike<unknown>): unknown[];
    bytes(length: number): Uint8Array;
    error(kind: string, message: string): Error;
    functionPrototype: object;
    objectPrototype: RealmObject;
  };

  constructor() {
    this.context = vm.createContext({});
    this.global = vm.runInContext('this', this.context) as RealmObject;
    this.make = vm.runInContext(
      `({
        object: (prototype) => prototype === undefined ? {} : Object.create(prototype),
        array: (items) => { const a = []; for (let i = 0; i < items.length; i++) a[i] = items[i]; return a; },
        bytes: (length) => new Uint8Array(length),
        error: (kind, message) => { const Kind = globalThis[kind] || Error; return new Kind(message); },
        functionPrototype: Function.prototype,
        objectPrototype: Object.prototype,
      })`,
      this.context,
    );
    vm.runInContext(
      `globalThis.InternalError = class InternalError extends Error { get name() { return 'InternalError'; } };`,
      this.context,
    );
    vm.runInContext(octetsOfStrings, this.context);
    vm.runInContext(viewsAnywhere, this.context);
    vm.runInContext(textsOfFunctions, this.context);
    for (const name of absentGlobals) delete this.global[name];
    for (const path of absentMembers) this.removeMember(path);
  }

  /** Runs a script's text in the global scope and returns the value of its last statement. */
  run(text: string, filename: string): unknown {
    return vm.runInContext(withGivenTexts(text), this.context, { filename });
  }

  /** Wraps a module's text in a function of `exports` and `module`, without running it. */
  moduleFunction(text: string, filename: string): Callable {
    return vm.runInContext(`(function(exports,module){${withGivenTexts(text)}\n})`, this.context, { filename }) as Callable;
  }

  /** A new object of this world. */
  object(properties?: RealmObject, prototype?: object): RealmObject {
    return Object.assign(this.make.object(prototype), properties);
  }

  array(items: ArrayLike<unknown>): unknown[] {
    return this.make.array(items);
  }

  bytes(length: number): Uint8Array {
    return this.make.bytes(length);
  }

  /** An error of this world, for the caller to throw. */
  error(message: string, kind = 'Error'): Error {
    return this.make.error(kind, message);
  }

  /** Makes a function of ours look like one of this world, so that nothing of Node hangs on it. */
  adopt<F extends (...args: any[]) => unknown>(run: F): F {
    Object.setPrototypeOf(run, this.make.functionPrototype);
    return run;
  }

  /** An object whose methods are functions of ours. */
  namespace(methods: Record<string, (...args: any[]) => unknown>, prototype?: object): RealmObject {
    const result = this.make.object(prototype);
    for (const [name, method] of Object.entries(methods)) {
      Object.defineProperty(result, name, {
        value: this.adopt(method), writable: true, configurable: true, enumerable: false,
      });
    }
    return result;
  }

  /** Puts methods on every object of this world, out of sight of `for in`. */
  extendObjects(methods: Record<string, (...args: any[]) => unknown>): void {
    for (const [name, method] of Object.entries(methods)) {
      Object.defineProperty(this.make.objectPrototype, name, {
        value: this.adopt(method), writable: true, configurable: true, enumerable: false,
      });
    }
  }

  private removeMember(path: string): void {
    const names = path.split('.');
    const last = names.pop()!;
    let holder: RealmObject | undefined = this.global;
    for (const name of names) holder = holder?.[name] as RealmObject | undefined;
    if (holder !== undefined && holder !== null) delete holder[last];
  }
}
