import type { AnyNode, CallExpression, Expression } from 'acorn';
import type { ShippingProblem } from './function-not-shippable-error.js';
import { programArguments } from './program-arguments.js';
import { children, isFunction, type FunctionNode } from './syntax-tree.js';

/** Something in the text of a function or of what it needs that cannot work on a worker. */
export type Hazard = Omit<ShippingProblem, 'place'> & { readonly start: number };

/** Finds what cannot work on a worker whatever the names in it refer to. */
export function hazardsIn(root: AnyNode, source: string): Hazard[] {
  const found: Hazard[] = [];
  const visit = (node: AnyNode): void => {
    const hazard = hazardOf(node, source);
    if (hazard !== undefined) found.push({ ...hazard, start: node.start });
    children(node).forEach(visit);
  };
  visit(root);
  return found;
}

type HazardText = Omit<Hazard, 'start'>;

function hazardOf(node: AnyNode, source: string): HazardText | undefined {
  if (node.type === 'MetaProperty' && node.meta.name === 'import') {
    const name = /^import\.meta(?:\.\w+)?/.exec(source.slice(node.start))?.[0] ?? 'import.meta';
    return modulePath(name);
  }
  if (node.type === 'ImportExpression' && !isResolvable(node.source)) {
    return dynamicImport(source.slice(node.start, node.end), 'import()');
  }
  if (node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === 'eval') {
    return {
      kind: 'eval',
      name: 'eval',
      detail: 'calls eval, whose text may refer to anything',
      remedy: "Use 'new Function(…)' with explicit parameters instead.",
    };
  }
  return programArguments(node, source);
}

/** The same for `require(…)`, once it is known that the name means the CommonJS function. */
export function requireHazard(call: CallExpression, source: string): HazardText | undefined {
  const [target] = call.arguments;
  if (target !== undefined && target.type !== 'SpreadElement' && isResolvable(target)) return undefined;
  return dynamicImport(source.slice(call.start, call.end), 'require()');
}

function dynamicImport(text: string, what: string): HazardText {
  return {
    kind: 'dynamic-import',
    name: text,
    detail: `has an ${what} whose target is not known before it runs, '${text}'`,
    remedy: 'Write the module as a literal string, so that it can be shipped along.',
  };
}

/** What depends on the place of the module, which on a worker is another one. */
export function modulePath(name: string): HazardText {
  return {
    kind: 'module-path',
    name,
    detail: `uses ${name}, which on a worker is not the place of your module`,
    remedy: 'Pass the path, or what is read from it, as an argument.',
  };
}

/** A literal, or a relative path with a gap, whose candidates the bundler finds on disk. */
function isResolvable(target: Expression): boolean {
  if (target.type === 'Literal') return typeof target.value === 'string';
  const relative = /^\.{1,2}\//;
  if (target.type === 'TemplateLiteral') {
    const start = target.quasis[0]?.value.cooked ?? '';
    return target.expressions.length === 0 || relative.test(start);
  }
  if (target.type === 'BinaryExpression' && target.operator === '+') {
    return (
      target.left.type === 'Literal' &&
      typeof target.left.value === 'string' &&
      relative.test(target.left.value)
    );
  }
  return false;
}

/** Finds uses of `this` and `super` that mean an object outside of the function; the first is enough. */
export function receiverHazards(fn: FunctionNode): Hazard[] {
  const found: Hazard[] = [];
  const visit = (node: AnyNode): void => {
    if (node.type === 'ClassBody' || (isFunction(node) && node.type !== 'ArrowFunctionExpression')) return;
    if (node.type === 'ThisExpression') found.push(receiver('this', node.start));
    if (node.type === 'Super') found.push(receiver('super', node.start));
    if (node.type === 'CallExpression' && isAsyncHelper(node))
      node.arguments.slice(1).forEach(visitCompiledBody);
    else children(node).forEach(visit);
  };
  const visitCompiledBody = (node: AnyNode): void => {
    if (isFunction(node)) children(node).forEach(visit);
    else visit(node);
  };
  children(fn).forEach(visit);
  return found.slice(0, 1);
}

/** Compiled async functions hand their `this` on to the generator that is their body: `__awaiter(this, …, function* …)`. */
function isAsyncHelper({ callee }: CallExpression): boolean {
  return callee.type === 'Identifier' && /^__(?:awaiter|async\w*)$/.test(callee.name);
}

function receiver(name: 'super' | 'this', start: number): Hazard {
  return {
    kind: 'receiver',
    name,
    detail: `uses '${name}', and the object behind it stays in this process`,
    remedy: 'Pass what it needs of the object as arguments.',
    start,
  };
}

/** Finds an `await`, `for await` or `using` that runs while the module is evaluated. */
export function topLevelAwait(root: AnyNode): AnyNode | undefined {
  if (isFunction(root)) return undefined;
  if (root.type === 'AwaitExpression') return root;
  if (root.type === 'ForOfStatement' && root.await) return root;
  if (root.type === 'VariableDeclaration' && root.kind === 'await using') return root;
  for (const child of children(root)) {
    const found = topLevelAwait(child);
    if (found !== undefined) return found;
  }
  return undefined;
}
