// From the source to what is flashed: one text, as short as the passes make it without slowing down what is run often.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, transformSync } from 'esbuild';
import { minify_sync as terser } from 'terser';
import ts from 'typescript';
import { HOLDER, coldNames, joinTexts, moveCold } from './cold.mjs';
import { freeClasses } from './free.mjs';
import { gatherSeldom, gatheredNames } from './gather.mjs';
import { shareLocals } from './locals.mjs';
import { lower } from './lower.mjs';
import { placeOnce } from './once.mjs';
import { aliasGlobals, chainAssignments, shareErrors } from './phrases.mjs';
import { plainValues } from './plain.mjs';
import { rewrite } from './script.mjs';
import { spreadSmall } from './spread.mjs';
import { shareTables, tableNames } from './tables.mjs';
import { toVars } from './vars.mjs';

const root = join(import.meta.dirname, '..');

/** esbuild lowers what is not named here, or refuses it; `test/dialect.mjs` catches what slips through. */
const language = {
  target: 'es5',
  supported: {
    arrow: true,
    class: true,
    'class-field': true,
    'const-and-let': true,
    'for-of': true,
    'object-accessors': true,
    'object-extensions': true,
    'template-literal': true,
  },
  charset: 'ascii',
};

/** Merges the modules, leaves out what none of them uses, and shortens the names that end in $. */
async function merge({ modules, entry }) {
  const plugin = {
    name: 'lowered',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => ({ contents: modules.get(path) ?? '', loader: 'js' }));
    },
  };
  const result = await build({
    ...language,
    absWorkingDir: root,
    stdin: { contents: entry, resolveDir: root, loader: 'js' },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'neutral',
    // A `require` of the firmware's own modules stays as it is, which it does in this format only.
    format: 'cjs',
    external: ['NetworkJS', 'Storage', 'Wifi', 'crypto', 'dgram', 'fs', 'http', 'net', 'tls'],
    legalComments: 'none',
    logLevel: 'silent',
    mangleProps: /\$$/,
    // A keyword to Espruino wherever it stands.
    mangleCache: { of: false },
    plugins: [plugin],
  });
  const [output] = Object.values(result.metafile.outputs);
  const only = Object.entries(result.mangleCache).flatMap(([name, short]) => (/.\$.+\$$/.test(name) ? [short] : []));
  return { text: result.outputFiles[0].text.replace(/^"use strict";\n/, ''), own: new Set(only), fields: new Set(Object.values(result.mangleCache)), inputs: output.inputs };
}

/** What is run often keeps its `if`s: skipping what stands behind `&&` and `?:` takes Espruino twice as long. */
const careful = {
  ecma: 2015,
  directives: false,
  keep_fargs: false,
  pure_getters: true,
  passes: 3,
  toplevel: true,
  arrows: false,
  booleans: false,
  comparisons: false,
  computed_props: false,
  conditionals: false,
  hoist_funs: false,
  if_return: false,
  inline: false,
  negate_iife: false,
  reduce_funcs: false,
  sequences: false,
  typeofs: false,
};
/** What is run seldom is to be short. */
const short = { ...careful, keep_fargs: true, toplevel: false, booleans: true, conditionals: true, if_return: true, sequences: true, side_effects: false };

const compress = (text, options) => terser(text, { compress: options, mangle: false, format: { ecma: 2015 } }).code;

/** Shortens functions that are run seldom; all at once, which is much faster, and not once more for wider places. */
function compressEach(texts) {
  const whole = texts.join('\n');
  if (compressed.whole !== whole) compressed = { whole, each: compressAll(whole, texts.length) };
  return [...compressed.each];
}

let compressed = { whole: '', each: [] };

function compressAll(whole, count) {
  const tree = ts.createSourceFile('cold.js', shareLocals(compress(whole, short), false), ts.ScriptTarget.ES2022, true);
  if (tree.statements.length !== count) throw new Error('A cold function has got lost.');
  return tree.statements.map((statement) => withoutVoid(statement));
}

/** What a function returns that returns nothing is of no interest: `return a(),void 0` may as well be `return a()`. */
function withoutVoid(node) {
  let values = 0;
  const isVoid = (child) => child && ts.isBinaryExpression(child) && child.right.getText() === 'void 0' && child.operatorToken.getText() === ',';
  const look = (child) => {
    if (ts.isReturnStatement(child) && child.expression && !isVoid(child.expression)) values++;
    if (!ts.isFunctionLike(child)) ts.forEachChild(child, look);
  };
  ts.forEachChild(node.body, look);
  const replace = (child) => (ts.isReturnStatement(child) && isVoid(child.expression) ? `return ${child.expression.left.getText()};` : undefined);
  return values > 0 ? node.getText() : rewrite(node, replace);
}

/**
 * Gives all names their short forms, the ones used most the shortest. The variables of single objects and the engine's
 * names come first, in the order of their uses in what is run often: Espruino looks for a name from the beginning.
 */
function shortNames(text, names, aliases) {
  const { statements } = ts.createSourceFile('all.js', text, ts.ScriptTarget.ES2022);
  const isHolder = (node) => ts.isFunctionDeclaration(node) && node.name.text === '$$texts';
  const often = statements.filter((node) => !isHolder(node)).map((node) => text.slice(node.pos, node.end)).join('');
  const uses = (name) => often.split(new RegExp(`\\${name}(?![\\w$])`)).length;
  const used = names.filter((name) => new RegExp(`\\${name}(?![\\w$])`).test(text));
  const first = [...used, ...aliases].sort((a, b) => uses(b.split('=')[0]) - uses(a.split('=')[0]));
  // `of`, a keyword to Espruino, is no name that esbuild may give: a variable from outside seems to have it.
  const declared = first.length > 0 ? `var ${first.join(',')};` : '';
  const whole = `(function(){${declared}${text}})();of`;
  const { code } = transformSync(whole, { ...language, minifyIdentifiers: true, minifyWhitespace: true });
  return code.trim().slice('(function(){'.length, -'})();of;'.length);
}

/** The passes, in their order: each leaves the next one less to do. */
async function make(entry, profile, planted) {
  const lowered = lower(entry, profile, planted);
  const { text: merged, own, fields, inputs } = await merge(lowered);
  const placed = compress(placeOnce(toVars(freeClasses(merged, own)), own), careful);
  const spread = compress(spreadSmall(placed, own), careful);
  const shared = shareTables(chainAssignments(shareErrors(shareLocals(spread, true))));
  const finish = (wide, most) => {
    const gathered = gatherSeldom(moveCold(shared, own, compressEach, wide, fields), lowered.names, fields, HOLDER);
    const { text, aliases } = aliasGlobals(gathered);
    const names = [...lowered.names, ...coldNames, ...tableNames, ...gatheredNames];
    return joinTexts(plainValues(shortNames(text, names, aliases), fields), most);
  };
  return { text: finish(false, 0xffff) ?? finish(true, Infinity), inputs };
}

/** All that a bundle is made of and by. */
function sources() {
  const files = ['src', 'hal', 'boards'].flatMap((room) => readdirSync(join(root, room), { recursive: true }).map((file) => join(room, file)));
  const read = (file) => file + readFileSync(join(root, file), 'utf8');
  return [...files.filter((file) => /\.m?ts$|\.mjs$/.test(file)).sort(), 'package-lock.json'].map(read);
}

/** Bundles that were made before: the tests ask for the same ones again and again. */
const kept = join(root, 'node_modules', '.cache', 'enc28j60-tcp');

/**
 * @param entry the text that the bundle starts from, as if it stood in the project's root
 * @param profile the memory profile whose switches decide what is in it
 * @param planted texts that take the place of files, by their paths
 * @returns the bundle, and what esbuild says of its parts
 */
export async function bundle(entry, profile, planted = {}) {
  const key = createHash('sha256').update(JSON.stringify([entry, profile, planted, sources()])).digest('hex');
  const path = join(kept, `${key}.json`);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
  const made = await make(entry, profile, planted);
  mkdirSync(kept, { recursive: true });
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, JSON.stringify(made));
  renameSync(fresh, path);
  return made;
}
