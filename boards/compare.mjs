// Comparisons in their shortest form: where the types leave no doubt, `x === null` is `!x` and `===` is `==`.
import ts from 'typescript';

const { factory: f } = ts;
const F = ts.TypeFlags;

/** The kinds of value that an expression can have. Of the engine's objects not all are true: its pins are numbers. */
function kinds(node, { model }) {
  const { checker } = model;
  const isOurs = ({ symbol }) => /^(Uint8|Uint16|Int16|Int32)?Array$/.test(symbol?.name) || symbol?.declarations?.some((declaration) => /^(src\/|hal\/hal|hal\/enc)/.test(model.nameOf(declaration.getSourceFile())));
  const found = new Set();
  const add = (type) => {
    if (type.isUnion()) type.types.forEach(add);
    else if (type.flags & F.NumberLike) found.add('number');
    else if (type.flags & F.BooleanLike) found.add('boolean');
    else if (type.flags & F.StringLike) found.add('string');
    else if (type.flags & (F.Null | F.Undefined | F.Void)) found.add('none');
    else if (type.flags & (F.Object | F.NonPrimitive)) found.add(isOurs(type) ? 'ours' : 'object');
    else found.add('other');
  };
  add(checker.getTypeAtLocation(node));
  return found;
}

const only = (found, ...names) => [...found].every((name) => names.includes(name));
const isNone = (node) => node.kind === ts.SyntaxKind.NullKeyword || (ts.isIdentifier(node) && node.text === 'undefined');
const isZero = (node) => ts.isNumericLiteral(node) && node.text === '0';
const isAnd = (node) => /^(&&|\|\|)$/.test(node.operatorToken.getText());

const wrapped = (node) => (ts.isBinaryExpression(node) || ts.isConditionalExpression(node) ? f.createParenthesizedExpression(node) : node);
const not = (node) => f.createLogicalNot(wrapped(node));

/** What an equality compares with nothing or with 0, when to be either is all that is asked of it. */
function asked(node, lowering) {
  const equal = node.operatorToken.kind === ts.SyntaxKind.EqualsEqualsEqualsToken;
  if (!equal && node.operatorToken.kind !== ts.SyntaxKind.ExclamationEqualsEqualsToken) return undefined;
  const [value, with_] = isNone(node.left) || isZero(node.left) ? [node.right, node.left] : [node.left, node.right];
  const constant = isZero(with_) || lowering.model.checker.getConstantValue(with_) === 0;
  const found = kinds(value, lowering);
  if (isNone(with_) ? only(found, 'ours', 'none') : constant && only(found, 'number')) return { value, equal };
  return undefined;
}

/** @returns what may stand for an equality, or undefined when it has to stay as it is */
export function comparison(node, lowering) {
  const equal = node.operatorToken.kind === ts.SyntaxKind.EqualsEqualsEqualsToken;
  if (!equal && node.operatorToken.kind !== ts.SyntaxKind.ExclamationEqualsEqualsToken) return undefined;
  const short = asked(node, lowering);
  if (short?.equal) return not(lowering.visit(short.value));
  const [left, right] = [kinds(node.left, lowering), kinds(node.right, lowering)];
  const same = ['number', 'boolean', 'string'].some((kind) => only(left, kind) && only(right, kind));
  const objects = only(left, 'ours', 'object', 'none') && only(right, 'ours', 'object', 'none');
  const none = (isNone(node.left) && !right.has('other')) || (isNone(node.right) && !left.has('other'));
  const truth = (ts.isToken(node.right) && /^(true|false)$/.test(node.right.getText())) && only(left, 'boolean', 'none');
  if (!same && !objects && !none && !truth) return undefined;
  const value = (side) => (isNone(side) ? f.createNull() : lowering.visit(side));
  return f.createBinaryExpression(value(node.left), equal ? ts.SyntaxKind.EqualsEqualsToken : ts.SyntaxKind.ExclamationEqualsToken, value(node.right));
}

/** An expression of which only the truth is asked. */
export function asCondition(node, lowering) {
  if (ts.isParenthesizedExpression(node)) return asCondition(node.expression, lowering);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    return not(asCondition(node.operand, lowering));
  }
  if (!ts.isBinaryExpression(node)) return lowering.visit(node);
  if (isAnd(node) && lowering.model.decided(node) === undefined && lowering.model.decided(node.left) === undefined) {
    const [left, right] = [node.left, node.right].map((side) => {
      const inner = asCondition(side, lowering);
      const other = ts.isBinaryExpression(inner) && isAndOr(inner) && inner.operatorToken.kind !== node.operatorToken.kind;
      return other || ts.isConditionalExpression(inner) ? f.createParenthesizedExpression(inner) : inner;
    });
    return f.createBinaryExpression(left, node.operatorToken.kind, right);
  }
  const short = asked(node, lowering);
  if (short && !short.equal) return lowering.visit(short.value);
  return lowering.visit(node);
}

const isAndOr = (node) => [ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken].includes(node.operatorToken.kind);
