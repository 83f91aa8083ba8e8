import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { lower } from '../../boards/lower.mjs';
import { featuresText, withSwitches } from '../../boards/program.mjs';

const off = {
  windowScale: false, timestamps: false, sack: false, cubic: false, synCookies: false, sourceRoute: false, redirects: false,
  datagrams: false, dhcp: false, mdns: false, sntp: false,
};

/** What a script leaves in `out`. */
function outcome(text: string): unknown {
  const global = { out: undefined as unknown };
  runInNewContext(text.replace(/^(import .*|export )/gm, ''), global);
  return JSON.stringify(global.out);
}

/**
 * Lowers a module in a room of the stack's that has a function `connect`, and runs it as it was and as it has become.
 * @returns what it has become
 */
function lowered(text: string, path = 'src/planted.ts', profile: object = off): string {
  const { modules, names } = lower(`import { connect } from './${path.slice(0, -3)}';\nout = connect();\n`, profile, { [path]: text });
  const result = modules.get(join(__dirname, '..', '..', path))!;
  const compilerOptions = { target: ts.ScriptTarget.ES2022, useDefineForClassFields: false };
  const before = ts.transpileModule(text, { compilerOptions }).outputText;
  const declared = names.length > 0 ? `var ${names.join()};` : '';
  expect(outcome(`${declared}${result}\nout=connect();`), result).toBe(outcome(`${before}\nout=connect();`));
  return result;
}

describe('switches of the memory profile', () => {
  test('are set in the source\'s place', () => {
    const text = 'export const SACK: boolean = true;\nexport const CUBIC: boolean = true;\n';
    expect(featuresText(text, { sack: false, cubic: true })).toBe(text.replace('true', 'false'));
    expect(() => featuresText(text, { sack: false })).toThrow('does not say what CUBIC is');
  });

  test('all off, or all on, leave numbers alone', () => {
    expect(withSwitches({ mss: 536, sack: true }, false)).toEqual({ mss: 536, sack: false });
    expect(withSwitches({ mss: 536, sack: false }, true)).toEqual({ mss: 536, sack: true });
  });

  const source = `import { SACK } from './features';
    class A {
      blocks = 4;
      used = 1;
      count = 0;
      mark(): void { this.blocks++; }
      plain(): void { this.used++; }
    }
    const WIDE = SACK && off();
    function off(): boolean { return true; }
    export function connect(): unknown {
      const all = [new A(), new A()];
      const a = all[0];
      if (SACK) a.mark();
      if (SACK && a.used > 0) a.mark();
      if (!SACK || a.used > 5) a.plain();
      if (WIDE) a.mark();
      const size = SACK ? a.blocks : a.used;
      if (!SACK) return size;
      a.mark();
      return a.blocks;
    }`;

  test('leave out what only they need, with its methods and fields', () => {
    const { modules } = lower('import { connect } from \'./src/planted\';\nout = connect();\n', off, { 'src/planted.ts': source });
    const result = modules.get(join(__dirname, '..', '..', 'src/planted.ts'))!;
    expect(result).not.toMatch(/mark|blocks|count|SACK \?|if \(SACK/);
    expect(result).toContain('plain$');
  });

  test('or leave it in', () => {
    const on = withSwitches(off, true);
    const { modules } = lower('import { connect } from \'./src/planted\';\nout = connect();\n', on, { 'src/planted.ts': source });
    expect(modules.get(join(__dirname, '..', '..', 'src/planted.ts'))).toMatch(/mark\$\(\)[^]*blocks\$\+\+/);
  });
});

describe('what the types tell the build', () => {
  test('counters that nobody reads are not kept, but what is done to get their value is', () => {
    const result = lowered(`let calls = 0;
      function next(): number { return ++calls; }
      class Counters { seen = 0; lost = 0; last = 0; }
      class A { counters = new Counters(); take(): void { this.counters.seen++; this.counters.lost += 2; this.counters.last = next(); } }
      export function connect(): unknown { const all = [new A(), new A()]; all[0].take(); all[1].take(); return [all[0].counters.seen, calls]; }`);
    expect(result).not.toMatch(/lost|last/);
    expect(result).toContain('seen$++');
  });

  test('an object of which there is one is a variable, and no parameter', () => {
    const result = lowered(`class Host { now = 5; add(n: number): number { return this.now + n; } }
      class Slot { constructor(private readonly host: Host, readonly index: number) {} get(): number { return ask(this.host, this.index); } }
      function ask(host: Host, n: number): number { return host.add(n); }
      export function connect(): unknown { const host = new Host(); return [new Slot(host, 1).get(), new Slot(host, 2).get(), host.now]; }`);
    expect(result).toContain('function ask(n)');
    expect(result).toContain('$Host');
    expect(result).not.toMatch(/class Host|host\b/);
  });

  test.each([
    'this.all = [new A(), new B()];',
    'this.all = [(new A()), new B() as Told];',
    'this.add(new A()); this.add(new B() as Told);',
    'this.all = [this.yes ? new A() : new B(), this.no || new B()];',
    'this.all = []; this.all[0] = new A(); this.all.push(new B());',
    'this.first = new A(); this.all = [this.first, new B()];',
    'this.all = []; this.add((new A()).self()); const b: Told = new B(); this.all.push(b);',
  ])('which stands where its making is handed on: %s', (statements) => {
    lowered(`interface Told { get(): number; }
      class A implements Told { k = 3; get(): number { return this.k; } self(): Told { return this; } }
      class B implements Told { k = 4; get(): number { return this.k; } }
      class Whole {
        all: Told[] = [];
        first: Told | null = null;
        yes = true;
        no: Told | null = null;
        constructor() { ${statements} }
        add(o: Told): void { this.all.push(o); }
      }
      export function connect(): unknown { return new Whole().all.map((o) => o.get()); }`);
  });

  test('objects of which there are several are not', () => {
    const result = lowered(`class Host { constructor(readonly n: number) {} }
      function ask(host: Host): number { return host.n; }
      export function connect(): unknown { let sum = 0; for (let at = 0; at < 3; at++) sum += ask(new Host(at)); return sum; }`);
    expect(result).toContain('class Host');
    expect(result).toContain('function ask(host)');
  });

  test('what an argument does happens, although the parameter is gone', () => {
    lowered(`let made = 0;
      class Host { constructor() { made++; } }
      class User { constructor(host: Host, readonly n: number) { void host; } }
      export function connect(): unknown { const user = new User(new Host(), 7); return [made, user.n]; }`);
  });

  test('comparisons take their short forms where they mean the same', () => {
    const result = lowered(`class A { next: A | null = null; n = 0; text = ''; on = false; maybe: number | null = 0; }
      export function connect(): unknown {
        const out: unknown[] = [];
        const all = [new A(), new A()];
        all[0].next = all[1];
        all[1].on = true;
        all[1].n = 4;
        all[1].maybe = null;
        for (const a of all) {
          out.push(a.next === null ? 1 : 2, a.n === 0 ? 1 : 2, a.maybe === null ? 1 : 2, a.maybe === 0 ? 1 : 2, a.text === '' ? 1 : 2);
          if (a.next !== null && a.n !== 4) out.push('both');
          if ((a.n === 4) === a.on) out.push('same');
        }
        return out;
      }`);
    expect(result.match(/[!=]==/g)).toEqual(['===']);
    expect(result).toContain('a.maybe$ === 0');
    expect(result).toContain('if (a.next$ && a.n$ != 4)');
  });

  test('but the engine\'s objects are not taken to be true: a pin is a number', () => {
    const result = lowered(`import type { EspruinoPin } from '../../hal/espruino';
      export function connect(pin: EspruinoPin | null = null): unknown { return pin === null ? 'none' : 'one'; }`, 'boards/espruino/planted.ts');
    expect(result).toContain('pin == null');
  });

  test('only our own members get other names', () => {
    const result = lowered(`class A { length = 3; state = 1; }
      export function connect(): unknown { const all = [new A(), new A()]; return [all.length, all[0].length, all[1].state, 'abc'.length]; }`);
    expect(result).toMatch(/all\.length, all\[0\]\.length\$, all\[1\]\.state\$, 'abc'\.length/);
  });

  test('a class that nobody uses does not stand in the way of another\'s methods and objects', () => {
    const result = lowered(`interface Ear { hear(n: number): number }
      class Used implements Ear { private sum = 0; hear(n: number): number { return this.sum += n; } }
      class Unused implements Ear { hear(n: number): number { return n; } }
      function never(): Ear { return new Unused(); }
      function tell(ear: Ear, n: number): number { return ear.hear(n); }
      export function connect(): unknown { const ear = new Used(); return [tell(ear, 2), tell(ear, 3)]; }
      export function alsoNever(): Ear { return never(); }`);
    expect(result).toContain('$Used.Used$hear$(n)');
    expect(result).toContain('function tell(n)');
  });

  test('an object of which there is one has its methods: nobody has to ask', () => {
    const result = lowered(`interface Ear { hear(n: number): number; more?(n: number): number }
      class Used implements Ear { hear(n: number): number { return n + 1; } more(n: number): number { return n + 2; } }
      class Slot { ear: Ear | null = null; }
      export function connect(): unknown {
        const used = new Used();
        return [new Slot(), new Slot()].map((slot, at) => {
          if (at > 0) slot.ear = used;
          const ear = slot.ear;
          return ear !== null && ear.more && ear.hear ? ear.more(at) + ear.hear(at) : -1;
        });
      }`);
    expect(result).toContain('ear && 1 && 1 ?');
  });

  test('but where one of its type may lack a method, somebody has to', () => {
    const text = (made: string): string => `interface Ear { hear(n: number): number; more?(n: number): number }
      class Some implements Ear { hear(n: number): number { return n + 1; } more(n: number): number { return n + 2; } }
      class Other implements Ear { hear(n: number): number { return n + 3; } }
      function tell(ear: Ear | null, n: number): number { return ear !== null && ear.more && ear.hear ? ear.more(n) : ear!.hear(n); }
      export function connect(): unknown { const ears: Ear[] = [${made}]; return ears.map((ear, at) => tell(ear, at)); }`;
    expect(lowered(text('new Some(), new Some(), new Other(), new Other()'))).toContain('ear && ear.Some$more$ && ear.hear$ ?');
    expect(lowered(text('new Some(), new Some()'))).toContain('ear && ear.Some$more$ && 1 ?');
  });

  test('nor for one that passes on what its listeners may want to hear', () => {
    const result = lowered(`interface Errors { failed(n: number): void }
      interface Listener extends Partial<Errors> { id: number }
      class Host implements Errors { heard = 0; listener: Listener | null = null;
        failed(n: number): void { this.heard = n; const listener = this.listener; if (listener !== null && listener.failed) listener.failed(n); } }
      class Quiet implements Listener { id = 1; }
      export function connect(): unknown { const host = new Host(); host.listener = new Quiet(); host.failed(4); return [host.heard, host.listener.id]; }`);
    expect(result).toMatch(/if \(listener && listener\.\w*\$?failed\$\)|\$Quiet\.\w*\$?failed\$/);
  });

  test('nor where the value is wanted', () => {
    lowered(`class Used { hear(n: number): number { return n + 1; } }
      export function connect(): unknown { const used = new Used(); const maybe = used.hear(0) > 4 || used.hear; return [typeof maybe, used.hear(1)]; }`);
  });

  test('true and false are numbers in fields of ours, not in what is returned', () => {
    const result = lowered(`class A { on = false; seen: boolean | undefined = undefined; never: boolean | undefined = undefined; readonly large: boolean;
        constructor(n: number) { this.large = n > 4; }
        look(n: number): void { this.seen = n > 2; this.on = true; } }
      export function connect(): unknown { const all = [new A(3), new A(5)]; all[0].look(4); return all.map((a) => [a.on ? 1 : 2, a.seen ? 1 : 2, a.large ? 1 : 2, a.never === undefined, 3 > 2]); }`, 'boards/espruino/planted.ts');
    expect(result).toMatch(/on\$ = 0;/);
    expect(result).toMatch(/large\$ = n > 4 \? 1 : 0/);
    // By itself, in what may be run often.
    expect(result).toMatch(/seen\$ = n > 2;/);
  });

  test('but a variable for it whose type says nothing of it stays', () => {
    lowered(`class Only { private value = 3; next(): number { return ++this.value; } }
      export function connect(): unknown {
        const only = new Only();
        const any: any = only;
        return [typeof any, any === only, only.next()];
      }`);
  });
});
