import { afterEach, describe, expect, test, vi } from 'vitest';
import { JerryEngine } from '../../../boards/virtual/engine-jerry';
import { RealTime } from '../../../hal/desktop/real-time';
import { VirtualClock } from '../../../hal/mock/clock';
import { Wire } from '../../../hal/mock/wire';
import { noJerry, titled } from '../../tools';

describe.skipIf(noJerry)(titled('JerryScript\'s machine', noJerry), () => {
  let stop: (() => Promise<void>) | undefined;
  afterEach(() => stop?.());

  /** Starts a script; what it prints, throws and ends with is noted. */
  async function run(script: string) {
    const clock = new VirtualClock();
    const realTime = new RealTime(clock);
    const wire = new Wire(clock);
    const lines: string[] = [];
    const note = (what: string) => (line: string): void => void lines.push(what + line);
    const engine = new JerryEngine({
      script, configuration: { kept: 'caf\xe9' }, wiring: { spi: '1', cs: '8', irq: '25', rst: '24' }, spiHz: 10e6, wire,
      print: note(''), uncaught: note('uncaught: '), ended: note('ended: '), kick: (action) => realTime.kick(action),
    });
    stop = async () => {
      await engine.stop();
      realTime.stop();
    };
    realTime.start();
    await engine.start();
    return { lines, engine };
  }

  const until = (lines: string[], last: string) => vi.waitFor(() => expect(lines.at(-1)).toContain(last), { timeout: 10_000 });

  test('runs timers in their order, in time, and never inside each other', async () => {
    const { lines } = await run(`
      var start = Date.now(), inside = 0;
      function tick(name) { return function () {
        if (inside++) print('inside');
        while (Date.now() < start + 60);
        print(name, Date.now() - start >= 50, ENC28J60.kept);
        inside--;
      }; }
      setTimeout(tick('second'), 55);
      setTimeout(tick('first'), 50);
      clearTimeout(setTimeout(tick('never'), 52));
      var left = 2, repeated = setInterval(function () { print('again'); if (--left === 0) { clearInterval(repeated); print('done'); } }, 100);
      // A comment at the end of a line, \u00e9 and a template of two lines:
      print(\`a
b\`);`);
    await until(lines, 'done');
    expect(lines).toEqual(['a\nb', 'first true caf\xe9', 'second true caf\xe9', 'again', 'again', 'done']);
  });

  test('reports errors, and goes on', async () => {
    const { lines } = await run(`
      setTimeout(function () { throw new Error('in a timer'); }, 1);
      setTimeout(function () { print('on'); }, 20);
      require('nothing');`);
    await until(lines, 'on');
    expect(lines).toEqual(['uncaught: Uncaught Error: There is no module nothing', 'uncaught: Uncaught Error: in a timer', 'on']);
  });

  test('reports what is no JavaScript', async () => {
    const { lines } = await run('this is none');
    await until(lines, 'uncaught: ');
    expect(lines.join()).toContain('SyntaxError');
  });

  test('says that the heap is used up', async () => {
    const { lines } = await run('setTimeout(function () { var all = []; for (;;) all.push({}); }, 1);');
    await until(lines, 'The interpreter has ended with code 10, out of memory.');
  });

  test('tells what the script does wrong to the chip', async () => {
    const { engine } = await run(`
      var gpio = require('gpio'), reset = gpio.openSync({ pin: 24, direction: gpio.DIRECTION.OUT });
      reset.writeSync(0);
      reset.writeSync(1);`);
    await vi.waitFor(() => expect(engine.violations.join()).toContain('RESET pin was low for 0.00 us'), { timeout: 10_000 });
  });
});
