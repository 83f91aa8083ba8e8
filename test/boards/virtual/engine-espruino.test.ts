import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { EspruinoEngine } from '../../../boards/virtual/engine-espruino';
import { Enc28j60Chip } from '../../../hal/mock/enc28j60/chip';
import type { SpiChip } from '../../../boards/virtual/runtime/chip';
import { VirtualClock } from '../../../hal/mock/clock';
import { EchoChip } from './scripts';
import { noEngine, titled } from '../../tools';

describe.skipIf(noEngine)(titled('the interpreter', noEngine), () => {
  let engine: EspruinoEngine | undefined;
  afterEach(() => engine?.stop());

  /** The temporary directory is this suite's own: others that run beside it make boards too. */
  const shared = process.env['TMPDIR'];
  let own: string;
  beforeAll(() => {
    process.env['TMPDIR'] = own = mkdtempSync(join(tmpdir(), 'engine-'));
  });
  afterAll(() => {
    if (shared === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = shared;
    rmSync(own, { recursive: true });
  });
  const temporary = () => readdirSync(own);

  /** Runs a script until it prints `done`. */
  async function run(script: string, chip: SpiChip = new EchoChip(), during?: (line: string) => void) {
    const lines: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const print = (line: string) => {
        lines.push(line);
        during?.(line);
        if (line === 'done') resolve();
      };
      engine = new EspruinoEngine({
        script, filename: 'script', chip, clock: new VirtualClock(), print, uncaught: print,
        board: { name: 'TEST', serial: '0123', variables: 5000 },
        wiring: { spi: 'SPI1', cs: 'B1', irq: 'B2', rst: 'B3' },
        storage: { kept: 'caf\xe9\0' },
      });
      engine.start().catch(reject);
    });
    return lines;
  }

  test('exchanges octets of every value with the chip', async () => {
    const chip = new EchoChip();
    const lines = await run(`
      var cs = new Pin('B1'), a = new Uint8Array(256), i, bad = 0;
      for (i = 0; i < 256; i++) a[i] = i;
      SPI1.setup({ sck: new Pin('A5'), mosi: new Pin('A7'), miso: new Pin('A6'), baud: 10000000 });
      var r = SPI1.send(a, cs);
      for (i = 0; i < 256; i++) if (r[i] !== 255 - i) bad++;
      print(r.length, bad, SPI1.send(5, cs), SPI1.send([1, 2], cs).join(), SPI1.send({ data: 0, count: 3 }, cs).join());
      SPI1.write(1, [2, new Uint8Array([3, 4])], { data: 5, count: 2 }, cs);
      SPI1.send(0, cs); // Answered, so all before it has arrived.
      print(SPI2.send([1], cs).join(), SPI1.send('A').charCodeAt(0));
      print('done');
    `, chip);
    expect(lines).toEqual(['256 0 250 254,253 255,255,255', '255 255', 'done']);
    expect(chip.log.slice(-11)).toEqual(['select', 1, 2, 3, 4, 5, 5, 'deselect', 'select', 0, 'deselect']);
  });

  test('reads the revision of the simulated chip', async () => {
    const clock = new VirtualClock();
    const chip = new Enc28j60Chip(clock, { revision: 'B7' });
    clock.advance(1000);
    // Bank 3 (ECON1, BFS), then EREVID at 0x12.
    expect(await run(`var cs = new Pin('B1'); SPI1.write(0x9f, 3, cs); print(SPI1.send([0x12, 0], cs)[1]); print('done');`, chip))
      .toEqual(['6', 'done']);
    expect(chip.violations).toEqual([]);
  });

  test('sees the edges of INT and drives RESET', async () => {
    const chip = new EchoChip();
    const lines = await run(`
      setWatch(function (e) { print('fell', e.state, digitalRead(new Pin('B2'))); print('again'); }, new Pin('B2'), { repeat: true, edge: 'falling' });
      setWatch(function (e) { print('rose', e.state); print('done'); }, new Pin('B2'), { repeat: false, edge: 'rising' });
      print(digitalRead(new Pin('B2')));
      digitalPulse(new Pin('B3'), 0, 1);
      print('ready');
    `, chip, (line) => {
      if (line === 'ready') chip.interrupt(true);
      if (line === 'again') chip.interrupt(false);
    });
    expect(lines).toEqual(['1', 'ready', 'fell false 0', 'again', 'rose true', 'done']);
    expect(chip.log).toEqual(['reset', 'run']);
  });

  test('reports errors while loading and later, and goes on', async () => {
    const lines = await run(`
      setTimeout(function () { print('later'); missing(); }, 20);
      // In a turn of its own: of timers that run out in one, the errors are reported behind them all.
      setTimeout(function () { setTimeout(function () { print('done'); }, 20); }, 40);
      throw new Error('at once');
    `);
    expect(lines[0]).toMatch(/^Uncaught Error: at once/);
    expect(lines.some((line) => line.startsWith('Uncaught ReferenceError: "missing" is not defined'))).toBe(true);
  });

  test('is told when it ends by itself, and leaves nothing behind', async () => {
    const why = await new Promise<string>((ended) => {
      engine = new EspruinoEngine({
        script: 'setTimeout(function () { quit(); }, 20);', filename: 'script', chip: new EchoChip(), clock: new VirtualClock(),
        print: () => undefined, uncaught: () => undefined, ended,
        board: { name: 'TEST', serial: '0123', variables: 5000 }, wiring: { spi: 'SPI1', cs: 'B1' }, storage: {},
      });
      void engine.start();
    });
    expect(why).toBe('The interpreter has ended with code 0.');
    expect(temporary().length).toBe(1);
    await engine!.stop();
    expect(temporary()).toEqual([]);
  });

  test('keeps files in Storage', async () => {
    expect(await run(`var s = require('Storage').read('kept'); print(s.length, s.charCodeAt(3), s.charCodeAt(4)); print('done');`))
      .toEqual(['5 233 0', 'done']);
  });
});
