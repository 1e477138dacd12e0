import fc from 'fast-check';
import vm from 'node:vm';
import { serialize } from 'node:v8';
import { describe, expect, test } from 'vitest';

import { decodeError, encodeError } from './error-codec.js';
import {
  AppTimeoutError,
  ManagerLost,
  ThrownValueError,
  WalltimeTooShortError,
  WorkerLost,
} from './task-error.js';
import { arbitraryValue } from './testing/arbitrary-values.js';
import { fuzzRuns, fuzzTimeoutMs } from './testing/fuzz-runs.js';
import { Codec, encodeValue } from './value-codec.js';
import { DeserializationError, SerializationError } from './wire-error.js';

const RUNS = fuzzRuns(300);

function roundTrip(thrown: unknown, mapStack?: (stack: string) => string): Error {
  const { codec, bytes } = encodeError(thrown);
  return decodeError(codec, bytes, mapStack);
}

function field(error: unknown, key: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, key) : undefined;
}

/** Its own enumerable fields. */
function fields(error: Error): unknown {
  return Object.fromEntries(Object.entries(error));
}

describe('an error keeps', () => {
  test('name, message, stack and fields', () => {
    const error = Object.assign(new RangeError('too far'), { code: 'EFAR', at: { x: 1, when: new Date(0) } });
    const back = roundTrip(error);
    expect(back).toBeInstanceOf(RangeError);
    expect(back.message).toBe('too far');
    expect(back.stack).toBe(error.stack);
    expect(fields(back)).toEqual({ code: 'EFAR', at: { x: 1, when: new Date(0) } });
  });

  test('the name of a class that is not known here', () => {
    class PhysicsError extends Error {
      override readonly name = 'PhysicsError';
    }
    const back = roundTrip(new PhysicsError('boom'));
    expect(Object.getPrototypeOf(back)).toBe(Error.prototype);
    expect(back.name).toBe('PhysicsError');
    expect(Object.keys(back)).toEqual([]);
  });

  test('its chain of causes, values among them', () => {
    const error = new Error('a', { cause: new TypeError('b', { cause: { reason: -0 } }) });
    const back = roundTrip(error);
    expect(back.cause).toBeInstanceOf(TypeError);
    expect(field(back.cause, 'cause')).toEqual({ reason: -0 });
    expect(Object.keys(back)).toEqual([]);
    expect(roundTrip(new Error('a', { cause: null })).cause).toBeNull();
  });

  test('the errors of an AggregateError, whatever they are', () => {
    const back = roundTrip(new AggregateError([new SyntaxError('a'), 'b'], 'both'));
    expect(back).toBeInstanceOf(AggregateError);
    expect(back.message).toBe('both');
    const [first, second] = field(back, 'errors') as Error[];
    expect(first).toBeInstanceOf(SyntaxError);
    expect(second).toBeInstanceOf(ThrownValueError);
    expect(field(second, 'value')).toBe('b');
  });

  test('its code when its other fields cannot travel', () => {
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('boo');
        },
      },
    );
    const back = roundTrip(hostile);
    expect(back).toBeInstanceOf(ThrownValueError);
    expect(back).toHaveProperty('code', 'PARSL_THROWN_VALUE');
    const large = { rows: Array.from({ length: 498 }).reduce((inner) => [inner], [1]) };
    expect(roundTrip(Object.assign(new RangeError('far'), { code: 'EFAR', ...large }))).toHaveProperty(
      'code',
      'EFAR',
    );
  });

  test('its stack as the caller maps it', () => {
    expect(roundTrip(new Error('a', { cause: new Error('b') }), () => 'mapped').stack).toBe('mapped');
  });

  test.each([
    new WorkerLost(
      { host: 'n1', worker: 'm/0' },
      { exitCode: null, signal: 'SIGKILL', outOfMemory: 'host' },
      'out of memory',
    ),
    new WalltimeTooShortError(5000, 4000),
    new ManagerLost({ id: 'm', host: 'n1', blockId: '0' }, 'silent for 120 s'),
    new ManagerLost(
      { id: 'm', host: 'n1', blockId: '0', logFile: '/log' },
      'gone',
      { jobId: '7', state: 'failed', signal: 'SIGKILL' },
      { cause: new Error('what it wrote') },
    ),
    new AppTimeoutError(500),
    new ThrownValueError({ a: 1 }, '{ a: 1 }'),
    new SerializationError('args[0]', 'args[0] cannot travel'),
    new DeserializationError('the payload cannot be read'),
  ])('the class of this package: $name', (error) => {
    const back = roundTrip(error);
    expect(back.constructor).toBe(error.constructor);
    expect(back.message).toBe(error.message);
    expect(fields(back)).toEqual(fields(error));
    expect(back.name).toBe(error.name);
  });
});

describe('nothing thrown is too odd', () => {
  test('a code or a name of ours alone makes no error of ours', () => {
    expect(roundTrip(Object.assign(new Error('a'), { code: 'PARSL_WORKER_LOST' }))).not.toBeInstanceOf(
      WorkerLost,
    );
    class WorkerLostToo extends Error {
      override readonly name = 'WorkerLost';
    }
    expect(roundTrip(new WorkerLostToo('a'))).not.toBeInstanceOf(WorkerLost);
  });

  test('fields that cannot travel come as text', () => {
    const back = roundTrip(Object.assign(new Error('a'), { socket: new URL('http://h/'), retry: () => 1 }));
    expect(field(back, 'socket')).toContain('http://h/');
    expect(field(back, 'retry')).toContain('Function');
  });

  test('fields named as what changes prototypes are left out', () => {
    const error = Object.assign(new Error('a'), { code: 'X' });
    Object.defineProperty(error, '__proto__', { value: { polluted: 1 }, enumerable: true });
    Object.defineProperty(error, 'constructor', { value: 'x', enumerable: true });
    const back = roundTrip(error);
    expect(Object.getPrototypeOf(back)).toBe(Error.prototype);
    expect(back.constructor).toBe(Error);
    expect(fields(back)).toEqual({ code: 'X' });
  });

  test('getters that throw', () => {
    const error = new Error('kept');
    for (const key of ['stack', 'cause', 'name', 'field']) {
      Object.defineProperty(error, key, {
        enumerable: true,
        get: () => {
          throw new Error('no');
        },
      });
    }
    const back = roundTrip(error);
    expect(back.message).toBe('kept');
    expect(back.name).toBe('Error');
  });

  test('causes in a circle end', () => {
    const error = new Error('a');
    error.cause = new Error('b', { cause: error });
    const back = roundTrip(error);
    expect(field(back.cause, 'message')).toBe('b');
    expect(field(back.cause, 'cause')).toBeUndefined();
  });

  test('errors that contain each other a hundred times over take no time', () => {
    let error: Error = new Error('leaf');
    for (let level = 0; level < 20; level++)
      error = new AggregateError(Array(10).fill(error), `level ${level}`);
    expect(encodeError(error).bytes.length).toBeLessThan(1_000_000);
    expect(roundTrip(error)).toBeInstanceOf(AggregateError);
  });

  test('a message of 100 MB is clipped', () => {
    const back = roundTrip(new Error('x'.repeat(100_000_000)));
    expect(back.message.length).toBeLessThan(70_000);
    expect(back.message).toMatch(/^xxx.* 99934464 characters .*xxx$/);
  });

  test('fields that are too deep together with the rest are left out', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 500; level++) deep = [deep];
    const back = roundTrip(Object.assign(new Error('a', { cause: new Error('b') }), { deep }));
    expect(back.message).toBe('a');
    expect(field(back.cause, 'message')).toBe('b');
  });

  test('an AbortError of an AbortSignal', () => {
    const back = roundTrip(AbortSignal.abort().reason);
    expect(back.name).toBe('AbortError');
    expect(back.message).toContain('abort');
  });

  test('errors of another realm', () => {
    expect(roundTrip(vm.runInNewContext('new TypeError("far")'))).toBeInstanceOf(TypeError);
  });

  test.each([
    undefined,
    null,
    0,
    'text',
    Symbol('s'),
    () => 1,
    { a: 1 },
    Object.create(null),
    Proxy.revocable({}, {}).proxy,
  ])('a thrown value: %#', (thrown) => {
    const back = roundTrip(thrown);
    expect(back).toBeInstanceOf(ThrownValueError);
    expect(field(back, 'code')).toBe('PARSL_THROWN_VALUE');
  });

  test('a revoked proxy of an error', () => {
    const { proxy, revoke } = Proxy.revocable(new Error('a'), {});
    revoke();
    expect(roundTrip(proxy)).toBeInstanceOf(Error);
    expect(roundTrip(Object.assign(new Error('b'), { proxy })).message).toBe('b');
  });

  test(
    'any value can be thrown, and be a field or a cause',
    () => {
      fc.assert(
        fc.property(arbitraryValue, fc.string(), (value, key) => {
          expect(field(roundTrip(value), 'value')).toEqual(value);
          const error = new Error('a', { cause: value });
          Object.defineProperty(error, key, { value, enumerable: true, configurable: true });
          expect(roundTrip(error)).toBeInstanceOf(Error);
        }),
        { numRuns: RUNS },
      );
    },
    fuzzTimeoutMs(RUNS),
  );
});

describe('decoding refuses', () => {
  const data = {
    name: 'Error',
    message: '',
    stack: undefined,
    fields: {},
    cause: undefined,
    errors: undefined,
  };

  test.each([
    ['no object', 5],
    ['no name', { ...data, name: 1 }],
    ['a stack that is no text', { ...data, stack: 5 }],
    ['fields that are an array', { ...data, fields: [] }],
    ['a cause that is no error', { ...data, cause: { name: 'x' } }],
    ['errors that are none', { ...data, errors: [1] }],
  ])('%s', (_, value) => {
    const { codec, bytes } = encodeValue(value, 'x');
    expect(() => decodeError(codec, bytes)).toThrow(DeserializationError);
  });

  test('cycles and endless repetition, which V8 can write', () => {
    const cyclic: Record<string, unknown> = { ...data };
    cyclic['cause'] = cyclic;
    expect(() => decodeError(Codec.v8, serialize(cyclic))).toThrow(DeserializationError);
    let many: unknown = data;
    for (let level = 0; level < 15; level++) many = { ...data, errors: Array(10).fill(many) };
    expect(() => decodeError(Codec.v8, serialize(many))).toThrow('too many others');
  });

  test('to hand on megabytes of text, which the caller would have to rewrite', () => {
    const long = 'x'.repeat(5_000_000);
    let mapped = 0;
    const error = decodeError(
      Codec.v8,
      serialize({ ...data, name: long, message: long, stack: long }),
      (stack) => ((mapped = stack.length), stack),
    );
    expect(mapped).toBeLessThan(70_000);
    expect(error.message).toMatch(/^x+ … 4934464 characters … x+$/);
    expect(error.name.length).toBeLessThan(70_000);
  });

  test('nothing of fields that only look dangerous: they become own properties', () => {
    const fields: object = JSON.parse('{"__proto__":{"polluted":1},"toString":"x","polluted2":1}') as object;
    const error = decodeError(Codec.v8, serialize({ ...data, fields }));
    expect(Object.getPrototypeOf(error)).toBe(Error.prototype);
    expect(Object.hasOwn(error, 'toString')).toBe(true);
    expect('polluted2' in {}).toBe(false);
  });
});
