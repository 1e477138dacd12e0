/** A step into a value: a key, an index, or what stands for it in the text of a path. */
export type PathStep = string | number | { readonly text: string };

/** Deeper paths lose their middle. */
const SHOWN_STEPS = 32;

/** The path as it would be written in code, such as `args[0].rows[3]`. */
export function pathText(root: string, steps: readonly PathStep[]): string {
  if (steps.length <= SHOWN_STEPS) return root + steps.map(stepText).join('');
  const half = SHOWN_STEPS / 2;
  return `${root + steps.slice(0, half).map(stepText).join('')}…${steps.slice(-half).map(stepText).join('')}`;
}

function stepText(step: PathStep): string {
  if (typeof step === 'object') return step.text;
  if (typeof step === 'number') return `[${step}]`;
  return /^[A-Za-z_$][\w$]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

/** Says what an object is that is no plain one, and what to do instead of sending it. */
export function describeInstance(value: object): { readonly what: string; readonly remedy: string } {
  if (typeof Reflect.get(value, 'then') === 'function') {
    return { what: 'a promise where it is not awaited', remedy: 'await it first' };
  }
  const constructor: unknown = Reflect.get(value, 'constructor');
  const name = typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'a class';
  return {
    what: `an instance of ${name}`,
    remedy: 'pass a plain object with its data, and build it in the function',
  };
}

/**
 * Where an object's class is from: `own` is a built-in class of this realm that msgpackr knows, `foreign` another
 * built-in class, perhaps, and `derived` a class that extends a built-in one.
 */
export type PrototypeKind = 'own' | 'foreign' | 'derived';

const OWN: ReadonlySet<unknown> = new Set(
  [
    ...[Array, Date, RegExp, Set, Map, ArrayBuffer, DataView, Buffer],
    ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
    ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
    ...[Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError],
  ].map((builtIn): unknown => builtIn.prototype),
);

/** Tells what is known of an object's class by its prototypes, which a program rarely forges. */
export function prototypeKind(value: object): PrototypeKind {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Array.prototype || OWN.has(prototype)) return 'own';
  let levels = 0;
  for (let link: unknown = prototype; link !== null; link = Object.getPrototypeOf(link)) levels++;
  return levels <= (ArrayBuffer.isView(value) && !(value instanceof DataView) ? 3 : 2)
    ? 'foreign'
    : 'derived';
}
