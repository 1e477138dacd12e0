import { isDeepStrictEqual } from 'node:util';
import { serialize } from 'node:v8';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { LIMITS } from './protocol.js';
import { arbitraryGraph, arbitraryValue } from './testing/arbitrary-values.js';
import { fuzzRuns, fuzzTimeoutMs } from './testing/fuzz-runs.js';
import { Codec, decodeValue, encodeValue, packControl, unpackControl } from './value-codec.js';
import { DeserializationError, ProtocolError, SerializationError } from './wire-error.js';

const RUNS = fuzzRuns(400);

/** There and back, the bytes being a part of a batch, at no particular alignment. */
function roundTrip(value: unknown): unknown {
  const { codec, bytes } = encodeValue(value, 'value');
  const batch = Buffer.concat([Buffer.alloc(5, 0xaa), bytes, Buffer.alloc(3, 0xaa)]);
  return decodeValue(codec, batch.subarray(5, 5 + bytes.length));
}

function codecOf(value: unknown): Codec {
  return encodeValue(value, 'value').codec;
}

function expectSame(value: unknown): void {
  const back = roundTrip(value);
  if (!isDeepStrictEqual(back, value)) expect(back).toStrictEqual(value);
}

function hole(): unknown[] {
  const array: unknown[] = [];
  array[1] = 1;
  return array;
}

describe('round trips', () => {
  test(
    'any value comes back as it was',
    () => {
      fc.assert(fc.property(arbitraryValue, expectSame), { numRuns: RUNS });
    },
    fuzzTimeoutMs(RUNS),
  );

  test(
    'any graph comes back with its cycles and shared objects',
    () => {
      fc.assert(fc.property(arbitraryGraph, expectSame), { numRuns: RUNS });
    },
    fuzzTimeoutMs(RUNS),
  );

  test.each([
    ['no arguments', []],
    ['undefined arguments', [undefined, null, { a: undefined }]],
    ['numbers at the edges', [0, NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 31), 2 ** 32, 1.5]],
    ['large bigints', [2n ** 63n, 2n ** 64n, -(2n ** 63n) - 1n, 2n ** 127n, -(2n ** 5000n), 2n ** 65537n]],
    [
      'dates at the edges',
      [0, -1, 1, 8.64e15, -8.64e15, 4294967295999, 4294967296000].map((ms) => new Date(ms)),
    ],
    ['sets in sets', new Set([new Set([1, new Set([new Date(5)])]), /a/g])],
    ['a long text with a leading BOM', `\uFEFF${'x'.repeat(100)}`],
    ['keys with surrogates and BOM', { '\uD800': 1, '\uFEFFkey': 2 }],
    ['an object with a toJSON field', { toJSON: 'no function', constructor: 'x', hasOwnProperty: 1 }],
    [
      'an object with more keys than msgpackr takes',
      Object.fromEntries(Array.from({ length: 70_000 }, (_, n) => [`k${n}`, n])),
    ],
    ['a large text', 'ä€😀'.repeat(50_000)],
    ['boxed primitives', [Object(1), Object('s'), Object(true)]],
    ['built-in errors', [new Error('a'), new TypeError('b')]],
  ])('%s', (_, value) => expectSame(value));

  test('what is plain travels as MessagePack, what is not as V8 writes it', () => {
    expect(codecOf([1, 'a', { b: [new Date(0), new Set([1]), new Float64Array(2), 3n] }])).toBe(
      Codec.msgpack,
    );
    for (const value of [-0, new Map(), hole(), '\uD800', new Date(NaN), '\uFEFFa', { ['__proto__']: 1 }]) {
      expect(codecOf(value)).toBe(Codec.v8);
    }
    const shared = {};
    expect(codecOf([shared, shared])).toBe(Codec.v8);
  });

  test('-0, holes, an invalid date and an own property named __proto__ survive', () => {
    expect(roundTrip(-0)).toBe(-0);
    expect(0 in (roundTrip(hole()) as unknown[])).toBe(false);
    expect(Number(roundTrip(new Date(NaN)))).toBeNaN();
    const back = roundTrip(JSON.parse('{"__proto__":{"polluted":1}}')) as object;
    expect(Object.keys(back)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
  });

  test('a graph whose paths grow exponentially stays small', () => {
    let value: unknown = [1];
    for (let level = 0; level < 100; level++) value = [value, value];
    expect(encodeValue(value, 'value').bytes.length).toBeLessThan(2000);
  });

  test('an array of 2^32 - 1 holes takes no time', () => {
    const sparse: unknown[] = [];
    sparse[2 ** 32 - 2] = 'last';
    const back = roundTrip(sparse) as unknown[];
    expect(back.length).toBe(2 ** 32 - 1);
    expect(back.at(-1)).toBe('last');
  });
});

describe('binary data', () => {
  test('only the bytes of a view travel', () => {
    const pool = Buffer.from('secret-hello-secret');
    const { bytes } = encodeValue([pool.subarray(7, 12)], 'args');
    expect(bytes.includes('hello')).toBe(true);
    expect(bytes.includes('secret')).toBe(false);
    const { bytes: graph } = encodeValue(new Map([[1, pool.subarray(7, 12)]]), 'args');
    expect(graph.includes('secret')).toBe(false);
  });

  test.each([
    ['a tree', (bytes: Buffer) => [bytes]],
    ['a graph', (bytes: Buffer) => [bytes, -0]],
  ])('a decoded buffer in %s holds on to nothing of the batch it came in', (_, wrap) => {
    const { codec, bytes } = encodeValue(wrap(Buffer.alloc(100, 1)), 'result');
    const batch = Buffer.concat([Buffer.alloc(50_000), bytes]);
    const [back] = decodeValue(codec, batch.subarray(50_000)) as [Buffer];
    expect(back).toBeInstanceOf(Buffer);
    expect(back.equals(Buffer.alloc(100, 1))).toBe(true);
    expect(back.buffer.byteLength).toBeLessThan(1000);
    batch.fill(7);
    expect(back[0]).toBe(1);
  });

  test('a large payload in memory of its own is not copied', () => {
    const { codec, bytes } = encodeValue(Buffer.alloc(LIMITS.detachBytes), 'result');
    const alone = Buffer.from(new Uint8Array(bytes).buffer);
    expect((decodeValue(codec, alone) as Buffer).buffer).toBe(alone.buffer);
  });

  test('typed arrays keep their class, whatever their offset was', () => {
    const odd = new Uint16Array(new ArrayBuffer(10), 2, 3).fill(513);
    expect(roundTrip(odd)).toStrictEqual(Uint16Array.of(513, 513, 513));
    expect(roundTrip(new Uint8ClampedArray([300]))).toStrictEqual(new Uint8ClampedArray([255]));
  });
});

describe('encoding refuses', () => {
  test('what shows a function only at the second look', () => {
    let looks = 0;
    const value = [
      {
        get shifty() {
          return looks++ === 0 ? 1 : () => {};
        },
      },
    ];
    expect(() => encodeValue(value, 'args')).toThrow(SerializationError);
  });

  test('what is larger than allowed, and goes on afterwards', () => {
    const large = Buffer.alloc(100_000);
    expect(() => encodeValue([large], 'args', 100_000)).toThrow(/^args .* 100006 bytes of 100000 allowed/);
    expect(encodeValue([large], 'args', 100_006).bytes).toHaveLength(100_006);
    expect(roundTrip([1])).toEqual([1]);
  });
});

describe('decoding refuses', () => {
  const payload =
    (...bytes: number[]) =>
    () =>
      decodeValue(Codec.msgpack, Buffer.from(bytes));

  test.each([
    ['nothing', []],
    ['two values', [1, 2]],
    [
      'a record definition, from which msgpackr would compile a decoder',
      [0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 5],
    ],
    ['a two-byte record definition', [0xd5, 0x72, 0x40, 0, 0x91, 0xa1, 0x61, 5]],
    ['an object with an id', [0xd6, 0x69, 0, 0, 0, 1, 0x91, 0xd6, 0x70, 0, 0, 0, 1]],
    ['an error', [0xd4, 0x65, 0, 0x92, 0xa1, 0x61, 0xa1, 0x61]],
    ['a bundle of strings', [0xd6, 0x62, 0, 0, 0, 1, 1]],
    ['an invalid regular expression', [0xd4, 0x78, 0, 0x92, 0xa1, 0x28, 0xa0]],
    ['a typed array of no known class', [0xc7, 2, 0x74, 99, 0]],
  ])('%s', (_, bytes) => {
    expect(payload(...bytes)).toThrow(DeserializationError);
  });

  test('an unknown codec', () => {
    expect(() => decodeValue(9, Buffer.from([1]))).toThrow('unknown encoding 9');
  });

  test('bytes that V8 did not write', () => {
    expect(() => decodeValue(Codec.v8, Buffer.from('nonsense'))).toThrow(DeserializationError);
    expect(() => decodeValue(Codec.v8, Buffer.alloc(0))).toThrow(DeserializationError);
  });

  test('depth beyond what any value may have', () => {
    const nested = Buffer.concat([Buffer.alloc(1_000_000, 0x91), Buffer.from([1])]);
    expect(() => decodeValue(Codec.msgpack, nested)).toThrow(/levels/);
  });

  test('more values than an array of V8 may have, however small they are', () => {
    const many = Buffer.alloc(5 + 2 ** 27);
    many.set([0xdd, 8, 0, 0, 0]);
    expect(() => decodeValue(Codec.msgpack, many)).toThrow('more than 134217728 values');
  });

  test('records never make msgpackr compile anything', () => {
    const compile = globalThis.Function;
    let compiled = 0;
    globalThis.Function = new Proxy(compile, { construct: () => ((compiled += 1), {}) });
    try {
      const reads = [0x40, 2, 0x40, 3, 0x40, 4, 0x40, 5, 0x40, 6];
      expect(payload(0x96, 0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 1, ...reads)).toThrow(DeserializationError);
    } finally {
      globalThis.Function = compile;
    }
    expect(compiled).toBe(0);
  });

  test('a key named __proto__ changes no prototype', () => {
    const bytes = Buffer.from([0x81, 0xa9, ...Buffer.from('__proto__'), 0x81, 0xa1, 0x78, 1]);
    const back = decodeValue(Codec.msgpack, bytes) as object;
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    expect('x' in back).toBe(false);
  });
});

describe('control messages', () => {
  test('come back', () => {
    const message = { text: 'a', list: [1, 2, 3], flag: true };
    expect(unpackControl(packControl(message))).toEqual(message);
  });

  test.each([
    ['too large', Buffer.alloc(LIMITS.controlBytes + 1)],
    ['too deep', Buffer.concat([Buffer.alloc(20, 0x91), Buffer.from([1])])],
    ['of too many values', packControl(new Array(LIMITS.recordsPerMessage + 2000).fill(1))],
    ['empty', Buffer.alloc(0)],
    ['of V8', serialize({})],
  ])('%s are refused', (_, bytes) => {
    expect(() => unpackControl(bytes)).toThrow(ProtocolError);
  });
});
