import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterEach, expect, test } from 'vitest';
import { build } from '../../boards/virtual/product';

const root = join(__dirname, '..', '..');
let folder: string | undefined;
afterEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = undefined;
});

/** What the compiler says of a user's program beside the declarations of the build. */
function faults(program: string): string[] {
  build('pico', 'hello');
  // Within reach of node_modules, where a user has @types/espruino.
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, 'declarations-'));
  const files = { 'ENC28J60.d.ts': readFileSync(join(root, 'dist', 'ENC28J60.d.ts'), 'utf8'), 'program.ts': program };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const made = ts.createProgram(Object.keys(files).map((name) => join(folder!, name)), {
    strict: true, exactOptionalPropertyTypes: true, noEmit: true, types: ['espruino'], lib: ['lib.es5.d.ts'], skipLibCheck: true,
    target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.Preserve, moduleResolution: ts.ModuleResolutionKind.Bundler, typeRoots: [join(root, 'node_modules', '@types')],
  });
  return ts.getPreEmitDiagnostics(made).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

const connected = `import { connect } from 'ENC28J60';
declare const A3: Pin, A4: Pin;
const ethernet = connect(SPI1, { cs: A4, irq: A3, ip: '192.168.1.77', subnet: '255.255.255.0', gateway: '192.168.1.1', connections: 2 });
`;

test('a user\'s program compiles against the declarations that the build leaves', () => {
  expect(faults(`${connected}
    const address: string = ethernet.getIP().ip;
    ethernet.getIP((error, info) => { const text: string | null = error; const mac: string = info.mac; [text, mac]; });
    const taken: boolean = ethernet.setIP({ ip: '10.0.0.5' }, (error) => error === null);
    ethernet.setIP();
    ethernet.setHostname(ethernet.getHostname() + '-2');
    const up: boolean = ethernet.getStatus().phylink === 'up';
    const state: string = ethernet.stats().connections[0]!.state;
    const frames: number | undefined = ethernet.stats().mac['rxFrames'];
    const open: number = ethernet.connections;
    ethernet.disconnect(() => [address, taken, up, state, frames, open]);
  `)).toEqual([]);
});

test('and what is wrong in one is said', () => {
  expect(faults(`${connected}
    ethernet.getIP().address;
    connect(SPI1, { irq: A3 });
    connect(SPI1, { cs: A4, speed: 5 });
    ethernet.connections = 3;
  `).map((text) => text.split('\n')[0])).toEqual([
    "Property 'address' does not exist on type 'IpInfo'.",
    expect.stringContaining("Argument of type '{ irq: Pin; }' is not assignable"),
    expect.stringContaining("'speed' does not exist in type 'ConnectOptions'"),
    "Cannot assign to 'connections' because it is a read-only property.",
  ]);
});
