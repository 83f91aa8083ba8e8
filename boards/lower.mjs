// Turns the stack's TypeScript into the JavaScript that is bundled, with what only the types can tell: own members get
// names that esbuild may shorten (they end in $), what is of no use is left out, an object of which there is one only is
// a variable (`$TcpHost`) instead of a path and a parameter, comparisons take their short forms.
import ts from 'typescript';
import { Alive, changed, isUnused } from './alive.mjs';
import { asCondition, comparison } from './compare.mjs';
import { Model, isPath, isPure } from './model.mjs';
import { openProgram } from './program.mjs';
import { isCold } from './script.mjs';
import { shareable } from './tables.mjs';

const { factory: f } = ts;

const directive = () => f.createExpressionStatement(f.createStringLiteral('cold'));

/** A part of a condition. */
function isAsked(node) {
  const { parent } = node;
  if (ts.isParenthesizedExpression(parent) || (ts.isBinaryExpression(parent) && /^(&&|\|\|)$/.test(parent.operatorToken.getText()))) return isAsked(parent);
  if (ts.isPrefixUnaryExpression(parent)) return parent.operator === ts.SyntaxKind.ExclamationToken;
  return (ts.isIfStatement(parent) && parent.expression === node) || (ts.isConditionalExpression(parent) && parent.condition === node);
}

const isLiteral = (node) => node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword;

/** Rooms whose true and false nobody else sees. */
const INNER = /^(src|hal\/enc28j60)\//;

class Lowering {
  constructor(model, alive) {
    this.model = model;
    this.alive = alive;
  }

  /** What a member is called in the bundle. A method that is the only one of its kind is known by its name alone. */
  name(member, name) {
    const only = this.only(member);
    return f.createIdentifier(only ? `${only.parent.name.text}$${name.text}$` : `${name.text}$`);
  }

  nameOf(name) {
    const member = this.model.memberAt(name);
    return member ? this.name(member, name) : name;
  }

  /** The method or getter that stands alone for a member, or undefined. */
  only(member) {
    if (!this.bodies) {
      this.bodies = new Map();
      const fields = (node) => (ts.isConstructorDeclaration(node) ? node.parameters.filter((parameter) => ts.getModifiers(parameter)?.length) : [node]);
      for (const node of this.model.classes.flatMap(({ members }) => members.flatMap(fields))) {
        if (!this.model.isOwn(node)) continue;
        const of = this.model.find(node);
        this.bodies.set(of, [...(this.bodies.get(of) ?? []), node]);
      }
    }
    const bodies = this.bodies.get(member) ?? [];
    return bodies.length === 1 && (ts.isMethodDeclaration(bodies[0]) || ts.isGetAccessor(bodies[0])) ? bodies[0] : undefined;
  }

  /**
   * Only the truth of a method is asked, and whatever the type allows for has it: it must be there, or the only object of the
   * type is of the class that has it.
   */
  isThere(node) {
    const { checker, singletons } = this.model;
    if (!isAsked(node) || !isPath(node)) return false;
    const member = this.model.memberAt(node.name);
    const body = member && this.only(member);
    if (!body || !ts.isMethodDeclaration(body)) return false;
    if (!(checker.getSymbolAtLocation(node.name).flags & ts.SymbolFlags.Optional)) return true;
    const object = this.model.singletonOfType(checker.getNonNullableType(checker.getTypeAtLocation(node.expression)));
    return !!object && object === singletons.get(checker.getSymbolAtLocation(body.parent.name));
  }

  /**
   * What a field is given. True and false take Espruino a variable of their own, beside that of the field's name, which
   * numbers stand in. Where it takes time to make a number of them it is done in what is seldom run only.
   */
  stored(member, node) {
    const { checker } = this.model;
    const kinds = (type) => (type.isUnion() ? type.types : [type]).map(({ flags }) => flags);
    const isTruth = (type) => {
      const all = kinds(type);
      return all.some((flags) => flags & ts.TypeFlags.BooleanLike) && all.every((flags) => flags & (ts.TypeFlags.BooleanLike | ts.TypeFlags.Undefined));
    };
    if (!member || !isTruth(checker.getTypeAtLocation(node)) || !isTruth(checker.getTypeAtLocation(member.name))) return this.visit(node);
    if (isLiteral(node)) return f.createNumericLiteral(node.kind === ts.SyntaxKind.TrueKeyword ? 1 : 0);
    const holder = ts.findAncestor(node, ts.isFunctionLike);
    if (holder && !ts.isConstructorDeclaration(holder) && !isCold(holder.body)) return this.visit(node);
    return f.createConditionalExpression(asCondition(node, this), undefined, f.createNumericLiteral(1), undefined, f.createNumericLiteral(0));
  }

  list(nodes, visit = this.visit) {
    return f.createNodeArray(nodes.map(visit).flat().filter(Boolean));
  }

  each = (node) => ts.visitEachChild(node, this.visit, this.context);

  arguments(call) {
    const left = this.model.leftOut(call);
    const before = [];
    const kept = [];
    (call.arguments ?? []).forEach((argument, at) => {
      if (!left[at]) kept.push(this.visit(argument));
      else if (!isPath(argument)) before.push(this.made(argument));
    });
    return { before, kept };
  }

  /** The variable of the object that an expression makes, if there is one of its kind only. */
  madeHere(node) {
    return ts.isNewExpression(node) ? this.model.singletonOfType(this.model.checker.getTypeAtLocation(node)) : undefined;
  }

  /** Makes an object. One that has a variable is not returned. */
  creation(node) {
    const { before, kept } = this.arguments(node);
    const make = this.madeHere(node) ? f.createCallExpression : f.createNewExpression;
    const shared = shareable(node, this.model);
    return this.after(before, make(shared ? f.createIdentifier(shared) : this.visit(node.expression), undefined, kept));
  }

  /** An expression whose value nobody gets, because all that use it know its variable. */
  made(node) {
    const bare = ts.skipOuterExpressions(node);
    return this.madeHere(bare) ? this.creation(bare) : this.visit(node);
  }

  after(before, node) {
    return before.length > 0 ? f.createParenthesizedExpression(f.createCommaListExpression([...before, node])) : node;
  }

  parameters(nodes) {
    return nodes.filter((node) => !this.model.leavesOut(node)).map((node) => f.createParameterDeclaration(undefined, undefined, node.name));
  }

  block = (node) => node && f.updateBlock(node, this.list(this.model.run(node.statements)));

  /** What a constructor does: fields that are parameters, initial values, its body. */
  construction(node, singleton) {
    const { model } = this;
    const constructor = node.members.find((member) => ts.isConstructorDeclaration(member) && member.body);
    const first = [];
    const give = (member, name, value) => {
      const left = f.createPropertyAccessExpression(singleton ? f.createIdentifier(singleton) : f.createThis(), member ? this.name(member, name) : name);
      if (!member || this.alive.has(member)) first.push(f.createExpressionStatement(f.createAssignment(left, value())));
    };
    for (const parameter of constructor?.parameters ?? []) {
      if (!ts.getModifiers(parameter)?.length) continue;
      const member = model.memberOf(model.checker.getSymbolsOfParameterPropertyDeclaration(parameter, parameter.name.text)[1]);
      give(member, parameter.name, () => this.stored(member, parameter.name));
    }
    for (const field of node.members) {
      if (!ts.isPropertyDeclaration(field) || !field.initializer) continue;
      const member = model.memberAt(field.name);
      if (member && !this.alive.has(member) && !isPure(field.initializer)) first.push(f.createExpressionStatement(this.made(field.initializer)));
      else give(member, field.name, () => this.stored(member, field.initializer));
    }
    const cold = isCold(constructor?.body);
    const body = [...(constructor?.body.statements ?? [])].slice(cold ? 1 : 0);
    const calls = body.findIndex((statement) => statement.getText().startsWith('super('));
    const rest = this.list(body);
    return {
      parameters: this.parameters(constructor?.parameters ?? []),
      statements: [...(cold && !singleton ? [directive()] : []), ...rest.slice(0, calls + 1), ...first, ...rest.slice(calls + 1)],
    };
  }

  methods(node) {
    return node.members
      .filter((member) => ts.isMethodDeclaration(member) || ts.isAccessor(member))
      .filter((member) => !this.model.memberAt(member.name) || this.alive.has(this.model.memberAt(member.name)))
      .map((member) => this.visit(member));
  }

  /** A cold method that can stand for others of its name stays, and calls a cold function that does the work. */
  shell(node, method, moved) {
    const of = method.name.text;
    if (!ts.isMethodDeclaration(method) || !isCold(method.body) || of.includes(`${node.name.text}$`)) return method;
    const name = f.createIdentifier(`${node.name.text}_${of.slice(0, -1)}`);
    moved.push(f.createFunctionDeclaration(undefined, undefined, name, undefined, method.parameters, undefined, method.body));
    const call = f.createCallExpression(name, undefined, method.parameters.map((parameter) => parameter.name));
    return f.createMethodDeclaration(undefined, undefined, method.name, undefined, undefined, method.parameters, undefined, f.createBlock([f.createReturnStatement(call)]));
  }

  classDeclaration(node) {
    // Another module may import its name for nothing.
    if (!this.alive.declarations.has(node)) return f.createFunctionDeclaration(node.modifiers, undefined, node.name, undefined, [], undefined, f.createBlock([]));
    const singleton = this.model.singletons.get(this.model.checker.getSymbolAtLocation(node.name));
    const { parameters, statements } = this.construction(node, singleton);
    const methods = this.methods(node);
    if (!singleton) {
      const heritage = (node.heritageClauses ?? []).filter(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
      const members = statements.length > 0 ? [f.createConstructorDeclaration(undefined, parameters, f.createBlock(statements)), ...methods] : methods;
      return f.updateClassDeclaration(node, node.modifiers, node.name, undefined, heritage, members);
    }
    // The class becomes its object, and its name a function that gives the object its fields.
    const moved = [];
    const shells = methods.map((method) => this.shell(node, method, moved));
    let object = f.createObjectLiteralExpression(shells);
    if (this.model.needsPrototype(node)) {
      const kind = f.createIdentifier(`${node.name.text}Kind`);
      const made = f.createVariableDeclaration(kind, undefined, undefined, f.createClassExpression(undefined, undefined, undefined, undefined, shells));
      moved.push(f.createVariableStatement(undefined, f.createVariableDeclarationList([made])));
      object = f.createNewExpression(kind, undefined, []);
    }
    const type = this.model.checker.getTypeAtLocation(node.name);
    const used = this.model.checker.getPropertiesOfType(type).some((property) => !this.model.memberOf(property) || this.alive.has(this.model.memberOf(property)));
    return [
      f.createFunctionDeclaration(node.modifiers, undefined, node.name, undefined, parameters, undefined, f.createBlock(statements.length > 0 ? [directive(), ...statements] : [])),
      ...moved,
      ...(used ? [f.createExpressionStatement(f.createAssignment(f.createIdentifier(singleton), object))] : []),
    ];
  }

  visit = (node) => {
    const { model } = this;
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isEnumDeclaration(node)) return node;
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return undefined;
    if (ts.isClassDeclaration(node)) return this.classDeclaration(node);
    if (ts.isMethodDeclaration(node)) {
      return f.createMethodDeclaration(undefined, undefined, this.nameOf(node.name), undefined, undefined, this.parameters(node.parameters), undefined, this.block(node.body));
    }
    if (ts.isGetAccessor(node)) return f.createGetAccessorDeclaration(undefined, this.nameOf(node.name), [], undefined, this.block(node.body));
    if (ts.isSetAccessor(node)) return f.createSetAccessorDeclaration(undefined, this.nameOf(node.name), this.parameters(node.parameters), this.block(node.body));
    if (ts.isFunctionDeclaration(node)) {
      return node.body && f.createFunctionDeclaration(node.modifiers, undefined, node.name, undefined, this.parameters(node.parameters), undefined, this.block(node.body));
    }
    if (ts.isArrowFunction(node)) {
      const body = ts.isBlock(node.body) ? this.block(node.body) : this.visit(node.body);
      return f.createArrowFunction(undefined, undefined, this.parameters(node.parameters), undefined, node.equalsGreaterThanToken, body);
    }
    if (ts.isVariableStatement(node)) {
      const declarations = node.declarationList.declarations.filter((declaration) => !model.isSpare(declaration));
      const [first] = declarations;
      if (declarations.length === 0) return undefined;
      if (declarations.some((declaration) => model.isStandIn(declaration))) {
        if (declarations.length > 1) throw new Error(`${node.getText()}: one declaration a statement.`);
        return this.split(this.made(first.initializer));
      }
      return f.updateVariableStatement(node, node.modifiers, f.updateVariableDeclarationList(node.declarationList, this.list(declarations)));
    }
    if (ts.isBlock(node)) return this.block(node);
    if (ts.isVariableDeclaration(node)) {
      return f.createVariableDeclaration(node.name, undefined, undefined, node.initializer && this.visit(node.initializer));
    }
    if (ts.isIfStatement(node)) {
      const value = model.decided(node.expression);
      if (value === true) return this.visit(node.thenStatement);
      if (value === false) return node.elseStatement ? this.visit(node.elseStatement) : this.nothing(node);
      return f.createIfStatement(asCondition(node.expression, this), this.visit(node.thenStatement) ?? f.createBlock([]), node.elseStatement && this.visit(node.elseStatement));
    }
    if (ts.isExpressionStatement(node)) {
      const expression = this.effect(node.expression);
      if (!expression) return this.nothing(node);
      return ts.isBlock(node.parent) || ts.isSourceFile(node.parent) ? this.split(expression) : f.createExpressionStatement(expression);
    }
    if (ts.isExpression(node)) return this.expression(node);
    if (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)) return this.property(node);
    return this.each(node);
  };

  /** An expression as statements. */
  split(node) {
    const inner = ts.isParenthesizedExpression(node) ? node.expression : node;
    const parts = inner.kind === ts.SyntaxKind.CommaListExpression ? inner.elements : [node];
    return parts.map((part) => f.createExpressionStatement(part));
  }

  /** What stands for a statement that is left out. */
  nothing(node) {
    return ts.isBlock(node.parent) || ts.isSourceFile(node.parent) || ts.isCaseOrDefaultClause(node.parent) ? undefined : f.createBlock([]);
  }

  /** An expression whose value nobody wants; undefined when nothing is left of it. */
  effect(node) {
    const change = isUnused(node) ? changed(node, this.model) : undefined;
    if (!change || this.alive.has(change.member)) return isUnused(node) ? this.made(node) : this.visit(node);
    return change.value && !isPure(change.value) ? this.made(change.value) : undefined;
  }

  property(node) {
    const member = this.model.memberOfLiteral(node);
    const value = ts.isPropertyAssignment(node) ? node.initializer : node.name;
    if (member && !this.alive.has(member)) {
      if (!isPure(value)) throw new Error(`${node.getText()}: nobody reads it, and it cannot be left out.`);
      return undefined;
    }
    return f.createPropertyAssignment(member ? this.name(member, node.name) : node.name, this.visit(value));
  }

  expression(node) {
    const { model } = this;
    const value = ts.isPropertyAccessExpression(node) ? model.checker.getConstantValue(node) : undefined;
    if (typeof value === 'number') {
      return value < 0 ? f.createParenthesizedExpression(f.createPrefixUnaryExpression(ts.SyntaxKind.MinusToken, f.createNumericLiteral(-value))) : f.createNumericLiteral(value);
    }
    const singleton = model.singletonAt(node);
    if (singleton) return f.createIdentifier(singleton);
    if (ts.isIdentifier(node)) {
      const decided = model.switchOf(node);
      return decided === undefined ? node : f.createNumericLiteral(decided ? 1 : 0);
    }
    if (ts.isPropertyAccessExpression(node) && this.isThere(node)) return f.createNumericLiteral(1);
    if (ts.isPropertyAccessExpression(node)) return f.createPropertyAccessExpression(this.visit(node.expression), this.nameOf(node.name));
    if (ts.isNonNullExpression(node) || ts.isAsExpression(node)) return this.visit(node.expression);
    if (ts.isCallExpression(node)) {
      const { before, kept } = this.arguments(node);
      return this.after(before, f.createCallExpression(this.visit(node.expression), undefined, kept));
    }
    if (ts.isNewExpression(node)) {
      const singleton = this.madeHere(node);
      return singleton ? f.createParenthesizedExpression(f.createComma(this.creation(node), f.createIdentifier(singleton))) : this.creation(node);
    }
    if (ts.isConditionalExpression(node)) {
      const decided = model.decided(node.condition);
      if (decided !== undefined) return this.visit(decided ? node.whenTrue : node.whenFalse);
      return f.createConditionalExpression(asCondition(node.condition, this), undefined, this.visit(node.whenTrue), undefined, this.visit(node.whenFalse));
    }
    if (ts.isBinaryExpression(node)) {
      const decided = model.decided(node);
      if (decided !== undefined) return f.createNumericLiteral(decided ? 1 : 0);
      if (/^(&&|\|\|)$/.test(node.operatorToken.getText()) && model.decided(node.left) !== undefined) return this.visit(node.right);
      if (node.operatorToken.kind === ts.SyntaxKind.CommaToken) {
        const left = this.effect(node.left);
        return left ? f.createComma(left, this.visit(node.right)) : this.visit(node.right);
      }
      const field = node.operatorToken.kind === ts.SyntaxKind.EqualsToken && ts.isPropertyAccessExpression(node.left) ? model.memberAt(node.left.name) : undefined;
      if (field) return f.createAssignment(this.visit(node.left), this.stored(field, node.right));
      return comparison(node, this) ?? this.each(node);
    }
    if (isLiteral(node) && INNER.test(model.nameOf(node.getSourceFile()))) return f.createNumericLiteral(node.kind === ts.SyntaxKind.TrueKeyword ? 1 : 0);
    return this.each(node);
  }

}

/**
 * @returns the modules that the text of an entry needs, by path, as JavaScript; `names`, the variables that stand for
 *   objects of which there is one only
 */
export function lower(entry, profile, planted = {}) {
  const opened = openProgram(entry, profile, planted);
  // What nobody uses stands in nobody's way: a method may be the only one of its kind, an object the only one of its type.
  const model = new Model(opened, new Alive(new Model(opened)).declarations);
  const alive = new Alive(model);
  const lowering = new Lowering(model, alive);
  const modules = new Map();
  const before = [
    (context) => (file) => {
      lowering.context = context;
      return f.updateSourceFile(file, lowering.list(file.statements));
    },
  ];
  for (const file of opened.files) {
    opened.program.emit(file, (_path, text) => modules.set(file.fileName, text), undefined, false, { before });
  }
  return { modules, entry: modules.get(opened.entryPath), names: [...new Set(model.singletons.values())] };
}
