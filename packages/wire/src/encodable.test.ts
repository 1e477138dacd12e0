import vm from 'node:vm';

import { describe, expect, test } from 'vitest';

import { inspectValue, MAX_DEPTH } from './encodable.js';
import { decodeValue, encodeValue } from './value-codec.js';
import { SerializationError } from './wire-error.js';

function refusal(value: unknown): SerializationError {
  try {
    inspectValue(value, 'args');
  } catch (error) {
    if (error instanceof SerializationError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

/** JavaScript lets anything be thrown. */
const NOTHING: unknown = undefined;

class Point {
  x = 1;
}

function nested(levels: number, wrap: (value: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = wrap(value);
  return value;
}

describe('the error names', () => {
  test.each([
    ['args[0].rows[3].parse', [{ rows: [1, 2, 3, { parse: () => 1 }] }]],
    ['args[1]["a key"]', [0, { 'a key': Symbol('s') }]],
    ['args[0].get("k").deep', [new Map([['k', { deep: new Point() }]])]],
    [
      'args[0].keys()[1]',
      [
        new Map<unknown, unknown>([
          [1, 1],
          [new Point(), 2],
        ]),
      ],
    ],
    ['args[0].values()[0]', [new Map([[Object.create(null), () => 1]])]],
    ['args[0].values()[1]', [new Set([1, new Point()])]],
    [
      'args[0].field',
      [
        {
          get field() {
            throw new Error('boo');
          },
        },
      ],
    ],
    [
      'args[4294967290].f',
      (() => {
        const sparse: unknown[] = [];
        sparse[4294967290] = { f: () => 1 };
        return sparse;
      })(),
    ],
  ])('the path %s', (path, value) => {
    const error = refusal(value);
    expect(error.path).toBe(path);
    expect(error.message).toContain(`${path} cannot travel`);
    expect(error.code).toBe('PARSL_SERIALIZATION');
  });

  test.each([
    ['function (walk)', { walk() {} }],
    ['symbol (Symbol(s))', Symbol('s')],
    ['an instance of Point', new Point()],
    ['an instance of URL', new URL('http://localhost')],
    ['an instance of WeakMap', new WeakMap()],
    ['an instance of Grid', new (class Grid extends Map {})()],
    ['an instance of Row', new (class Row extends Array {})()],
    ['an instance of Bytes', new (class Bytes extends Uint8Array {})(3)],
    ['an instance of Failure', new (class Failure extends Error {})()],
    ['an instance of AggregateError', new AggregateError([])],
    ['an instance of Bare', Object.create(class Bare extends null {}.prototype)],
    ['an instance of Object', Object.create({ inherited: 1 })],
    ['a promise where it is not awaited; await it first', new Map([[1, Promise.resolve()]])],
    ['shared memory', new SharedArrayBuffer(1)],
    ['shared memory', new Float64Array(new SharedArrayBuffer(8))],
    ['a property named by a symbol', { [Symbol('s')]: 1 }],
    ['more than a message (code)', Object.assign(new Error('a'), { code: 1 })],
    ['more than a message (cause)', new Error('a', { cause: 1 })],
    [
      'cannot be read (boo)',
      {
        get a() {
          throw new Error('boo');
        },
      },
    ],
    [
      'cannot be read',
      {
        get a() {
          throw NOTHING;
        },
      },
    ],
    ['cannot be read', revoked()],
  ])('what it is: %s', (what, value) => {
    expect(refusal(value).message).toContain(what);
  });

  test('the limit of depth', () => {
    expect(refusal(nested(MAX_DEPTH + 2, (value) => [value])).message).toContain(
      `at most ${MAX_DEPTH} levels`,
    );
    expect(refusal(nested(1_000_000, (value) => ({ value }))).message.length).toBeLessThan(1000);
  });

  test('what a getter threw as the cause', () => {
    const boo = new Error('boo');
    expect(
      refusal({
        get a() {
          throw boo;
        },
      }).cause,
    ).toBe(boo);
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

test.each([
  ['arrays', (value: unknown) => [value]],
  ['objects', (value: unknown) => ({ value })],
  ['sets', (value: unknown) => new Set([value])],
  ['maps', (value: unknown) => new Map([[value, 1]])],
])('the deepest %s that are allowed travel', (_, wrap) => {
  const value = nested(MAX_DEPTH, wrap);
  const { codec, bytes } = encodeValue(value, 'args');
  expect(decodeValue(codec, bytes)).toEqual(value);
});

test.each([
  '[1, [2], { a: [] }]',
  'Object.create(null)',
  'new Map([[1, { a: 2 }]])',
  'new Set([1])',
  'new Date(5)',
  '/x/g',
  'new Uint8Array([1, 2])',
  'new Float64Array([0.5])',
  'new DataView(new ArrayBuffer(3))',
  'new ArrayBuffer(4)',
  'new Error("x")',
])('%s of another realm travels', (source) => {
  const value: unknown = vm.runInNewContext(source);
  const { codec, bytes } = encodeValue(value, 'args');
  const expected: unknown = vm.runInThisContext(source === 'Object.create(null)' ? '({})' : `(${source})`);
  expect(decodeValue(codec, bytes)).toEqual(expected);
});

test('large arrays of numbers and typed arrays cost little to look at', () => {
  const started = process.cpuUsage();
  inspectValue(new Float64Array(10_000_000), 'args');
  inspectValue(new Array<number>(1_000_000).fill(1.5), 'args');
  const { user } = process.cpuUsage(started);
  expect(user).toBeLessThan(500_000);
});

test('getters are taken for their values', () => {
  expect(
    inspectValue(
      {
        get a() {
          return [1];
        },
      },
      'args',
    ),
  ).toBe('tree');
});
