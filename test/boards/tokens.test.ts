import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { tokenise } from '../../boards/tokens.mjs';
import { build } from '../../boards/virtual/product';

/** The firmware's words, from the octet 138 on: those of `jslReservedWordAsString` in Espruino's src/jslex.c. */
const WORDS = ('== === != !== <= << <<= >= >> >>> >>= >>>= += -= ++ -- *= /= %= &= && |= || ^= => if else do while for break continue function ' +
  'return var let const this throw try catch finally true false null undefined new in instanceof switch case default delete typeof void ' +
  'debugger class extends super static').split(' ');

/** A script in which a word in angle brackets is the octet that stands for it. */
const short = (text: string): string => text.replace(/<([^ ]+?)>(?!>)/g, (_, word: string) => String.fromCharCode(138 + WORDS.indexOf(word)));

/** What a script says, whatever its form. */
function spoken(text: string): string {
  const tree = ts.createSourceFile('script.js', text.replace(/[\x8a-\xc5]/g, (octet) => ` ${WORDS[octet.charCodeAt(0) - 138]} `), ts.ScriptTarget.ES2022);
  return ts.createPrinter({ removeComments: true }).printFile(tree);
}

describe("Espruino's short form of a script", () => {
  it.each([
    ['return a ? b : typeof c;', '<return>a?b:<typeof>c;'],
    ['if (a === b && !c) x += 1; else y = new T(1, - -z);', '<if>(a<===>b<&&>!c)x<+=>1;<else>y=<new>T(1,- -z);'],
    ['o.delete(a.in, "if  (a == b)", in1 in b)', 'o.delete(a.in,"if  (a == b)",in1<in>b)'],
    ['for (var i = 9; i; i--) f(i, i + +i);', '<for>(<var>i=9;i;i<-->)f(i,i+ +i);'],
  ])('of %s', (script, expected) => {
    expect(tokenise(script)).toBe(short(expected));
  });

  it.each(['pico', 'esp32'])('says what the script of %s says, in a seventh less', (board) => {
    const { script } = build(board, 'hello');
    expect(spoken(tokenise(script))).toBe(spoken(script));
    expect(tokenise(script).length).toBeLessThan(script.length * 0.9);
  }, 120_000);
});
