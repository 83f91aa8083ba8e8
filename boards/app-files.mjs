import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { UsageError } from './command-line.mjs';

const folder = join(import.meta.dirname, 'apps');

export const appNames = () => readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== 'app.ts').map((file) => basename(file, '.ts'));

export async function checkApp(name, from = folder) {
  const path = join(from, `${name}.ts`);
  // Not bundled: esbuild would give a file without any export one of its own.
  const { metafile } = await build({ entryPoints: [path], write: false, metafile: true, format: 'esm', logLevel: 'silent' });
  if (Object.values(metafile.outputs)[0].exports.includes('default')) return;
  throw new UsageError(`--app ${name}: ${path} exports no app. It is to have an "export default", as boards/apps/hello.ts has.`);
}
