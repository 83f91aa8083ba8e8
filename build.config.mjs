// Builds what is flashed: node build.config.mjs --board B --app A
//   dist/B-A.js      one script for the board: stack, board and app
//   dist/ENC28J60.js the stack alone, a module for Espruino's Storage
// Both are checked against what Espruino's parser takes; what it does not take fails the build.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
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
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false, alwaysStrict: false } },
  logLevel: 'silent',
};

function names(folder) {
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -3));
}

const notBoards = ['board', 'profiles', 'index', 'flash'];

/** The names that `--board` and `--app` take. */
export const boardNames = names('boards').filter((name) => !notBoards.includes(name));
export const appNames = names('boards/apps').filter((name) => name !== 'app');

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

async function bundle(name, source, wrapper) {
  const result = await build({ ...settings, ...wrapper, stdin: { contents: source, resolveDir: root, loader: 'ts' } });
  const text = result.outputFiles[0].text;
  const faults = checkDialect(text);
  if (faults.length > 0) {
    throw new Error(`dist/${name} holds what Espruino does not take:\n` + faults.map((fault) => '  ' + fault).join('\n'));
  }
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(join(root, 'dist', name), text);
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

const README_SIZES = /(<!-- sizes -->\n)[^]*?(<!-- \/sizes -->)/;

/** The README's table: what each board's file takes, and the module. */
function readmeTable(sizes) {
  const rows = sizes.map(({ name, bytes }) => `| \`dist/${name}\` | ${bytes} |`);
  return ['| file | bytes |', '| --- | ---: |', ...rows].join('\n') + '\n';
}

/** Builds every board with the hello app and puts the sizes into the README, or checks them there. */
async function readmeSizes(check) {
  const sizes = [];
  let module;
  for (const board of boardNames) {
    const products = await buildProducts(board, 'hello');
    sizes.push(products.script);
    module = products.module;
  }
  sizes.push(module);
  const path = join(root, 'README.md');
  const before = readFileSync(path, 'utf8');
  const after = before.replace(README_SIZES, (_all, open, close) => open + readmeTable(sizes) + close);
  if (check && after !== before) throw new Error('The size table in README.md is old: run "npm run build -- --readme".');
  if (!check) writeFileSync(path, after);
}

function choose(option, value, choices) {
  if (choices.includes(value)) return value;
  throw new Error(`--${option} ${value}: there is no such ${option}. There are: ${choices.join(', ')}.`);
}

async function main() {
  const { values } = parseArgs({
    options: {
      board: { type: 'string', default: 'pico' },
      app: { type: 'string', default: 'hello' },
      readme: { type: 'boolean', default: false },
      'check-readme': { type: 'boolean', default: false },
    },
  });
  if (values.readme || values['check-readme']) {
    await readmeSizes(values['check-readme']);
    return;
  }
  const board = choose('board', values.board, boardNames);
  const app = choose('app', values.app, appNames);
  const { script, module } = await buildProducts(board, app);
  console.log(sizeTable(script));
  console.log(`\ndist/${module.name}: ${module.bytes} bytes`);
}

if (process.argv[1] && existsSync(process.argv[1]) && import.meta.filename === process.argv[1]) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 2;
  });
}
