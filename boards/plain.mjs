// What Espruino keeps in a variable of its own, and need not. A whole number of up to 32 bits stands in the variable of a
// field's name; one that is written with an exponent, as minifiers like it, is a double. And so does `undefined`, which
// is nothing, where `null` is something.
import ts from 'typescript';
import { rewrite } from './script.mjs';

/** Beyond that an exponent is what is meant. */
const MOST = 2 ** 31;

/** The name of the field that a value is set to, if it is. */
function fieldOf({ parent }) {
  if (ts.isPropertyAssignment(parent)) return parent.name.getText();
  const set = ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken && ts.isPropertyAccessExpression(parent.left);
  return set ? parent.left.name.text : undefined;
}

/**
 * @param text a bundle that tells null and undefined apart nowhere but in what it hands to callbacks, and in an app
 * @param own the names of the fields of our objects, which no other has
 * @returns the same with its whole numbers in full, and `undefined` where fields of ours are set to null
 */
export function plainValues(text, own) {
  const replace = (node) => {
    if (ts.isNumericLiteral(node) && /^\d+e\d+$/i.test(node.getText()) && Number(node.text) < MOST) return String(Number(node.text));
    if (node.kind === ts.SyntaxKind.NullKeyword && own.has(fieldOf(node))) return 'undefined';
    return undefined;
  };
  return rewrite(ts.createSourceFile('bundle.js', text, ts.ScriptTarget.ES2022, true), replace);
}
