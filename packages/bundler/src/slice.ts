import type { AnyNode } from 'acorn';
import type { Variable } from 'eslint-scope';
import type { ShippingProblem } from './function-not-shippable-error.js';
import { receiverHazards } from './hazards.js';
import type { ModuleSource } from './module-source.js';
import type { NameUse } from './parsed-module.js';
import { Reach } from './reach.js';
import { isFunction, isNode, pathTo, type FunctionNode } from './syntax-tree.js';

/** A module cut down to one function. */
export interface Slice {
  /** ES module whose default export is the function. */
  readonly code: string;
  /** Which ranges of `code` are copies of which ranges of the module, in order. */
  readonly copies: readonly SliceCopy[];
}

/** One range that was copied. */
export interface SliceCopy {
  /** Offset in the slice. */
  readonly at: number;
  /** Offset in the module. */
  readonly start: number;
  readonly length: number;
}

/** Keeps what a function reaches of its module, or says why that cannot be shipped. */
export function sliceFunction(source: ModuleSource, fn: FunctionNode): Slice | readonly ShippingProblem[] {
  return new Slicer(source, fn).slice();
}

class Slicer {
  readonly #source: ModuleSource;
  readonly #fn: FunctionNode;
  readonly #reach: Reach;
  /** The nodes around the function, and itself. */
  readonly #path: readonly AnyNode[];
  /** Names that class expressions around the function have only inside, and the variables that hold the classes. */
  readonly #classes = new Map<string, string>();

  constructor(source: ModuleSource, fn: FunctionNode) {
    this.#source = source;
    this.#fn = fn;
    this.#reach = new Reach(source);
    this.#path = pathTo(source.module.program, fn.start, fn.end);
  }

  slice(): Slice | readonly ShippingProblem[] {
    const reach = this.#reach;
    const declared = topLevelDeclaration(this.#source, this.#fn);
    for (const hazard of receiverHazards(this.#fn)) reach.refuse(hazard);
    if (declared !== undefined) reach.needVariable(declared);
    reach.addCode(this.#fn, (use, variable) => this.#checkLocal(use, variable));
    reach.finish();
    return reach.problems.length > 0 ? reach.problems : this.#compose(declared?.name);
  }

  #checkLocal(use: NameUse, variable: Variable): void {
    const block: unknown = variable.scope.block;
    if (!isNode(block) || (this.#fn.start <= block.start && block.end <= this.#fn.end)) return;
    if (variable.defs.some((definition) => Object.is(definition.node, this.#fn))) return;
    const holder = variable.scope.type === 'class' ? this.#holderOf(block) : undefined;
    if (holder !== undefined) {
      this.#reach.needVariable(holder);
      if (holder.name !== variable.name) this.#classes.set(variable.name, holder.name);
      return;
    }
    const definition: unknown = variable.defs[0]?.name;
    const line = this.#source.placeOf(block.start)?.line;
    const owner = enclosingName(this.#path, block) ?? `the block at line ${String(line ?? '?')}`;
    this.#reach.refuse({
      kind: 'captured-variable',
      name: variable.name,
      detail: `captures '${variable.name}', a local variable of ${owner}`,
      remedy: 'Pass it as an argument, or move it to the top level of the module.',
      start: isNode(definition) ? definition.start : use.start,
    });
  }

  /** The variable of the module that holds a class: `class C`, or `var C = class _C`. */
  #holderOf(node: AnyNode): Variable | undefined {
    return this.#source.module.top.variables.find(({ defs }) =>
      defs.some((definition) => {
        const by: unknown = definition.node;
        return (
          Object.is(by, node) || (isNode(by) && by.type === 'VariableDeclarator' && Object.is(by.init, node))
        );
      }),
    );
  }

  #compose(declaredName: string | undefined): Slice {
    const { module, pieces } = this.#source;
    const copies: SliceCopy[] = [];
    let code = this.#reach.usesExports ? 'const exports = {};\n' : '';
    const copy = (start: number, end: number): void => {
      copies.push({ at: code.length, start, length: end - start });
      code += module.source.slice(start, end);
    };
    for (const piece of pieces) {
      if (!this.#reach.pieces.has(piece) || piece.isRequireFactory) continue;
      code += piece.prefix;
      copy(piece.start, piece.end);
      code += piece.suffix;
    }
    if (declaredName !== undefined)
      return { code: `${code}export { ${declaredName} as default };\n`, copies };
    const { before, after } = functionExpression(this.#fn, this.#path, module.source);
    const classes = [...this.#classes];
    const names = classes.map(([name]) => name).join(', ');
    const values = classes.map(([, holder]) => holder).join(', ');
    code += classes.length === 0 ? `export default (${before}` : `export default ((${names}) => (${before}`;
    copy(this.#fn.start, this.#fn.end);
    code += classes.length === 0 ? `${after});\n` : `${after}))(${values});\n`;
    return { code, copies };
  }
}

/** The variable that a function declaration at the top level declares. */
function topLevelDeclaration({ module }: ModuleSource, fn: FunctionNode): Variable | undefined {
  if (fn.type !== 'FunctionDeclaration' || !fn.id) return undefined;
  const variable = module.top.set.get(fn.id.name);
  return variable?.defs.some((definition) => Object.is(definition.node, fn)) === true ? variable : undefined;
}

/** What a person would call the innermost function of a path that has `block` inside. */
function enclosingName(path: readonly AnyNode[], block: AnyNode): string | undefined {
  const index = path.findLastIndex(
    (node) => isFunction(node) && node.start <= block.start && block.end <= node.end,
  );
  const fn = path[index];
  if (fn === undefined || !isFunction(fn)) return undefined;
  if (fn.type !== 'ArrowFunctionExpression' && fn.id) return fn.id.name;
  const parent = path[index - 1];
  if (parent?.type === 'VariableDeclarator' && parent.id.type === 'Identifier') return parent.id.name;
  if (
    parent?.type === 'Property' ||
    parent?.type === 'MethodDefinition' ||
    parent?.type === 'PropertyDefinition'
  ) {
    return parent.key.type === 'Identifier' ? parent.key.name : 'a method';
  }
  return 'an anonymous function';
}

/** The function as pieces of text around its source, such that the whole is an expression. */
interface FunctionExpressionText {
  readonly before: string;
  readonly after: string;
}

function functionExpression(
  fn: FunctionNode,
  path: readonly AnyNode[],
  source: string,
): FunctionExpressionText {
  const parent = path[path.indexOf(fn) - 1];
  const isMethod =
    parent?.type === 'MethodDefinition' ||
    (parent?.type === 'Property' && (parent.method || parent.kind !== 'init'));
  if (!isMethod) return { before: '', after: '' };
  const head = `${fn.async ? 'async ' : ''}${fn.generator ? '*' : ''}`;
  const isPlain =
    !parent.computed && parent.key.type === 'Identifier' && parent.kind !== 'get' && parent.kind !== 'set';
  // Inside an object the name does not become a variable, which could hide one of the module's.
  if (isPlain) {
    const key = source.slice(parent.key.start, parent.key.end);
    return { before: `({ ${head}${key}`, after: ` }).${key}` };
  }
  return { before: `${fn.async ? 'async ' : ''}function${fn.generator ? '*' : ''} `, after: '' };
}
