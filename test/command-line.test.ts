import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(__dirname, '..');

/** What a command says of its command line, and how it ends. */
function say(script: string, words: string[]): { status: number | null; text: string } {
  const typed = script.endsWith('.ts') ? [join(root, 'node_modules/ts-node/dist/bin.js'), '--cwdMode'] : [];
  const { status, stderr } = spawnSync(process.execPath, [...typed, script, ...words], { cwd: root, encoding: 'utf8', timeout: 60_000 });
  return { status, text: stderr.trim() };
}

describe('a wrong command line is refused at once, with the value and what would be right', () => {
  it.each([
    [['--fuzz', '--frames', '1.5'], '--frames 1.5 is not a whole number above 0.'],
    [['--chip', '--hours', '0'], '--hours 0 is not a number above 0.'],
    [['--chip', '--seed', 'x'], '--seed x is not a whole number.'],
    [['--engine', 'jerry'], '--engine jerry is not known: it is espruino.'],
    [['--nonsense'], "Unknown option '--nonsense'. The options are --chip, --fuzz, --engine, --hours, --frames, --seed, --json."],
    [[], expect.stringMatching(/^soak --chip/)],
  ])('soak %j', (words, text) => {
    expect(say('test/soak/main.ts', words)).toEqual({ status: 2, text });
  }, 60_000);

  it.each([
    [['--engines', '--only', 'foo'], expect.stringMatching(/^--only foo: there is no such scenario. There are: receive512, /)],
    [['--chip', '--only', 'echo'], '--only: it chooses among the scenarios of --engines.'],
  ])('bench %j', (words, text) => {
    expect(say('test/bench/main.ts', words)).toEqual({ status: 1, text });
  }, 60_000);

  it.each([
    ['build.config.mjs', 2, "Unknown option '--nonsense'. The options are --board, --app, --profile, --json, --readme, --check-readme."],
    ['boards/virtual/main.ts', 2, expect.stringMatching(/^Unknown option '--nonsense'\. The options are --board, --app, --engine, /)],
    ['boards/virtual/size.ts', 1, "Unknown option '--nonsense'. The options are --board, --json, --readme."],
    ['boards/flash/main.ts', 1, "Unknown option '--nonsense'. The options are --board, --app, --port, --to, --force, --help."],
    ['test/conformance/main.ts', 2, "Unknown option '--nonsense'. The options are --json."],
    ['test/run.ts', 2, '--nonsense: npm test takes nothing and runs all. `npm run unit -- PATH` runs some of the suites.'],
  ])('%s --nonsense', (script, status, text) => {
    expect(say(script, ['--nonsense'])).toEqual({ status, text });
  }, 60_000);

  it('an option that wants a value, and has none', () => {
    expect(say('boards/flash/main.ts', ['--port'])).toEqual({ status: 1, text: expect.stringMatching(/^Option '--port <value>' argument missing\. The options are /) });
  }, 60_000);
});
