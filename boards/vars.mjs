// Makes `let` and `const` inside functions `var`: to declare one costs Espruino 2,500 instructions instead of 4,200, a
// block without them needs no scope of its own, and declarations in a row merge into one. A module's numbers, which esbuild has
// made variables, become constants again, in front of all that uses them, for the next pass to put in the place of their names.
import ts from 'typescript';
import { analyse, rewrite, walk } from './script.mjs';

const scopeOf = (node) => {
  let at = node.parent;
  while (!ts.isBlock(at) && !ts.isIterationStatement(at, false) && !ts.isCaseBlock(at) && !ts.isFunctionLike(at) && !ts.isSourceFile(at)) at = at.parent;
  return at;
};
const isInLoop = (node) => {
  for (let at = node.parent; at && !ts.isFunctionLike(at); at = at.parent) if (ts.isIterationStatement(at, false)) return true;
  return false;
};
const functionOf = (node) => ts.findAncestor(node.parent, ts.isFunctionLike);
const contains = (outer, inner) => outer.pos <= inner.pos && inner.end <= outer.end;

/** A number, or what is computed of numbers alone. */
function isNumber(node) {
  if (!node || ts.isNumericLiteral(node)) return !!node;
  if (ts.isParenthesizedExpression(node)) return isNumber(node.expression);
  if (ts.isPrefixUnaryExpression(node)) return isNumber(node.operand);
  return ts.isBinaryExpression(node) && isNumber(node.left) && isNumber(node.right);
}

/** @returns the text of a script with block-scoped variables of functions made function-scoped */
export function toVars(text) {
  const { tree, checker } = analyse(text);
  /** By function: each variable with its block. */
  const variables = new Map();
  const captured = new Set();
  walk(tree, (node) => {
    if (ts.isIdentifier(node)) {
      const declaration = checker.getSymbolAtLocation(node)?.valueDeclaration;
      if (declaration && ts.isVariableDeclaration(declaration) && functionOf(declaration) !== functionOf(node)) captured.add(declaration);
    }
    const blockScoped = ts.isVariableDeclaration(node) && ts.isVariableDeclarationList(node.parent) && node.parent.flags & ts.NodeFlags.BlockScoped;
    const owner = blockScoped ? functionOf(node) : undefined;
    if (owner) variables.set(owner, [...(variables.get(owner) ?? []), { node, scope: scopeOf(node.parent) }]);
  });
  const assigned = new Set();
  walk(tree, (node) => {
    const target = (ts.isBinaryExpression(node) && ts.isAssignmentOperator(node.operatorToken.kind) && node.left) || ((ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) && /\+\+|--/.test(node.getText()) && node.operand);
    if (target && ts.isIdentifier(target)) assigned.add(checker.getSymbolAtLocation(target));
  });
  const isConstant = (list) => list.parent.parent === tree && list.declarations.every(({ name, initializer }) => isNumber(initializer) && !assigned.has(checker.getSymbolAtLocation(name)));
  const stays = new Set();
  const renamed = new Map();
  for (const [owner, list] of variables) {
    const parameters = new Set(owner.parameters.map(({ name }) => name.text));
    const seen = [];
    for (const { node, scope } of list) {
      // Each round of the loop has a variable of its own, and something keeps it.
      if (captured.has(node) && isInLoop(node)) {
        stays.add(node.parent);
        continue;
      }
      const name = node.name.text;
      const same = seen.filter((other) => other.name === name);
      const clash = parameters.has(name) || captured.has(node) || same.some((other) => captured.has(other.node) || contains(other.scope, scope) || contains(scope, other.scope));
      const fresh = clash && (parameters.has(name) || same.length > 0) ? `${name}_${seen.length}` : name;
      if (fresh !== name) renamed.set(checker.getSymbolAtLocation(node.name), fresh);
      seen.push({ name, scope, node, first: same.length === 0 });
    }
  }
  const constants = [];
  const replace = (node) => {
    if (ts.isIdentifier(node)) {
      const fresh = renamed.get(ts.isShorthandPropertyAssignment(node.parent) ? undefined : checker.getSymbolAtLocation(node));
      return fresh;
    }
    if (ts.isShorthandPropertyAssignment(node)) {
      const fresh = renamed.get(checker.getShorthandAssignmentValueSymbol(node));
      return fresh && `${node.name.text}: ${fresh}`;
    }
    if (ts.isVariableStatement(node) && node.parent === tree && isConstant(node.declarationList)) {
      constants.push(`const ${node.declarationList.declarations.map(whole).join(', ')};`);
      return '';
    }
    const blockScoped = ts.isVariableDeclarationList(node) && node.flags & ts.NodeFlags.BlockScoped && functionOf(node) && !stays.has(node);
    if (!blockScoped) return undefined;
    const loops = ts.isForInStatement(node.parent) || ts.isForOfStatement(node.parent);
    const declarations = node.declarations.map((declaration) => {
      const name = renamed.get(checker.getSymbolAtLocation(declaration.name)) ?? declaration.name.text;
      if (declaration.initializer) return `${name} = ${whole(declaration.initializer)}`;
      return loops ? name : `${name} = void 0`;
    });
    return `var ${declarations.join(', ')}`;
  };
  const whole = (node) => replace(node) ?? rewrite(node, replace);
  const rest = whole(tree);
  return text.slice(0, tree.getStart()) + constants.join('') + rest;
}
