// Which property names the build may shorten: our own, minus every name that the engine, a user or a file could mean.
// Short names cost Espruino less memory and less time (names of up to four letters fit their variable).
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '..');

function sources(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.startsWith('virtual'))
    .map((file) => join(folder, file));
}

/** Adds the names of members that a file declares: those of classes, of interfaces, of object literals. */
function collect(file, into) {
  const text = readFileSync(join(root, file), 'utf8');
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const add = (set, name) => name && ts.isIdentifier(name) && set.add(name.text);
  const visit = (node) => {
    if (ts.isClassElement(node)) add(into.classes, node.name);
    else if (ts.isParameter(node) && ts.getModifiers(node)?.length) add(into.classes, node.name);
    // esbuild inlines a member of an enum by its name, and does not find it under another one.
    else if (ts.isEnumMember(node)) add(into.enums, node.name);
    else if (ts.isTypeElement(node)) add(into.interfaces, node.name);
    else if (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)) add(into.literals, node.name);
    else if (ts.isFunctionDeclaration(node) || ts.isVariableDeclaration(node)) add(into.globals, node.name);
    ts.forEachChild(node, visit);
  };
  visit(tree);
}

function membersOf(...files) {
  const into = {};
  for (const kind of ['classes', 'interfaces', 'literals', 'globals', 'enums']) into[kind] = new Set();
  for (const file of files) collect(file, into);
  return into;
}

/** Members of what users and the engine are handed, which keep their names. */
const PUBLIC = ['src/options.ts', 'boards/espruino/enc28j60.ts', 'boards/espruino/sockets.ts'];

/** Members that are private by their declaration, whatever file they stand in. */
function privates(file, names) {
  const tree = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.ES2022, true);
  const visit = (node) => {
    const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
    const isPrivate = modifiers.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
    if (isPrivate && node.name && ts.isIdentifier(node.name)) names.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(tree);
}

/** A pattern that matches the names that may be shortened, and no others. */
export function ownNames() {
  const stack = membersOf('hal/hal.ts', ...sources('src'), ...sources('hal/enc28j60'));
  const adapter = membersOf('hal/espruino.ts', ...sources('boards/espruino'));
  const engine = membersOf('node_modules/typescript/lib/lib.es5.d.ts', 'node_modules/@types/espruino/index.d.ts');
  const around = membersOf('hal/espruino.ts', ...sources('boards'));
  const handed = membersOf(...PUBLIC);
  const hidden = new Set();
  for (const file of PUBLIC) privates(file, hidden);
  const reserved = new Set([
    ...engine.classes,
    ...engine.interfaces,
    ...engine.globals,
    ...stack.enums,
    ...around.enums,
    ...around.interfaces,
    ...around.literals,
    ...handed.interfaces,
    ...[...handed.classes].filter((name) => !hidden.has(name)),
  ]);
  const own = [...stack.classes, ...stack.interfaces, ...stack.literals, ...adapter.classes];
  const names = [...new Set(own)].filter((name) => !reserved.has(name) && name !== 'constructor');
  return new RegExp(`^(${names.sort().join('|')})$`);
}
