import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const path = join(__dirname, '..', '..', 'README.md');
const place = (name: string): RegExp => new RegExp(`(<!-- ${name} -->\\n)([^]*?)(<!-- /${name} -->)`);

/** The lines of a table in the README; undefined when it has no place for it. */
export function tableInReadme(name: string): string[] | undefined {
  return place(name).exec(readFileSync(path, 'utf8'))?.[2]?.trim().split('\n');
}

/** Puts a table into its place in the README. @throws Error when there is none */
export function writeTable(name: string, lines: readonly string[]): void {
  const before = readFileSync(path, 'utf8');
  if (!place(name).test(before)) throw new Error(`README.md has no place for the table "${name}": <!-- ${name} --> and <!-- /${name} -->.`);
  writeFileSync(path, before.replace(place(name), (_all, open: string, _old, close: string) => `${open}${lines.join('\n')}\n${close}`));
}
