// Which members of our own classes are of any use: methods that something calls, fields that something reads. What is
// only written, as most counters are on a board, and what nobody calls is left out of the bundle.
import ts from 'typescript';
import { isPath, isPure, isTyping } from './model.mjs';

/** The access to a field of our own that an expression changes, when that is all it does; and to what. */
export function changed(node, model) {
  const assigns = ts.isBinaryExpression(node) && ts.isAssignmentOperator(node.operatorToken.kind);
  const steps = (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) && /^(\+\+|--)|(\+\+|--)$/.test(node.getText());
  if (!assigns && !steps) return undefined;
  const target = assigns ? node.left : node.operand;
  if (!ts.isPropertyAccessExpression(target)) return undefined;
  const member = model.memberAt(target.name);
  if (!member || ts.isAccessor(member) || ts.isMethodDeclaration(member)) return undefined;
  return { member, target, value: assigns ? node.right : undefined };
}

/** True when nobody wants the value of an expression. */
export function isUnused(node) {
  const parent = node.parent;
  if (ts.isParenthesizedExpression(parent)) return isUnused(parent);
  if (ts.isExpressionStatement(parent)) return true;
  if (ts.isForStatement(parent)) return parent.incrementor === node || parent.initializer === node;
  const comma = ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.CommaToken;
  return comma && (parent.left === node || isUnused(parent));
}

export class Alive {
  constructor(model) {
    this.model = model;
    this.members = new Set();
    this.declarations = new Set();
    /** What is to be looked at once a member turns out to be of use. */
    this.waiting = new Map();
    for (const file of model.files) {
      for (const node of file.statements) {
        const named = ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node);
        if (!named && !isTyping(node)) this.visit(node);
      }
    }
  }

  has(member) {
    return this.members.has(member);
  }

  mark(member) {
    if (this.members.has(member)) return;
    this.members.add(member);
    for (const node of this.waiting.get(member) ?? []) this.visit(node);
    this.waiting.delete(member);
  }

  wait(member, node) {
    if (!node) return;
    if (this.members.has(member)) this.visit(node);
    else this.waiting.set(member, [...(this.waiting.get(member) ?? []), node]);
  }

  /** A value that is given to a field: of use when the field is, or when to evaluate it does something. */
  give(member, value) {
    if (value && isPure(value)) this.wait(member, value);
    else if (value) this.visit(value);
  }

  declared(declaration) {
    if (!declaration || this.declarations.has(declaration)) return;
    this.declarations.add(declaration);
    if (ts.isFunctionDeclaration(declaration) && declaration.body) this.visit(declaration.body);
    if (ts.isClassDeclaration(declaration)) this.visitClass(declaration);
  }

  visitClass(node) {
    for (const { expression } of (node.heritageClauses ?? []).filter(({ token }) => token === ts.SyntaxKind.ExtendsKeyword).flatMap(({ types }) => types)) {
      this.visit(expression);
    }
    for (const member of node.members) {
      if (ts.isConstructorDeclaration(member)) {
        if (member.body) this.visit(member.body);
        continue;
      }
      const own = this.model.memberAt(member.name);
      const content = ts.isPropertyDeclaration(member) ? member.initializer : member.body;
      if (!own) content && this.visit(content);
      else if (ts.isPropertyDeclaration(member)) this.give(own, content);
      else this.wait(own, content);
    }
  }

  visit(node) {
    const { model } = this;
    if (ts.isIdentifier(node)) {
      if (!model.singletonAt(node)) this.declared(model.declarationOf(node));
      return;
    }
    if (ts.isPropertyAccessExpression(node)) {
      if (model.singletonAt(node) || model.checker.getConstantValue(node) !== undefined) return;
      const member = model.memberAt(node.name);
      if (member) this.mark(member);
      this.visit(node.expression);
      return;
    }
    const change = isUnused(node) ? changed(node, model) : undefined;
    if (change) {
      if (isPath(change.target.expression)) this.wait(change.member, change.target.expression);
      else this.visit(change.target.expression);
      this.give(change.member, change.value);
      return;
    }
    if (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)) {
      const member = model.memberOfLiteral(node);
      const value = ts.isPropertyAssignment(node) ? node.initializer : node.name;
      if (member) this.give(member, value);
      else this.visit(value);
      return;
    }
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const left = model.leftOut(node);
      this.visit(node.expression);
      (node.arguments ?? []).forEach((argument, at) => {
        if (!left[at] || !isPath(argument)) this.visit(argument);
      });
      return;
    }
    if (ts.isVariableDeclaration(node)) {
      if (node.initializer && !this.model.isSpare(node)) this.visit(node.initializer);
      return;
    }
    model.children(node, (child) => this.visit(child));
  }
}
