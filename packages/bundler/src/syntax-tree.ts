import type {
  AnonymousFunctionDeclaration,
  AnyNode,
  ArrowFunctionExpression,
  FunctionDeclaration,
  FunctionExpression,
} from 'acorn';

/** Any node that is a function; for a method, the function below its key. */
export type FunctionNode =
  AnonymousFunctionDeclaration | ArrowFunctionExpression | FunctionDeclaration | FunctionExpression;

/** Whether a value found in a syntax tree is a node of it. */
export function isNode(value: unknown): value is AnyNode {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    typeof value.type === 'string' &&
    'start' in value &&
    typeof value.start === 'number'
  );
}

/** Whether a node is a function. */
export function isFunction(node: AnyNode): node is FunctionNode {
  return (
    node.type === 'ArrowFunctionExpression' ||
    node.type === 'FunctionExpression' ||
    node.type === 'FunctionDeclaration'
  );
}

/** The nodes directly below a node, in no particular order. */
export function children(node: AnyNode): AnyNode[] {
  const found: AnyNode[] = [];
  const values: unknown[] = Object.values(node);
  for (const value of values) {
    if (Array.isArray(value)) {
      const items: unknown[] = value;
      for (const item of items) if (isNode(item)) found.push(item);
    } else if (isNode(value)) {
      found.push(value);
    }
  }
  return found;
}

/** Calls `visit` for a node and all below it, parents first. `visit` returns false to stay out of a subtree. */
export function walk(node: AnyNode, visit: (node: AnyNode) => boolean): void {
  const pending = [node];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (visit(next)) pending.push(...children(next));
  }
}

/** The nodes around a range, from the outermost to the innermost. */
export function pathTo(root: AnyNode, start: number, end: number): AnyNode[] {
  const path = [root];
  for (;;) {
    const last = path.at(-1);
    const next =
      last === undefined ? undefined : children(last).find((node) => node.start <= start && end <= node.end);
    if (next === undefined) return path;
    path.push(next);
  }
}

/** The identifier that an expression such as `a.b[c].d` starts with. */
export function rootIdentifier(node: AnyNode): string | undefined {
  let at = node;
  for (;;) {
    if (at.type === 'Identifier') return at.name;
    if (at.type === 'MemberExpression') at = at.object;
    else if (at.type === 'ChainExpression') at = at.expression;
    else return undefined;
  }
}

/** Name of a property, where it is known without running anything. */
export function propertyName(node: AnyNode): string | undefined {
  if (node.type === 'MemberExpression') {
    const { property } = node;
    if (!node.computed && property.type === 'Identifier') return property.name;
    return node.computed && property.type === 'Literal' ? String(property.value) : undefined;
  }
  return undefined;
}
