// Puts the bodies of the stack's one-line functions in place of calls to them: a call costs Espruino 3,200 instructions
// and 2,650 more for each argument, as much as several statements. The source keeps the names.
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { rewrite } from './script.mjs';

/** Modules of which every function that only returns an expression is put in place. */
const INLINED = ['sequence', 'bytes'].map((name) => join(import.meta.dirname, '..', 'src', 'wire', `${name}.ts`));

const parse = (path, text) => ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);

/** The functions of a module that only return an expression: parameters, and the expression's node. */
function oneLiners(path) {
  const tree = parse(path, readFileSync(path, 'utf8'));
  const found = new Map();
  for (const node of tree.statements) {
    const [statement, ...more] = (ts.isFunctionDeclaration(node) && node.body?.statements) || [];
    if (!statement || more.length > 0 || !ts.isReturnStatement(statement)) continue;
    found.set(node.name.text, { parameters: node.parameters.map(({ name }) => name.text), body: statement.expression });
  }
  return found;
}

/** Evaluating it twice costs no more than a variable would, and changes nothing. */
function isAtomic(node) {
  if (ts.isIdentifier(node) || ts.isNumericLiteral(node) || node.kind === ts.SyntaxKind.ThisKeyword) return true;
  return ts.isPropertyAccessExpression(node) && isAtomic(node.expression);
}

const functions = new Map(INLINED.map((path) => [path, oneLiners(path)]));

/** The text of a source file with the calls replaced. */
export function inlineCalls(path, text) {
  const tree = parse(path, text);
  const inScope = new Map();
  for (const node of tree.statements) {
    if (!ts.isImportDeclaration(node) || !node.importClause?.namedBindings?.elements) continue;
    const target = functions.get(resolve(dirname(path), `${node.moduleSpecifier.text}.ts`));
    for (const { name } of target ? node.importClause.namedBindings.elements : []) {
      if (target.has(name.text)) inScope.set(name.text, target.get(name.text));
    }
  }
  if (inScope.size === 0) return text;
  const replace = (node) => {
    const called = ts.isCallExpression(node) && ts.isIdentifier(node.expression) && inScope.get(node.expression.text);
    if (!called) return undefined;
    const uses = new Map(called.parameters.map((name) => [name, 0]));
    const count = (child) => {
      if (ts.isIdentifier(child) && uses.has(child.text)) uses.set(child.text, uses.get(child.text) + 1);
      ts.forEachChild(child, count);
    };
    count(called.body);
    const fits = node.arguments.every((argument, at) => isAtomic(argument) || uses.get(called.parameters[at]) === 1);
    if (!fits) return undefined;
    const values = new Map(node.arguments.map((argument, at) => [called.parameters[at], `(${whole(argument)})`]));
    const isName = (child) => ts.isPropertyAccessExpression(child.parent) && child.parent.name === child;
    const value = (child) => (ts.isIdentifier(child) && !isName(child) ? values.get(child.text) : undefined);
    return `(${rewrite(called.body, value)})`;
  };
  const whole = (node) => replace(node) ?? rewrite(node, replace);
  return text.slice(0, tree.getStart()) + whole(tree) + text.slice(tree.getEnd());
}
