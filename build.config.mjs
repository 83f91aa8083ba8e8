// Builds what is flashed: node build.config.mjs --board B --app A
//   dist/B-A.js      one script for the board: stack, board and app
//   dist/ENC28J60.js the stack alone, a module for Espruino's Storage
// Both are checked against what Espruino's parser takes; what it does not take fails the build.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { moveCold } from './boards/cold.mjs';
import { inline } from './boards/inline.mjs';
import { ownNames } from './boards/names.mjs';
import { checkDialect } from './test/dialect.mjs';

const root = import.meta.dirname;

/** esbuild lowers what is switched off here, or refuses it; `test/dialect.mjs` catches what slips through. */
const settings = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  metafile: true,
  platform: 'neutral',
  // A `require` of the firmware's own modules stays as it is, which it does in this format only.
  format: 'cjs',
  external: ['NetworkJS', 'Storage', 'http', 'net'],
  target: 'es5',
  supported: {
    arrow: true,
    class: true,
    'const-and-let': true,
    'for-of': true,
    'object-accessors': true,
    'object-extensions': true,
    'template-literal': true,
  },
  charset: 'ascii',
  legalComments: 'none',
  // Not minifySyntax: it turns `if (x) {...}` into `x && (...)`, which takes Espruino twice as long to skip.
  minifyWhitespace: true,
  minifyIdentifiers: true,
  plugins: [inline],
  mangleProps: ownNames(),
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false, alwaysStrict: false } },
  logLevel: 'silent',
};

/** All boards by name, as boards/index.ts lists them. */
async function loadBoards() {
  const result = await build({ ...settings, mangleProps: undefined, format: 'esm', entryPoints: ['boards/index.ts'] });
  const source = Buffer.from(result.outputFiles[0].text).toString('base64');
  return (await import(`data:text/javascript;base64,${source}`)).boards;
}

/** The names that `--app` takes. */
function appNames() {
  return readdirSync(join(root, 'boards/apps'))
    .filter((file) => file.endsWith('.ts') && file !== 'app.ts')
    .map((file) => file.slice(0, -3));
}

function scriptSource(board, app) {
  return `
    import board from './boards/${board}';
    import app from './boards/apps/${app}';
    import { start } from './boards/espruino/start';
    start(board, app);
  `;
}

const moduleSource = `
  import { connect } from './boards/espruino/enc28j60';
  exports.connect = connect;
`;

/** Several builds may run at once, under test: a reader sees the old file or the new one, never half of it. */
function replaceFile(path, text) {
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, path);
}

async function bundle(name, source, wrapper) {
  const stdin = { contents: source, resolveDir: root, loader: 'ts' };
  const result = await build({ ...settings, ...wrapper, stdin, mangleCache: {} });
  const text = moveCold(result.outputFiles[0].text, new Set(Object.values(result.mangleCache)));
  const faults = checkDialect(text);
  // What esbuild cannot inline it looks up at run time, under a name that may have been shortened.
  if (/(\w+)\[\1\.\w+=-?\d+\]=/.test(text)) faults.push('an enum that was not inlined');
  if (faults.length > 0) {
    throw new Error(`dist/${name} holds what Espruino does not take:\n` + faults.map((fault) => '  ' + fault).join('\n'));
  }
  mkdirSync(join(root, 'dist'), { recursive: true });
  replaceFile(join(root, 'dist', name), text);
  const output = Object.values(result.metafile.outputs)[0];
  const inputs = Object.entries(output.inputs)
    .map(([file, { bytesInOutput }]) => ({ file: file.replace('<stdin>', '(start)'), bytes: bytesInOutput }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes);
  return { name, bytes: Buffer.byteLength(text), inputs };
}

/** Keeps the script's names out of the global scope. */
const scope = { banner: { js: '(function(){' }, footer: { js: '})();' } };

/** Builds both products. @returns their sizes, by source file */
export async function buildProducts(board, app) {
  return {
    script: await bundle(`${board}-${app}.js`, scriptSource(board, app), scope),
    module: await bundle('ENC28J60.js', moduleSource, {}),
  };
}

function sizeTable({ name, bytes, inputs }) {
  const lines = inputs.map((input) => `| ${input.file} | ${input.bytes} |`);
  return [`dist/${name}: ${bytes} bytes`, '', '| source file | bytes |', '| --- | ---: |', ...lines].join('\n');
}

/** What each board's file takes, and the module. */
function sizesTable(sizes) {
  const rows = sizes.map(({ name, bytes }) => `| \`dist/${name}\` | ${bytes} |`);
  return ['| file | bytes |', '| --- | ---: |', ...rows];
}

function wiringTable(boards) {
  const rows = Object.entries(boards).map(
    ([name, { name: title, spi, sck, miso, mosi, cs, irq, rst }]) =>
      `| ${title} (\`${name}\`) | ${spi} | ${sck} | ${miso} | ${mosi} | ${cs} | ${irq} | ${rst} |`,
  );
  const head = '| board | bus | SCK | SO (MISO) | SI (MOSI) | CS | INT | RESET |';
  return [head, '| --- | --- | --- | --- | --- | --- | --- | --- |', ...rows];
}

function profileTable(boards) {
  const rows = Object.entries(boards).map(
    ([name, { variables, profile: p }]) =>
      `| \`${name}\` | ${variables} | ${p.connections} | ${p.receiveBuffer} | ${p.sendBuffer} | ${p.mss} |`,
  );
  const head = '| board | variables | connections | receive buffer | send buffer | segment |';
  return [head, '| --- | ---: | ---: | ---: | ---: | ---: |', ...rows];
}

function replaceTable(text, name, lines) {
  const place = new RegExp(`(<!-- ${name} -->\\n)[^]*?(<!-- /${name} -->)`);
  if (!place.test(text)) throw new Error(`README.md has no place for the table "${name}".`);
  return text.replace(place, (_all, open, close) => `${open}${lines.join('\n')}\n${close}`);
}

/** Builds every board with the hello app and puts the README's tables in place, or checks that they are. */
async function readmeTables(boards, check) {
  const sizes = [];
  let module;
  for (const board of Object.keys(boards)) {
    const products = await buildProducts(board, 'hello');
    sizes.push(products.script);
    module = products.module;
  }
  const path = join(root, 'README.md');
  const before = readFileSync(path, 'utf8');
  let after = replaceTable(before, 'sizes', sizesTable([...sizes, module]));
  after = replaceTable(after, 'wiring', wiringTable(boards));
  after = replaceTable(after, 'profiles', profileTable(boards));
  if (check && after !== before) throw new Error('The tables in README.md are old: run "npm run build -- --readme".');
  if (!check) writeFileSync(path, after);
}

/** A command line that is wrong: exit code 2, where a build that fails has 1. */
class UsageError extends Error {}

function choose(option, value, choices) {
  if (choices.includes(value)) return value;
  throw new UsageError(`--${option} ${value}: there is no such ${option}. There are: ${choices.join(', ')}.`);
}

const OPTIONS = {
  board: { type: 'string', default: 'pico' },
  app: { type: 'string', default: 'hello' },
  readme: { type: 'boolean', default: false },
  'check-readme': { type: 'boolean', default: false },
};

function parse() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    const known = Object.keys(OPTIONS).map((name) => `--${name}`);
    throw new UsageError(`${error.message.split('. ')[0]}. The options are ${known.join(', ')}.`);
  }
}

async function main() {
  const values = parse();
  const boards = await loadBoards();
  if (values.readme || values['check-readme']) {
    await readmeTables(boards, values['check-readme']);
    return;
  }
  const board = choose('board', values.board, Object.keys(boards));
  const app = choose('app', values.app, appNames());
  const { script, module } = await buildProducts(board, app);
  console.log(sizeTable(script));
  console.log(`\ndist/${module.name}: ${module.bytes} bytes`);
}

if (process.argv[1] && existsSync(process.argv[1]) && import.meta.filename === process.argv[1]) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  });
}
