import { afterEach, expect, it, vi } from 'vitest';
import { nodePlatform } from '../../../boards/virtual/node-platform';
import { Wire } from '../../../hal/mock/wire';
import { WirePort } from '../../../hal/mock/wire-port';
import { VirtualClock } from '../../../hal/mock/clock';
import { Stack, parseAddress } from '../../../src/index';
import { SIZES } from '../../src/lan';

interface Pump {
  startPump(irq: { read(): boolean }): void;
  run(): void;
}
interface Sockets {
  readonly dns: Int32Array;
  create(host: string, port: number, type: number): number;
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('a host by its name is asked for at once, however long the stack has nothing to do', async () => {
  vi.useFakeTimers({ now: 0, toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  vi.stubGlobal('getTime', () => Date.now() / 1000);
  vi.stubGlobal('setWatch', () => 1);
  const load = async (name: string): Promise<unknown> => (await import(`../../../boards/espruino/${name}` as string)) as unknown;
  const { Pump: MakePump } = (await load('pump')) as { Pump: new (stack: Stack) => Pump };
  const { Sockets: MakeSockets } = (await load('sockets')) as { Sockets: new (stack: Stack, pump: Pump) => Sockets };

  const wire = new Wire(new VirtualClock());
  const asked: number[] = [];
  wire.attach({ frameArrived: () => void asked.push(Date.now()), linkChanged: () => undefined });
  const port = new WirePort(wire, { address: Uint8Array.of(2, 0, 0, 0, 0, 2) });
  port.open();
  const stack = new Stack(port, nodePlatform, { ...SIZES, datagrams: true, address: parseAddress('10.77.0.2'), netmask: -256, gateway: 0 });
  const pump = new MakePump(stack);
  const sockets = new MakeSockets(stack, pump);
  pump.startPump({ read: () => true });
  pump.run();
  vi.advanceTimersByTime(5020);
  sockets.dns[0] = parseAddress('10.77.0.9');
  wire.clock.advance(10_000);
  asked.length = 0;
  expect(sockets.create('good.example', 80, 0)).toBeGreaterThan(0);
  wire.clock.advance(10_000);
  expect(asked).toEqual([5020]);
});
