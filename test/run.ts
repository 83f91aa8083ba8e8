// npm test: types, lint, the built files, and every suite that this machine can run. Ends with what was skipped and
// why, what failed, and one line of counts.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Results } from './reporter';

const root = join(__dirname, '..');
const rooms = ['src', 'hal', 'hal/mock', 'hal/desktop', 'boards', 'boards/virtual', 'test'];

function run(title: string, script: string, words: string[], env: Record<string, string> = {}): boolean {
  console.log(`\n== ${title}`);
  const done = spawnSync(process.execPath, [join(root, script), ...words], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (done.status !== 0) console.log(`${title}: failed`);
  return done.status === 0;
}

if (process.argv.length > 2) {
  console.error(`${process.argv.slice(2).join(' ')}: npm test takes nothing and runs all. \`npm run unit -- PATH\` runs some of the suites.`);
  process.exit(2);
}

const steps: boolean[] = [
  run('Types', 'node_modules/typescript/bin/tsc', ['-b', ...rooms, '--noEmit']),
  run('Lint', 'node_modules/eslint/bin/eslint.js', ['--config', 'test/eslint.config.mjs', '--max-warnings', '0', '.']),
  run('Built files: dialect, and sizes as the README says', 'build.config.mjs', ['--check-readme']),
];

const folder = mkdtempSync(join(tmpdir(), 'enc28j60-tcp-'));
const path = join(folder, 'results.json');
run(
  'Suites',
  'node_modules/vitest/vitest.mjs',
  ['run', '--config', 'test/vitest.config.mts', '--reporter', 'default', '--reporter', './test/reporter.ts'],
  { RESULTS: path },
);
const results: Results = existsSync(path)
  ? (JSON.parse(readFileSync(path, 'utf8')) as Results)
  : { passed: 0, failed: 1, failures: ['the run of the suites ended before its time'], skipped: [] };
rmSync(folder, { recursive: true });

const passed = results.passed + steps.filter((good) => good).length;
const failed = results.failed + steps.filter((good) => !good).length;
if (results.skipped.length > 0) {
  console.log('\nSkipped:');
  for (const line of results.skipped) console.log(`  ${line}`);
}
if (results.failures.length > 0) {
  console.log('\nFailed:');
  for (const line of results.failures) console.log(`  ${line}`);
}
console.log(`\n${passed} passed, ${failed} failed, ${results.skipped.length} skipped`);
process.exit(failed === 0 ? 0 : 1);
