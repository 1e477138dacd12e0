import { expect, test } from 'vitest';

import { LIMITS } from './protocol.js';
import { attachPayload } from './record.js';
import { NO_FUNCTION, RESULT_HEAD_BYTES, resultField, ResultStatus, writeResult } from './result-record.js';
import { Codec } from './value-codec.js';

const payload = (size: number) => ({ codec: Codec.v8, bytes: Buffer.alloc(size, 5) });

test('the layout is the one of its table', () => {
  const [bytes] = attachPayload(writeResult(9, ResultStatus.failed, 1234, payload(2), true, 7));
  const head = Buffer.alloc(RESULT_HEAD_BYTES);
  head.writeUInt32LE(RESULT_HEAD_BYTES + 2, 0);
  head.writeDoubleLE(9, 4);
  head.set([Codec.v8, 0, ResultStatus.failed, 0], 12);
  head.writeUInt32LE(1234, 16);
  head.writeUInt32LE(7, 20);
  expect(bytes).toEqual(Buffer.concat([head, Buffer.from([5, 5])]));
});

test('the function need not be known', () => {
  expect(resultField.functionIndex(writeResult(1, ResultStatus.failed, 1, payload(1)))).toBe(NO_FUNCTION);
});

test.each([
  [-5, 0],
  [0.6, 1],
  [NaN, 0],
  [2 ** 40, 0xffffffff],
  [Infinity, 0xffffffff],
])('a running time of %d µs becomes %d', (runtimeUs, expected) => {
  expect(resultField.runtimeUs(writeResult(1, ResultStatus.succeeded, runtimeUs, payload(1)))).toBe(expected);
});

test('a large payload is detached where it may be, and is not copied', () => {
  const large = payload(LIMITS.detachBytes);
  const record = writeResult(1, ResultStatus.succeeded, 1, large);
  expect(record.detached).toBe(large.bytes);
  expect(resultField.payload(record).bytes).toBe(large.bytes);
  expect(resultField.status(record)).toBe(ResultStatus.succeeded);
  expect(writeResult(1, ResultStatus.succeeded, 1, large, false).detached).toBeUndefined();
  expect(writeResult(1, ResultStatus.succeeded, 1, payload(LIMITS.detachBytes - 1)).detached).toBeUndefined();
});
