import { createHash, randomBytes } from 'node:crypto';
import type { Platform } from '../../hal/hal';
import { rawSum, rawSumOf, rawSumOfFrame, sumWords } from '../../src/wire/checksum';

/** The `Platform` of a stack that runs in Node. */
export const nodePlatform: Platform = {
  checksum: sumWords,
  rawSum,
  rawSumOfFrame,
  rawSumOf,

  copy(from, fromOffset, to, toOffset, length) {
    for (let at = 0; at < length; at++) to[toOffset + at] = from[fromOffset + at]!;
  },

  random() {
    return randomBytes(4).readInt32LE();
  },

  digest(octets) {
    return createHash('sha256').update(octets).digest().readInt32BE();
  },
};
