// Puts small typed arrays side by side into memory that they share. One with memory of its own takes Espruino three
// variables, itself, an ArrayBuffer and the string with its octets, which fill their last variable seldom; a view takes one.
import ts from 'typescript';
import { rewrite } from './script.mjs';

/** What makes them, by their kind. */
const MAKERS = { Uint8Array: '$$octets', Int16Array: '$$halves', Int32Array: '$$words' };

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
${maker('Int32Array', 4)}
`;

/** The count that an array is made with, if it is made with one: not of a list, nor of memory that is there. */
function countOf(node) {
  if (!ts.isNewExpression(node) || !ts.isIdentifier(node.expression) || !(node.expression.text in MAKERS)) return undefined;
  const [count, ...more] = node.arguments ?? [];
  return count === undefined || more.length > 0 || ts.isArrayLiteralExpression(count) ? undefined : count;
}

/**
 * @param text a bundle in which typed arrays are made of a list, a count, or memory with an offset and a count, and who
 *   wants an array's own octets goes by its `byteOffset`
 */
export function shareTables(text) {
  let found = 0;
  const replace = (node) => {
    const count = countOf(node);
    if (count === undefined) return undefined;
    found++;
    return `${MAKERS[node.expression.text]}(${count.getText()})`;
  };
  const shared = rewrite(ts.createSourceFile('bundle.js', text, ts.ScriptTarget.ES2022, true), replace);
  return found > 0 ? table + shared : text;
}
