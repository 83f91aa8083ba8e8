// Installs the locked packages when they are missing or older than the lock file, so that `npm start` and `npm test`
// work on a fresh clone. Plain Node: it runs before any package is there.
import { existsSync, statSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

const installed = 'node_modules/.package-lock.json';
const lock = 'package-lock.json';
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
  // Not on standard output: that belongs to the command, which may print JSON.
  console.error('Installing the locked packages (npm ci) ...');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel', 'error'], {
    stdio: ['inherit', 2, 2],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    console.error('npm ci failed; the packages named in package-lock.json could not be installed.');
    process.exit(npm.status ?? 1);
  }
}
