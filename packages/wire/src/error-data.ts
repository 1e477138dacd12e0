import { inspect, types } from 'node:util';

import { inspectValue } from './encodable.js';
import { ThrownValueError } from './task-error.js';

/** An error as plain data. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Own enumerable fields that can travel; the others as text. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly cause: ErrorData | { readonly value: unknown } | undefined;
  /** The errors of an `AggregateError`. */
  readonly errors: readonly ErrorData[] | undefined;
}

/** Levels of causes and of aggregated errors. */
export const MAX_ERROR_DEPTH = 16;

/** Errors in one, at all levels together. */
export const MAX_ERRORS = 128;

/** Longer messages and stacks lose their middle. In UTF-16 units. */
const MAX_TEXT = 64 * 1024;

/** What is carried otherwise, or not at all, so that nothing sent reaches a prototype. */
const RESERVED: ReadonlySet<string> = new Set([
  'name',
  'message',
  'stack',
  'cause',
  'errors',
  '__proto__',
  'constructor',
  'prototype',
]);

/** Whether an error's field of this name travels among its fields. */
export function isFieldName(key: string): boolean {
  return !RESERVED.has(key);
}

/**
 * What is thrown as plain data. Calls getters and traps of proxies, and bears it when they throw.
 *
 * @param withFields Whether to take own fields, causes' values and thrown values along; without, only a `code`.
 */
export function errorData(thrown: unknown, withFields: boolean): ErrorData {
  return new Collector(withFields).error(thrown, 0);
}

/** Name, message, stack and `code` only. */
export function bareErrorData(thrown: unknown): ErrorData {
  const error = asError(thrown, false);
  return { ...texts(error), fields: codeOf(error), cause: undefined, errors: undefined };
}

class Collector {
  private readonly withFields: boolean;
  /** The errors around the current one: met again, an error is its own cause. */
  private readonly around = new Set<Error>();
  private count = 0;

  constructor(withFields: boolean) {
    this.withFields = withFields;
  }

  error(thrown: unknown, depth: number): ErrorData {
    const error = asError(thrown, this.withFields);
    this.count++;
    this.around.add(error);
    const data = {
      ...texts(error),
      fields: this.withFields ? fieldsOf(error) : codeOf(error),
      cause: this.cause(error, depth),
      errors: this.errors(error, depth),
    };
    this.around.delete(error);
    return data;
  }

  private cause(error: Error, depth: number): ErrorData['cause'] {
    const cause = read(error, 'cause');
    if (cause === undefined) return undefined;
    if (!isError(cause)) return this.withFields ? { value: portable(cause) } : undefined;
    return this.takes(cause, depth) ? this.error(cause, depth + 1) : undefined;
  }

  private errors(error: Error, depth: number): ErrorData['errors'] {
    const errors = error instanceof AggregateError ? read(error, 'errors') : undefined;
    if (!Array.isArray(errors)) return undefined;
    const taken: ErrorData[] = [];
    for (const item of errors) {
      if (this.takes(item, depth)) taken.push(this.error(item, depth + 1));
    }
    return taken;
  }

  private takes(thrown: unknown, depth: number): boolean {
    return (
      depth < MAX_ERROR_DEPTH && this.count < MAX_ERRORS && !(isError(thrown) && this.around.has(thrown))
    );
  }
}

function texts(error: Error): Pick<ErrorData, 'name' | 'message' | 'stack'> {
  return {
    name: textOf(error, 'name') ?? 'Error',
    message: textOf(error, 'message') ?? '',
    stack: textOf(error, 'stack'),
  };
}

function fieldsOf(error: Error): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  try {
    for (const key of Object.keys(error)) {
      if (isFieldName(key)) fields[key] = portable(read(error, key));
    }
  } catch {
    // A proxy may refuse to name its fields. What came before counts.
  }
  return fields;
}

/** What programs match errors by, and what tells the class of one of ours; it always fits. */
function codeOf(error: Error): Record<string, unknown> {
  const code = read(error, 'code');
  return typeof code === 'string' ? { code: clipped(code) } : {};
}

function asError(thrown: unknown, withValue: boolean): Error {
  if (isError(thrown)) return thrown;
  return new ThrownValueError(withValue ? portable(thrown) : undefined, shown(thrown));
}

function isError(value: unknown): value is Error {
  try {
    return types.isNativeError(value) || value instanceof Error;
  } catch {
    return false;
  }
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
    return clipped(inspect(value, { depth: 2, breakLength: Infinity, maxStringLength: 1000 }));
  } catch {
    return 'a value that cannot be shown';
  }
}

function textOf(error: Error, key: 'name' | 'message' | 'stack'): string | undefined {
  const value = read(error, key);
  return typeof value === 'string' ? clipped(value) : undefined;
}

function read(error: Error, key: string): unknown {
  try {
    return Reflect.get(error, key);
  } catch {
    return undefined;
  }
}

/** What another process may have sent although {@link errorData} does not: whoever rewrites it must not take for ever. */
export function bounded(text: string): string {
  return text.length <= 2 * MAX_TEXT ? text : clipped(text);
}

function clipped(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  const half = MAX_TEXT / 2;
  return `${text.slice(0, half)} … ${text.length - MAX_TEXT} characters … ${text.slice(-half)}`;
}
