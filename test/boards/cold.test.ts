import { describe, expect, test } from 'vitest';
import { joinTexts, moveCold } from '../../boards/cold.mjs';
import { Realm } from '../../boards/virtual/runtime/realm';

const own = new Set(['m', 'n', 'p']);

/** What a script leaves in `out`. */
function outcome(text: string): unknown {
  const realm = new Realm();
  realm.run(`var $cut,$places,$code,out;${text}`, 'cold.js');
  return JSON.parse(JSON.stringify(realm.global.out));
}

function same(text: string): string {
  const moved = moveCold(text, own);
  expect(outcome(joinTexts(moved))).toEqual(outcome(text));
  return moved;
}

describe('the build moves cold functions out of the way', () => {
  test('and calls of them find them', () => {
    const moved = same('function a(x,y){"cold";return x+y}function b(x){return a(x,2)*2}out=b(3);');
    expect(moved).not.toMatch(/function a\(/);
    expect(moved).toContain('function $$1($0,$1){0}function $$give1(i){return $$1[$code]=$cut($places[i],$$longest),$$1}');
    expect(moved).toContain('return $$give1(0)(x,2)*2');
    expect(moved).toContain('{[function($0,$1){return $0+$1}]}');
  });

  test('whose arguments may call another: they are evaluated first', () => {
    const moved = same('function a(x,y){"cold";return x-(y||1)}function b(x,y){"cold";return x*y}class A{get k(){return b(7,3)}}var k=new A();out=[a(b(9,2),b(3,1)),a(b(5,6)),a(k.k,2),a(k.k,k.k)];');
    expect(moved).toContain('$$1($$give1(1)(9,2),$$give1(1)(3,1),$$give1(0))');
    expect(moved).toContain(',void 0,$$give1(0))');
  });

  test('with three parameters or more, those with fewer share a function', () => {
    const moved = same('function a(x,y,z){"cold";return x+y+z}function b(w,x,y,z){"cold";return a(w,x,y)*z}function c(){"cold";return 4}function d(x){"cold";return x}out=[b(1,2,3,c()),d(5)];');
    expect([...moved.matchAll(/function (\$\$\d)\(([^)]*)\)/g)].map(([, name, words]) => [name, words])).toEqual([['$$0', '$0'], ['$$2', '$0,$1,$2,$3']]);
  });

  test('that call one another, and themselves', () => {
    same('function a(n){"cold";return n?n*a(n-1):b()}function b(){"cold";return 1}out=a(5);');
  });

  test('with their texts in front of what may call them, and behind what is looked for more often', () => {
    const moved = same('var k=[7];function h(){return k[0]}function a(){"cold";return h()}var o={m:function(){return a()}};out=[a(),o.m()];');
    expect(moved).toMatch(/var k=\[7\];function h\(\)\{.*\};function \$\$texts\(\)\{.*\}\)\(\$\$texts\[\$code\],0,1\);out=/);
  });

  test('and leaves a variable of the same name elsewhere alone', () => {
    same('function a(){"cold";return 1}function b(a){return a(4)}out=[a(),b(function(x){return x})];');
  });

  test('as one text behind the other, each a block, in whose place the next one is looked for', () => {
    const moved = moveCold('function a(x){"cold";if(x)return 1}function b(){"cold";a(2)}var k=a(1);b();', own);
    expect(joinTexts(moved)).toContain('function $$texts(){{if($0)return 1}{$$give0(0)(2)}}');
    expect(joinTexts(moved)).toContain('$cut($places[i],16)');
  });

  test('unless their places could not be told', () => {
    const text = 'function $$texts(){[function(){return"}{"}]}';
    expect(() => joinTexts(text)).toThrow('A cold function must not have "}{" in it: return"}{"');
  });

  test('whose places are numbers of two octets, or of four where that does not do', () => {
    const text = (length: number): string => `function a(){"cold";return "${'x'.repeat(length)}".length}function b(){"cold";return 2}out=[a(),b()];`;
    const [short, long] = [text(65_000), text(66_000)].map((whole) => moveCold(whole, own));
    expect(short).toContain('new Uint16Array(2)');
    expect(joinTexts(short!, 0xffff)).toBe(joinTexts(short!));
    expect(joinTexts(long!, 0xffff)).toBeUndefined();
    const wide = moveCold(text(66_000), own, (texts) => texts, true);
    expect(wide).toContain('new Uint32Array(2)');
    for (const moved of [short!, wide]) expect(outcome(joinTexts(moved))).toEqual([moved === wide ? 66_000 : 65_000, 2]);
  });

  test('unless they would not find their parameters', () => {
    expect(() => joinTexts('function $$texts(){[function(a){a()},function(b,c){b()}]}')).toThrow('has the parameter a where others have b');
    expect(() => joinTexts('function $$1(c){0}function $$texts(){[function(a){a()},function(a,b){b()}]}')).toThrow('has the parameter c where others have a');
  });

  test('unless there are none', () => {
    expect(moveCold('function a(){return 1}out=a();', own)).toBe('function a(){return 1}out=a();');
  });

  test('and refuses one that is used as a value', () => {
    expect(() => moveCold('function a(){"cold";return 1}var t=[a];', own)).toThrow('The cold function a is used as a value');
    expect(() => moveCold('var A=class{constructor(){"cold"}};out=out instanceof A', own)).toThrow('The cold function A is used as a value');
    const method = 'class A{m(){"cold";return 1}}';
    expect(() => moveCold(`${method}var f=new A().m;`, own)).toThrow('The cold function m is used as a value');
  });

  test('methods too, which keep their object', () => {
    const moved = same(`class A{constructor(){this.k=3}m(x,y){"cold";return this.k+x+this.n(y)}n(z){return z*this.k}}
      var a=new A();function f(){return {a:a}}out=[f().a.m(1,2),a.m(a.m(0,0),1)];`);
    expect(moved).not.toMatch(/\bm\(x,y\)\{/);
    expect(moved).toContain('$$2(f().a,1,2,$$give2(');
  });

  test('methods that call one another, and cold functions', () => {
    same('function h(x){"cold";return x+1}class A{m(n){"cold";return n?this.p(n):h(0)}p(n){"cold";return this.m(n-1)+1}}out=new A().m(4);');
  });

  test('classes, which are made when their first object is', () => {
    const moved = same('var A=class{constructor(k){"cold";this.n=[];this.k=k}m(){return this.k+this.n.length}};function f(k){return new A(k)}out=[f(3).m(),new A(4).m()];');
    expect(moved).toContain('var A;');
    expect(moved).toContain('new(A||(A=$$give0(0)()))(k)');
  });

  test('classes without arguments, whose methods call cold functions and make other cold classes', () => {
    const text = 'function h(x){"cold";return x+1}var B=class{constructor(){"cold";this.b=h(1)}};'
      + 'var A=class{constructor(){"cold";this.a=new B}m(){return h(this.a.b)}};out=new A().m();';
    expect(same(text).match(/"cold"/)).toBeNull();
  });

  test('whose object is not asked for when they do not use it, but evaluated if that does something', () => {
    same('var n=0,o={m(x){"cold";return x+n}};function f(){n++;return o}out=[o.m(1),f().m(1),n];');
  });

  test('of literals, first, last and alone', () => {
    same('var a={m(){"cold";return 1},k(){return 2}},b={k(){return 3},n(){"cold";return 4}},c={p(){"cold";return 5}};out=[a.m(),a.k(),b.k(),b.n(),c.p()];');
  });

  test('and makes them shorter where that is possible', () => {
    const shorten = (texts: string[]): string[] => texts.map((text) => text.replace('$0*2', '$0<<1'));
    expect(moveCold('function a(x){"cold";return x*2}out=a(2);', own, shorten)).toContain('return $0<<1');
  });

  test('that hand their object on to another', () => {
    same('class A{constructor(){this.k=2}m(x){"cold";return this.n(this.k,x)}n(a,b){"cold";return a+b+this.k}}var a=new A();out=a.m(3);');
  });

  test('of one name in several objects, which have the number of the text instead', () => {
    const text = 'var n=0,a={m(x,y){return f(x,y)}},b={m(x,y){return g(x,y)}};function h(){"cold";return ++n}function f(x,y){"cold";return x+y}'
      + 'function g(x,y){"cold";return x*y}function t(){return [a,b].map(function(o){return [o.m(2,5),o.m(h(),h())]})}out=t();';
    const moved = same(text);
    expect(moved).toContain('var n=0,a={m:1},b={m:2}');
    expect(moved).toContain('[$$give1(o.m)(2,5),$$1($$give0(0)(),$$give0(0)(),$$give1(o.m))]');
  });

  test.each([
    ['one of them does something itself', 'var a={m(x){return f(x)}},b={m(x){return x}};out=[a,b].map(function(o){return o.m(3)});'],
    ['one is used as a value', 'var a={m(x){return f(x)}},b={m(x){return f(x)}};out=[a.m(1),typeof b.m];'],
    ['one passes other arguments on', 'var a={m(x){return f(x)}},b={m(x){return f(2)}};out=[a.m(1),b.m(1)];'],
  ])('unless %s', (_, text) => {
    expect(same(`function f(x){"cold";return x+1}${text}`)).toContain('a={m(x)');
  });

  describe('of one name in several classes', () => {
    const fields = new Set(['s', 't']);
    const classes = 'var A=class{constructor(k){"cold";this.k=k}s(x){"cold";return this.k+x}t(){"cold";return this.s(1)}},B=class{constructor(){this.k=9}s(x){"cold";return x-this.k}t(){"cold"}};';
    const object = 'var o={s(x){return f(x)},t(){return g()}};function f(x){"cold";return x*3}function g(){"cold";return f(2)}';
    const shared = (text: string): string => {
      const moved = moveCold(text, own, undefined, false, fields);
      expect(outcome(joinTexts(moved)), moved).toEqual(outcome(text));
      return moved;
    };

    test('and in objects: they are told whose they are, the others pass over that', () => {
      const moved = shared(`${classes}${object}function u(y){var list=[y];return [y.s(5),y.t()||0,list[0].s(y.k)||0]}out=[new A(2),new B,o,new A(7)].map(u);`);
      expect(moved).not.toMatch(/[{}]s\(/);
      expect(moved).toMatch(/\$\$give1\(y\.s\)\(y,5\)/);
      expect(moved).toContain('$$give1(list[0].s)(list[0],y.k)');
    });

    test('unless one of them is not cold, or is used as a value', () => {
      expect(() => moveCold(`${classes}class C{s(){return 2}}`, own, undefined, false, fields)).toThrow('The cold method s is used as a value, or has a name');
      expect(() => moveCold(`${classes}out=typeof o.t;`, own, undefined, false, fields)).toThrow('The cold method t is used as a value, or has a name');
    });

    test.each(['h().s(2)', 'list[i++].s(2)', 'list[i=1].s(2)', 'o.s(h())'])('unless something would be done twice, or may have changed in between: %s', (call) => {
      const text = `${classes}var list=[new A(1),new B],i=0,o=list[0];function h(){o=list[1];return o}out=${call};`;
      expect(() => moveCold(text, own, undefined, false, fields)).toThrow(`Whose s is called must be there already, and what it is told: ${call}`);
    });

    test.each([
      ['s(){"cold";return [1].map(function(){return this})}', "has another's this in it: return this"],
      ['s(){"cold";return super.s()}', "has another's this in it: super.s"],
    ])('unless they have another\'s this in them: %s', (method, sentence) => {
      expect(() => moveCold(`var A=class extends Object{${method}},B=class{s(){"cold";return 2}};`, own, undefined, false, fields)).toThrow(sentence);
    });
  });

  test('but not one whose name other objects may have', () => {
    expect(() => moveCold('class A{push(){"cold";return 1}}', own)).toThrow('has a name that other objects may use too');
  });

  test('but not a method that shares its name with another', () => {
    expect(() => moveCold('class A{m(){"cold";return 1}}class B{m(){return 2}}', own)).toThrow('The cold method m is not the only one');
  });
});
