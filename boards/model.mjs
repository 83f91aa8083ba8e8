// What follows from the types: which members belong together, of which classes there is one object only, what a switch
// decides.
import ts from 'typescript';
import { FEATURES, ownership } from './program.mjs';

export const isTyping = (node) => ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isImportDeclaration(node);

/** Evaluates to the same object however often, and does nothing else. */
export function isPath(node) {
  if (ts.isNonNullExpression(node) || ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return isPath(node.expression);
  if (ts.isIdentifier(node) || node.kind === ts.SyntaxKind.ThisKeyword) return true;
  return ts.isPropertyAccessExpression(node) && isPath(node.expression);
}

/** Can be left out when nobody wants its value. */
export function isPure(node) {
  if (ts.isCallExpression(node) || ts.isDeleteExpression(node)) return false;
  if (ts.isNewExpression(node)) return /^(Uint8|Int8|Uint16|Int16|Int32|Uint32)Array$/.test(node.expression.getText());
  if (ts.isPostfixUnaryExpression(node) || ts.isTaggedTemplateExpression(node)) return false;
  if (ts.isPrefixUnaryExpression(node) && /^(\+\+|--)/.test(node.getText())) return false;
  if (ts.isBinaryExpression(node) && ts.isAssignmentOperator(node.operatorToken.kind)) return false;
  if (ts.isFunctionLike(node)) return true;
  return !ts.forEachChild(node, (child) => (isPure(child) ? undefined : true));
}

export class Model {
  /** @param used the functions and classes to look at, of those that are declared; all of them when left out */
  constructor(opened, used) {
    Object.assign(this, opened);
    this.isUsed = (node) => !used || used.has(node) || !(ts.isClassDeclaration(node) || ts.isFunctionDeclaration(node));
    this.isOwn = ownership(opened);
    this.groups = new Map();
    this.switches = new Map();
    /** Groups of members of which some are known to others by their names. */
    this.shared = new Set();
    this.classes = [];
    this.interfaces = [];
    for (const file of this.files) {
      for (const node of file.statements) {
        if (ts.isClassDeclaration(node) && this.isUsed(node)) this.classes.push(node);
        if (ts.isInterfaceDeclaration(node)) this.interfaces.push(node);
      }
    }
    this.link();
    this.findSingletons();
  }

  typeOf(declaration) {
    return this.checker.getTypeAtLocation(declaration.name);
  }

  /** Members of the same name of a class and of what it can stand for are one. */
  link() {
    const { checker } = this;
    const interfaces = this.interfaces.map((node) => this.typeOf(node));
    for (const node of [...this.classes, ...this.interfaces]) {
      const type = this.typeOf(node);
      const bases = this.heritage(node, ts.SyntaxKind.ExtendsKeyword).map((symbol) => checker.getDeclaredTypeOfSymbol(symbol));
      for (const { declarations } of checker.getPropertiesOfType(type)) {
        for (const declaration of declarations ?? []) this.join(declaration, declarations[0]);
      }
      for (const other of [...bases, ...interfaces]) {
        if (type === other || !checker.isTypeAssignableTo(type, other) || this.isByChance(node, other)) continue;
        for (const member of checker.getPropertiesOfType(other)) {
          const ours = checker.getPropertyOfType(type, member.name);
          if (ours) this.join(ours.declarations[0], member.declarations[0]);
        }
      }
    }
  }

  /** Options that may all be left out: many a class would pass for them, but what they are is written at the call. */
  isByChance(node, other) {
    const named = [ts.SyntaxKind.ExtendsKeyword, ts.SyntaxKind.ImplementsKeyword].flatMap((kind) => this.heritage(node, kind));
    const properties = this.checker.getPropertiesOfType(other);
    return properties.every(({ flags }) => flags & ts.SymbolFlags.Optional) && !named.includes(other.symbol);
  }

  find(declaration) {
    let at = declaration;
    while (this.groups.has(at)) at = this.groups.get(at);
    return at;
  }

  join(a, b) {
    const [one, other] = [this.find(a), this.find(b)];
    if (one === other) return;
    this.groups.set(one, other);
    if (!this.isOwn(a) || !this.isOwn(b) || this.shared.has(one)) this.shared.add(other);
  }

  /** What stands for all members that are one with the one that is named here, or undefined when it is not our own. */
  memberAt(name) {
    return this.memberOf(this.checker.getSymbolAtLocation(name));
  }

  memberOf(symbol) {
    if (!symbol?.declarations?.length || !symbol.declarations.every(this.isOwn)) return undefined;
    const members = new Set(symbol.declarations.map((declaration) => this.find(declaration)));
    if (members.size > 1) throw new Error(`${symbol.name} means several members at once: their classes need a common interface.`);
    const [member] = members;
    return this.shared.has(member) ? undefined : member;
  }

  /** The member that a property of an object literal gives. */
  memberOfLiteral(property) {
    const type = this.checker.getContextualType(property.parent);
    return type && this.memberOf(this.checker.getPropertyOfType(this.checker.getNonNullableType(type), property.name.text));
  }

  /** True or false when switches alone decide about an expression. */
  decided(node) {
    if (ts.isParenthesizedExpression(node)) return this.decided(node.expression);
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
      const value = this.decided(node.operand);
      return value === undefined ? undefined : !value;
    }
    if (ts.isBinaryExpression(node)) {
      const and = node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
      if (!and && node.operatorToken.kind !== ts.SyntaxKind.BarBarToken) return undefined;
      const [left, right] = [this.decided(node.left), this.decided(node.right)];
      if (left === !and) return left;
      // What stands in front is evaluated all the same, if it does anything.
      if (right === !and && isPure(node.left)) return right;
      return left === undefined ? undefined : right;
    }
    return ts.isIdentifier(node) ? this.switchOf(node) : undefined;
  }

  /** A switch, or a constant that follows from switches. */
  switchOf(node) {
    const declaration = this.declarationOf(node);
    if (!declaration || !ts.isVariableDeclaration(declaration) || !(declaration.parent.flags & ts.NodeFlags.Const) || !declaration.initializer) return undefined;
    if (!this.switches.has(declaration)) {
      this.switches.set(declaration, undefined);
      const isSwitch = this.nameOf(declaration.getSourceFile()) === FEATURES;
      const value = isSwitch ? declaration.initializer.kind === ts.SyntaxKind.TrueKeyword : this.decided(declaration.initializer);
      this.switches.set(declaration, value);
    }
    return this.switches.get(declaration);
  }

  /** The statements that are ever run: what stands behind one that always leaves is not. */
  run(statements) {
    const end = [...statements].findIndex((statement) => this.leaves(statement));
    return end < 0 ? [...statements] : [...statements].slice(0, end + 1);
  }

  leaves(node) {
    if (ts.isReturnStatement(node) || ts.isThrowStatement(node)) return true;
    if (ts.isBlock(node)) return node.statements.some((statement) => this.leaves(statement));
    if (!ts.isIfStatement(node)) return false;
    const value = this.decided(node.expression);
    if (value === true) return this.leaves(node.thenStatement);
    if (value === false) return !!node.elseStatement && this.leaves(node.elseStatement);
    return !!node.elseStatement && this.leaves(node.thenStatement) && this.leaves(node.elseStatement);
  }

  /** What an identifier names, through imports. */
  declarationOf(node) {
    let symbol = ts.isShorthandPropertyAssignment(node.parent)
      ? this.checker.getShorthandAssignmentValueSymbol(node.parent)
      : this.checker.getSymbolAtLocation(node);
    if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = this.checker.getAliasedSymbol(symbol);
    return symbol?.valueDeclaration;
  }

  /** Calls `visit` for the children of a node that switches leave in. */
  children(node, visit) {
    if (ts.isIfStatement(node) || ts.isConditionalExpression(node)) {
      const [condition, yes, no] = ts.isIfStatement(node)
        ? [node.expression, node.thenStatement, node.elseStatement]
        : [node.condition, node.whenTrue, node.whenFalse];
      const value = this.decided(condition);
      if (value === undefined) visit(condition);
      if (value !== false) visit(yes);
      if (value !== true && no) visit(no);
      return;
    }
    if (ts.isBlock(node)) {
      for (const statement of this.run(node.statements)) visit(statement);
      return;
    }
    if (ts.isBinaryExpression(node) && this.decided(node) !== undefined) return;
    if (ts.isBinaryExpression(node) && this.decided(node.left) !== undefined && /^(&&|\|\|)$/.test(node.operatorToken.getText())) {
      visit(node.right);
      return;
    }
    ts.forEachChild(node, (child) => {
      if (!isTyping(child)) visit(child);
    });
  }

  /** Classes of which one object is made, by their symbols, and the interfaces that only such an object is ever seen by. */
  findSingletons() {
    const { checker } = this;
    const made = new Map();
    const literals = new Set();
    const visit = (node) => {
      if (!this.isUsed(node)) return;
      if (ts.isNewExpression(node) && ts.isIdentifier(node.expression)) {
        const declaration = this.declarationOf(node.expression);
        if (declaration) made.set(declaration, [...(made.get(declaration) ?? []), node]);
      }
      if (ts.isObjectLiteralExpression(node)) literals.add(checker.getContextualType(node)?.symbol);
      this.children(node, visit);
    };
    this.files.forEach((file) => visit(file));
    const extended = new Set(this.classes.flatMap((node) => this.heritage(node, ts.SyntaxKind.ExtendsKeyword)));
    this.singletons = new Map();
    const isOnce = (node, from) => {
      for (let at = node; at; at = at.parent) {
        if (ts.isIterationStatement(at, false)) return false;
        if (ts.isClassDeclaration(at)) return one(at, from);
        if (ts.isFunctionLike(at) && !ts.isConstructorDeclaration(at)) return at.name?.text === 'connect' || at.name?.text === 'start';
      }
      return true;
    };
    const one = (node, from = []) => {
      if (from.includes(node)) return false;
      const sites = made.get(node) ?? [];
      const plain = this.heritage(node, ts.SyntaxKind.ExtendsKeyword).length === 0 && !extended.has(checker.getSymbolAtLocation(node.name));
      return plain && sites.length === 1 && isOnce(sites[0], [...from, node]);
    };
    for (const node of this.classes) {
      if (one(node)) this.singletons.set(checker.getSymbolAtLocation(node.name), '$' + node.name.text);
    }
    for (const node of this.interfaces) {
      const symbol = checker.getSymbolAtLocation(node.name);
      const makers = this.classes.filter((other) => checker.isTypeAssignableTo(this.typeOf(other), this.typeOf(node)));
      const name = makers.length === 1 ? this.singletons.get(checker.getSymbolAtLocation(makers[0].name)) : undefined;
      if (name && !literals.has(symbol)) this.singletons.set(symbol, name);
    }
  }

  /** The symbols of what a class extends or implements. */
  heritage(node, kind) {
    const clauses = (node.heritageClauses ?? []).filter(({ token }) => token === kind);
    return clauses.flatMap(({ types }) => types.map(({ expression }) => this.checker.getTypeAtLocation(expression).symbol ?? this.aliased(expression)));
  }

  aliased(node) {
    const symbol = this.checker.getSymbolAtLocation(node);
    return symbol && symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  /** The variable that holds the only object that a type has, or undefined. */
  singletonOfType(type) {
    return type?.isClassOrInterface() ? this.singletons.get(type.symbol) : undefined;
  }

  /** The variable to use in the place of an expression, or undefined. */
  singletonAt(node) {
    if (node.kind === ts.SyntaxKind.ThisKeyword) {
      const holder = ts.getThisContainer(node, false, false);
      const owner = holder && ts.isClassLike(holder.parent) ? holder.parent : undefined;
      return owner?.name && this.singletons.get(this.checker.getSymbolAtLocation(owner.name));
    }
    if (!isPath(node) || isTyping(node)) return undefined;
    if (ts.isBinaryExpression(node.parent) && node.parent.left === node && ts.isAssignmentOperator(node.parent.operatorToken.kind)) return undefined;
    return this.singletonOfType(this.checker.getTypeAtLocation(node));
  }

  /** Which parameters of a signature's declaration are left out: their only possible argument is a variable already. */
  leavesOut(parameter) {
    return ts.isParameter(parameter) && !!this.singletonOfType(this.checker.getTypeAtLocation(parameter));
  }

  /** For each argument of a call whether it is left out. */
  leftOut(call) {
    const declaration = this.checker.getResolvedSignature(call)?.declaration;
    const own = declaration && !declaration.getSourceFile().isDeclarationFile;
    return (call.arguments ?? []).map((_argument, at) => !!own && !!declaration.parameters[at] && this.leavesOut(declaration.parameters[at]));
  }

  /** A variable that only repeats another one. */
  isSpare(node) {
    // One of another type, `any` say, is not known by it where it is used.
    return this.isStandIn(node) && isPath(node.initializer) && !!this.singletonAt(node.initializer);
  }

  /** A variable for an object of which there is one only. */
  isStandIn(node) {
    return ts.isIdentifier(node.name) && !!node.initializer && !!this.singletonOfType(this.checker.getTypeAtLocation(node.name));
  }

  /** True when something is done to the object of a class that needs its methods to stand apart from it. */
  needsPrototype(node) {
    let found = false;
    const look = (child) => {
      found ||= ts.isAsExpression(child) && child.expression.kind === ts.SyntaxKind.ThisKeyword && child.type.kind === ts.SyntaxKind.AnyKeyword;
      ts.forEachChild(child, look);
    };
    look(node);
    return found;
  }
}
