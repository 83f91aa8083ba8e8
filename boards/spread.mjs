// Puts what a small function does in the place of each call to it, where that makes the whole no longer: a call costs
// Espruino 3,200 instructions, and 2,650 more for each argument. Of one that begins with the directive 'inline'
// and is a single expression, in the place of each call that is made often, however long that makes the whole, and of the
// others too when the function vanishes for a few hundred characters.
import ts from 'typescript';
import { statementsOf } from './once.mjs';
import { analyse, isInline, isSeldom, removed, rewrite, tidy, walk } from './script.mjs';

/** Characters by which the script may grow for a function that vanishes, and for one that begins with 'inline'. */
const PRICE = 6;
const MARKED_PRICE = 320;

/** The length of a text once its variables have names of one letter. */
const weight = (text) => text.replace(/\s+/g, '').replace(/(?<![.\w$])(?!return|this|null|void|new)[A-Za-z_$][\w$]*/g, 'x').length;

const isName = (node) => node.parent.name === node;
const isCalled = (node) => ts.isCallExpression(node.parent) && node.parent.expression === node;
const acts = (node) => ts.isCallExpression(node) || ts.isNewExpression(node) || (ts.isBinaryExpression(node) && ts.isAssignmentOperator(node.operatorToken.kind)) || /^(\+\+|--)|(\+\+|--)$/.test(node.getText());

/** What a function does when it is one expression: the expression, and whether it is its value. */
function essence(node) {
  const [only, ...more] = statementsOf(node);
  if (!only || more.length > 0) return undefined;
  if (ts.isReturnStatement(only) && only.expression) return { expression: only.expression, value: true };
  return ts.isExpressionStatement(only) && !ts.isStringLiteral(only.expression) ? { expression: only.expression, value: false } : undefined;
}

/** All that a function does is to call another one with what it makes of its parameters, or to compute something. */
function isEarly(expression) {
  let inner = 0;
  const outer = ts.isCallExpression(expression) ? expression : undefined;
  walk(expression, (node) => {
    if (acts(node)) inner++;
  });
  return inner === 0 && (outer !== undefined || !acts(expression));
}

/**
 * What may be put in the place of a marked function's parameters: `always` is false when it changes one of them; `early`
 * says of each whether it is evaluated once, in any case, in its turn, and before anything is done; `acts`, whether
 * anything is.
 */
function turnsOf(expression, parameters, checker) {
  const symbols = parameters.map(({ name }) => checker.getSymbolAtLocation(name));
  const found = symbols.map(() => []);
  const done = [];
  let always = true;
  walk(expression, (node) => {
    if (acts(node)) done.push(node);
    const at = ts.isIdentifier(node) && !isName(node) ? symbols.indexOf(checker.getSymbolAtLocation(node)) : -1;
    if (at < 0) return;
    found[at].push(node);
    const { parent } = node;
    const changes = (ts.isBinaryExpression(parent) && parent.left === node) || ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent);
    if (changes && acts(parent)) always = false;
  });
  const perhaps = (node) => !!ts.findAncestor(node, (at) => at === expression.parent ? 'quit' : ts.isConditionalExpression(at.parent) ? at.parent.condition !== at : ts.isBinaryExpression(at.parent) && /^(&&|\|\||\?\?)$/.test(at.parent.operatorToken.getText()) && at.parent.right === at);
  const early = found.map((nodes, at) => {
    const [node] = nodes;
    if (nodes.length !== 1 || perhaps(node) || done.some((act) => act.end <= node.pos)) return false;
    return found.slice(0, at).every((others) => others.every((other) => other.pos < node.pos));
  });
  return { always, early, acts: done.length > 0 || acts(expression) };
}

/** Means the same whenever it is evaluated. */
const isStable = (node) => ts.isIdentifier(node) || ts.isNumericLiteral(node);

const isPath = (node) => ts.isIdentifier(node) || ts.isNumericLiteral(node) || (ts.isPropertyAccessExpression(node) && isPath(node.expression));

function round(text, own) {
  const { tree, checker } = analyse(text);
  const uses = new Map();
  const declared = new Map();
  const candidates = new Map();
  const add = (map, key, value) => map.set(key, [...(map.get(key) ?? []), value]);
  walk(tree, (node) => {
    const member = ts.isMethodDeclaration(node) || ts.isAccessor(node) || ts.isPropertyAssignment(node);
    if (member) add(declared, node.name.getText(), node);
    if (ts.isPropertyAccessExpression(node)) add(uses, '.' + node.name.text, node);
    if (ts.isIdentifier(node) && !isName(node)) add(uses, checker.getSymbolAtLocation(node), node);
    if (ts.isFunctionDeclaration(node) && node.parent === tree) candidates.set(node, checker.getSymbolAtLocation(node.name));
    if (ts.isMethodDeclaration(node) && ts.isObjectLiteralExpression(node.parent) && own.has(node.name.getText())) candidates.set(node, '.' + node.name.getText());
  });
  const chosen = new Map();
  const touched = new Set();
  for (const [node, key] of candidates) {
    const does = essence(node);
    const marked = isInline(node.body);
    const all = (uses.get(key) ?? []).filter((use) => use.parent !== node);
    if (!does || all.length === 0 || !(marked || isEarly(does.expression))) continue;
    if (typeof key === 'string' && declared.get(node.name.getText()).length > 1) continue;
    const counts = new Map(node.parameters.map(({ name }) => [checker.getSymbolAtLocation(name), 0]));
    walk(does.expression, (child) => {
      const symbol = ts.isIdentifier(child) && !isName(child) ? checker.getSymbolAtLocation(child) : undefined;
      if (counts.has(symbol)) counts.set(symbol, counts.get(symbol) + 1);
    });
    const times = [...counts.values()];
    const turns = marked ? turnsOf(does.expression, node.parameters, checker) : undefined;
    let grows;
    const fitsAt = (site) => {
      if (!isCalled(site) || (typeof key === 'string' && !ts.isIdentifier(site.expression))) return false;
      const call = site.parent;
      if (!does.value && !ts.isExpressionStatement(call.parent)) return false;
      if (ts.findAncestor(call, (at) => at === node)) return false;
      grows += weight(does.expression.getText()) - weight(call.getText());
      return node.parameters.every((_parameter, at) => {
        const word = call.arguments[at];
        if (!word) return false;
        if (turns && !(turns.always && (isStable(word) || turns.early[at] || (isPath(word) && !turns.acts)))) return false;
        let active = acts(word);
        walk(word, (child) => {
          active ||= acts(child);
        });
        grows += times[at] * Math.max(0, weight(word.getText()) - 1) + (isPath(word) ? 0 : 1);
        return times[at] === 1 ? true : isPath(word) && !(times[at] === 0 && active);
      });
    };
    const fits = (places) => {
      grows = -weight(node.getText());
      return places.length > 0 && places.every(fitsAt);
    };
    const often = marked ? all.filter((use) => !isSeldom(use)) : [];
    const everywhere = fits(all) && grows <= (marked ? MARKED_PRICE : PRICE);
    if (!everywhere && !fits(often)) continue;
    const sites = everywhere ? all : often;
    // One step at a time: what is put somewhere stays as it is in this round, and so does where it is put.
    const places = sites.map((site) => ts.findAncestor(site, (at) => candidates.has(at)));
    if (touched.has(node) || places.some((place) => chosen.has(place))) continue;
    chosen.set(node, { ...does, stays: sites.length < all.length });
    for (const place of places) touched.add(place);
  }
  if (chosen.size === 0) return undefined;
  const bySymbol = new Map([...chosen.keys()].map((node) => [candidates.get(node), node]));
  const replace = (node) => {
    if (chosen.has(node)) return chosen.get(node).stays ? undefined : removed(node);
    if (!ts.isCallExpression(node)) return undefined;
    const callee = node.expression;
    const target = bySymbol.get(ts.isPropertyAccessExpression(callee) ? '.' + callee.name.text : checker.getSymbolAtLocation(callee));
    if (!target || (chosen.get(target).stays && isSeldom(node))) return undefined;
    const words = new Map(target.parameters.map(({ name }, at) => [checker.getSymbolAtLocation(name), `(${whole(node.arguments[at])})`]));
    const value = (child) => (ts.isIdentifier(child) && !isName(child) ? words.get(checker.getSymbolAtLocation(child)) : undefined);
    const { expression } = chosen.get(target);
    return `(${value(expression) ?? rewrite(expression, value)})`;
  };
  const whole = (node) => replace(node) ?? rewrite(node, replace);
  return text.slice(0, tree.getStart()) + tidy(rewrite(tree, replace));
}

/**
 * @param text a script
 * @param own names that only our own objects have
 * @returns the same without functions that are shorter in place than called
 */
export function spreadSmall(text, own) {
  let result = text;
  for (let next = result; next !== undefined; next = round(result, own)) result = next;
  const { tree } = analyse(result);
  const isDirective = (node) => ts.isExpressionStatement(node) && ts.isFunctionLike(node.parent.parent) && isInline(node.parent) && node.parent.statements[0] === node;
  return result.slice(0, tree.getStart()) + rewrite(tree, (node) => (isDirective(node) ? '' : undefined));
}
