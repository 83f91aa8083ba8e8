// Locals of one function that are never needed at the same time share a name. Espruino keeps a function's names in a list
// that it walks on every use of a name from outside: with what `once.mjs` has put there, these are many. What is only a
// copy of a variable that nobody needs any more is left out with its name.
import ts from 'typescript';
import { analyse, isCold, rewrite, walk } from './script.mjs';

const within = (node, outer) => node.pos >= outer.pos && node.end <= outer.end;

/** Is run in the rounds of `loop`, not before them. */
const isInRounds = (node, loop) => within(node, loop) && !(ts.isForStatement(loop) && !!loop.initializer && within(node, loop.initializer));

/** The loops that run `node` in their rounds, up to the function that holds it. */
function* loopsAround(node) {
  for (let at = node.parent; at && !ts.isFunctionLike(at); at = at.parent) if (ts.isIterationStatement(at, false) && isInRounds(node, at)) yield at;
}

/** What a declaration gives a value for: the statements around its own. */
function blockOf(declaration) {
  const list = declaration.parent.parent;
  const statement = ts.isVariableStatement(list) || ts.isForStatement(list) ? list : undefined;
  return statement && ts.isBlock(statement.parent) ? statement.parent : statement;
}

/** One name of a function, with all places where it stands, in the order of the text. */
class Local {
  constructor(name, places, owner) {
    this.name = name;
    const [first] = places;
    const declaration = first.parent;
    this.isParameter = ts.isParameter(declaration) && declaration.name === first;
    const isVariable = ts.isVariableDeclaration(declaration) && declaration.name === first && !!declaration.initializer;
    const block = isVariable ? blockOf(declaration) : undefined;
    const plain = isVariable && !(declaration.parent.flags & ts.NodeFlags.BlockScoped);
    /** Has a value from its declaration on and not before, so that another's name will do. */
    this.movable = plain && !!block && places.every((place) => within(place, block));
    // Its value is gone behind the last place, or the loop around that. What its own first value is made of may be of the round before.
    const itself = this.movable && places.some((place) => place !== first && within(place, declaration.initializer));
    this.movable &&= !itself;
    this.start = this.movable ? declaration.initializer.end : owner.pos;
    this.end = this.movable || this.isParameter ? Math.max(...places.map((place) => this.lastOf(place, first))) : owner.end;
  }

  lastOf(place, first) {
    return Math.max(place.end, ...[...loopsAround(place)].filter((loop) => !isInRounds(first, loop)).map((loop) => loop.end));
  }
}

/** The new names of a function's variables, by symbol. */
function namesOf(owner, checker, parameters) {
  const places = new Map();
  walk(owner, (node) => {
    if (!ts.isIdentifier(node)) return;
    const isShort = ts.isShorthandPropertyAssignment(node.parent);
    const symbol = isShort ? checker.getShorthandAssignmentValueSymbol(node.parent) : checker.getSymbolAtLocation(node);
    const declared = symbol?.valueDeclaration;
    if (declared && (ts.isParameter(declared) || ts.isVariableDeclaration(declared)) && declared.pos > owner.pos && declared.end <= owner.end) {
      if (places.has(symbol)) places.get(symbol).push(node);
      else places.set(symbol, [node]);
    }
  });
  const locals = [...places].map(([symbol, nodes]) => ({ symbol, local: new Local(symbol.name, nodes, owner) }));
  locals.sort((a, b) => a.local.start - b.local.start);
  const names = new Map();
  const hosts = [];
  for (const { symbol, local } of locals) {
    const host = local.movable && hosts.find(({ end }) => end <= local.start);
    if (host) {
      host.end = local.end;
      names.set(symbol, host.name);
    } else {
      hosts.push({ name: local.name, end: parameters || !local.isParameter ? local.end : owner.end });
    }
  }
  return names;
}

/**
 * @param text a script whose variables are `var`s
 * @param parameters may be other variables too, once they are not needed any more
 * @returns the same with fewer variables
 */
export function shareLocals(text, parameters) {
  const { tree, checker } = analyse(text);
  const names = new Map();
  walk(tree, (node) => {
    // What is cold is shortened once more, by what takes it that a variable is there before it is declared.
    if (!ts.isFunctionLike(node) || !node.body || isCold(node.body)) return;
    let simple = true;
    walk(node, (child) => {
      // What a function that is made here sees lives on, and so does what `catch` declares in its own way.
      const other = ts.isFunctionLike(child) || ts.isClassLike(child) || ts.isCatchClause(child) || ts.isBindingName(child) && !ts.isIdentifier(child);
      if (other || (ts.isIdentifier(child) && child.text === 'arguments')) simple = false;
    });
    if (simple) for (const [symbol, name] of namesOf(node, checker, parameters)) names.set(symbol, name);
  });
  const nameOf = (node) => names.get(checker.getSymbolAtLocation(node));
  const replace = (node) => {
    if (ts.isVariableDeclarationList(node)) {
      // What `toVars` has left so is kept by something: each round of a loop has its own.
      if (node.flags & ts.NodeFlags.BlockScoped) return undefined;
      const left = node.declarations.map((one) => rename(one)).filter((one) => !/^([\w$]+)=\1$/.test(one));
      return left.length > 0 ? `var ${left.join(',')}` : '';
    }
    if (ts.isShorthandPropertyAssignment(node)) {
      const name = names.get(checker.getShorthandAssignmentValueSymbol(node));
      return name && `${node.name.text}:${name}`;
    }
    const isName = ts.isIdentifier(node) && !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) && !(ts.isPropertyAssignment(node.parent) && node.parent.name === node);
    return isName ? nameOf(node) : undefined;
  };
  const rename = (one) => (nameOf(one.name) ?? one.name.getText()) + (one.initializer ? `=${replace(one.initializer) ?? rewrite(one.initializer, replace)}` : '');
  return rewrite(tree, replace);
}
