// What Espruino's parser does not take, checked on the built file: esbuild lowers or refuses most of it, and some
// slips through. The build and the tests share this one list.
import { Linter } from 'eslint';

const forbidden = [
  ['Identifier[name="of"]', 'of is a keyword to Espruino, as a property too'],
  ['Property[computed=true]', 'a computed key in an object'],
  ['MethodDefinition[computed=true]', 'a computed method name'],
  ['SpreadElement', 'spread'],
  ['RestElement', 'a rest parameter'],
  ['AssignmentPattern', 'a default value'],
  ['ObjectPattern', 'destructuring'],
  ['ArrayPattern', 'destructuring'],
  ['LabeledStatement', 'a label'],
  ['ChainExpression', '?.'],
  ["BinaryExpression[operator='**']", '**'],
  ['AssignmentExpression[operator=/^(\\*\\*|&&|\\|\\||\\?\\?)=$/]', 'a logical or ** assignment'],
  [':function[async=true]', 'async'],
  [':function[generator=true]', 'a generator'],
  ['AwaitExpression', 'await'],
  ['YieldExpression', 'yield'],
  ['PrivateIdentifier', '#private'],
  ['StaticBlock', 'a static block'],
  ['TaggedTemplateExpression', 'a tagged template'],
  ['ImportDeclaration', 'import'],
  ['ImportExpression', 'import()'],
  ['MetaProperty', 'new.target or import.meta'],
  ["Literal[bigint]", 'a BigInt'],
  ['Identifier[name=/^(Symbol|Map|Set|WeakMap|WeakSet|Proxy|Reflect|BigInt)$/]', 'a global that is not there'],
  ['MemberExpression[property.name=/^(copyWithin|freeze|imul|clz32|fround|from)$/]', 'a method that is not there'],
];

const config = [
  {
    languageOptions: { ecmaVersion: 2022, sourceType: 'script' },
    rules: {
      'no-restricted-syntax': ['error', ...forbidden.map(([selector, message]) => ({ selector, message }))],
    },
  },
];

/** @returns a sentence for each fault, none for a text that Espruino takes */
export function checkDialect(text) {
  const faults = new Linter().verify(text, config).map((fault) => {
    const line = text.split('\n')[fault.line - 1] ?? '';
    const around = line.slice(Math.max(0, fault.column - 30), fault.column + 30);
    return `line ${fault.line}, column ${fault.column}: ${fault.message} near "${around}"`;
  });
  // The flashing tool sends UTF-8 and the firmware reads octets.
  if (/[^\x00-\x7f]/.test(text)) faults.push('a character beyond ASCII');
  return faults;
}
