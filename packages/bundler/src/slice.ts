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
  const { module } = source;
  const reach = new Reach(source);
  const declared = topLevelDeclaration(source, fn);
  for (const hazard of receiverHazards(fn)) reach.refuse(hazard);
  if (declared !== undefined) reach.needVariable(declared);
  const path = pathTo(module.program, fn.start, fn.end);
  reach.addCode(fn, (use, variable) => checkLocal(source, reach, fn, path, use, variable));
  reach.finish();
  if (reach.problems.length > 0) return reach.problems;
  return compose(
    source,
    reach,
    declared === undefined ? functionExpression(fn, path, module.source) : declared.name,
    fn,
  );
}

/** The variable that a function declaration at the top level declares. */
function topLevelDeclaration({ module }: ModuleSource, fn: FunctionNode): Variable | undefined {
  if (fn.type !== 'FunctionDeclaration' || !fn.id) return undefined;
  const variable = module.top.set.get(fn.id.name);
  return variable?.defs.some((definition) => Object.is(definition.node, fn)) === true ? variable : undefined;
}

function checkLocal(
  { module, placeOf }: ModuleSource,
  reach: Reach,
  fn: FunctionNode,
  path: readonly AnyNode[],
  use: NameUse,
  variable: Variable,
): void {
  const block: unknown = variable.scope.block;
  if (!isNode(block) || (fn.start <= block.start && block.end <= fn.end)) return;
  if (variable.defs.some((definition) => Object.is(definition.node, fn))) return;
  const outer = variable.scope.type === 'class' ? module.top.set.get(variable.name) : undefined;
  if (outer?.defs.some((definition) => Object.is(definition.node, block)) === true) {
    reach.needVariable(outer);
    return;
  }
  const definition: unknown = variable.defs[0]?.name;
  const start = isNode(definition) ? definition.start : use.start;
  const owner =
    enclosingName(path, block) ?? `the block at line ${String(placeOf(block.start)?.line ?? '?')}`;
  reach.refuse({
    kind: 'captured-variable',
    name: variable.name,
    detail: `captures '${variable.name}', a local variable of ${owner}`,
    remedy: 'Pass it as an argument, or move it to the top level of the module.',
    start,
  });
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

function compose(
  { module, pieces }: ModuleSource,
  reach: Reach,
  exported: FunctionExpressionText | string,
  fn: FunctionNode,
): Slice {
  const copies: SliceCopy[] = [];
  let code = reach.usesExports ? 'const exports = {};\n' : '';
  const copy = (start: number, end: number): void => {
    copies.push({ at: code.length, start, length: end - start });
    code += module.source.slice(start, end);
  };
  for (const piece of pieces) {
    if (!reach.pieces.has(piece) || piece.isRequireFactory) continue;
    code += piece.prefix;
    copy(piece.start, piece.end);
    code += piece.suffix;
  }
  if (typeof exported === 'string') {
    code += `export { ${exported} as default };\n`;
  } else {
    code += `export default (${exported.before}`;
    copy(fn.start, fn.end);
    code += `${exported.after});\n`;
  }
  return { code, copies };
}
