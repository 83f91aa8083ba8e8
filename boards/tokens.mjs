// Espruino's own short form of a script: a reserved word or an operator of several characters is one octet, and no space
// stands where none is needed. The firmware runs it as it stands (Espruino, src/jslex.h, whose order is fixed because
// the Web IDE writes this form too).
import ts from 'typescript';

/** Octets in front of a file in Storage: Espruino's `JsfFileHeader`. */
const FILE_HEAD = 32;

/** The octet of the first operator and of the first reserved word. */
const FIRST = 138;

/** In the firmware's order. */
const WORDS = [
  '==', '===', '!=', '!==', '<=', '<<', '<<=', '>=', '>>', '>>>', '>>=', '>>>=', '+=', '-=', '++', '--', '*=', '/=', '%=', '&=', '&&', '|=', '||',
  '^=', '=>', 'if', 'else', 'do', 'while', 'for', 'break', 'continue', 'function', 'return', 'var', 'let', 'const', 'this', 'throw', 'try',
  'catch', 'finally', 'true', 'false', 'null', 'undefined', 'new', 'in', 'instanceof', 'switch', 'case', 'default', 'delete', 'typeof', 'void',
  'debugger', 'class', 'extends', 'super', 'static',
];

const octets = new Map(WORDS.map((word, at) => [word, String.fromCharCode(FIRST + at)]));
const isWord = (text) => /^[\w$]/.test(text);

/** Where the tokens of a script begin and end. */
function tokensOf(text) {
  const tree = ts.createSourceFile('script.js', text, ts.ScriptTarget.ES2022, false, ts.ScriptKind.JS);
  const found = [];
  const visit = (node) => {
    const children = node.getChildren(tree);
    if (children.length > 0) children.forEach(visit);
    else if (node.end > node.getStart(tree)) found.push(text.slice(node.getStart(tree), node.end));
  };
  visit(tree);
  return found;
}

/**
 * @param text a script of octets
 * @returns the same script in Espruino's short form
 */
export function tokenise(text) {
  let result = '';
  let last = '';
  for (const token of tokensOf(text)) {
    // The name of a property may be a reserved word to others.
    const short = last === '.' ? token : (octets.get(token) ?? token);
    const apart = (isWord(last) && isWord(short)) || (last === short && (short === '+' || short === '-')) || (last === '/' && short.startsWith('/'));
    result += (apart ? ' ' : '') + short;
    last = short;
  }
  return result;
}

/** @returns whether a Storage of so many octets holds a script of so many */
export const holds = (storage, bytes) => bytes + FILE_HEAD <= storage;
