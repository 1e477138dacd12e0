import {
  bareErrorData,
  bounded,
  errorData,
  isFieldName,
  MAX_ERROR_DEPTH,
  MAX_ERRORS,
  type ErrorData,
} from './error-data.js';
import {
  AppTimeoutError,
  ManagerLost,
  ThrownValueError,
  WalltimeTooShortError,
  WorkerLost,
} from './task-error.js';
import { decodeValue, encodeValue, type EncodedValue } from './value-codec.js';
import { DeserializationError, SerializationError } from './wire-error.js';

/**
 * Encodes whatever a function threw: name, message, stack, own fields, causes, aggregated errors. Never throws: what
 * cannot travel is left out or described. Takes at most 128 errors in 16 levels, and 64 Ki of a message or a stack.
 */
export function encodeError(thrown: unknown): EncodedValue {
  for (const withFields of [true, false]) {
    try {
      return encodeValue(errorData(thrown, withFields), 'the error');
    } catch {
      // Fields that fit one by one may be too deep or too large together.
    }
  }
  return encodeValue(bareErrorData(thrown), 'the error');
}

/**
 * Reads what {@link encodeError} wrote. Built-in errors and those of this package come back as instances of their
 * classes, any other as an `Error` with its name.
 *
 * @param mapStack Rewrites stacks, so that they name the user's source.
 * @throws DeserializationError when the bytes are not an error.
 */
export function decodeError(codec: number, bytes: Uint8Array, mapStack?: (stack: string) => string): Error {
  return new ErrorReader(mapStack).read(decodeValue(codec, bytes), 0);
}

class ErrorReader {
  private readonly mapStack: ((stack: string) => string) | undefined;
  private count = 0;

  constructor(mapStack: ((stack: string) => string) | undefined) {
    this.mapStack = mapStack;
  }

  read(data: unknown, depth: number): Error {
    if (!isErrorData(data)) throw new DeserializationError('the payload is not an error');
    // V8's format can hold cycles and one error many times.
    if (++this.count > MAX_ERRORS || depth > MAX_ERROR_DEPTH) {
      throw new DeserializationError('the payload is an error with too many others in it');
    }
    const error = this.create(data, depth);
    const cause = this.cause(data.cause, depth);
    if (cause !== undefined) define(error, 'cause', cause.value);
    if (data.stack !== undefined) {
      const stack = bounded(data.stack);
      define(error, 'stack', this.mapStack === undefined ? stack : this.mapStack(stack));
    }
    if (error.name !== data.name) define(error, 'name', bounded(data.name));
    define(error, 'message', bounded(data.message));
    for (const [key, value] of Object.entries(data.fields)) {
      if (isFieldName(key)) define(error, key, value, true);
    }
    return error;
  }

  private cause(cause: ErrorData['cause'], depth: number): { readonly value: unknown } | undefined {
    if (cause === undefined) return undefined;
    return 'value' in cause ? cause : { value: this.read(cause, depth + 1) };
  }

  /** Only the class is taken from here: message and fields are set from the data afterwards. */
  private create(data: ErrorData, depth: number): Error {
    if (data.errors !== undefined) {
      return new AggregateError(data.errors.map((item) => this.read(item, depth + 1)));
    }
    const make = CLASSES.get(data.name);
    const error = make?.();
    // A user's class may have the name of one of ours.
    if (error === undefined || ('code' in error && error.code !== data.fields['code'])) return new Error();
    return error;
  }
}

const NO_PLACE = { host: '', worker: '' };

const CLASSES: ReadonlyMap<string, () => Error> = new Map<string, () => Error>([
  ['EvalError', () => new EvalError()],
  ['RangeError', () => new RangeError()],
  ['ReferenceError', () => new ReferenceError()],
  ['SyntaxError', () => new SyntaxError()],
  ['TypeError', () => new TypeError()],
  ['URIError', () => new URIError()],
  ['WorkerLost', () => new WorkerLost(NO_PLACE, { exitCode: null, signal: null })],
  ['ManagerLost', () => new ManagerLost({ id: '', host: '', blockId: '' }, '')],
  ['AppTimeoutError', () => new AppTimeoutError(0)],
  ['WalltimeTooShortError', () => new WalltimeTooShortError(0, 0)],
  ['ThrownValueError', () => new ThrownValueError(undefined, '')],
  ['SerializationError', () => new SerializationError('', '')],
  ['DeserializationError', () => new DeserializationError('')],
]);

function define(error: Error, key: string, value: unknown, enumerable = false): void {
  Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
}

/** Whether it is an error's data, the errors inside not looked at. */
function isErrorData(value: unknown): value is ErrorData {
  if (typeof value !== 'object' || value === null) return false;
  const field = (key: keyof ErrorData): unknown => Reflect.get(value, key);
  const fields = field('fields');
  return (
    typeof field('name') === 'string' &&
    typeof field('message') === 'string' &&
    isOptional(field('stack'), (stack) => typeof stack === 'string') &&
    typeof fields === 'object' &&
    fields !== null &&
    Object.getPrototypeOf(fields) === Object.prototype &&
    isOptional(field('cause'), (cause) => typeof cause === 'object' && cause !== null) &&
    isOptional(field('errors'), Array.isArray)
  );
}

function isOptional(value: unknown, test: (value: unknown) => boolean): boolean {
  return value === undefined || test(value);
}
