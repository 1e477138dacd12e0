import type { AnyNode, CallExpression, MemberExpression, VariableDeclarator } from 'acorn';
import type { ShippingProblem } from './function-not-shippable-error.js';
import { propertyName } from './syntax-tree.js';

/** `process`, however it was imported and whatever a compiler made of that. */
const PROCESS = /(?:^|\b|_)process\d*(?:\.default)?$/;

/**
 * Finds uses of the arguments of the program, which a worker does not have. Without a word, a constant such as
 * `Number(process.argv[2] ?? 10)` would have another value there.
 */
export function programArguments(node: AnyNode, source: string): Omit<ShippingProblem, 'place'> | undefined {
  if (node.type === 'MemberExpression') return isArgv(node, source) ? problem('process.argv') : undefined;
  if (node.type === 'VariableDeclarator') {
    return takesArgv(node, source) ? problem('process.argv') : undefined;
  }
  if (node.type === 'CallExpression') return parsesThem(node) ? problem('parseArgs()') : undefined;
  return undefined;
}

/** `import { argv } from 'node:process'`. */
export function importedArguments(
  from: string,
  imported: string,
): Omit<ShippingProblem, 'place'> | undefined {
  return /^(?:node:)?process$/.test(from) && imported === 'argv' ? problem('process.argv') : undefined;
}

function isArgv(node: MemberExpression, source: string): boolean {
  return propertyName(node) === 'argv' && isProcess(node.object, source);
}

/** `const { argv } = process`. */
function takesArgv({ id, init }: VariableDeclarator, source: string): boolean {
  return (
    id.type === 'ObjectPattern' &&
    init?.type === 'Identifier' &&
    isProcess(init, source) &&
    id.properties.some(
      (property) =>
        property.type === 'Property' && property.key.type === 'Identifier' && property.key.name === 'argv',
    )
  );
}

/** `parseArgs({ options })` of `node:util` reads them unless it is given others. */
function parsesThem({ callee, arguments: [config] }: CallExpression): boolean {
  const name = callee.type === 'MemberExpression' ? propertyName(callee) : nameOf(callee);
  if (name !== 'parseArgs') return false;
  if (config === undefined) return true;
  return (
    config.type === 'ObjectExpression' &&
    config.properties.every((property) => property.type === 'Property' && nameOf(property.key) !== 'args')
  );
}

function isProcess(node: AnyNode, source: string): boolean {
  return PROCESS.test(source.slice(node.start, node.end));
}

function nameOf(node: AnyNode): string | undefined {
  return node.type === 'Identifier' ? node.name : undefined;
}

function problem(name: string): Omit<ShippingProblem, 'place'> {
  return {
    kind: 'program-arguments',
    name,
    detail: `uses ${name}, and a worker does not have the arguments of your program`,
    remedy: 'Pass what was read from them as an argument.',
  };
}
