// Phrases that a script repeats are said once: names of the engine's, the making of errors, the same value for several
// fields.
import ts from 'typescript';
import { analyse, rewrite, walk } from './script.mjs';

/** Names of the engine's that may have a short one of ours. Espruino finds ours sooner, too. */
const GLOBALS = ['Uint8Array', 'Int32Array', 'Uint16Array', 'Int16Array', 'Uint32Array', 'getTime', 'setTimeout', 'E', 'eval'];

/** And the functions of its objects: there are too many of them to look for one each time. */
const MEMBERS = ['E.sum', 'E.toString'];

/** The function that throws. */
const FAIL = 'fail$';

/** @returns the script with `throw new Error(...)` said in one place, as a cold function; in `before`, what it needs */
export function shareErrors(text) {
  const { tree } = analyse(text);
  let count = 0;
  const replace = (node) => {
    if (!ts.isThrowStatement(node)) return undefined;
    const made = node.expression;
    if (!ts.isNewExpression(made) || made.expression.getText() !== 'Error') return undefined;
    count++;
    return `${FAIL}(${made.arguments.map((word) => rewrite(word, replace)).join(',')});`;
  };
  const result = text.slice(0, tree.getStart()) + rewrite(tree, replace);
  return count > 2 ? `function ${FAIL}(m){"cold";throw new Error(m)}\n${result}` : text;
}

/** @returns the script with short names for the engine's; `aliases` says which */
export function aliasGlobals(text) {
  const { tree, checker } = analyse(text);
  const uses = new Map();
  const isMember = (node) => ts.isPropertyAccessExpression(node) && MEMBERS.includes(node.getText()) && !checker.getSymbolAtLocation(node.expression);
  walk(tree, (node) => {
    const named = ts.isIdentifier(node) && GLOBALS.includes(node.text) && !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node);
    const whole = isMember(node) ? node.getText() : named && !checker.getSymbolAtLocation(node) ? node.text : undefined;
    if (whole) uses.set(whole, (uses.get(whole) ?? 0) + 1);
  });
  const aliases = [...uses].filter(([name, count]) => count > 2 || name === 'eval' || MEMBERS.includes(name)).map(([name]) => name);
  const short = (name) => `$${name.split('.').pop()}`;
  const replace = (node) => {
    if (isMember(node)) return short(node.getText());
    const named = ts.isIdentifier(node) && aliases.includes(node.text) && !checker.getSymbolAtLocation(node);
    return named && !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) ? `$${node.text}` : undefined;
  };
  return { text: text.slice(0, tree.getStart()) + rewrite(tree, replace), aliases: aliases.map((name) => `${short(name)}=${name}`) };
}

const isConstant = (node) => ts.isNumericLiteral(node) || node.kind === ts.SyntaxKind.NullKeyword || (ts.isPrefixUnaryExpression(node) && ts.isNumericLiteral(node.operand));

/** The field that a statement sets to a constant, when that is all it does. */
function setting(statement) {
  const set = ts.isExpressionStatement(statement) && ts.isBinaryExpression(statement.expression) ? statement.expression : undefined;
  if (set?.operatorToken.kind !== ts.SyntaxKind.EqualsToken || !isConstant(set.right)) return undefined;
  const target = set.left;
  const plain = ts.isPropertyAccessExpression(target) && (ts.isIdentifier(target.expression) || target.expression.kind === ts.SyntaxKind.ThisKeyword);
  return plain ? { target: target.getText(), field: target.name.text, value: set.right.getText() } : undefined;
}

/** @returns the script with `a.b=0;a.c=0;` as `a.b=a.c=0;`, also when others of the kind stand between them */
export function chainAssignments(text) {
  const { tree } = analyse(text);
  const replace = (node) => {
    if (!ts.isBlock(node) && !ts.isSourceFile(node)) return undefined;
    let result = '';
    let run = [];
    const flush = () => {
      const values = new Map();
      for (const { target, value } of run) {
        // The last one counts.
        for (const targets of values.values()) targets.delete(target);
        values.set(value, (values.get(value) ?? new Set()).add(target));
      }
      for (const [value, targets] of values) if (targets.size > 0) result += `${[...targets].join('=')}=${value};`;
      run = [];
    };
    for (const statement of node.statements) {
      const set = setting(statement);
      if (set) {
        // Another name may mean the same object.
        if (run.some(({ field, target }) => field === set.field && target !== set.target)) flush();
        run.push(set);
      } else {
        flush();
        result += `${whole(statement)}${/[;}]$/.test(statement.getText()) ? '' : ';'}\n`;
      }
    }
    flush();
    return ts.isBlock(node) ? `{${result}}` : result;
  };
  const whole = (node) => replace(node) ?? rewrite(node, replace);
  return replace(tree);
}
