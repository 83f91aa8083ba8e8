// Moves functions that begin with the directive 'cold' out of the way. A function costs Espruino five variables and
// one for each parameter for as long as it exists; a cold one is made anew, from its text in flash, for each call, by
// one of a few functions that hold the texts of all of them. That takes about a millisecond more on a board.
import ts from 'typescript';

/** Characters of text in a holder at most: a call scans the texts in front of its own. */
const HOLDER = 2000;

/** The names of holders: no identifier of ours or of the minifier's starts like this. */
const holderName = (index) => `$${index.toString(36)}`;

function isCold(node) {
  const first = ts.isFunctionDeclaration(node) && node.name ? node.body?.statements[0] : undefined;
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

/**
 * @param text a bundle
 * @returns the same with its cold functions moved
 * @throws Error when one of them is used for something else than a call
 */
export function moveCold(text) {
  const { tree, checker } = analyse(text);
  const cold = new Map();
  const find = (node) => {
    if (isCold(node)) cold.set(checker.getSymbolAtLocation(node.name), { node, holder: 0 });
    ts.forEachChild(node, find);
  };
  find(tree);
  if (cold.size === 0) return text;
  let holder = 0;
  let held = 0;
  let index = 0;
  for (const entry of cold.values()) {
    const length = entry.node.getWidth();
    if (held > 0 && held + length > HOLDER) {
      holder++;
      held = 0;
      index = 0;
    }
    entry.holder = holder;
    entry.index = index++;
    held += length;
  }

  /** The text of a node, with cold functions left out and calls of them led to their holders. */
  const rewrite = (node, skipped) => {
    let result = '';
    let from = node.getStart();
    const visit = (child) => {
      const entry = ts.isIdentifier(child) ? cold.get(checker.getSymbolAtLocation(child)) : undefined;
      if (isCold(child) && child !== skipped) {
        result += text.slice(from, child.getStart());
        from = child.getEnd();
      } else if (entry && child.parent !== entry.node) {
        if (!ts.isCallExpression(child.parent) || child.parent.expression !== child) {
          throw new Error(`The cold function ${child.text} is used as a value: it can only be called.`);
        }
        result += `${text.slice(from, child.getStart())}${holderName(entry.holder)}(${entry.index})`;
        from = child.getEnd();
      } else {
        ts.forEachChild(child, visit);
      }
    };
    ts.forEachChild(node, visit);
    return result + text.slice(from, node.getEnd());
  };

  const holders = Array.from({ length: holder + 1 }, () => '');
  for (const { node, holder: at, index: which } of cold.values()) {
    const parameters = node.parameters.map((parameter) => parameter.getText()).join(',');
    const body = rewrite(node.body, node).replace(/^\{\s*(['"])cold\1;?/, '{');
    holders[at] += `if(i===${which})return function(${parameters})${body};`;
  }
  const made = holders.map((body, at) => `function ${holderName(at)}(i){${body}}`).join('');
  // In front of everything but the wrapper of a script.
  const rest = text.slice(0, tree.getStart()) + rewrite(tree);
  const wrapper = /^\(function\(\)\{/.exec(rest)?.[0] ?? '';
  return wrapper + made + rest.slice(wrapper.length);
}
