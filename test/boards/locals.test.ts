import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { shareLocals } from '../../boards/locals.mjs';
import { SeededRandom } from '../../hal/mock/random';

/** What a function `f` answers to two calls. */
const answers = (text: string): unknown => runInNewContext(`${text};JSON.stringify([f(3,5),f(-2,0)])`);

/** The declarations of what a pass makes of a function, which still does the same. */
function declared(text: string, parameters = true): string[] {
  const result = shareLocals(text, parameters);
  expect(answers(result), result).toEqual(answers(text));
  return [...result.matchAll(/var ([^;})]*)/g)].map(([, list]) => list!);
}

describe('locals share a name', () => {
  test('one behind the other', () => {
    expect(declared('function f(p,q){var a=p+1;q+=a;var b=q*2;q-=b;return[p,q]}')).toEqual(['a=p+1', 'a=q*2']);
    expect(declared('function f(p,q){var a=p+1,b=a*2;return[b,p,q]}')).toEqual(['a=p+1,a=a*2']);
  });

  test('also that of a parameter which nobody needs any more, if it may be', () => {
    const text = 'function f(p,q){var a=p*q;var b=a+q;return[b]}';
    expect(declared(text)).toEqual(['p=p*q', 'p=p+q']);
    expect(declared(text, false)).toEqual(['a=p*q', 'a=a+q']);
  });

  test('what is only a copy goes', () => {
    expect(declared('function f(p,q){var a=p+q;var b=a;return[b,p,q]}')).toEqual(['a=p+q']);
    expect(declared('function f(p,q){var a=p+q,b=a,c=b+1;return[c,p,q]}')).toEqual(['a=p+q,a=a+1']);
    expect(shareLocals('function f(p){for(var i=p;i<9;i++)g(i)}', true)).toBe('function f(p){for(;p<9;p++)g(p)}');
  });

  test('in the branches of a condition', () => {
    expect(declared('function f(p,q){if(p>0){var a=p+q;q=a}else{var b=q-p;q=b}return[p,q]}')).toEqual(['a=p+q', 'a=q-p']);
  });

  test('but for those that are needed at the same time, or once more in the next round of a loop', () => {
    expect(declared('function f(p,q){var a=p+1;var b=q*2;return[a,b,p,q]}')).toEqual(['a=p+1', 'b=q*2']);
    expect(declared('function f(p,q){var a=p;for(var i=0;i<4;i++){q+=a;var b=q*2;q-=b+i}return[p,q]}')).toEqual(['a=p', 'i=0', 'b=q*2']);
    expect(declared('function f(p,q){for(var i=0;i<3;i++){if(i>0)q+=a;var a=i+p;var b=q+a;q+=b}return[p,q]}')).toEqual(['i=0', 'a=i+p', 'b=q+a']);
  });

  test('and for those that have no value at some time, or not always', () => {
    expect(declared('function f(p,q){var a;if(p>0)a=q;var b=p+1;p=b;return[a===undefined,p,q]}')).toEqual(['a', 'b=p+1']);
    expect(declared('function f(p,q){if(p>0){var a=q}var b=p+1;p=b;return[a===undefined,p,q]}')).toEqual(['a=q', 'b=p+1']);
  });

  test('nor where functions are made that may see them later', () => {
    const text = 'function f(p,q){var a=p+1;var g=()=>a;var b=q+1;q=b;return[g(),p,q]}';
    expect(shareLocals(text, true)).toBe(text);
  });

  test('but for those of which each round of a loop has its own, in functions that are values', () => {
    declared('var f=function(p,q){var r=[];for(const x of [p,q]){const y=x*2;r.push(()=>x+y)}return r.map((g)=>g())}');
    declared('var o={f(p,q){var r=[];for(let i=p;i<q;i++)r.push(()=>i);return r.map((g)=>g())}},f=(p,q)=>o.f(p,q)');
  });

  test('but for those that begin with what they were in the round before', () => {
    declared('function f(p,q){var out=[];for(var i=0;i<3;i++){var z=q+i;out.push(z);var h=h===undefined?p:h+1;out.push(h)}return out}');
  });

  test('nor where arguments are asked for by their number, or taken apart', () => {
    for (const text of ['function f(p,q){var a=p+1;var b=a*2;return[arguments[0],b]}', 'function f(p,q){var a=p+1;q+=a;var b=q;var {c=b}={};return[c]}']) expect(shareLocals(text, true)).toBe(text);
  });

  test('names of properties stay', () => {
    declared('function f(p,q){var a=p+1;q+=a;var b={a:q,b:a};var c={b};return[c.b.a,c.b.b,p]}');
    declared('function f(p,q){var a=p+1;q+=a;var b=q+1;return{b,q,p}}');
  });

  test('what is cold is left to its own turn', () => {
    const text = 'function f(p,q){"cold";var a=p+1;q+=a;var b=q*2;return[b]}';
    expect(shareLocals(text, true)).toBe(text);
  });
});

/** A function of assignments, conditions and loops in any order, whose variables are read before and after them. */
class Program {
  private readonly random: SeededRandom;
  private count = 0;
  private left = 40;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  text(): string {
    return `function f(p,q){var out=[];${this.statements(['p', 'q'], 0)}return out}`;
  }

  private one(known: string[]): string {
    return known[this.random.below(known.length)]!;
  }

  private value(known: string[]): string {
    const name = this.one(known);
    if (this.random.chance(0.2)) return name;
    return `(${name}${['+', '-', '^'][this.random.below(3)]}${this.random.chance(0.5) ? this.one(known) : this.random.below(9)}|0)`;
  }

  /** Statements that see the names in `known`; what they declare is seen by those behind them. */
  private statements(known: string[], depth: number): string {
    const seen = [...known];
    let text = '';
    for (let n = 1 + this.random.below(6); n > 0 && this.left > 0; n--) text += this.statement(seen, depth);
    return text;
  }

  private statement(seen: string[], depth: number): string {
    this.left--;
    const kind = depth < 3 ? this.random.below(10) : this.random.below(7);
    if (kind < 3) {
      const name = `v${this.count++}`;
      const text = `var ${name}=${this.value(seen)};`;
      seen.push(name);
      return text;
    }
    if (kind < 5) return `out.push(${this.value(seen)});`;
    if (kind < 6) return `${this.one(seen)}=${this.value(seen)};`;
    if (kind < 7) return `if(out.length>200)return out;`;
    if (kind < 8) return `if(${this.one(seen)}&1){${this.statements(seen, depth + 1)}}else{${this.statements(seen, depth + 1)}}`;
    const at = `v${this.count++}`;
    if (kind < 9) return `for(var ${at}=0;${at}<3;${at}++){${this.statements(seen, depth + 1)}}`;
    return `var ${at}=0;while(${at}++<3){${this.statements([...seen, at].filter((name) => name !== at), depth + 1)}}`;
  }
}

test('whatever the function, it does the same', () => {
  let fewer = 0;
  for (let seed = 1; seed <= 500; seed++) {
    const text = new Program(seed).text();
    const result = shareLocals(text, seed % 2 === 0);
    expect(answers(result), `${text}\n${result}`).toEqual(answers(text));
    if (new Set(result.match(/\bv\d+/g)).size < new Set(text.match(/\bv\d+/g)).size) fewer++;
  }
  expect(fewer).toBeGreaterThan(200);
}, 60_000);
