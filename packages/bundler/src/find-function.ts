import type * as acorn from 'acorn';
import type { AnyNode } from 'acorn';
import type { FunctionText } from './function-text.js';
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
  return functionsOf(module.program).filter((fn) => hasSameShape(fn, like));
}

function functionsOf(root: AnyNode): FunctionNode[] {
  const found: FunctionNode[] = [];
  walk(root, (node) => {
    if (isFunction(node)) found.push(node);
    return true;
  });
  return found;
}

/**
 * The function at `place` in the user's source, recognized by its shape and its words. Two compilers' source maps agree
 * on the line but not always on the column, so the column only decides between functions with the same words.
 */
export function functionNear(
  parser: typeof acorn,
  source: ModuleSource,
  place: SourceLocation,
  like: FunctionText,
): FunctionNode | undefined {
  const code = source.module.source;
  const words = wordsOf(parser, like.expression);
  const places = functionsOf(source.module.program).flatMap((fn) => {
    const at = source.placeOf(v8Start(fn, code));
    return at?.line === place.line ? [{ fn, distance: Math.abs(at.column - place.column) }] : [];
  });
  // Old targets turn async functions into others.
  const sameShape = places.filter(({ fn }) => hasSameShape(fn, like.node));
  let best: { readonly fn: FunctionNode; readonly likeness: number; readonly distance: number } | undefined;
  for (const { fn, distance } of sameShape.length > 0 ? sameShape : places) {
    const likeness = likenessOf(words, wordsOf(parser, code.slice(fn.start, fn.end)));
    if (
      best === undefined ||
      likeness > best.likeness ||
      (likeness === best.likeness && distance < best.distance)
    ) {
      best = { fn, likeness, distance };
    }
  }
  return best?.fn;
}

/** How often each name and literal occurs; loaders add names of their own, which start with two underscores. */
function wordsOf(parser: typeof acorn, text: string): ReadonlyMap<string, number> {
  const words = new Map<string, number>();
  try {
    for (const token of parser.tokenizer(text, { ecmaVersion: 'latest' })) {
      const value: unknown = 'value' in token ? token.value : undefined;
      if (typeof value !== 'string' && typeof value !== 'number') continue;
      if (!countedTokens.has(token.type.label) || String(value).startsWith('__')) continue;
      words.set(String(value), (words.get(String(value)) ?? 0) + 1);
    }
  } catch {
    // A tokenizer without grammar can take a regular expression for a division; what was read until then has to do.
  }
  return words;
}

const countedTokens = new Set(['name', 'num', 'string', 'template']);

function likenessOf(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): number {
  let shared = 0;
  let total = 0;
  for (const word of new Set([...one.keys(), ...other.keys()])) {
    const counts = [one.get(word) ?? 0, other.get(word) ?? 0];
    shared += Math.min(...counts);
    total += Math.max(...counts);
  }
  return total === 0 ? 1 : shared / total;
}
