// Espruino keeps the text of a function in a property and runs what stands there. The build makes use of it
// (boards/cold.mjs), always in the same form: here it is put in words that any engine takes.

const GIVEN = new RegExp(
  'function ([\\w$]+)\\(([\\w$,]*)\\)\\{0\\}'
  + 'function ([\\w$]+)\\(([\\w$]+)\\)\\{return \\1\\[[\\w$]+\\]=([\\w$]+\\([\\w$]+\\[\\4\\],\\d+\\)),\\1\\}',
  'g',
);

/** @returns the text of a script that makes a function of each text that it would give to one that is there */
export function withGivenTexts(text: string): string {
  return text.replace(GIVEN, (_, runner: string, words: string, giver: string, index: string, piece: string) => {
    // Up to the brace that closes it, behind which the next one begins.
    const source = `"(function(${words}){"+${piece}.replace(/}({[^]*)?$/,"})")`;
    const give = `${runner}.text=${giver}[${index}]||(${giver}[${index}]=eval(${source}))`;
    return `function ${runner}(${words}){return ${runner}.text(${words})}function ${giver}(${index}){${give};return ${runner}}`;
  });
}

/** Gives functions the property by which Espruino keeps their text: what is between their braces. */
export const textsOfFunctions = `Object.defineProperty(Function.prototype, '\\xffcod', {
  get() {
    const whole = Function.prototype.toString.call(this);
    return whole.slice(whole.indexOf('{') + 1, whole.lastIndexOf('}'));
  },
});`;
