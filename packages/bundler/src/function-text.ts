import type * as acorn from 'acorn';
import type { AnyFunction } from './contract.js';
import { isFunction, type FunctionNode } from './syntax-tree.js';

/** What the text of a function says about it. */
export interface FunctionText {
  /** Text that parses as an expression whose value is the function. */
  readonly expression: string;
  readonly node: FunctionNode;
}

/** What kind of thing a function value is, as far as shipping goes. */
export type FunctionKind = 'bound-function' | 'class' | 'native-function' | 'source';

const sourceOf = (fn: AnyFunction): string => Function.prototype.toString.call(fn);

/** Tells functions with a source of their own from others. */
export function functionKind(fn: AnyFunction): FunctionKind {
  const text = sourceOf(fn);
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text))
    return fn.name.startsWith('bound ') ? 'bound-function' : 'native-function';
  return /^class\b/.test(text) ? 'class' : 'source';
}

/**
 * Parses a function's own text. A method is only valid inside an object or a class, so these are tried as well.
 * `undefined`: no such form.
 */
export function parseFunctionText(parser: typeof acorn, text: string): FunctionText | undefined {
  const forms = [
    { before: '(', after: '\n)', access: '' },
    { before: '({', after: '\n})', access: '' },
    { before: '(class {', after: '\n})', access: '' },
  ];
  for (const { before, after } of forms) {
    const parsed = tryParse(parser, before + text + after);
    if (parsed === undefined) continue;
    const node = outermostFunction(parsed);
    if (node !== undefined) return { expression: before + text + after, node };
  }
  return undefined;
}

function tryParse(parser: typeof acorn, text: string): acorn.Expression | undefined {
  try {
    return parser.parseExpressionAt(text, 0, { ecmaVersion: 'latest', allowAwaitOutsideFunction: false });
  } catch {
    // Not this form; the caller tries the next one.
    return undefined;
  }
}

function outermostFunction(expression: acorn.Expression): FunctionNode | undefined {
  if (isFunction(expression)) return expression;
  if (expression.type === 'ObjectExpression') {
    const [property] = expression.properties;
    return property?.type === 'Property' && isFunction(property.value) ? property.value : undefined;
  }
  if (expression.type === 'ClassExpression') {
    const [member] = expression.body.body;
    return member?.type === 'MethodDefinition' ? member.value : undefined;
  }
  return undefined;
}
