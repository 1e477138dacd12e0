import type { AnyNode } from 'acorn';
import type { Variable } from 'eslint-scope';
import type { ShippingProblem } from './function-not-shippable-error.js';
import { hazardsIn, modulePath, requireHazard, topLevelAwait, type Hazard } from './hazards.js';
import { isPortable, isOwnPackage } from './own-packages.js';
import { pieceAt, type Piece } from './module-pieces.js';
import type { ModuleSource } from './module-source.js';
import { initializerCalls, lazyInitializer } from './lazy-initializer.js';
import { importedArguments } from './program-arguments.js';
import { runsAtTopLevel, usesWithin, type NameUse } from './parsed-module.js';
import { isNode, pathTo, propertyName } from './syntax-tree.js';
import { isAddedGlobal } from './worker-globals.js';

/** What a function reaches in its module, and what of it cannot be shipped. */
export class Reach {
  readonly pieces = new Set<Piece>();
  readonly problems: ShippingProblem[] = [];
  /** Whether `exports` of CommonJS is read, so that the slice has to provide it. */
  usesExports = false;
  readonly #source: ModuleSource;
  readonly #ranges: { readonly start: number; readonly end: number }[] = [];
  readonly #variables = new Set<Variable>();
  readonly #exports = new Set<string>();
  readonly #pending: (() => void)[] = [];

  constructor(source: ModuleSource) {
    this.#source = source;
  }

  /** Adds code that is kept, and follows the names in it. `localTo` is told of names that are not the module's. */
  addCode(node: AnyNode, foreign: (use: NameUse, variable: Variable) => void = () => undefined): void {
    const { module } = this.#source;
    this.#ranges.push(node);
    for (const hazard of hazardsIn(node, module.source)) this.refuse(hazard);
    for (const use of usesWithin(module, node.start, node.end)) {
      if (use.variable === undefined) this.#global(use);
      else if (use.variable.scope === module.top) this.needVariable(use.variable);
      else foreign(use, use.variable);
    }
  }

  /** Keeps a variable of the module with all that gives it its value. */
  needVariable(variable: Variable): void {
    if (this.#variables.has(variable)) return;
    this.#variables.add(variable);
    const { module, pieces, completions } = this.#source;
    for (const definition of variable.defs) {
      const name: unknown = definition.name;
      const piece = isNode(name) ? pieceAt(pieces, name.start) : undefined;
      if (piece !== undefined) this.#needPiece(piece);
    }
    for (const piece of completions.get(variable.name) ?? []) this.#needPiece(piece);
    for (const use of module.reassignments.get(variable) ?? []) this.#needReassignment(variable, use);
  }

  /** Follows everything that was found so far, until nothing new turns up. */
  finish(): void {
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) next();
  }

  /** Records a problem, once per thing and place. */
  refuse({ start, ...problem }: Hazard): void {
    const place = this.#source.placeOf(start);
    const isKnown = this.problems.some((known) => known.kind === problem.kind && known.name === problem.name);
    if (!isKnown) this.problems.push({ ...problem, place });
  }

  #needReassignment(variable: Variable, use: NameUse): void {
    const { module, pieces } = this.#source;
    const piece = pieceAt(pieces, use.start);
    if (piece !== undefined && runsAtTopLevel(module, use.scope)) {
      this.#needPiece(piece);
      return;
    }
    const initializer = piece === undefined ? undefined : lazyInitializer(module, piece, use);
    if (initializer !== undefined) {
      this.needVariable(initializer);
      for (const call of initializerCalls(this.#source, initializer)) this.#needPiece(call);
      return;
    }
    // Which code is kept is only known at the end.
    this.#pending.unshift(() => this.#refuseReassignment(variable, use));
  }

  #refuseReassignment(variable: Variable, use: NameUse): void {
    const name = variable.name;
    if (this.#ranges.some(({ start, end }) => start <= use.start && use.end <= end)) {
      this.refuse({
        kind: 'assigned-variable',
        name,
        detail: `assigns '${name}', a variable of its module, and workers do not share variables`,
        remedy: 'Return the value instead.',
        start: use.start,
      });
    } else {
      this.refuse({
        kind: 'mutable-variable',
        name,
        detail: `reads '${name}', a variable of its module that other code assigns, and workers would not see that`,
        remedy: `Pass '${name}' as an argument, or make it a const.`,
        start: use.start,
      });
    }
  }

  #needPiece(piece: Piece): void {
    if (this.pieces.has(piece)) return;
    this.pieces.add(piece);
    this.#pending.push(() => this.#follow(piece));
  }

  #follow(piece: Piece): void {
    if (piece.kind === 'import') {
      this.#followImport(piece);
      return;
    }
    if (piece.isRequireFactory) return;
    const name =
      piece.node.type === 'VariableDeclarator' && piece.node.id.type === 'Identifier'
        ? piece.node.id.name
        : '';
    const text = name === '' ? 'a statement of its module' : `'${name}'`;
    const awaited = topLevelAwait(piece.node);
    if (awaited !== undefined || piece.prefix.includes('using ')) {
      this.refuse({
        kind: 'top-level-await',
        name,
        detail: `needs ${text}, whose value this process gets by running the program (await or using at the top level)`,
        remedy: `Pass what it needs of ${text} as an argument, or make it inside the function.`,
        start: (awaited ?? piece).start,
      });
      return;
    }
    this.addCode(piece.node);
  }

  #followImport(piece: Piece): void {
    const { from = '', imported = '', node } = piece;
    if (isOwnPackage(from) && !isPortable(imported)) {
      this.refuse({
        kind: 'client-only',
        name: imported,
        detail: `uses '${imported}' of ${from}, which works in the submitting process only`,
        remedy: 'Use it outside of the function, and pass plain values.',
        start: node.start,
      });
    }
    const hazard = importedArguments(from, imported);
    if (hazard !== undefined) this.refuse({ ...hazard, start: node.start });
    // A bundler's module that fills its exports late has a function beside them which does that.
    for (const call of this.#source.lateInitializers.get(from) ?? []) this.#needPiece(call);
  }

  #global(use: NameUse): void {
    const { module } = this.#source;
    if (use.name === '__dirname' || use.name === '__filename' || (module.commonjs && use.name === 'module')) {
      this.refuse({ ...modulePath(use.name), start: use.start });
    } else if (use.name === 'require') {
      this.#checkRequire(use);
    } else if (use.name === 'exports' && module.commonjs) {
      this.#needExport(use);
    } else if (this.#source.isFragment && !(use.name in globalThis)) {
      this.refuse({
        kind: 'captured-variable',
        name: use.name,
        detail: `uses '${use.name}', and the module it stands in could not be looked at`,
        remedy: 'Name the module with the option module: import.meta.url, or use appFrom.',
        start: use.start,
      });
    } else if (isAddedGlobal(use.name)) {
      this.refuse({
        kind: 'global',
        name: use.name,
        detail: `reads the global '${use.name}', which this program added and workers do not have`,
        remedy: 'Pass it as an argument, or import it.',
        start: use.start,
      });
    }
  }

  #checkRequire(use: NameUse): void {
    const { module } = this.#source;
    const parent = pathTo(module.program, use.start, use.end).at(-2);
    if (parent?.type === 'CallExpression') {
      const hazard = requireHazard(parent, module.source);
      if (hazard !== undefined) this.refuse({ ...hazard, start: use.start });
    } else if (parent?.type === 'MemberExpression') {
      this.refuse({ ...modulePath(`require.${propertyName(parent) ?? ''}`), start: use.start });
    }
  }

  #needExport(use: NameUse): void {
    this.usesExports = true;
    const parent = pathTo(this.#source.module.program, use.start, use.end).at(-2);
    const name = (parent && propertyName(parent)) ?? '';
    if (this.#exports.has(name)) return;
    this.#exports.add(name);
    for (const piece of this.#source.completions.get(`exports.${name}`) ?? []) this.#needPiece(piece);
  }
}
