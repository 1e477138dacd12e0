import { Codec, RESULT_HEAD_BYTES, ResultStatus, writeResult, type PackedRecord } from '@parsl-ts/wire';
import { expect, test } from 'vitest';

import { recordBatches } from './record-batches.js';

/** A record of so many bytes, its head included. */
function record(bytes: number): PackedRecord {
  const payload = { codec: Codec.msgpack, bytes: Buffer.alloc(bytes - RESULT_HEAD_BYTES) };
  return writeResult(1, ResultStatus.succeeded, 1, payload);
}

test.each([
  ['none', [], []],
  ['few', [30, 30], [2]],
  ['as many as there is room for', [50, 50, 50], [2, 1]],
  ['one that is too large, between others', [30, 500, 30, 30], [1, 1, 2]],
  ['payloads in frames of their own', [30, 40_000, 40_000], [1, 1, 1]],
])('%s', (_what, bytes, batches) => {
  const records = bytes.map(record);
  const found = recordBatches(records, 100);
  expect(found.map(({ length }) => length)).toEqual(batches);
  expect(found.flat()).toEqual(records);
});
