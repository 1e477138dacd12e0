import { inspect } from 'node:util';

import { inspectValue } from './encodable.js';
import { AppTimeoutError, ManagerLost, ThrownValueError, WorkerLost } from './task-error.js';
import { decodeValue, encodeValue, type EncodedValue } from './value-codec.js';
import { DeserializationError, SerializationError } from './wire-error.js';

/** An error as plain data. */
interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Own enumerable fields that can travel; the others as text. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly cause: ErrorData | { readonly value: unknown } | undefined;
  /** The errors of an `AggregateError`. */
  readonly errors: readonly ErrorData[] | undefined;
}

const MAX_CAUSES = 16;
const RESERVED = new Set([
  'name',
  'message',
  'stack',
  'cause',
  'errors',
  '__proto__',
  'constructor',
  'prototype',
]);

/** Encodes whatever a function threw: name, message, stack, own fields, causes. Never throws. */
export function encodeError(thrown: unknown): EncodedValue {
  const error = thrown instanceof Error ? thrown : new ThrownValueError(portable(thrown), shown(thrown));
  return encodeValue(toData(error, 0), 'the error');
}

/**
 * Reads what {@link encodeError} wrote. Built-in errors and those of this package come back as instances of their
 * classes, any other as an `Error` with its name.
 *
 * @param mapStack Rewrites stacks, so that they name the user's source.
 * @throws DeserializationError when the bytes are not an error.
 */
export function decodeError(codec: number, bytes: Uint8Array, mapStack?: (stack: string) => string): Error {
  const data = decodeValue(codec, bytes);
  if (!isErrorData(data)) throw new DeserializationError('the payload is not an error');
  return fromData(data, mapStack, 0);
}

function toData(error: Error, depth: number): ErrorData {
  const fields: Record<string, unknown> = {};
  for (const key of Object.keys(error)) {
    if (!RESERVED.has(key)) fields[key] = portable(Reflect.get(error, key));
  }
  return {
    name: textOf(error, 'name', 'Error'),
    message: textOf(error, 'message', ''),
    stack: textOf(error, 'stack', '') || undefined,
    fields,
    cause: causeData(error, depth),
    errors:
      error instanceof AggregateError && depth < MAX_CAUSES
        ? error.errors.map((item: unknown) => toData(asError(item), depth + 1))
        : undefined,
  };
}

function causeData(error: Error, depth: number): ErrorData['cause'] {
  if (error.cause === undefined || depth >= MAX_CAUSES) return undefined;
  return error.cause instanceof Error ? toData(error.cause, depth + 1) : { value: portable(error.cause) };
}

function fromData(data: ErrorData, mapStack: ((stack: string) => string) | undefined, depth: number): Error {
  const error = create(data, mapStack, depth);
  const cause = data.cause;
  if (cause !== undefined && depth < MAX_CAUSES) {
    const value = isErrorData(cause) ? fromData(cause, mapStack, depth + 1) : Reflect.get(cause, 'value');
    Object.defineProperty(error, 'cause', { value, configurable: true, writable: true });
  }
  if (data.stack !== undefined) {
    const stack = mapStack === undefined ? data.stack : mapStack(data.stack);
    Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  }
  if (error.name !== data.name) {
    Object.defineProperty(error, 'name', { value: data.name, configurable: true, writable: true });
  }
  error.message = data.message;
  for (const [key, value] of Object.entries(data.fields)) {
    if (!RESERVED.has(key)) Reflect.set(error, key, value);
  }
  return error;
}

/** Only the class is taken from here: message and fields are set from the data afterwards. */
function create(data: ErrorData, mapStack: ((stack: string) => string) | undefined, depth: number): Error {
  if (data.errors !== undefined && depth < MAX_CAUSES) {
    return new AggregateError(data.errors.map((item) => fromData(item, mapStack, depth + 1)));
  }
  const noPlace = { host: '', worker: '' };
  switch (data.fields['code']) {
    case 'PARSL_WORKER_LOST':
      return new WorkerLost(noPlace, { exitCode: null, signal: null });
    case 'PARSL_MANAGER_LOST':
      return new ManagerLost({ id: '', host: '', blockId: '' }, '');
    case 'PARSL_APP_TIMEOUT':
      return new AppTimeoutError(0);
    case 'PARSL_THROWN_VALUE':
      return new ThrownValueError(undefined, '');
    case 'PARSL_SERIALIZATION':
      return new SerializationError('', '');
    case 'PARSL_DESERIALIZATION':
      return new DeserializationError('');
  }
  const BuiltIn = BUILT_INS.get(data.name);
  return BuiltIn === undefined ? new Error() : new BuiltIn();
}

const BUILT_INS: ReadonlyMap<string, new () => Error> = new Map<string, new () => Error>([
  ['EvalError', EvalError],
  ['RangeError', RangeError],
  ['ReferenceError', ReferenceError],
  ['SyntaxError', SyntaxError],
  ['TypeError', TypeError],
  ['URIError', URIError],
]);

function isErrorData(value: unknown): value is ErrorData {
  if (typeof value !== 'object' || value === null) return false;
  const fields: unknown = Reflect.get(value, 'fields');
  const errors: unknown = Reflect.get(value, 'errors');
  const stack: unknown = Reflect.get(value, 'stack');
  const cause: unknown = Reflect.get(value, 'cause');
  return (
    typeof Reflect.get(value, 'name') === 'string' &&
    typeof Reflect.get(value, 'message') === 'string' &&
    (stack === undefined || typeof stack === 'string') &&
    typeof fields === 'object' &&
    fields !== null &&
    (cause === undefined || (typeof cause === 'object' && cause !== null)) &&
    (errors === undefined || (Array.isArray(errors) && errors.every(isErrorData)))
  );
}

function asError(value: unknown): Error {
  return value instanceof Error ? value : new ThrownValueError(portable(value), shown(value));
}

/** The value if it can travel, else its description. */
function portable(value: unknown): unknown {
  try {
    inspectValue(value, 'value');
    return value;
  } catch {
    return shown(value);
  }
}

function shown(value: unknown): string {
  try {
    return inspect(value, { depth: 2, breakLength: Infinity, maxStringLength: 1000 });
  } catch {
    return 'a value that cannot be shown';
  }
}

/** A field of an error may be a getter that throws, or not a string. */
function textOf(error: Error, key: 'name' | 'message' | 'stack', otherwise: string): string {
  try {
    const value: unknown = error[key];
    return typeof value === 'string' ? value : otherwise;
  } catch {
    return otherwise;
  }
}
