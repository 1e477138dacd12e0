import { types } from 'node:util';

import { describeInstance, pathText, prototypeKind, type PathStep } from './value-description.js';
import { SerializationError } from './wire-error.js';

/** How a value has to travel: `tree` needs MessagePack only, `graph` needs V8's format. */
export type ValueShape = 'tree' | 'graph';

/** Containers inside each other, at most. */
export const MAX_DEPTH = 500;

/** msgpackr writes no larger object than this. */
const MAX_KEYS = 0xffff;

/** So many objects are searched one by one, which is faster than a set for the usual few. */
const FEW = 8;

/** One look at a value: its shape, and the path to what cannot travel. */
class Inspection {
  shape: ValueShape = 'tree';
  private readonly root: string;
  /** Where the current value stands; only the first `depth` steps count. */
  private readonly path: PathStep[] = [];
  private depth = 0;
  private readonly first: object[] = [];
  private others: Set<object> | undefined;

  constructor(root: string) {
    this.root = root;
  }

  visit(value: unknown): void {
    switch (typeof value) {
      case 'number':
        if (value === 0 && Object.is(value, -0)) this.shape = 'graph';
        return;
      case 'string':
        if (!isPortableText(value)) this.shape = 'graph';
        return;
      case 'boolean':
      case 'undefined':
      case 'bigint':
        return;
      case 'function':
        return this.refuse(
          `a function${value.name === '' ? '' : ` (${value.name})`}`,
          'send what it computes; an app may call any function that its module can see',
        );
      case 'symbol':
        return this.refuse(`a symbol (${String(value)})`, 'use a string');
      case 'object':
        if (value !== null) this.visitObject(value);
    }
  }

  private visitObject(value: object): void {
    // Met twice, it is shared or cyclic: MessagePack would copy it, or never end.
    if (this.isRepeated(value)) {
      this.shape = 'graph';
      return;
    }
    if (this.depth > MAX_DEPTH) this.refuse('nested too deeply', `use at most ${MAX_DEPTH} levels`);
    if (Array.isArray(value)) return this.visitArray(value);
    if (isPlain(value)) return this.visitPlain(value);
    this.visitBuiltIn(value);
  }

  private isRepeated(value: object): boolean {
    if (this.others !== undefined) return this.others.size === this.others.add(value).size;
    if (this.first.includes(value)) return true;
    if (this.first.push(value) > FEW) this.others = new Set(this.first);
    return false;
  }

  private visitArray(value: readonly unknown[]): void {
    if (prototypeKind(value) === 'derived') return this.refuseInstance(value);
    for (let index = 0; index < value.length; index++) {
      const item = value[index];
      if (typeof item === 'number' && (item !== 0 || !Object.is(item, -0))) continue;
      if (item === undefined && !(index in value)) return this.visitSparse(value, index);
      if (typeof item === 'object' || typeof item === 'function' || typeof item === 'symbol') {
        this.visitAt(index, item);
      } else {
        this.visit(item);
      }
    }
  }

  /** An array with holes may be far longer than what it holds. */
  private visitSparse(value: readonly unknown[], from: number): void {
    this.shape = 'graph';
    for (const key of Object.keys(value)) {
      const index = Number(key);
      if (Number.isInteger(index) && index >= from) this.visitAt(index, value[index]);
    }
  }

  private visitPlain(value: Readonly<Record<string, unknown>>): void {
    const symbol = Object.getOwnPropertySymbols(value)[0];
    if (symbol !== undefined) {
      return this.refuse(`an object with a property named by a symbol (${String(symbol)})`, 'use a string');
    }
    const keys = Object.keys(value);
    if (keys.length > MAX_KEYS) this.shape = 'graph';
    for (const key of keys) {
      // msgpackr renames the first and calls the second.
      if (key === '__proto__' || key === 'toJSON' || !isPortableText(key)) this.shape = 'graph';
      // The step comes first: a getter may throw.
      this.path[this.depth++] = key;
      this.visit(value[key]);
      this.depth--;
    }
  }

  private visitBuiltIn(value: object): void {
    const kind = prototypeKind(value);
    if (kind === 'derived') return this.refuseInstance(value);
    // Of another realm (`node:vm`): msgpackr does not know it for what it is.
    if (kind === 'foreign') this.shape = 'graph';
    if (ArrayBuffer.isView(value)) return this.visitBuffer(value.buffer);
    if (types.isAnyArrayBuffer(value)) return this.visitBuffer(value);
    if (types.isDate(value)) {
      if (Number.isNaN(Number(value))) this.shape = 'graph';
    } else if (types.isSet(value)) {
      this.visitSet(value);
    } else if (types.isMap(value)) {
      this.visitMap(value);
    } else if (types.isNativeError(value)) {
      this.visitError(value);
    } else if (types.isBoxedPrimitive(value) && !types.isSymbolObject(value)) {
      this.shape = 'graph';
    } else if (!types.isRegExp(value)) {
      this.refuseInstance(value);
    }
  }

  private visitBuffer(buffer: ArrayBufferLike): void {
    if (types.isSharedArrayBuffer(buffer)) {
      this.refuse(
        'shared memory (SharedArrayBuffer)',
        'copy it into an ArrayBuffer: processes share no memory',
      );
    }
  }

  private visitSet(value: ReadonlySet<unknown>): void {
    let index = 0;
    for (const item of value) this.visitAt({ text: `.values()[${index++}]` }, item);
  }

  private visitMap(value: ReadonlyMap<unknown, unknown>): void {
    this.shape = 'graph';
    let index = 0;
    for (const [key, item] of value) {
      this.visitAt({ text: `.keys()[${index}]` }, key);
      this.visitAt(
        { text: typeof key === 'string' ? `.get(${JSON.stringify(key)})` : `.values()[${index}]` },
        item,
      );
      index++;
    }
  }

  /** V8's format keeps name, message and stack of an error, and drops the rest without a word. */
  private visitError(error: Error): void {
    this.shape = 'graph';
    const lost = new Set(Object.keys(error));
    if (Object.hasOwn(error, 'cause')) lost.add('cause');
    lost.delete('message');
    lost.delete('stack');
    if (lost.size > 0) {
      this.refuse(
        `an error with more than a message (${[...lost].join(', ')})`,
        'take what is needed of it into a plain object',
      );
    }
  }

  private visitAt(step: PathStep, value: unknown): void {
    this.path[this.depth++] = step;
    this.visit(value);
    this.depth--;
  }

  private refuseInstance(value: object): never {
    const { what, remedy } = describeInstance(value);
    return this.refuse(what, remedy);
  }

  refuse(what: string, remedy: string, cause?: unknown): never {
    const path = pathText(this.root, this.path.slice(0, this.depth));
    throw new SerializationError(
      path,
      `${path} cannot travel to another process: it is ${what}; ${remedy}`,
      cause === undefined ? {} : { cause },
    );
  }
}

/** UTF-8 has no lone surrogates, and a decoder of it may take a leading BOM for a mark. */
function isPortableText(text: string): boolean {
  return text.isWellFormed() && text.charCodeAt(0) !== 0xfeff;
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  // `Object.prototype` of another realm.
  return (
    typeof prototype === 'object' &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, 'isPrototypeOf')
  );
}

/**
 * Checks that `value` survives the way to another process, and tells how it has to travel.
 *
 * Plain objects, arrays, primitives but symbols, `Date`, `RegExp`, `Map`, `Set`, `ArrayBuffer`, typed arrays, `Buffer`
 * and built-in errors with nothing but a message travel; functions, symbols and instances of classes do not.
 *
 * @param root How the message calls the value, such as `args` or `the result`.
 * @throws SerializationError that names the path to what cannot travel.
 */
export function inspectValue(value: unknown, root: string): ValueShape {
  const inspection = new Inspection(root);
  try {
    inspection.visit(value);
  } catch (error) {
    if (error instanceof SerializationError) throw error;
    // A getter or the trap of a proxy.
    const message = error instanceof Error ? error.message : '';
    inspection.refuse(`something that cannot be read (${message})`, 'pass plain data', error);
  }
  return inspection.shape;
}
