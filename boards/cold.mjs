// Moves functions and methods that begin with the directive 'cold' out of the way. A function costs Espruino five
// variables and one for each parameter for as long as it exists; a cold one is made anew, from its text in flash, for
// each call, by one of a few functions that hold the texts of all of them. That takes about a millisecond on a board.
import ts from 'typescript';
import { rewrite } from './inline.mjs';

/** Characters of text in a holder at most: a call scans the texts in front of its own. */
const HOLDER = 1500;

/** The names of holders: no identifier of ours or of the minifier's starts like this. */
const holderName = (index) => `$${index.toString(36)}`;

function isCold(node) {
  const declares = ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node);
  const first = declares && node.name ? node.body?.statements[0] : undefined;
  return !!first && ts.isExpressionStatement(first) && ts.isStringLiteral(first.expression) && first.expression.text === 'cold';
}

/** A script's syntax tree, and what each of its identifiers names. */
function analyse(text) {
  const name = 'bundle.js';
  const tree = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS);
  const host = {
    getSourceFile: (file) => (file === name ? tree : undefined),
    getDefaultLibFileName: () => 'none',
    writeFile: () => {},
    getCurrentDirectory: () => '',
    getCanonicalFileName: (file) => file,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    fileExists: (file) => file === name,
    readFile: () => undefined,
  };
  const options = { allowJs: true, noLib: true, noResolve: true, types: [], target: ts.ScriptTarget.ES2022 };
  return { tree, checker: ts.createProgram([name], options, host).getTypeChecker() };
}

/** What is cold: functions by what they are, methods by their name, which must be the only one of its kind. */
function findCold(tree, checker, own) {
  const functions = new Map();
  const methods = new Map();
  const declared = new Map();
  const find = (node) => {
    const named = ts.isMethodDeclaration(node) || ts.isAccessor(node) || ts.isPropertyAssignment(node);
    if (named) declared.set(node.name.getText(), (declared.get(node.name.getText()) ?? 0) + 1);
    if (isCold(node) && ts.isMethodDeclaration(node)) methods.set(node.name.getText(), { node });
    else if (isCold(node)) functions.set(checker.getSymbolAtLocation(node.name), { node });
    ts.forEachChild(node, find);
  };
  find(tree);
  for (const name of methods.keys()) {
    if (!own.has(name)) throw new Error(`The cold method ${name} has a name that other objects may use too.`);
    if (declared.get(name) > 1) throw new Error(`The cold method ${name} is not the only one of its name.`);
  }
  return { functions, methods };
}

/** Shares the texts out among holders. Returns how many there are. */
function shareOut(entries) {
  let holder = 0;
  let held = 0;
  let index = 0;
  for (const entry of entries) {
    const length = entry.node.getWidth();
    if (held > 0 && held + length > HOLDER) {
      holder++;
      held = 0;
      index = 0;
    }
    entry.maker = `${holderName(holder)}(${index})`;
    entry.holder = holder;
    entry.index = index++;
    held += length;
  }
  return holder + 1;
}

/**
 * @param text a bundle
 * @param own the names that only our objects have: a call of a cold method is known by its name alone
 * @returns the same with its cold functions and methods moved
 * @throws Error when one of them is used for something else than a call, or a cold method shares its name
 */
export function moveCold(text, own) {
  const { tree, checker } = analyse(text);
  const { functions, methods } = findCold(tree, checker, own);
  const entries = [...functions.values(), ...methods.values()];
  if (entries.length === 0) return text;
  const count = shareOut(entries);

  const asValue = (name) => new Error(`The cold function ${name} is used as a value: it can only be called.`);

  /** What stands in the place of a node, or undefined when it stays and its children are looked at. */
  const replacement = (node) => {
    if (isCold(node)) return '';
    const callee = ts.isCallExpression(node) ? node.expression : undefined;
    if (callee && ts.isPropertyAccessExpression(callee) && methods.has(callee.name.text)) {
      const words = [callee.expression, ...node.arguments].map(whole);
      return `${methods.get(callee.name.text).maker}.call(${words.join(',')})`;
    }
    if (ts.isPropertyAccessExpression(node) && methods.has(node.name.text)) throw asValue(node.name.text);
    const called = ts.isIdentifier(node) ? functions.get(checker.getSymbolAtLocation(node)) : undefined;
    if (!called) return undefined;
    if (!ts.isCallExpression(node.parent) || node.parent.expression !== node) throw asValue(node.text);
    return called.maker;
  };
  const whole = (node) => replacement(node) ?? inside(node);
  const inside = (node) => rewrite(node, replacement);

  const holders = Array.from({ length: count }, () => '');
  for (const { node, holder, index } of entries) {
    const parameters = node.parameters.map((parameter) => parameter.getText()).join(',');
    const body = inside(node.body).replace(/^\{\s*(['"])cold\1;?/, '{');
    holders[holder] += `if(i===${index})return function(${parameters})${body};`;
  }
  const made = holders.map((body, at) => `function ${holderName(at)}(i){${body}}`).join('');
  // In front of everything but the wrapper of a script.
  const rest = text.slice(0, tree.getStart()) + inside(tree);
  const wrapper = /^\(function\(\)\{/.exec(rest)?.[0] ?? '';
  return wrapper + made + rest.slice(wrapper.length);
}
