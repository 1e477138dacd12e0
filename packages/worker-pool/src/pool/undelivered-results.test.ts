import { Codec, resultField, ResultStatus, writeResult } from '@parsl-ts/wire';
import { expect, test } from 'vitest';

import { UndeliveredResults } from './undelivered-results.js';

const result = (submission: number) =>
  writeResult(submission, ResultStatus.succeeded, 0, { codec: Codec.msgpack, bytes: Buffer.from([0xc0]) });

function kept(results: UndeliveredResults): number[] {
  return results.all().map((record) => resultField.submission(record));
}

test('results are kept until they are delivered, and are counted over the life of the pool', () => {
  const results = new UndeliveredResults();
  results.add([result(5), result(6)], [50, 60]);
  results.add([result(7)], [70]);
  results.deliveredUpTo(1);
  expect(kept(results)).toEqual([6, 7]);
  expect(results.tasks()).toEqual([
    { submission: 6, taskId: 60 },
    { submission: 7, taskId: 70 },
  ]);
  results.deliveredUpTo(1);
  expect(results.deliveredCount).toBe(1);
  results.deliveredUpTo(3);
  expect(kept(results)).toEqual([]);
  results.add([result(8)], [80]);
  expect(results.tasks()).toEqual([{ submission: 8, taskId: 80 }]);
  expect(results.deliveredCount).toBe(3);
});

test('a count that is too large says nothing about results to come', () => {
  const results = new UndeliveredResults();
  results.add([result(1)], [1]);
  results.deliveredUpTo(99);
  expect(results.deliveredCount).toBe(1);
  results.add([result(2)], [2]);
  expect(kept(results)).toEqual([2]);
});

test('thousands that come and go', () => {
  const results = new UndeliveredResults();
  for (let submission = 0; submission < 10_000; submission++) {
    results.add([result(submission)], [submission]);
    if (submission >= 5) results.deliveredUpTo(submission - 4);
  }
  expect(kept(results)).toEqual([9995, 9996, 9997, 9998, 9999]);
  expect(results.tasks().map(({ taskId }) => taskId)).toEqual([9995, 9996, 9997, 9998, 9999]);
});
