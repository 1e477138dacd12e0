import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, test } from 'vitest';

import { checkMessagePack } from './msgpack-check.js';
import { arbitraryMutation } from './testing/mutations.js';
import { fuzzRuns, fuzzTimeoutMs } from './testing/fuzz-runs.js';

const packr = new Packr({ useRecords: false, moreTypes: true });
const BOUNDS = { depth: 100, values: 1000, containers: 200 };
const RUNS = fuzzRuns(1000);

const check =
  (...bytes: number[]) =>
  () =>
    checkMessagePack(Buffer.from(bytes), BOUNDS);

describe('lets pass', () => {
  test.each([
    [[]],
    [{}],
    [-200],
    [[1, -1, 200, 70_000, 2 ** 40, 1.5, true, false, null, undefined]],
    [['a'.repeat(31), 'a'.repeat(32), 'a'.repeat(300), 'a'.repeat(70_000)]],
    [[Buffer.alloc(10), Buffer.alloc(300), Buffer.alloc(70_000)]],
    [[new Uint16Array(1), new Uint8Array(300), new Float64Array(9000), new ArrayBuffer(3)]],
    [[2n ** 63n, 2n ** 64n, 2n ** 100n, -(2n ** 500n), 2n ** 3000n]],
    [[new Date(0), new Date(1), new Date(-1), new Date(8.64e15)]],
    [[new Set(), new Set([1, new Set([2])]), /a/g]],
    [Array.from({ length: 300 }, (_, n) => n)],
    [Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`key ${n}`, [n]]))],
  ])('what msgpackr writes: %#', (value) => {
    expect(() => checkMessagePack(packr.pack(value), BOUNDS)).not.toThrow();
  });

  test('exactly as many levels and values as allowed', () => {
    expect(check(...Array<number>(100).fill(0x91), 1)).not.toThrow();
    expect(check(...Array<number>(101).fill(0x91), 1)).toThrow('more than 100 levels');
    expect(() => checkMessagePack(packr.pack(Array(999).fill(1)), BOUNDS)).not.toThrow();
    expect(() => checkMessagePack(packr.pack(Array(1000).fill(1)), BOUNDS)).toThrow('more than 1000 values');
    expect(() => checkMessagePack(packr.pack(Array(199).fill({})), BOUNDS)).not.toThrow();
    expect(() => checkMessagePack(packr.pack(Array(200).fill([])), BOUNDS)).toThrow('more than 200 arrays');
  });
});

describe('refuses', () => {
  test.each([
    ['an array of 2^32 - 1', [0xdd, 0xff, 0xff, 0xff, 0xff, 1]],
    ['a map of 2^32 - 1', [0xdf, 0xff, 0xff, 0xff, 0xff, 1]],
    ['a text of 4 GiB', [0xdb, 0xff, 0xff, 0xff, 0xff, 1]],
    ['binary data of 4 GiB', [0xc6, 0xff, 0xff, 0xff, 0xff, 1]],
    ['an extension of 4 GiB', [0xc9, 0xff, 0xff, 0xff, 0xff, 0x74, 1]],
    ['a number cut short', [0xcb, 0, 0]],
    ['a text cut short', [0xa3, 0x61]],
    ['a map without its last value', [0x81, 0xa1, 0x61]],
    ['nothing', []],
  ])('%s as incomplete', (_, bytes) => {
    expect(check(...bytes)).toThrow('the value is incomplete');
  });

  test('what follows the value', () => {
    expect(check(0x91, 1, 2)).toThrow('bytes follow the value');
  });

  test.each([0x01, 0x62, 0x65, 0x69, 0x70, 0x72, 0x7f])('extension %i in every form', (type) => {
    const not = `extension ${type} is not allowed`;
    expect(check(0xd4, type, 0, 0x90)).toThrow(not);
    expect(check(0xd5, type, 0, 0)).toThrow(not);
    expect(check(0xd6, type, 0, 0, 0, 0)).toThrow(not);
    expect(check(0xc7, 1, type, 0)).toThrow(not);
    expect(check(0xc8, 0, 1, type, 0)).toThrow(not);
    expect(check(0xc9, 0, 0, 0, 1, type, 0)).toThrow(not);
  });

  test('a set that is no array, an empty extension, the token that is never used', () => {
    expect(check(0xd4, 0x73, 0, 1)).toThrow('marks no array');
    expect(check(0xc7, 0, 0x74)).toThrow('is empty');
    expect(check(0xc1)).toThrow('no token 193');
  });
});

test(
  'what it lets pass, msgpackr reads to its end',
  () => {
    const corpus = [
      packr.pack([1, 'two', { three: [3, undefined, null] }, new Set([4]), 5n]),
      packr.pack({ a: new Float64Array(2), b: new Date(0), c: /x/, d: 'a'.repeat(40), e: -1.5 }),
    ];
    const problems = /end of|not reached|Unknown|record id/i;
    fc.assert(
      fc.property(fc.constantFrom(...corpus), arbitraryMutation, (bytes, mutate) => {
        const mutated = mutate(bytes);
        try {
          checkMessagePack(mutated, BOUNDS);
        } catch {
          return;
        }
        try {
          packr.unpack(mutated);
        } catch (error) {
          expect(String(error)).not.toMatch(problems);
        }
      }),
      { numRuns: RUNS },
    );
  },
  fuzzTimeoutMs(RUNS),
);
