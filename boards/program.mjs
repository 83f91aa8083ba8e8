// What the build knows about the stack's source: a TypeScript program over all that goes into a bundle, and which of its
// members are our own, to be renamed and dropped as suits us, and which ones users or the engine call by their names.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { inlineCalls } from './inline.mjs';

const root = join(import.meta.dirname, '..');
const options = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.Preserve,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  strict: true,
  useDefineForClassFields: false,
  removeComments: true,
  skipLibCheck: true,
  lib: ['lib.es5.d.ts'],
  types: ['espruino'],
  rootDir: root,
  outDir: root,
};

/** Where the switches stand that a memory profile sets. */
export const FEATURES = 'src/features.ts';

/** Whose members keep their names, unless they are private: users and the engine are handed them, or hand them to us. */
const PUBLIC = {
  'src/options.ts': ['MemoryProfile', 'StackOptions'],
  'boards/espruino/enc28j60.ts': ['ConnectOptions', 'IpInfo', 'Ethernet'],
  'hal/espruino.ts': ['EspruinoPin', 'EspruinoSpiBus', 'EspruinoWiring', 'Zeros'],
};
/** What others call by its name, of classes that have other members too: Espruino's NetworkJS, and users of our `net`. */
const CALLED = {
  'boards/espruino/sockets.ts': ['create', 'close', 'accept', 'recv', 'send'],
  'boards/net.ts': ['on', 'removeAllListeners', 'emit', 'write', 'end', 'destroy', 'listen', 'close'],
  'boards/http.ts': ['setHeader', 'writeHead', 'write', 'end', 'method', 'url', 'headers'],
};

/** Texts of files that several programs share. */
const parsed = new Map();

/** `windowScale` as the source spells the switch: `WINDOW_SCALE`. */
const switchName = (name) => name.replace(/[A-Z]/g, (letter) => '_' + letter).toUpperCase();

/** A memory profile with all its switches on, or off. */
export function withSwitches(profile, on) {
  return Object.fromEntries(Object.entries(profile).map(([name, value]) => [name, typeof value === 'boolean' ? on : value]));
}

/** The text of the switches, each as the profile says. */
export function featuresText(text, profile) {
  const values = new Map(Object.entries(profile).map(([name, value]) => [switchName(name), value]));
  return text.replace(/^(export const (\w+)): boolean = (?:true|false);/gm, (_all, start, name) => {
    if (typeof values.get(name) !== 'boolean') throw new Error(`The memory profile does not say what ${name} is.`);
    return `${start}: boolean = ${values.get(name)};`;
  });
}

/**
 * @param entry the text that a bundle starts from, as if it stood in the project's root
 * @param profile a memory profile, whose switches take the place of those in the source
 * @param planted texts of files that are not there, by their paths
 */
export function openProgram(entry, profile, planted = {}) {
  const entryPath = join(root, 'entry.ts');
  const host = ts.createCompilerHost(options);
  const read = (path) => {
    const name = relative(root, path);
    const text = path === entryPath ? entry : planted[name] ?? readFileSync(path, 'utf8');
    if (name === FEATURES) return featuresText(text, profile);
    return /^src[\\/]/.test(name) ? inlineCalls(path, text) : text;
  };
  const getSourceFile = host.getSourceFile;
  host.fileExists = (path) => path === entryPath || relative(root, path) in planted || ts.sys.fileExists(path);
  host.getSourceFile = (path, version, ...more) => {
    const own = !path.includes('node_modules') && !path.endsWith('.d.ts');
    if (own) return ts.createSourceFile(path, read(path), version, true);
    if (!parsed.has(path)) parsed.set(path, getSourceFile(path, version, ...more));
    return parsed.get(path);
  };
  const program = ts.createProgram([entryPath, join(root, 'hal/espruino.d.ts')], options, host);
  const files = program.getSourceFiles().filter(({ isDeclarationFile }) => !isDeclarationFile);
  const nameOf = (file) => relative(root, file.fileName).replaceAll('\\', '/');
  return { program, checker: program.getTypeChecker(), files, nameOf, entryPath };
}

const isPrivate = (node) => ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);

/** @returns a function that says of a declaration whether it is a member of one of our own classes and interfaces */
export function ownership({ nameOf }) {
  return (declaration) => {
    // A parameter that is also a field.
    const parent = ts.isParameter(declaration) ? declaration.parent.parent : declaration.parent;
    if (!ts.isClassDeclaration(parent) && !ts.isInterfaceDeclaration(parent)) return false;
    const file = nameOf(declaration.getSourceFile());
    if (!/^(src\/|hal\/|boards\/(espruino\/|net\.ts|http\.ts))/.test(file) || declaration.getSourceFile().isDeclarationFile) return false;
    if (isPrivate(declaration)) return true;
    const name = declaration.name?.getText();
    if (PUBLIC[file]?.includes(parent.name?.text)) return false;
    return !CALLED[file]?.includes(name);
  };
}
