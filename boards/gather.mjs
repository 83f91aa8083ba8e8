// Makes one object of those of which there is one each and that are used seldom: an object takes Espruino two variables
// besides its fields, and a longer list of fields costs only who looks for one.
import ts from 'typescript';
import { analyse, rewrite, tidy, walk } from './script.mjs';

/** The object that has the fields of all. */
const GATHERED = '$rest';

/** Module variables of this pass. */
export const gatheredNames = [GATHERED];

/** The name of an object that a statement makes, empty, in the variable of that name. */
function madeBy(statement, names) {
  const set = ts.isExpressionStatement(statement) && ts.isBinaryExpression(statement.expression) ? statement.expression : undefined;
  const empty = set && ts.isObjectLiteralExpression(set.right) && set.right.properties.length === 0;
  return empty && ts.isIdentifier(set.left) && names.has(set.left.text) ? set.left.text : undefined;
}

/**
 * @param text a bundle whose cold functions are texts
 * @param names the variables that hold an object of which there is one only
 * @param fields the names that only our objects have; those that are given here are added
 * @param holder the name of the function that holds the texts
 * @returns the same with the fields of objects that only these texts use in one
 */
export function gatherSeldom(text, names, fields, holder) {
  const { tree } = analyse(text);
  const made = new Map();
  for (const statement of tree.statements) {
    const name = madeBy(statement, new Set(names));
    if (name) made.set(name, statement);
  }
  const isSeldom = (node) => !!ts.findAncestor(node, (at) => ts.isFunctionDeclaration(at) && at.name.text === holder);
  const kept = new Set();
  walk(tree, (node) => {
    if (!ts.isIdentifier(node) || !made.has(node.text) || node.parent.name === node) return;
    const access = ts.isPropertyAccessExpression(node.parent) && node.parent.expression === node;
    const making = ts.findAncestor(node, (at) => at === made.get(node.text));
    if (!making && !(access && isSeldom(node))) kept.add(node.text);
  });
  const gathered = [...made.keys()].filter((name) => !kept.has(name));
  if (gathered.length < 2) return text;
  const taken = new Map();
  const nameOf = (object, field) => {
    const key = `${object}.${field}`;
    if (!taken.has(key)) {
      let name = field;
      for (let next = 1; [...taken.values()].includes(name); next++) name = field + next;
      fields.add(name);
      taken.set(key, name);
    }
    return taken.get(key);
  };
  const replace = (node) => {
    const name = ts.isExpressionStatement(node) ? gathered.find((object) => made.get(object) === node) : undefined;
    if (name) return name === gathered[0] ? `${GATHERED}={};` : '';
    const field = ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && gathered.includes(node.expression.text);
    return field ? `${GATHERED}.${nameOf(node.expression.text, node.name.text)}` : undefined;
  };
  return text.slice(0, tree.getStart()) + tidy(rewrite(tree, replace));
}
