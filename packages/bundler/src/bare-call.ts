import type { Piece } from './module-pieces.js';

/** Name of the function if a piece is the statement `name();`. */
export function bareCall({ kind, node }: Piece): string | undefined {
  if (kind !== 'statement' || node.type !== 'ExpressionStatement') return undefined;
  const { expression } = node;
  if (expression.type !== 'CallExpression' || expression.arguments.length > 0) return undefined;
  return expression.callee.type === 'Identifier' ? expression.callee.name : undefined;
}
