// npm run build: builds what is flashed (`usage` below).
//   dist/B-A.js      one script for the board: stack, board and app
//   dist/ENC28J60.js the stack alone, a module for Espruino's Storage; ENC28J60.d.ts declares its types
// Both are checked against what Espruino's parser takes; what it does not take fails the build. Prints their sizes; with --json
// {"script": {"name", "text", "bytes", "inputs": [{"file", "bytes"}]}, "module": the same}.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { appNames, checkApp } from './boards/app-files.mjs';
import { bundle } from './boards/bundle.mjs';
import { UsageError, runCommand } from './boards/command-line.mjs';
import { inlineCalls } from './boards/inline.mjs';
import { ownNames } from './boards/names.mjs';
import { featuresText, withSwitches } from './boards/program.mjs';
import { holds, tokenise } from './boards/tokens.mjs';
import { checkDialect } from './test/dialect.mjs';

const root = import.meta.dirname;

/** The stack's source as a bundle for JerryScript takes it. */
const source = (profile) => ({
  name: 'source',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      return { contents: path.endsWith('features.ts') ? featuresText(text, profile) : inlineCalls(path, text), loader: 'ts' };
    });
  },
});

/**
 * JerryScript takes the whole language and compiles what it is given: nothing has to be cold. What Espruino's firmware
 * has besides the language comes along.
 */
const jerrySettings = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  metafile: true,
  platform: 'neutral',
  // A `require` of the firmware's own modules stays as it is, which it does in this format only.
  format: 'cjs',
  external: ['gpio', 'spi'],
  alias: { http: './boards/http.ts', net: './boards/net.ts' },
  inject: ['boards/jerryscript/globals.ts'],
  target: 'es2015',
  charset: 'ascii',
  legalComments: 'none',
  minify: true,
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false, alwaysStrict: false } },
  logLevel: 'silent',
};

async function load(path) {
  const result = await build({ absWorkingDir: root, bundle: true, write: false, format: 'esm', entryPoints: [path] });
  const code = Buffer.from(result.outputFiles[0].text).toString('base64');
  return import(`data:text/javascript;base64,${code}`);
}

/** All boards by name, as boards/index.ts lists them. */
const loadBoards = async () => (await load('boards/index.ts')).boards;

/** Those with JerryScript. */
const loadJerryBoards = async () => (await load('boards/jerryscript/index.ts')).jerryBoards;

/** @param switched the profile that takes the place of the board's own, if one does */
function scriptSource(board, app, engine, switched) {
  const profile = switched === undefined ? '' : `board.profile = ${JSON.stringify(switched)};`;
  return `
    import board from './boards/${board}';
    import app from './boards/apps/${app}';
    import { start } from './boards/${engine}/start';
    ${profile}
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

async function espruinoBundle(name, entry, profile, wrap, planted) {
  const { text, inputs } = await bundle(entry, profile, planted);
  const faults = checkDialect(wrap(text));
  if (faults.length > 0) {
    throw new Error(`dist/${name} holds what Espruino does not take:\n` + faults.map((fault) => '  ' + fault).join('\n'));
  }
  return emit(name, wrap(text), inputs);
}

/** Writes a product. @returns its text, and its size by source file */
function emit(name, text, parts) {
  mkdirSync(join(root, 'dist'), { recursive: true });
  replaceFile(join(root, 'dist', name), text);
  const inputs = Object.entries(parts)
    .map(([file, { bytesInOutput }]) => ({ file: file.replace('<stdin>', '(start)'), bytes: bytesInOutput }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes);
  return { name, text, bytes: Buffer.byteLength(text), inputs };
}

/** Keeps the script's names out of the global scope. */
const scope = { banner: { js: '(function(){' }, footer: { js: '})();' } };
const wrapped = (text) => `(function(){${text}})();`;
const bare = (text) => text;

/** What takes the place of `device.ts` on boards whose firmware has no `net`. */
const ownNet = { 'boards/espruino/device.ts': "export { Sockets, attach, detach } from './own-net';" };

/** Builds both products. @returns their texts, and their sizes by source file */
export async function buildProducts(board, app, profile, switched) {
  const { boards } = await load('boards/index.ts');
  const planted = boards[board].ownNet ? ownNet : {};
  mkdirSync(join(root, 'dist'), { recursive: true });
  replaceFile(join(root, 'dist', 'ENC28J60.d.ts'), readFileSync(join(root, 'boards', 'ENC28J60.d.ts'), 'utf8'));
  return {
    script: await espruinoBundle(`${board}-${app}.js`, scriptSource(board, app, 'espruino', switched), profile, wrapped, planted),
    module: await espruinoBundle('ENC28J60.js', moduleSource, profile, bare, planted),
  };
}

const jerryModuleSource = `
  import { connect } from './boards/jerryscript/enc28j60';
  import * as net from './boards/net';
  import * as http from './boards/http';
  exports.connect = connect;
  exports.net = net;
  exports.http = http;
`;

async function jerryBundle(name, entry, profile, wrapper) {
  const stdin = { contents: entry, resolveDir: root, loader: 'ts' };
  const result = await build({ ...jerrySettings, ...wrapper, mangleProps: ownNames(), plugins: [source(profile)], stdin });
  return emit(name, result.outputFiles[0].text, Object.values(result.metafile.outputs)[0].inputs);
}

/** The same for a board with JerryScript. */
export async function buildJerryProducts(board, app, profile, switched) {
  return {
    script: await jerryBundle(`${board}-${app}.js`, scriptSource(board, app, 'jerryscript', switched), profile, scope),
    module: await jerryBundle('ENC28J60-jerryscript.js', jerryModuleSource, profile, {}),
  };
}

function sizeTable({ name, bytes, inputs }) {
  const lines = inputs.map((input) => `| ${input.file} | ${input.bytes} |`);
  return [`dist/${name}: ${bytes} bytes`, '', '| source file | bytes |', '| --- | ---: |', ...lines].join('\n');
}

/** What the script takes of a board's flash, and whether that is there. */
function storageLine({ name, text }, { storage }) {
  const { length } = tokenise(text);
  const word = holds(storage, length) ? '' : ': it has no room there';
  return `dist/${name}, as "npm run flash" writes it: ${length} bytes of a Storage of ${storage}${word}`;
}

/** What each board's file takes, and the module with the least and the most in it. */
function sizesTable(sizes) {
  const rows = sizes.map(({ name, bytes }) => `| ${name} | ${bytes} |`);
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
  for (const board of Object.keys(boards)) {
    const { script } = await buildProducts(board, 'hello', boards[board].profile);
    sizes.push({ name: `\`dist/${script.name}\``, bytes: script.bytes });
  }
  for (const [on, which] of [[false, 'off'], [true, 'on']]) {
    const { text } = await bundle(moduleSource, withSwitches(boards.pico.profile, on));
    sizes.push({ name: `\`dist/ENC28J60.js\`, the profile's switches ${which}`, bytes: text.length });
  }
  const path = join(root, 'README.md');
  const before = readFileSync(path, 'utf8');
  let after = replaceTable(before, 'sizes', sizesTable(sizes));
  after = replaceTable(after, 'wiring', wiringTable(boards));
  after = replaceTable(after, 'profiles', profileTable(boards));
  if (check && after !== before) throw new Error('The tables in README.md are old: run "npm run build -- --readme".');
  if (!check) writeFileSync(path, after);
}

function choose(option, value, choices) {
  if (choices.includes(value)) return value;
  throw new UsageError(`--${option} ${value}: there is no such ${option}. There are: ${choices.join(', ')}.`);
}

const usage = `npm run build -- [--board B] [--app A] [--profile smallest|full] [--json]
npm run build -- --readme | --check-readme

  --board B        the board (pico)
  --app A          the app in boards/apps (hello)
  --profile P      smallest or full: what the board's profile can switch off, or all of it
  --json           prints the built texts and their sizes as one JSON object
  --readme         builds every board, and writes the README's tables of sizes, wiring and profiles
  --check-readme   builds every board, and fails when those tables are old
  --help           shows this`;

const options = {
  board: { type: 'string', default: 'pico' },
  app: { type: 'string', default: 'hello' },
  profile: { type: 'string' },
  json: { type: 'boolean', default: false },
  readme: { type: 'boolean', default: false },
  'check-readme': { type: 'boolean', default: false },
};

async function main(values) {
  const boards = await loadBoards();
  if (values.readme || values['check-readme']) {
    await readmeTables(boards, values['check-readme']);
    return;
  }
  const jerryBoards = await loadJerryBoards();
  const { tooSmall } = await load('boards/too-small.ts');
  if (values.board in tooSmall) {
    const { name, variables, storage } = tooSmall[values.board];
    throw new UsageError(`--board ${values.board}: ${name} cannot hold the file: it has ${storage} bytes of Storage and ${variables} variables. "npm run size" shows what is needed.`);
  }
  const board = choose('board', values.board, [...Object.keys(boards), ...Object.keys(jerryBoards)]);
  const app = choose('app', values.app, appNames());
  await checkApp(app);
  const own = { ...boards, ...jerryBoards }[board].profile;
  const choice = values.profile && choose('profile', values.profile, ['smallest', 'full']);
  const switched = choice && withSwitches(own, choice === 'full');
  const { script, module } = await (board in boards ? buildProducts : buildJerryProducts)(board, app, switched ?? own, switched);
  if (values.json) {
    console.log(JSON.stringify({ script, module }));
    return;
  }
  console.log(sizeTable(script));
  console.log(`\ndist/${module.name}: ${module.bytes} bytes`);
  if (board in boards) console.log(`\n${storageLine(script, boards[board])}`);
}

if (process.argv[1] && existsSync(process.argv[1]) && import.meta.filename === process.argv[1]) {
  await runCommand(usage, options, main);
}
