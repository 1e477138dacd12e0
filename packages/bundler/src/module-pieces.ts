import type {
  AnyNode,
  CallExpression,
  ImportDeclaration,
  Statement,
  VariableDeclaration,
  VariableDeclarator,
} from 'acorn';
import type { Variable } from 'eslint-scope';
import type { ParsedModule } from './parsed-module.js';
import { children, isFunction, isNode, propertyName, rootIdentifier } from './syntax-tree.js';

/** A part of a module's top level that is kept or dropped as a whole. */
export interface Piece {
  /** `import`: one imported name. `declaration`: one variable, function or class. `statement`: anything else. */
  readonly kind: 'declaration' | 'import' | 'statement';
  readonly node: AnyNode;
  /** Range of the source that is kept. */
  readonly start: number;
  readonly end: number;
  /** What has to stand around that range. */
  readonly prefix: string;
  readonly suffix: string;
  /** Module an `import` names. */
  readonly from: string | undefined;
  /** Name an `import` has in that module: `default`, `*` or an export. */
  readonly imported: string | undefined;
  /** Whether it is `const require = createRequire(import.meta.url)`, which the bundler's own `require` stands for. */
  readonly isRequireFactory: boolean;
}

/** Splits the top level into pieces, in order, without overlap. */
export function modulePieces(module: ParsedModule): readonly Piece[] {
  return module.program.body.flatMap((node) => piecesOf(node, module.source));
}

function piecesOf(node: ParsedModule['program']['body'][number], source: string): Piece[] {
  switch (node.type) {
    case 'ImportDeclaration':
      return importPieces(node, source);
    case 'ExportNamedDeclaration':
      return node.declaration ? piecesOf(node.declaration, source) : [];
    case 'ExportDefaultDeclaration': {
      const { declaration } = node;
      const isNamed = 'id' in declaration && declaration.id !== null;
      const declares = declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration';
      return declares && isNamed ? [piece('declaration', declaration)] : [];
    }
    case 'ExportAllDeclaration':
      return [];
    case 'VariableDeclaration':
      return variablePieces(node);
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      return [piece('declaration', node)];
    default:
      return isDirective(node) ? [] : [piece('statement', node)];
  }
}

function piece(kind: Piece['kind'], node: AnyNode, more: Partial<Piece> = {}): Piece {
  const { start, end } = node;
  return {
    kind,
    node,
    start,
    end,
    prefix: '',
    suffix: '\n',
    from: undefined,
    imported: undefined,
    isRequireFactory: false,
    ...more,
  };
}

function isDirective(node: Statement): boolean {
  return node.type === 'ExpressionStatement' && typeof node.directive === 'string';
}

function importPieces(node: ImportDeclaration, source: string): Piece[] {
  const from = String(node.source.value);
  const tail = ` from ${source.slice(node.source.start, node.end).replace(/;$/, '')};\n`;
  return node.specifiers.map((specifier) => {
    if (specifier.type !== 'ImportSpecifier') {
      const imported = specifier.type === 'ImportDefaultSpecifier' ? 'default' : '*';
      return piece('import', specifier, { prefix: 'import ', suffix: tail, from, imported });
    }
    const name = specifier.imported;
    const imported = name.type === 'Identifier' ? name.name : String(name.value);
    return piece('import', specifier, { prefix: 'import { ', suffix: ` }${tail}`, from, imported });
  });
}

function variablePieces(node: VariableDeclaration): Piece[] {
  return node.declarations.map((declarator) =>
    piece('declaration', declarator, {
      prefix: `${node.kind} `,
      suffix: ';\n',
      isRequireFactory: isRequireFactory(declarator),
    }),
  );
}

function isRequireFactory({ id, init }: VariableDeclarator): boolean {
  return (
    id.type === 'Identifier' &&
    id.name === 'require' &&
    init?.type === 'CallExpression' &&
    init.callee.type === 'Identifier' &&
    init.callee.name === 'createRequire'
  );
}

/** The piece at an offset. */
export function pieceAt(pieces: readonly Piece[], offset: number): Piece | undefined {
  let low = 0;
  let high = pieces.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const candidate = pieces[middle];
    if (candidate === undefined) return undefined;
    if (offset < candidate.start) high = middle - 1;
    else if (offset >= candidate.end) low = middle + 1;
    else return candidate;
  }
  return undefined;
}

/** Whether a variable holds what another module gave: an import, or the result of a `require`. */
export function isImported(variable: Variable): boolean {
  return variable.defs.some((definition) => {
    if (definition.type === 'ImportBinding') return true;
    const declarator: unknown = definition.node;
    return (
      isNode(declarator) &&
      declarator.type === 'VariableDeclarator' &&
      !!declarator.init &&
      requires(declarator.init)
    );
  });
}

/** Matches `require('x')`, `require('x').y` and `__toESM(require('x'))`. */
function requires(node: AnyNode): boolean {
  if (node.type === 'MemberExpression') return requires(node.object);
  if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return false;
  return node.callee.name === 'require' || node.arguments.some(requires);
}

const builtInCollections = new Set([
  'Array',
  'Map',
  'Set',
  'WeakMap',
  'WeakSet',
  'URLSearchParams',
  'Headers',
]);

/** Methods of `Object` and `Reflect` that change their first argument. */
const changingMethods = new Set([
  'assign',
  'defineProperties',
  'defineProperty',
  'deleteProperty',
  'freeze',
  'seal',
  'set',
  'setPrototypeOf',
]);

/** Whether a variable starts as a collection that the module itself made, so that calls on it fill it. */
function isOwnCollection(variable: Variable): boolean {
  return variable.defs.some((definition) => {
    const node: unknown = definition.node;
    if (!isNode(node) || node.type !== 'VariableDeclarator' || !node.init) return false;
    const { init } = node;
    if (init.type === 'ArrayExpression' || init.type === 'ObjectExpression') return true;
    return (
      init.type === 'NewExpression' &&
      init.callee.type === 'Identifier' &&
      builtInCollections.has(init.callee.name)
    );
  });
}

/**
 * Names of top-level variables, and of `exports.…` properties, whose value a statement completes when the module is
 * evaluated: `Color[0] = …`, `table.set(…)`, `Object.assign(defaults, …)`, `__decorate([…], Task)`, `exports.x = …`.
 * Without it, the variable on the worker would be an empty shell.
 */
export function completedBy(module: ParsedModule, statement: AnyNode): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (name: string | undefined, accept: (variable: Variable) => boolean): void => {
    const variable = name === undefined ? undefined : module.top.set.get(name);
    if (variable !== undefined && accept(variable)) names.add(variable.name);
  };
  const notImported = (variable: Variable): boolean => !isImported(variable);
  const visit = (node: AnyNode): void => {
    if (isFunction(node) && !module.calledInPlace.has(node)) return;
    const target = assignedTarget(node);
    if (target?.type === 'MemberExpression') {
      add(rootIdentifier(target), notImported);
      if (module.commonjs && rootIdentifier(target) === 'exports')
        names.add(`exports.${propertyName(target) ?? ''}`);
    }
    if (node.type === 'CallExpression') {
      const [first] = node.arguments;
      if (node.callee.type === 'MemberExpression') {
        const root = rootIdentifier(node.callee);
        const method = propertyName(node.callee) ?? '';
        if (root !== 'Object' && root !== 'Reflect') add(root, isOwnCollection);
        else if (changingMethods.has(method)) add(first && rootIdentifier(first), notImported);
      } else if (
        node.callee.type === 'Identifier' &&
        (node.callee.name.startsWith('__') || definesExports(node))
      ) {
        for (const argument of node.arguments) add(rootIdentifier(argument), notImported);
      }
    }
    children(node).forEach(visit);
  };
  visit(statement);
  return names;
}

/** Matches a bundler's `__export(util_exports, { twice: () => twice })`, whatever the function is called. */
function definesExports(call: CallExpression): boolean {
  const [, getters] = call.arguments;
  return (
    call.arguments.length === 2 &&
    getters?.type === 'ObjectExpression' &&
    getters.properties.every(
      (property) =>
        property.type === 'Property' &&
        property.value.type === 'ArrowFunctionExpression' &&
        property.value.expression &&
        property.value.params.length === 0,
    )
  );
}

function assignedTarget(node: AnyNode): AnyNode | undefined {
  if (node.type === 'AssignmentExpression') return node.left;
  if (node.type === 'UpdateExpression') return node.argument;
  return node.type === 'UnaryExpression' && node.operator === 'delete' ? node.argument : undefined;
}
