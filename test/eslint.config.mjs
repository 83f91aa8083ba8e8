// Lint: the import rules of the house, the allocation rules of the hot path, and plain care.
import tseslint from 'typescript-eslint';

/** What makes something new on a path that must not: each selector with the sentence that it earns. */
const allocations = [
  ['ObjectExpression', 'an object literal'],
  ['ArrayExpression', 'an array literal'],
  ['ArrowFunctionExpression', 'a closure'],
  ['FunctionExpression', 'a closure'],
  ['NewExpression', 'new'],
  ['TemplateLiteral', 'a string'],
  ["BinaryExpression[operator='+'] > Literal[raw=/^['\"]/]", 'a string'],
  ["CallExpression[callee.property.name=/^(subarray|slice|map|filter|forEach|concat|split|join|bind|splice)$/]", 'a call that returns a new object'],
];

/** Places that run once: constructors, initial values, module level; and sentences of errors, which end the call. */
const once = [
  'MethodDefinition[kind=constructor]',
  'PropertyDefinition',
  'Program > VariableDeclaration',
  'ThrowStatement',
];

/** A selector for `node` inside a function body that may run again and again. */
function repeated(node) {
  const outside = once.map((place) => `:not(${place} ${node})`).join('');
  return `:function ${node}${outside}`;
}

const noAllocation = allocations.map(([node, message]) => ({
  selector: node === 'FunctionExpression' ? repeated('FunctionExpression:not(MethodDefinition > FunctionExpression)') : repeated(node),
  message: `src/ and hal/enc28j60/ allocate nothing after construction: this makes ${message}.`,
}));

/** Rooms may import downwards only. */
function mayImportOnly(...allowed) {
  return {
    'no-restricted-imports': [
      'error',
      { patterns: [{ regex: `^(?!${allowed.join('|')})`, message: 'The rooms below do not know this one (see the import rules).' }] },
    ],
  };
}

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**'] },
  {
    files: ['**/*.ts', '**/*.mts'],
    extends: [tseslint.configs.base],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
      'no-unused-expressions': 'error',
      'max-len': ['error', { code: 140, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],
      'max-lines': ['error', { max: 330 }],
    },
  },
  { files: ['src/**/*.ts', 'hal/**/*.ts', 'boards/**/*.ts'], rules: { 'max-lines': ['error', { max: 300 }] } },
  {
    // The stack: of what is below it, types of the contracts only.
    files: ['src/**/*.ts'],
    rules: {
      ...mayImportOnly('\\./', '\\.\\./(wire|link|ip|udp|tcp|options|features|stack)', '(\\.\\./){1,2}hal/hal$'),
      'no-restricted-syntax': [
        'error',
        ...noAllocation,
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  // Addresses as text are for configuration and for people; no packet, tick or application call comes by here.
  { files: ['src/ip/address.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['hal/enc28j60/**/*.ts'],
    rules: { ...mayImportOnly('\\./', '\\.\\./hal$'), 'no-restricted-syntax': ['error', ...noAllocation] },
  },
  // Finding out what is wrong with a chip at start ends in a sentence, and only that is put together there.
  {
    files: ['hal/enc28j60/identity.ts'],
    rules: { 'no-restricted-syntax': ['error', ...noAllocation.filter(({ selector }) => !selector.includes('Literal['))] },
  },
  { files: ['hal/mock/**/*.ts', 'hal/desktop/**/*.ts'], rules: mayImportOnly('\\./', '\\.\\./(?!enc28j60|\\.\\.)', '\\.\\./\\.\\./(hal$|mock)', 'node:', 'koffi') },
  { files: ['hal/espruino.ts', 'hal/jerryscript.ts'], rules: mayImportOnly('\\./hal$') },
  { files: ['boards/*.ts', 'boards/apps/**/*.ts', 'boards/espruino/**/*.ts', 'boards/jerryscript/**/*.ts'], rules: mayImportOnly('\\./', '\\.\\./(?!test|virtual)') },
);
