import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(__dirname, '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
/** The names and files of the commands that take options. */
const commands = Object.entries(scripts).flatMap(([name, line]): [string, string][] => {
  const [, file] = /(?:ts-node --cwdMode|&& node) (\S+)$/.exec(line) ?? [];
  return file === undefined || name === 'test' ? [] : [[name, file]];
});

function run(script: string, words: string[]) {
  const typed = script.endsWith('.ts') ? [join(root, 'node_modules/ts-node/dist/bin.js'), '--cwdMode'] : [];
  return spawnSync(process.execPath, [...typed, script, ...words], { cwd: root, encoding: 'utf8', timeout: 60_000 });
}

/** What a command says of its command line, and how it ends. */
function say(script: string, words: string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = run(script, words);
  expect(stdout).toBe('');
  return { status, text: stderr.trim() };
}

describe('a wrong command line is refused at once, with the value and what would be right', () => {
  it('soak', () => {
    const text = expect.stringMatching(/^One of --chip, --fuzz and --engine is missing\.\n\nnpm run soak -- --chip/);
    expect(say('test/soak/main.ts', [])).toEqual({ status: 2, text });
  }, 60_000);

  it.each([
    [['--engines', '--only', 'foo'], expect.stringMatching(/^--only foo: there is no such scenario. There are: receive512, /)],
    [['--chip', '--only', 'echo'], '--only: it chooses among the scenarios of --engines.'],
  ])('bench %j', (words, text) => {
    expect(say('test/bench/main.ts', words)).toEqual({ status: 2, text });
  }, 60_000);

  it.each([
    ['flash', 'boards/flash/main.ts', ['--port'], /^Option '--port <value>' argument missing\. The options are --board, /],
    ['flash', 'boards/flash/main.ts', ['--port', 'p', '--to', 'x'], /^--to x: there are boot, ram and module\.$/],
    ['flash', 'boards/flash/main.ts', ['--port', 'p', '--board', 'x'], /^--board x: there is no such board\. There are: pico, /],
    ['flash', 'boards/flash/main.ts', ['--port', 'p', '--board', 'jerryscript-raspberry-pi'], /^--board \S+: it has no Espruino to be flashed through\./],
    ['build', 'build.config.mjs', ['--app', 'app'], /^--app app: there is no such app\. There are: console, hello\.$/],
    ['size', 'boards/virtual/size.ts', ['--board', 'x'], /^--board x: there is no such board\. There are: pico, /],
  ])('%s: %s %j', (_name, script, words, text) => {
    expect(say(script, words)).toEqual({ status: 2, text: expect.stringMatching(text) });
  }, 60_000);

  it('npm test --nonsense', () => {
    const text = '--nonsense: npm test takes nothing and runs all. `npm run unit -- PATH` runs some of the suites.';
    expect(say('test/run.ts', ['--nonsense'])).toEqual({ status: 2, text });
  }, 60_000);
});

it('there are seven commands that take options', () => {
  expect(commands.map(([name]) => name)).toEqual(['start', 'build', 'conformance', 'bench', 'size', 'soak', 'flash']);
});

it.each(commands)('npm %s --help names each of the options that an unknown one is answered with', (name, script) => {
  const { status, text } = say(script, ['--nonsense']);
  expect([status, text]).toEqual([2, expect.stringMatching(/^Unknown option '--nonsense'\. The options are --.*, --help\.$/)]);
  const [, ...known] = text.match(/--[a-z-]+/g)!;
  const help = run(script, [name === 'soak' ? '-h' : '--help']);
  expect([help.status, help.stderr]).toEqual([0, '']);
  expect(help.stdout).toContain(name === 'start' ? 'npm start -- ' : `npm run ${name} -- `);
  for (const option of known) expect(help.stdout).toMatch(new RegExp(`^  ${option}\\b.*\\S$`, 'm'));
}, 60_000);
