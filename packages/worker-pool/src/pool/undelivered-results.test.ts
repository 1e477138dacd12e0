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
  results.deliveredUpTo(1, 5);
  expect(kept(results)).toEqual([6, 7]);
  expect(results.tasks()).toEqual([
    { submission: 6, taskId: 60 },
    { submission: 7, taskId: 70 },
  ]);
  results.deliveredUpTo(1, 5);
  expect(results.deliveredCount).toBe(1);
  results.deliveredUpTo(3, 7);
  expect(kept(results)).toEqual([]);
  results.add([result(8)], [80]);
  expect(results.tasks()).toEqual([{ submission: 8, taskId: 80 }]);
  expect(results.deliveredCount).toBe(3);
});

test.each([
  ['a number too large', 4, 6],
  ['a number too small', 1, 6],
  ['results that are not there', 99, 8],
])('what is not the result with that number is not believed: %s', (_, count, last) => {
  const results = new UndeliveredResults();
  results.add([result(5), result(6), result(7)], [50, 60, 70]);
  expect(results.deliveredUpTo(count, last)).toBe(false);
  expect(results.deliveredCount).toBe(0);
  expect(kept(results)).toEqual([5, 6, 7]);
  expect(results.deliveredUpTo(2, 6)).toBe(true);
  expect(kept(results)).toEqual([7]);
});

test('what was delivered before is believed whatever came last', () => {
  const results = new UndeliveredResults();
  results.add([result(5), result(6)], [50, 60]);
  expect(results.deliveredUpTo(2, 6)).toBe(true);
  expect(results.deliveredUpTo(1, 9)).toBe(true);
  expect(results.deliveredCount).toBe(2);
});

test('thousands that come and go', () => {
  const results = new UndeliveredResults();
  for (let submission = 0; submission < 10_000; submission++) {
    results.add([result(submission)], [submission]);
    if (submission >= 5) results.deliveredUpTo(submission - 4, submission - 5);
  }
  expect(kept(results)).toEqual([9995, 9996, 9997, 9998, 9999]);
  expect(results.tasks().map(({ taskId }) => taskId)).toEqual([9995, 9996, 9997, 9998, 9999]);
});
