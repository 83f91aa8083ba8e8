// Puts the bodies of functions, methods and constructors that are called in one place only where that place is: a
// function costs Espruino five variables, one for each parameter, and a call 3,200 instructions and more. The source
// keeps the names. Where skipping the body would cost more than calling it, it stays a function, unless it begins with the
// directive 'inline': then its body stands in the place of every call that is made often, and for the others it is cold.
import ts from 'typescript';
import { analyse, isCold, isInline, isSeldom, removed, rewrite, tidy, walk } from './script.mjs';

/** Characters that Espruino skips in about the time that a call takes. */
const SHORT = 60;

/** Characters that cost three calls to pass over. */
const LONG = 150;

/** The same of a cold function, whose call takes three times as long; before its names are short. */
const WIDE = 300;

const isAtom = (node) => ts.isIdentifier(node) || ts.isLiteralExpression(node) || (ts.isPrefixUnaryExpression(node) && ts.isNumericLiteral(node.operand));

/** The statements of a function without the directive. */
export const statementsOf = (node) => (isCold(node.body) || isInline(node.body) ? node.body.statements.slice(1) : [...node.body.statements]);

const within = (node, found) => {
  let answer = false;
  walk(node, (child) => {
    answer ||= found(child);
  });
  return answer;
};

/** Marked, and not a single expression: those `spread.mjs` puts in place. */
function isLong(node) {
  const [only, ...more] = isInline(node.body) ? statementsOf(node) : [];
  return !!only && (more.length > 0 || !(ts.isExpressionStatement(only) || ts.isReturnStatement(only)));
}

const isCalled = (node) => ts.isCallExpression(node.parent) && node.parent.expression === node;

const makesFunctions = (node) => within(node.body, (child) => ts.isArrowFunction(child) || ts.isFunctionExpression(child));

const returnsOf = (node) => {
  const found = [];
  const visit = (child) => {
    if (ts.isFunctionLike(child)) return;
    if (ts.isReturnStatement(child)) found.push(child);
    ts.forEachChild(child, visit);
  };
  ts.forEachChild(node.body, visit);
  return found;
};

/** Nothing of the function runs after this statement. */
function isLast(statement) {
  const parent = statement.parent;
  if (ts.isIfStatement(parent)) return parent.expression !== statement && isLast(parent);
  if (!ts.isBlock(parent) || parent.statements[parent.statements.length - 1] !== statement) return false;
  return ts.isFunctionLike(parent.parent) ? true : ts.isIfStatement(parent.parent) && isLast(parent.parent);
}

/** The statement ends its function on every way through it. */
function ends(statement) {
  if (!statement) return false;
  if (ts.isReturnStatement(statement) || ts.isThrowStatement(statement)) return true;
  if (ts.isBlock(statement)) return ends(statement.statements[statement.statements.length - 1]);
  return ts.isIfStatement(statement) && ends(statement.thenStatement) && ends(statement.elseStatement);
}

class Once {
  constructor(text, own, fresh) {
    const { tree, checker } = analyse(text);
    Object.assign(this, { text, tree, checker, own, fresh });
    this.functions = new Map();
    this.uses = new Map();
    this.methods = new Map();
    this.assigned = new Set();
    walk(tree, (node) => this.look(node));
  }

  add(map, key, value) {
    map.set(key, [...(map.get(key) ?? []), value]);
  }

  look(node) {
    if (ts.isFunctionDeclaration(node) && ts.isSourceFile(node.parent)) this.functions.set(this.checker.getSymbolAtLocation(node.name), node);
    if (ts.isMethodDeclaration(node) || ts.isAccessor(node) || ts.isPropertyAssignment(node)) this.add(this.methods, node.name.getText(), node);
    if (ts.isPropertyAccessExpression(node)) this.add(this.uses, '.' + node.name.text, node);
    if (ts.isIdentifier(node) && !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node)) {
      const symbol = ts.isShorthandPropertyAssignment(node.parent) ? this.checker.getShorthandAssignmentValueSymbol(node.parent) : this.checker.getSymbolAtLocation(node);
      if (symbol && !(node.parent.name === node)) this.add(this.uses, symbol, node);
    }
    const target = (ts.isBinaryExpression(node) && ts.isAssignmentOperator(node.operatorToken.kind) && node.left) || ((ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) && /\+\+|--/.test(node.getText()) && node.operand);
    if (target && ts.isIdentifier(target)) this.assigned.add(this.checker.getSymbolAtLocation(target));
  }

  /** What is called by a call, when all that is done with it is to call it; and where it is used. */
  callee(call) {
    const node = call.expression;
    if (ts.isIdentifier(node)) {
      const symbol = this.checker.getSymbolAtLocation(node);
      return { callee: this.functions.get(symbol), uses: this.uses.get(symbol) };
    }
    if (!ts.isPropertyAccessExpression(node) || !this.own.has(node.name.text) || !ts.isIdentifier(node.expression)) return {};
    const declared = this.methods.get(node.name.text) ?? [];
    const only = declared.length === 1 && ts.isMethodDeclaration(declared[0]);
    const free = only && !within(declared[0], (child) => child.kind === ts.SyntaxKind.ThisKeyword || child.kind === ts.SyntaxKind.SuperKeyword);
    return free ? { callee: declared[0], uses: this.uses.get('.' + node.name.text) } : {};
  }

  /** True when the body may stand in the place of the call without slowing down a way that is taken often. */
  pays(call, callee) {
    const caller = ts.findAncestor(call, ts.isFunctionLike);
    if (!caller || caller === callee || ts.findAncestor(call, (node) => node === callee)) return false;
    if (caller.parent !== this.tree && !ts.isClassLike(caller.parent) && !ts.isObjectLiteralExpression(caller.parent)) return false;
    // A function that is made here keeps all variables around it for as long as it exists: the fewer, the better.
    if (makesFunctions(callee) || makesFunctions(caller)) return false;
    if (isInline(callee.body)) return true;
    const width = callee.body.getWidth();
    // Unconditional: it is run in any case.
    const statement = ts.findAncestor(call, ts.isStatement);
    const always = ts.isBlock(statement.parent) && statement.parent === caller.body && !ts.isIfStatement(statement) && !ts.isIterationStatement(statement, false);
    if (isCold(caller.body)) return always || width < WIDE || !isCold(callee.body);
    if (isCold(callee.body)) return false;
    if (width < SHORT) return true;
    // Behind a return it would be passed over, character by character, each time that this one returns.
    return always && (width <= LONG || !returnsOf(caller).some((node) => node.end < call.pos));
  }

  /** Statements that give the parameters their values, and the body's text with fresh names. */
  body(callee, call) {
    const names = new Map();
    const first = [];
    const fresh = (name) => `${name.replace(/_\d+$/, '')}_${this.fresh.next++}`;
    callee.parameters.forEach((parameter, at) => {
      const symbol = this.checker.getSymbolAtLocation(parameter.name);
      const argument = call.arguments?.[at];
      const stable = argument && (ts.isLiteralExpression(argument) || (ts.isIdentifier(argument) && this.isConstant(argument)));
      if (stable && !this.assigned.has(symbol)) {
        names.set(symbol, argument.getText());
        return;
      }
      names.set(symbol, fresh(parameter.name.text));
      first.push(`var ${names.get(symbol)}=${argument ? argument.getText() : 'void 0'};`);
    });
    walk(callee.body, (node) => {
      if (!ts.isVariableDeclaration(node)) return;
      const symbol = this.checker.getSymbolAtLocation(node.name);
      if (!names.has(symbol)) names.set(symbol, fresh(node.name.text));
    });
    const replace = (node) => {
      if (ts.isShorthandPropertyAssignment(node)) {
        const name = names.get(this.checker.getShorthandAssignmentValueSymbol(node));
        return name && `${node.name.text}:${name}`;
      }
      const isName = ts.isIdentifier(node) && !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node);
      return isName ? names.get(this.checker.getSymbolAtLocation(node)) : undefined;
    };
    const whole = (node) => replace(node) ?? rewrite(node, replace);
    return { first: first.join(''), text: (node) => whole(node) };
  }

  /** A variable of the caller that is never changed. */
  isConstant(node) {
    const symbol = this.checker.getSymbolAtLocation(node);
    const declaration = symbol?.valueDeclaration;
    if (!declaration || this.assigned.has(symbol)) return false;
    if (ts.isParameter(declaration)) return true;
    return ts.isVariableDeclaration(declaration) && !!declaration.initializer && !!ts.findAncestor(declaration, ts.isFunctionLike);
  }

  /** What stands for the node that holds a call: `[node, text]`, or undefined. */
  placed(call, callee) {
    const statements = statementsOf(callee);
    const returns = returnsOf(callee);
    const parent = call.parent;
    const [only] = statements;
    // One expression in the place of another.
    if (statements.length === 1 && ts.isReturnStatement(only) && only.expression) {
      const { first, text } = this.body(callee, call);
      if (first === '') return [call, `(${text(only.expression)})`];
    }
    const inside = () => {
      const { first, text } = this.body(callee, call);
      return first + statements.map(text).join('');
    };
    if (ts.isReturnStatement(parent)) {
      const complete = ends(statements[statements.length - 1]) || isLast(parent);
      return complete ? [parent, `{${inside()}}`] : undefined;
    }
    if (ts.isExpressionStatement(parent)) {
      const plain = returns.length === 0 || (isLast(parent) && returns.every(({ expression }) => !expression) && !ts.isConstructorDeclaration(ts.findAncestor(parent, ts.isFunctionLike)));
      return plain ? [parent, `{${inside()}}`] : undefined;
    }
    // `var a = f(b);` where only the end returns.
    const declares = ts.isVariableDeclaration(parent) && parent.parent.declarations.length === 1 && ts.isVariableStatement(parent.parent.parent);
    const last = statements[statements.length - 1];
    if (declares && returns.length === 1 && last === returns[0] && last.expression) {
      const { first, text } = this.body(callee, call);
      const rest = statements.slice(0, -1).map(text).join('');
      return [parent.parent.parent, `${first}${rest}var ${parent.name.text}=${text(last.expression)};`];
    }
    return undefined;
  }

  run() {
    const places = new Map();
    const gone = new Set();
    const busy = new Set();
    /** What stays, and stands somewhere else too now. */
    const read = new Set();
    walk(this.tree, (call) => {
      if (!ts.isCallExpression(call) || call.arguments.some(ts.isSpreadElement)) return;
      const { callee, uses } = this.callee(call);
      if (!callee || gone.has(callee) || callee.asteriskToken || !this.pays(call, callee)) return;
      const caller = ts.findAncestor(call, (node) => this.isTop(node));
      const last = uses.length === 1;
      // What is marked stands in the place of each call that is made often, and stays for the others.
      if (!last && (!isLong(callee) || isSeldom(call) || !uses.every(isCalled))) return;
      // One step at a time: neither has been moved or given something in this round.
      if (busy.has(caller) || busy.has(callee) || read.has(caller)) return;
      const placed = this.placed(call, callee);
      if (!placed) return;
      places.set(...placed);
      busy.add(caller);
      if (last) gone.add(callee), busy.add(callee);
      else read.add(callee);
    });
    if (places.size === 0) return this.chilled();
    const replace = (node) => (gone.has(node) ? removed(node) : places.get(node));
    return this.text.slice(0, this.tree.getStart()) + tidy(rewrite(this.tree, replace));
  }

  /** What is marked and only called seldom is cold, and what is not called any more goes; undefined when there is nothing of the kind. */
  chilled() {
    const places = new Map();
    for (const [symbol, node] of this.functions) if (isLong(node) && !this.uses.has(symbol)) places.set(node, removed(node));
    for (const [name, [node]] of this.methods) {
      if (this.own.has(name) && ts.isMethodDeclaration(node) && isLong(node) && !this.uses.has('.' + name)) places.set(node, removed(node));
    }
    walk(this.tree, (call) => {
      const { callee, uses } = ts.isCallExpression(call) ? this.callee(call) : {};
      if (callee && isLong(callee) && uses.every((use) => isCalled(use) && isSeldom(use))) places.set(callee.body.statements[0], '"cold";');
    });
    if (places.size === 0) return undefined;
    return this.text.slice(0, this.tree.getStart()) + tidy(rewrite(this.tree, (node) => places.get(node)));
  }

  isTop(node) {
    return ts.isFunctionLike(node) && (node.parent === this.tree || ts.isClassLike(node.parent) || ts.isObjectLiteralExpression(node.parent));
  }
}

/**
 * @param text a script
 * @param own names that only our own objects have
 * @returns the same with what is called in one place put there
 */
export function placeOnce(text, own) {
  const fresh = { next: 0 };
  let result = text;
  for (let next = result; next !== undefined; next = new Once(result, own, fresh).run()) result = next;
  return result;
}
