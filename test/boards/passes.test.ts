import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { freeClasses } from '../../boards/free.mjs';
import { placeOnce } from '../../boards/once.mjs';
import { gatherSeldom } from '../../boards/gather.mjs';
import { aliasGlobals, chainAssignments, shareErrors } from '../../boards/phrases.mjs';
import { plainValues } from '../../boards/plain.mjs';
import { spreadSmall } from '../../boards/spread.mjs';
import { shareTables } from '../../boards/tables.mjs';
import { toVars } from '../../boards/vars.mjs';

const own = new Set(['m', 'n', 'p', 'q']);

/** What a script leaves in `out`, or the sentence that it throws. */
function outcome(text: string): unknown {
  const global = { out: undefined as unknown };
  try {
    runInNewContext(text, global);
  } catch (error) {
    return (error as Error).message;
  }
  return JSON.stringify(global.out);
}

/** Runs a script before and after a pass. Returns what the pass made of it. */
function same(pass: (text: string, own: ReadonlySet<string>) => string, text: string): string {
  const result = pass(text, own);
  expect(outcome(result), result).toBe(outcome(text));
  return result;
}

describe('block-scoped variables become variables of their function', () => {
  test('also when two blocks use the same name, one inside of the other', () => {
    const text = same(toVars, 'function f(a){let x=1;const y=2;{let x=a;x++;{const y=x;out=[x,y]}}out.push(x,y)}f(5);');
    expect(text).not.toMatch(/\b(let|const)\b/);
  });

  test('and begin anew in each round of a loop', () => {
    same(toVars, 'function f(){out=[];for(let i=0;i<3;i++){let x;if(i===1)x=7;out.push(x===undefined?"none":x)}}f();');
  });

  test('but not where a closure keeps the one of its round', () => {
    const text = same(toVars, 'function f(){const t=[];for(let i=0;i<3;i++){const k=i*2;t.push(()=>i+k)}out=t.map(g=>g())}f();');
    expect(text).toContain('let i');
  });

  test('and have another name than a parameter', () => {
    same(toVars, 'function f(x){if(x){const x=9;out=[x]}out.push(x)}f(1);');
  });
});

describe('a module\'s numbers', () => {
  test('become constants', () => {
    expect(same(toVars, 'var A=14+20,C=(3<<4)|~1;function f(){return A+C}out=[f()];')).toMatch(/^const A=14\+20, C=/);
  });

  test('in front of what uses them', () => {
    expect(same(toVars, 'function f(){return A+B}var A=14;var B=3;out=[f()];')).toBe('const A=14;const B=3;function f(){return A+B}out=[f()];');
  });

  test('unless they change, or are computed of something else', () => {
    expect(same(toVars, 'var A=1;function f(){A=7}f();out=A;')).toMatch(/^var A=1/);
    expect(same(toVars, 'var A=1;out=[A++,A];')).toMatch(/^var A=1/);
    expect(same(toVars, 'var B=2,A=14+B;out=A;')).toMatch(/^var B=2/);
  });
});

describe('objects that are used seldom become one', () => {
  const holder = 'function T(){[function(){return $A.x+$B.x+$B.y},function(){$A.x=2}]}';
  const gathered = (text: string): { text: string; fields: Set<string> } => {
    const fields = new Set(['x', 'y']);
    return { text: gatherSeldom(text, ['$A', '$B', '$C'], fields, 'T'), fields };
  };

  test('with a field for each of theirs', () => {
    const { text, fields } = gathered(`$A={};$B={};${holder}`);
    expect(text).toBe('$rest={};function T(){[function(){return $rest.x+$rest.x1+$rest.y},function(){$rest.x=2}]}');
    expect([...fields]).toEqual(['x', 'y', 'x1']);
  });

  test.each([
    ['is used often', '$A={};$B={};function f(){return $A.x}'],
    ['is used as a value', '$A={};$B={};T($A);'],
    ['has methods that are called often', '$A={m(){return 1}};$B={};'],
  ])('unless one %s: of one alone nothing is made', (_, text) => {
    expect(gathered(text + holder).text).toBe(text + holder);
  });
});

describe('what is called once is put where the call is', () => {
  test('as statements, with its variables under names of their own', () => {
    const text = same(placeOnce, 'function f(a){var x=a*2;x++;out.push(x)}function g(x){"cold";out=[x];f(x+1);out.push(x)}g(4);g(5);');
    expect(text).not.toContain('function f(');
  });

  test('as an expression', () => {
    expect(same(placeOnce, 'function f(a,b){return a*b}function g(x){var y=f(x,3)+1;out=y}g(4);g(5);')).not.toContain('function f(');
  });

  test('at the end of a function with all its returns', () => {
    const text = same(placeOnce, 'function f(a){if(a>2)return 1;if(a>1)return 2;return 3}function g(x){"cold";if(x)return f(x);return 4}out=[0,1,2,3].map(x=>g(x));');
    expect(text).not.toContain('function f(');
  });

  test('but not where its returns would leave the caller early', () => {
    const text = same(placeOnce, 'function f(a){if(a>2)return;out.push(a)}function g(x){"cold";f(x);out.push("end")}out=[];g(1);g(3);');
    expect(text).toContain('function f(');
  });

  test('nor when it changes its parameters under a variable that lives on', () => {
    same(placeOnce, 'function f(a){a+=5;out.push(a)}function g(x){"cold";f(x);out.push(x)}out=[];g(1);');
  });

  test('nor behind a condition in code that is run often, for which much would have to be skipped', () => {
    const long = 'out.push(1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20);';
    expect(same(placeOnce, `function f(a){${long}}function g(x){if(x)f(x)}out=[];g(1);g(0);`)).toContain('function f(');
  });

  test('nor in a cold one, where passing over it takes longer than a call; in any case where it is always run', () => {
    const wide = 'out.push(a);'.repeat(25);
    const cold = (call: string, mark = '"cold";'): string => same(placeOnce, `function f(a){${mark}${wide}}function g(x){"cold";${call}}out=[];g(1);g(0);`);
    expect(cold('if(x)f(x);')).toContain('function f(');
    expect(cold('f(x);')).not.toContain('function f(');
    // What is not cold by itself would stay in memory for that.
    expect(cold('if(x)f(x);', '')).not.toContain('function f(');
  });

  test.each([['', '"cold";', true], ['"cold";', '', false], ['"cold";', '"cold";', false]])('nor in a function that begins %j when it begins %j: %s', (outer, inner, stays) => {
    const text = same(placeOnce, `function f(a){${inner}out=[a]}function g(x){${outer}if(x)f(x)}g(4);g(0);`);
    expect(text.includes('function f(')).toBe(stays);
  });

  test('methods of single objects too', () => {
    const text = same(placeOnce, 'var o={m(a){o.k=a},n(a){o.m(a);return o.k+1}};out=[o.n(3),o.n(4)];');
    expect(text).not.toContain('m(a)');
  });

  test('but a function that calls itself stays', () => {
    same(placeOnce, 'function f(n){return n?n*f(n-1):1}out=f(5);');
  });
});

describe('small functions are put in the place of their calls', () => {
  test('when that is not longer', () => {
    const text = same(spreadSmall, 'function f(a){return a.x}function g(a){return f(a)+1}function h(o){return f(o)*2}out=[g({x:1}),h({x:2})];');
    expect(text).not.toContain('function f(');
  });

  test('with what they add to their arguments', () => {
    same(spreadSmall, 'function k(a,b){out.push(a,b)}function f(a,b){k(a+1,b)}function g(x){f(x*2,x)}out=[];g(3);g(4);');
  });

  test('but not when an argument that does something would be evaluated twice, or never', () => {
    const text = 'var n=0;function e(){return ++n}function f(a){return a+a}function z(a,b){return b}function g(){return f(e())+z(e(),1)}out=[g(),g(),n];';
    same(spreadSmall, text);
  });

  test('nor when something happens before a parameter is looked at', () => {
    same(spreadSmall, 'var o={k:1};function e(){o.k=9;return 1}function f(a){return e()+a}function g(){return f(o.k)}out=[g(),g()];');
  });
});

describe('a function that begins with "inline"', () => {
  const text = 'var o={m(a,b){"inline";return out.push(a,b,out.length)}};';

  test('stands in the place of calls that are made often, however long that is', () => {
    const result = same(spreadSmall, `${text}function g(x){o.m(x+1,2);if(o.m(3,x*2)>5)out.push("end")}out=[];g(3);g(4);`);
    expect(result).not.toContain('m(');
  });

  test('and stays for those that are made seldom', () => {
    const result = same(spreadSmall, `${text}function h(x){"cold";${'o.m(2,3);'.repeat(40)}}function f(x){o.m(x,7)}out=[];h(4);f(5);`);
    expect([result.match(/o\.m\(/g)!.length, result.includes('inline')]).toEqual([40, false]);
  });

  test('but for few of these, too, it vanishes', () => {
    expect(same(spreadSmall, `${text}function h(x){"cold";o.m(2,3);o.m(x,4)}function f(x){o.m(x,7)}out=[];h(4);f(5);`)).not.toContain('m(');
  });

  test('and the word in a literal stays', () => {
    expect(same(spreadSmall, 'function f(a){"inline";return {"inline":a}}function g(x){return f(x)}out=[g(1),{"inline":2}];')).toContain('"inline":2');
  });

  test('but not where it would evaluate an argument twice', () => {
    const twice = 'function e(){return ++n}function f(a){"inline";return a+a}function g(){return f(e())}var n=0;out=[g(),g(),n];';
    expect(same(spreadSmall, twice)).toContain('f(e())');
  });

  test.each([
    ['in another order', 'function e(){return ++n}function f(a,b){"inline";return [b,a]}function g(){return f(e(),e())}var n=0;out=[g()];'],
    ['later', 'var o={k:1};function z(){o.k=9;return 0}function f(a){"inline";return [z(),a]}function g(){return f(o.k)}out=[g()];'],
    ['perhaps', 'function e(){return ++n}function f(a,b){"inline";return a?b:0}function g(x){return f(x,e())}var n=0;out=[g(0),n];'],
    ['to change it', 'function f(a){"inline";return a++}function g(x){f(x);return x}out=[g(1)];'],
  ])('nor where it would evaluate an argument %s', (_, script) => {
    same(spreadSmall, script);
  });

  test('of several statements, in that of its only call, behind a condition too', () => {
    const long = 'out.push(1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20);';
    const result = same(placeOnce, `function f(a){"inline";${long}out.push(a);return a+1}function g(x){if(x<3)return 0;return f(x)}out=[];out.push(g(1),g(5));`);
    expect(result).not.toContain('function f(');
  });
});

describe('a function of several statements that begins with "inline"', () => {
  const text = 'function f(a){"inline";var x=a*2;out.push(x);return x+1}';

  test('stands in the place of each call that is made often', () => {
    const result = same(placeOnce, `${text}function g(x){var y=f(x);out.push(y)}function h(x){if(x>1){var y=f(x+1);out.push(y)}}out=[];g(1);h(2);h(0);`);
    expect(result.match(/\bf\(/g)).toBeNull();
  });

  test('and is cold for the others', () => {
    const result = same(placeOnce, `${text}function g(x){var y=f(x);out.push(y)}function h(x){"cold";out.push(f(x),f(x+1))}out=[];g(1);h(2);`);
    expect(result).toContain('function f(a){"cold";');
    expect(result.match(/\bf\(/g)).toHaveLength(3);
  });

  test('unless it is used as a value, or a call that is made often cannot be replaced', () => {
    expect(same(placeOnce, `${text}function g(x){var y=f(x);out.push(y,typeof f)}out=[];g(1);g(2);`)).toContain('f(x)');
    expect(same(placeOnce, `${text}function g(x){out.push(f(x)*f(3))}function h(x){"cold";f(x)}out=[];g(1);h(2);`)).toContain('"inline"');
  });
});

describe('classes of several objects become functions and plain objects', () => {
  test('with fields, methods and getters', () => {
    const text = same(freeClasses, `var A=class{constructor(a){this.a=a;this.b=[];this.m(1)}m(x){this.b.push(x+this.a);return this}get n(){return this.b.length}};
      function t(){var o=new A(5),u=new A(6);o.m(2).m(3);out=[o,u,o.n,u.n]}t();`);
    expect(text).not.toMatch(/class|this|new /);
  });

  test('the one that another extends as a part of it', () => {
    const text = same(freeClasses, `var B=class{constructor(x){this.x=x}p(){this.x=0}q(){return this.x}};
      var D=class extends B{constructor(x,y){super(y);this.y=x}p(){super.p();this.y=0}};var d=new D(1,2);out=[d.x,d.y,d.q()];d.p();out.push(d.x,d.y);`);
    expect(text).not.toMatch(/class|extends|super/);
  });

  test('also one that makes others of its kind', () => {
    const text = same(freeClasses, 'var A=class B{constructor(n){this.n=n}m(){return this.n>0?new B(this.n-1).m()+1:0}};var a=new A(3);out=a.m();');
    expect(text).not.toMatch(/\bB\b/);
  });

  test('but not those whose methods others may have, or that are used as values', () => {
    const text = same(freeClasses, 'var A=class{push(x){return x}m(){return 2}};var a=new A();var g=a.m;out=[a.push(1),g()];');
    expect(text).toContain('class');
  });
});

describe('phrases', () => {
  test('an error is made in one place', () => {
    const text = 'function f(a){if(a>2)throw new Error("a: "+a);if(a>1)throw new Error("b");if(!a)throw new Error("c");return a}out=f(';
    for (const value of ['0', '1', '2', '3']) expect(same(shareErrors, `${text}${value});`).match(/new Error/g)).toHaveLength(1);
  });

  test('the engine\'s names are short, unless they are properties or ours', () => {
    const use = 'out=[new Uint8Array(2).length,new Uint8Array(1).length,new Uint8Array(3).length,{Uint8Array:4}.Uint8Array,function(Uint8Array){return Uint8Array}(5)];';
    const { text, aliases } = aliasGlobals(use);
    expect(aliases).toEqual(['$Uint8Array=Uint8Array']);
    expect(outcome(`var ${aliases.join()};${text}`)).toBe(outcome(use));
  });

  test('and so are those of its functions that lie in an object of it', () => {
    const use = 'var E={sum:function(a){return a.length},x:{E:{sum:3}}};out=[E.sum([1,2]),E.x.E.sum];';
    const { text, aliases } = aliasGlobals(use.slice(use.indexOf('out')));
    expect([text, aliases]).toEqual(['out=[$sum([1,2]),E.x.E.sum];', ['$sum=E.sum']]);
    expect(outcome(`${use.slice(0, use.indexOf('out'))}var ${aliases.join()};${text}`)).toBe(outcome(use));
    const own = 'function f(E){return E.sum()/E.length}out=f({sum:function(){return 6},length:3});';
    expect(aliasGlobals(own)).toEqual({ text: own, aliases: [] });
  });

  test('fields that get the same constant share it', () => {
    const text = same(chainAssignments, 'var o={},u=o;function f(){o.a=0;o.b=1;o.c=0;o.b=0;o.d=o.a+1;o.e=2;u.e=3;o.g=2}f();out=[o.a,o.b,o.c,o.d,o.e,o.g];');
    expect(text).toContain('=o.');
  });
});

describe('values as Espruino keeps them cheapest', () => {
  test('a whole number has no exponent, unless it is beyond 32 bits', () => {
    expect(same(plainValues, 'out=[72e5,1e3,4e9,"1e3",.5,1.5e3];')).toBe('out=[7200000,1000,4e9,"1e3",.5,1.5e3];');
  });

  test('a field of ours is undefined where it was null; an app\'s is not, nor what a callback gets', () => {
    const text = 'var o={m:null,b:1},e=null;o.n=o.p=null;o.b=null;o[2]=null;f(null,e);function f(x){return null==x?null:x}';
    expect(plainValues(text, own)).toBe(text.replace('m:null', 'm:undefined').replace('o.n=o.p=null', 'o.n=o.p=undefined'));
  });
});

describe('small typed arrays share memory', () => {
  /** What arrays hold, after each of their elements has been set. */
  const filled = (arrays: string): string => `out=[${arrays}].map(function(a,k){for(var i=0;i<a.length;i++)a[i]=k*300+i;return a}).map(function(a){return [].slice.call(a)});`;
  const shared = (text: string): string => {
    const result = shareTables(text);
    expect(outcome(result), result).toBe(outcome(text.replaceAll('new $', 'new ')));
    return result;
  };

  test('and none has an octet of another', () => {
    const made = Array.from({ length: 40 }, (_, n) => `new $${['Uint8Array', 'Int16Array', 'Int32Array'][n % 3]}(${(n * 7) % 17})`);
    expect(shared(filled(made.join())).match(/new ArrayBuffer/g)).toHaveLength(1);
  });

  test('unless they are large', () => {
    expect(shared('var x=new $Uint8Array(300);x[299]=1;out=[x.buffer.byteLength,x[299]];')).toContain('$$octets(300)');
  });

  test('and nothing is added where there are none of ours', () => {
    const text = 'var m=new Uint8Array(8);out=1;';
    expect(shareTables(text)).toBe(text);
  });
});
