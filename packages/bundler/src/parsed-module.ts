import type { AnyNode, Program } from 'acorn';
import type { Scope, Variable } from 'eslint-scope';
import { isFunction, isNode, walk } from './syntax-tree.js';
import type { Toolchain } from './toolchain.js';

/** A use of a name. */
export interface NameUse {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** What it refers to; `undefined` for a global. */
  readonly variable: Variable | undefined;
  readonly scope: Scope;
  /** Whether it gives the variable another value than its declaration does. */
  readonly reassigns: boolean;
}

/** The source of a module that runs, and who refers to what in it. */
export interface ParsedModule {
  readonly source: string;
  readonly program: Program;
  readonly commonjs: boolean;
  /** Scope of the module's top level. */
  readonly top: Scope;
  /** Every use of a name, in order of position. */
  readonly uses: readonly NameUse[];
  /** The uses that give a variable of any scope another value than its declaration does. */
  readonly reassignments: ReadonlyMap<Variable, readonly NameUse[]>;
  /** Functions called where they are written; their bodies run when the module is evaluated. */
  readonly calledInPlace: ReadonlySet<AnyNode>;
}

/** Parses JavaScript as an ES module or, where it cannot be one, as CommonJS. Throws `SyntaxError`. */
export function parseModule({ acorn, scope }: Toolchain, source: string): ParsedModule {
  const { program, commonjs } = parseEither(acorn, source);
  if (!isAnalyzable<Parameters<typeof scope.analyze>[0]>(program)) throw new SyntaxError('not a program');
  const manager = scope.analyze(program, {
    ecmaVersion: 2022,
    sourceType: commonjs ? 'commonjs' : 'module',
    ignoreEval: true,
  });
  const top = manager.globalScope?.childScopes[0];
  if (top === undefined) throw new SyntaxError('a module has a top-level scope');
  const uses = collectUses(manager.scopes);
  return {
    source,
    program,
    commonjs,
    top,
    uses,
    reassignments: collectReassignments(uses),
    calledInPlace: findCalledInPlace(program),
  };
}

function parseEither(acorn: Toolchain['acorn'], source: string): { program: Program; commonjs: boolean } {
  // The scope analysis compares ranges.
  const options = { ecmaVersion: 'latest', allowHashBang: true, ranges: true } as const;
  let program: Program | undefined;
  let failure: unknown;
  try {
    program = acorn.parse(source, { ...options, sourceType: 'module' });
  } catch (error) {
    failure = error;
  }
  if (program !== undefined && (isEsModule(program) || !/\b(?:exports|require)\b/.test(source))) {
    return { program, commonjs: false };
  }
  try {
    return { program: acorn.parse(source, { ...options, sourceType: 'commonjs' }), commonjs: true };
  } catch (error) {
    if (program !== undefined) return { program, commonjs: false };
    throw failure ?? error;
  }
}

function isEsModule(program: Program): boolean {
  return program.body.some((node) => node.type.startsWith('Import') || node.type.startsWith('Export'));
}

/** The parser and the scope analysis describe the same tree with types of their own. */
function isAnalyzable<T>(tree: unknown): tree is T {
  return isNode(tree) && tree.type === 'Program';
}

function collectUses(scopes: readonly Scope[]): readonly NameUse[] {
  const uses: NameUse[] = [];
  for (const scope of scopes) {
    for (const reference of scope.references) {
      const identifier: unknown = reference.identifier;
      if (!isNode(identifier)) continue;
      uses.push({
        name: reference.identifier.name,
        start: identifier.start,
        end: identifier.end,
        variable: reference.resolved ?? undefined,
        scope: reference.from,
        reassigns: reference.isWrite() && reference.init !== true,
      });
    }
  }
  return uses.sort((a, b) => a.start - b.start);
}

function collectReassignments(uses: readonly NameUse[]): ReadonlyMap<Variable, readonly NameUse[]> {
  const found = new Map<Variable, NameUse[]>();
  for (const use of uses) {
    if (!use.reassigns || use.variable === undefined) continue;
    const list = found.get(use.variable);
    if (list === undefined) found.set(use.variable, [use]);
    else list.push(use);
  }
  return found;
}

function findCalledInPlace(program: Program): ReadonlySet<AnyNode> {
  const found = new Set<AnyNode>();
  walk(program, (node) => {
    if (node.type === 'CallExpression') {
      if (isFunction(node.callee)) found.add(node.callee);
      else if (node.callee.type === 'MemberExpression' && isFunction(node.callee.object))
        found.add(node.callee.object);
    }
    return true;
  });
  return found;
}

/** The uses inside a range. */
export function usesWithin(module: ParsedModule, start: number, end: number): readonly NameUse[] {
  const first = lowerBound(module.uses, start);
  const last = lowerBound(module.uses, end);
  return module.uses.slice(first, last);
}

function lowerBound(uses: readonly NameUse[], position: number): number {
  let low = 0;
  let high = uses.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const use = uses[middle];
    if (use !== undefined && use.start < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether code in a scope runs while the module is evaluated, rather than when something calls it later. */
export function runsAtTopLevel(module: ParsedModule, scope: Scope): boolean {
  let at: Scope | null = scope;
  while (at !== null && at !== module.top) {
    const block: unknown = at.block;
    if (at.type === 'function' && !(isNode(block) && module.calledInPlace.has(block))) return false;
    at = at.upper;
  }
  return true;
}
