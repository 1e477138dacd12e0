import { SerializationError } from './wire-error.js';

/** How a value has to travel: `tree` needs MessagePack only, `graph` needs V8's format. */
export type ValueShape = 'tree' | 'graph';

const MAX_DEPTH = 500;

/** One look at a value: its shape, and the path to what cannot travel. */
class Inspection {
  shape: ValueShape = 'tree';
  private readonly root: string;
  private readonly path: (string | number)[] = [];
  private seen: Set<object> | undefined;
  private first: object | undefined;

  constructor(root: string) {
    this.root = root;
  }

  visit(value: unknown): void {
    switch (typeof value) {
      case 'number':
        if (value === 0 && Object.is(value, -0)) this.shape = 'graph';
        return;
      case 'string':
        if (!value.isWellFormed()) this.shape = 'graph';
        return;
      case 'boolean':
      case 'undefined':
      case 'bigint':
        return;
      case 'function':
        return this.refuse(
          `a function${value.name === '' ? '' : ` (${value.name})`}`,
          'call it before, or make it part of the app',
        );
      case 'symbol':
        return this.refuse(`a symbol (${String(value)})`, 'use a string');
      case 'object':
        if (value !== null) this.visitObject(value);
    }
  }

  private visitObject(value: object): void {
    if (ArrayBuffer.isView(value)) return this.visitBuffer(value.buffer);
    if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return this.visitBuffer(value);
    if (this.isRepeated(value)) return;
    if (this.path.length > MAX_DEPTH)
      this.refuse('nested too deeply', `use at most ${String(MAX_DEPTH)} levels`);
    if (Array.isArray(value)) return this.visitArray(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === null || Object.getPrototypeOf(prototype) === null) return this.visitPlain(value);
    this.visitBuiltIn(value);
  }

  private visitBuffer(buffer: ArrayBufferLike): void {
    if (!(buffer instanceof ArrayBuffer)) {
      this.refuse(
        'shared memory (SharedArrayBuffer)',
        'copy it into an ArrayBuffer: processes share no memory',
      );
    }
  }

  /** A container met twice is shared or cyclic; MessagePack would copy it, or never end. */
  private isRepeated(value: object): boolean {
    if (this.first === undefined) {
      this.first = value;
      return false;
    }
    this.seen ??= new Set([this.first]);
    if (this.seen.has(value)) {
      this.shape = 'graph';
      return true;
    }
    this.seen.add(value);
    return false;
  }

  private visitArray(value: readonly unknown[]): void {
    for (let index = 0; index < value.length; index++) {
      const item = value[index];
      if (typeof item === 'number' && item !== 0) continue;
      if (item === undefined && !(index in value)) this.shape = 'graph';
      this.visitAt(index, item);
    }
  }

  private visitPlain(value: object): void {
    for (const key of Reflect.ownKeys(value)) {
      if (typeof key === 'symbol') {
        return this.refuse(`a property named by a symbol (${String(key)})`, 'use a string');
      }
      if (key === '__proto__') this.shape = 'graph';
      const descriptor = Object.getOwnPropertyDescriptor(value, key);
      if (descriptor?.enumerable === true) this.visitAt(key, Reflect.get(value, key));
    }
  }

  private visitBuiltIn(value: object): void {
    if (value instanceof Date) {
      if (Number.isNaN(value.getTime())) this.shape = 'graph';
      return;
    }
    if (value instanceof RegExp) return;
    if (value instanceof Set) return this.visitItems(value);
    if (value instanceof Map) {
      this.shape = 'graph';
      this.visitItems(value.keys());
      for (const [key, item] of value) this.visitAt(`get(${String(key)})`, item);
      return;
    }
    if (value instanceof Error) {
      this.shape = 'graph';
      if (value.cause !== undefined) {
        this.refuse('an error with a cause', 'take what is needed of it into a plain object');
      }
      return;
    }
    if (value instanceof Number || value instanceof String || value instanceof Boolean) {
      this.shape = 'graph';
      return;
    }
    this.refuse(
      `a ${describeInstance(value)}`,
      'pass a plain object with its data, and build it in the function',
    );
  }

  private visitItems(items: Iterable<unknown>): void {
    let index = 0;
    for (const item of items) this.visitAt(index++, item);
  }

  private visitAt(key: string | number, value: unknown): void {
    this.path.push(key);
    this.visit(value);
    this.path.pop();
  }

  private refuse(what: string, remedy: string): void {
    let path = this.root;
    for (const key of this.path) {
      path +=
        typeof key === 'number'
          ? `[${String(key)}]`
          : /^[A-Za-z_$][\w$]*$/.test(key)
            ? `.${key}`
            : `['${key}']`;
    }
    throw new SerializationError(path, `${path} cannot travel to another process: it is ${what}; ${remedy}`);
  }
}

function describeInstance(value: object): string {
  if (typeof Reflect.get(value, 'then') === 'function') return 'promise nested where it is not awaited';
  const constructor: unknown = Reflect.get(value, 'constructor');
  const name = typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'class';
  return `${name} instance`;
}

/**
 * Checks that `value` survives the way to another process, and tells how it has to travel.
 *
 * Plain objects, arrays, primitives but symbols, `Date`, `RegExp`, `Map`, `Set`, `ArrayBuffer`, typed arrays, `Buffer`
 * and errors without a cause travel; functions, symbols and instances of classes do not.
 *
 * @param root How the message calls the value, such as `args` or `the result`.
 * @throws SerializationError that names the path to what cannot travel.
 */
export function inspectValue(value: unknown, root: string): ValueShape {
  const inspection = new Inspection(root);
  inspection.visit(value);
  return inspection.shape;
}
