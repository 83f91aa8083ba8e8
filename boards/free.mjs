// Makes functions of the methods of those classes that have several objects, and plain objects of these: `c.consume(4)`
// becomes `consume(c,4)`. Inside, the object is a parameter of one letter instead of `this`, and an object needs no
// prototype. A class that only another one extends becomes part of that. Cold classes stay: they are not there until they are needed.
import ts from 'typescript';
import { analyse, isCold, removed, rewrite, tidy, walk } from './script.mjs';

/** The names of the functions that methods become, and of the object in them. */
const functionName = (name) => `f$${name}`;
const SELF = 'self$';

const isCalled = (node) => ts.isCallExpression(node.parent) && node.parent.expression === node;
const constructorOf = (node) => node.members.find((member) => ts.isConstructorDeclaration(member));
const isThis = (node) => node.kind === ts.SyntaxKind.ThisKeyword;
const list = (words) => words.filter((word) => word !== '').join(',');

class Script {
  constructor(text, own) {
    Object.assign(this, { text, own, ...analyse(text) });
    /** Class expressions by the symbols of the variables that hold them. */
    this.classes = new Map();
    this.uses = new Map();
    this.declared = new Map();
    const add = (map, key, value) => map.set(key, [...(map.get(key) ?? []), value]);
    for (const statement of this.tree.statements) {
      for (const { name, initializer } of ts.isVariableStatement(statement) ? statement.declarationList.declarations : []) {
        if (initializer && ts.isClassExpression(initializer)) this.classes.set(this.checker.getSymbolAtLocation(name), initializer);
      }
    }
    walk(this.tree, (node) => {
      if (ts.isMethodDeclaration(node) || ts.isAccessor(node) || ts.isPropertyAssignment(node)) add(this.declared, node.name.getText(), node);
      if (ts.isPropertyAccessExpression(node)) add(this.uses, '.' + node.name.text, node);
      if (ts.isIdentifier(node) && node.parent.name !== node) add(this.uses, this.checker.getSymbolAtLocation(node), node);
    });
  }

  usesOf(key) {
    return this.uses.get(key) ?? [];
  }

  /** The text with what `replace` answers in the place of nodes. */
  written(replace) {
    return this.text.slice(0, this.tree.getStart()) + tidy(rewrite(this.tree, replace));
  }
}

/** A class that one other extends, and nothing else uses, becomes part of it; undefined when there is none. */
function mergeBase(text, own) {
  const script = new Script(text, own);
  for (const node of script.classes.values()) {
    const heritage = node.heritageClauses?.[0]?.types[0].expression;
    const symbol = heritage && script.checker.getSymbolAtLocation(heritage);
    const base = script.classes.get(symbol);
    if (!base || base.heritageClauses || script.usesOf(symbol).length !== 1) continue;
    const names = node.members.map((member) => member.name?.getText());
    const [ours, theirs] = [constructorOf(node), constructorOf(base)];
    const values = new Map();
    const bodyOf = (member) => {
      const replace = (child) => (ts.isIdentifier(child) && child.parent.name !== child ? values.get(script.checker.getSymbolAtLocation(child)) : undefined);
      return member ? rewrite(member.body, replace).slice(1, -1) : '';
    };
    const replace = (child) => {
      if (!ts.isExpressionStatement(child) || !ts.isCallExpression(child.expression)) return undefined;
      const { expression: callee, arguments: words } = child.expression;
      if (callee.kind === ts.SyntaxKind.SuperKeyword) {
        theirs?.parameters.forEach(({ name }, at) => values.set(script.checker.getSymbolAtLocation(name), words[at].getText()));
        return `${bodyOf(theirs)};`;
      }
      const above = ts.isPropertyAccessExpression(callee) && callee.expression.kind === ts.SyntaxKind.SuperKeyword;
      return above && words.length === 0 ? `${bodyOf(base.members.find(({ name }) => name?.getText() === callee.name.text))};` : undefined;
    };
    const kept = base.members.filter((member) => (member === theirs ? !ours : !names.includes(member.name?.getText())));
    const members = [...kept.map((member) => member.getText()), ...node.members.map((member) => rewrite(member, replace))];
    return script.written((child) => (child === node ? `class{${members.join('\n')}}` : child === base ? '0' : undefined));
  }
  return undefined;
}

/** Methods and getters that are the only ones of their name, and only called or read. */
function findFree(script) {
  const free = new Map();
  for (const node of script.classes.values()) {
    if (node.heritageClauses || isCold(constructorOf(node)?.body)) continue;
    for (const member of node.members) {
      if (!ts.isMethodDeclaration(member) && !ts.isGetAccessor(member)) continue;
      const name = member.name.getText();
      const called = script.usesOf('.' + name).every((use) => ts.isGetAccessor(member) || isCalled(use));
      if (script.own.has(name) && script.declared.get(name).length === 1 && called) free.set(name, member);
    }
  }
  return free;
}

/** A class without methods as a function that makes an object. */
function makerOf(node, name, whole) {
  const maker = constructorOf(node);
  const statements = maker ? [...maker.body.statements] : [];
  const fields = [];
  for (const statement of statements) {
    const set = ts.isExpressionStatement(statement) && ts.isBinaryExpression(statement.expression) ? statement.expression : undefined;
    const field = set?.operatorToken.kind === ts.SyntaxKind.EqualsToken && ts.isPropertyAccessExpression(set.left) && isThis(set.left.expression);
    if (!field || /\bthis\b/.test(set.right.getText())) break;
    fields.push(`${set.left.name.text}:${whole(set.right)}`);
  }
  const rest = statements.slice(fields.length).map((statement) => `${whole(statement)};`).join('');
  const object = `{${fields.join(',')}}`;
  const words = (maker?.parameters ?? []).map((parameter) => parameter.getText());
  const body = rest === '' ? `return ${object}` : `var ${SELF}=${object};${rest}return ${SELF}`;
  return `function ${name}(${words.join(',')}){"cold";${body}}`;
}

function freeMethods(text, own) {
  const script = new Script(text, own);
  const free = findFree(script);
  const plain = new Map();
  for (const [symbol, node] of script.classes) {
    const others = node.members.filter((member) => !ts.isConstructorDeclaration(member) && free.get(member.name?.getText()) !== member);
    const made = script.usesOf(symbol).every((use) => ts.isNewExpression(use.parent) && use.parent.expression === use);
    if (others.length === 0 && made && !node.heritageClauses && !isCold(constructorOf(node)?.body)) plain.set(symbol, node);
  }
  const inMaker = (node) => [...plain.values()].includes(ts.getThisContainer(node, false, false)?.parent);
  const replace = (node) => {
    const access = ts.isCallExpression(node) ? node.expression : node;
    const name = ts.isPropertyAccessExpression(access) ? access.name.text : undefined;
    const member = name && free.get(name);
    if (member && (ts.isGetAccessor(member) || access !== node)) {
      const words = access === node || ts.isGetAccessor(member) ? [] : node.arguments.map(whole);
      if (ts.isGetAccessor(member) && access !== node) return undefined;
      return `${functionName(name)}(${list([whole(access.expression), ...words])})`;
    }
    if (isThis(node)) {
      const holder = ts.getThisContainer(node, false, false);
      const isFree = holder && (ts.isMethodDeclaration(holder) || ts.isGetAccessor(holder)) && free.get(holder.name.getText()) === holder;
      return isFree || (ts.isConstructorDeclaration(holder) && inMaker(node)) ? SELF : undefined;
    }
    if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && plain.has(script.checker.getSymbolAtLocation(node.expression))) {
      return `${node.expression.text}(${(node.arguments ?? []).map(whole).join(',')})`;
    }
    if (ts.isVariableStatement(node) && ts.isClassExpression(node.declarationList.declarations[0].initializer ?? node)) return classText(node);
    return undefined;
  };
  const classText = (statement) => {
    const [{ name, initializer: node }] = statement.declarationList.declarations;
    const functions = node.members.filter((member) => free.get(member.name?.getText()) === member);
    const texts = functions.map((member) => {
      const words = [SELF, ...member.parameters.map((parameter) => parameter.getText())];
      return `function ${functionName(member.name.getText())}(${words.join(',')})${whole(member.body)}`;
    });
    const isPlain = plain.has(script.checker.getSymbolAtLocation(name));
    const rest = isPlain ? makerOf(node, name.text, whole) : rewrite(statement, (child) => (functions.includes(child) ? removed(child) : replace(child)));
    return [...texts, rest].join('\n');
  };
  const whole = (node) => replace(node) ?? rewrite(node, replace);
  return script.written(replace);
}

/** A class that speaks of itself, `var A=class B{...new B...}` as esbuild writes it, does so by its variable: its methods may leave it. */
function withoutOwnNames(text) {
  const { tree, checker } = analyse(text);
  const names = new Map();
  walk(tree, (node) => {
    const { parent } = node;
    const named = ts.isClassExpression(node) && node.name && ts.isVariableDeclaration(parent) && parent.initializer === node;
    if (named) names.set(checker.getSymbolAtLocation(node.name), parent.name.text);
  });
  const replace = (node) => {
    const name = ts.isIdentifier(node) ? names.get(checker.getSymbolAtLocation(node)) : undefined;
    return name !== undefined && node.parent.name === node ? '' : name;
  };
  return names.size > 0 ? text.slice(0, tree.getStart()) + rewrite(tree, replace) : text;
}

/** @returns a script with its classes made as light as can be */
export function freeClasses(text, own) {
  let result = withoutOwnNames(text);
  for (let next = result; next !== undefined; next = mergeBase(result, own)) result = next;
  return freeMethods(result, own);
}
