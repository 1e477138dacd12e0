import type { AnyNode } from 'acorn';
import type { Variable } from 'eslint-scope';
import { bareCall } from './bare-call.js';
import type { Piece } from './module-pieces.js';
import type { ModuleSource } from './module-source.js';
import type { NameUse, ParsedModule } from './parsed-module.js';
import { isFunction } from './syntax-tree.js';

/**
 * Bundlers turn a module that is also imported dynamically into `var K; var init_k = __esm({ "k.js"() { K = 2; } })`
 * and call `init_k()` where it was imported. Finds `init_k` for the assignment of `K`.
 */
export function lazyInitializer(module: ParsedModule, piece: Piece, use: NameUse): Variable | undefined {
  const { node } = piece;
  if (node.type !== 'VariableDeclarator' || node.id.type !== 'Identifier') return undefined;
  if (node.init?.type !== 'CallExpression' || node.init.callee.type !== 'Identifier') return undefined;
  const [first, ...others] = node.init.arguments;
  const body = first === undefined || others.length > 0 ? undefined : moduleBody(first);
  if (body === undefined || use.start < body.start || use.end > body.end) return undefined;
  return module.top.set.get(node.id.name);
}

function moduleBody(argument: AnyNode): AnyNode | undefined {
  if (isFunction(argument)) return argument;
  if (argument.type !== 'ObjectExpression' || argument.properties.length !== 1) return undefined;
  const [property] = argument.properties;
  return property?.type === 'Property' && isFunction(property.value) ? property.value : undefined;
}

/** The statements of the top level that are nothing but a call of `initializer`. */
export function initializerCalls(source: ModuleSource, initializer: Variable): readonly Piece[] {
  return source.pieces.filter((piece) => bareCall(piece) === initializer.name);
}
