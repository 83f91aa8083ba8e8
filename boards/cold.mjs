// Moves functions and methods that begin with a directive out of the way. A function costs Espruino five variables and
// one for each parameter for as long as it exists; of these, several share one function, which is given the number of
// the one that is meant: `$0(3,a,b)`. What it has to skip takes up to a millisecond on a board for 'cool' ones, which
// are called when a connection comes or goes, a segment is lost, or a second is over, and some three for 'cold' ones.
// A class whose constructor begins so is made when the first object of it is: what a board does not use costs it nothing.
import ts from 'typescript';
import { analyse, coldness, removed, rewrite, tidy, walk } from './script.mjs';

/** Characters of text in a holder at most: a call scans all of them. */
const HOLDER = { cool: 1500, cold: 5000 };

/** The names of holders and of their parameters: no identifier of ours starts like this. */
const holderName = (index) => `$$${index.toString(36)}`;
const parameterName = (index) => `$${index}`;

const isCold = (node) => (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) && coldness(node.body);

/** The class that a variable is declared to be, if it is cold. */
function coldClass(node) {
  const value = ts.isVariableDeclaration(node) && node.initializer && ts.isClassExpression(node.initializer) ? node.initializer : undefined;
  return value && coldness(value.members.find((member) => ts.isConstructorDeclaration(member))?.body) ? value : undefined;
}

/** What is cold: functions by what they are, methods by their name, which must be the only one of its kind. */
function findCold(tree, checker, own) {
  const functions = new Map();
  const methods = new Map();
  const classes = new Map();
  const declared = new Map();
  walk(tree, (node) => {
    const named = ts.isMethodDeclaration(node) || ts.isAccessor(node) || ts.isPropertyAssignment(node);
    if (named) declared.set(node.name.getText(), (declared.get(node.name.getText()) ?? 0) + 1);
    if (isCold(node) && ts.isMethodDeclaration(node)) methods.set(node.name.getText(), { node });
    else if (isCold(node)) functions.set(checker.getSymbolAtLocation(node.name), { node });
    if (coldClass(node)) classes.set(checker.getSymbolAtLocation(node.name), { node: coldClass(node) });
  });
  for (const [name, entry] of methods) {
    if (!own.has(name)) throw new Error(`The cold method ${name} has a name that other objects may use too.`);
    if (declared.get(name) > 1) throw new Error(`The cold method ${name} is not the only one of its name.`);
    entry.usesThis = usesThis(entry.node);
  }
  return { functions, methods, classes };
}

function usesThis(node) {
  let found = false;
  walk(node.body, (child) => {
    found ||= child.kind === ts.SyntaxKind.ThisKeyword;
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

/** Shares the texts out among holders, those as cold and of as many parameters together. Returns how many there are. */
function shareOut(entries) {
  let holder = 0;
  let held = 0;
  let index = 0;
  let before;
  for (const entry of entries) {
    entry.count = (entry.node.parameters?.length ?? 0) + (entry.usesThis ? 1 : 0);
    entry.coldness = coldness(entry.node.body) ?? 'cold';
  }
  for (const entry of [...entries].sort((a, b) => a.coldness.localeCompare(b.coldness) || a.count - b.count)) {
    // Classes share one: each is asked for once.
    const length = ts.isClassExpression(entry.node) ? 0 : entry.node.getWidth();
    if (held > 0 && (held + length > HOLDER[entry.coldness] || entry.coldness !== before)) {
      holder++;
      held = 0;
      index = 0;
    }
    Object.assign(entry, { holder, index: index++ });
    before = entry.coldness;
    held += length;
  }
  return holder + 1;
}

const isReceiver = (node) => ts.isIdentifier(node) || node.kind === ts.SyntaxKind.ThisKeyword || (ts.isPropertyAccessExpression(node) && isReceiver(node.expression));

/**
 * @param text a bundle
 * @param own the names that only our objects have: a call of a cold method is known by its name alone
 * @param shorten what makes the texts of functions shorter, without changing their parameters
 * @returns the same with its cold functions and methods moved
 * @throws Error when one of them is used for something else than a call, or a cold method shares its name
 */
export function moveCold(text, own, shorten = (texts) => texts) {
  const { tree, checker } = analyse(text);
  const { functions, methods, classes } = findCold(tree, checker, own);
  const entries = [...functions.values(), ...methods.values(), ...classes.values()];
  if (entries.length === 0) return text;
  const count = shareOut(entries);
  const parameters = new Map();
  for (const { node, usesThis: more } of entries) {
    (node.parameters ?? []).forEach((parameter, at) => parameters.set(checker.getSymbolAtLocation(parameter.name), parameterName(at + (more ? 1 : 0))));
  }

  const asValue = (name) => new Error(`The cold function ${name} is used as a value: it can only be called.`);
  const call = ({ holder, index }, words) => `${holderName(holder)}(${[index, ...words].join(',')})`;

  /** The text that is being written is a method's, whose object is a parameter. */
  let inMethod = false;

  /** What stands in the place of a node, or undefined when it stays and its children are looked at. */
  const replacement = (node) => {
    if (inMethod && node.kind === ts.SyntaxKind.ThisKeyword) return parameterName(0);
    if (isCold(node)) return removed(node);
    if (coldClass(node)) return node.name.text;
    const made = ts.isNewExpression(node) && ts.isIdentifier(node.expression) && classes.get(checker.getSymbolAtLocation(node.expression));
    if (made) {
      const name = node.expression.text;
      return `new(${name}||(${name}=${call(made, [])}))(${(node.arguments ?? []).map(whole).join(',')})`;
    }
    const callee = ts.isCallExpression(node) ? node.expression : undefined;
    if (callee && ts.isPropertyAccessExpression(callee) && methods.has(callee.name.text)) {
      const entry = methods.get(callee.name.text);
      const words = node.arguments.map(whole);
      if (entry.usesThis) return call(entry, [whole(callee.expression), ...words]);
      return isReceiver(callee.expression) ? call(entry, words) : `(${whole(callee.expression)},${call(entry, words)})`;
    }
    if (ts.isPropertyAccessExpression(node) && methods.has(node.name.text)) throw asValue(node.name.text);
    const entry = callee && ts.isIdentifier(callee) ? functions.get(checker.getSymbolAtLocation(callee)) : undefined;
    if (entry) return call(entry, node.arguments.map(whole));
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

  /** What a holder runs for an entry, as a function of its own. */
  const functionOf = (entry) => {
    const words = Array.from({ length: entry.count }, (_, at) => parameterName(at));
    inMethod = !!entry.usesThis;
    const body = inside(entry.node.body).replace(/^\{\s*(['"])co(?:ld|ol)\1;?/, '{');
    inMethod = false;
    return `function $(${words.join(',')})${body}`;
  };
  const ordered = [...entries].sort((a, b) => a.holder - b.holder || a.index - b.index);
  const shortened = shorten(ordered.filter(({ node }) => !ts.isClassExpression(node)).map(functionOf));
  const holders = Array.from({ length: count }, () => ({ text: '', parameters: 0 }));
  for (const { node, holder: at, index, count: words } of ordered) {
    const holder = holders[at];
    // In a block: Espruino cannot pass over a class that it does not make, but any block.
    const body = ts.isClassExpression(node)
      ? `{return ${inside(node).replace(/(['"])co(?:ld|ol)\1;?/, '')}}`
      : shortened.shift().replace(/^[^{]*/, '').replace(/;$/, '');
    holder.text += `if(${index > 0 ? `i==${index}` : '!i'})${body}`;
    holder.parameters = Math.max(holder.parameters, words);
  }
  const made = holders.map(({ text: body, parameters: most }, at) => {
    const words = ['i', ...Array.from({ length: most }, (_, index) => parameterName(index))];
    return `function ${holderName(at)}(${words.join(',')}){${body}}`;
  });
  // As late as possible: Espruino looks for a name among those that were declared before it first.
  const first = tree.statements.find(acts);
  const place = (node) => (node === first ? `${made.join('')}${whole(node)}` : replacement(node));
  return text.slice(0, tree.getStart()) + tidy(rewrite(tree, place)) + (first ? '' : made.join(''));
}
