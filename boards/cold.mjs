// Moves functions and methods that begin with the directive 'cold' out of the way. A function costs Espruino five
// variables and one for each parameter for as long as it exists. Of these only the text stays, in flash, as part of the
// body of a function that is never called: `$2(137)(a,b)` cuts it out, makes it the text of the one function that all
// with as many parameters share, and calls that. Espruino looks for a function's text when it has the arguments: if they
// call something, `$2` comes behind them, as `$$2(a(),b,$2(137))`.
// Of methods of one name that are cold in every object that has one, the objects have the numbers of their texts: `o.m(a)`
// becomes `$2(o.m)(a)`, or `$2(o.m)(o,a)` where some of them are of classes that there may be several objects of.
// A class whose constructor begins so is made when the first object of it is: what a board does not use costs it nothing.
import ts from 'typescript';
import { analyse, isCold, removed, rewrite, tidy, walk } from './script.mjs';

/** Up to how many parameters those have that are run as one function: with fewer, its others are undefined. */
const KINDS = [1, 2, Infinity];

/** The names of these functions, of those that give them a text, and of parameters: no identifier of ours starts like this. */
const runnerName = (kind) => `$$${kind}`;
const giverName = (kind) => `$$give${kind}`;
const parameterName = (index) => `$${index}`;

/** The function that holds the texts; what cuts a piece out of these (bound: `substr` is not looked for); where each begins. */
export const HOLDER = '$$texts';
const CUT = '$cut';
const PLACES = '$places';

/** Where Espruino keeps the text of a function. */
const CODE = '$code';

/** Module variables of this pass. */
export const coldNames = [CUT, PLACES, CODE];

/** How long the longest text is, with what stands behind it: a number once all names have their final form. */
const LONGEST = '$$longest';

/** Between two texts, each of which is a block of its own: Espruino runs a function's text up to the brace that closes it. */
const MARK = '}{';

const isColdFunction = (node) => (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) && isCold(node.body);

/** The class that a variable is declared to be, if it is cold. */
function coldClass(node) {
  const value = ts.isVariableDeclaration(node) && node.initializer && ts.isClassExpression(node.initializer) ? node.initializer : undefined;
  return value && isCold(value.members.find((member) => ts.isConstructorDeclaration(member))?.body) ? value : undefined;
}

/** What is cold: functions and methods of classes by what they are, other methods by their name, the only one of its kind. */
function findCold(tree, checker, own, fields) {
  const functions = new Map();
  const methods = new Map();
  const members = new Map();
  const classes = new Map();
  const declared = new Map();
  walk(tree, (node) => {
    const named = ts.isMethodDeclaration(node) || ts.isAccessor(node) || ts.isPropertyAssignment(node);
    if (named) declared.set(node.name.getText(), (declared.get(node.name.getText()) ?? 0) + 1);
    if (isColdFunction(node) && ts.isMethodDeclaration(node)) methods.set(node.name.getText(), { node });
    else if (isColdFunction(node)) functions.set(checker.getSymbolAtLocation(node.name), { node });
    if (coldClass(node)) classes.set(checker.getSymbolAtLocation(node.name), { node: coldClass(node) });
  });
  for (const [name, entry] of methods) {
    if (!own.has(name) && fields.has(name) && ts.isClassLike(entry.node.parent)) {
      methods.delete(name);
      walk(tree, (node) => {
        if (!ts.isMethodDeclaration(node) || node.name.getText() !== name || !isColdFunction(node)) return;
        usesThis(node);
        // Told whose it is also where that does not matter to it: to others of the name it does.
        members.set(node, { node, name, usesThis: true });
      });
      continue;
    }
    if (!own.has(name)) throw new Error(`The cold method ${name} has a name that other objects may use too.`);
    if (declared.get(name) > 1) throw new Error(`The cold method ${name} is not the only one of its name.`);
    entry.usesThis = usesThis(entry.node);
  }
  return { functions, methods, members, classes };
}

/** The cold function that a method of an object does nothing but call, as `lower.mjs` writes it. */
function calledBy(node, functions, checker) {
  const [only, ...more] = (ts.isMethodDeclaration(node) && ts.isObjectLiteralExpression(node.parent) && node.body.statements) || [];
  const call = only && more.length === 0 && ts.isReturnStatement(only) ? only.expression : undefined;
  if (!call || !ts.isCallExpression(call) || !ts.isIdentifier(call.expression)) return undefined;
  const given = call.arguments.map((child) => child.getText());
  // What the method is told beside that is of no interest to it.
  const same = given.every((word, at) => word === node.parameters[at]?.getText());
  return same ? functions.get(checker.getSymbolAtLocation(call.expression)) : undefined;
}

/** The names that several objects have for what is cold in all of them, each with the functions behind it. */
function findShared(tree, checker, fields, functions, members) {
  const found = new Map();
  const others = new Set();
  walk(tree, (node) => {
    if (ts.isMethodDeclaration(node) || ts.isAccessor(node) || ts.isPropertyAssignment(node)) {
      const name = node.name.getText();
      const entry = members.get(node) ?? calledBy(node, functions, checker);
      if (entry && fields.has(name)) found.set(name, [...(found.get(name) ?? []), entry]);
      else others.add(name);
    }
    const called = ts.isCallExpression(node.parent) && node.parent.expression === node;
    if (ts.isPropertyAccessExpression(node) && !called) others.add(node.name.text);
  });
  for (const { name } of members.values()) {
    if (others.has(name)) throw new Error(`The cold method ${name} is used as a value, or has a name that is not cold everywhere.`);
  }
  const shared = new Map([...found].filter(([name]) => !others.has(name)));
  for (const group of shared.values()) {
    // Whose method it is, is told to all of them, or to none.
    if (group.some(({ usesThis: some }) => some)) for (const entry of group) entry.usesThis = true;
  }
  return shared;
}

/** @throws Error when a function within it has a `this` of its own: it would not be told from the method's */
function usesThis(node) {
  let found = false;
  walk(node.body, (child) => {
    if (child.kind !== ts.SyntaxKind.ThisKeyword && child.kind !== ts.SyntaxKind.SuperKeyword) return;
    found = true;
    const inner = ts.findAncestor(child, (at) => ts.isFunctionLike(at) && !ts.isArrowFunction(at));
    if (inner !== node || child.kind === ts.SyntaxKind.SuperKeyword) throw new Error(`The cold method ${node.name.getText()} has another's this in it: ${child.parent.getText()}`);
  });
  return found;
}

/** A statement that may call a function when the script is loaded. */
function acts(statement) {
  let found = false;
  const look = (node) => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    found ||= ts.isCallExpression(node) || ts.isNewExpression(node);
    ts.forEachChild(node, look);
  };
  look(statement);
  return found;
}

/** Asking for it a second time finds the same and does nothing. */
const isPlace = (node) => ts.isIdentifier(node) || ts.isNumericLiteral(node) || node.kind === ts.SyntaxKind.ThisKeyword || (ts.isPropertyAccessExpression(node) && isPlace(node.expression)) || (ts.isElementAccessExpression(node) && isPlace(node.expression) && isPlace(node.argumentExpression));

const isReceiver = (node) => ts.isIdentifier(node) || node.kind === ts.SyntaxKind.ThisKeyword || (ts.isPropertyAccessExpression(node) && isReceiver(node.expression));

/**
 * @param text a bundle
 * @param own the names that only our objects have: a call of a cold method is known by its name alone
 * @param shorten what makes the texts of functions shorter, without changing their parameters
 * @param wide texts of more than 65,535 characters in all
 * @param fields all names that our objects have and no others, among them those that several have
 * @returns the same with its cold functions and methods moved
 * @throws Error when one of them is used for something else than a call, or a cold method shares its name
 */
export function moveCold(text, own, shorten = (texts) => texts, wide = false, fields = own) {
  const { tree, checker } = analyse(text);
  const { functions, methods, members, classes } = findCold(tree, checker, own, fields);
  const entries = [...functions.values(), ...methods.values(), ...members.values(), ...classes.values()];
  if (entries.length === 0) return text;
  const shared = findShared(tree, checker, fields, functions, members);
  entries.forEach((entry, index) => {
    const count = (entry.node.parameters?.length ?? 0) + (entry.usesThis ? 1 : 0);
    Object.assign(entry, { index, count, kind: KINDS.findIndex((most) => count <= most) });
  });
  for (const group of shared.values()) {
    const kind = Math.max(...group.map((entry) => entry.kind));
    const count = Math.max(...group.map((entry) => entry.count));
    for (const entry of group) Object.assign(entry, { kind, count });
  }
  const parameters = new Map();
  for (const { node, usesThis: more } of entries) {
    (node.parameters ?? []).forEach((parameter, at) => parameters.set(checker.getSymbolAtLocation(parameter.name), parameterName(at + (more ? 1 : 0))));
  }

  const asValue = (name) => new Error(`The cold function ${name} is used as a value: it can only be called.`);
  const getters = new Set();
  walk(tree, (node) => ts.isGetAccessor(node) && getters.add(node.name.getText()));
  /** Nothing else is called while these are evaluated. */
  const isQuiet = (node) => {
    const asks = ts.isPropertyAccessExpression(node) && getters.has(node.name.text);
    if (ts.isCallExpression(node) || ts.isNewExpression(node) || asks) return false;
    return !ts.forEachChild(node, (child) => !isQuiet(child));
  };
  const call = ({ kind, count, index }, nodes, number = index, first = []) => {
    const words = [...first, ...nodes.map(whole)];
    const given = `${giverName(kind)}(${number})`;
    if (nodes.every(isQuiet)) return `${given}(${words.join(',')})`;
    const missing = Array.from({ length: count - words.length }, () => 'void 0');
    return `${runnerName(kind)}(${[...words, ...missing, given].join(',')})`;
  };

  /** The text that is being written is a method's, whose object is a parameter. */
  let inMethod = false;

  /** What stands in the place of a node, or undefined when it stays and its children are looked at. */
  const replacement = (node) => {
    if (inMethod && node.kind === ts.SyntaxKind.ThisKeyword) return parameterName(0);
    if (members.has(node)) return ts.isClassLike(node.parent) ? `${members.get(node).name}=${members.get(node).index};` : `${members.get(node).name}:${members.get(node).index}`;
    if (isColdFunction(node)) return removed(node);
    if (coldClass(node)) return node.name.text;
    if (ts.isMethodDeclaration(node) && shared.has(node.name.getText())) {
      return `${node.name.getText()}:${calledBy(node, functions, checker).index}`;
    }
    const made = ts.isNewExpression(node) && ts.isIdentifier(node.expression) && classes.get(checker.getSymbolAtLocation(node.expression));
    if (made) {
      const name = node.expression.text;
      return `new(${name}||(${name}=${call(made, [])}))(${(node.arguments ?? []).map(whole).join(',')})`;
    }
    const callee = ts.isCallExpression(node) ? node.expression : undefined;
    if (callee && ts.isPropertyAccessExpression(callee) && methods.has(callee.name.text)) {
      const entry = methods.get(callee.name.text);
      if (entry.usesThis) return call(entry, [callee.expression, ...node.arguments]);
      const called = call(entry, node.arguments);
      return isReceiver(callee.expression) ? called : `(${whole(callee.expression)},${called})`;
    }
    if (callee && ts.isPropertyAccessExpression(callee) && shared.has(callee.name.text)) {
      const [entry] = shared.get(callee.name.text);
      const told = !entry.usesThis || (isPlace(callee.expression) && node.arguments.every(isQuiet));
      if (!told) throw new Error(`Whose ${callee.name.text} is called must be there already, and what it is told: ${node.getText()}`);
      return call(entry, node.arguments, whole(callee), entry.usesThis ? [whole(callee.expression)] : []);
    }
    if (ts.isPropertyAccessExpression(node) && methods.has(node.name.text)) throw asValue(node.name.text);
    const entry = callee && ts.isIdentifier(callee) ? functions.get(checker.getSymbolAtLocation(callee)) : undefined;
    // Nobody's method.
    if (entry) return call(entry, node.arguments, entry.index, entry.usesThis ? ['0'] : []);
    if (ts.isShorthandPropertyAssignment(node)) {
      const symbol = checker.getShorthandAssignmentValueSymbol(node);
      if (functions.has(symbol)) throw asValue(node.name.text);
      return parameters.has(symbol) ? `${node.name.text}:${parameters.get(symbol)}` : undefined;
    }
    if (!ts.isIdentifier(node)) return undefined;
    const symbol = checker.getSymbolAtLocation(node);
    if (functions.has(symbol) || classes.has(symbol)) throw asValue(node.text);
    return ts.isPropertyAccessExpression(node.parent) && node.parent.name === node ? undefined : parameters.get(symbol);
  };
  const whole = (node) => replacement(node) ?? inside(node);
  const inside = (node) => rewrite(node, replacement);

  const wordsFor = (count) => Array.from({ length: count }, (_, at) => parameterName(at)).join(',');

  /** An entry as a function of its own. */
  const functionOf = (entry) => {
    inMethod = !!entry.usesThis;
    const body = inside(entry.node.body).replace(/^\{\s*(['"])cold\1;?/, '{');
    inMethod = false;
    return `function $(${wordsFor(entry.count)})${body}`;
  };
  const shortened = shorten(entries.filter(({ node }) => !ts.isClassExpression(node)).map(functionOf));
  const texts = entries.map(({ node }) => {
    if (!ts.isClassExpression(node)) return shortened.shift().replace(/^function \$/, 'function').replace(/;$/, '');
    return `function(){return ${inside(node).replace(/(['"])cold\1;?/, '')}}`;
  });
  const runners = [...new Set(entries.map(({ kind }) => kind))].sort().map((kind) => {
    const [runner, giver] = [runnerName(kind), giverName(kind)];
    const most = Math.max(...entries.map((entry) => (entry.kind === kind ? entry.count : 0)));
    // Not empty: Espruino finds a text given during the call only where there has been one. And it takes 3,000 instructions
    // less for a function that begins with `return`.
    return `function ${runner}(${wordsFor(most)}){0}function ${giver}(i){return ${runner}[${CODE}]=${CUT}(${PLACES}[i],${LONGEST}),${runner}}`;
  });
  const made = [
    `function ${HOLDER}(){[${texts.join(',')}]}`,
    `${CODE}="\\xFFcod";${PLACES}=new ${wide ? 'Uint32Array' : 'Uint16Array'}(${entries.length});`,
    `(function(texts,i,p){${CUT}=texts.substr.bind(texts);for(;i<${entries.length};p=texts.indexOf("${MARK}",p)+${MARK.length})${PLACES}[i++]=p})(${HOLDER}[${CODE}],0,1);`,
  ].join('');
  // Espruino looks for a name among those that were declared before it first.
  const first = tree.statements.find(acts);
  const place = (node) => (node === first ? `${made}${whole(node)}` : replacement(node));
  return text.slice(0, tree.getStart()) + runners.join('') + tidy(rewrite(tree, place)) + (first ? '' : made);
}

/**
 * Puts the texts of cold functions one behind the other, once all names have their final form.
 * @throws Error when a text would not find its parameters, or holds what stands between two
 */
export function joinTexts(text, most = Infinity) {
  const tree = ts.createSourceFile('all.js', text, ts.ScriptTarget.ES2022, true);
  let holder;
  const look = (node) => {
    if (ts.isArrayLiteralExpression(node) && ts.isExpressionStatement(node.parent)) holder = node;
    ts.forEachChild(node, look);
  };
  look(tree);
  if (!holder) return text;
  const words = (node) => node.parameters.map((parameter) => parameter.getText());
  const parameters = holder.elements.map(words).reduce((a, b) => (b.length > a.length ? b : a));
  const runners = tree.statements.filter((node) => ts.isFunctionDeclaration(node) && /^\{0;?\}$/.test(node.body.getText()));
  for (const node of [...holder.elements, ...runners]) {
    words(node).forEach((word, at) => {
      if (word !== parameters[at]) throw new Error(`A cold function has the parameter ${word} where others have ${parameters[at]}.`);
    });
  }
  const bodies = holder.elements.map(({ body }) => body.getText().slice(1, -1));
  const { parent: statement } = holder;
  const joined = bodies.join(MARK);
  const torn = bodies.find((body) => body.includes(MARK));
  if (torn) throw new Error(`A cold function must not have "${MARK}" in it: ${torn.slice(0, torn.indexOf(MARK) + 20).slice(-60)}`);
  if (joined.length > most) return undefined;
  const longest = Math.max(...bodies.map(({ length }) => length)) + MARK.length;
  return `${text.slice(0, statement.getStart())}{${joined}}${text.slice(statement.getEnd())}`.replaceAll(LONGEST, String(longest));
}
