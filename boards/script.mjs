// A bundle as one script, for the passes that need no types any more: its syntax tree and what its names mean.
import ts from 'typescript';

/** A script's syntax tree, and what each of its identifiers names. */
export function analyse(text) {
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

/** The text of `node` with what `replace` answers in the place of each node within it, if it is not undefined. */
export function rewrite(node, replace) {
  const text = node.getSourceFile().text;
  let result = '';
  let from = node.getStart();
  const visit = (child) => {
    const replacement = replace(child);
    if (replacement === undefined) {
      ts.forEachChild(child, visit);
    } else {
      result += text.slice(from, child.getStart()) + replacement;
      from = child.getEnd();
    }
  };
  ts.forEachChild(node, visit);
  return result + text.slice(from, node.getEnd());
}

/** The directive that a function of this body begins with, or undefined. */
function directiveOf(body) {
  const first = body?.statements?.[0];
  return first && ts.isExpressionStatement(first) && ts.isStringLiteral(first.expression) ? first.expression.text : undefined;
}

/** The function of this body is called seldom: it begins with the directive that says so. */
export const isCold = (body) => directiveOf(body) === 'cold';

/** The function of this body is to stand in the place of calls that are made often. */
export const isInline = (body) => directiveOf(body) === 'inline';

/** Stands in a function that is called seldom. */
export const isSeldom = (node) => !!ts.findAncestor(node, (at) => ts.isFunctionLike(at) && isCold(at.body));

/** Calls `visit` for all nodes below one, in the order of the text. */
export function walk(node, visit) {
  ts.forEachChild(node, (child) => {
    visit(child);
    walk(child, visit);
  });
}

/** Marks where a method of an object literal stood, up to the comma behind it. */
const REMOVED = '$removed$';

/** What stands in the place of a function or method that is taken out; `tidy` makes it vanish. */
export const removed = (node) => (ts.isObjectLiteralExpression(node.parent) ? REMOVED : '');
export const tidy = (text) => text.replaceAll(/\$removed\$\s*,?/g, '');
