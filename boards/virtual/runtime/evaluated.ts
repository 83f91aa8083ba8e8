// What Espruino does with a text that a function evaluates, for an engine that does otherwise: a `return` in it is that
// of the function. The build makes use of it (boards/cold.mjs), always in the same form.

const RUNNER = /function ([\w$]+)\((([\w$]+)[\w$,]*)\)\{[\w$]+\(([\w$]+)\.slice\(([\w$]+)\[\3\],\5\[\3\+1\]\)\)\}/g;

/** @returns the text of a script with functions that make a function of each text that they are to evaluate, and call it */
export function withEvaluated(text: string): string {
  return text.replace(RUNNER, (_all, name: string, words: string, index: string, texts: string, places: string) => {
    const source = `"(function(${words}){"+${texts}.slice(${places}[${index}],${places}[${index}+1])+"})"`;
    return `function ${name}(${words}){return(${name}[${index}]||(${name}[${index}]=eval(${source})))(${words})}`;
  });
}

/** Gives functions the property by which Espruino keeps their text: what is between their braces. */
export const textsOfFunctions = `Object.defineProperty(Function.prototype, '\\xffcod', {
  get() {
    const whole = Function.prototype.toString.call(this);
    return whole.slice(whole.indexOf('{') + 1, whole.lastIndexOf('}'));
  },
});`;
