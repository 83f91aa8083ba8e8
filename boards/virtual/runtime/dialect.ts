// What V8 has and Espruino 2v29 has not, as its own Linux build tells. A script that leans on one of these fails on
// the desktop as it would on the board.

/** Global names that are taken away. */
export const absentGlobals: readonly string[] = [
  'AggregateError', 'Atomics', 'BigInt', 'BigInt64Array', 'BigUint64Array', 'EvalError', 'FinalizationRegistry', 'Intl',
  'Iterator', 'Map', 'Proxy', 'RangeError', 'Reflect', 'Set', 'SharedArrayBuffer', 'SuppressedError', 'Symbol', 'URIError',
  'WeakMap', 'WeakRef', 'WeakSet', 'WebAssembly', 'decodeURI', 'encodeURI', 'escape', 'unescape',
];

/** Members of the objects that stay, by path from the global scope. */
export const absentMembers: readonly string[] = [
  'Array.from', 'Array.of', 'Array.fromAsync',
  'Math.acosh', 'Math.asinh', 'Math.atanh', 'Math.cbrt', 'Math.expm1', 'Math.clz32', 'Math.cosh', 'Math.fround', 'Math.hypot',
  'Math.imul', 'Math.log1p', 'Math.log2', 'Math.log10', 'Math.sinh', 'Math.tanh', 'Math.trunc',
  'Number.isFinite', 'Number.isInteger', 'Number.isNaN', 'Number.isSafeInteger', 'Number.parseFloat', 'Number.parseInt',
  'Object.freeze', 'Object.getOwnPropertySymbols', 'Object.hasOwn', 'Object.is', 'Object.isExtensible', 'Object.isFrozen',
  'Object.isSealed', 'Object.preventExtensions', 'Object.seal', 'Object.groupBy',
  'Promise.allSettled', 'Promise.any', 'Promise.race', 'String.fromCodePoint', 'String.raw', 'ArrayBuffer.isView',
];
