// What Espruino keeps in a variable of its own, and need not. A whole number of up to 32 bits stands in the variable of a
// field's name; one that is written with an exponent, as minifiers like it, is a double. And so does `undefined`, which
// is nothing, where `null` is something.
import ts from 'typescript';
import { rewrite } from './script.mjs';

/** Beyond that an exponent is what is meant. */
const MOST = 2 ** 31;

const isKept = ({ parent }) =>
  ts.isPropertyAssignment(parent) ||
  (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken && !ts.isIdentifier(parent.left));

/**
 * @param text a bundle that tells null and undefined apart nowhere but in what it hands to callbacks
 * @returns the same with its whole numbers in full, and `undefined` where fields and elements are set to null
 */
export function plainValues(text) {
  const replace = (node) => {
    if (ts.isNumericLiteral(node) && /^\d+e\d+$/i.test(node.getText()) && Number(node.text) < MOST) return String(Number(node.text));
    if (node.kind === ts.SyntaxKind.NullKeyword && isKept(node)) return 'undefined';
    return undefined;
  };
  return rewrite(ts.createSourceFile('bundle.js', text, ts.ScriptTarget.ES2022, true), replace);
}
