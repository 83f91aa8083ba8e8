// Puts small typed arrays side by side into memory that they share. One with memory of its own takes Espruino three
// variables, itself, an ArrayBuffer and the string with its octets, which fill their last variable seldom; a view takes one.
import ts from 'typescript';
import { rewrite } from './script.mjs';

/** What makes them, by their kind. */
const MAKERS = { Uint8Array: '$$octets', Int16Array: '$$halves', Uint16Array: '$$counts', Int32Array: '$$words' };

/** Octets that are taken at once, and those that an array may have to be put there. */
const PIECE = 256;
const MOST = 64;

/** Module variables of this pass. */
export const tableNames = ['$memory', '$used'];

const maker = (kind, size) => `function ${MAKERS[kind]}(count) { 'cold'; return $$table(${kind}, ${size}, count); }`;

/** At an address that all kinds of elements may have. Without elements a view would be of all that follows. */
const table = `
var $memory, $used = ${PIECE};
function $$table(kind, size, count) {
  'cold';
  var octets = (size * count + 3) & -4;
  if (octets === 0 || octets > ${MOST}) return new kind(count);
  if ($used + octets > ${PIECE}) {
    $memory = new ArrayBuffer(${PIECE});
    $used = 0;
  }
  $used += octets;
  return new kind($memory, $used - octets, count);
}
${maker('Uint8Array', 1)}
${maker('Int16Array', 2)}
${maker('Uint16Array', 2)}
${maker('Int32Array', 4)}
`;

/** An app's arrays are its own affair, as is who wants their memory. */
const APPS = /^boards\/apps\//;

const markOf = (kind) => `$${kind}`;

export function shareable({ expression, arguments: words }, model) {
  const [count, ...more] = words ?? [];
  if (!count || more.length > 0 || !ts.isIdentifier(expression) || !(expression.text in MAKERS)) return undefined;
  const isNumber = model.checker.getTypeAtLocation(count).flags & ts.TypeFlags.NumberLike;
  return isNumber && !APPS.test(model.nameOf(expression.getSourceFile())) ? markOf(expression.text) : undefined;
}

/** @param text a bundle in which arrays of ours that are made with a count are written as `new $Uint8Array(count)` */
export function shareTables(text) {
  let found = 0;
  const replace = (node) => {
    const kind = ts.isNewExpression(node) && Object.keys(MAKERS).find((name) => node.expression.getText() === markOf(name));
    if (!kind) return undefined;
    found++;
    return `${MAKERS[kind]}(${node.arguments[0].getText()})`;
  };
  const shared = rewrite(ts.createSourceFile('bundle.js', text, ts.ScriptTarget.ES2022, true), replace);
  return found > 0 ? table + shared : text;
}
