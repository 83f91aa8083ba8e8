import type { Engine, EngineOptions } from './engine';
import { describeError, makeConsole } from './runtime/console';
import { makeCrypto } from './runtime/crypto';
import { firmware, makeE, makeProcess } from './runtime/e';
import { Dgram } from './runtime/dgram';
import { Events } from './runtime/events';
import { Http } from './runtime/http';
import { IdleLoop } from './runtime/loop';
import { Modules } from './runtime/modules';
import { Net } from './runtime/net';
import { NetworkDevice, SocketType } from './runtime/network-device';
import { Pins } from './runtime/pins';
import { type Callable, Realm, type RealmObject } from './runtime/realm';
import { Sockets } from './runtime/sockets';
import { SpiBuses } from './runtime/spi';
import { Storage } from './runtime/storage';
import { Streams } from './runtime/streams';
import { parseUrl } from './runtime/url';

/** Microseconds that asking for the time takes the script, so that a loop that waits for time to pass ends. */
const timeOfGetTime = 20;

/**
 * Runs a board's script in Node, in a context that holds Espruino's globals and nothing else. All that the script does
 * happens in events of the clock, so that it runs at real pace or under a test's hand alike.
 */
export class NodeEngine implements Engine {
  readonly name = `Node ${process.versions.node} as Espruino ${firmware}`;
  /** The script's global scope, for tests and the inspector. */
  readonly global: RealmObject;

  private readonly realm = new Realm();
  private readonly loop: IdleLoop;

  constructor(private readonly options: EngineOptions) {
    const { realm } = this;
    const { clock, chip, wiring, print } = options;
    this.global = realm.global;
    this.loop = new IdleLoop(clock, (error) => this.report(error));
    const events = new Events(realm, this.loop);
    const streams = new Streams(realm, this.loop, events);
    const device = new NetworkDevice(realm, this.loop);
    const sockets = new Sockets(realm, this.loop, events, streams, device);
    const net = new Net(realm, events, streams, sockets, print);
    const http = new Http(realm, events, streams, sockets, print);
    sockets.accepted = (server, type) => type === SocketType.Http ? http.served(server) : net.socket();
    const dgram = new Dgram(realm, this.loop, events, device);
    const pins = new Pins(realm, this.loop, chip, wiring);
    const storage = new Storage(realm, options.storage);
    const crypto = makeCrypto(realm);
    const url = realm.namespace({ parse: (text: string, query?: unknown) => parseUrl(realm, text, !!query) });
    const modules = new Modules(realm, storage, {
      Storage: () => storage.module(),
      NetworkJS: () => device.module(),
      net: () => net.module(),
      dgram: () => dgram.module(),
      http: () => http.module(),
      crypto: () => crypto,
      url: () => url,
    });
    const { global } = this;
    pins.install(global);
    new SpiBuses(realm, pins, chip, wiring).install(global);
    modules.install(global);
    this.installTimers();
    global['global'] = global;
    global['console'] = makeConsole(realm, print);
    global['print'] = (global['console'] as RealmObject)['log'];
    global['E'] = makeE(realm);
    global['process'] = makeProcess(realm, options.board);
    global['getSerial'] = realm.adopt(() => options.board.serial);
    global['url'] = url;
    global['echo'] = realm.adopt(() => undefined);
    global['atob'] = realm.adopt((text: string) => Buffer.from(text, 'base64').toString('latin1'));
    global['btoa'] = realm.adopt((text: string) => Buffer.from(text, 'latin1').toString('base64'));
  }

  async start(): Promise<void> {
    const { script, filename, kick = (action) => action() } = this.options;
    kick(() => void this.run(script, filename));
  }

  /** Runs a text in the script's global scope. What it throws is reported. @returns the value of its last statement */
  run(text: string, filename = 'typed'): unknown {
    return this.loop.during(() => {
      try {
        return this.realm.run(text, filename);
      } catch (error) {
        this.report(error);
        return undefined;
      }
    });
  }

  async stop(): Promise<void> {
    this.loop.stop();
    this.options.chip.onInterrupt = undefined;
  }

  private installTimers(): void {
    const { realm, loop, global } = this;
    const { clock } = this.options;
    const start = (repeat: boolean) => realm.adopt((callback: unknown, delay: unknown, ...args: unknown[]): number => {
      const run = typeof callback === 'string' ? () => realm.run(callback, 'timer') : callback;
      if (typeof run !== 'function') throw realm.error('A timer needs a function or a text');
      return loop.addTimer(run as Callable, Number(delay), repeat, args);
    });
    const clear = realm.adopt((...ids: unknown[]): void => {
      if (ids.length === 0) loop.removeAllTimers();
      for (const id of ids) loop.removeTimer(Number(id));
    });
    global['setTimeout'] = start(false);
    global['setInterval'] = start(true);
    global['clearTimeout'] = clear;
    global['clearInterval'] = clear;
    global['changeInterval'] = realm.adopt((id: number, delay: number): void => {
      if (!loop.changeInterval(id, delay)) throw realm.error('There is no such timer');
    });
    let started = Date.now() / 1000 - clock.now / 1e6;
    global['getTime'] = realm.adopt((): number => {
      clock.advance(timeOfGetTime);
      return started + clock.now / 1e6;
    });
    global['setTime'] = realm.adopt((seconds: number): void => {
      started = seconds - clock.now / 1e6;
    });
  }

  private report(error: unknown): void {
    const stack = typeof error === 'object' && error !== null ? (error as { stack?: unknown }).stack : undefined;
    const frames = String(stack ?? '').split('\n').filter((line) => /^\s+at /.test(line) && line.includes(this.options.filename));
    this.options.uncaught(['Uncaught ' + describeError(error), ...frames].join('\n'));
  }
}
