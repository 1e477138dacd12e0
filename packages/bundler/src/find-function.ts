import type { AnyNode } from 'acorn';
import type { SourceLocation } from './contract.js';
import type { ModuleSource } from './module-source.js';
import { isFunction, pathTo, walk, type FunctionNode } from './syntax-tree.js';

/** Offset at which V8 says that a function starts: an arrow function as a whole, any other at its parameters. */
function v8Start(fn: FunctionNode, source: string): number {
  if (fn.type === 'ArrowFunctionExpression' || source[fn.start] === '(') return fn.start;
  return source.indexOf('(', fn.id ? fn.id.end : fn.start);
}

/** The function that starts at a line and column, from 0, of this very code. */
export function functionAt(
  { module, lines }: ModuleSource,
  line: number,
  column: number,
): FunctionNode | undefined {
  const offset = lines.offset(line, column);
  return pathTo(module.program, offset, offset + 1)
    .filter(isFunction)
    .findLast((fn) => v8Start(fn, module.source) === offset);
}

/** Whether two functions could be the same but for what compilers change. */
export function hasSameShape(one: FunctionNode, other: FunctionNode): boolean {
  return (
    (one.type === 'ArrowFunctionExpression') === (other.type === 'ArrowFunctionExpression') &&
    one.async === other.async &&
    one.generator === other.generator &&
    one.params.length === other.params.length
  );
}

/** All functions of a module with the shape of `like`. */
export function functionsLike({ module }: ModuleSource, like: FunctionNode): FunctionNode[] {
  const found: FunctionNode[] = [];
  walk(module.program, (node: AnyNode) => {
    if (isFunction(node) && hasSameShape(node, like)) found.push(node);
    return true;
  });
  return found;
}

/**
 * The function whose place in the user's source is nearest to `place`, among those with the shape of `like`. Two
 * compilers' source maps agree on the line, and on the column but for a few characters.
 */
export function functionNear(
  source: ModuleSource,
  place: SourceLocation,
  like: FunctionNode,
): FunctionNode | undefined {
  let best: { readonly fn: FunctionNode; readonly distance: number } | undefined;
  for (const fn of functionsLike(source, like)) {
    const at = source.placeOf(v8Start(fn, source.module.source));
    if (at === undefined || at.line !== place.line) continue;
    const distance = Math.abs(at.column - place.column);
    if (best === undefined || distance < best.distance) best = { fn, distance };
  }
  return best?.fn;
}
